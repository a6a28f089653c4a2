package group

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestJoinSyncHeartbeatLeave(t *testing.T) {
	w := newWorld(t, Config{})
	a, joinA := w.newMember("range")
	w.wait(2 * second)
	b, joinB := w.newMember("range")
	w.wait(2 * second) // b came, so the initial delay begins again at 3 s
	w.unanswered(joinA)
	w.wait(2 * second)

	respA, respB := got[*kmsg.JoinGroupResponse](w, joinA), got[*kmsg.JoinGroupResponse](w, joinB)
	if respA.ErrorCode != 0 || respA.Generation != 1 || respA.LeaderID != a || len(respA.Members) != 2 || *respA.Protocol != "range" || *respA.ProtocolType != "consumer" {
		t.Fatalf("the leader's answer is %+v", respA)
	}
	if respB.Generation != 1 || respB.LeaderID != a || respB.MemberID != b || len(respB.Members) != 0 {
		t.Fatalf("the follower's answer is %+v", respB)
	}
	w.state(CompletingRebalance)
	expect(t, "heartbeat before the assignment", ask[*kmsg.HeartbeatResponse](w, heartbeatReq(1, b)).ErrorCode, nil)
	expect(t, "commit before the assignment", ask[*kmsg.OffsetCommitResponse](w, commitReq(1, b, 1)).Topics[0].Partitions[0].ErrorCode, kerr.RebalanceInProgress)

	w.hold = true
	syncB := w.send(syncReq(5, 1, b))
	syncA := w.send(syncReq(5, 1, a, a, "pears", "stranger", "figs"))
	w.unanswered(syncB)
	w.unanswered(syncA) // until it is replicated
	w.land()
	w.drain()
	w.hold = false
	if r := got[*kmsg.SyncGroupResponse](w, syncA); r.ErrorCode != 0 || string(r.MemberAssignment) != "pears" || *r.Protocol != "range" {
		t.Fatalf("the leader is assigned %+v", r)
	}
	if r := got[*kmsg.SyncGroupResponse](w, syncB); r.ErrorCode != 0 || len(r.MemberAssignment) != 0 {
		t.Fatalf("who was forgotten is assigned %+v", r)
	}
	w.state(Stable)

	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Version, leave.Group, leave.MemberID = 2, "g", b
	expect(t, "leave", ask[*kmsg.LeaveGroupResponse](w, leave).ErrorCode, nil)
	expect(t, "leave again", ask[*kmsg.LeaveGroupResponse](w, leave).ErrorCode, kerr.UnknownMemberID)
	expect(t, "heartbeat in a rebalance", ask[*kmsg.HeartbeatResponse](w, heartbeatReq(1, a)).ErrorCode, kerr.RebalanceInProgress)
	expect(t, "commit in a rebalance", ask[*kmsg.OffsetCommitResponse](w, commitReq(1, a, 1)).Topics[0].Partitions[0].ErrorCode, nil)
	expect(t, "sync in a rebalance", ask[*kmsg.SyncGroupResponse](w, syncReq(5, 1, a)).ErrorCode, kerr.RebalanceInProgress)
	again := ask[*kmsg.JoinGroupResponse](w, joinReq(9, a, "range")) // the last one: at once
	if again.Generation != 2 || len(again.Members) != 1 {
		t.Fatalf("the next generation is %+v", again)
	}
	expect(t, "old generation", ask[*kmsg.HeartbeatResponse](w, heartbeatReq(1, a)).ErrorCode, kerr.IllegalGeneration)
}

