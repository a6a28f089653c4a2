package kafkastock

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// patience is how long any one step may take, on a busy machine.
const patience = time.Minute

// client makes a franz-go client that is closed when the test ends.
func client(t *testing.T, brokers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	t.Cleanup(stop)
	return ctx
}

// Topic makes a topic, waits until all brokers know it, and returns its name.
func Topic(t *testing.T, brokers []string, partitions int32, replicas int16, configs map[string]*string) string {
	t.Helper()
	topic := fmt.Sprintf("t-%s-%d", slug(t.Name()), time.Now().UnixNano())
	c := client(t, brokers)
	got, err := kadm.NewClient(c).CreateTopic(within(t), partitions, replicas, configs, topic)
	if err != nil || got.Err != nil {
		t.Fatalf("create %s: %v %v", topic, err, got.Err)
	}
	// A broker whose disk is busy may hear of it later than the client.
	all, err := kadm.NewClient(c).BrokerMetadata(within(t))
	if err != nil {
		t.Fatal(err)
	}
	ask := kmsg.NewPtrMetadataRequest()
	ask.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	for _, id := range all.Brokers.NodeIDs() {
		Until(t, fmt.Sprintf("broker %d knows %s", id, topic), func() bool {
			answer, err := c.Broker(int(id)).Request(within(t), ask)
			return err == nil && answer.(*kmsg.MetadataResponse).Topics[0].ErrorCode == 0
		})
	}
	return topic
}

func slug(name string) string {
	b := []byte(name)
	for i, c := range b {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			b[i] = '-'
		}
	}
	return string(b)
}

// produce writes n records, "0" to "n-1", with keys of which there are ten.
func produce(t *testing.T, c *kgo.Client, topic string, first, n int) {
	t.Helper()
	var records []*kgo.Record
	for i := first; i < first+n; i++ {
		records = append(records, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "key-%d", i%10), Value: fmt.Appendf(nil, "%d", i)})
	}
	if err := c.ProduceSync(within(t), records...).FirstErr(); err != nil {
		t.Fatalf("produce to %s: %v", topic, err)
	}
}

// consume reads until n records came, and returns their values in the order of
// arrival.
func consume(t *testing.T, c *kgo.Client, n int) (values []string) {
	t.Helper()
	ctx := within(t)
	for len(values) < n {
		f := c.PollFetches(ctx)
		if errs := f.Errors(); len(errs) > 0 {
			t.Fatalf("after %d of %d records: %+v", len(values), n, errs)
		}
		f.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
	}
	return values
}

// want are the values that produce writes, sorted.
func want(n int) (values []string) {
	for i := range n {
		values = append(values, fmt.Sprint(i))
	}
	slices.Sort(values)
	return values
}

// RunFranz tries all that an application does by franz-go.
func RunFranz(t *testing.T, brokers []string) {
	replicas := int16(len(brokers))
	t.Run("metadata", func(t *testing.T) {
		m, err := kadm.NewClient(client(t, brokers)).Metadata(within(t))
		if err != nil || len(m.Brokers) != len(brokers) || m.Controller < 0 {
			t.Fatalf("%d brokers, controller %d, %v", len(m.Brokers), m.Controller, err)
		}
		for _, b := range m.Brokers {
			if addr := fmt.Sprintf("%s:%d", b.Host, b.Port); !slices.Contains(brokers, addr) {
				t.Errorf("broker %d is advertised at %s, which is none of %v", b.NodeID, addr, brokers)
			}
		}
	})
	for _, codec := range []struct {
		name string
		kgo.CompressionCodec
	}{{"none", kgo.NoCompression()}, {"gzip", kgo.GzipCompression()}, {"snappy", kgo.SnappyCompression()}, {"lz4", kgo.Lz4Compression()}, {"zstd", kgo.ZstdCompression()}} {
		t.Run("produce and consume "+codec.name, func(t *testing.T) {
			topic := Topic(t, brokers, 3, replicas, nil)
			produce(t, client(t, brokers, kgo.ProducerBatchCompression(codec.CompressionCodec)), topic, 0, 1000)
			got := consume(t, client(t, brokers, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())), 1000)
			if slices.Sort(got); !slices.Equal(got, want(1000)) {
				t.Errorf("other records came out than went in")
			}
		})
	}
	for _, acks := range []struct {
		name string
		opts []kgo.Opt
	}{
		{"0", []kgo.Opt{kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite()}},
		{"1", []kgo.Opt{kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()}},
	} {
		t.Run("acks "+acks.name, func(t *testing.T) {
			topic := Topic(t, brokers, 1, replicas, nil)
			produce(t, client(t, brokers, acks.opts...), topic, 0, 50)
			got := consume(t, client(t, brokers, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())), 50)
			if slices.Sort(got); !slices.Equal(got, want(50)) {
				t.Errorf("other records came out than went in")
			}
		})
	}
	t.Run("group of three, one killed", func(t *testing.T) { runGroup(t, brokers, replicas) })
	t.Run("transactions", func(t *testing.T) { runTransactions(t, brokers, replicas) })
	t.Run("admin", func(t *testing.T) { runAdmin(t, brokers, replicas) })
}

