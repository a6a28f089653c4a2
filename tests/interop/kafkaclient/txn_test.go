package kafkaclient

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"grapevine/protocols/kafka/client"
)

// had says whether an event came, and forgets all up to it.
func (s *sent) had(kind client.ProducerEventKind) func() bool {
	return func() bool {
		at := slices.IndexFunc(s.events, func(e client.ProducerEvent) bool { return e.Kind == kind })
		if at >= 0 {
			s.events = s.events[at+1:]
		}
		return at >= 0
	}
}

// must does something with the producer that has to work.
func (s *sent) must(t *testing.T, do func(now int64) error) {
	t.Helper()
	var err error
	s.d.Do(func(now int64) { err = do(now) })
	if err != nil {
		t.Fatal(err)
	}
}

func transactional(t *testing.T, addrs []string, id string) *sent {
	t.Helper()
	s := producer(t, addrs, client.ProducerConfig{Acks: client.AcksAll, TransactionalID: id}, nil)
	within(t, s.d, "initialized", s.had(client.Initialized))
	return s
}

func TestTransactions(t *testing.T) {
	addrs := cluster(t).ListenAddrs()
	s := transactional(t, addrs, "x")
	s.must(t, s.p.Begin)
	s.send(t, 0, 100)
	s.must(t, s.p.Commit)
	within(t, s.d, "committed", s.had(client.TxnCommitted))
	if len(s.acked) != 100 {
		t.Errorf("%d acked before the commit", len(s.acked))
	}

	s.must(t, s.p.Begin)
	s.send(t, 100, 200)
	within(t, s.d, "acknowledged", func() bool { return s.p.Pending() == 0 })
	s.must(t, s.p.Abort)
	within(t, s.d, "aborted", s.had(client.TxnAborted))

	s.must(t, s.p.Begin) // nothing in it
	s.must(t, s.p.Commit)
	within(t, s.d, "committed", s.had(client.TxnCommitted))

	s.must(t, s.p.Begin)
	s.send(t, 200, 300)
	s.must(t, s.p.Abort) // before anything is sent
	within(t, s.d, "aborted", s.had(client.TxnAborted))

	s.must(t, s.p.Begin)
	s.send(t, 300, 400)
	within(t, s.d, "acknowledged", func() bool { return s.p.Pending() == 0 })

	// The last transaction is open: nobody reads on behind its first record.
	theirs := read(t, addrs, 100, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ours := consumer(t, addrs, client.ConsumerConfig{Assign: all(), Reset: client.ResetEarliest, ReadCommitted: true})
	dirty := consumer(t, addrs, client.ConsumerConfig{Assign: all(), Reset: client.ResetEarliest})
	within(t, dirty.d, "all read", func() bool { return dirty.count() >= 300 })
	if len(dirty.values) < 300 { // what was aborted before it was sent may have been sent or not
		t.Errorf("uncommitted: %d values", len(dirty.values))
	}
	within(t, ours.d, "the committed ones", func() bool { return ours.count() >= 100 })
	s.must(t, s.p.Commit)
	within(t, s.d, "committed", s.had(client.TxnCommitted))
	within(t, ours.d, "the committed ones", func() bool { return ours.count() >= 200 })
	for i := range 400 {
		v := fmt.Sprintf("v%d", i)
		want := 0
		if i < 100 || i >= 300 {
			want = 1
		}
		if ours.values[v] != want {
			t.Errorf("we read %s %d times", v, ours.values[v])
		}
		if (theirs[v] != nil) != (i < 100) {
			t.Errorf("franz-go read %s: %v", v, theirs[v])
		}
	}
}

// What franz-go aborts, we do not read.
func TestReadCommittedOfTheirs(t *testing.T) {
	addrs := cluster(t).ListenAddrs()
	cl, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.DefaultProduceTopic("t"), kgo.TransactionalID("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx := context.Background()
	for round := range 6 {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			cl.Produce(ctx, kgo.StringRecord(fmt.Sprintf("%d-%d", round, i)), nil)
		}
		if err := cl.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(ctx, kgo.TransactionEndTry(round%2 == 0)); err != nil {
			t.Fatal(err)
		}
	}
	g := consumer(t, addrs, client.ConsumerConfig{Assign: all(), Reset: client.ResetEarliest, ReadCommitted: true})
	within(t, g.d, "three rounds", func() bool { return g.count() >= 150 })
	for v := range g.values {
		if (v[0]-'0')%2 != 0 {
			t.Fatalf("%s was aborted", v)
		}
	}
}

func TestFencing(t *testing.T) {
	addrs := cluster(t).ListenAddrs()
	old := transactional(t, addrs, "x")
	old.must(t, old.p.Begin)
	old.send(t, 0, 10)
	within(t, old.d, "acknowledged", func() bool { return old.p.Pending() == 0 })
	younger := transactional(t, addrs, "x")
	younger.must(t, younger.p.Begin)
	younger.send(t, 10, 20)
	younger.must(t, younger.p.Commit)
	within(t, younger.d, "committed", younger.had(client.TxnCommitted))
	old.must(t, old.p.Commit)
	within(t, old.d, "fenced", old.had(client.Fatal))
	if got := read(t, addrs, 10, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())); got["v0"] != nil {
		t.Error("the fenced producer's record was committed")
	}
}

// Consume, transform, produce: the offsets are part of the transaction.
func TestOffsetsInTransaction(t *testing.T) {
	addrs := cluster(t).ListenAddrs()
	write(t, addrs, 0, 100)
	g := consumer(t, addrs, client.ConsumerConfig{Group: "g", Topics: []string{"t"}, Reset: client.ResetEarliest, ReadCommitted: true})
	within(t, g.d, "all read", func() bool { return g.count() >= 100 })
	var offsets []client.Offset
	var group client.GroupMetadata
	g.d.Do(func(int64) {
		group = g.k.Group()
		for _, p := range g.k.Positions() {
			offsets = append(offsets, client.Offset{Topic: p.Topic, Partition: p.Partition, Offset: p.Offset, LeaderEpoch: -1})
		}
	})
	s := transactional(t, addrs, "x")
	cl, err := kgo.NewClient(kgo.SeedBrokers(addrs...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	committed := func() int64 {
		total := int64(0)
		all, err := kadm.NewClient(cl).FetchOffsets(context.Background(), "g")
		if err != nil {
			t.Fatal(err)
		}
		all.Each(func(o kadm.OffsetResponse) { total += o.At })
		return total
	}
	for _, commit := range []bool{false, true} {
		s.must(t, s.p.Begin)
		s.must(t, func(now int64) error { return s.p.SendOffsets(now, group, offsets) })
		s.send(t, 100, 110)
		if commit {
			within(t, s.d, "acknowledged", func() bool { return s.p.Pending() == 0 })
			s.must(t, s.p.Commit)
			within(t, s.d, "committed", s.had(client.TxnCommitted))
			within(t, s.d, "offsets committed", func() bool { return committed() == 100 })
		} else {
			within(t, s.d, "acknowledged", func() bool { return s.p.Pending() == 0 })
			s.must(t, s.p.Abort)
			within(t, s.d, "aborted", s.had(client.TxnAborted))
			if n := committed(); n != 0 {
				t.Errorf("aborted offsets count: %d", n)
			}
		}
	}
	group.Generation-- // as a member of an older generation would
	s.must(t, s.p.Begin)
	s.must(t, func(now int64) error { return s.p.SendOffsets(now, group, offsets) })
	within(t, s.d, "broken", s.had(client.TxnBroken))
	s.must(t, s.p.Abort)
	within(t, s.d, "aborted", s.had(client.TxnAborted))
}
