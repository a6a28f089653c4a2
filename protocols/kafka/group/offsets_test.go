package group

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// committed returns what OffsetFetch says about topic t, partition 0.
func committed(w *world, stable bool) kmsg.OffsetFetchResponseGroupTopicPartition {
	w.t.Helper()
	return ask[*kmsg.OffsetFetchResponse](w, fetchReq(stable, "t")).Groups[0].Topics[0].Partitions[0]
}

func TestCommitAndFetch(t *testing.T) {
	w := newWorld(t, Config{})
	ids := w.stable(1)
	w.hold = true
	token := w.send(commitReq(1, ids[0], 42))
	w.unanswered(token)
	if p := committed(w, false); p.Offset != -1 || p.LeaderEpoch != -1 || *p.Metadata != "" || p.ErrorCode != 0 {
		t.Fatalf("before it is replicated: %+v", p)
	}
	w.land()
	w.drain()
	w.hold = false
	expect(t, "commit", got[*kmsg.OffsetCommitResponse](w, token).Topics[0].Partitions[0].ErrorCode, nil)
	if p := committed(w, false); p.Offset != 42 || p.LeaderEpoch != 7 || *p.Metadata != "here" {
		t.Fatalf("then: %+v", p)
	}

	for _, c := range []struct {
		name string
		req  *kmsg.OffsetCommitRequest
		want *kerr.Error
	}{
		{"nobody", commitReq(-1, "", 1), kerr.UnknownMemberID},
		{"a stranger", commitReq(1, "who", 1), kerr.UnknownMemberID},
		{"an old generation", commitReq(0, ids[0], 1), kerr.IllegalGeneration},
		{"no generation", commitReq(-1, ids[0], 1), kerr.IllegalGeneration},
	} {
		expect(t, c.name, ask[*kmsg.OffsetCommitResponse](w, c.req).Topics[0].Partitions[0].ErrorCode, c.want)
	}
	w.wait(20 * second) // Empty now
	expect(t, "nobody, to an empty group", ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 50)).Topics[0].Partitions[0].ErrorCode, nil)
	expect(t, "a stranger, to an empty group", ask[*kmsg.OffsetCommitResponse](w, commitReq(1, "who", 1)).Topics[0].Partitions[0].ErrorCode, kerr.UnknownMemberID)
	other := commitReq(1, "who", 1)
	other.Group = "h"
	expect(t, "a generation of no group", ask[*kmsg.OffsetCommitResponse](w, other).Topics[0].Partitions[0].ErrorCode, kerr.IllegalGeneration)
	w.fail = kerr.MessageTooLarge
	expect(t, "too large", ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 60)).Topics[0].Partitions[0].ErrorCode, kerr.InvalidCommitOffsetSize)
	if p := committed(w, false); p.Offset != 50 {
		t.Fatalf("at the end: %+v", p)
	}
}

func TestEachPartitionHasItsOwnError(t *testing.T) {
	w := newWorld(t, Config{MaxOffsets: 2, MaxMetadataBytes: 10, Exists: func(topic string, partition int32) bool { return partition < 4 }})
	r := commitReq(-1, "", 1)
	r.Topics[0].Partitions = nil
	for i := range int32(5) {
		p := kmsg.NewOffsetCommitRequestTopicPartition()
		p.Partition, p.Offset = i, 10
		if i == 1 {
			p.Metadata = kmsg.StringPtr("eleven byte")
		}
		r.Topics[0].Partitions = append(r.Topics[0].Partitions, p)
	}
	resp := ask[*kmsg.OffsetCommitResponse](w, r)
	for i, want := range []*kerr.Error{nil, kerr.OffsetMetadataTooLarge, nil, kerr.InvalidCommitOffsetSize, kerr.UnknownTopicOrPartition} {
		expect(t, "partition", resp.Topics[0].Partitions[i].ErrorCode, want)
	}
}