func TestVersionsOfJoin(t *testing.T) {
	w := newWorld(t, Config{InitialDelayMicros: -1})
	r := joinReq(0, "", "range")
	r.RebalanceTimeoutMillis = -1
	resp := ask[*kmsg.JoinGroupResponse](w, r) // no second JoinGroup before v4, and no delay here
	if resp.ErrorCode != 0 || resp.Generation != 1 || resp.MemberID == "" || resp.LeaderID != resp.MemberID {
		t.Fatalf("v0 is answered %+v", resp)
	}
	if m := w.c.partitions[0].byID["g"].members[0]; m.rebalanceMicros != 10*second {
		t.Fatalf("v0 has a rebalance timeout of %d us", m.rebalanceMicros)
	}
	for _, c := range []struct {
		name   string
		change func(r *kmsg.JoinGroupRequest)
		want   *kerr.Error
	}{
		{"no group", func(r *kmsg.JoinGroupRequest) { r.Group = "" }, kerr.InvalidGroupID},
		{"short session", func(r *kmsg.JoinGroupRequest) { r.SessionTimeoutMillis = 5999 }, kerr.InvalidSessionTimeout},
		{"long session", func(r *kmsg.JoinGroupRequest) { r.SessionTimeoutMillis = 1_800_001 }, kerr.InvalidSessionTimeout},
		{"unknown member", func(r *kmsg.JoinGroupRequest) { r.MemberID = "who" }, kerr.UnknownMemberID},
		{"unknown member of an unknown group", func(r *kmsg.JoinGroupRequest) { r.Group, r.MemberID = "h", "who" }, kerr.UnknownMemberID},
		{"unknown instance", func(r *kmsg.JoinGroupRequest) { r.MemberID, r.InstanceID = "who", kmsg.StringPtr("i") }, kerr.UnknownMemberID},
		{"empty instance", func(r *kmsg.JoinGroupRequest) { r.InstanceID = new(string) }, kerr.InvalidRequest},
		{"other type", func(r *kmsg.JoinGroupRequest) { r.ProtocolType = "connect" }, kerr.InconsistentGroupProtocol},
		{"no type", func(r *kmsg.JoinGroupRequest) { r.ProtocolType = "" }, kerr.InconsistentGroupProtocol},
		{"nothing in common", func(r *kmsg.JoinGroupRequest) { r.Protocols[0].Name = "sticky" }, kerr.InconsistentGroupProtocol},
		{"no protocols", func(r *kmsg.JoinGroupRequest) { r.Protocols = nil }, kerr.InconsistentGroupProtocol},
		{"too large", func(r *kmsg.JoinGroupRequest) { r.Protocols[0].Metadata = make([]byte, 300<<10) }, kerr.InvalidRequest},
		{"as it should be", func(r *kmsg.JoinGroupRequest) {}, kerr.MemberIDRequired},
	} {
		r := joinReq(9, "", "range")
		c.change(r)
		expect(t, c.name, ask[*kmsg.JoinGroupResponse](w, r).ErrorCode, c.want)
	}
}

func TestElectionOfTheProtocol(t *testing.T) {
	for _, c := range []struct {
		members [][]string
		want    string
	}{
		{nil, ""},
		{[][]string{{"range", "sticky"}}, "range"},
		{[][]string{{"range", "sticky"}, {"sticky"}}, "sticky"},                                                       // all support it
		{[][]string{{"range", "sticky"}, {"sticky", "range"}, {"sticky", "range"}}, "sticky"},                         // most want it
		{[][]string{{"range", "sticky"}, {"sticky", "range"}}, "range"},                                               // the first decides
		{[][]string{{"mine", "sticky", "range"}, {"range", "sticky"}, {"other", "range", "sticky"}}, "range"},         // only what all have counts
		{[][]string{{"range", "range", "sticky"}, {"sticky", "range"}, {"sticky", "sticky", "range"}}, "sticky"},      // twice is once
		{[][]string{{"a", "b", "c"}, {"b", "c", "a"}, {"c", "b", "a"}, {"c", "a", "b"}, {"b", "a", "c"}}, "b"},        // two and two: who comes first with the first
		{[][]string{{"", "range"}, {"range", ""}}, ""},                                                                // a name like another
		{[][]string{{"a", "b", "c"}, {"c", "b", "a"}, {"c", "a", "b"}, {"b", "a", "c"}, {"b", "c", "a"}, {"c"}}, "c"}, // one leaves no choice
	} {
		g := newGroup("g", nil)
		for i, protocols := range c.members {
			m := newMember(g, string(rune('a'+i)))
			m.protocols = joinReq(9, "", protocols...).Protocols
			g.add(m)
		}
		if got := g.elect(); got != c.want {
			t.Errorf("%v elect %q, expected %q", c.members, got, c.want)
		}
		all := slices.Clone(g.members)
		g.drop(func(*member) bool { return true })
		if len(g.backers)+len(g.byID)+len(g.members) != 0 || g.leader != nil {
			t.Errorf("%d members dropped, and %v is left", len(all), g)
		}
	}
}

