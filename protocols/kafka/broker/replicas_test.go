package broker_test

import (
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/kafkatest"
	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// createOn creates a topic of one partition on named brokers.
func createOn(t testing.TB, c *kafkatest.Cluster, at int, name string, replicas ...int32) {
	t.Helper()
	r := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, -1, -1
	topic.ReplicaAssignment = []kmsg.CreateTopicsRequestTopicReplicaAssignment{{Replicas: replicas}}
	r.Topics = append(r.Topics, topic)
	answer, err := c.Ask(at, r)
	if err != nil {
		t.Fatal(err)
	}
	if code := answer.(*kmsg.CreateTopicsResponse).Topics[0].ErrorCode; code != 0 {
		t.Fatal(kerr.ErrorForCode(code))
	}
	c.Run(second)
}

// alteration is the request to set an entry of a topic.
func alteration(topic, name, value string) kmsg.Request {
	r := kmsg.NewPtrIncrementalAlterConfigsRequest()
	r.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: topic,
		Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: name, Value: &value}}}}
	return r
}

func alterTopic(t testing.TB, c *kafkatest.Cluster, topic, name, value string) {
	t.Helper()
	answer, err := c.Ask(2, alteration(topic, name, value))
	if err != nil || answer.(*kmsg.IncrementalAlterConfigsResponse).Resources[0].ErrorCode != 0 {
		t.Fatal(answer, err)
	}
}

// await fails unless something is true within 20 s.
func await(t testing.TB, c *kafkatest.Cluster, what string, done func() bool) {
	t.Helper()
	if !c.Until(c.Now+20*second, done) {
		t.Fatalf("not within 20 s: %s", what)
	}
}

// The only member of the in-sync set dies. Without unclean election nobody
// leads until it is back; with it another does, and what only the dead one had
// is cut off when it comes back.
func TestUncleanElection(t *testing.T) {
	for _, unclean := range []bool{false, true} {
		s := quick
		s.UncleanElection = unclean
		cut := 0
		c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: s, Watch: func(_ int64, node int, e broker.Event) {
			if e.Kind == broker.Truncated && e.Topic == "t" && node == 1 {
				cut += int(e.To - e.From)
			}
		}})
		createOn(t, c, 0, "t", 1, 2, 3)
		image := func() (leader int32, isr int) {
			p := &c.Broker(0).Image().Topic("t").Partitions[0]
			return p.Leader, len(p.ISR)
		}
		if p := produced2(t, c, 1, "a"); p.ErrorCode != 0 {
			t.Fatal(kerr.ErrorForCode(p.ErrorCode))
		}
		c.Run(second)
		c.Kill(2)
		c.Kill(3)
		await(t, c, "the leader is alone", func() bool { _, isr := image(); return isr == 1 })
		if p := produced2(t, c, 1, "b"); p.ErrorCode != 0 {
			t.Fatal(kerr.ErrorForCode(p.ErrorCode))
		}
		c.Kill(1)
		if err := c.Restart(2); err != nil {
			t.Fatal(err)
		}
		c.Run(10 * second)
		if leader, _ := image(); (leader == 2) != unclean {
			t.Fatalf("unclean election %v: %d leads", unclean, leader)
		}
		if unclean {
			if p := produced2(t, c, 2, "c"); p.ErrorCode != 0 || p.BaseOffset != 1 {
				t.Fatal(kerr.ErrorForCode(p.ErrorCode), p.BaseOffset)
			}
		}
		for _, node := range []int{1, 3} {
			if err := c.Restart(node); err != nil {
				t.Fatal(err)
			}
		}
		await(t, c, "all are in sync", func() bool { _, isr := image(); return isr == 3 })
		c.Run(second)
		want := []read{{0, "a"}, {1, "b"}}
		if unclean {
			want[1].value = "c"
		}
		for node := 1; node <= 3; node++ {
			l := c.Broker(node).Log("t", 0)
			batches, _, err := l.Read(c.Now, 0, 1<<20, l.End())
			if got := values(t, batches); err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
				t.Errorf("unclean election %v: broker %d has %v, expected %v", unclean, node, got, want)
			}
		}
		if (cut == 1) != unclean {
			t.Errorf("unclean election %v: %d records were cut off", unclean, cut)
		}
	}
}

