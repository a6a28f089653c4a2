package group

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/prototest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// chaos plays clients that do whatever luck says, and checks what must always hold.
type chaos struct {
	*world
	draw    func(n int) int // luck
	clients []*chaosClient
	last    map[string]int32 // generation of each group
	tags    int
}

type chaosClient struct {
	group, member string
	instance      *string
	generation    int32
	leads         []string // the members, if it leads
	joining       uint64   // tokens
	syncing       uint64
}

func newChaos(t testing.TB, draw func(n int) int) *chaos {
	x := &chaos{world: newWorld(t, Config{MaxOffsets: 6, MaxMembers: 5, ExpiryIntervalMicros: 24 * 3600 * second}), draw: draw, last: map[string]int32{}}
	for i := range 7 {
		c := &chaosClient{group: []string{"g", "h"}[i%2], generation: -1}
		if i >= 4 {
			c.instance = kmsg.StringPtr(fmt.Sprint("i", i/6))
		}
		x.clients = append(x.clients, c)
	}
	return x
}

func (x *chaos) step() {
	c := x.clients[x.draw(len(x.clients))]
	switch x.draw(20) {
	case 0, 1, 2:
		r := joinReq(int16(x.draw(10)), c.member, []string{"range", "sticky"}[x.draw(2)], "roundrobin")
		r.Group, r.InstanceID = c.group, c.instance
		if x.draw(4) == 0 {
			r.MemberID = ""
		}
		c.joining = x.send(r)
	case 3, 4, 5:
		r := syncReq(3, c.generation, c.member)
		r.Group, r.InstanceID = c.group, c.instance
		for _, id := range c.leads {
			x.tags++
			r.GroupAssignment = append(r.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{MemberID: id,
				MemberAssignment: fmt.Appendf(nil, "%s %d %s %d", c.group, c.generation, id, x.tags)})
		}
		c.syncing = x.send(r)
	case 6, 7:
		r := heartbeatReq(c.generation, c.member)
		r.Group, r.InstanceID = c.group, c.instance
		x.send(r)
	case 8:
		r := kmsg.NewPtrLeaveGroupRequest()
		r.Version, r.Group, r.Members = 3, c.group, []kmsg.LeaveGroupRequestMember{{MemberID: c.member, InstanceID: c.instance}}
		x.send(r)
	case 9, 10:
		r := commitReq(c.generation, c.member, int64(x.draw(1000)))
		r.Group, r.InstanceID = c.group, c.instance
		r.Topics[0].Partitions[0].Partition = int32(x.draw(3))
		if x.draw(2) == 0 {
			r.Generation, r.MemberID, r.InstanceID = -1, "", nil
		}
		x.send(r)
	case 11, 12:
		r := txnReq(int64(x.draw(3)), int64(x.draw(1000)))
		r.Group = c.group
		r.Topics[0].Partitions[0].Partition = int32(x.draw(3))
		x.send(r)
	case 13:
		x.landAll()
		x.marker(int64(x.draw(3)), x.draw(2) == 0)
	case 14:
		if x.draw(4) == 0 {
			r := kmsg.NewPtrDeleteGroupsRequest()
			r.Groups = []string{c.group}
			x.send(r)
		} else {
			r := kmsg.NewPtrOffsetDeleteRequest()
			r.Group = c.group
			r.Topics = []kmsg.OffsetDeleteRequestTopic{{Topic: "t", Partitions: []kmsg.OffsetDeleteRequestTopicPartition{{Partition: int32(x.draw(3))}}}}
			x.send(r)
		}
	case 15:
		x.wait([]int64{second / 10, second, 5 * second, 20 * second, 9 * 24 * 3600 * second}[x.draw(20)%5%(1+x.draw(5))])
	case 16:
		if x.hold = x.draw(2) == 0; !x.hold {
			x.landAll()
		}
	case 17:
		x.fail = []*kerr.Error{nil, nil, nil, kerr.NotEnoughReplicas}[x.draw(4)]
	case 18:
		if len(x.flying) > 0 {
			x.land()
			x.drain()
		}
	case 19:
		if x.draw(8) == 0 { // another coordinator takes over
			x.c.Unload(0)
			x.drain()
			x.flying = nil
			fresh := x.reload()
			x.c = fresh.c
			clear(x.last) // generations that were never written down come again
		}
	}
	for _, c := range x.clients {
		x.hear(c)
	}
	x.compare()
}

func (x *chaos) landAll() {
	for len(x.flying) > 0 {
		x.land()
		x.drain()
	}
}

// hear lets a client take in the answers that came.
func (x *chaos) hear(c *chaosClient) {
	if r, ok := x.replies[c.joining].(*kmsg.JoinGroupResponse); ok {
		delete(x.replies, c.joining)
		switch r.ErrorCode {
		case 0:
			c.member, c.generation, c.leads = r.MemberID, r.Generation, nil
			for _, m := range r.Members {
				if slices.Contains(c.leads, m.MemberID) {
					x.t.Fatalf("member %s is there twice: %+v", m.MemberID, r)
				}
				c.leads = append(c.leads, m.MemberID)
			}
			if r.LeaderID == r.MemberID && !slices.Contains(c.leads, r.MemberID) || r.LeaderID != r.MemberID && len(c.leads) > 0 {
				x.t.Fatalf("who leads? %+v", r)
			}
		case kerr.MemberIDRequired.Code:
			c.member, c.generation = r.MemberID, -1
		case kerr.UnknownMemberID.Code, kerr.FencedInstanceID.Code:
			c.member, c.generation = "", -1
		}
	}
	if r, ok := x.replies[c.syncing].(*kmsg.SyncGroupResponse); ok {
		delete(x.replies, c.syncing)
		mine := fmt.Sprintf("%s %d %s ", c.group, c.generation, c.member)
		if c.instance != nil { // a new life has the assignment of the old one
			mine = fmt.Sprintf("%s %d %s-", c.group, c.generation, *c.instance)
		}
		if r.ErrorCode == 0 && len(r.MemberAssignment) > 0 &&
			!strings.HasPrefix(string(r.MemberAssignment), mine) {
			x.t.Fatalf("assigned %q, but this is %q", r.MemberAssignment, mine)
		}
	}
}