func TestWhoDoesNotJoinAgainIsOut(t *testing.T) {
	w := newWorld(t, Config{})
	ids := w.stable(3)
	_, joinD := w.newMember("range")
	rejoin := w.send(joinReq(9, ids[1], "range"))
	for range 4 {
		w.wait(8 * second)
		w.send(heartbeatReq(1, ids[2])) // alive, but deaf to REBALANCE_IN_PROGRESS
	}
	if r := got[*kmsg.JoinGroupResponse](w, rejoin); r.Generation != 2 || r.LeaderID != ids[1] || len(r.Members) != 2 {
		t.Fatalf("after the rebalance timeout: %+v", r)
	}
	if r := got[*kmsg.JoinGroupResponse](w, joinD); r.Generation != 2 || r.LeaderID != ids[1] {
		t.Fatalf("after the rebalance timeout: %+v", r)
	}
	expect(t, "heartbeat of who is out", ask[*kmsg.HeartbeatResponse](w, heartbeatReq(1, ids[2])).ErrorCode, kerr.UnknownMemberID)
}

func TestWhoDoesNotSyncIsOut(t *testing.T) {
	w := newWorld(t, Config{})
	a, joinA := w.newMember("range")
	b, _ := w.newMember("range")
	w.wait(7 * second)
	got[*kmsg.JoinGroupResponse](w, joinA)
	sync := w.send(syncReq(5, 1, a, a, "x"))
	got[*kmsg.SyncGroupResponse](w, sync)
	w.state(Stable)
	for range 4 {
		w.wait(8 * second)
		w.send(heartbeatReq(1, a))
		w.send(heartbeatReq(1, b))
	}
	w.state(PreparingRebalance)
	expect(t, "who did not sync", ask[*kmsg.HeartbeatResponse](w, heartbeatReq(1, b)).ErrorCode, kerr.UnknownMemberID)
}

func TestSessions(t *testing.T) {
	w := newWorld(t, Config{})
	ids := w.stable(2)
	w.wait(9 * second)
	w.send(heartbeatReq(1, ids[0]))
	w.wait(2 * second)
	if g := w.group("g"); g.State != PreparingRebalance || len(g.Members) != 1 {
		t.Fatalf("after the session of one: %+v", g)
	}
	w.wait(10 * second)
	w.state(Empty)
	if g := w.group("g"); g.Generation != 2 {
		t.Fatalf("after the session of both: %+v", g)
	}
	// An id that was given out and not used goes by itself.
	ask[*kmsg.JoinGroupResponse](w, joinReq(9, "", "range"))
	if n := len(w.c.partitions[0].byID["g"].pending); n != 1 {
		t.Fatalf("%d ids given out", n)
	}
	w.wait(11 * second)
	if n := len(w.c.partitions[0].byID["g"].pending); n != 0 {
		t.Fatalf("%d ids kept", n)
	}
}

func TestAPendingMemberIsWaitedFor(t *testing.T) {
	w := newWorld(t, Config{})
	ids := w.stable(1)
	pending := ask[*kmsg.JoinGroupResponse](w, joinReq(9, "", "range")).MemberID
	rejoin := w.send(joinReq(9, ids[0], "range")) // the leader wants a rebalance
	w.unanswered(rejoin)
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Version, leave.Group = 3, "g"
	leave.Members = []kmsg.LeaveGroupRequestMember{{MemberID: pending}}
	if r := ask[*kmsg.LeaveGroupResponse](w, leave); r.ErrorCode != 0 || r.Members[0].ErrorCode != 0 {
		t.Fatalf("a pending member leaves: %+v", r)
	}
	got[*kmsg.JoinGroupResponse](w, rejoin)
}

func TestNewMemberThatNeverComesBack(t *testing.T) {
	w := newWorld(t, Config{})
	r := joinReq(3, "", "range")
	r.SessionTimeoutMillis, r.RebalanceTimeoutMillis = 10_000, 3_600_000
	ids := w.stable(1)
	// The other heartbeats on, and never joins: the new one is let go after five minutes.
	token := w.send(joinReq(9, ids[0], "range"))
	got[*kmsg.JoinGroupResponse](w, token)
	w.send(syncReq(5, 2, ids[0], ids[0], "x"))
	w.c.partitions[0].byID["g"].members[0].rebalanceMicros = 3600 * second
	late := w.send(r)
	for range 61 {
		w.wait(5 * second)
		w.send(heartbeatReq(2, ids[0]))
	}
	expect(t, "a JoinGroup that waited too long", got[*kmsg.JoinGroupResponse](w, late).ErrorCode, kerr.UnknownMemberID)
}

