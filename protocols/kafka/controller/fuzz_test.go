package controller

import (
	"encoding/binary"
	"slices"
	"testing"

	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/wire"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Whatever a client asks, it gets one answer, and what is decided makes sense
// to who reads it.
func FuzzHandle(f *testing.F) {
	o := newOne(&testing.T{}).brokers(3)
	retention := "5"
	create := kmsg.NewPtrCreateTopicsRequest()
	create.Topics = []kmsg.CreateTopicsRequestTopic{set(topic("x", -1, -1, []int32{1, 2}), "retention.ms", &retention), topic("y", 2, 2)}
	remove := kmsg.NewPtrDeleteTopicsRequest()
	remove.Topics = []kmsg.DeleteTopicsRequestTopic{{Topic: &retention}}
	grow := kmsg.NewPtrCreatePartitionsRequest()
	grow.Topics = []kmsg.CreatePartitionsRequestTopic{{Topic: "t", Count: 4}}
	elect := kmsg.NewPtrElectLeadersRequest()
	elect.Topics = []kmsg.ElectLeadersRequestTopic{{Topic: "t", Partitions: []int32{0, 1}}}
	inc := kmsg.NewPtrIncrementalAlterConfigsRequest()
	inc.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: 2, ResourceName: "t",
		Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: "min.insync.replicas", Value: &retention}}}}
	all := kmsg.NewPtrAlterConfigsRequest()
	all.Resources = []kmsg.AlterConfigsRequestResource{{ResourceType: 4, Configs: []kmsg.AlterConfigsRequestResourceConfig{{Name: "log.roll.ms", Value: &retention}}}}
	move := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	move.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{{Topic: "t", Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{{Replicas: []int32{3, 1}}}}}
	list := kmsg.NewPtrListPartitionReassignmentsRequest()
	register := kmsg.NewPtrBrokerRegistrationRequest()
	register.BrokerID, register.ClusterID = 9, "c"
	beat := kmsg.NewPtrBrokerHeartbeatRequest()
	beat.BrokerID, beat.BrokerEpoch, beat.WantShutdown = 1, o.n.Image().Broker(1).Epoch, true
	gone := kmsg.NewPtrUnregisterBrokerRequest()
	gone.BrokerID = 2
	ids := kmsg.NewPtrAllocateProducerIDsRequest()
	ids.BrokerID, ids.BrokerEpoch = 1, beat.BrokerEpoch
	alter := kmsg.NewPtrAlterPartitionRequest()
	alter.BrokerID, alter.BrokerEpoch = 1, beat.BrokerEpoch
	alter.Topics = []kmsg.AlterPartitionRequestTopic{{TopicID: o.create("t", nil, []int32{1, 2, 3}).n.Image().Topic("t").ID,
		Partitions: []kmsg.AlterPartitionRequestTopicPartition{{NewEpochISR: []kmsg.AlterPartitionRequestTopicPartitionNewEpochISR{{BrokerID: 1, BrokerEpoch: -1}}}}}}
	for _, r := range []kmsg.Request{create, remove, grow, elect, inc, all, move, list, register, beat, gone, ids, alter} {
		api := wire.Find(r.Key())
		r.SetVersion(api.Max)
		f.Add(uint8(api.Key), api.Max, r.AppendTo(nil), uint8(2))
		r.SetVersion(api.Min)
		f.Add(uint8(api.Key), api.Min, r.AppendTo(nil), uint8(2))
	}
	f.Fuzz(func(t *testing.T, key uint8, version int16, b []byte, times uint8) {
		api := wire.Find(int16(key))
		if api == nil || !Handles(api.Key) || version < api.Min || version > api.Max {
			return
		}
		frame := wire.AppendRequest(nil, 0, "", api.New())[4:12] // key, version, correlation
		binary.BigEndian.PutUint16(frame[2:], uint16(version))
		frame = append(frame, 0xff, 0xff) // no client
		empty := api.New()
		empty.SetVersion(version)
		if empty.IsFlexible() {
			frame = append(frame, 0)
		}
		in, err := wire.ParseRequest(append(frame, b...))
		if err != nil {
			return
		}
		o := newOne(t).brokers(3).create("t", nil, []int32{1, 2, 3})
		for range 1 + times%4 {
			before := o.n.Image().End()
			resp := o.call(in.Body)
			if n, moved := len(resp.AppendTo(nil)), o.n.Image().End() > before; n == 0 && moved {
				t.Fatal("nothing is said of what was done")
			}
			for _, topic := range o.n.Image().Topics() {
				for i := range topic.Partitions {
					sound(t, &topic.Partitions[i])
				}
			}
		}
	})
}

