package client

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/wire"
	"grapevine/protocols/prototest"
)

// evil answers as bytes say: by the table, or spoilt, or with anything.
type evil struct {
	*fake
	data  []byte
	limit int
}

func (e *evil) next() byte {
	if len(e.data) == 0 {
		return 0
	}
	b := e.data[0]
	e.data = e.data[1:]
	return b
}

// spoil answers a request that the table has an answer to.
func (e *evil) spoil(a *asked, correlation int32, resp kmsg.Response) {
	resp.SetVersion(a.version)
	b := wire.AppendResponse(nil, correlation, resp)
	switch e.next() % 12 {
	case 1: // some bytes are others
		for range 1 + e.next()%4 {
			at := 4 + (int(e.next())<<8|int(e.next()))%(len(b)-4)
			b[at] = e.next()
		}
	case 2: // it ends early, and says so
		b = b[:4+int(e.next())%(len(b)-4)]
		binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	case 3: // any body
		n := int(e.next())
		n = min(n, len(e.data))
		b = append(b[:8:8], e.data[:n]...)
		e.data = e.data[n:]
		binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	case 4: // any bytes
		n := int(e.next())
		n = min(n, len(e.data))
		b = e.data[:n]
		e.data = e.data[n:]
	case 5:
		return
	case 6:
		e.end(a.node)
		return
	case 7: // an error code in some place
		at := min(8+int(e.next()), len(b))
		b = slices.Concat(b[:at], []byte{0, e.next()}, b[min(at+2, len(b)):])
		binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	case 8: // twice
		e.send(a.conn, b)
	}
	e.send(a.conn, b)
}

// FuzzAnswers has a producer, a transactional one and a consumer of a group
// live with brokers that answer anything: nothing may panic, spin or grow.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte{})
	for kind := range byte(12) {
		one := []byte{}
		for i := range byte(200) {
			one = append(one, kind, i*7, i, i*3, 1, 2)
		}
		f.Add(one)
		f.Add(append(make([]byte, 12), one...))
	}
	f.Add([]byte("\x00\x07\x09\x1b\x00\x00\x00\x07\x0b\x10\x07\x0d\x19\x00\x00\x01\x00\x00\x10\xff\x07\x0a\x4f"))
	f.Fuzz(evilLife)
}

func evilLife(t *testing.T, data []byte) {
	e := &evil{fake: newFake(t, Config{RequestTimeoutMicros: 2_000_000, MaxFrameBytes: 1 << 20}), data: data}
	e.coordinatorOf()
	e.transactionsOf()
	for key, answer := range e.answers {
		e.answers[key] = func(a *asked) kmsg.Response {
			if resp := answer(a); resp != nil {
				e.spoil(a, e.lastRequest, resp)
			}
			return nil
		}
	}
	e.fill(0, 0, 20)
	p, _ := e.c.NewProducer(0, ProducerConfig{Acks: AcksAll, Idempotent: true, DeliveryTimeoutMicros: 5_000_000})
	x, _ := e.c.NewProducer(0, ProducerConfig{Acks: AcksAll, TransactionalID: "x", DeliveryTimeoutMicros: 5_000_000})
	k, _ := e.c.NewConsumer(0, shared(ConsumerConfig{Reset: ResetEarliest, AutoCommitMicros: 300_000, PartitionMaxBytes: 1 << 16, ReadCommitted: true}))
	sent, acked, taken := 0, 0, 0
	e.drain = func() {
		for _, q := range []*Producer{p, x} {
			for ev, ok := q.Poll(); ok; ev, ok = q.Poll() {
				if ev.Kind == Acked || ev.Kind == Failed {
					acked++
				}
			}
		}
		for _, ok := k.Poll(); ok; _, ok = k.Poll() {
		}
		for r, ok := k.Take(e.now, 50); ok; r, ok = k.Take(e.now, 50) {
			taken += len(r.Records)
		}
	}
	for step := range 40 {
		e.do(func(now int64) {
			for _, q := range []*Producer{p, x} {
				if step == 39 {
					break
				}
				if q == x && step%4 == 0 {
					_ = q.Begin(now) // may be a misuse, just now
				}
				if q.Send(now, Message{Topic: "t", Partition: int32(step % 3), Value: make([]byte, 10)}) == nil {
					sent++
				}
				if q == x && step%4 == 3 {
					if q.Commit(now) != nil {
						_ = q.Abort(now)
					}
				}
			}
		})
		e.runBounded(e.now + 200_000)
	}
	e.runBounded(e.now + 20_000_000)
	if sent != acked || p.Pending()+x.Pending() != 0 || p.PendingBytes()+x.PendingBytes() != 0 {
		t.Errorf("%d sent, %d acked or failed, %d and %d pending, %d bytes", sent, acked, p.Pending(), x.Pending(), p.PendingBytes()+x.PendingBytes())
	}
	if len(e.c.links) > 50 || len(e.c.topics) > 100 {
		t.Errorf("%d links, %d topics", len(e.c.links), len(e.c.topics))
	}
}