func TestRequestsThatAreAskedTwice(t *testing.T) {
	w := newWorld(t, Config{})
	a, first := w.newMember("range")
	second_ := w.send(joinReq(9, a, "range"))
	expect(t, "the first JoinGroup", got[*kmsg.JoinGroupResponse](w, first).ErrorCode, kerr.RebalanceInProgress)
	b, joinB := w.newMember("range")
	w.wait(7 * second)
	got[*kmsg.JoinGroupResponse](w, second_)
	got[*kmsg.JoinGroupResponse](w, joinB)
	sync := w.send(syncReq(5, 1, b))
	again := w.send(syncReq(5, 1, b))
	expect(t, "the first SyncGroup", got[*kmsg.SyncGroupResponse](w, sync).ErrorCode, kerr.RebalanceInProgress)
	lost := ask[*kmsg.JoinGroupResponse](w, joinReq(9, b, "range")) // its answer got lost
	expect(t, "the second SyncGroup", got[*kmsg.SyncGroupResponse](w, again).ErrorCode, kerr.RebalanceInProgress)
	if lost.Generation != 1 || lost.ErrorCode != 0 {
		t.Fatalf("asked again in the same generation: %+v", lost)
	}
	w.state(CompletingRebalance)
	changed := w.send(joinReq(9, b, "range", "sticky")) // now it says something else
	w.unanswered(changed)
	w.state(PreparingRebalance)
}

func TestStoringTheAssignmentFails(t *testing.T) {
	for _, c := range []struct{ cause, want *kerr.Error }{
		{kerr.NotEnoughReplicas, kerr.CoordinatorNotAvailable},
		{kerr.RequestTimedOut, kerr.CoordinatorNotAvailable},
		{kerr.NotLeaderForPartition, kerr.NotCoordinator},
	} {
		w := newWorld(t, Config{})
		a, join := w.newMember("range")
		w.wait(4 * second)
		got[*kmsg.JoinGroupResponse](w, join)
		w.fail = c.cause
		expect(t, c.cause.Message, ask[*kmsg.SyncGroupResponse](w, syncReq(5, 1, a, a, "x")).ErrorCode, c.want)
		w.state(PreparingRebalance)
	}
}

func TestSyncOfAnotherProtocol(t *testing.T) {
	w := newWorld(t, Config{})
	a, _ := w.newMember("range")
	w.wait(4 * second)
	r := syncReq(5, 1, a)
	r.Protocol = kmsg.StringPtr("sticky")
	expect(t, "another protocol", ask[*kmsg.SyncGroupResponse](w, r).ErrorCode, kerr.InconsistentGroupProtocol)
	r = syncReq(5, 1, a)
	r.ProtocolType = nil
	expect(t, "no type", ask[*kmsg.SyncGroupResponse](w, r).ErrorCode, kerr.InconsistentGroupProtocol)
	expect(t, "another generation", ask[*kmsg.SyncGroupResponse](w, syncReq(5, 2, a)).ErrorCode, kerr.IllegalGeneration)
	r = syncReq(4, 1, a, a, "x")
	r.Protocol, r.ProtocolType = nil, nil // does not say before v5
	expect(t, "v4", ask[*kmsg.SyncGroupResponse](w, r).ErrorCode, nil)
}

func TestLimitOfMembers(t *testing.T) {
	w := newWorld(t, Config{MaxMembers: 2, MaxGroups: 1})
	ids := w.stable(2)
	expect(t, "a third member", ask[*kmsg.JoinGroupResponse](w, joinReq(9, "", "range")).ErrorCode, kerr.GroupMaxSizeReached)
	r := joinReq(9, "", "range")
	r.Group = "h"
	expect(t, "a second group", ask[*kmsg.JoinGroupResponse](w, r).ErrorCode, kerr.CoordinatorNotAvailable)
	w.send(joinReq(9, ids[0], "range"))
	w.state(PreparingRebalance)
}
