package controller

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestRegistration(t *testing.T) {
	o := newOne(t)
	first := o.register(1, 1, -1)
	if first.ErrorCode != 0 || o.n.Image().Broker(1) == nil || o.n.Image().Broker(1).Epoch != first.BrokerEpoch {
		t.Fatalf("%+v, broker %+v", first, o.n.Image().Broker(1))
	}
	if again := o.register(1, 1, -1); again.BrokerEpoch != first.BrokerEpoch {
		t.Error("an answer that was lost makes another registration")
	}
	r := o.beat(1, func(r *kmsg.BrokerHeartbeatRequest) { r.CurrentMetadataOffset = first.BrokerEpoch - 1 })
	if !r.IsFenced || r.IsCaughtUp {
		t.Errorf("a broker that has not read its own registration: %+v", r)
	}
	if r = o.beat(1, func(r *kmsg.BrokerHeartbeatRequest) { r.WantFence = true }); !r.IsFenced || !r.IsCaughtUp {
		t.Errorf("a broker that wants to stay fenced: %+v", r)
	}
	if r = o.beat(1); r.IsFenced || r.ErrorCode != 0 {
		t.Errorf("a broker that is ready: %+v", r)
	}
	if r := o.register(1, 2, first.BrokerEpoch); r.ErrorCode != kerr.DuplicateBrokerRegistration.Code {
		t.Errorf("a second process: %v", kerr.ErrorForCode(r.ErrorCode))
	}
	if r = o.beat(1, func(r *kmsg.BrokerHeartbeatRequest) { r.BrokerEpoch-- }); r.ErrorCode != kerr.StaleBrokerEpoch.Code {
		t.Errorf("an old life's heartbeat: %v", kerr.ErrorForCode(r.ErrorCode))
	}
	if r = o.beat(2); r.ErrorCode != kerr.BrokerIDNotRegistered.Code {
		t.Errorf("a stranger's heartbeat: %v", kerr.ErrorForCode(r.ErrorCode))
	}
	o.after(9_000_000)
	if !o.n.Image().Broker(1).Fenced {
		t.Error("not fenced after 9 s of silence")
	}
	if r := o.register(1, 2, -1); r.ErrorCode != 0 || r.BrokerEpoch <= first.BrokerEpoch {
		t.Errorf("%+v", r)
	}
	wrong := kmsg.NewPtrBrokerRegistrationRequest()
	wrong.ClusterID = "another"
	if r := o.call(wrong).(*kmsg.BrokerRegistrationResponse); r.ErrorCode != kerr.InconsistentClusterID.Code {
		t.Errorf("of another cluster: %v", kerr.ErrorForCode(r.ErrorCode))
	}
	gone := kmsg.NewPtrUnregisterBrokerRequest()
	gone.BrokerID = 1
	o.call(gone)
	r2 := o.call(gone).(*kmsg.UnregisterBrokerResponse)
	o.said("unregister twice", r2.ErrorCode, r2.ErrorMessage, kerr.BrokerIDNotRegistered, "broker 1")
}

func TestFailover(t *testing.T) {
	o := newOne(t).brokers(3).create("t", map[string]string{"min.insync.replicas": "2"}, []int32{1, 2, 3}, []int32{2, 3, 1}, []int32{3, 1, 2})
	o.want("t", 0, "[1 2 3] isr [1 2 3] leader 1 epoch 0")
	o.after(10_000_000, 2, 3)
	o.want("t", 0, "[1 2 3] isr [2 3] leader 2 epoch 1")
	o.want("t", 1, "[2 3 1] isr [2 3] leader 2 epoch 0")
	o.want("t", 2, "[3 1 2] isr [3 2] leader 3 epoch 0")
	o.after(10_000_000, 3)
	o.want("t", 0, "[1 2 3] isr [3] elr [2] leader 3 epoch 2")
	o.after(10_000_000)
	o.want("t", 0, "[1 2 3] isr [3] elr [2] leader -1 epoch 3")
	o.beat(1) // out of everything
	o.want("t", 0, "[1 2 3] isr [3] elr [2] leader -1 epoch 3")
	o.beat(2) // eligible
	o.want("t", 0, "[1 2 3] isr [2] elr [3] leader 2 epoch 4")
	o.beat(3)
	o.want("t", 0, "[1 2 3] isr [2] elr [3] leader 2 epoch 4")
}

