package controller

import (
	"fmt"
	"strings"
	"testing"

	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func topic(name string, partitions int32, factor int16, placement ...[]int32) kmsg.CreateTopicsRequestTopic {
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor = name, partitions, factor
	for i, replicas := range placement {
		t.ReplicaAssignment = append(t.ReplicaAssignment, kmsg.CreateTopicsRequestTopicReplicaAssignment{Partition: int32(i), Replicas: replicas})
	}
	return t
}

func set(t kmsg.CreateTopicsRequestTopic, name string, value *string) kmsg.CreateTopicsRequestTopic {
	t.Configs = append(t.Configs, kmsg.CreateTopicsRequestTopicConfig{Name: name, Value: value})
	return t
}

func TestCreateTopics(t *testing.T) {
	o := newOne(t, meta.Setting{Name: "num.partitions", Value: "4"}, meta.Setting{Name: "default.replication.factor", Value: "2"})
	o.brokers(3).create("there", nil, []int32{1}).create("a.b", nil, []int32{1})
	o.register(4, 1, -1) // and stays fenced
	gap := topic("gap", -1, -1, []int32{1}, []int32{1})
	gap.ReplicaAssignment[1].Partition = 2
	double := topic("double", -1, -1, []int32{1}, []int32{1})
	double.ReplicaAssignment[1].Partition = 0
	for _, c := range []struct {
		topic kmsg.CreateTopicsRequestTopic
		err   *kerr.Error
		part  string
	}{
		{topic("one", 1, 1), nil, ""},
		{topic("defaults", -1, -1), nil, ""},
		{topic("by-hand", -1, -1, []int32{3, 1}, []int32{1, 4}), nil, ""},
		{set(topic("set", 1, 1), "retention.ms", message("5")), nil, ""},
		{topic("there", 1, 1), kerr.TopicAlreadyExists, "already exists"},
		{topic("", 1, 1), kerr.InvalidTopicException, ""},
		{topic("..", 1, 1), kerr.InvalidTopicException, ""},
		{topic("a b", 1, 1), kerr.InvalidTopicException, "ASCII"},
		{topic("ü", 1, 1), kerr.InvalidTopicException, "ASCII"},
		{topic(strings.Repeat("x", 250), 1, 1), kerr.InvalidTopicException, "249"},
		{topic(strings.Repeat("x", 249), 1, 1), nil, ""},
		{topic("a_b", 1, 1), kerr.InvalidTopicException, "collides"},
		{topic("__cluster_metadata", 1, 1), kerr.TopicAuthorizationFailed, "quorum"},
		{topic("zero", 0, 1), kerr.InvalidPartitions, ""},
		{topic("minus", -2, 1), kerr.InvalidPartitions, ""},
		{topic("many", 101, 1), kerr.PolicyViolation, "100"},
		{topic("many", 95, 1), kerr.PolicyViolation, "100"},
		{topic("rf0", 1, 0), kerr.InvalidReplicationFactor, ""},
		{topic("rf4", 1, 4), kerr.InvalidReplicationFactor, "only 3 broker(s)"},
		{topic("both", 1, -1, []int32{1}), kerr.InvalidRequest, "numPartitions"},
		{topic("both", -1, 1, []int32{1}), kerr.InvalidRequest, "replication factor"},
		{topic("none", -1, -1, []int32{}), kerr.InvalidReplicaAssignment, "empty"},
		{topic("twice", -1, -1, []int32{1, 1}), kerr.InvalidReplicaAssignment, "more than once"},
		{topic("nobody", -1, -1, []int32{9}), kerr.InvalidReplicaAssignment, "no such broker"},
		{topic("uneven", -1, -1, []int32{1}, []int32{1, 2}), kerr.InvalidReplicaAssignment, "not consistent"},
		{topic("fenced", -1, -1, []int32{4}), kerr.InvalidReplicaAssignment, "fenced"},
		{gap, kerr.InvalidReplicaAssignment, "consecutive"},
		{double, kerr.InvalidReplicaAssignment, "multiple"},
		{set(topic("conf", 1, 1), "retention", message("5")), kerr.InvalidConfig, "Unknown"},
		{set(topic("conf", 1, 1), "retention.ms", message("x")), kerr.InvalidConfig, "retention.ms"},
		{set(topic("conf", 1, 1), "retention.ms", nil), kerr.InvalidConfig, "Null"},
	} {
		for _, ask := range []bool{true, false} {
			r := kmsg.NewPtrCreateTopicsRequest()
			r.Topics, r.ValidateOnly = []kmsg.CreateTopicsRequestTopic{c.topic}, ask
			before := len(o.n.Image().Topics())
			out := o.call(r).(*kmsg.CreateTopicsResponse).Topics[0]
			o.said(fmt.Sprintf("%.20q", c.topic.Topic), out.ErrorCode, out.ErrorMessage, c.err, c.part)
			if made := len(o.n.Image().Topics()) > before; made != (c.err == nil && !ask) {
				t.Errorf("%s: made %v", c.topic.Topic, made)
			}
			if made := o.n.Image().Topic(c.topic.Topic); c.err == nil && !ask {
				if out.TopicID != made.ID || int(out.NumPartitions) != len(made.Partitions) || int(out.ReplicationFactor) != len(made.Partitions[0].Replicas) {
					t.Errorf("%s: %+v", c.topic.Topic, out)
				}
			}
		}
	}
	o.want("by-hand", 1, "[1 4] isr [1] leader 1 epoch 0")
	if d := o.n.Image().Topic("defaults"); len(d.Partitions) != 4 || len(d.Partitions[0].Replicas) != 2 {
		t.Errorf("defaults: %+v", d)
	}
	if v := o.n.TopicSetting("set", "retention.ms"); v != "5" {
		t.Errorf("retention.ms is %q", v)
	}
	r := kmsg.NewPtrCreateTopicsRequest()
	r.Topics = []kmsg.CreateTopicsRequestTopic{topic("x", 1, 1), topic("y", 1, 1), topic("x", 1, 1)}
	a := o.call(r).(*kmsg.CreateTopicsResponse)
	if len(a.Topics) != 2 || a.Topics[0].ErrorCode != kerr.InvalidRequest.Code || a.Topics[1].ErrorCode != 0 {
		t.Errorf("a topic named twice: %+v", a)
	}
}

// Every broker leads and holds its share.
func TestPlacement(t *testing.T) {
	for brokers := 1; brokers <= 5; brokers++ {
		for factor := 1; factor <= brokers; factor++ {
			o := newOne(t).brokers(brokers)
			placement, _ := o.n.active.place(4*brokers, factor)
			leads, holds := make([]int, brokers+1), make([]int, brokers+1)
			for _, replicas := range placement {
				if repeats(replicas) || len(replicas) != factor {
					t.Fatalf("%d of %d: %v", factor, brokers, replicas)
				}
				leads[replicas[0]]++
				for _, b := range replicas {
					holds[b]++
				}
			}
			for b := 1; b <= brokers; b++ {
				if leads[b] != 4 || holds[b] < 4*factor-brokers || holds[b] > 4*factor+brokers {
					t.Errorf("%d of %d: broker %d leads %d and holds %d", factor, brokers, b, leads[b], holds[b])
				}
			}
		}
	}
}

func TestDeleteTopics(t *testing.T) {
	o := newOne(t).brokers(1).create("a", map[string]string{"retention.ms": "5"}, []int32{1}).create("b", nil, []int32{1})
	r := kmsg.NewPtrDeleteTopicsRequest()
	byName := func(s string) kmsg.DeleteTopicsRequestTopic { return kmsg.DeleteTopicsRequestTopic{Topic: &s} }
	idOfB := o.n.Image().Topic("b").ID
	both := byName("b")
	both.TopicID = idOfB
	r.Topics = []kmsg.DeleteTopicsRequestTopic{byName("a"), byName("a"), byName("x"), {TopicID: meta.ID{9}}, both, {TopicID: idOfB}, {}}
	want := []*kerr.Error{nil, kerr.UnknownTopicOrPartition, kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.InvalidRequest, nil, kerr.InvalidRequest}
	a := o.call(r).(*kmsg.DeleteTopicsResponse)
	for i, out := range a.Topics {
		o.said(fmt.Sprint("topic ", i), out.ErrorCode, out.ErrorMessage, want[i], "")
	}
	if len(o.n.Image().Topics()) != 0 || len(o.delta.Deleted) != 2 || *a.Topics[5].Topic != "b" {
		t.Errorf("topics %v, delta %+v", o.n.Image().Topics(), o.delta)
	}
	o.create("a", nil, []int32{1})
	if v := o.n.TopicSetting("a", "retention.ms"); v == "5" {
		t.Error("a new topic has the settings of an old one")
	}
	old := kmsg.NewPtrDeleteTopicsRequest()
	old.Version, old.TopicNames = 5, []string{"a"}
	if a := o.call(old).(*kmsg.DeleteTopicsResponse); a.Topics[0].ErrorCode != 0 {
		t.Errorf("version 5: %+v", a)
	}
}

func TestCreatePartitions(t *testing.T) {
	o := newOne(t).brokers(3).create("t", nil, []int32{1, 2})
	hand := func(lists ...[]int32) (a []kmsg.CreatePartitionsRequestTopicAssignment) {
		for _, l := range lists {
			a = append(a, kmsg.CreatePartitionsRequestTopicAssignment{Replicas: l})
		}
		return a
	}
	for _, c := range []struct {
		topic string
		count int32
		hand  []kmsg.CreatePartitionsRequestTopicAssignment
		err   *kerr.Error
	}{
		{"x", 2, nil, kerr.UnknownTopicOrPartition},
		{"t", 1, nil, kerr.InvalidPartitions},
		{"t", 0, nil, kerr.InvalidPartitions},
		{"t", 200, nil, kerr.PolicyViolation},
		{"t", 2, hand([]int32{1, 2}, []int32{1, 2}), kerr.InvalidReplicaAssignment},
		{"t", 2, hand([]int32{1}), kerr.InvalidReplicaAssignment},
		{"t", 2, hand([]int32{1, 7}), kerr.InvalidReplicaAssignment},
		{"t", 2, hand([]int32{3, 2}), nil},
		{"t", 5, nil, nil},
	} {
		r := kmsg.NewPtrCreatePartitionsRequest()
		r.Topics = []kmsg.CreatePartitionsRequestTopic{{Topic: c.topic, Count: c.count, Assignment: c.hand}}
		out := o.call(r).(*kmsg.CreatePartitionsResponse).Topics[0]
		o.said(fmt.Sprint(c.topic, c.count), out.ErrorCode, out.ErrorMessage, c.err, "")
	}
	o.want("t", 1, "[3 2] isr [3 2] leader 3 epoch 0")
	if n := len(o.n.Image().Topic("t").Partitions); n != 5 {
		t.Errorf("%d partitions", n)
	}
}

func TestConfigs(t *testing.T) {
	o := newOne(t).brokers(2).create("t", map[string]string{"retention.ms": "5"}, []int32{1, 2})
	str := func(s string) *string { return &s }
	inc := func(kind kmsg.ConfigResourceType, name, key string, op kmsg.IncrementalAlterConfigOp, value *string, err *kerr.Error, part string) {
		t.Helper()
		r := kmsg.NewPtrIncrementalAlterConfigsRequest()
		r.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kind, ResourceName: name,
			Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: key, Op: op, Value: value}}}}
		out := o.call(r).(*kmsg.IncrementalAlterConfigsResponse).Resources[0]
		o.said(name+" "+key, out.ErrorCode, out.ErrorMessage, err, part)
	}
	is := func(key, want string) {
		t.Helper()
		if got := o.n.TopicSetting("t", key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	const topics, brokers = kmsg.ConfigResourceTypeTopic, kmsg.ConfigResourceTypeBroker
	inc(topics, "t", "retention.bytes", 0, str("77"), nil, "")
	inc(topics, "t", "cleanup.policy", 2, str("compact"), nil, "")
	is("cleanup.policy", "delete,compact")
	inc(topics, "t", "cleanup.policy", 3, str("delete"), nil, "")
	is("cleanup.policy", "compact")
	inc(topics, "t", "cleanup.policy", 3, str("compact"), kerr.InvalidConfig, "")
	inc(topics, "t", "retention.ms", 1, nil, nil, "")
	is("retention.ms", "604800000")
	inc(brokers, "", "log.retention.ms", 0, str("9"), nil, "")
	is("retention.ms", "9")
	inc(brokers, "1", "log.retention.ms", 0, str("8"), nil, "") // this node is broker 1
	is("retention.ms", "8")
	inc(brokers, "1", "log.retention.ms", 1, nil, nil, "")
	inc(topics, "x", "retention.ms", 0, str("5"), kerr.UnknownTopicOrPartition, "does not exist")
	inc(brokers, "7", "log.retention.ms", 0, str("5"), kerr.InvalidRequest, "No broker")
	inc(brokers, "01", "log.retention.ms", 0, str("5"), kerr.InvalidRequest, "No broker")
	inc(brokers, "1", "node.id", 0, str("5"), kerr.InvalidConfig, "dynamically")
	inc(brokers, "1", "min.insync.replicas", 0, str("2"), kerr.InvalidConfig, "all brokers")
	inc(topics, "t", "retention.ms", 2, str("5"), kerr.InvalidConfig, "LIST")
	inc(topics, "t", "retention.ms", 4, str("5"), kerr.InvalidRequest, "none of")
	inc(topics, "t", "retention", 1, nil, kerr.InvalidConfig, "Unknown")
	inc(topics, "t", "retention", 2, str("x"), kerr.InvalidConfig, "Unknown")
	inc(topics, "t", "retention.ms", 0, str(strings.Repeat("1", 40_000)), kerr.InvalidConfig, "bytes")
	inc(8, "1", "kafka.server", 0, str("INFO"), kerr.InvalidRequest, "type 8")

	r := kmsg.NewPtrAlterConfigsRequest()
	r.Resources = []kmsg.AlterConfigsRequestResource{{ResourceType: topics, ResourceName: "t",
		Configs: []kmsg.AlterConfigsRequestResourceConfig{{Name: "segment.bytes", Value: str("1000")}}}}
	if out := o.call(r).(*kmsg.AlterConfigsResponse).Resources[0]; out.ErrorCode != 0 {
		t.Errorf("%s", *out.ErrorMessage)
	}
	is("segment.bytes", "1000")
	is("cleanup.policy", "delete") // all else is gone
	if s := o.n.Image().Settings(meta.Resource{Kind: meta.TopicKind, Name: "t"}); len(s) != 1 {
		t.Errorf("%v", s)
	}
	r.Resources[0].Configs[0].Value, r.ValidateOnly = str("2000"), true
	if out := o.call(r).(*kmsg.AlterConfigsResponse).Resources[0]; out.ErrorCode != 0 {
		t.Errorf("%s", *out.ErrorMessage)
	}
	is("segment.bytes", "1000")
}

// A change of settings takes its consequences with it.
func TestConfigsMove(t *testing.T) {
	o := newOne(t).brokers(3).create("t", map[string]string{"min.insync.replicas": "2"}, []int32{1, 2, 3})
	change := func(kind kmsg.ConfigResourceType, name, key, value string) {
		t.Helper()
		r := kmsg.NewPtrIncrementalAlterConfigsRequest()
		r.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kind, ResourceName: name,
			Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: key, Value: &value}}}}
		if out := o.call(r).(*kmsg.IncrementalAlterConfigsResponse).Resources[0]; out.ErrorCode != 0 {
			t.Fatal(*out.ErrorMessage)
		}
	}
	o.after(10_000_000, 2, 3)
	o.after(10_000_000, 3)
	o.want("t", 0, "[1 2 3] isr [3] elr [2] leader 3 epoch 2")
	id := meta.PartitionID{Topic: o.n.Image().Topic("t").ID}
	if n := o.n.MinInsync(id); n != 2 {
		t.Errorf("min.insync.replicas is %d", n)
	}
	change(kmsg.ConfigResourceTypeTopic, "t", "min.insync.replicas", "1") // now the leader may go on alone
	o.want("t", 0, "[1 2 3] isr [3] leader 3 epoch 2")
	change(kmsg.ConfigResourceTypeTopic, "t", "min.insync.replicas", "9")
	o.want("t", 0, "[1 2 3] isr [3] leader 3 epoch 2")
	if n := o.n.MinInsync(id); n != 3 {
		t.Errorf("min.insync.replicas is %d of 3 replicas", n)
	}
	o.after(10_000_000, 1)
	o.beat(1)
	o.want("t", 0, "[1 2 3] isr [3] leader -1 epoch 3")
	change(kmsg.ConfigResourceTypeBroker, "", "unclean.leader.election.enable", "true")
	o.want("t", 0, "[1 2 3] isr [1] leader 1 epoch 4 recovering")
}

