package kafkaclient

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"grapevine/protocols/kafka/client"
)

// got is a consumer on a driver with what it read.
type got struct {
	d      *Driver
	k      *client.Consumer
	values map[string]int // how often each came
	last   map[int32]int64
	order  []string // what went wrong with it
	owns   map[client.TopicPartition]bool
	events []client.ConsumerEvent
	hold   bool // take nothing
}

func consumer(t *testing.T, addrs []string, config client.ConsumerConfig) *got {
	t.Helper()
	g := &got{d: NewDriver(addrs, nil), values: map[string]int{}, last: map[int32]int64{}, owns: map[client.TopicPartition]bool{}}
	t.Cleanup(g.d.Close)
	g.d.Do(func(now int64) {
		var err error
		if g.k, err = g.d.client.NewConsumer(now, config); err != nil {
			t.Fatal(err)
		}
		g.d.drain = g.drain
	})
	return g
}

func (g *got) drain(now int64) {
	for e, ok := g.k.Poll(); ok; e, ok = g.k.Poll() {
		if e.Kind != client.Ready {
			g.events = append(g.events, e)
		}
		for _, tp := range e.Partitions {
			switch e.Kind {
			case client.Assigned:
				g.owns[tp] = true
				delete(g.last, tp.Partition)
			case client.Revoked, client.Lost:
				delete(g.owns, tp)
			}
		}
	}
	if g.hold {
		return
	}
	for r, ok := g.k.Take(now, 100); ok; r, ok = g.k.Take(now, 100) {
		for _, record := range r.Records {
			if last, ok := g.last[r.Partition]; ok && record.Offset <= last {
				g.order = append(g.order, fmt.Sprintf("partition %d: %d after %d", r.Partition, record.Offset, last))
			}
			g.last[r.Partition] = record.Offset
			g.values[string(record.Value)]++
		}
	}
}

func (g *got) count() int {
	n := 0
	for _, times := range g.values {
		n += times
	}
	return n
}

// write has franz-go write the values v<from>..v<to-1>.
func write(t *testing.T, addrs []string, from, to int, opts ...kgo.Opt) {
	t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(addrs...), kgo.DefaultProduceTopic("t")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var records []*kgo.Record
	for i := from; i < to; i++ {
		records = append(records, &kgo.Record{Key: fmt.Appendf(nil, "k%d", i%10), Value: fmt.Appendf(nil, "v%d", i)})
	}
	if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func all() (partitions []client.TopicPartition) {
	for p := range int32(6) {
		partitions = append(partitions, client.TopicPartition{Topic: "t", Partition: p})
	}
	return partitions
}

func TestConsumeAlone(t *testing.T) {
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		addrs := cluster(t).ListenAddrs()
		write(t, addrs, 0, 1000, kgo.ProducerBatchCompression(codec))
		g := consumer(t, addrs, client.ConsumerConfig{Assign: all(), Reset: client.ResetEarliest})
		within(t, g.d, "all read", func() bool { return g.count() >= 1000 })
		write(t, addrs, 1000, 2000)
		within(t, g.d, "all read", func() bool { return g.count() >= 2000 })
		if len(g.values) != 2000 || len(g.order) > 0 {
			t.Errorf("%d values, out of order: %v", len(g.values), g.order)
		}
	}
}

