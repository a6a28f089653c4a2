package group

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func staticJoin(version int16, instance string, protocols ...string) *kmsg.JoinGroupRequest {
	r := joinReq(version, "", protocols...)
	r.InstanceID = kmsg.StringPtr(instance)
	return r
}

// staticPair makes a Stable group of two static members, i and j, and returns their ids.
func staticPair(w *world) (i, j string) {
	w.t.Helper()
	joinI, joinJ := w.send(staticJoin(9, "i", "range")), w.send(staticJoin(9, "j", "range"))
	w.wait(7 * second)
	i, j = got[*kmsg.JoinGroupResponse](w, joinI).MemberID, got[*kmsg.JoinGroupResponse](w, joinJ).MemberID
	w.send(syncReq(5, 1, j))
	w.send(syncReq(5, 1, i, i, "of i", j, "of j"))
	w.state(Stable)
	return i, j
}

func TestStaticMemberComesBack(t *testing.T) {
	w := newWorld(t, Config{})
	i, j := staticPair(w)

	back := ask[*kmsg.JoinGroupResponse](w, staticJoin(9, "j", "range"))
	if back.ErrorCode != 0 || back.Generation != 1 || back.MemberID == j || back.LeaderID != i || back.SkipAssignment || len(back.Members) != 0 {
		t.Fatalf("a follower that comes back is told %+v", back)
	}
	w.state(Stable)
	if r := ask[*kmsg.SyncGroupResponse](w, syncReq(5, 1, back.MemberID)); string(r.MemberAssignment) != "of j" {
		t.Fatalf("and is assigned %+v", r)
	}

	old := heartbeatReq(1, j)
	old.InstanceID = kmsg.StringPtr("j")
	expect(t, "its old life", ask[*kmsg.HeartbeatResponse](w, old).ErrorCode, kerr.FencedInstanceID)
	oldCommit := commitReq(1, j, 1)
	oldCommit.InstanceID = kmsg.StringPtr("j")
	expect(t, "a commit of its old life", ask[*kmsg.OffsetCommitResponse](w, oldCommit).Topics[0].Partitions[0].ErrorCode, kerr.FencedInstanceID)
	oldJoin := joinReq(9, j, "range")
	oldJoin.InstanceID = kmsg.StringPtr("j")
	expect(t, "a join of its old life", ask[*kmsg.JoinGroupResponse](w, oldJoin).ErrorCode, kerr.FencedInstanceID)

	// The new id is written down: a new coordinator knows it.
	after := w.reload()
	expect(t, "after a reload", ask[*kmsg.HeartbeatResponse](after, heartbeatReq(1, back.MemberID)).ErrorCode, nil)
}

func TestStaticLeaderComesBack(t *testing.T) {
	w := newWorld(t, Config{})
	i, _ := staticPair(w)
	back := ask[*kmsg.JoinGroupResponse](w, staticJoin(9, "i", "range"))
	if back.LeaderID != back.MemberID || !back.SkipAssignment || len(back.Members) != 2 {
		t.Fatalf("from v9 a leader is told to skip the assignment: %+v", back)
	}
	older := ask[*kmsg.JoinGroupResponse](w, staticJoin(8, "i", "range"))
	if older.LeaderID != back.MemberID || older.MemberID == back.MemberID || older.SkipAssignment || len(older.Members) != 0 {
		t.Fatalf("before, it is not told that it leads: %+v", older)
	}
	_ = i
	w.state(Stable)
}

func TestStaticMemberWithAnotherProtocolRebalances(t *testing.T) {
	w := newWorld(t, Config{})
	r := w.send(staticJoin(9, "i", "range", "sticky"))
	w.wait(4 * second)
	i := got[*kmsg.JoinGroupResponse](w, r).MemberID
	w.send(syncReq(5, 1, i, i, "x"))
	w.state(Stable)
	back := ask[*kmsg.JoinGroupResponse](w, staticJoin(9, "i", "sticky", "range"))
	if back.Generation != 2 || *back.Protocol != "sticky" {
		t.Fatalf("a new wish: %+v", back)
	}
}

