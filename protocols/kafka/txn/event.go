package txn

import "github.com/twmb/franz-go/pkg/kmsg"

// An Event is what Poll gives: a Reply, an Append, Markers or NeedIDs.
type Event interface{ event() }

// Reply answers the request that came with the Token. Its version is the request's.
type Reply struct {
	Token uint64
	Resp  kmsg.Response
}

// Append asks for a batch to be appended to a partition of __transaction_state,
// as the leader does (acks=all), and for Appended with the ID afterwards. The
// batch is the caller's to keep.
type Append struct {
	ID        uint64
	Partition int32
	Batch     []byte
}

// Markers asks for the marker of a transaction to be appended to each of the
// partitions, and for Marked with the ID for each.
type Markers struct {
	ID               uint64
	ProducerID       int64
	ProducerEpoch    int16
	Commit           bool
	CoordinatorEpoch int32
	Partitions       []Partition // sorted by topic, then partition; not to be changed
}

// Partition names a partition that a transaction touched.
type Partition struct {
	Topic     string
	Partition int32
}

// NeedIDs asks for a block of producer ids: see Coordinator.IDs. It comes once
// until they have been given.
type NeedIDs struct{}

func (Reply) event()   {}
func (Append) event()  {}
func (Markers) event() {}
func (NeedIDs) event() {}
