package client

import (
	"cmp"
	"slices"
	"strings"

	"grapevine/protocols/kafka/batch"
)

// Theory of operation
//
// A source is a partition that a consumer reads. Its position takes three
// questions to find and to trust, which its states are named after:
//
//	lookingUp   what did the group commit? (OffsetFetch, at the coordinator)
//	resetting   nothing: where is the partition's start, or end? (ListOffsets)
//	validating  the leader is another one: does its log still have what was
//	            read? (OffsetForLeaderEpoch, KIP-320)
//	reading     the position is good: Fetch
//	lost        there is no position, and Reset is ResetNone
//
// Each source walks this way on its own, though the questions of many are
// asked together.
type sourceState uint8

const (
	lookingUp sourceState = iota
	resetting
	validating
	reading
	lost
)

// source is a partition that a consumer reads.
type source struct {
	topic       *topic
	partition   int32
	state       sourceState
	asking      bool  // a question of its state is under way, or its Fetch is
	pausedUntil int64 // after a failure
	asked       int   // counts the changes of position: an answer to an older one is void
	paused      bool

	next        int64 // of the next record that Take gives; -1: not known
	epoch       int32 // of the record before it; -1: not known
	done        int64 // of the next record that is not worked on yet: what is committed
	doneEpoch   int32
	committed   int64 // -1: nothing
	sent        int64 // what was last asked to be committed
	fetchAt     int64 // of what is to be fetched: behind all chunks
	fetchEpoch  int32 // of the record before that
	leaderEpoch int32 // of the leader that the position was found good with
	leaderNode  int32

	chunks              []chunk // fetched, not taken
	bytes               int     // of them
	open                []batch.Record
	openAt              int // the first of open that was not taken
	openHead            batch.Header
	high, stable, start int64
}

// chunk is what one Fetch brought: whole batches.
type chunk struct {
	bytes   []byte
	aborted []abortedTxn // by first offset: those that are still to come
	undone  []int64      // producers whose batches are passed over, now
}

type abortedTxn struct{ producer, first int64 }

// source returns a partition's source; nil: it is not read.
func (k *Consumer) source(topic string, partition int32) *source {
	if at, ok := k.place(TopicPartition{topic, partition}); ok {
		return k.sources[at]
	}
	return nil
}

func (k *Consumer) place(tp TopicPartition) (int, bool) {
	return slices.BinarySearchFunc(k.sources, tp, func(s *source, tp TopicPartition) int {
		return cmp.Or(strings.Compare(s.topic.name, tp.Topic), cmp.Compare(s.partition, tp.Partition))
	})
}

// own begins to read partitions.
func (k *Consumer) own(partitions []TopicPartition) {
	for _, tp := range partitions {
		at, ok := k.place(tp)
		if ok {
			continue
		}
		s := &source{topic: k.client.topic(tp.Topic), partition: tp.Partition, next: -1, epoch: -1, done: -1, doneEpoch: -1,
			committed: -1, sent: -1, fetchAt: -1, fetchEpoch: -1, leaderEpoch: -1, leaderNode: -1, high: -1, stable: -1, start: -1}
		if k.config.Group == "" {
			s.state = resetting
		}
		k.sources = slices.Insert(k.sources, at, s)
	}
	k.dirty = true
}

// disown ends the reading of partitions, and says so.
func (k *Consumer) disown(partitions []TopicPartition, kind ConsumerEventKind) {
	if len(partitions) == 0 {
		return
	}
	for _, tp := range partitions {
		if at, ok := k.place(tp); ok {
			if k.taken == k.sources[at] {
				k.taken = nil
			}
			k.sources = slices.Delete(k.sources, at, at+1)
		}
	}
	k.turn = 0
	k.emit(ConsumerEvent{Kind: kind, Partitions: partitions})
}

// owned returns all partitions that are read, in order.
func (k *Consumer) owned() []TopicPartition {
	var owned []TopicPartition
	for _, s := range k.sources {
		owned = append(owned, TopicPartition{s.topic.name, s.partition})
	}
	return owned
}

