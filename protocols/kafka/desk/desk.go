package desk

import (
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Event is what a coordinator asks of its broker: a Reply, an Append, or
// something of its own.
type Event any

// Reply answers the request that came with the Token. Its version is the
// request's.
type Reply struct {
	Token uint64
	Resp  kmsg.Response
}

// Append asks for a batch to be appended to a partition of the coordinator's
// internal topic, as the leader does (acks=all), and for Appended with the ID
// afterwards. The batch is the caller's to keep. One that commits offsets in a
// transaction carries its producer's id and epoch, but no sequence (-1).
type Append struct {
	ID        uint64
	Partition int32
	Batch     []byte
}

// Desk holds a coordinator's events and its writes. Its zero value is empty.
type Desk struct {
	events []Event
	taken  int    // of the events
	last   uint64 // number given by Next
	writes map[uint64]write
}

// write is an Append that is not reported yet.
type write struct {
	partition int32
	done      func(now int64, err *kerr.Error)
}

// Poll returns the next event, until there is none.
func (d *Desk) Poll() (Event, bool) {
	if d.taken == len(d.events) {
		clear(d.events)
		d.events, d.taken = d.events[:0], 0
		return nil, false
	}
	d.taken++
	return d.events[d.taken-1], true
}

// Say adds an event.
func (d *Desk) Say(e Event) { d.events = append(d.events, e) }

// Reply answers a request.
func (d *Desk) Reply(token uint64, resp kmsg.Response) { d.Say(Reply{Token: token, Resp: resp}) }

// Next returns a number greater than all before it.
func (d *Desk) Next() uint64 {
	d.last++
	return d.last
}

// Append asks for a batch to be written, and calls done when it is, or not. It
// returns the number of the Append.
func (d *Desk) Append(partition int32, batch []byte, done func(now int64, err *kerr.Error)) uint64 {
	if d.writes == nil {
		d.writes = map[uint64]write{}
	}
	id := d.Next()
	d.writes[id] = write{partition, done}
	d.Say(Append{ID: id, Partition: partition, Batch: batch})
	return id
}

// Appended says that the batch of the Append with the id is replicated, or why
// not. An id of a partition that was dropped since is passed over.
func (d *Desk) Appended(now int64, id uint64, err *kerr.Error) {
	if w, ok := d.writes[id]; ok {
		delete(d.writes, id)
		w.done(now, err)
	}
}

// Drop ends the writes to a partition, oldest first, with NOT_COORDINATOR.
func (d *Desk) Drop(partition int32) {
	for _, id := range slices.Sorted(maps.Keys(d.writes)) {
		if w := d.writes[id]; w.partition == partition {
			delete(d.writes, id)
			w.done(0, kerr.NotCoordinator)
		}
	}
}

// Writes is how many batches have not been reported yet.
func (d *Desk) Writes() int { return len(d.writes) }
