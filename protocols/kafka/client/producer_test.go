package client

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
)

// sender is a producer against a fake, and what came of its records.
type sender struct {
	*fake
	p      *Producer
	sent   int
	acked  map[uint64]ProducerEvent
	failed map[uint64]error
	others []ProducerEvent
}

func newSender(t *testing.T, config ProducerConfig) *sender {
	return newSenderOf(t, newFake(t, Config{}), config)
}

func newSenderOf(t *testing.T, f *fake, config ProducerConfig) *sender {
	t.Helper()
	s := &sender{fake: f, acked: map[uint64]ProducerEvent{}, failed: map[uint64]error{}}
	p, err := f.c.NewProducer(f.now, config)
	if err != nil {
		t.Fatal(err)
	}
	s.p = p
	f.drain = func() {
		for e, ok := p.Poll(); ok; e, ok = p.Poll() {
			switch e.Kind {
			case Acked:
				s.acked[e.ID] = e
			case Failed:
				s.failed[e.ID] = e.Err
			default:
				s.others = append(s.others, e)
			}
		}
		if p.Pending() == 0 && p.PendingBytes() != 0 {
			t.Errorf("%d bytes of no records", p.PendingBytes())
		}
	}
	return s
}

// send sends n records to a partition, each on its own: with one drain a record.
func (s *sender) send(partition int32, n int) {
	s.t.Helper()
	for range n {
		s.do(func(now int64) {
			if err := s.p.Send(now, Message{Topic: "t", Partition: partition, Value: fmt.Appendf(nil, "%d", s.sent), ID: uint64(s.sent)}); err != nil {
				s.t.Fatal(err)
			}
		})
		s.sent++
	}
}

func (s *sender) settle() {
	s.t.Helper()
	s.until("all settled", func() bool { return s.p.Pending() == 0 })
}

// values is a partition's log as text.
func (f *fake) values(partition int32) string {
	var values []string
	for _, b := range f.log("t", partition).batches {
		records, err := batch.Records(nil, b.b, batch.DefaultLimits)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, r := range records {
			values = append(values, string(r.Value))
		}
	}
	return strings.Join(values, " ")
}

// failing answers the first n batches, or those from..from+n-1, with an error.
func failing(err *kerr.Error, from, n int) func(*asked) kmsg.Response {
	count := 0
	return func(a *asked) kmsg.Response {
		return eachProduced(a, func(topic string, p *kmsg.ProduceRequestTopicPartition, to *kmsg.ProduceResponseTopicPartition) {
			count++
			if count > from && count <= from+n {
				to.ErrorCode = err.Code
				return
			}
			_, epoch := a.f.leader(topic, p.Partition)
			to.BaseOffset = a.f.log(topic, p.Partition).append(p.Records, epoch)
		})
	}
}

func numbers(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint(i))
	}
	return strings.Join(list, " ")
}

func TestRecordsOfOneDrainShareABatch(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll})
	s.do(func(now int64) {
		for i := range 50 {
			if err := s.p.Send(now, Message{Topic: "t", Partition: AnyPartition, ID: uint64(i)}); err != nil {
				t.Fatal(err)
			}
		}
	})
	s.settle()
	if len(s.acked) != 50 || s.requests[0] != 1 {
		t.Errorf("%d acked by %d requests", len(s.acked), s.requests[0])
	}
	for i := range 50 { // in the order of their offsets
		if e := s.acked[uint64(i)]; e.Offset != int64(i) || e.Partition != s.acked[0].Partition {
			t.Fatalf("record %d: %v", i, e)
		}
	}
}

func TestLinger(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll, LingerMicros: 50_000})
	s.run(10_000)
	s.send(0, 1) // asks for the metadata
	s.run(40_000)
	s.send(0, 1)
	if s.run(45_000); s.requests[0] != 0 {
		t.Error("it did not linger")
	}
	s.settle()
	if s.requests[0] != 1 {
		t.Errorf("%d requests", s.requests[0])
	}
	s.send(0, 1)
	s.do(s.p.Flush)
	at := s.now
	if s.settle(); s.now > at+10_000 {
		t.Error("Flush let it linger")
	}
	s.do(func(now int64) { // a full batch does not linger
		for range 200 {
			if err := s.p.Send(now, Message{Topic: "t", Partition: 0, Value: make([]byte, 100)}); err != nil {
				t.Fatal(err)
			}
		}
	})
	at = s.now
	s.until("a full batch", func() bool { return s.requests[0] == 3 })
	if s.now > at+10_000 {
		t.Error("a full batch lingered")
	}
}

func TestLimits(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll, BufferBytes: 1000, MaxRequestBytes: 800})
	s.do(func(now int64) {
		if err := s.p.Send(now, Message{Topic: "t", Value: make([]byte, 900)}); err != ErrTooLarge {
			t.Error(err)
		}
		full := 0
		for range 30 {
			if err := s.p.Send(now, Message{Topic: "t", Partition: AnyPartition, Value: make([]byte, 100)}); err == ErrBufferFull {
				full++
			} else if err != nil {
				t.Error(err)
			}
		}
		if full < 20 || s.p.PendingBytes() > 1000 {
			t.Errorf("%d refused, %d bytes kept", full, s.p.PendingBytes())
		}
	})
	s.settle()
	if s.p.PendingBytes() != 0 {
		t.Errorf("%d bytes left", s.p.PendingBytes())
	}
}

