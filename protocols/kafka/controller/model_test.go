package controller

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

var seeds = flag.Int("seeds", 300, "how many runs of random faults")

// The claim that all rests on (partition.go): what was acknowledged with
// acks=all is in the log of every member of the in-sync set and of the ELR, and
// so of every leader. The brokers here are the plainest ones that keep the
// rules of the package's doc: each sees the metadata as late as it likes, is
// cut off, crashes, and comes back with less.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	acked := 0
	for seed := range uint64(*seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { acked += runModel(t, seed) })
	}
	if acked < *seeds*10 {
		t.Errorf("only %d records were acknowledged in %d runs: the test tests little", acked, *seeds)
	}
}

type record struct {
	number int
	epoch  int32
}

// view is the metadata as of an offset.
type view struct {
	end       int64
	partition meta.Partition
	minInsync int
	epochs    [4]int64 // of the brokers' registrations, by ID
}

type modelBroker struct {
	id     int32
	up     bool
	loses  bool // it has crashed and lost, and has not registered again
	epoch  int64
	life   byte
	seen   int // in views
	log    []record
	synced int

	// As leader, of an epoch:
	leads    int32
	start    int
	ends     [4]int
	endEpoch [4]int64
	hw       int
	proposed []int32
	epochAt  int32 // the partition epoch of the proposal
}

type model struct {
	o       *one
	luck    *prototest.Rand
	views   []view
	brokers [4]*modelBroker // by ID; 0 is none
	acked   map[int]bool
	records int
	clean   bool // crashes lose nothing that counted
	alters  []func()
}

func runModel(t *testing.T, seed uint64) int {
	o := newOne(t).brokers(3).create("t", map[string]string{"min.insync.replicas": "2"}, []int32{1, 2, 3})
	m := &model{o: o, luck: prototest.NewRand(seed), acked: map[int]bool{}, clean: seed%2 == 0}
	m.look()
	for id := range int32(3) {
		b := o.n.Image().Broker(id + 1)
		m.brokers[id+1] = &modelBroker{id: id + 1, up: true, epoch: b.Epoch, life: 1, leads: -1}
	}
	for range 1200 {
		m.step()
		m.look()
		m.check()
		if t.Failed() {
			t.Fatalf("state: %s", o.state("t", 0))
		}
	}
	return len(m.acked)
}

// look takes down the metadata if it has changed.
func (m *model) look() {
	image := m.o.n.Image()
	if len(m.views) > 0 && m.views[len(m.views)-1].end == image.End() {
		return
	}
	top := image.Topic("t")
	v := view{end: image.End(), partition: top.Partitions[0], minInsync: m.o.n.MinInsync(meta.PartitionID{Topic: top.ID})}
	for _, b := range image.Brokers() {
		v.epochs[b.ID] = b.Epoch
	}
	m.views = append(m.views, v)
}

func (m *model) step() {
	b := m.brokers[1+m.luck.Below(3)]
	switch what := m.luck.Below(60); {
	case what < 5:
		m.produce(b)
	case what < 23:
		m.fetch(b)
	case what < 39:
		if b.up {
			b.seen = min(b.seen+1+m.luck.Below(3), len(m.views)-1)
			m.act(b)
		}
	case what < 46:
		m.beat(b)
	case what < 50:
		m.propose(b)
	case what < 53:
		if len(m.alters) > 0 {
			i := m.luck.Below(len(m.alters))
			ask := m.alters[i]
			m.alters = slices.Delete(m.alters, i, i+1)
			ask()
		}
	case what < 55:
		m.o.now += int64(m.luck.Below(3_000_000))
		m.o.after(1)
	case what < 56:
		if m.luck.Below(3) == 0 {
			m.crash(b)
		}
	case what < 58:
		m.restart(b)
	case what < 59:
		b.synced = len(b.log)
	default:
		if m.luck.Below(8) == 0 {
			m.setMinInsync()
		}
	}
}

