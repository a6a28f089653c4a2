package client_test

import (
	"fmt"
	"testing"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/protocols/kafka/kafkatest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// world is our brokers with our clients.
type world struct {
	t *testing.T
	*kafkatest.Cluster
	seed uint64
}

func newWorld(t *testing.T, seed uint64, s broker.Settings) *world {
	t.Helper()
	s.OffsetsPartitions, s.TxnPartitions = 3, 3
	if s.Partitions == 0 {
		s.Partitions = 6
	}
	if s.ReplicationFactor == 0 {
		s.ReplicationFactor, s.MinInsync = 3, 2
	}
	s.GroupInitialDelayMicros = -1
	c, err := kafkatest.New(kafkatest.Config{Seed: seed, Settings: s})
	if err != nil {
		t.Fatal(err)
	}
	c.Run(8 * kafkatest.Second)
	return &world{t, c, seed}
}

func (w *world) config() client.Config {
	var bootstrap []client.Address
	for i := range 3 {
		bootstrap = append(bootstrap, client.Address{Host: w.Host(i), Port: kafkatest.Port})
	}
	return client.Config{Bootstrap: bootstrap, Rand: w.Rand, Wall: kafkatest.Wall}
}

func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	if !w.Until(w.Now+120*kafkatest.Second, done) {
		w.t.Fatalf("seed %d: in vain: %s", w.seed, what)
	}
}

type writer struct {
	w      *world
	c      *client.Client
	p      *client.Producer
	number int
	acked  map[uint64]client.ProducerEvent
	failed map[uint64]error
	others []client.ProducerEvent
}

func (w *world) producer(config client.ProducerConfig) *writer {
	w.t.Helper()
	r := &writer{w: w, c: client.New(w.config()), acked: map[uint64]client.ProducerEvent{}, failed: map[uint64]error{}}
	var err error
	if r.p, err = r.c.NewProducer(w.Now, config); err != nil {
		w.t.Fatal(err)
	}
	r.number = w.AddClient(r.c, func(int64) {
		for e, ok := r.p.Poll(); ok; e, ok = r.p.Poll() {
			switch e.Kind {
			case client.Acked:
				r.acked[e.ID] = e
			case client.Failed:
				r.failed[e.ID] = e.Err
			default:
				r.others = append(r.others, e)
			}
		}
	})
	return r
}

func (r *writer) send(from, to int) {
	r.w.t.Helper()
	for i := from; i < to; i++ {
		if err := r.p.Send(r.w.Now, client.Message{Topic: "t", Partition: client.AnyPartition, Key: fmt.Appendf(nil, "k%d", i%7), Value: fmt.Appendf(nil, "v%d", i), ID: uint64(i)}); err != nil {
			r.w.t.Fatal(err)
		}
		r.w.Drain(r.number)
		r.w.Run(2000)
	}
}

func (r *writer) do(do func(now int64) error) {
	r.w.t.Helper()
	if err := do(r.w.Now); err != nil {
		r.w.t.Fatal(err)
	}
	r.w.Drain(r.number)
}

func (r *writer) had(kind client.ProducerEventKind) func() bool {
	return func() bool {
		for i, e := range r.others {
			if e.Kind == kind {
				r.others = r.others[i+1:]
				return true
			}
		}
		return false
	}
}

type taker struct {
	w      *world
	c      *client.Client
	k      *client.Consumer
	number int
	values map[string]int
	owns   map[client.TopicPartition]bool
	last   map[int32]int64
	left   bool
}

func (w *world) consumer(config client.ConsumerConfig) *taker {
	return w.consumerOf(w.config(), config)
}

func (w *world) consumerOf(c client.Config, config client.ConsumerConfig) *taker {
	w.t.Helper()
	r := &taker{w: w, c: client.New(c), values: map[string]int{}, owns: map[client.TopicPartition]bool{}, last: map[int32]int64{}}
	var err error
	if r.k, err = r.c.NewConsumer(w.Now, config); err != nil {
		w.t.Fatal(err)
	}
	r.number = w.AddClient(r.c, r.drain)
	return r
}

func (r *taker) drain(now int64) {
	for e, ok := r.k.Poll(); ok; e, ok = r.k.Poll() {
		for _, tp := range e.Partitions {
			switch e.Kind {
			case client.Assigned:
				r.owns[tp] = true
				delete(r.last, tp.Partition)
			case client.Revoked, client.Lost:
				delete(r.owns, tp)
			}
		}
		r.left = r.left || e.Kind == client.Left
	}
	for b, ok := r.k.Take(now, 100); ok; b, ok = r.k.Take(now, 100) {
		for _, record := range b.Records {
			if last, ok := r.last[b.Partition]; ok && record.Offset <= last {
				r.w.t.Errorf("partition %d: %d after %d", b.Partition, record.Offset, last)
			}
			r.last[b.Partition] = record.Offset
			r.values[string(record.Value)]++
		}
	}
}

