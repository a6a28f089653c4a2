package log

import (
	"cmp"
	"grapevine/protocols/kafka/batch"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Idempotence (KIP-98): a producer numbers its records within each partition.
// A batch that does not follow the last one is refused; one that is among the
// latest five, which is as many as a producer has under way at a time, came
// twice. A producer that is begun anew has a higher epoch and counts from 0.

// producer is what is known of one with an id.
type producer struct {
	id          int64
	epoch       int16 // -1: none seen
	coordinator int32 // epoch of the coordinator that wrote the last marker; -1: none
	open        int64 // the first offset of its open transaction; -1: none
	timestamp   int64 // the latest batch's, ms
	recent      [5]recentBatch
	count       int // of recent, the latest last
}

// recentBatch is one that would be a duplicate.
type recentBatch struct {
	sequence  int32 // of its first record
	delta     int32 // from its first record's sequence, and offset, to its last's
	last      int64 // its last offset
	timestamp int64 // ms
}

const recentBatches = 5

func newProducer(id int64) producer {
	return producer{id: id, epoch: -1, coordinator: -1, open: -1}
}

// check judges a batch of records before a leader appends it.
func (p *producer) check(h *batch.Header) error {
	switch {
	case h.ProducerEpoch < p.epoch:
		return kerr.InvalidProducerEpoch
	case p.open >= 0 && !h.Transactional():
		return kerr.InvalidTxnState
	case h.BaseSequence < 0:
		// A group coordinator's, which writes a transaction's offsets for the
		// producer and numbers nothing.
		return nil
	case p.epoch < 0:
		// Its state may have been forgotten: it goes on from anywhere.
		return nil
	case h.ProducerEpoch == p.epoch:
		for _, b := range p.recent[:p.count] {
			if b.sequence == h.BaseSequence && b.delta == h.LastOffsetDelta {
				return &Duplicate{First: b.last - int64(b.delta), Last: b.last}
			}
		}
		if h.BaseSequence != p.nextSequence() {
			return kerr.OutOfOrderSequenceNumber
		}
	case h.BaseSequence != 0:
		return kerr.OutOfOrderSequenceNumber
	}
	return nil
}

func (p *producer) nextSequence() int32 {
	if p.count == 0 {
		return 0
	}
	b := &p.recent[p.count-1]
	return batch.AddSequence(b.sequence, b.delta+1)
}

// checkMarker judges a marker.
func (p *producer) checkMarker(h *batch.Header, m batch.Marker) error {
	switch {
	case h.ProducerEpoch < p.epoch:
		return kerr.InvalidProducerEpoch
	case m.CoordinatorEpoch < p.coordinator:
		return kerr.TransactionCoordinatorFenced
	}
	return nil
}

// take learns from a batch of records that is in the log.
func (p *producer) take(h *batch.Header) {
	p.begin(h.ProducerEpoch)
	if h.BaseSequence >= 0 {
		if p.count == recentBatches {
			copy(p.recent[:], p.recent[1:])
			p.count--
		}
		p.recent[p.count] = recentBatch{h.BaseSequence, h.LastOffsetDelta, h.LastOffset(), h.MaxTimestamp}
		p.count++
	}
	p.timestamp = h.MaxTimestamp
	if h.Transactional() && p.open < 0 {
		p.open = h.BaseOffset
	}
}

// begin moves to an epoch, if it is another.
func (p *producer) begin(epoch int16) {
	if epoch != p.epoch {
		p.epoch, p.count = epoch, 0
	}
}

// producers are those known, by id.
type producers struct {
	list []*producer
}

func (s *producers) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(s.list, id, func(p *producer, id int64) int { return cmp.Compare(p.id, id) })
}

// known returns a copy of what is known of a producer.
func (s *producers) known(id int64) producer {
	if i, ok := s.find(id); ok {
		return *s.list[i]
	}
	return newProducer(id)
}

// get returns a producer, made if need be. When there are too many the idlest
// are forgotten, a quarter at a time, but none with an open transaction.
func (s *producers) get(id int64, most int) *producer {
	i, ok := s.find(id)
	if ok {
		return s.list[i]
	}
	if len(s.list) >= most {
		s.forget(len(s.list) - most*3/4)
		i, _ = s.find(id)
	}
	p := newProducer(id)
	s.list = slices.Insert(s.list, i, &p)
	return &p
}

// forget takes out the n that have been idle for longest.
func (s *producers) forget(n int) {
	var idle []int64
	for _, p := range s.list {
		if p.open < 0 {
			idle = append(idle, p.timestamp)
		}
	}
	if len(idle) == 0 {
		return
	}
	slices.Sort(idle)
	limit := idle[min(n, len(idle))-1]
	s.list = slices.DeleteFunc(s.list, func(p *producer) bool {
		if p.open >= 0 || p.timestamp > limit || n == 0 {
			return false
		}
		n--
		return true
	})
}

// expire forgets those that wrote nothing since ms.
func (s *producers) expire(ms int64) {
	s.list = slices.DeleteFunc(s.list, func(p *producer) bool { return p.open < 0 && p.timestamp < ms })
}

// Producers lists what is known of producers, by id.
func (l *Log) Producers() []Producer {
	list := make([]Producer, 0, len(l.producers.list))
	for _, p := range l.producers.list {
		last := int32(-1)
		if p.count > 0 {
			b := &p.recent[p.count-1]
			last = batch.AddSequence(b.sequence, b.delta)
		}
		list = append(list, Producer{ID: p.id, Epoch: p.epoch, LastSequence: last,
			LastTimestamp: p.timestamp, CoordinatorEpoch: p.coordinator, TxnStart: p.open})
	}
	return list
}