// compare checks the groups, and the offsets against those of a new coordinator
// that loads the log, and of a twin that reads it in its own way.
func (x *chaos) compare() {
	twin := readLog(x.t, x.log)
	fresh := x.reload()
	generations := map[string]int32{}
	for _, g := range x.c.Looks() {
		seen := map[string]bool{}
		for _, m := range g.Members {
			if seen[m.ID] || m.Instance != "" && seen["instance "+m.Instance] {
				x.t.Fatalf("a member is there twice: %+v", g)
			}
			seen[m.ID], seen["instance "+m.Instance] = true, true
		}
		if populated := len(g.Members) > 0; populated != (g.State == CompletingRebalance || g.State == Stable) && g.State != PreparingRebalance {
			x.t.Fatalf("%v with %d members", g.State, len(g.Members))
		}
		if g.Generation < x.last[g.ID] && g.Generation > 0 {
			x.t.Fatalf("generation %d after %d", g.Generation, x.last[g.ID])
		}
		generations[g.ID] = g.Generation
		loaded := fresh.group(g.ID)
		if g.State == Stable && len(x.flying) == 0 && x.fail == nil {
			if loaded.State != Stable || loaded.Generation != g.Generation {
				x.t.Fatalf("%+v is loaded as %+v", g, loaded)
			}
		}
		if loaded.Generation > g.Generation {
			x.t.Fatalf("generation %d was loaded, but only %d has been", loaded.Generation, g.Generation)
		}
	}
	x.last = generations // a group that is no more begins anew
	for _, id := range []string{"g", "h"} {
		for p := range int32(3) {
			want, found := twin[position{id, p}]
			if !found {
				want = -1
			}
			if a, b := x.c.Committed(id, "t", p), fresh.c.Committed(id, "t", p); a != want || b != want {
				x.t.Fatalf("group %s, partition %d: the coordinator says %d, a new one %d, the log %d", id, p, a, b, want)
			}
		}
	}
}

// readLog returns the offsets of topic t by group and partition, from the log
// alone: what was committed by each record, unless a transaction's abort or a
// tombstone took it back, in the order of the log.
func readLog(t testing.TB, log [][]byte) map[position]int64 {
	type entry struct {
		group    position
		offset   int64 // -1: a tombstone
		producer int64 // -1: none
		counts   bool
	}
	var entries []entry
	for _, b := range log {
		h, _, err := batch.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if h.Control() {
			m, _ := batch.ParseMarker(b)
			for i := range entries {
				if e := &entries[i]; e.producer == h.ProducerID {
					e.producer, e.counts = -1, m.Commit
				}
			}
			continue
		}
		records, err := batch.Records(nil, b, batch.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			var key kmsg.OffsetCommitKey
			var value kmsg.OffsetCommitValue
			if r.Key[1] != 1 || key.ReadFrom(r.Key) != nil {
				continue
			}
			e := entry{group: position{key.Group, key.Partition}, offset: -1, producer: -1, counts: !h.Transactional()}
			if h.Transactional() {
				e.producer = h.ProducerID
			}
			if r.Value == nil {
				for i := range entries {
					if entries[i].group == e.group {
						entries[i].producer, entries[i].counts = -1, false
					}
				}
			} else if err := value.ReadFrom(r.Value); err != nil {
				t.Fatal(err)
			} else {
				e.offset = value.Offset
			}
			entries = append(entries, e)
		}
	}
	offsets := map[position]int64{}
	for _, e := range entries {
		if e.counts && e.offset >= 0 {
			offsets[e.group] = e.offset
		} else if e.counts {
			delete(offsets, e.group)
		}
	}
	return offsets
}

// finish lets everything come to an end.
func (x *chaos) finish() {
	x.hold, x.fail = false, nil
	x.landAll()
	x.wait(3600 * second)
	if len(x.asked) > 0 {
		x.t.Fatalf("%d requests are never answered", len(x.asked))
	}
	for _, p := range x.c.partitions {
		if x.c.desk.Writes() > 0 {
			x.t.Fatalf("%d writes are left", x.c.desk.Writes())
		}
		if len(p.coming) > 0 {
			x.t.Fatalf("commits that never arrive: %v", p.coming)
		}
		for _, g := range p.groups {
			if g.joining != 0 || len(g.members)+len(g.pending)+len(g.backers)+len(g.static)+len(g.byID) > 0 {
				x.t.Fatalf("an hour later, a group still has members: %+v", g)
			}
		}
	}
}

func game(t testing.TB, draw func(n int) int) (step, finish func()) {
	x := newChaos(t, draw)
	return x.step, x.finish
}

func TestRandomClients(t *testing.T) { prototest.PlayRandom(t, 60, 300, game) }

// FuzzRequests lets the fuzzer be the luck.
func FuzzRequests(f *testing.F) { prototest.PlayFuzzed(f, 300, game) }