// mine is what a broker sees, if it may act on it: its registration is in it.
func (m *model) mine(b *modelBroker) (view, bool) {
	v := m.views[b.seen]
	return v, b.up && v.epochs[b.id] == b.epoch
}

// act takes up or lays down leadership as the broker sees it.
func (m *model) act(b *modelBroker) {
	v, ok := m.mine(b)
	p := v.partition
	if !ok || p.Leader != b.id {
		b.leads = -1
		return
	}
	if b.leads != p.LeaderEpoch {
		b.leads, b.start, b.proposed = p.LeaderEpoch, len(b.log), nil
		b.ends, b.endEpoch = [4]int{-1, -1, -1, -1}, [4]int64{}
		for n := range m.acked {
			if !slices.ContainsFunc(b.log, func(r record) bool { return r.number == n }) {
				m.o.t.Fatalf("broker %d leads epoch %d without record %d", b.id, b.leads, n)
			}
		}
	}
	if b.proposed != nil && p.PartitionEpoch > b.epochAt {
		b.proposed = nil
	}
	m.advance(b)
}

func (m *model) produce(b *modelBroker) {
	if m.act(b); b.up && b.leads >= 0 {
		m.records++
		b.log = append(b.log, record{m.records, b.leads})
		m.advance(b)
	}
}

// advance moves a leader's high watermark, and acknowledges.
func (m *model) advance(b *modelBroker) {
	v, ok := m.mine(b)
	if !ok || b.leads < 0 || len(v.partition.ISR) < v.minInsync {
		return
	}
	end := m.durable(b)
	for _, id := range append(slices.Clone(v.partition.ISR), b.proposed...) {
		if id != b.id {
			end = min(end, b.ends[id])
		}
	}
	b.hw = max(b.hw, end)
	for _, r := range b.log[:max(end, 0)] {
		m.acked[r.number] = true
	}
}

// durable is what of a log counts.
func (m *model) durable(b *modelBroker) int {
	if m.clean {
		return b.synced
	}
	return len(b.log)
}

// fetch asks the leader that the broker knows, cuts off what that does not
// have, and copies.
func (m *model) fetch(b *modelBroker) {
	v, ok := m.mine(b)
	p := v.partition
	if !ok || p.Leader < 0 || p.Leader == b.id || m.luck.Below(4) == 0 {
		return
	}
	l := m.brokers[p.Leader]
	if m.act(l); !l.up || l.leads != p.LeaderEpoch {
		return
	}
	same := 0
	for same < min(len(b.log), len(l.log)) && b.log[same] == l.log[same] {
		same++
	}
	b.log, b.synced = b.log[:same], min(b.synced, same)
	if l.endEpoch[b.id] <= b.epoch {
		l.ends[b.id], l.endEpoch[b.id] = m.durable(b), b.epoch
	}
	m.advance(l)
	if m.luck.Below(4) > 0 {
		n := min(len(l.log), same+1+m.luck.Below(3))
		b.log = append(b.log, l.log[same:n]...)
	}
	if m.clean && m.luck.Below(2) == 0 {
		b.synced = len(b.log)
	}
	if m.clean && m.luck.Below(2) == 0 {
		l.synced = len(l.log)
	}
}

func (m *model) beat(b *modelBroker) {
	if !b.up {
		return
	}
	m.o.beat(b.id, func(r *kmsg.BrokerHeartbeatRequest) {
		r.BrokerEpoch, r.CurrentMetadataOffset = b.epoch, m.views[b.seen].end-1
		r.WantShutdown = m.luck.Below(200) == 0
	})
}