// A broker that has lost its log leaves all sets that have another member.
func TestUncleanRestart(t *testing.T) {
	two := map[string]string{"min.insync.replicas": "2"}
	o := newOne(t).brokers(3).create("t", two, []int32{1, 2, 3}).create("u", two, []int32{1, 2}).create("v", two, []int32{1})
	o.after(10_000_000, 2, 3)
	o.want("u", 0, "[1 2] isr [2] elr [1] leader 2 epoch 1")
	o.register(1, 2, -1)
	o.beat(1)
	o.want("t", 0, "[1 2 3] isr [2 3] leader 2 epoch 1")
	o.want("v", 0, "[1] isr [1] leader 1 epoch 2")
	o.want("u", 0, "[1 2] isr [2] leader 2 epoch 1")
	o.after(10_000_000, 1, 3)
	o.want("u", 0, "[1 2] isr [2] leader -1 epoch 2")
	o.register(2, 2, -1) // nobody else has anything
	o.beat(2)
	o.want("u", 0, "[1 2] isr [2] leader 2 epoch 3")
	o.want("t", 0, "[1 2 3] isr [3] leader 3 epoch 2")
}

func TestCleanRestart(t *testing.T) {
	o := newOne(t).brokers(2).create("t", map[string]string{"min.insync.replicas": "2"}, []int32{1, 2})
	o.after(10_000_000, 2)
	o.want("t", 0, "[1 2] isr [2] elr [1] leader 2 epoch 1")
	o.register(1, 2, o.n.Image().Broker(1).Epoch)
	o.want("t", 0, "[1 2] isr [2] elr [1] leader 2 epoch 1")
	o.after(10_000_000)
	o.beat(1)
	o.want("t", 0, "[1 2] isr [1] elr [2] leader 1 epoch 3")
}

func TestControlledShutdown(t *testing.T) {
	o := newOne(t).brokers(3).create("t", nil, []int32{1, 2}).create("v", nil, []int32{1})
	leave := func(r *kmsg.BrokerHeartbeatRequest) { r.WantShutdown = true }
	r := o.beat(1, leave)
	if r.ShouldShutdown || r.IsFenced {
		t.Errorf("gone before the others know: %+v", r)
	}
	o.want("t", 0, "[1 2] isr [2] leader 2 epoch 1")
	o.want("v", 0, "[1] isr [1] leader -1 epoch 1")
	o.beat(2)
	if r = o.beat(1, leave); r.ShouldShutdown {
		t.Errorf("gone before broker 3 knows: %+v", r)
	}
	o.beat(3)
	if r = o.beat(1, leave); !r.ShouldShutdown || !r.IsFenced {
		t.Errorf("not gone when all know: %+v", r)
	}
	if r := o.register(1, 2, o.n.Image().Broker(1).Epoch); r.ErrorCode != 0 {
		t.Errorf("back: %v", kerr.ErrorForCode(r.ErrorCode))
	}
	o.beat(1)
	o.want("v", 0, "[1] isr [1] leader 1 epoch 2")
	o.want("t", 0, "[1 2] isr [2] leader 2 epoch 1")
}

func TestProducerIDs(t *testing.T) {
	o := newOne(t).brokers(1)
	r := kmsg.NewPtrAllocateProducerIDsRequest()
	r.BrokerID, r.BrokerEpoch = 1, o.n.Image().Broker(1).Epoch
	for i := range int64(3) {
		if a := o.call(r).(*kmsg.AllocateProducerIDsResponse); a.ProducerIDStart != i*1000 || a.ProducerIDLen != 1000 || a.ErrorCode != 0 {
			t.Errorf("block %d: %+v", i, a)
		}
	}
	r.BrokerEpoch++
	if a := o.call(r).(*kmsg.AllocateProducerIDsResponse); a.ErrorCode != kerr.StaleBrokerEpoch.Code {
		t.Errorf("%+v", a)
	}
}

func TestDescribeQuorum(t *testing.T) {
	o := newOne(t).brokers(1)
	r := kmsg.NewPtrDescribeQuorumRequest()
	r.Topics = []kmsg.DescribeQuorumRequestTopic{{Topic: "__cluster_metadata", Partitions: []kmsg.DescribeQuorumRequestTopicPartition{{Partition: 0}, {Partition: 1}}}}
	a := o.call(r).(*kmsg.DescribeQuorumResponse)
	p := a.Topics[0].Partitions
	if p[0].ErrorCode != 0 || p[0].LeaderID != 1 || len(p[0].CurrentVoters) != 1 || p[0].HighWatermark != o.n.Image().End() ||
		p[1].ErrorCode != kerr.UnknownTopicOrPartition.Code || len(a.Nodes) != 1 || a.Nodes[0].Listeners[0].Host != "b1" {
		t.Errorf("%+v", a)
	}
}
