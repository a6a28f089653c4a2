package client

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Errors of our own. Those of brokers are kerr's.
var (
	ErrBufferFull      = errors.New("client: the producer's buffer is full: wait for Acked")
	ErrTooLarge        = errors.New("client: the record is larger than MaxRequestBytes")
	ErrDeliveryTimeout = errors.New("client: the record was not acknowledged in time")
	ErrDisconnected    = errors.New("client: the connection ended before the answer")
	ErrTimeout         = errors.New("client: no answer in time")
	ErrAborted         = errors.New("client: the record's transaction was aborted")
	ErrClosed          = errors.New("client: closed")
)

// BadAnswer is what a broker sent and nobody can make sense of. The connection
// ends with it.
type BadAnswer struct {
	Node int32
	Text string
}

func (b *BadAnswer) Error() string {
	return fmt.Sprintf("client: broker %d sent what is no answer: %s", b.Node, b.Text)
}

// mayPass says whether a call that ended so may do better when it is made again.
func mayPass(err error) bool {
	if k, ok := err.(*kerr.Error); ok {
		return k.Retriable
	}
	_, bad := err.(*BadAnswer)
	return bad || err == ErrDisconnected || err == ErrTimeout
}

// errorOf returns the error of a code in an answer; nil for 0. A code that is
// not known is UNKNOWN_SERVER_ERROR.
func errorOf(code int16) error {
	return kerr.ErrorForCode(code)
}