// propose lets a leader ask for another in-sync set; the request arrives later.
func (m *model) propose(b *modelBroker) {
	m.act(b)
	v, ok := m.mine(b)
	if !ok || b.leads < 0 || b.proposed != nil {
		return
	}
	p := v.partition
	isr := slices.Clone(p.ISR)
	id := int32(1 + m.luck.Below(3))
	switch {
	case id == b.id:
		return
	case slices.Contains(isr, id):
		isr = slices.DeleteFunc(isr, func(i int32) bool { return i == id })
	case b.ends[id] >= b.hw && b.ends[id] >= b.start && b.ends[id] >= 0:
		isr = append(isr, id)
	default:
		return
	}
	b.proposed, b.epochAt = isr, p.PartitionEpoch
	r := kmsg.NewPtrAlterPartitionRequest()
	r.BrokerID, r.BrokerEpoch = b.id, b.epoch
	in := kmsg.NewAlterPartitionRequestTopicPartition()
	in.LeaderEpoch, in.PartitionEpoch = p.LeaderEpoch, p.PartitionEpoch
	for _, id := range isr {
		epoch := b.endEpoch[id]
		if id == b.id {
			epoch = b.epoch
		} else if epoch == 0 {
			epoch = -1
		}
		in.NewEpochISR = append(in.NewEpochISR, kmsg.AlterPartitionRequestTopicPartitionNewEpochISR{BrokerID: id, BrokerEpoch: epoch})
	}
	r.Topics = []kmsg.AlterPartitionRequestTopic{{TopicID: m.o.n.Image().Topic("t").ID, Partitions: []kmsg.AlterPartitionRequestTopicPartition{in}}}
	m.alters = append(m.alters, func() {
		a := m.o.call(r).(*kmsg.AlterPartitionResponse)
		if (a.ErrorCode != 0 || a.Topics[0].Partitions[0].ErrorCode != 0) && b.proposed != nil && b.epochAt == p.PartitionEpoch {
			b.proposed = nil
		}
	})
}

// crash ends a life. What was not synced may go, but no more than one broker
// at a time has lost something that the controller does not know of, and not
// the last copy there is: nothing could help against that.
func (m *model) crash(b *modelBroker) {
	if !b.up {
		return
	}
	left := b.synced + m.luck.Below(len(b.log)-min(b.synced, len(b.log))+1)
	if !m.clean {
		if slices.ContainsFunc(m.brokers[1:], func(o *modelBroker) bool { return o.loses }) {
			return
		}
		p := m.o.n.Image().Topic("t").Partitions[0]
		for _, r := range b.log[left:] {
			if m.acked[r.number] && !slices.ContainsFunc(union(p.ISR, p.ELR), func(id int32) bool {
				return id != b.id && slices.Contains(m.brokers[id].log, r)
			}) {
				left = len(b.log)
			}
		}
		b.loses = true
	}
	b.log, b.synced = b.log[:left], left
	b.up, b.leads, b.hw = false, -1, 0
	b.seen = m.luck.Below(b.seen + 1)
}

// restart registers again; until that is taken, the broker does nothing.
func (m *model) restart(b *modelBroker) {
	if b.up {
		return
	}
	previous := int64(-1)
	if m.clean {
		previous = b.epoch
	}
	b.life++
	if r := m.o.register(b.id, b.life, previous); r.ErrorCode == 0 {
		b.up, b.epoch, b.loses = true, r.BrokerEpoch, false
	}
}

func (m *model) setMinInsync() {
	value := fmt.Sprint(2 + m.luck.Below(2))
	r := kmsg.NewPtrIncrementalAlterConfigsRequest()
	r.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: "t",
		Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: "min.insync.replicas", Value: &value}}}}
	m.o.call(r)
}

// check holds the image to the claim.
func (m *model) check() {
	p := m.o.n.Image().Topic("t").Partitions[0]
	if len(p.ISR) == 0 || repeats(union(p.ISR, p.ELR)) || p.Leader >= 0 && !slices.Contains(p.ISR, p.Leader) {
		m.o.t.Errorf("no such sets")
	}
	for _, id := range append(slices.Clone(p.ISR), p.ELR...) {
		b := m.brokers[id]
		for n := range m.acked {
			if !b.loses && !slices.ContainsFunc(b.log, func(r record) bool { return r.number == n }) {
				m.o.t.Errorf("broker %d is eligible without record %d", id, n)
			}
		}
	}
}
