package broker

import (
	"errors"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/compress"
	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Produce (key 0)
//
// Behaviour: one batch for each partition, read to its end to see that others
// can read it, and kept as it came but for its offset and leader epoch. acks=0:
// no answer; the connection ends when something was refused, so that the
// producer looks for the leader. acks=1: answered when it is in the leader's log
// (and synced, with FlushEach). acks=all: refused with NOT_ENOUGH_REPLICAS when
// the in-sync set is smaller than min.insync.replicas; else answered when the
// high watermark is over it, or with NOT_ENOUGH_REPLICAS_AFTER_APPEND when the
// set has become too small since (Kafka from 3.7 on lets such a producer wait
// until it is REQUEST_TIMED_OUT). Idempotent producers (KIP-98): a batch that is
// there already is answered like the first time. The first batch of a
// transaction is appended when its coordinator knows that the partition is in it
// (verify.go). Whoever asks the wrong broker learns who leads (KIP-951).
//
// Versions: 3 to 12.
//
// Not done: log append time.

// produceWait is a Produce that waits for replicas, or for the disk.
type produceWait struct {
	call   *call
	answer *kmsg.ProduceResponse
	left   int // partitions that are not decided
	timer  timers.Timer[alarm]
}

// ackWait is what waits for an offset in a partition.
type ackWait struct {
	upTo int64 // the high watermark it waits for
	what ackKind
	// of a Produce
	produce *produceWait
	slot    *kmsg.ProduceResponseTopicPartition
	// of a coordinator's Append, or of markers
	id     uint64
	err    *kerr.Error // decided already, but it is not its turn yet
	marker *markerWrite
}

type ackKind uint8

const (
	ackProduce ackKind = iota
	ackGroup
	ackTxn
	ackMarker
)

func (b *Broker) handleProduce(now int64, k *call, r *kmsg.ProduceRequest) {
	if v := b.unverified(k, r); v != nil {
		b.verify(now, v)
	} else {
		b.produceAll(now, k, r, nil)
	}
}

// produceAll appends what may be, after it was verified if need be.
func (b *Broker) produceAll(now int64, k *call, r *kmsg.ProduceRequest, v *verification) {
	answer := r.ResponseKind().(*kmsg.ProduceResponse)
	answer.Topics = make([]kmsg.ProduceResponseTopic, len(r.Topics))
	refused := false
	var w *produceWait
	for i := range r.Topics {
		t := &r.Topics[i]
		answer.Topics[i].Topic, answer.Topics[i].TopicID = t.Topic, t.TopicID
		partitions := make([]kmsg.ProduceResponseTopicPartition, len(t.Partitions))
		answer.Topics[i].Partitions = partitions
		for j := range t.Partitions {
			slot := &partitions[j]
			slot.Default()
			slot.Partition, slot.BaseOffset, slot.LogStartOffset = t.Partitions[j].Partition, -1, -1
			p := b.lookup(t.Topic, t.TopicID, slot.Partition)
			if p == nil {
				slot.ErrorCode, refused = b.unknown(false, t.Topic, t.TopicID, slot.Partition).Code, true
				continue
			}
			end, err := b.produce(now, p, r.Acks, t.Partitions[j].Records, v, slot)
			if err != nil {
				slot.ErrorCode, refused = asCode(err), true
				if err == error(kerr.NotLeaderForPartition) {
					slot.CurrentLeader.LeaderID, slot.CurrentLeader.LeaderEpoch = p.leader, p.leaderEpoch
					answer.Brokers = b.produceEndpoint(answer.Brokers, p.leader, k.conn.listener)
				}
				continue
			}
			if r.Acks == 0 || r.Acks == 1 && p.log.Durable(now) >= end {
				continue
			}
			if w == nil {
				w = &produceWait{call: k, answer: answer}
				w.timer.Of = w
			}
			w.left++
			a := ackWait{upTo: end, produce: w, slot: slot}
			if r.Acks == 1 {
				p.syncs = append(p.syncs, a)
			} else {
				b.await(p, a)
			}
		}
	}
	switch {
	case r.Acks == 0:
		k.silent = true
		b.respond(k, answer)
		if refused {
			b.end(k.conn)
		}
	case w == nil:
		b.respond(k, answer)
	default:
		b.stats.ProducesWaiting++
		b.timers.Set(&w.timer, now+max(int64(r.TimeoutMillis), 0)*1000)
	}
}

// produce appends one partition's batch. end is the offset behind it.
func (b *Broker) produce(now int64, p *partition, acks int16, records []byte, v *verification, slot *kmsg.ProduceResponseTopicPartition) (end int64, err error) {
	if acks < -1 || acks > 1 {
		return 0, kerr.InvalidRequiredAcks
	}
	if p.internal != 0 {
		return 0, kerr.InvalidTopicException
	}
	if err := p.checkLeader(-1); err != nil {
		return 0, err
	}
	if acks == -1 && len(p.isr) < p.minInsync {
		b.tell(Event{Kind: Refused, Topic: p.topic, Part: p.id.Partition, Leading: true, Replicas: p.isr})
		return 0, kerr.NotEnoughReplicas
	}
	if err := b.checkBatch(records); err != nil {
		return 0, err
	}
	if err := v.refusal(p); err != nil {
		return 0, err
	}
	slot.LogStartOffset = p.log.Start()
	first, last, err := p.append(b, now, records)
	if again, ok := err.(*log.Duplicate); ok {
		b.tell(Event{Kind: Repeated, Topic: p.topic, Part: p.id.Partition, Leading: true, From: again.First, To: again.Last})
		slot.BaseOffset = again.First
		return again.Last + 1, nil
	}
	if err != nil {
		return 0, err
	}
	slot.BaseOffset = first
	return last + 1, nil
}

// checkBatch checks that there is one batch, that a producer may write it, and
// that it can be read to its end.
func (b *Broker) checkBatch(records []byte) *kerr.Error {
	h, size, err := batch.Peek(records)
	switch {
	case err == batch.ErrOldFormat:
		return kerr.UnsupportedForMessageFormat
	case err == batch.ErrShort:
		return kerr.CorruptMessage
	case err != nil || size != len(records) || h.CheckProduced() != nil:
		return kerr.InvalidRecord
	}
	if err = b.reader.Check(records); err == nil {
		return nil // but for the CRC, which is the log's to check
	}
	if _, _, broken := batch.Parse(records); broken == batch.ErrCorrupt {
		return kerr.CorruptMessage
	}
	if errors.Is(err, compress.ErrTooLarge) {
		return kerr.MessageTooLarge
	}
	return kerr.InvalidRecord
}

// append appends what was produced, or a marker, as the leader.
func (p *partition) append(b *Broker, now int64, records []byte) (first, last int64, err error) {
	first, last, err = p.log.Append(now, records, p.leaderEpoch)
	if err != nil {
		if err == error(kerr.KafkaStorageError) {
			p.fail(b, err)
		}
		return first, last, err
	}
	count := int32(last - first + 1)
	b.stats.RecordsIn += int64(count)
	b.tell(Event{Kind: Appended, Topic: p.topic, Part: p.id.Partition, Leading: true, From: first, To: last, Count: count, Epoch: p.leaderEpoch})
	p.watchLag(b)
	b.touch(p)
	return first, last, nil
}

// await waits for the high watermark to reach an offset. Offsets only grow, but
// for those of batches that came twice.
func (b *Broker) await(p *partition, a ackWait) {
	i := len(p.waits)
	for i > 0 && p.waits[i-1].upTo > a.upTo {
		i--
	}
	p.waits = slices.Insert(p.waits, i, a)
	b.touch(p)
}

// settleWaits answers the first n that wait.
func (b *Broker) settleWaits(now int64, p *partition, n int, err *kerr.Error) {
	if n == 0 {
		return
	}
	settled := slices.Clone(p.waits[:n])
	p.waits = slices.Delete(p.waits, 0, n)
	for _, a := range settled {
		b.acknowledge(now, p, a, err)
	}
}

// acknowledge tells one what became of it.
func (b *Broker) acknowledge(now int64, p *partition, a ackWait, err *kerr.Error) {
	if a.err != nil {
		err = a.err
	}
	switch a.what {
	case ackGroup:
		b.groups.Appended(now, a.id, err)
	case ackTxn:
		b.txns.Appended(now, a.id, err)
	case ackMarker:
		b.markerDone(now, p, a.marker, err)
	case ackProduce:
		w := a.produce
		if err != nil {
			a.slot.ErrorCode = err.Code
			a.slot.BaseOffset = -1
		}
		if w.left--; w.left == 0 {
			b.produced(w)
		}
	}
}

func (b *Broker) produced(w *produceWait) {
	b.timers.Stop(&w.timer)
	b.stats.ProducesWaiting--
	b.respond(w.call, w.answer)
}

// ring is called when a Produce has waited for too long.
func (w *produceWait) ring(b *Broker, _ int64) {
	for i := range w.answer.Topics {
		t := &w.answer.Topics[i]
		for j := range t.Partitions {
			slot := &t.Partitions[j]
			p := b.lookup(t.Topic, t.TopicID, slot.Partition)
			if p == nil {
				continue
			}
			mine := func(a ackWait) bool { return a.slot == slot }
			if slices.ContainsFunc(p.waits, mine) || slices.ContainsFunc(p.syncs, mine) {
				p.waits = slices.DeleteFunc(p.waits, mine)
				p.syncs = slices.DeleteFunc(p.syncs, mine)
				slot.ErrorCode, slot.BaseOffset = kerr.RequestTimedOut.Code, -1
			}
		}
	}
	w.left = 0
	b.produced(w)
}

// produceEndpoint adds where a leader is to be found.
func (b *Broker) produceEndpoint(all []kmsg.ProduceResponseBroker, id int32, listener int) []kmsg.ProduceResponseBroker {
	if slices.ContainsFunc(all, func(e kmsg.ProduceResponseBroker) bool { return e.NodeID == id }) {
		return all
	}
	if a, ok := b.address(id, listener); ok {
		all = append(all, kmsg.ProduceResponseBroker{NodeID: id, Host: a.Host, Port: int32(a.Port), Rack: a.rack})
	}
	return all
}