// sound asks what holds of any partition.
func sound(t *testing.T, p *meta.Partition) {
	t.Helper()
	if len(p.ISR) == 0 || p.Leader >= 0 && !slices.Contains(p.ISR, p.Leader) || repeats(p.Replicas) || repeats(union(p.ISR, p.ELR)) ||
		len(p.ISR)+len(p.ELR) != len(union(p.ISR, p.ELR)) || len(minus(union(p.ISR, p.ELR), p.Replicas)) > 0 ||
		len(minus(p.Adding, p.Replicas)) > 0 || len(minus(p.Removing, p.Replicas)) > 0 {
		t.Fatalf("no such partition: %s", text(p))
	}
}

// However a partition is changed, it is one; and what is decided is decided.
func TestDecideIsSound(t *testing.T) {
	luck := prototest.NewRand(1)
	some := func(of []int32) []int32 {
		return only(of, func(int32) bool { return luck.Below(2) == 0 })
	}
	for range 20_000 {
		p := &meta.Partition{Replicas: []int32{1, 2, 3}, ISR: []int32{1, 2, 3}, Leader: 1}
		for range 8 {
			up := some([]int32{1, 2, 3, 4, 5})
			r := rules{active: func(b int32) bool { return slices.Contains(up, b) }, minInsync: 1 + luck.Below(4), unclean: luck.Below(4) == 0}
			c := change{lost: nobody, elect: election(luck.Below(3))}
			switch luck.Below(4) {
			case 0:
				c.lost = int32(1 + luck.Below(5))
			case 1:
				if p.Leader >= 0 && slices.Contains(up, p.Leader) {
					c.isr = union([]int32{p.Leader}, some(only(p.Replicas, r.active)))
				}
			case 2:
				before := minus(p.Replicas, p.Adding)
				if target := some([]int32{1, 2, 3, 4, 5}); len(target) > 0 && len(only(p.ISR, func(b int32) bool { return slices.Contains(union(target, before), b) })) > 0 {
					c.replicas, c.adding, c.removing = union(target, before), noneOr(minus(target, before)), noneOr(minus(before, target))
				}
			}
			was := text(p)
			record := decide(meta.PartitionID{}, p, c, r)
			if record == nil {
				continue
			}
			var image meta.Image
			_ = image.Apply(0, &meta.CreateTopic{Name: "t"})
			_ = image.Apply(1, &meta.CreatePartition{Replicas: []int32{9}, ISR: []int32{9}})
			*image.Partition(meta.PartitionID{}) = *p
			if err := image.Apply(2, record); err != nil {
				t.Fatal(err)
			}
			*p = *image.Partition(meta.PartitionID{})
			sound(t, p)
			if p.Leader >= 0 && !slices.Contains(up, p.Leader) {
				t.Fatalf("from %s to %s: the leader is down", was, text(p))
			}
			if again := decide(meta.PartitionID{}, p, change{lost: nobody}, rules{active: r.active, minInsync: r.minInsync}); again != nil && len(p.Adding)+len(p.Removing) == 0 {
				t.Fatalf("from %s to %s, and then %+v", was, text(p), again)
			}
		}
	}
}
