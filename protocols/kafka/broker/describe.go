package broker

import (
	"slices"
	"strconv"

	"grapevine/protocols/kafka/desk"
	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// DescribeConfigs (key 32), DescribeLogDirs (35), DescribeProducers (61)
//
// Behaviour: DescribeConfigs gives what is known of topics' and brokers'
// configurations, each with its source and, if asked for, all values that it
// could have (KIP-226, KIP-569). A broker answers for itself and for the
// defaults of all. DescribeLogDirs gives the size of each replica here, and
// DescribeProducers what a leader knows of those with an id (KIP-664).
//
// Versions: DescribeConfigs 0 to 4, DescribeLogDirs 0 to 4, DescribeProducers 0.
//
// Not done: configurations of loggers, clients, groups.

func (b *Broker) handleDescribeConfigs(k *call, r *kmsg.DescribeConfigsRequest) {
	answer := r.ResponseKind().(*kmsg.DescribeConfigsResponse)
	type resource struct {
		kind kmsg.ConfigResourceType
		name string
	}
	resources := desk.Once(r.Resources, func(a *kmsg.DescribeConfigsRequestResource) resource { return resource{a.ResourceType, a.ResourceName} })
	for i := range resources {
		asked := &resources[i]
		o := kmsg.NewDescribeConfigsResponseResource()
		o.ResourceType, o.ResourceName = asked.ResourceType, asked.ResourceName
		kind := meta.Kind(asked.ResourceType)
		topic := ""
		var err *kerr.Error
		switch kind {
		case meta.TopicKind:
			if topic = asked.ResourceName; b.image.Topic(topic) == nil {
				err = kerr.UnknownTopicOrPartition
				if !validTopic(topic) {
					err = kerr.InvalidTopicException
				}
			}
		case meta.BrokerKind:
			if asked.ResourceName != "" && asked.ResourceName != strconv.Itoa(int(b.config.ID)) {
				err = kerr.InvalidRequest
			}
		default:
			err = kerr.InvalidRequest
		}
		if err != nil {
			o.ErrorCode = err.Code
			answer.Resources = append(answer.Resources, o)
			continue
		}
		keys := meta.Keys(kind)
		for j := range keys {
			key := &keys[j]
			if asked.ConfigNames == nil || slices.Contains(asked.ConfigNames, key.Name) {
				if c, ok := b.describeConfig(r, kind, topic, asked.ResourceName, key); ok {
					o.Configs = append(o.Configs, c)
				}
			}
		}
		answer.Resources = append(answer.Resources, o)
	}
	b.respond(k, answer)
}

// describeConfig describes an entry; false: the resource, the defaults of all
// brokers, has nothing that was set.
func (b *Broker) describeConfig(r *kmsg.DescribeConfigsRequest, kind meta.Kind, topic, resource string, key *meta.Key) (kmsg.DescribeConfigsResponseResourceConfig, bool) {
	values := b.image.Values(key, topic, b.config.ID, b.static)
	c := kmsg.NewDescribeConfigsResponseResourceConfig()
	if kind == meta.BrokerKind && resource == "" {
		values = slices.DeleteFunc(values, func(v meta.Value) bool { return v.Source != meta.ClusterSource })
		if len(values) == 0 {
			return c, false
		}
	}
	c.Name, c.Value, c.Source = key.Name, &values[0].Value, kmsg.ConfigSource(values[0].Source)
	c.ReadOnly, c.ConfigType = key.Fixed, kmsg.ConfigType(key.Type)
	c.IsDefault = values[0].Source == meta.DefaultSource || kind == meta.TopicKind && values[0].Source != meta.TopicSource
	if r.IncludeSynonyms {
		for i := range values {
			v := &values[i]
			c.ConfigSynonyms = append(c.ConfigSynonyms, kmsg.DescribeConfigsResponseResourceConfigConfigSynonym{
				Name: v.Name, Value: &v.Value, Source: kmsg.ConfigSource(v.Source),
			})
		}
	}
	if r.IncludeDocumentation {
		c.Documentation = &key.Doc
	}
	return c, true
}

// topicPartition is a partition as clients name it.
type topicPartition struct {
	topic     string
	partition int32
}

func (b *Broker) handleDescribeLogDirs(k *call, r *kmsg.DescribeLogDirsRequest) {
	answer := r.ResponseKind().(*kmsg.DescribeLogDirsResponse)
	dir := kmsg.NewDescribeLogDirsResponseDir()
	dir.Dir = "/"
	wanted := map[topicPartition]bool{}
	for _, t := range r.Topics {
		for _, number := range t.Partitions {
			wanted[topicPartition{t.Topic, number}] = true
		}
	}
	for _, p := range b.sorted {
		if r.Topics != nil && !wanted[topicPartition{p.topic, p.id.Partition}] || p.role == failed {
			continue
		}
		if n := len(dir.Topics); n == 0 || dir.Topics[n-1].Topic != p.topic {
			dir.Topics = append(dir.Topics, kmsg.DescribeLogDirsResponseDirTopic{Topic: p.topic})
		}
		t := &dir.Topics[len(dir.Topics)-1]
		t.Partitions = append(t.Partitions, kmsg.DescribeLogDirsResponseDirTopicPartition{
			Partition: p.id.Partition, Size: p.log.Bytes(), OffsetLag: max(p.highWatermark-p.log.End(), 0),
		})
	}
	answer.Dirs = append(answer.Dirs, dir)
	b.respond(k, answer)
}

func (b *Broker) handleDescribeProducers(k *call, r *kmsg.DescribeProducersRequest) {
	answer := r.ResponseKind().(*kmsg.DescribeProducersResponse)
	topics := desk.Once(r.Topics, func(t *kmsg.DescribeProducersRequestTopic) string { return t.Topic })
	for _, t := range topics {
		topic := kmsg.DescribeProducersResponseTopic{Topic: t.Topic}
		for _, number := range desk.OnceEach(t.Partitions) {
			o := kmsg.NewDescribeProducersResponseTopicPartition()
			o.Partition = number
			err := b.unknown(false, t.Topic, meta.ID{}, number)
			p := b.lookup(t.Topic, meta.ID{}, number)
			if p != nil {
				err = p.checkLeader(-1)
			}
			if err != nil {
				o.ErrorCode = err.Code
			} else {
				for _, known := range p.log.Producers() {
					o.ActiveProducers = append(o.ActiveProducers, kmsg.DescribeProducersResponseTopicPartitionActiveProducer{
						ProducerID: known.ID, ProducerEpoch: int32(known.Epoch), LastSequence: known.LastSequence,
						LastTimestamp: known.LastTimestamp, CoordinatorEpoch: known.CoordinatorEpoch, CurrentTxnStartOffset: known.TxnStart,
					})
				}
			}
			topic.Partitions = append(topic.Partitions, o)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	b.respond(k, answer)
}