func TestOlderVersionsOfFetch(t *testing.T) {
	w := newWorld(t, Config{})
	ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 42))
	for _, version := range []int16{0, 1, 2, 5, 7} {
		r := kmsg.NewPtrOffsetFetchRequest()
		r.Version, r.Group = version, "g"
		r.Topics = []kmsg.OffsetFetchRequestTopic{{Topic: "t", Partitions: []int32{0, 1}}}
		resp := ask[*kmsg.OffsetFetchResponse](w, r)
		if p := resp.Topics[0].Partitions; p[0].Offset != 42 || p[1].Offset != -1 || resp.ErrorCode != 0 {
			t.Fatalf("v%d: %+v", version, resp)
		}
		if version >= 2 {
			r.Topics = nil
			if all := ask[*kmsg.OffsetFetchResponse](w, r); len(all.Topics) != 1 || len(all.Topics[0].Partitions) != 1 {
				t.Fatalf("v%d, all topics: %+v", version, all)
			}
		}
	}
	w.c.Unload(0)
	r := kmsg.NewPtrOffsetFetchRequest()
	r.Version, r.Group = 1, "g"
	r.Topics = []kmsg.OffsetFetchRequestTopic{{Topic: "t", Partitions: []int32{0}}}
	expect(t, "v1 has errors in partitions", ask[*kmsg.OffsetFetchResponse](w, r).Topics[0].Partitions[0].ErrorCode, kerr.NotCoordinator)
	r.Version = 7
	expect(t, "v7 has one of its own", ask[*kmsg.OffsetFetchResponse](w, r).ErrorCode, kerr.NotCoordinator)
	expect(t, "v8 has one for each group", ask[*kmsg.OffsetFetchResponse](w, fetchReq(false, "t")).Groups[0].ErrorCode, kerr.NotCoordinator)
}

func TestOffsetsOfTransactions(t *testing.T) {
	w := newWorld(t, Config{})
	ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 10))
	expect(t, "in a transaction", ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(5, 20)).Topics[0].Partitions[0].ErrorCode, nil)
	if p := committed(w, false); p.Offset != 10 || p.ErrorCode != 0 {
		t.Fatalf("before the marker: %+v", p)
	}
	expect(t, "stable", committed(w, true).ErrorCode, kerr.UnstableOffsetCommit)
	w.marker(5, true)
	if p := committed(w, true); p.Offset != 20 || p.ErrorCode != 0 {
		t.Fatalf("after it: %+v", p)
	}
	ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(5, 30))
	w.marker(6, true) // of another producer
	expect(t, "stable", committed(w, true).ErrorCode, kerr.UnstableOffsetCommit)
	w.marker(5, false)
	if p := committed(w, true); p.Offset != 20 {
		t.Fatalf("after an abort: %+v", p)
	}
	// What was committed plainly after the transaction's offset is the later one.
	ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(5, 40))
	ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 50))
	w.marker(5, true)
	if p := committed(w, true); p.Offset != 50 {
		t.Fatalf("a plain commit came later: %+v", p)
	}

	r := txnReq(5, 1)
	r.MemberID, r.Generation = "who", 3
	expect(t, "a stranger", ask[*kmsg.TxnOffsetCommitResponse](w, r).Topics[0].Partitions[0].ErrorCode, kerr.UnknownMemberID)
	r = txnReq(-1, 1)
	expect(t, "no producer", ask[*kmsg.TxnOffsetCommitResponse](w, r).Topics[0].Partitions[0].ErrorCode, kerr.InvalidProducerIDMapping)
	w.fail = kerr.InvalidProducerEpoch
	expect(t, "fenced", ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(5, 1)).Topics[0].Partitions[0].ErrorCode, kerr.InvalidProducerEpoch)
	w.fail = nil
	ids := w.stable(1)
	r = txnReq(5, 60)
	r.MemberID, r.Generation = ids[0], 1
	expect(t, "a member", ask[*kmsg.TxnOffsetCommitResponse](w, r).Topics[0].Partitions[0].ErrorCode, nil)
	r.Generation = 0
	expect(t, "an old generation", ask[*kmsg.TxnOffsetCommitResponse](w, r).Topics[0].Partitions[0].ErrorCode, kerr.IllegalGeneration)
	expect(t, "before KIP-447", ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(6, 61)).Topics[0].Partitions[0].ErrorCode, nil)
}

