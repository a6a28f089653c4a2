package kafkaclient

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/client"
)

// cluster is kfake with three brokers and a topic of six partitions.
func cluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(3), kfake.SeedTopics(6, "t")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// within waits for a condition that the driver's lock protects.
func within(t *testing.T, d *Driver, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		ok := false
		d.Do(func(int64) { ok = holds() })
		if ok {
			return
		}
	}
	t.Fatalf("in vain: %s", what)
}

// sent is a producer on a driver with what came of its records.
type sent struct {
	d      *Driver
	p      *client.Producer
	acked  map[uint64]client.ProducerEvent
	failed map[uint64]error
	events []client.ProducerEvent // all others
}

func producer(t *testing.T, addrs []string, config client.ProducerConfig, change func(*client.Config)) *sent {
	t.Helper()
	s := &sent{d: NewDriver(addrs, change), acked: map[uint64]client.ProducerEvent{}, failed: map[uint64]error{}}
	t.Cleanup(s.d.Close)
	s.d.Do(func(now int64) {
		var err error
		if s.p, err = s.d.client.NewProducer(now, config); err != nil {
			t.Fatal(err)
		}
		s.d.drain = func(int64) {
			for e, ok := s.p.Poll(); ok; e, ok = s.p.Poll() {
				switch e.Kind {
				case client.Acked:
					s.acked[e.ID] = e
				case client.Failed:
					s.failed[e.ID] = e.Err
				default:
					s.events = append(s.events, e)
				}
			}
		}
	})
	return s
}

// send sends records from..to-1, each with the key k<n%10> and the value v<n>.
func (s *sent) send(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		var err error
		s.d.Do(func(now int64) {
			err = s.p.Send(now, client.Message{
				Topic: "t", Partition: client.AnyPartition, ID: uint64(i),
				Key: fmt.Appendf(nil, "k%d", i%10), Value: fmt.Appendf(nil, "v%d", i),
				Headers: []batch.RecordHeader{{Key: "h", Value: []byte{byte(i)}}},
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// read reads n records with franz-go, by value.
func read(t *testing.T, addrs []string, n int, opts ...kgo.Opt) map[string]*kgo.Record {
	t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(addrs...), kgo.ConsumeTopics("t")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	got := map[string]*kgo.Record{}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for len(got) < n {
		f := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("read %d of %d records", len(got), n)
		}
		f.EachRecord(func(r *kgo.Record) {
			if got[string(r.Value)] != nil {
				t.Errorf("%s came twice", r.Value)
			}
			got[string(r.Value)] = r
		})
	}
	return got
}

func TestProduceWithEverything(t *testing.T) {
	for _, acks := range []client.Acks{client.AcksNone, client.AcksLeader, client.AcksAll} {
		for _, codec := range []batch.Codec{batch.None, batch.Gzip, batch.Snappy, batch.LZ4, batch.Zstd} {
			for _, idempotent := range []bool{false, true} {
				if idempotent && acks != client.AcksAll {
					continue
				}
				t.Run(fmt.Sprintf("acks=%d,%v,idempotent=%v", acks, codec, idempotent), func(t *testing.T) {
					addrs := cluster(t).ListenAddrs()
					s := producer(t, addrs, client.ProducerConfig{Acks: acks, Codec: codec, Idempotent: idempotent, LingerMicros: 2000}, nil)
					const n = 1000
					s.send(t, 0, n)
					within(t, s.d, "all acknowledged", func() bool { return s.p.Pending() == 0 })
					if len(s.acked) != n || len(s.failed) > 0 {
						t.Fatalf("acked %d, failed %v", len(s.acked), s.failed)
					}
					got := read(t, addrs, n)
					for i := range n {
						r := got[fmt.Sprintf("v%d", i)]
						e := s.acked[uint64(i)]
						if r == nil || r.Partition != e.Partition || acks != client.AcksNone && r.Offset != e.Offset ||
							string(r.Key) != fmt.Sprintf("k%d", i%10) || len(r.Headers) != 1 || r.Headers[0].Value[0] != byte(i) {
							t.Fatalf("record %d: %v, acked as %v", i, r, e)
						}
					}
				})
			}
		}
	}
}

// Keys go to the partitions that franz-go, which follows Java, chooses.
func TestPartitionerAgreesWithFranz(t *testing.T) {
	addrs := cluster(t).ListenAddrs()
	s := producer(t, addrs, client.ProducerConfig{Acks: client.AcksAll}, nil)
	cl, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.DefaultProduceTopic("t"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	s.send(t, 0, 200)
	within(t, s.d, "all acknowledged", func() bool { return s.p.Pending() == 0 })
	for i := range 10 {
		r := cl.ProduceSync(context.Background(), &kgo.Record{Key: fmt.Appendf(nil, "k%d", i)})
		if err := r.FirstErr(); err != nil {
			t.Fatal(err)
		}
		if got, want := s.acked[uint64(i)].Partition, r[0].Record.Partition; got != want {
			t.Errorf("key k%d: partition %d, franz-go's is %d", i, got, want)
		}
	}
}