func TestStaticMemberTakesItsOwnWaitingPlace(t *testing.T) {
	w := newWorld(t, Config{})
	first := w.send(staticJoin(9, "i", "range"))
	second_ := w.send(staticJoin(9, "i", "range"))
	expect(t, "the old life's JoinGroup", got[*kmsg.JoinGroupResponse](w, first).ErrorCode, kerr.FencedInstanceID)
	w.wait(4 * second)
	id := got[*kmsg.JoinGroupResponse](w, second_).MemberID
	w.hold = true
	sync := syncReq(5, 1, id, id, "x")
	sync.InstanceID = kmsg.StringPtr("i")
	token := w.send(sync)
	third := w.send(staticJoin(9, "i", "range")) // the assignment on its way is for an id that is no more
	expect(t, "the old life's SyncGroup", got[*kmsg.SyncGroupResponse](w, token).ErrorCode, kerr.FencedInstanceID)
	if r := got[*kmsg.JoinGroupResponse](w, third); r.Generation != 2 {
		t.Fatalf("the next generation: %+v", r)
	}
	w.land()
	w.drain()
	w.state(CompletingRebalance)
}

func TestWritingTheNewLifeFails(t *testing.T) {
	w := newWorld(t, Config{})
	_, j := staticPair(w)
	w.fail = kerr.NotEnoughReplicas
	expect(t, "the write fails", ask[*kmsg.JoinGroupResponse](w, staticJoin(9, "j", "range")).ErrorCode, kerr.CoordinatorNotAvailable)
	w.fail = nil
	if r := ask[*kmsg.JoinGroupResponse](w, staticJoin(9, "j", "range")); r.ErrorCode != 0 || r.MemberID == j || r.Generation != 1 {
		t.Fatalf("asked again: %+v", r)
	}
}

func TestRebalanceWhileTheNewLifeIsWritten(t *testing.T) {
	w := newWorld(t, Config{})
	i, _ := staticPair(w)
	w.hold = true
	back := w.send(staticJoin(9, "j", "range"))
	w.unanswered(back)
	leader := w.send(joinReq(9, i, "range")) // everybody is there
	if r := got[*kmsg.JoinGroupResponse](w, leader); r.Generation != 2 {
		t.Fatalf("the leader joins again: %+v", r)
	}
	if r := got[*kmsg.JoinGroupResponse](w, back); r.Generation != 2 {
		t.Fatalf("who comes back takes part: %+v", r)
	}
	w.land()
	w.drain()
}

func TestStaticMembersAreExpectedBack(t *testing.T) {
	w := newWorld(t, Config{})
	long := staticJoin(9, "i", "range")
	long.SessionTimeoutMillis = 300_000
	joinI := w.send(long)
	w.wait(4 * second)
	i := got[*kmsg.JoinGroupResponse](w, joinI).MemberID
	w.send(syncReq(5, 1, i, i, "x"))
	b := ask[*kmsg.JoinGroupResponse](w, joinReq(9, "", "range")).MemberID
	joinB := w.send(joinReq(9, b, "range"))
	w.wait(31 * second) // i does not rejoin
	r := got[*kmsg.JoinGroupResponse](w, joinB)
	if r.ErrorCode != 0 || r.LeaderID != b || len(r.Members) != 2 {
		t.Fatalf("b leads, and i is still a member: %+v", r)
	}

	// An administrator removes it.
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Version, leave.Group = 3, "g"
	leave.Members = []kmsg.LeaveGroupRequestMember{{InstanceID: kmsg.StringPtr("i")}, {InstanceID: kmsg.StringPtr("i")}, {MemberID: "old", InstanceID: kmsg.StringPtr("i")}}
	left := ask[*kmsg.LeaveGroupResponse](w, leave)
	expect(t, "removed", left.Members[0].ErrorCode, nil)
	expect(t, "removed twice", left.Members[1].ErrorCode, kerr.UnknownMemberID)
	expect(t, "removed by an old id", left.Members[2].ErrorCode, kerr.UnknownMemberID)
	w.state(PreparingRebalance)
}

func TestAllStaticMembersAway(t *testing.T) {
	w := newWorld(t, Config{})
	i, j := staticPair(w)
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Version, leave.Group = 3, "g"
	leave.Members = []kmsg.LeaveGroupRequestMember{{MemberID: j, InstanceID: kmsg.StringPtr("j")}}
	ask[*kmsg.LeaveGroupResponse](w, leave)
	for range 12 { // i is alive, and slow to rejoin
		w.wait(5 * second)
		expect(t, "heartbeat", ask[*kmsg.HeartbeatResponse](w, heartbeatReq(1, i)).ErrorCode, kerr.RebalanceInProgress)
	}
	w.state(PreparingRebalance)
	w.wait(60 * second)
	w.state(Empty)
}