// runGroup has three members share six partitions; one is killed without a
// word, and the others read what it would have.
func runGroup(t *testing.T, brokers []string, replicas int16) {
	topic := Topic(t, brokers, 6, replicas, nil)
	var mu sync.Mutex
	seen := map[string]bool{}
	ctx, stop := context.WithTimeout(context.Background(), 2*patience)
	defer stop()
	var members []*kgo.Client
	for range 3 {
		c := client(t, brokers, kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(time.Second))
		members = append(members, c)
		go func() {
			for ctx.Err() == nil {
				f := c.PollFetches(ctx)
				if f.IsClientClosed() {
					return
				}
				f.EachRecord(func(r *kgo.Record) {
					mu.Lock()
					seen[string(r.Value)] = true
					mu.Unlock()
				})
			}
		}()
	}
	wait := func(n int) {
		t.Helper()
		for {
			mu.Lock()
			have := len(seen)
			mu.Unlock()
			if have >= n {
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("%d of %d records came", have, n)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	producer := client(t, brokers)
	produce(t, producer, topic, 0, 300)
	wait(300)
	members[0].CloseAllowingRebalance() // leaves
	produce(t, producer, topic, 300, 300)
	wait(600)
	groups, err := kadm.NewClient(producer).DescribeGroups(within(t), topic)
	if g := groups[topic]; err != nil || g.State != "Stable" || len(g.Members) != 2 {
		t.Errorf("the group: %v, state %q, %d members", err, g.State, len(g.Members))
	}
}

// runTransactions commits one and aborts one; then a group's offsets move in a
// transaction, and a zombie is fenced.
func runTransactions(t *testing.T, brokers []string, replicas int16) {
	topic := Topic(t, brokers, 2, replicas, nil)
	id := slug(topic)
	p := client(t, brokers, kgo.TransactionalID(id))
	for round, commit := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		if err := p.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		produce(t, p, topic, round*20, 20)
		if err := p.EndTransaction(within(t), commit); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	for _, reader := range []struct {
		level kgo.IsolationLevel
		n     int
	}{{kgo.ReadCommitted(), 40}, {kgo.ReadUncommitted(), 60}} {
		c := client(t, brokers, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(reader.level), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		got := consume(t, c, reader.n)
		if len(got) != reader.n || reader.n == 40 && slices.Contains(got, "25") {
			t.Errorf("expected %d records, got %d: %v", reader.n, len(got), got)
		}
	}
	zombie := p
	q := client(t, brokers, kgo.TransactionalID(id))
	if err := q.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, q, topic, 100, 1)
	if err := q.EndTransaction(within(t), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	if err := zombie.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	err := zombie.ProduceSync(within(t), &kgo.Record{Topic: topic, Value: []byte("late")}).FirstErr()
	if !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.InvalidProducerEpoch) {
		t.Errorf("a producer that was replaced should be fenced, got %v", err)
	}
}

// runAdmin creates, describes, changes and deletes.
func runAdmin(t *testing.T, brokers []string, replicas int16) {
	adm := kadm.NewClient(client(t, brokers))
	ctx := within(t)
	retention := "60000"
	topic := Topic(t, brokers, 2, replicas, map[string]*string{"retention.ms": &retention})
	configs, err := adm.DescribeTopicConfigs(ctx, topic)
	if err != nil || len(configs) != 1 || configs[0].Err != nil || !slices.ContainsFunc(configs[0].Configs, func(c kadm.Config) bool { return c.Key == "retention.ms" && c.MaybeValue() == retention }) {
		t.Errorf("its retention is not what was asked for: %v %+v", err, configs)
	}
	compact := "compact,delete"
	if got, err := adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "cleanup.policy", Value: &compact}}, topic); err != nil || got[0].Err != nil {
		t.Errorf("alter configs: %v %+v", err, got)
	}
	if got, err := adm.UpdatePartitions(ctx, 5, topic); err != nil || got[topic].Err != nil {
		t.Errorf("create partitions: %v %+v", err, got)
	}
	produce(t, client(t, brokers), topic, 0, 100)
	ends, err := adm.ListEndOffsets(ctx, topic)
	sum := int64(0)
	ends.Each(func(o kadm.ListedOffset) { sum += o.Offset })
	if err != nil || sum != 100 || len(ends[topic]) != 5 {
		t.Errorf("100 records in 5 partitions: the ends of %d add up to %d, %v", len(ends[topic]), sum, err)
	}
	deleted := kadm.Offsets{}
	ends.Each(func(o kadm.ListedOffset) { deleted.AddOffset(topic, o.Partition, o.Offset, -1) })
	if got, err := adm.DeleteRecords(ctx, deleted); err != nil || got.Error() != nil {
		t.Errorf("delete records: %v %v", err, got.Error())
	}
	starts, err := adm.ListStartOffsets(ctx, topic)
	starts.Each(func(o kadm.ListedOffset) {
		if end, _ := ends.Lookup(topic, o.Partition); o.Offset != end.Offset {
			t.Errorf("partition %d begins at %d, expected %d", o.Partition, o.Offset, end.Offset)
		}
	})
	if err != nil {
		t.Error(err)
	}
	if got, err := adm.DeleteTopics(ctx, topic); err != nil || got[topic].Err != nil {
		t.Errorf("delete: %v %+v", err, got)
	}
	if got, err := adm.CreateTopic(ctx, 1, replicas+1, nil, topic+"-wide"); err == nil && !errors.Is(got.Err, kerr.InvalidReplicationFactor) {
		t.Errorf("more replicas than brokers: %v %v", err, got.Err)
	}
}
