package client

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// coordinatorOf makes the fake the coordinator of a group of one, and returns
// what tells its member things: the error of the next heartbeats.
func (f *fake) coordinatorOf() (beat *int16, committed map[TopicPartition]int64) {
	generation := int32(0)
	beat, committed = new(int16), map[TopicPartition]int64{}
	f.answers[11] = func(a *asked) kmsg.Response {
		req := a.body.(*kmsg.JoinGroupRequest)
		resp := kmsg.NewPtrJoinGroupResponse()
		if req.MemberID == "" && req.InstanceID == nil {
			resp.ErrorCode, resp.MemberID = kerr.MemberIDRequired.Code, fmt.Sprintf("member%d", generation)
			return resp
		}
		generation++
		*beat = 0
		resp.MemberID = req.MemberID
		if resp.MemberID == "" {
			resp.MemberID = "static"
		}
		resp.Generation, resp.LeaderID = generation, resp.MemberID
		resp.Protocol = &req.Protocols[0].Name
		m := kmsg.NewJoinGroupResponseMember()
		m.MemberID, m.InstanceID, m.ProtocolMetadata = resp.MemberID, req.InstanceID, req.Protocols[0].Metadata
		resp.Members = append(resp.Members, m)
		return resp
	}
	f.answers[14] = func(a *asked) kmsg.Response {
		resp := kmsg.NewPtrSyncGroupResponse()
		if all := a.body.(*kmsg.SyncGroupRequest).GroupAssignment; len(all) > 0 {
			resp.MemberAssignment = all[0].MemberAssignment
		}
		return resp
	}
	f.answers[12] = func(a *asked) kmsg.Response {
		resp := kmsg.NewPtrHeartbeatResponse()
		resp.ErrorCode = *beat
		return resp
	}
	f.answers[13] = func(a *asked) kmsg.Response { return kmsg.NewPtrLeaveGroupResponse() }
	f.answers[8] = func(a *asked) kmsg.Response {
		resp := kmsg.NewPtrOffsetCommitResponse()
		for _, t := range a.body.(*kmsg.OffsetCommitRequest).Topics {
			topic := kmsg.NewOffsetCommitResponseTopic()
			topic.Topic = t.Topic
			for _, p := range t.Partitions {
				part := kmsg.NewOffsetCommitResponseTopicPartition()
				part.Partition = p.Partition
				committed[TopicPartition{t.Topic, p.Partition}] = p.Offset
				topic.Partitions = append(topic.Partitions, part)
			}
			resp.Topics = append(resp.Topics, topic)
		}
		return resp
	}
	f.answers[9] = func(a *asked) kmsg.Response { return fetchOffsets(a, committed) }
	return beat, committed
}

func fetchOffsets(a *asked, committed map[TopicPartition]int64) kmsg.Response {
	req := a.body.(*kmsg.OffsetFetchRequest)
	resp := kmsg.NewPtrOffsetFetchResponse()
	group := kmsg.NewOffsetFetchResponseGroup()
	topics := req.Topics
	if len(req.Groups) > 0 {
		for _, t := range req.Groups[0].Topics {
			topics = append(topics, kmsg.OffsetFetchRequestTopic{Topic: t.Topic, Partitions: t.Partitions})
		}
	}
	for _, t := range topics {
		now, old := kmsg.NewOffsetFetchResponseGroupTopic(), kmsg.NewOffsetFetchResponseTopic()
		now.Topic, old.Topic = t.Topic, t.Topic
		for _, p := range t.Partitions {
			offset, ok := committed[TopicPartition{t.Topic, p}]
			if !ok {
				offset = -1
			}
			part := kmsg.NewOffsetFetchResponseGroupTopicPartition()
			part.Partition, part.Offset, part.LeaderEpoch = p, offset, -1
			now.Partitions = append(now.Partitions, part)
			oldPart := kmsg.NewOffsetFetchResponseTopicPartition()
			oldPart.Partition, oldPart.Offset, oldPart.LeaderEpoch = p, offset, -1
			old.Partitions = append(old.Partitions, oldPart)
		}
		group.Topics = append(group.Topics, now)
		resp.Topics = append(resp.Topics, old)
	}
	resp.Groups = append(resp.Groups, group)
	return resp
}

func shared(config ConsumerConfig) ConsumerConfig {
	config.Group, config.Topics = "g", []string{"t"}
	return config
}

const all6 = "t-0 t-1 t-2 t-3 t-4 t-5"

func TestRebalances(t *testing.T) {
	f := newFake(t, Config{})
	beat, committed := f.coordinatorOf()
	f.fill(0, 0, 10)
	r := newTaker(t, f, shared(ConsumerConfig{Reset: ResetEarliest, AutoCommitMicros: 60_000_000}))
	r.until("all", func() bool { return len(r.values) == 10 })
	r.run(f.now + 10_000)
	if got := r.said(); got != "joined 1; assigned "+all6 {
		t.Error(got)
	}

	*beat = kerr.RebalanceInProgress.Code
	f.topics["t"] = 7 // and there is one more when it joins again
	f.do(func(int64) { f.c.stale() })
	r.run(f.now + 10_000_000)
	want := "revoked " + all6 + "; committed t-0@10 t-1@0 t-2@0 t-3@0 t-4@0 t-5@0; joined 2; assigned " + all6 + " t-6"
	if got := r.said(); got != want || committed[TopicPartition{"t", 0}] != 10 {
		t.Error(got)
	}
	if len(r.values) != 10 {
		t.Errorf("%d records, those committed were read again", len(r.values))
	}

	*beat = kerr.UnknownMemberID.Code
	r.run(f.now + 10_000_000)
	if got := r.said(); got != "lost "+all6+" t-6; joined 3; assigned "+all6+" t-6" {
		t.Error(got)
	}

	*beat = kerr.FencedInstanceID.Code
	r.run(f.now + 10_000_000)
	if got := r.said(); got != "lost "+all6+" t-6; fatal FENCED_INSTANCE_ID" {
		t.Error(got)
	}
	f.do(r.k.Close)
	if got := r.said(); got != "left" {
		t.Error(got)
	}
}

