package group

import "github.com/twmb/franz-go/pkg/kmsg"

// An Event is what Poll gives: a Reply or an Append.
type Event interface{ event() }

// Reply answers the request that came with the Token. Its version is the request's.
type Reply struct {
	Token uint64
	Resp  kmsg.Response
}

// Append asks for a batch to be appended to a partition of __consumer_offsets,
// as the leader does (acks=all), and for Appended with the ID afterwards. The
// batch is the caller's to keep. That of a transaction carries its producer's
// id and epoch, but no sequence (-1).
type Append struct {
	ID        uint64
	Partition int32
	Batch     []byte
}

func (Reply) event()  {}
func (Append) event() {}