func produced2(t testing.TB, c *kafkatest.Cluster, node int, value string) kmsg.ProduceResponseTopicPartition {
	t.Helper()
	answer, err := c.Ask(node, produceTo("t", 0, -1, records(value)))
	return produced(t, answer, err)
}

// With too few replicas in sync, acks=all is refused before the append; and
// what was appended while they went away is told so. acks=1 does not care.
func TestMinInsync(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: quick})
	createOn(t, c, 0, "t", 1, 2, 3)
	alterTopic(t, c, "t", "min.insync.replicas", "2")
	c.Run(second)
	c.Kill(2)
	c.Kill(3)
	late := produced2(t, c, 1, "late") // the followers are thought to be in sync
	if late.ErrorCode != kerr.NotEnoughReplicasAfterAppend.Code && late.ErrorCode != kerr.RequestTimedOut.Code {
		t.Errorf("appended while the others went away: %v", kerr.ErrorForCode(late.ErrorCode))
	}
	await(t, c, "the leader is alone", func() bool { return len(c.Broker(0).Image().Topic("t").Partitions[0].ISR) == 1 })
	c.Run(second)
	if p := produced2(t, c, 1, "x"); p.ErrorCode != kerr.NotEnoughReplicas.Code {
		t.Errorf("with one replica in sync of two: %v", kerr.ErrorForCode(p.ErrorCode))
	}
	answer, err := c.Ask(1, produceTo("t", 0, 1, records("one")))
	if p := produced(t, answer, err); p.ErrorCode != 0 {
		t.Errorf("acks=1: %v", kerr.ErrorForCode(p.ErrorCode))
	}
	if p, _ := c.Broker(1).Partition("t", 0); p.HighWatermark != 0 || p.End != 2 {
		t.Errorf("the high watermark moved to %d of %d with too few in sync", p.HighWatermark, p.End)
	}
	if err := c.Restart(2); err != nil {
		t.Fatal(err)
	}
	await(t, c, "two are in sync, and the high watermark moves", func() bool {
		p, _ := c.Broker(1).Partition("t", 0)
		return p.HighWatermark == 2
	})
}

// While min.insync.replicas is being raised a follower leaves the in-sync set.
// What the leader then hears first, of one or of the other, is luck; but it must
// not move the high watermark with a set that was too small when it was decided:
// the controller counts on those who left (KIP-966).
func TestMinInsyncIsRaisedMeanwhile(t *testing.T) {
	for seed := range uint64(4 * *seeds) {
		var c *kafkatest.Cluster
		minAt := map[int32]string{} // by partition epoch, as the controller decided
		c = start(t, kafkatest.Config{Brokers: 3, Voters: 1, Seed: seed, JitterMicros: 20_000, Settings: quick, Watch: func(_ int64, node int, e broker.Event) {
			if e.Topic != "t" || e.Kind != broker.Watermark || !e.Leading {
				return
			}
			p, _ := c.Broker(node).Partition("t", 0)
			if minAt[p.PartitionEpoch] == "2" && len(p.InSync) < 2 {
				t.Errorf("seed %d: the high watermark moved from %d to %d in partition epoch %d, with %v in sync", seed, e.From, e.To, p.PartitionEpoch, p.InSync)
			}
		}})
		createOn(t, c, 0, "t", 1, 2)
		lab := c.Dial(1)
		note := func() bool {
			p := &c.Broker(0).Image().Topic("t").Partitions[0]
			if _, known := minAt[p.PartitionEpoch]; !known {
				minAt[p.PartitionEpoch], _ = c.Broker(0).Image().Setting(meta.Resource{Kind: meta.TopicKind, Name: "t"}, "min.insync.replicas")
			}
			return false
		}
		for range 5 {
			alterTopic(t, c, "t", "min.insync.replicas", "1")
			await(t, c, "both are in sync", func() bool { note(); return len(c.Broker(0).Image().Topic("t").Partitions[0].ISR) == 2 })
			c.Cut(1, 2)
			lab.Send(produceTo("t", 0, 1, records("x")), -1)
			c.Until(c.Now+second, note)
			p, _ := c.Broker(1).Partition("t", 0)
			c.Until(p.Followers[0].CaughtUpAt+2*second-30_000+int64(c.Rand()%40_000), note) // when it has lagged for too long, or so
			c.Dial(0).Send(alteration("t", "min.insync.replicas", "2"), -1)
			c.Until(c.Now+second, note)
			c.Heal()
		}
	}
}