// goTo sets the position. It is to be validated if the epoch of the record
// before it is known.
func (s *source) goTo(offset int64, epoch int32) {
	s.asked++
	s.asking = false
	s.next, s.epoch, s.fetchAt, s.fetchEpoch = offset, epoch, offset, epoch
	if s.done < 0 {
		s.done, s.doneEpoch = offset, epoch
	}
	s.discard()
	s.state = reading
	if epoch >= 0 {
		s.state = validating
	}
}

// discard throws away what was fetched.
func (s *source) discard() {
	s.chunks, s.bytes, s.open, s.openAt = nil, 0, nil, 0
}

// become has a question asked about the position.
func (s *source) become(state sourceState) {
	s.asked++
	s.asking = false
	s.state = state
}

// follow takes note of a new leader: what was read from the old one may not be
// in its log.
func (s *source) follow() {
	now := s.topic.leads(s.partition)
	if now.epoch <= s.leaderEpoch {
		return
	}
	s.leaderEpoch = now.epoch
	if s.state == reading && s.fetchEpoch >= 0 {
		s.become(validating)
	}
}

// wantsMore says whether the source is to be fetched from. That is so before all that came
// is taken: otherwise a long poll for the others would hold it up.
func (s *source) wantsMore(k *Consumer) bool {
	return s.state == reading && !s.paused && s.bytes <= int(k.config.PartitionMaxBytes)/2
}

// take appends up to limit records to dst. An error is of the batch that comes
// next.
func (s *source) take(dst []Record, limit int, k *Consumer) ([]Record, error) {
	for len(dst) < limit {
		if s.openAt == len(s.open) {
			if more, err := s.unpack(k); !more {
				return dst, err
			}
			continue
		}
		r := &s.open[s.openAt]
		s.openAt++
		offset := s.openHead.BaseOffset + int64(r.OffsetDelta)
		if offset >= s.next {
			at := s.openHead.FirstTimestamp + r.TimestampDelta
			if s.openHead.LogAppendTime() {
				at = s.openHead.MaxTimestamp
			}
			dst = append(dst, Record{Offset: offset, Timestamp: at, LeaderEpoch: s.openHead.LeaderEpoch, Key: r.Key, Value: r.Value, Headers: r.Headers})
			s.next, s.epoch = offset+1, s.openHead.LeaderEpoch
		}
		if s.openAt == len(s.open) {
			s.next, s.epoch = max(s.next, s.openHead.Next()), s.openHead.LeaderEpoch
		}
	}
	return dst, nil
}

// unpack opens the next batch that has records for the caller; false: there is
// none.
func (s *source) unpack(k *Consumer) (bool, error) {
	for len(s.chunks) > 0 {
		c := &s.chunks[0]
		h, size, err := batch.Parse(c.bytes)
		if err != nil {
			return false, err
		}
		b := c.bytes[:size]
		c.bytes = c.bytes[size:]
		s.bytes -= size
		skip := c.skips(h, b, k.config.ReadCommitted)
		if len(c.bytes) == 0 {
			s.chunks = slices.Delete(s.chunks, 0, 1)
		}
		if h.LastOffset() < s.next {
			continue
		}
		if !skip {
			s.open, err = k.opener.Records(s.open[:0], b)
			s.openAt, s.openHead = 0, h
			if err != nil || len(s.open) > 0 {
				return err == nil, err
			}
		}
		s.next, s.epoch = h.Next(), h.LeaderEpoch
	}
	return false, nil
}

// retreat has what follows the position fetched again.
func (s *source) retreat() {
	s.discard()
	s.asked++
	s.asking = false
	s.fetchAt, s.fetchEpoch = s.next, s.epoch
}

// skips says whether a batch is none of the caller's business: a marker, or
// part of a transaction that was aborted (KIP-98, "Aborted transactions").
func (c *chunk) skips(h batch.Header, b []byte, readCommitted bool) bool {
	if !readCommitted {
		return h.Control()
	}
	for len(c.aborted) > 0 && c.aborted[0].first <= h.LastOffset() {
		c.undone = append(c.undone, c.aborted[0].producer)
		c.aborted = c.aborted[1:]
	}
	at := slices.Index(c.undone, h.ProducerID)
	if h.Control() {
		if m, ok := batch.ParseMarker(b); ok && !m.Commit && at >= 0 {
			c.undone = slices.Delete(c.undone, at, at+1)
		}
		return true
	}
	return h.Transactional() && at >= 0
}
