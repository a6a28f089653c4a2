package controller

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/quorum"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Behaviour: CreateTopics and DeleteTopics (KIP-4, KIP-516) with the checks
// and codes of Kafka's own. Names that differ only in dots and underscores
// collide, as in Kafka. Without an assignment replicas go to the
// brokers that live, see placement.go. Part of the topics of a request may fail.
//
// Versions: all. What a version does not have is not written.
//
// Not done: policies; delete.topic.enable.

// refusal is what is wrong with a part of a request: an error of theirs.
type refusal struct {
	code    int16
	message *string
}

func refusef(err *kerr.Error, format string, args ...any) *refusal {
	return &refusal{err.Code, message(format, args...)}
}

func message(format string, args ...any) *string {
	s := fmt.Sprintf(format, args...)
	return &s
}

// maxNameBytes is Kafka's limit to a topic's name: it has to be a directory's.
const maxNameBytes = 249

// checkName says what is wrong with a new topic's name.
func (a *active) checkName(name string) *refusal {
	legal := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
	}
	switch {
	case name == "" || name == "." || name == "..":
		return refusef(kerr.InvalidTopicException, "Topic name is invalid: it cannot be %q", name)
	case name == quorum.Topic: // its partition 0 would lie in the directory of the metadata log
		return refusef(kerr.TopicAuthorizationFailed, "%s is the quorum's own log: nobody may create a topic of that name", name)
	case len(name) > maxNameBytes:
		return refusef(kerr.InvalidTopicException, "Topic name is invalid: it has %d bytes, at most %d are allowed", len(name), maxNameBytes)
	case strings.ContainsFunc(name, func(r rune) bool { return !legal(r) }):
		return refusef(kerr.InvalidTopicException, "Topic name is invalid: %q contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", name)
	case a.image.Topic(name) != nil:
		return refusef(kerr.TopicAlreadyExists, "Topic '%s' already exists.", name)
	case !strings.ContainsAny(name, "._"):
		return nil
	}
	plain := func(s string) string { return strings.ReplaceAll(s, ".", "_") }
	for _, t := range a.image.Topics() {
		if plain(t.Name) == plain(name) {
			return refusef(kerr.InvalidTopicException, "Topic '%s' collides with existing topic: %s", name, t.Name)
		}
	}
	return nil
}

