package controller

import (
	"fmt"
	"strings"
	"testing"

	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/wire"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// one is a controller that is the whole quorum.
type one struct {
	t     *testing.T
	n     *Node
	now   int64
	token uint64
	delta meta.Delta // the last
}

func newOne(t *testing.T, static ...meta.Setting) *one {
	luck := prototest.NewRand(1)
	n, err := New(0, Config{
		Self: 1, Voters: []int32{1}, ClusterID: "c", Static: static, MaxPartitions: 100,
		Rand: func() uint64 { return uint64(luck.Below(1 << 62)) },
	}, log.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	return &one{t: t, n: n}
}

// call hands in a request, as it comes over the wire, and returns the answer.
func (o *one) call(r kmsg.Request) kmsg.Response {
	o.t.Helper()
	if r.GetVersion() == 0 {
		r.SetVersion(wire.Find(r.Key()).Max)
	}
	in := wire.Find(r.Key()).New()
	in.SetVersion(r.GetVersion())
	if err := in.ReadFrom(r.AppendTo(nil)); err != nil {
		o.t.Fatal(err)
	}
	if !Handles(r.Key()) {
		o.t.Fatalf("%T is not for the controller", r)
	}
	o.token++
	o.n.Handle(o.now, o.token, in)
	var answer kmsg.Response
	for e, ok := o.n.Poll(); ok; e, ok = o.n.Poll() {
		switch {
		case e.Kind == Changed:
			o.delta = e.Delta
		case e.Kind == Reply && e.Token == o.token && answer == nil:
			answer = e.Response
		case e.Kind == Reply:
			o.t.Fatalf("an answer to %d, at %d", e.Token, o.token)
		}
	}
	if answer == nil {
		o.t.Fatalf("no answer to %T", r)
	}
	if err := o.n.Err(); err != nil {
		o.t.Fatal(err)
	}
	out := r.ResponseKind()
	if err := out.ReadFrom(answer.AppendTo(nil)); err != nil {
		o.t.Fatal(err)
	}
	return out
}

// after lets time pass; brokers named live on, by heartbeats.
func (o *one) after(micros int64, alive ...int32) {
	o.t.Helper()
	for until := o.now + micros; o.now < until; {
		o.now = min(until, o.now+1_000_000)
		o.n.Tick(o.now)
		for _, id := range alive {
			o.beat(id)
		}
	}
	for e, ok := o.n.Poll(); ok; e, ok = o.n.Poll() {
		if e.Kind == Reply {
			o.t.Fatal("an answer to nobody")
		}
	}
}

func (o *one) register(id int32, incarnation byte, previous int64) *kmsg.BrokerRegistrationResponse {
	o.t.Helper()
	r := kmsg.NewPtrBrokerRegistrationRequest()
	r.BrokerID, r.ClusterID, r.IncarnationID, r.PreviousBrokerEpoch = id, "c", meta.ID{incarnation}, previous
	r.Listeners = []kmsg.BrokerRegistrationRequestListener{{Name: "PLAINTEXT", Host: fmt.Sprint("b", id), Port: 9092}}
	return o.call(r).(*kmsg.BrokerRegistrationResponse)
}

// beat sends the heartbeat of a broker that has read everything.
func (o *one) beat(id int32, change ...func(*kmsg.BrokerHeartbeatRequest)) *kmsg.BrokerHeartbeatResponse {
	o.t.Helper()
	r := kmsg.NewPtrBrokerHeartbeatRequest()
	r.BrokerID, r.CurrentMetadataOffset = id, o.n.Image().End()-1
	if b := o.n.Image().Broker(id); b != nil {
		r.BrokerEpoch = b.Epoch
	}
	for _, f := range change {
		f(r)
	}
	return o.call(r).(*kmsg.BrokerHeartbeatResponse)
}

// brokers registers and unfences brokers 1 to n.
func (o *one) brokers(n int) *one {
	o.t.Helper()
	for id := range int32(n) {
		o.register(id+1, 1, -1)
		if r := o.beat(id + 1); r.ErrorCode != 0 || r.IsFenced {
			o.t.Fatalf("heartbeat of %d: %+v", id+1, r)
		}
	}
	return o
}

// create makes a topic with these replicas of each partition.
func (o *one) create(name string, configs map[string]string, placement ...[]int32) *one {
	o.t.Helper()
	r := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, -1, -1
	for i, replicas := range placement {
		topic.ReplicaAssignment = append(topic.ReplicaAssignment, kmsg.CreateTopicsRequestTopicReplicaAssignment{Partition: int32(i), Replicas: replicas})
	}
	for _, k := range meta.Keys(meta.TopicKind) {
		if v, ok := configs[k.Name]; ok {
			topic.Configs = append(topic.Configs, kmsg.CreateTopicsRequestTopicConfig{Name: k.Name, Value: &v})
		}
	}
	r.Topics = append(r.Topics, topic)
	if out := o.call(r).(*kmsg.CreateTopicsResponse).Topics[0]; out.ErrorCode != 0 {
		o.t.Fatalf("%s: %s", name, *out.ErrorMessage)
	}
	return o
}

// state writes down a partition: replicas, in-sync set, ELR, leader and epoch.
func (o *one) state(topic string, partition int) string {
	p := o.n.Image().Topic(topic).Partitions[partition]
	return text(&p)
}

func text(p *meta.Partition) string {
	s := fmt.Sprintf("%v isr %v", p.Replicas, p.ISR)
	if len(p.ELR) > 0 {
		s += fmt.Sprintf(" elr %v", p.ELR)
	}
	if len(p.Adding)+len(p.Removing) > 0 {
		s += fmt.Sprintf(" +%v -%v", p.Adding, p.Removing)
	}
	s += fmt.Sprintf(" leader %d epoch %d", p.Leader, p.LeaderEpoch)
	if p.Recovering {
		s += " recovering"
	}
	return s
}

func (o *one) want(topic string, partition int, want string) {
	o.t.Helper()
	if got := o.state(topic, partition); got != want {
		o.t.Errorf("%s-%d: %s, want %s", topic, partition, got, want)
	}
}

func code(err *kerr.Error) int16 {
	if err == nil {
		return 0
	}
	return err.Code
}

// said compares an error, with a part of what its message says.
func (o *one) said(what string, got int16, text *string, want *kerr.Error, part string) {
	o.t.Helper()
	if got != code(want) {
		o.t.Errorf("%s: error %v, want %v", what, kerr.ErrorForCode(got), want)
		return
	}
	if part != "" && (text == nil || !strings.Contains(*text, part)) {
		o.t.Errorf("%s: the message does not say %q", what, part)
	}
}