// A commit that is accepted and not replicated yet belongs to what its group
// did before: who takes over its partition meanwhile must not read around it.
func TestCommitsOnTheirWayAreUnstable(t *testing.T) {
	for _, fail := range []*kerr.Error{nil, kerr.NotEnoughReplicas} {
		for _, c := range []struct {
			name string
			req  kmsg.Request
			left *kerr.Error // what a stable fetch is told when it has arrived
		}{
			{"plain", commitReq(-1, "", 42), nil},
			{"in a transaction", txnReq(5, 42), kerr.UnstableOffsetCommit},
		} {
			w := newWorld(t, Config{})
			ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 1))
			w.hold, w.fail = true, fail
			w.send(c.req)
			expect(t, c.name+", on its way", committed(w, true).ErrorCode, kerr.UnstableOffsetCommit)
			if p := committed(w, false); p.Offset != 1 || p.ErrorCode != 0 {
				t.Fatalf("%s, on its way: who does not ask for stable offsets gets %+v", c.name, p)
			}
			w.land()
			w.drain()
			if fail != nil {
				c.left = nil
			}
			expect(t, c.name+", arrived", committed(w, true).ErrorCode, c.left)
			w.marker(5, true)
			want := int64(42)
			if fail != nil {
				want = 1
			}
			if p := committed(w, true); p.Offset != want || len(w.c.partitions[0].coming) > 0 {
				t.Fatalf("%s, in the end: %+v", c.name, p)
			}
		}
	}
}

func TestDeleting(t *testing.T) {
	w := newWorld(t, Config{})
	ids := w.stable(1)
	ask[*kmsg.OffsetCommitResponse](w, commitReq(1, ids[0], 42))
	deletion := kmsg.NewPtrDeleteGroupsRequest()
	deletion.Version, deletion.Groups = 2, []string{"g", "h"}
	r := ask[*kmsg.DeleteGroupsResponse](w, deletion)
	expect(t, "delete a group in use", r.Groups[0].ErrorCode, kerr.NonEmptyGroup)
	expect(t, "delete no group", r.Groups[1].ErrorCode, kerr.GroupIDNotFound)

	del := func(topic string) *kmsg.OffsetDeleteResponse {
		r := kmsg.NewPtrOffsetDeleteRequest()
		r.Group = "g"
		r.Topics = []kmsg.OffsetDeleteRequestTopic{{Topic: topic, Partitions: []kmsg.OffsetDeleteRequestTopicPartition{{Partition: 0}}}}
		return ask[*kmsg.OffsetDeleteResponse](w, r)
	}
	expect(t, "a topic in use", del("t").Topics[0].Partitions[0].ErrorCode, kerr.GroupSubscribedToTopic)
	expect(t, "another topic", del("u").Topics[0].Partitions[0].ErrorCode, nil)
	w.wait(20 * second)
	expect(t, "of an empty group", del("t").Topics[0].Partitions[0].ErrorCode, nil)
	if p := committed(w, false); p.Offset != -1 {
		t.Fatalf("deleted, and still %+v", p)
	}

	ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 42))
	ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(5, 43))
	w.fail = kerr.NotEnoughReplicas
	expect(t, "not deleted", ask[*kmsg.DeleteGroupsResponse](w, deletion).Groups[0].ErrorCode, kerr.CoordinatorNotAvailable)
	w.state(Empty)
	w.fail, w.hold = nil, true
	token := w.send(deletion)
	w.state(Dead)
	expect(t, "joining a dying group", ask[*kmsg.JoinGroupResponse](w, joinReq(9, "", "range")).ErrorCode, kerr.CoordinatorNotAvailable)
	expect(t, "committing to it", ask[*kmsg.OffsetCommitResponse](w, commitReq(-1, "", 1)).Topics[0].Partitions[0].ErrorCode, kerr.CoordinatorNotAvailable)
	w.land()
	w.drain()
	w.hold = false
	expect(t, "deleted", got[*kmsg.DeleteGroupsResponse](w, token).Groups[0].ErrorCode, nil)
	w.marker(5, true) // too late
	for _, w := range []*world{w, w.reload()} {
		if p := committed(w, true); p.Offset != -1 || len(w.c.Looks()) != 0 || w.c.groups != 0 {
			t.Fatalf("deleted, and still %+v, %+v", p, w.c.Looks())
		}
	}
}