func (a *active) createTopics(r *kmsg.CreateTopicsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.CreateTopicsResponse)
	times := map[string]int{}
	for i := range r.Topics {
		times[r.Topics[i].Topic]++
	}
	for i := range r.Topics {
		in := &r.Topics[i]
		if times[in.Topic] < 0 {
			continue // answered
		}
		out := kmsg.NewCreateTopicsResponseTopic()
		out.Topic = in.Topic
		var bad *refusal
		if times[in.Topic] > 1 {
			bad = refusef(kerr.InvalidRequest, "Duplicate topic name.")
			times[in.Topic] = -1
		} else {
			bad = a.createTopic(in, &out, r.ValidateOnly)
		}
		if bad != nil {
			out.ErrorCode, out.ErrorMessage = bad.code, bad.message
			out.NumPartitions, out.ReplicationFactor, out.Configs = -1, -1, nil
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}

// createTopic decides about one topic, and makes it unless that is only asked for.
func (a *active) createTopic(in *kmsg.CreateTopicsRequestTopic, out *kmsg.CreateTopicsResponseTopic, ask bool) *refusal {
	if bad := a.checkName(in.Topic); bad != nil {
		return bad
	}
	var configs []meta.SetConfig
	for _, c := range in.Configs {
		set := meta.SetConfig{Resource: meta.Resource{Kind: meta.TopicKind, Name: in.Topic}, Name: c.Name, Value: c.Value}
		if bad := checkConfig(&set); bad != nil {
			return bad
		}
		configs = append(configs, set)
	}
	placement, bad := a.placeTopic(in)
	if bad != nil {
		return bad
	}
	if a.full() {
		return a.fullRefusal()
	}
	if a.partitions()+len(placement) > a.n.c.MaxPartitions {
		return refusef(kerr.PolicyViolation, "Too many partitions: the cluster has %d, and at most %d are allowed", a.partitions(), a.n.c.MaxPartitions)
	}
	out.NumPartitions, out.ReplicationFactor = int32(len(placement)), int16(len(placement[0]))
	out.Configs = a.effective(in.Topic, configs)
	if ask {
		return nil
	}
	topic := &meta.CreateTopic{Name: in.Topic, ID: a.newID()}
	out.TopicID = topic.ID
	a.add(topic)
	for i := range configs {
		a.add(&configs[i])
	}
	for i, replicas := range placement {
		a.addPartition(meta.PartitionID{Topic: topic.ID, Partition: int32(i)}, replicas)
	}
	return nil
}

// addPartition makes a partition. Replicas that live begin in sync: there is
// nothing yet that they could miss. At least one lives.
func (a *active) addPartition(id meta.PartitionID, replicas []int32) {
	isr := only(replicas, func(b int32) bool { return a.image.Broker(b).Active() })
	a.add(&meta.CreatePartition{Partition: id, Replicas: replicas, ISR: isr, Leader: isr[0]})
}

// partitions counts those of the cluster.
func (a *active) partitions() int {
	n := 0
	for _, t := range a.image.Topics() {
		n += len(t.Partitions)
	}
	return n
}

// newID draws a topic's ID. The first two numbers are Kafka's own.
func (a *active) newID() (id meta.ID) {
	for id == (meta.ID{}) || id == (meta.ID{15: 1}) || a.image.TopicByID(id) != nil {
		high, low := a.n.c.Rand(), a.n.c.Rand()
		for i := range 8 {
			id[i], id[8+i] = byte(high>>(8*i)), byte(low>>(8*i))
		}
		id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // a random UUID (RFC 9562, version 4)
	}
	return id
}

// effective lists what a new topic's entries are.
func (a *active) effective(topic string, configs []meta.SetConfig) []kmsg.CreateTopicsResponseTopicConfig {
	all := []kmsg.CreateTopicsResponseTopicConfig{}
	keys := meta.Keys(meta.TopicKind)
	for i := range keys {
		k := &keys[i]
		v := a.image.Values(k, topic, nobody, a.n.c.Static)[0]
		for _, c := range configs {
			if c.Name == k.Name {
				v.Value, v.Source = *c.Value, meta.TopicSource
			}
		}
		c := kmsg.NewCreateTopicsResponseTopicConfig()
		c.Name, c.Value, c.Source = k.Name, &v.Value, int8(v.Source)
		all = append(all, c)
	}
	return all
}

func (a *active) deleteTopics(r *kmsg.DeleteTopicsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.DeleteTopicsResponse)
	asked := slices.Clone(r.Topics)
	for i := range r.TopicNames {
		asked = append(asked, kmsg.DeleteTopicsRequestTopic{Topic: &r.TopicNames[i]})
	}
	done := map[meta.ID]bool{}
	for i := range asked {
		in := &asked[i]
		out := kmsg.NewDeleteTopicsResponseTopic()
		out.Topic, out.TopicID = in.Topic, in.TopicID
		var t *meta.Topic
		switch byID := in.TopicID != (meta.ID{}); {
		case byID == (in.Topic != nil):
			out.ErrorCode, out.ErrorMessage = kerr.InvalidRequest.Code, message("Name a topic, or give its ID: one of the two.")
		case byID:
			if t = a.image.TopicByID(in.TopicID); t == nil && !done[in.TopicID] {
				out.ErrorCode, out.ErrorMessage = kerr.UnknownTopicID.Code, message("This server does not host this topic ID.")
			}
		default:
			if t = a.image.Topic(*in.Topic); t == nil {
				out.ErrorCode, out.ErrorMessage = kerr.UnknownTopicOrPartition.Code, message("This server does not host this topic-partition.")
			}
		}
		if t != nil {
			name := t.Name
			out.Topic, out.TopicID = &name, t.ID
			done[t.ID] = true
			a.add(&meta.RemoveTopic{ID: t.ID})
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}

// Behaviour: CreatePartitions (KIP-195): a topic gets as many partitions as
// Count says, the new ones placed like those of a new topic. Versions: all.

func (a *active) createPartitions(r *kmsg.CreatePartitionsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.CreatePartitionsResponse)
	seen := map[string]bool{}
	for i := range r.Topics {
		in := &r.Topics[i]
		out := kmsg.NewCreatePartitionsResponseTopic()
		out.Topic = in.Topic
		bad := refusef(kerr.InvalidRequest, "Duplicate topic name.")
		if !seen[in.Topic] {
			seen[in.Topic] = true
			bad = a.growTopic(in, r.ValidateOnly)
		}
		if bad != nil {
			out.ErrorCode, out.ErrorMessage = bad.code, bad.message
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}

func (a *active) growTopic(in *kmsg.CreatePartitionsRequestTopic, ask bool) *refusal {
	t := a.image.Topic(in.Topic)
	if t == nil {
		return refusef(kerr.UnknownTopicOrPartition, "This server does not host this topic-partition.")
	}
	has, wants := len(t.Partitions), int(in.Count)
	switch {
	case wants == has:
		return refusef(kerr.InvalidPartitions, "Topic already has %d partition(s).", has)
	case wants < has:
		return refusef(kerr.InvalidPartitions, "The topic %s currently has %d partition(s); %d would not be an increase.", t.Name, has, wants)
	case a.full():
		return a.fullRefusal()
	case a.partitions()+wants-has > a.n.c.MaxPartitions:
		return refusef(kerr.PolicyViolation, "Too many partitions: the cluster has %d, and at most %d are allowed", a.partitions(), a.n.c.MaxPartitions)
	case in.Assignment != nil && len(in.Assignment) != wants-has:
		return refusef(kerr.InvalidReplicaAssignment, "Attempted to add %d additional partition(s), but only %d assignment(s) were specified.", wants-has, len(in.Assignment))
	}
	factor := len(t.Partitions[0].Replicas)
	placement, bad := a.place(wants-has, factor)
	if in.Assignment != nil {
		placement = nil
		for _, one := range in.Assignment {
			placement = append(placement, one.Replicas)
		}
		bad = a.checkAssignment(placement, factor)
	}
	if bad != nil || ask {
		return bad
	}
	for i, replicas := range placement {
		a.addPartition(meta.PartitionID{Topic: t.ID, Partition: int32(has + i)}, replicas)
	}
	return nil
}

// defaultOf returns a number of the brokers' own configuration.
func (a *active) defaultOf(name string) int {
	k := meta.FindKey(meta.BrokerKind, name)
	n, err := strconv.Atoi(a.image.Values(k, "", nobody, a.n.c.Static)[0].Value)
	if err != nil {
		return 1
	}
	return n
}
