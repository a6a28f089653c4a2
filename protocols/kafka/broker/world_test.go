package broker_test

import (
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/kafkatest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const second = kafkatest.Second

// quick are settings that let faults be noticed soon.
var quick = broker.Settings{
	OffsetsPartitions: 2, TxnPartitions: 2, SessionMicros: 3 * second, HeartbeatMicros: second / 2,
	ElectionMicros: second / 2, QuorumFetchMicros: second, ReplicaLagMicros: 2 * second, RequestMicros: 5 * second,
	GroupInitialDelayMicros: -1,
}

// start makes a cluster and waits until all its brokers may work.
func start(t testing.TB, c kafkatest.Config) *kafkatest.Cluster {
	t.Helper()
	cluster, err := kafkatest.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if !cluster.Until(30*second, cluster.Ready) {
		t.Fatal("the brokers did not get ready within 30 s")
	}
	return cluster
}

// create creates a topic and waits until all brokers know it.
func create(t testing.TB, c *kafkatest.Cluster, brokers int, name string, partitions int32, factor int16, configs ...string) {
	t.Helper()
	r := kmsg.NewPtrCreateTopicsRequest()
	r.TimeoutMillis = 10_000
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, factor
	for i := 0; i < len(configs); i += 2 {
		topic.Configs = append(topic.Configs, kmsg.CreateTopicsRequestTopicConfig{Name: configs[i], Value: &configs[i+1]})
	}
	r.Topics = append(r.Topics, topic)
	answer, err := c.Ask(brokers-1, r)
	if err != nil {
		t.Fatal(err)
	}
	if code := answer.(*kmsg.CreateTopicsResponse).Topics[0].ErrorCode; code != 0 {
		t.Fatalf("creating %s: %v", name, kerr.ErrorForCode(code))
	}
	if !c.Until(c.Now+10*second, func() bool {
		for i := range brokers {
			if c.Broker(i).Image().Topic(name) == nil {
				return false
			}
		}
		return true
	}) {
		t.Fatalf("not all brokers know %s within 10 s", name)
	}
}

// records makes a batch of records without keys.
func records(values ...string) []byte {
	var b batch.Builder
	for _, v := range values {
		b.Add(kafkatest.Wall(0), nil, []byte(v), nil)
	}
	return b.Append(nil, batch.NoProducer)
}

// produceTo makes a Produce request for one partition.
func produceTo(topic string, partition int32, acks int16, batch []byte) *kmsg.ProduceRequest {
	r := kmsg.NewPtrProduceRequest()
	r.Acks, r.TimeoutMillis = acks, 5000
	t := kmsg.NewProduceRequestTopic()
	t.Topic = topic
	p := kmsg.NewProduceRequestTopicPartition()
	p.Partition, p.Records = partition, batch
	t.Partitions = append(t.Partitions, p)
	r.Topics = append(r.Topics, t)
	return r
}

// fetchFrom makes a Fetch request of version 12, by name, for one partition.
func fetchFrom(topic string, partition int32, offset int64, waitMillis int32) *kmsg.FetchRequest {
	r := kmsg.NewPtrFetchRequest()
	r.MaxWaitMillis, r.MinBytes, r.MaxBytes = waitMillis, 1, 1<<20
	r.SessionEpoch = -1
	t := kmsg.NewFetchRequestTopic()
	t.Topic = topic
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = partition, offset, 1<<20
	t.Partitions = append(t.Partitions, p)
	r.Topics = append(r.Topics, t)
	return r
}

func produced(t testing.TB, answer kmsg.Response, err error) kmsg.ProduceResponseTopicPartition {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return answer.(*kmsg.ProduceResponse).Topics[0].Partitions[0]
}

// read is a record that was read.
type read struct {
	offset int64
	value  string
}

// listOffsets asks a broker for the offset of a timestamp in the first partition of "t".
func listOffsets(t testing.TB, c *kafkatest.Cluster, node int, timestamp int64) kmsg.ListOffsetsResponseTopicPartition {
	t.Helper()
	r := kmsg.NewPtrListOffsetsRequest()
	r.ReplicaID = -1
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Timestamp = timestamp
	r.Topics = []kmsg.ListOffsetsRequestTopic{{Topic: "t", Partitions: []kmsg.ListOffsetsRequestTopicPartition{p}}}
	answer, err := c.Ask(node, r)
	if err != nil {
		t.Fatal(err)
	}
	return answer.(*kmsg.ListOffsetsResponse).Topics[0].Partitions[0]
}

// values takes the records out of batches.
func values(t testing.TB, batches []byte) []read {
	t.Helper()
	var all []read
	for len(batches) > 0 {
		h, size, err := batch.Parse(batches)
		if err != nil {
			t.Fatal(err)
		}
		list, err := batch.Records(nil, batches[:size], batch.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if !h.Control() {
				all = append(all, read{h.BaseOffset + int64(r.OffsetDelta), string(r.Value)})
			}
		}
		batches = batches[size:]
	}
	return all
}

// leader returns who leads a partition as the broker with the newest image
// knows it, -1: nobody.
func leader(c *kafkatest.Cluster, brokers int, topic string, partition int32) int {
	newest, at := -1, int64(-1)
	for i := range brokers {
		b := c.Broker(i)
		if b == nil || b.Image().Topic(topic) == nil || b.Image().End() <= at {
			continue
		}
		at = b.Image().End()
		newest = int(b.Image().Topic(topic).Partitions[partition].Leader)
	}
	return newest
}