func TestElectLeaders(t *testing.T) {
	o := newOne(t).brokers(3).create("t", nil, []int32{1, 2}, []int32{2, 1}).create("u", nil, []int32{3, 1})
	elect := func(kind int8, topics []kmsg.ElectLeadersRequestTopic) string {
		r := kmsg.NewPtrElectLeadersRequest()
		r.ElectionType, r.Topics = kind, topics
		var s []string
		a := o.call(r).(*kmsg.ElectLeadersResponse)
		for _, topic := range a.Topics {
			for _, p := range topic.Partitions {
				s = append(s, fmt.Sprint(topic.Topic, p.Partition, " ", p.ErrorCode))
			}
		}
		return strings.Join(s, ", ")
	}
	named := []kmsg.ElectLeadersRequestTopic{{Topic: "t", Partitions: []int32{0, 1, 2}}, {Topic: "x", Partitions: []int32{0}}}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	want("all is well", elect(0, nil), "")
	want("named", elect(0, named), "t0 84, t1 84, t2 3, x0 3")
	o.after(10_000_000, 2, 3)
	o.beat(1)
	o.want("t", 0, "[1 2] isr [2] leader 2 epoch 1")
	want("not in sync", elect(0, nil), "t0 80")
	o.alter(2, "t", 0, 2, 1)
	want("in sync", elect(0, nil), "t0 0")
	o.want("t", 0, "[1 2] isr [2 1] leader 1 epoch 2")
	o.after(10_000_000, 1, 2)
	o.after(10_000_000, 2)
	o.want("u", 0, "[3 1] isr [3] leader -1 epoch 1")
	want("unclean, nobody", elect(1, []kmsg.ElectLeadersRequestTopic{{Topic: "u", Partitions: []int32{0}}}), "u0 83")
	o.beat(1)
	want("unclean", elect(1, nil), "u0 0")
	o.want("u", 0, "[3 1] isr [1] leader 1 epoch 2 recovering")
	want("of no such kind", elect(2, nil), "")
}