func TestMaxInFlight(t *testing.T) {
	for _, most := range []int{1, 3} {
		s := newSender(t, ProducerConfig{Acks: AcksAll, MaxInFlight: most})
		s.run(10_000)
		s.send(0, 1)
		s.settle()
		held := 0
		s.answers[0] = func(*asked) kmsg.Response { held++; return nil }
		s.send(0, 10)
		s.send(3, 10) // the same broker
		s.run(s.now + 100_000)
		if held != most {
			t.Errorf("%d requests in flight, expected %d", held, most)
		}
	}
}

// With one request in flight the order is kept whatever is retried; with more,
// a retried batch is overtaken, as with Java's client.
func TestRetriesAndOrder(t *testing.T) {
	for _, c := range []struct {
		config ProducerConfig
		kept   bool
	}{
		{ProducerConfig{Acks: AcksAll, MaxInFlight: 1}, true},
		{ProducerConfig{Acks: AcksAll, MaxInFlight: 5}, false},
	} {
		s := newSender(t, c.config)
		s.run(10_000)
		s.send(0, 1)
		s.settle()
		s.answers[0] = failing(kerr.NotEnoughReplicas, 0, 1)
		s.send(0, 20)
		s.settle()
		if got := s.values(0); (got == numbers(21)) != c.kept || len(s.acked) != 21 {
			t.Errorf("%+v: %s", c.config, got)
		}
		if s.acked[1].Attempts != 2 || s.acked[20].Attempts != 1 {
			t.Errorf("attempts: %v, %v", s.acked[1], s.acked[20])
		}
	}
}

func TestNoRetries(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksLeader, NoRetries: true})
	s.answers[0] = failing(kerr.NotEnoughReplicas, 0, 1)
	s.send(0, 1)
	s.settle()
	if s.failed[0] != kerr.NotEnoughReplicas {
		t.Error(s.failed)
	}
}

func TestFinalErrorsAreNotRetried(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll})
	s.answers[0] = failing(kerr.InvalidRecord, 0, 1)
	s.send(0, 1)
	s.settle()
	if s.failed[0] != kerr.InvalidRecord || s.requests[0] != 1 {
		t.Error(s.failed, s.requests)
	}
}

func TestDeliveryTimeout(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll, DeliveryTimeoutMicros: 3_000_000})
	s.answers[0] = failing(kerr.NotEnoughReplicas, 0, 1<<30)
	s.send(0, 3)
	s.do(func(now int64) {
		if err := s.p.Send(now, Message{Topic: "nowhere", Partition: AnyPartition, ID: 3}); err != nil {
			t.Fatal(err)
		}
	})
	s.settle()
	for i := range uint64(4) {
		if s.failed[i] != ErrDeliveryTimeout {
			t.Errorf("record %d: %v", i, s.failed[i])
		}
	}
	if s.now < 3_000_000 || s.now > 3_100_000 {
		t.Errorf("after %d µs", s.now)
	}
}

// The leader moves; the first answer is NOT_LEADER, and the metadata is asked again.
func TestLeaderMoves(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll, Idempotent: true})
	s.send(0, 5)
	s.settle()
	s.leader = func(_ string, p int32) (int32, int32) { return (p + 1) % 3, 2 }
	s.send(0, 5)
	s.settle()
	if got := s.values(0); got != numbers(10) {
		t.Error(got)
	}
}

// A broker that has not heard yet says that the old leader leads: it is not
// believed, since its epoch is older (KIP-320).
func TestOldMetadataIsNotBelieved(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll})
	s.leader = func(_ string, p int32) (int32, int32) { return 2, 7 }
	s.send(0, 1)
	s.settle()
	said := s.leader
	s.leader = func(_ string, p int32) (int32, int32) { return 0, 6 }
	s.do(func(int64) { s.c.stale() })
	s.run(s.now + 1_000_000)
	if n := s.c.leader(s.c.topics["t"], 0); n == nil || n.id != 2 {
		t.Errorf("leader %v", n)
	}
	s.leader = said
	s.send(0, 1)
	s.settle()
}

func TestLeaderIsGoneForAWhile(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksAll, Idempotent: true, LingerMicros: 1000})
	s.send(0, 5)
	s.settle()
	s.refuse[0] = true
	s.end(0)
	s.send(0, 5)
	s.run(s.now + 2_000_000)
	if len(s.acked) > 5 || len(s.failed) > 0 {
		t.Fatal("acked by nobody")
	}
	s.refuse[0] = false
	s.settle()
	if got := s.values(0); got != numbers(10) {
		t.Error(got)
	}
}