func TestExpiry(t *testing.T) {
	const day = 24 * 3600 * second
	w := newWorld(t, Config{})
	alive := func(ids []string, micros int64) {
		for end := w.now + micros; w.now < end; w.wait(1000 * second) {
			w.send(heartbeatReq(1, ids[0]))
		}
	}
	r := joinReq(9, "", "range")
	r.SessionTimeoutMillis = 1_800_000
	id := ask[*kmsg.JoinGroupResponse](w, r).MemberID
	r.MemberID = id
	w.send(r)
	w.wait(4 * second)
	w.send(syncReq(5, 1, id, id, "x"))
	ask[*kmsg.OffsetCommitResponse](w, commitReq(1, id, 42))
	other := commitReq(1, id, 43)
	other.Topics[0].Topic = "u" // which nobody in the group reads
	ask[*kmsg.OffsetCommitResponse](w, other)
	alive([]string{id}, 8*day)
	resp := ask[*kmsg.OffsetFetchResponse](w, fetchReq(false, "t", "u")).Groups[0].Topics
	if resp[0].Partitions[0].Offset != 42 || resp[1].Partitions[0].Offset != -1 {
		t.Fatalf("after 8 days: %+v", resp)
	}
	w.wait(1900 * second)
	w.state(Empty)
	w.wait(6 * day)
	if p := committed(w, false); p.Offset != 42 {
		t.Fatalf("6 days after the last member: %+v", p)
	}
	w.wait(2 * day)
	if p := committed(w, false); p.Offset != -1 || len(w.c.Looks()) != 0 {
		t.Fatalf("8 days after the last member: %+v", p)
	}
	if w.c.Deadline() != 1<<63-1 {
		w.wait(3600 * second)
	}
	if len(w.reload().c.Looks()) != 0 || w.c.Deadline() != 1<<63-1 {
		t.Fatalf("nothing is left, but there is a deadline at %d", w.c.Deadline())
	}
	// A client of old says itself how long.
	short := commitReq(-1, "", 1)
	short.Version, short.RetentionTimeMillis = 4, 3_600_000
	ask[*kmsg.OffsetCommitResponse](w, short)
	w.wait(3500 * second)
	if p := committed(w.reload(), false); p.Offset != 1 {
		t.Fatalf("before its time: %+v", p)
	}
	w.wait(800 * second)
	if p := committed(w, false); p.Offset != -1 {
		t.Fatalf("after its time: %+v", p)
	}
}

func TestLoadingAndUnloading(t *testing.T) {
	w := newWorld(t, Config{})
	ids := w.stable(2)
	ask[*kmsg.OffsetCommitResponse](w, commitReq(1, ids[0], 42))
	ask[*kmsg.TxnOffsetCommitResponse](w, txnReq(5, 43))
	before := w.group("g")

	fresh := newWorld(t, w.config)
	fresh.c = New(w.config)
	expect(t, "not led", ask[*kmsg.HeartbeatResponse](fresh, heartbeatReq(1, ids[0])).ErrorCode, kerr.NotCoordinator)
	for _, b := range w.log {
		fresh.c.Load(0, 0, b)
	}
	expect(t, "heartbeat while loading", ask[*kmsg.HeartbeatResponse](fresh, heartbeatReq(1, ids[0])).ErrorCode, nil)
	expect(t, "sync while loading", ask[*kmsg.SyncGroupResponse](fresh, syncReq(5, 1, ids[0])).ErrorCode, kerr.RebalanceInProgress)
	expect(t, "join while loading", ask[*kmsg.JoinGroupResponse](fresh, joinReq(9, "", "range")).ErrorCode, kerr.CoordinatorLoadInProgress)
	expect(t, "commit while loading", ask[*kmsg.OffsetCommitResponse](fresh, commitReq(1, ids[0], 1)).Topics[0].Partitions[0].ErrorCode, kerr.CoordinatorLoadInProgress)
	expect(t, "list while loading", ask[*kmsg.ListGroupsResponse](fresh, kmsg.NewPtrListGroupsRequest()).ErrorCode, kerr.CoordinatorLoadInProgress)
	old := txnReq(5, 1)
	old.Version = 1
	expect(t, "an old transaction while loading", ask[*kmsg.TxnOffsetCommitResponse](fresh, old).Topics[0].Partitions[0].ErrorCode, kerr.CoordinatorNotAvailable)
	fresh.c.Marker(0, 0, 5, true)
	fresh.c.Loaded(0, 0, 2)
	after := fresh.group("g")
	if after.State != Stable || after.Generation != before.Generation || after.Leader != before.Leader || len(after.Members) != 2 || string(after.Members[1].Assignment) != "of "+ids[1] {
		t.Fatalf("loaded %+v, was %+v", after, before)
	}
	if p := committed(fresh, true); p.Offset != 43 {
		t.Fatalf("a marker that came while loading: %+v", p)
	}

	join, other := fresh.send(joinReq(9, ids[0], "range")), ask[*kmsg.JoinGroupResponse](fresh, joinReq(9, "", "range"))
	expect(t, "a new member", other.ErrorCode, kerr.MemberIDRequired)
	fresh.hold = true
	empty := commitReq(-1, "", 1)
	empty.Group = "h"
	commit := fresh.send(empty)
	fresh.c.Unload(0)
	fresh.drain()
	expect(t, "who waits to join", got[*kmsg.JoinGroupResponse](fresh, join).ErrorCode, kerr.NotCoordinator)
	expect(t, "who waits to commit", got[*kmsg.OffsetCommitResponse](fresh, commit).Topics[0].Partitions[0].ErrorCode, kerr.NotCoordinator)
	fresh.land() // too late
	fresh.drain()
	if fresh.c.groups != 0 || fresh.c.Deadline() != 1<<63-1 || fresh.c.desk.Writes() != 0 {
		t.Fatalf("unloaded, and %d groups are left, a deadline at %d, %d writes", fresh.c.groups, fresh.c.Deadline(), fresh.c.desk.Writes())
	}
}