func TestCooperativeKeepsWhatItHas(t *testing.T) {
	f := newFake(t, Config{})
	beat, _ := f.coordinatorOf()
	r := newTaker(t, f, shared(ConsumerConfig{Reset: ResetEarliest, Assignors: []Assignor{CooperativeSticky}}))
	r.run(1_000_000)
	r.said()
	*beat = kerr.RebalanceInProgress.Code
	r.run(f.now + 10_000_000)
	if got := r.said(); got != "joined 2; assigned" {
		t.Error(got)
	}
	sync := f.answers[14]
	f.answers[14] = func(a *asked) kmsg.Response { // another member is to have half of it
		resp := sync(a).(*kmsg.SyncGroupResponse)
		assignment := kmsg.ConsumerMemberAssignment{Topics: []kmsg.ConsumerMemberAssignmentTopic{{Topic: "t", Partitions: []int32{0, 2, 4}}}}
		resp.MemberAssignment = assignment.AppendTo(nil)
		return resp
	}
	*beat = kerr.RebalanceInProgress.Code
	r.run(f.now + 10_000_000)
	if got := r.said(); got != "joined 3; assigned; revoked t-1 t-3 t-5; joined 4; assigned" {
		t.Error(got)
	}
}

// A commit in answer to Revoked still belongs to the old generation.
func TestCommitWhenRevoked(t *testing.T) {
	f := newFake(t, Config{})
	beat, committed := f.coordinatorOf()
	f.fill(0, 0, 10)
	r := newTaker(t, f, shared(ConsumerConfig{Reset: ResetEarliest}))
	r.until("all", func() bool { return len(r.values) == 10 })
	drain := f.drain
	f.drain = func() {
		for e, ok := r.k.Poll(); ok; e, ok = r.k.Poll() {
			r.note(e)
			if e.Kind == Revoked {
				if err := r.k.Commit(f.now, []Offset{{Topic: "t", Offset: 10, LeaderEpoch: -1}}); err != nil {
					t.Error(err)
				}
			}
		}
		drain()
	}
	r.said()
	*beat = kerr.RebalanceInProgress.Code
	r.run(f.now + 10_000_000)
	if got := r.said(); !strings.HasPrefix(got, "revoked "+all6+"; committed t-0@10; joined 2;") || committed[TopicPartition{"t", 0}] != 10 {
		t.Error(got)
	}
}

// The rebalance waits for the work on what was taken; but not for ever.
func TestWorkHoldsUpTheRebalance(t *testing.T) {
	f := newFake(t, Config{})
	beat, committed := f.coordinatorOf()
	f.fill(0, 0, 10)
	r := newTaker(t, f, shared(ConsumerConfig{Reset: ResetEarliest, MaxPollMicros: 20_000_000, AutoCommitMicros: 100_000}))
	r.limit = 5
	r.onTake = func(Records) { r.hold = true } // working on it
	r.until("some", func() bool { return len(r.values) == 5 })
	r.run(f.now + 1_000_000)
	if n := committed[TopicPartition{"t", 0}]; n != 0 {
		t.Errorf("committed %d before the work was over", n)
	}
	r.said()
	*beat = kerr.RebalanceInProgress.Code
	r.run(f.now + 10_000_000)
	if got := r.said(); got != "" {
		t.Error(got)
	}
	r.hold = false
	f.take() // Take: the work is over
	r.run(f.now + 10_000_000)
	if got := r.said(); !strings.HasPrefix(got, "revoked "+all6+"; committed t-0@5; joined 2") {
		t.Error(got)
	}
	r.hold = true
	r.until("the rest", func() bool { r.hold = len(r.values) == 10; return r.hold })
	r.said()
	r.run(f.now + 30_000_000)
	if got := r.said(); got != "lost "+all6 || f.requests[13] != 1 {
		t.Errorf("%s; left %d times", got, f.requests[13])
	}
	r.hold = false
	f.take()
	r.run(f.now + 10_000_000)
	if got := r.said(); !strings.HasPrefix(got, "joined 3; assigned "+all6) {
		t.Error(got)
	}
}

func TestCloseCommitsAndLeaves(t *testing.T) {
	for _, instance := range []string{"", "i"} {
		f := newFake(t, Config{})
		_, committed := f.coordinatorOf()
		f.fill(0, 0, 10)
		r := newTaker(t, f, shared(ConsumerConfig{Reset: ResetEarliest, AutoCommitMicros: 60_000_000, InstanceID: instance}))
		r.until("all", func() bool { return len(r.values) == 10 })
		f.do(r.k.Close)
		r.until("left", func() bool { return slices.Contains(r.events, "left") })
		if committed[TopicPartition{"t", 0}] != 10 {
			t.Error("not committed")
		}
		if left := f.requests[13] == 1; left == (instance != "") {
			t.Errorf("instance %q: left %v", instance, left)
		}
		if len(f.c.users) != 0 || f.k() {
			t.Error("something is left over")
		}
	}
}

// k says whether links of a consumer are left.
func (f *fake) k() bool {
	return slices.ContainsFunc(f.c.links, func(l *link) bool { return l.user != 0 })
}