// alter asks for another in-sync set as its leader does, and returns the error.
func (o *one) alter(leader int32, topic string, partition int, isr ...int32) int16 {
	o.t.Helper()
	top := o.n.Image().Topic(topic)
	p := &top.Partitions[partition]
	r := kmsg.NewPtrAlterPartitionRequest()
	r.BrokerID, r.BrokerEpoch = leader, o.n.Image().Broker(leader).Epoch
	in := kmsg.NewAlterPartitionRequestTopicPartition()
	in.Partition, in.LeaderEpoch, in.PartitionEpoch = int32(partition), p.LeaderEpoch, p.PartitionEpoch
	for _, id := range isr {
		epoch := int64(0)
		if b := o.n.Image().Broker(id); b != nil {
			epoch = b.Epoch
		}
		in.NewEpochISR = append(in.NewEpochISR, kmsg.AlterPartitionRequestTopicPartitionNewEpochISR{BrokerID: id, BrokerEpoch: epoch})
	}
	r.Topics = []kmsg.AlterPartitionRequestTopic{{TopicID: top.ID, Partitions: []kmsg.AlterPartitionRequestTopicPartition{in}}}
	return o.call(r).(*kmsg.AlterPartitionResponse).Topics[0].Partitions[0].ErrorCode
}

func TestAlterPartition(t *testing.T) {
	o := newOne(t).brokers(4).create("t", map[string]string{"min.insync.replicas": "2"}, []int32{1, 2, 3})
	check := func(got int16, want *kerr.Error) {
		t.Helper()
		if got != code(want) {
			t.Errorf("got %v, want %v", kerr.ErrorForCode(got), want)
		}
	}
	check(o.alter(2, "t", 0, 2), kerr.InvalidRequest)    // not the leader
	check(o.alter(1, "t", 0, 2, 3), kerr.InvalidRequest) // without the leader
	check(o.alter(1, "t", 0, 1, 4), kerr.InvalidRequest) // no replica
	check(o.alter(1, "t", 0, 1, 1), kerr.InvalidRequest)
	check(o.alter(1, "t", 0, 1, 2), nil)
	o.want("t", 0, "[1 2 3] isr [1 2] leader 1 epoch 0")
	check(o.alter(1, "t", 0, 1), nil)
	o.want("t", 0, "[1 2 3] isr [1] elr [2] leader 1 epoch 0")
	check(o.alter(1, "t", 0, 1, 3), nil)
	o.want("t", 0, "[1 2 3] isr [1 3] leader 1 epoch 0")
	o.after(10_000_000, 1, 3, 4)
	check(o.alter(1, "t", 0, 1, 3, 2), kerr.IneligibleReplica) // fenced

	id := o.n.Image().Topic("t").ID
	p := o.n.Image().Topic("t").Partitions[0]
	raw := func(change func(*kmsg.AlterPartitionRequest, *kmsg.AlterPartitionRequestTopicPartition)) int16 {
		r := kmsg.NewPtrAlterPartitionRequest()
		r.BrokerID, r.BrokerEpoch = 1, o.n.Image().Broker(1).Epoch
		in := kmsg.NewAlterPartitionRequestTopicPartition()
		in.LeaderEpoch, in.PartitionEpoch = p.LeaderEpoch, p.PartitionEpoch
		in.NewEpochISR = []kmsg.AlterPartitionRequestTopicPartitionNewEpochISR{{BrokerID: 1, BrokerEpoch: -1}, {BrokerID: 3, BrokerEpoch: -1}}
		r.Topics = []kmsg.AlterPartitionRequestTopic{{TopicID: id}}
		change(r, &in)
		r.Topics[0].Partitions = []kmsg.AlterPartitionRequestTopicPartition{in}
		a := o.call(r).(*kmsg.AlterPartitionResponse)
		if a.ErrorCode != 0 {
			return a.ErrorCode
		}
		return a.Topics[0].Partitions[0].ErrorCode
	}
	type req = *kmsg.AlterPartitionRequest
	type part = *kmsg.AlterPartitionRequestTopicPartition
	check(raw(func(req, part) {}), nil) // as it is
	check(raw(func(r req, p part) { r.BrokerEpoch++ }), kerr.StaleBrokerEpoch)
	check(raw(func(r req, p part) { r.BrokerID = 9 }), kerr.BrokerIDNotRegistered)
	check(raw(func(r req, p part) { r.Topics[0].TopicID = meta.ID{1} }), kerr.UnknownTopicID)
	check(raw(func(r req, p part) { p.Partition = 1 }), kerr.UnknownTopicOrPartition)
	check(raw(func(r req, p part) { p.LeaderEpoch-- }), kerr.FencedLeaderEpoch)
	check(raw(func(r req, p part) { p.LeaderEpoch++ }), kerr.NotController)
	check(raw(func(r req, p part) { p.PartitionEpoch-- }), kerr.InvalidUpdateVersion)
	check(raw(func(r req, p part) { p.PartitionEpoch++ }), kerr.NotController)
	check(raw(func(r req, p part) { p.NewEpochISR[1].BrokerEpoch = 1 }), kerr.IneligibleReplica)
	check(raw(func(r req, p part) { p.NewEpochISR = nil }), kerr.InvalidRequest)
	check(raw(func(r req, p part) { p.LeaderRecoveryState = 1 }), kerr.InvalidRequest)
}

