package client

import "errors"

// Errors of our own. Those of brokers are kerr's.
var (
	ErrBufferFull      = errors.New("client: the producer's buffer is full: wait for Acked")
	ErrTooLarge        = errors.New("client: the record is larger than MaxRequestBytes")
	ErrDeliveryTimeout = errors.New("client: the record was not acknowledged in time")
	ErrDisconnected    = errors.New("client: the connection ended before the answer")
	ErrAborted         = errors.New("client: the record's transaction was aborted")
	ErrClosed          = errors.New("client: closed")
)
