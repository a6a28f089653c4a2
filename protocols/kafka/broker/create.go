package broker

import (
	"slices"
	"strconv"

	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Topics that are created on first use, and FindCoordinator (key 10)
//
// Behaviour: a topic that a client may create by asking for it, and the two
// that coordinators write to, are asked of the active controller; meanwhile the
// client is told that the topic is unknown, or that the coordinator is not
// available, and asks again. A group's or a transaction's coordinator is the
// leader of the partition that its id is hashed to.
//
// Versions: FindCoordinator 0 to 5, in batches from 4 on (KIP-699).
//
// Not done: creating a topic when Produce or Fetch ask for it; share groups.

// internalTopic is which of the coordinators' topics a topic is, if any.
type internalTopic uint8

const (
	_ internalTopic = iota
	offsetsTopic
	txnTopic
)

const (
	offsetsTopicName = "__consumer_offsets"
	txnTopicName     = "__transaction_state"
	// maxCreating is how many topics may wait for the controller.
	maxCreating = 100
)

func internalOf(topic string) internalTopic {
	switch topic {
	case offsetsTopicName:
		return offsetsTopic
	case txnTopicName:
		return txnTopic
	}
	return 0
}

// createOnUse has a topic created, if it may be.
func (b *Broker) createOnUse(now int64, topic string) {
	if internalOf(topic) == 0 && b.config.Settings.NoAutoCreate || slices.Contains(b.creating, topic) || len(b.creating) >= maxCreating {
		return
	}
	b.creating = append(b.creating, topic)
	b.attend(now, ownCreate)
}

// creation is the request for what is to be created.
func (b *Broker) creation() kmsg.Request {
	if len(b.creating) == 0 {
		return nil
	}
	r := kmsg.NewPtrCreateTopicsRequest()
	r.TimeoutMillis = int32(b.config.Settings.RequestMicros / 1000)
	s := &b.config.Settings
	for _, name := range b.creating {
		t := kmsg.NewCreateTopicsRequestTopic()
		t.Topic = name
		set := func(name, value string) {
			t.Configs = append(t.Configs, kmsg.CreateTopicsRequestTopicConfig{Name: name, Value: &value})
		}
		switch internalOf(name) {
		case offsetsTopic:
			t.NumPartitions, t.ReplicationFactor = s.OffsetsPartitions, s.OffsetsReplication
			set("cleanup.policy", "compact")
			set("segment.bytes", "104857600")
		case txnTopic:
			t.NumPartitions, t.ReplicationFactor = s.TxnPartitions, s.TxnReplication
			set("cleanup.policy", "compact")
			set("segment.bytes", "104857600")
			set("min.insync.replicas", strconv.Itoa(int(s.TxnMinInsync)))
			set("unclean.leader.election.enable", "false")
		default:
			t.NumPartitions, t.ReplicationFactor = s.Partitions, s.ReplicationFactor
		}
		r.Topics = append(r.Topics, t)
	}
	return r
}

// created forgets what was asked for: who still misses it will ask.
func (b *Broker) created(now int64, r *kmsg.CreateTopicsResponse) {
	for i := range r.Topics {
		name := r.Topics[i].Topic
		b.creating = slices.DeleteFunc(b.creating, func(other string) bool { return other == name })
	}
	if len(b.creating) > 0 {
		b.again(now, ownCreate, retryMicros)
	}
}

func (b *Broker) handleFindCoordinator(now int64, k *call, r *kmsg.FindCoordinatorRequest) {
	answer := r.ResponseKind().(*kmsg.FindCoordinatorResponse)
	keys := r.CoordinatorKeys
	if r.Version < 4 {
		keys = []string{r.CoordinatorKey}
	}
	for _, key := range keys {
		answer.Coordinators = append(answer.Coordinators, b.findCoordinator(now, k, r.CoordinatorType, key))
	}
	if r.Version < 4 {
		c := answer.Coordinators[0]
		answer.ErrorCode, answer.ErrorMessage, answer.NodeID, answer.Host, answer.Port = c.ErrorCode, c.ErrorMessage, c.NodeID, c.Host, c.Port
	}
	b.respond(k, answer)
}

func (b *Broker) findCoordinator(now int64, k *call, kind int8, key string) kmsg.FindCoordinatorResponseCoordinator {
	o := kmsg.NewFindCoordinatorResponseCoordinator()
	o.Key, o.NodeID, o.Port = key, -1, -1
	name := offsetsTopicName
	switch kind {
	case 0:
	case 1:
		name = txnTopicName
	default:
		o.ErrorCode = kerr.InvalidRequest.Code
		return o
	}
	o.ErrorCode = kerr.CoordinatorNotAvailable.Code
	t := b.image.Topic(name)
	if t == nil {
		b.createOnUse(now, name)
		return o
	}
	state := &t.Partitions[desk.PartitionFor(key, int32(len(t.Partitions)))]
	if a, ok := b.address(state.Leader, k.conn.listener); ok {
		o.ErrorCode, o.NodeID, o.Host, o.Port = 0, state.Leader, a.Host, int32(a.Port)
	}
	return o
}