// check holds what was read against what was acknowledged.
func (r *taker) check(p *writer, n int) {
	r.w.t.Helper()
	for i := range n {
		v := fmt.Sprintf("v%d", i)
		if _, ok := p.acked[uint64(i)]; ok != (r.values[v] > 0) || r.values[v] > 1 {
			r.w.t.Errorf("seed %d: %s acknowledged: %v, read %d times", r.w.seed, v, ok, r.values[v])
		}
	}
}

func TestOurBrokers(t *testing.T) {
	w := newWorld(t, 1, broker.Settings{})
	p := w.producer(client.ProducerConfig{Acks: client.AcksAll, Idempotent: true})
	p.send(0, 300)
	k := w.consumer(client.ConsumerConfig{Group: "g", Topics: []string{"t"}, Reset: client.ResetEarliest, AutoCommitMicros: 100_000})
	w.until("all acknowledged", func() bool { return p.p.Pending() == 0 })
	w.until("all read", func() bool { return len(k.values) == 300 })
	k.check(p, 300)
}

// The leader becomes another one, and the old one goes on as a follower: a
// producer that waits for no answers finds out all the same.
func TestNoAcksFollowTheLeader(t *testing.T) {
	w := newWorld(t, 1, broker.Settings{Partitions: 1})
	p := w.producer(client.ProducerConfig{Acks: client.AcksNone})
	p.send(0, 10)
	w.Run(kafkatest.Second)
	elsewhere := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	old := w.Broker(0).Image().Topic("t").Partitions[0].Leader
	elsewhere.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{{Topic: "t", Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{{
		Replicas: []int32{(old + 1) % 3, (old + 2) % 3, old},
	}}}}
	if _, err := w.Ask(0, elsewhere); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ask(0, kmsg.NewPtrElectLeadersRequest()); err != nil {
		t.Fatal(err)
	}
	w.Run(kafkatest.Second)
	p.send(10, 500)
	w.Run(kafkatest.Second)
	state, _ := w.Broker(int(old+1)%3).Partition("t", 0)
	if !state.Leads || state.End < 400 {
		t.Errorf("of 500 records the new leader has %d", state.End)
	}
}

// Brokers crash and come back while records flow: nothing that was
// acknowledged is missing, nothing is there twice.
func TestBrokersCrash(t *testing.T) {
	for seed := range uint64(6) {
		w := newWorld(t, seed, broker.Settings{})
		p := w.producer(client.ProducerConfig{Acks: client.AcksAll, Idempotent: true})
		k := w.consumer(client.ConsumerConfig{Group: "g", Topics: []string{"t"}, Reset: client.ResetEarliest, AutoCommitMicros: 100_000})
		sent := 0
		for round := range 4 {
			p.send(sent, sent+100)
			sent += 100
			victim := int(w.Rand() % 3)
			w.Crash(victim)
			p.send(sent, sent+100)
			sent += 100
			w.Run(int64(w.Rand()%15) * kafkatest.Second)
			if err := w.Restart(victim); err != nil {
				t.Fatal(err)
			}
			w.until("it is back", func() bool { return p.p.Pending() == 0 })
			w.Run(12 * kafkatest.Second)
			_ = round
		}
		w.until("all read", func() bool { return len(k.values) == len(p.acked) })
		if len(p.acked) != sent {
			t.Errorf("seed %d: %d of %d acknowledged; failed: %v", seed, len(p.acked), sent, p.failed)
		}
		k.check(p, sent)
	}
}

func TestGroupOnOurBrokers(t *testing.T) {
	for _, a := range []client.Assignor{client.Range, client.RoundRobinAssign, client.StickyAssign, client.CooperativeSticky} {
		w := newWorld(t, 7, broker.Settings{})
		p := w.producer(client.ProducerConfig{Acks: client.AcksAll, Idempotent: true})
		p.send(0, 10)
		var members []*taker
		for range 3 {
			members = append(members, w.consumer(client.ConsumerConfig{
				Group: "g", Topics: []string{"t"}, Assignors: []client.Assignor{a}, Reset: client.ResetEarliest, AutoCommitMicros: 100_000,
				HeartbeatMicros: 500_000, SessionMicros: 6_000_000,
			}))
		}
		shared := func(each int, of []*taker) func() bool {
			return func() bool {
				for _, m := range of {
					if len(m.owns) != each {
						return false
					}
				}
				return true
			}
		}
		w.until("two each", shared(2, members))
		p.send(10, 200)
		members[1].k.Close(w.Now)
		w.Drain(members[1].number)
		w.until("it left", func() bool { return members[1].left })
		rest := []*taker{members[0], members[2]}
		w.until("three each", shared(3, rest))
		p.send(200, 400)
		w.Isolate(members[2].number)
		w.until("six", shared(6, rest[:1]))
		p.send(400, 500)
		w.until("all read", func() bool {
			seen := map[string]bool{}
			for _, m := range members {
				for v := range m.values {
					seen[v] = true
				}
			}
			return len(seen) == 500
		})
	}
}