func TestWhatAdministratorsSee(t *testing.T) {
	w := newWorld(t, Config{})
	ids := w.stable(1)
	ask[*kmsg.OffsetCommitResponse](w, func() *kmsg.OffsetCommitRequest { r := commitReq(-1, "", 1); r.Group = "h"; return r }())
	d := kmsg.NewPtrDescribeGroupsRequest()
	d.Version, d.Groups, d.IncludeAuthorizedOperations = 5, []string{"g", "h", "i"}, true
	r := ask[*kmsg.DescribeGroupsResponse](w, d)
	g, h, i := r.Groups[0], r.Groups[1], r.Groups[2]
	if g.State != "Stable" || g.Protocol != "range" || g.ProtocolType != "consumer" || len(g.Members) != 1 || g.Members[0].MemberID != ids[0] ||
		string(g.Members[0].MemberAssignment) != "of "+ids[0] || g.Members[0].ClientHost != "/10.0.0.1" || g.AuthorizedOperations != 328 {
		t.Fatalf("g: %+v", g)
	}
	if h.State != "Empty" || i.State != "Dead" || i.ErrorCode != 0 {
		t.Fatalf("h: %+v, i: %+v", h, i)
	}
	d.Version = 6
	expect(t, "v6", ask[*kmsg.DescribeGroupsResponse](w, d).Groups[2].ErrorCode, kerr.GroupIDNotFound)

	l := kmsg.NewPtrListGroupsRequest()
	l.Version = 5
	if all := ask[*kmsg.ListGroupsResponse](w, l); len(all.Groups) != 2 || all.Groups[0].Group != "g" || all.Groups[0].GroupState != "Stable" || all.Groups[0].GroupType != "classic" {
		t.Fatalf("all: %+v", all)
	}
	l.StatesFilter = []string{"empty"}
	if some := ask[*kmsg.ListGroupsResponse](w, l); len(some.Groups) != 1 || some.Groups[0].Group != "h" {
		t.Fatalf("empty ones: %+v", some)
	}
	l.StatesFilter, l.TypesFilter = nil, []string{"consumer"}
	if none := ask[*kmsg.ListGroupsResponse](w, l); len(none.Groups) != 0 {
		t.Fatalf("those of the newer protocol: %+v", none)
	}
	w.send(joinReq(9, "", "range"))
	w.send(joinReq(9, ids[0], "range"))
	d.Groups = d.Groups[:1]
	if g := ask[*kmsg.DescribeGroupsResponse](w, d).Groups[0]; g.State != "PreparingRebalance" || g.Protocol != "" || g.Members[0].ProtocolMetadata != nil {
		t.Fatalf("in a rebalance: %+v", g)
	}
}