// A follower that falls behind leaves the in-sync set after
// replica.lag.time.max.ms, and joins it again when it has caught up.
func TestInsyncSet(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: quick})
	createOn(t, c, 0, "t", 1, 2, 3)
	c.Cut(1, 2) // what the leader sends to one follower; that one goes on with heartbeats
	if p := produced2(t, c, 1, "a"); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	p, _ := c.Broker(1).Partition("t", 0)
	if len(p.InSync) != 2 || p.HighWatermark != 1 {
		t.Fatalf("acknowledged with %+v", p)
	}
	c.Heal()
	await(t, c, "all are in sync", func() bool {
		p, _ := c.Broker(1).Partition("t", 0)
		return len(p.InSync) == 3
	})
}

// A Fetch that a follower sent in a former life, and that arrives after those
// of the present one, says nothing of what it has now.
func TestFetchOfAFormerLife(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Voters: 1, Settings: quick})
	createOn(t, c, 0, "t", 1, 2)
	c.Isolate(2)
	r := kmsg.NewPtrFetchRequest()
	r.ReplicaState.ID = 2
	r.ReplicaState.Epoch = c.Broker(0).Image().Broker(2).Epoch - 1
	r.SessionEpoch, r.MaxBytes = -1, 1<<20
	p := kmsg.NewFetchRequestTopicPartition()
	p.FetchOffset, p.PartitionMaxBytes = 1, 1<<20
	topic := kmsg.NewFetchRequestTopic()
	topic.TopicID, topic.Partitions = c.Broker(1).Image().Topic("t").ID, []kmsg.FetchRequestTopicPartition{p}
	r.Topics = append(r.Topics, topic)
	answer, err := c.Ask(1, produceTo("t", 0, 1, records("a")))
	if p := produced(t, answer, err); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	if _, err := c.Ask(1, r); err != nil {
		t.Fatal(err)
	}
	if p, _ := c.Broker(1).Partition("t", 0); p.HighWatermark != 0 || len(p.InSync) != 2 || p.End != 1 {
		t.Errorf("the high watermark moved for a record that the follower has not: %+v", p)
	}
}

// A new leader whose high watermark lags knows well what lies below it, and
// says of the rest that it does not know yet (KIP-207).
func TestOffsetsAfterElection(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: quick})
	createOn(t, c, 0, "t", 1, 2, 3)
	write := func(ms int64, acks int16) {
		var b batch.Builder
		b.Add(ms, nil, []byte("x"), nil)
		answer, err := c.Ask(1, produceTo("t", 0, acks, b.Append(nil, batch.NoProducer)))
		if p := produced(t, answer, err); p.ErrorCode != 0 {
			t.Fatal(kerr.ErrorForCode(p.ErrorCode))
		}
	}
	write(1000, -1)
	c.Run(second)
	c.Cut(1, 3)
	c.Cut(2, 3)
	c.Cut(3, 2)
	write(2000, 1)
	c.Run(second / 10)
	c.Kill(1)
	await(t, c, "another leads", func() bool { p, _ := c.Broker(2).Partition("t", 0); return p.Leads })
	if p, _ := c.Broker(2).Partition("t", 0); p.HighWatermark != 1 || p.End != 2 {
		t.Fatalf("this shows nothing: %+v", p)
	}
	for timestamp, want := range map[int64]struct {
		offset int64
		err    *kerr.Error
	}{-2: {0, nil}, 500: {0, nil}, 1000: {0, nil}, 1001: {-1, kerr.OffsetNotAvailable}, 3000: {-1, kerr.OffsetNotAvailable}, -1: {-1, kerr.OffsetNotAvailable}} {
		if p := listOffsets(t, c, 2, timestamp); p.Offset != want.offset || kerr.TypedErrorForCode(p.ErrorCode) != want.err {
			t.Errorf("ListOffsets of %d: %d, %v", timestamp, p.Offset, kerr.ErrorForCode(p.ErrorCode))
		}
	}
}