// A static member that leads its group comes back, and is told to leave the
// assignment as it is. It goes on looking after the topics all the same.
func TestStaticLeaderSeesTopicsGrow(t *testing.T) {
	w := newWorld(t, 1, broker.Settings{Partitions: 2})
	p := w.producer(client.ProducerConfig{Acks: client.AcksAll})
	p.send(0, 1)
	member := func(id string) *taker {
		c := w.config()
		c.MetadataMaxAgeMicros = kafkatest.Second
		return w.consumerOf(c, client.ConsumerConfig{Group: "g", InstanceID: id, Topics: []string{"t"}, HeartbeatMicros: 500_000, SessionMicros: 20_000_000})
	}
	a := member("a")
	w.until("a has all", func() bool { return len(a.owns) == 2 })
	b := member("b")
	w.until("one each", func() bool { return len(a.owns) == 1 && len(b.owns) == 1 })
	w.Remove(a.number)
	w.Run(kafkatest.Second)
	a = member("a")
	w.until("a is back", func() bool { return len(a.owns) == 1 })
	w.Run(3 * kafkatest.Second)
	if a.k.Group().Generation != b.k.Group().Generation {
		t.Error("its return was a rebalance")
	}
	r := kmsg.NewPtrCreatePartitionsRequest()
	topic := kmsg.NewCreatePartitionsRequestTopic()
	topic.Topic, topic.Count = "t", 6
	r.Topics = append(r.Topics, topic)
	if _, err := w.Ask(0, r); err != nil {
		t.Fatal(err)
	}
	w.until("the new ones are shared as well", func() bool { return len(a.owns) == 3 && len(b.owns) == 3 })
}

// A leader that is cut off from the others goes on as if it were one. A member
// that comes, and hears of it first, must not take its log for one that was
// cut: what the group committed is of a later epoch.
func TestCommittedBeyondAnOldLeader(t *testing.T) {
	for seed := range uint64(4) {
		w := newWorld(t, seed, broker.Settings{Partitions: 1})
		p := w.producer(client.ProducerConfig{Acks: client.AcksAll})
		p.send(0, 10)
		w.until("acknowledged", func() bool { return p.p.Pending() == 0 })
		old := int(w.Broker(0).Image().Topic("t").Partitions[0].Leader)
		coordinator, group := old, ""
		for i := 0; coordinator == old; i++ {
			group = fmt.Sprint("g", i)
			w.until("a coordinator", func() bool {
				find := kmsg.NewPtrFindCoordinatorRequest()
				find.CoordinatorKeys = []string{group}
				answer, err := w.Ask(0, find)
				if err != nil {
					t.Fatal(err)
				}
				o := answer.(*kmsg.FindCoordinatorResponse).Coordinators[0]
				coordinator = int(o.NodeID)
				return o.ErrorCode == 0
			})
		}
		for other := range 3 {
			if other != old {
				w.Cut(old, other)
				w.Cut(other, old)
			}
		}
		w.until("another leads", func() bool { return int(w.Broker(coordinator).Image().Topic("t").Partitions[0].Leader) != old })
		state := w.Broker(coordinator).Image().Topic("t").Partitions[0]
		p.send(10, 20)
		w.until("acknowledged", func() bool { return p.p.Pending() == 0 })
		commit := kmsg.NewPtrOffsetCommitRequest()
		commit.Group, commit.Generation = group, -1
		commit.Topics = []kmsg.OffsetCommitRequestTopic{{Topic: "t", Partitions: []kmsg.OffsetCommitRequestTopicPartition{{Offset: 20, LeaderEpoch: state.LeaderEpoch}}}}
		w.until("committed", func() bool {
			answer, err := w.Ask(coordinator, commit)
			return err == nil && answer.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode == 0
		})
		c := w.config()
		c.Bootstrap = []client.Address{{Host: w.Host(old), Port: kafkatest.Port}}
		k := w.consumerOf(c, client.ConsumerConfig{Group: group, Topics: []string{"t"}, Reset: client.ResetEarliest})
		w.Run(5 * kafkatest.Second)
		p.send(20, 30)
		w.until("what comes then is read", func() bool { return k.values["v29"] == 1 })
		if len(k.values) != 10 {
			t.Errorf("seed %d: %d records were read, the group had 20 of 30 already", seed, len(k.values))
		}
	}
}