func TestReassignment(t *testing.T) {
	o := newOne(t).brokers(4).create("t", map[string]string{"min.insync.replicas": "2"}, []int32{1, 2})
	move := func(target []int32, err *kerr.Error) {
		t.Helper()
		r := kmsg.NewPtrAlterPartitionAssignmentsRequest()
		r.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{{Topic: "t", Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{{Replicas: target}}}}
		out := o.call(r).(*kmsg.AlterPartitionAssignmentsResponse).Topics[0].Partitions[0]
		o.said(fmt.Sprint(target), out.ErrorCode, out.ErrorMessage, err, "")
	}
	list := func() string {
		a := o.call(kmsg.NewPtrListPartitionReassignmentsRequest()).(*kmsg.ListPartitionReassignmentsResponse)
		if len(a.Topics) == 0 {
			return "none"
		}
		p := a.Topics[0].Partitions[0]
		return fmt.Sprint(p.Replicas, p.AddingReplicas, p.RemovingReplicas)
	}
	move(nil, kerr.NoReassignmentInProgress)
	move([]int32{}, kerr.InvalidReplicaAssignment)
	move([]int32{3, 3}, kerr.InvalidReplicaAssignment)
	move([]int32{9}, kerr.InvalidReplicaAssignment)
	move([]int32{3, 4}, nil)
	o.want("t", 0, "[3 4 1 2] isr [1 2] +[3 4] -[1 2] leader 1 epoch 0")
	if s := list(); s != "[3 4 1 2] [3 4] [1 2]" {
		t.Errorf("in progress: %s", s)
	}
	o.alter(1, "t", 0, 1, 2, 3)
	o.want("t", 0, "[3 4 1 2] isr [1 2 3] +[3 4] -[1 2] leader 1 epoch 0")
	move(nil, nil) // back
	o.want("t", 0, "[1 2] isr [1 2] leader 1 epoch 1")
	move([]int32{3, 4}, nil)
	o.alter(1, "t", 0, 1, 2, 3)
	if got := o.alter(1, "t", 0, 1, 2, 3, 4); got != kerr.NewLeaderElected.Code {
		t.Errorf("the leader is told %v", kerr.ErrorForCode(got))
	}
	o.want("t", 0, "[3 4] isr [3 4] leader 3 epoch 2")
	if s := list(); s != "none" {
		t.Errorf("in progress: %s", s)
	}
	move([]int32{4, 3}, nil) // an order is no copy
	o.want("t", 0, "[4 3] isr [3 4] leader 3 epoch 2")
	move([]int32{4}, nil)
	o.want("t", 0, "[4] isr [4] leader 4 epoch 3")
	move([]int32{4, 1, 2}, nil)
	move([]int32{4, 3}, nil) // another before that was done
	o.want("t", 0, "[4 3] isr [4] +[3] -[] leader 4 epoch 4")
}