// A shutdown moves leadership away first, and loses nothing, though nothing was synced before.
func TestShutdown(t *testing.T) {
	down := false
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: quick, Watch: func(_ int64, node int, e broker.Event) {
		down = down || e.Kind == broker.Down && node == 1
	}})
	createOn(t, c, 0, "t", 1, 2, 3)
	if p := produced2(t, c, 1, "a"); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	c.Shutdown(1)
	await(t, c, "it is down", func() bool { return down })
	if l := leader(c, 4, "t", 0); l != 2 {
		t.Fatalf("%d leads", l)
	}
	c.Lose(1)
	if err := c.Restart(1); err != nil {
		t.Fatal(err)
	}
	await(t, c, "it is in sync again", func() bool {
		p, ok := c.Broker(1).Partition("t", 0)
		return ok && len(p.InSync) == 3 && p.End == 1
	})
}

// A reassignment copies the partition to where it is to be, and drops it where it was.
func TestReassignment(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: quick})
	createOn(t, c, 0, "t", 1, 2)
	if p := produced2(t, c, 1, "a"); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	r := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	r.TimeoutMillis = 10_000
	r.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{{Topic: "t", Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{{Replicas: []int32{3, 0}}}}}
	if answer, err := c.Ask(2, r); err != nil || answer.(*kmsg.AlterPartitionAssignmentsResponse).ErrorCode != 0 {
		t.Fatal(answer, err)
	}
	await(t, c, "it is where it is to be", func() bool {
		a, here := c.Broker(3).Partition("t", 0)
		b, there := c.Broker(0).Partition("t", 0)
		_, old := c.Broker(1).Partition("t", 0)
		return here && there && !old && a.End == 1 && b.End == 1 && a.Leads
	})
	if files := c.Disk(1).List("t-0/"); len(files) > 0 {
		t.Errorf("the former leader keeps %v", files)
	}
}

// A batch that an idempotent producer sends twice is there once, one that
// leaves a gap is refused.
func TestIdempotence(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 4, Voters: 1, Settings: quick})
	createOn(t, c, 0, "t", 1, 2, 3)
	r := kmsg.NewPtrInitProducerIDRequest()
	answer, err := c.Ask(1, r)
	if err != nil {
		t.Fatal(err)
	}
	id := answer.(*kmsg.InitProducerIDResponse)
	if id.ErrorCode != 0 || id.ProducerID < 0 {
		t.Fatal(kerr.ErrorForCode(id.ErrorCode))
	}
	send := func(sequence int32) kmsg.ProduceResponseTopicPartition {
		var b batch.Builder
		b.Add(kafkatest.Wall(0), nil, []byte("x"), nil)
		o := batch.NoProducer
		o.ProducerID, o.ProducerEpoch, o.BaseSequence = id.ProducerID, id.ProducerEpoch, sequence
		answer, err := c.Ask(1, produceTo("t", 0, -1, b.Append(nil, o)))
		return produced(t, answer, err)
	}
	for i, want := range []struct {
		sequence int32
		offset   int64
		code     int16
	}{{0, 0, 0}, {1, 1, 0}, {0, 0, 0}, {1, 1, 0}, {2, 2, 0}, {4, -1, kerr.OutOfOrderSequenceNumber.Code}} {
		if p := send(want.sequence); p.BaseOffset != want.offset || p.ErrorCode != want.code {
			t.Errorf("send %d, sequence %d: offset %d, %v", i, want.sequence, p.BaseOffset, kerr.ErrorForCode(p.ErrorCode))
		}
	}
}