func TestGroupOfThreeWithOneLeaving(t *testing.T) {
	for _, a := range []client.Assignor{client.Range, client.RoundRobinAssign, client.StickyAssign, client.CooperativeSticky} {
		t.Run(string(a), func(t *testing.T) {
			addrs := cluster(t, kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"})).ListenAddrs()
			config := client.ConsumerConfig{
				Group: "g", Topics: []string{"t"}, Assignors: []client.Assignor{a}, Reset: client.ResetEarliest,
				AutoCommitMicros: 20_000, HeartbeatMicros: 50_000, SessionMicros: 6_000_000, RebalanceMicros: 5_000_000,
			}
			write(t, addrs, 0, 500)
			var members []*got
			for range 3 {
				members = append(members, consumer(t, addrs, config))
			}
			total := func() int {
				n := 0
				for _, g := range members {
					g.d.mu.Lock()
					n += g.count()
					g.d.mu.Unlock()
				}
				return n
			}
			balanced := func(g *got, want int) func() bool { return func() bool { return len(g.owns) == want } }
			for _, g := range members {
				within(t, g.d, "two partitions each", balanced(g, 2))
			}
			write(t, addrs, 500, 1000)
			within(t, members[0].d, "all read", func() bool { return members[0].count() > 0 })
			members[2].d.Do(func(now int64) { members[2].k.Close(now) })
			within(t, members[2].d, "it has left", func() bool {
				return slices.ContainsFunc(members[2].events, func(e client.ConsumerEvent) bool { return e.Kind == client.Left })
			})
			for _, g := range members[:2] {
				within(t, g.d, "three partitions each", balanced(g, 3))
			}
			write(t, addrs, 1000, 1500)
			within(t, NewDriver(addrs, nil), "all read", func() bool { return total() >= 1500 })
			seen := map[string]int{}
			for _, g := range members {
				for v, n := range g.values {
					seen[v] += n
				}
				if len(g.order) > 0 {
					t.Error(g.order)
				}
			}
			twice := 0
			for _, n := range seen {
				if n > 1 {
					twice++
				}
			}
			if len(seen) != 1500 || twice > 0 {
				t.Errorf("%d values, %d of them more than once", len(seen), twice)
			}
			if a == client.CooperativeSticky {
				for i, g := range members[:2] {
					for _, e := range g.events {
						if e.Kind == client.Revoked && len(e.Partitions) == 6 && i == 0 {
							t.Error("all partitions were given back at once")
						}
					}
				}
			}
			cl, _ := kgo.NewClient(kgo.SeedBrokers(addrs...))
			defer cl.Close()
			within(t, members[0].d, "all committed", func() bool {
				lag, err := kadm.NewClient(cl).Lag(context.Background(), "g")
				return err == nil && lag["g"].Lag.Total() == 0
			})
		})
	}
}

// A group in which franz-go and our client are members together.
func TestMixedGroup(t *testing.T) {
	for _, a := range []struct {
		ours   client.Assignor
		theirs kgo.GroupBalancer
	}{
		{client.Range, kgo.RangeBalancer()}, {client.RoundRobinAssign, kgo.RoundRobinBalancer()},
		{client.StickyAssign, kgo.StickyBalancer()}, {client.CooperativeSticky, kgo.CooperativeStickyBalancer()},
	} {
		for _, oursFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s,ours first=%v", a.ours, oursFirst), func(t *testing.T) {
				addrs := cluster(t).ListenAddrs()
				config := client.ConsumerConfig{
					Group: "g", Topics: []string{"t"}, Assignors: []client.Assignor{a.ours}, Reset: client.ResetEarliest,
					AutoCommitMicros: 20_000, HeartbeatMicros: 50_000, SessionMicros: 6_000_000, RebalanceMicros: 5_000_000,
				}
				var ours *got
				if oursFirst {
					ours = consumer(t, addrs, config)
					within(t, ours.d, "all partitions", func() bool { return len(ours.owns) == 6 })
				}
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				theirs := make(chan string, 10_000)
				cl, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.ConsumerGroup("g"), kgo.ConsumeTopics("t"), kgo.Balancers(a.theirs),
					kgo.HeartbeatInterval(50e6), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
				if err != nil {
					t.Fatal(err)
				}
				defer cl.Close()
				go func() {
					for ctx.Err() == nil {
						cl.PollFetches(ctx).EachRecord(func(r *kgo.Record) { theirs <- string(r.Value) })
					}
				}()
				if !oursFirst {
					ours = consumer(t, addrs, config)
				}
				within(t, ours.d, "half of the partitions", func() bool { return len(ours.owns) == 3 })
				write(t, addrs, 0, 1000)
				within(t, ours.d, "all read", func() bool { return ours.count()+len(theirs) >= 1000 })
				if ours.count() == 0 || len(theirs) == 0 {
					t.Errorf("%d ours, %d theirs", ours.count(), len(theirs))
				}
			})
		}
	}
}