// A node that does not lead says so to each request, and to each part of it.
func TestRefuse(t *testing.T) {
	for _, api := range wire.APIs {
		if !Handles(api.Key) {
			continue
		}
		r := api.New()
		r.SetVersion(api.Max)
		switch r := r.(type) {
		case *kmsg.VoteRequest, *kmsg.BeginQuorumEpochRequest, *kmsg.EndQuorumEpochRequest, *kmsg.FetchRequest, *kmsg.DescribeQuorumRequest:
			continue
		case *kmsg.CreateTopicsRequest:
			r.Topics = append(r.Topics, topic("t", 1, 1))
		case *kmsg.DeleteTopicsRequest:
			r.Topics = []kmsg.DeleteTopicsRequestTopic{{TopicID: meta.ID{1}}}
		case *kmsg.CreatePartitionsRequest:
			r.Topics = []kmsg.CreatePartitionsRequestTopic{{Topic: "t"}}
		case *kmsg.AlterConfigsRequest:
			r.Resources = []kmsg.AlterConfigsRequestResource{{ResourceName: "t"}}
		case *kmsg.IncrementalAlterConfigsRequest:
			r.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceName: "t"}}
		}
		b := notHere(r).AppendTo(nil)
		if !strings.Contains(string(b), "\x00\x29") {
			t.Errorf("%s: % x does not say NOT_CONTROLLER", api.Name, b)
		}
	}
}
