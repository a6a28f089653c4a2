package broker

import (
	"cmp"
	"slices"

	"grapevine/protocols/kafka/desk"
	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Metadata (key 3), DescribeCluster (60), DescribeTopicPartitions (75)
//
// Behaviour: what this broker's image says, which may lag behind the active
// controller's. Of brokers, those that are not fenced, with the addresses of
// the listener that the client came to. A topic that is not there is created if
// the client and auto.create.topics.enable allow; the client gets
// UNKNOWN_TOPIC_OR_PARTITION and asks again. The controller's id is that of a
// broker that sends on what is for the active controller.
//
// Versions: Metadata 0 to 12, DescribeCluster 0 to 2, DescribeTopicPartitions 0.
//
// Not done: authorized operations (always "not asked for").

const noOperations = -1 << 31

func (b *Broker) handleMetadata(now int64, k *call, r *kmsg.MetadataRequest) {
	answer := r.ResponseKind().(*kmsg.MetadataResponse)
	answer.ClusterID = &b.config.ClusterID
	answer.ControllerID = b.controllerForClients(k.conn.listener)
	answer.AuthorizedOperations = noOperations
	for _, broker := range b.image.Brokers() {
		if a, ok := b.address(broker.ID, k.conn.listener); ok {
			answer.Brokers = append(answer.Brokers, kmsg.MetadataResponseBroker{NodeID: broker.ID, Host: a.Host, Port: int32(a.Port), Rack: a.rack})
		}
	}
	switch {
	case r.Topics == nil || r.Version == 0 && len(r.Topics) == 0:
		for _, t := range b.image.Topics() {
			answer.Topics = append(answer.Topics, b.describeTopic(t, k.conn.listener, r.Version))
		}
	default:
		topics := desk.Once(r.Topics, func(t *kmsg.MetadataRequestTopic) (name [2]string) {
			if t.Topic == nil {
				return [2]string{1: string(t.TopicID[:])}
			}
			return [2]string{*t.Topic}
		})
		for i := range topics {
			asked := &topics[i]
			var t *meta.Topic
			if asked.Topic != nil {
				t = b.image.Topic(*asked.Topic)
			} else {
				t = b.image.TopicByID(asked.TopicID)
			}
			if t != nil {
				answer.Topics = append(answer.Topics, b.describeTopic(t, k.conn.listener, r.Version))
				continue
			}
			missing := kmsg.NewMetadataResponseTopic()
			missing.Topic, missing.TopicID, missing.AuthorizedOperations = asked.Topic, asked.TopicID, noOperations
			switch {
			case asked.Topic == nil:
				missing.ErrorCode = kerr.UnknownTopicID.Code
			case !validTopic(*asked.Topic):
				missing.ErrorCode = kerr.InvalidTopicException.Code
			default:
				missing.ErrorCode = kerr.UnknownTopicOrPartition.Code
				if r.AllowAutoTopicCreation || r.Version < 4 {
					b.createOnUse(now, *asked.Topic)
				}
			}
			answer.Topics = append(answer.Topics, missing)
		}
	}
	b.respond(k, answer)
}

// describeTopic says who leads a topic's partitions, and where they are.
func (b *Broker) describeTopic(t *meta.Topic, listener int, version int16) kmsg.MetadataResponseTopic {
	o := kmsg.NewMetadataResponseTopic()
	o.Topic, o.TopicID, o.IsInternal, o.AuthorizedOperations = &t.Name, t.ID, internalOf(t.Name) != 0, noOperations
	o.Partitions = make([]kmsg.MetadataResponseTopicPartition, len(t.Partitions))
	for i := range t.Partitions {
		state, p := &t.Partitions[i], &o.Partitions[i]
		p.Default()
		p.Partition, p.Leader, p.LeaderEpoch = int32(i), state.Leader, state.LeaderEpoch
		p.Replicas, p.ISR, p.OfflineReplicas = state.Replicas, state.ISR, b.offline(state.Replicas, listener)
		if _, ok := b.address(state.Leader, listener); !ok {
			p.Leader, p.ErrorCode = meta.NoLeader, kerr.LeaderNotAvailable.Code
			if version == 0 {
				p.Replicas = slices.DeleteFunc(slices.Clone(p.Replicas), func(id int32) bool { return slices.Contains(p.OfflineReplicas, id) })
			}
		}
	}
	return o
}

// offline lists the replicas whose brokers are down.
func (b *Broker) offline(replicas []int32, listener int) []int32 {
	var offline []int32
	for _, id := range replicas {
		if _, ok := b.address(id, listener); !ok {
			offline = append(offline, id)
		}
	}
	return offline
}

// controllerForClients is a broker to ask what is for the active controller:
// itself if it is known to clients, else this one, which sends it on.
func (b *Broker) controllerForClients(listener int) int32 {
	controller, _ := b.node.Leader()
	if _, ok := b.address(controller, listener); ok {
		return controller
	}
	if _, ok := b.address(b.config.ID, listener); ok {
		return b.config.ID
	}
	return -1
}

// validTopic reports whether a topic may be called that: up to 249 letters,
// digits, dots, underscores and hyphens, but not "." and "..".
func validTopic(name string) bool {
	if name == "" || len(name) > 249 || name == "." || name == ".." {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}

func (b *Broker) handleDescribeCluster(k *call, r *kmsg.DescribeClusterRequest) {
	answer := r.ResponseKind().(*kmsg.DescribeClusterResponse)
	answer.ClusterID = b.config.ClusterID
	answer.ControllerID = b.controllerForClients(k.conn.listener)
	answer.ClusterAuthorizedOperations = noOperations
	answer.EndpointType = 1
	if r.Version >= 1 && r.EndpointType != 1 {
		answer.ErrorCode = kerr.MismatchedEndpointType.Code
		b.respond(k, answer)
		return
	}
	for _, broker := range b.image.Brokers() {
		if k.conn.listener >= len(broker.Listeners) || broker.Fenced && !r.IncludeFencedBrokers {
			continue
		}
		l := broker.Listeners[k.conn.listener]
		answer.Brokers = append(answer.Brokers, kmsg.DescribeClusterResponseBroker{
			NodeID: broker.ID, Host: l.Host, Port: int32(l.Port), Rack: broker.Rack, IsFenced: broker.Fenced,
		})
	}
	b.respond(k, answer)
}

// maxDescribed is how many partitions one answer to DescribeTopicPartitions
// has at most (max.request.partition.size.limit).
const maxDescribed = 2000

func (b *Broker) handleDescribeTopicPartitions(k *call, r *kmsg.DescribeTopicPartitionsRequest) {
	answer := r.ResponseKind().(*kmsg.DescribeTopicPartitionsResponse)
	var names []string
	for i := range r.Topics {
		names = append(names, r.Topics[i].Topic)
	}
	if len(names) == 0 {
		for _, t := range b.image.Topics() {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	left := int(min(max(r.ResponsePartitionLimit, 1), maxDescribed))
	for _, name := range names {
		first := 0
		if c := r.Cursor; c != nil {
			if cmp.Less(name, c.Topic) {
				continue
			}
			if name == c.Topic {
				first = int(max(c.Partition, 0))
			}
		}
		if left == 0 {
			answer.NextCursor = &kmsg.DescribeTopicPartitionsResponseNextCursor{Topic: name, Partition: int32(first)}
			break
		}
		o := kmsg.NewDescribeTopicPartitionsResponseTopic()
		o.Topic, o.AuthorizedOperations = &name, noOperations
		t := b.image.Topic(name)
		if t == nil {
			o.ErrorCode = kerr.UnknownTopicOrPartition.Code
			if !validTopic(name) {
				o.ErrorCode = kerr.InvalidTopicException.Code
			}
			answer.Topics = append(answer.Topics, o)
			continue
		}
		o.TopicID, o.IsInternal = t.ID, internalOf(name) != 0
		for ; first < len(t.Partitions) && left > 0; first, left = first+1, left-1 {
			state := &t.Partitions[first]
			p := kmsg.NewDescribeTopicPartitionsResponseTopicPartition()
			p.Partition, p.LeaderID, p.LeaderEpoch = int32(first), state.Leader, state.LeaderEpoch
			p.Replicas, p.ISR, p.EligibleLeaderReplicas = state.Replicas, state.ISR, state.ELR
			p.OfflineReplicas = b.offline(state.Replicas, k.conn.listener)
			if _, ok := b.address(state.Leader, k.conn.listener); !ok {
				p.LeaderID, p.ErrorCode = meta.NoLeader, kerr.LeaderNotAvailable.Code
			}
			o.Partitions = append(o.Partitions, p)
		}
		answer.Topics = append(answer.Topics, o)
		if first < len(t.Partitions) {
			answer.NextCursor = &kmsg.DescribeTopicPartitionsResponseNextCursor{Topic: name, Partition: int32(first)}
			break
		}
	}
	b.respond(k, answer)
}