// The brokers do not answer; the requests time out, and come again.
func TestRequestTimeout(t *testing.T) {
	s := newSenderOf(t, newFake(t, Config{RequestTimeoutMicros: 2_000_000}), ProducerConfig{Acks: AcksAll, Idempotent: true})
	check := sequenced()
	s.answers[0] = check
	s.send(0, 1)
	s.settle()
	s.answers[0] = func(a *asked) kmsg.Response { check(a); return nil } // written, and the answer is lost
	s.send(0, 2)
	s.run(s.now + 1_000_000)
	s.answers[0] = check
	s.settle()
	if s.now < 2_000_000 || len(s.acked) != 3 || s.values(0) != numbers(3) {
		t.Errorf("at %d: %v, %s", s.now, s.acked, s.values(0))
	}
}

// A batch that is too large for the broker is halved until it is not.
func TestTooLargeIsSplit(t *testing.T) {
	for _, idempotent := range []bool{false, true} {
		s := newSender(t, ProducerConfig{Acks: AcksAll, Idempotent: idempotent, MaxInFlight: 1})
		strict := sequenced()
		s.answers[0] = func(a *asked) kmsg.Response {
			p := &a.body.(*kmsg.ProduceRequest).Topics[0].Partitions[0]
			if len(p.Records) > 300 {
				return failing(kerr.MessageTooLarge, 0, 1)(a)
			}
			return strict(a)
		}
		s.do(func(now int64) {
			for i := range 40 {
				if err := s.p.Send(now, Message{Topic: "t", Value: fmt.Append(nil, i), ID: uint64(i), Key: make([]byte, 20)}); err != nil {
					t.Fatal(err)
				}
			}
		})
		s.settle()
		if got := s.values(0); got != numbers(40) || len(s.acked) != 40 {
			t.Errorf("%s, %d acked", got, len(s.acked))
		}
	}
}

func TestAcksNone(t *testing.T) {
	s := newSender(t, ProducerConfig{Acks: AcksNone})
	s.send(0, 10)
	s.settle()
	s.run(s.now + 10_000)
	if s.acked[3].Offset != -1 || s.values(0) != numbers(10) {
		t.Errorf("%v, %s", s.acked[3], s.values(0))
	}
}

func TestPartitioners(t *testing.T) {
	in := func(p Partitioner, key []byte) map[int32]int {
		s := newSender(t, ProducerConfig{Acks: AcksAll, Partitioner: p, LingerMicros: 1000})
		s.run(1000)
		for i := range 60 {
			s.do(func(now int64) {
				if err := s.p.Send(now, Message{Topic: "t", Partition: AnyPartition, Key: key, ID: uint64(i)}); err != nil {
					t.Fatal(err)
				}
			})
			s.run(s.now + 100)
		}
		s.settle()
		count := map[int32]int{}
		for _, e := range s.acked {
			count[e.Partition]++
		}
		return count
	}
	if got := in(RoundRobin, []byte("k")); len(got) != 6 || got[0] != 10 {
		t.Errorf("round robin: %v", got)
	}
	if got := in(Hashed, nil); len(got) != 6 || got[0] != 10 {
		t.Errorf("hashed, without a key: %v", got)
	}
	if got := in(Sticky, []byte("k")); len(got) != 1 {
		t.Errorf("sticky, with a key: %v", got)
	}
	if got := in(Sticky, nil); len(got) < 3 || len(got) > 6 { // some 10 records each time it changes
		t.Errorf("sticky, without a key: %v", got)
	}
}

func TestMisuse(t *testing.T) {
	f := newFake(t, Config{})
	for _, c := range []ProducerConfig{
		{Acks: 2}, {Acks: AcksLeader, Idempotent: true}, {Acks: AcksAll, Idempotent: true, MaxInFlight: 6},
		{Acks: AcksAll, Idempotent: true, NoRetries: true}, {Codec: 9}, {BatchBytes: -1}, {TransactionalID: "x"},
	} {
		if _, err := f.c.NewProducer(0, c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	for _, c := range []ConsumerConfig{
		{}, {Topics: []string{"t"}}, {Group: "g"}, {Group: "g", Topics: []string{"t"}, Assign: []TopicPartition{{"t", 0}}},
		{Assign: []TopicPartition{{"t", 0}}, AutoCommitMicros: 1}, {Group: "g", Topics: []string{"t"}, Assignors: []Assignor{"mine"}},
		{Group: "g", Topics: []string{"t"}, Assignors: []Assignor{Range, CooperativeSticky}},
		{Group: "g", Topics: []string{"t"}, HeartbeatMicros: 9_000_000, SessionMicros: 9_000_000},
	} {
		if _, err := f.c.NewConsumer(0, c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	s := newSender(t, ProducerConfig{Acks: AcksAll})
	for _, err := range []error{s.p.Begin(0), s.p.Commit(0), s.p.Abort(0), s.p.SendOffsets(0, GroupMetadata{Group: "g"}, nil)} {
		if _, ok := err.(*Misuse); !ok {
			t.Error(err)
		}
	}
	s.send(0, 2)
	s.do(s.p.Close)
	if err := s.p.Send(0, Message{}); err != ErrClosed || len(s.failed) != 2 {
		t.Error(err, s.failed)
	}
}