// runBounded is run, if the client does not spin.
func (f *fake) runBounded(until int64) {
	for turns := 0; ; turns++ {
		at := f.c.Deadline()
		if len(f.flying) > 0 {
			at = min(at, f.flying[0].due)
		}
		if at > until {
			f.now = until
			return
		}
		if turns > 20_000 {
			f.t.Fatalf("the client spins at %d", f.now)
		}
		f.run(at)
	}
}

// transactionsOf makes the fake a coordinator of transactions that agrees to
// everything.
func (f *fake) transactionsOf() {
	f.answers[24] = func(a *asked) kmsg.Response {
		resp := kmsg.NewPtrAddPartitionsToTxnResponse()
		for _, t := range a.body.(*kmsg.AddPartitionsToTxnRequest).Topics {
			topic := kmsg.NewAddPartitionsToTxnResponseTopic()
			topic.Topic = t.Topic
			for _, p := range t.Partitions {
				part := kmsg.NewAddPartitionsToTxnResponseTopicPartition()
				part.Partition = p
				topic.Partitions = append(topic.Partitions, part)
			}
			resp.Topics = append(resp.Topics, topic)
		}
		return resp
	}
	f.answers[25] = func(*asked) kmsg.Response { return kmsg.NewPtrAddOffsetsToTxnResponse() }
	f.answers[26] = func(*asked) kmsg.Response { return kmsg.NewPtrEndTxnResponse() }
	f.answers[28] = func(*asked) kmsg.Response { return kmsg.NewPtrTxnOffsetCommitResponse() }
	f.answers[23] = func(a *asked) kmsg.Response {
		req := a.body.(*kmsg.OffsetForLeaderEpochRequest)
		resp := kmsg.NewPtrOffsetForLeaderEpochResponse()
		for _, t := range req.Topics {
			topic := kmsg.NewOffsetForLeaderEpochResponseTopic()
			topic.Topic = t.Topic
			for _, p := range t.Partitions {
				part := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
				part.Partition, part.LeaderEpoch, part.EndOffset = p.Partition, p.LeaderEpoch, f.log(t.Topic, p.Partition).end
				topic.Partitions = append(topic.Partitions, part)
			}
			resp.Topics = append(resp.Topics, topic)
		}
		return resp
	}
}

// Lives with brokers that answer anything, by luck: as the fuzzer finds them,
// in every test run.
func TestEvilBrokers(t *testing.T) {
	for seed := range uint64(150) {
		luck := prototest.NewRand(seed)
		data := make([]byte, luck.Below(3000))
		for i := range data {
			if data[i] = byte(luck.Below(256)); luck.Below(3) == 0 {
				data[i] %= 12
			}
		}
		if evilLife(t, data); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
