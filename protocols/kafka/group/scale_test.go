package group

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/desk"
)

// crowd makes groups with members, all Stable, and returns the ids of the first group.
func crowd(t testing.TB, groups, members int) (*world, []string) {
	w := newWorld(t, Config{})
	var first []string
	tokens := make([][]uint64, groups)
	name := func(g int) string { return fmt.Sprint("g", g) }
	for g := range groups {
		for range members {
			r := joinReq(3, "", "range", "sticky")
			r.Group, r.SessionTimeoutMillis = name(g), 60_000
			tokens[g] = append(tokens[g], w.send(r))
		}
	}
	w.wait(7 * second)
	for g := range groups {
		var leader *kmsg.JoinGroupResponse
		for _, token := range tokens[g] {
			r := got[*kmsg.JoinGroupResponse](w, token)
			if r.LeaderID == r.MemberID {
				leader = r
				continue
			}
			s := syncReq(3, 1, r.MemberID)
			s.Group = name(g)
			w.send(s)
		}
		s := syncReq(3, 1, leader.MemberID)
		s.Group = name(g)
		for _, m := range leader.Members {
			if g == 0 {
				first = append(first, m.MemberID)
			}
			s.GroupAssignment = append(s.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{MemberID: m.MemberID, MemberAssignment: []byte("x")})
		}
		w.send(s)
	}
	for _, l := range w.c.Looks() {
		if l.State != Stable || len(l.Members) != members {
			t.Fatalf("%s is %v with %d members", l.ID, l.State, len(l.Members))
		}
	}
	return w, first
}

func TestManyMembersAndGroups(t *testing.T) {
	w, ids := crowd(t, 1, 5000)
	for range 20 {
		w.wait(3 * second)
		for _, id := range ids {
			r := heartbeatReq(1, id)
			r.Group = "g0"
			w.send(r)
		}
	}
	w.replies = map[uint64]kmsg.Response{}
	w.wait(60 * second) // all at once
	if l := w.group("g0"); l.State != Empty {
		t.Fatalf("%v, expected Empty", l.State)
	}
	w, _ = crowd(t, 300, 3)
	w.wait(100 * second)
}

// A tick at which nothing is due costs nothing, however many members there are.
func BenchmarkIdleTick(b *testing.B) {
	w, _ := crowd(b, 300, 10)
	for b.Loop() {
		w.c.Tick(w.now)
	}
}

func BenchmarkHeartbeat(b *testing.B) {
	w, ids := crowd(b, 1, 3000)
	r := heartbeatReq(1, ids[0])
	r.Group = "g0"
	i := 0
	for b.Loop() {
		r.MemberID = ids[i%len(ids)]
		i++
		w.c.Handle(w.now, 1, "", "", r)
		for _, ok := w.c.Poll(); ok; _, ok = w.c.Poll() {
		}
	}
}

func BenchmarkOffsetCommit(b *testing.B) {
	w := newWorld(b, Config{})
	r := commitReq(-1, "", 1)
	b.ReportAllocs()
	for b.Loop() {
		w.c.Handle(w.now, 1, "", "", r)
		for e, ok := w.c.Poll(); ok; e, ok = w.c.Poll() {
			if e, ok := e.(desk.Append); ok {
				w.c.Appended(w.now, e.ID, nil)
			}
		}
	}
}
