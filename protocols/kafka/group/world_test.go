package group

import (
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const second = 1_000_000

// world is a coordinator with the log that it writes to, and its clients.
type world struct {
	t       testing.TB
	c       *Coordinator
	config  Config
	now     int64
	luck    uint64
	token   uint64
	replies map[uint64]kmsg.Response
	asked   map[uint64]bool
	log     [][]byte // of the one partition, in order
	flying  []flight // Appends that are not reported yet
	hold    bool     // leave them flying
	fail    *kerr.Error
}

// flight is an Append on its way into the log.
type flight struct {
	desk.Append
	err *kerr.Error
}

func newWorld(t testing.TB, config Config) *world {
	w := &world{t: t, replies: map[uint64]kmsg.Response{}, asked: map[uint64]bool{}}
	config.Partitions = 1
	config.Rand = func() uint64 { w.luck += 0x9e3779b97f4a7c15; return w.luck * (w.luck>>7 | 1) }
	config.Wall = func(now int64) int64 { return 1_700_000_000_000 + now/1000 }
	w.config = config
	w.c = New(config)
	w.c.Loaded(0, 0, 1)
	return w
}

// drain takes all events, and reports appends as they come unless they are held.
func (w *world) drain() {
	for {
		e, ok := w.c.Poll()
		if !ok {
			return
		}
		switch e := e.(type) {
		case desk.Reply:
			if !w.asked[e.Token] {
				w.t.Fatalf("token %d is answered, but not asked, or answered twice", e.Token)
			}
			delete(w.asked, e.Token)
			w.replies[e.Token] = e.Resp
			e.Resp.AppendTo(nil)
		case desk.Append:
			if _, size, err := batch.Parse(e.Batch); err != nil || size != len(e.Batch) {
				w.t.Fatalf("the batch to append is none: %v", err)
			}
			w.flying = append(w.flying, flight{e, w.fail})
			if !w.hold {
				w.land()
			}
		}
	}
}

// land reports the oldest append.
func (w *world) land() {
	f := w.flying[0]
	w.flying = w.flying[1:]
	if f.err == nil {
		w.log = append(w.log, f.Batch)
	}
	w.c.Appended(w.now, f.ID, f.err)
}

// send sends a request, and returns its token.
func (w *world) send(req kmsg.Request) uint64 {
	w.token++
	w.asked[w.token] = true
	w.c.Handle(w.now, w.token, "client", "/10.0.0.1", req)
	w.drain()
	return w.token
}

// wait lets time pass.
func (w *world) wait(micros int64) {
	end := w.now + micros
	for w.c.Deadline() <= end {
		w.now = max(w.now, w.c.Deadline())
		w.c.Tick(w.now)
		w.drain()
	}
	w.now = end
}

// reload starts a coordinator from the log.
func (w *world) reload() *world {
	fresh := newWorld(w.t, w.config)
	fresh.now, fresh.luck, fresh.log = w.now, w.luck, w.log
	fresh.c = New(w.config)
	for _, b := range w.log {
		fresh.c.Load(w.now, 0, b)
	}
	fresh.c.Loaded(w.now, 0, 2)
	return fresh
}

// ask sends a request that is answered at once.
func ask[R kmsg.Response](w *world, req kmsg.Request) R {
	w.t.Helper()
	return got[R](w, w.send(req))
}

// got returns the answer to a token.
func got[R kmsg.Response](w *world, token uint64) R {
	w.t.Helper()
	resp, ok := w.replies[token].(R)
	if !ok {
		w.t.Fatalf("no answer to token %d", token)
	}
	return resp
}

func (w *world) unanswered(token uint64) {
	w.t.Helper()
	if !w.asked[token] {
		w.t.Fatalf("token %d is answered with %+v, too early", token, w.replies[token])
	}
}

func (w *world) state(want State) {
	w.t.Helper()
	g := w.group("g")
	if g.State != want {
		w.t.Fatalf("the group is %v, expected %v", g.State, want)
	}
}

func (w *world) group(id string) Look {
	for _, g := range w.c.Looks() {
		if g.ID == id {
			return g
		}
	}
	return Look{State: Dead}
}

func joinReq(version int16, member string, protocols ...string) *kmsg.JoinGroupRequest {
	r := kmsg.NewPtrJoinGroupRequest()
	r.Version, r.Group, r.MemberID, r.ProtocolType = version, "g", member, "consumer"
	r.SessionTimeoutMillis, r.RebalanceTimeoutMillis = 10_000, 30_000
	for _, p := range protocols {
		r.Protocols = append(r.Protocols, kmsg.JoinGroupRequestProtocol{Name: p, Metadata: subscription("t")})
	}
	return r
}

func subscription(topics ...string) []byte {
	m := kmsg.NewConsumerMemberMetadata()
	m.Topics = topics
	return m.AppendTo(nil)
}

func syncReq(version int16, generation int32, member string, assignments ...string) *kmsg.SyncGroupRequest {
	r := kmsg.NewPtrSyncGroupRequest()
	r.Version, r.Group, r.Generation, r.MemberID = version, "g", generation, member
	r.ProtocolType, r.Protocol = kmsg.StringPtr("consumer"), kmsg.StringPtr("range")
	for i := 0; i+1 < len(assignments); i += 2 {
		r.GroupAssignment = append(r.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{MemberID: assignments[i], MemberAssignment: []byte(assignments[i+1])})
	}
	return r
}

func heartbeatReq(generation int32, member string) *kmsg.HeartbeatRequest {
	r := kmsg.NewPtrHeartbeatRequest()
	r.Version, r.Group, r.Generation, r.MemberID = 4, "g", generation, member
	return r
}

func commitReq(generation int32, member string, offset int64) *kmsg.OffsetCommitRequest {
	r := kmsg.NewPtrOffsetCommitRequest()
	r.Version, r.Group, r.Generation, r.MemberID = 8, "g", generation, member
	p := kmsg.NewOffsetCommitRequestTopicPartition()
	p.Offset, p.LeaderEpoch, p.Metadata = offset, 7, kmsg.StringPtr("here")
	r.Topics = []kmsg.OffsetCommitRequestTopic{{Topic: "t", Partitions: []kmsg.OffsetCommitRequestTopicPartition{p}}}
	return r
}

func txnReq(producer int64, offset int64) *kmsg.TxnOffsetCommitRequest {
	r := kmsg.NewPtrTxnOffsetCommitRequest()
	r.Version, r.Group, r.TransactionalID, r.ProducerID = 3, "g", "tx", producer
	p := kmsg.NewTxnOffsetCommitRequestTopicPartition()
	p.Offset = offset
	r.Topics = []kmsg.TxnOffsetCommitRequestTopic{{Topic: "t", Partitions: []kmsg.TxnOffsetCommitRequestTopicPartition{p}}}
	return r
}

func fetchReq(stable bool, topics ...string) *kmsg.OffsetFetchRequest {
	r := kmsg.NewPtrOffsetFetchRequest()
	r.Version, r.RequireStable = 8, stable
	g := kmsg.NewOffsetFetchRequestGroup()
	g.Group = "g"
	for _, t := range topics {
		g.Topics = append(g.Topics, kmsg.OffsetFetchRequestGroupTopic{Topic: t, Partitions: []int32{0}})
	}
	r.Groups = append(r.Groups, g)
	return r
}

// marker is the end of a producer's transaction.
func (w *world) marker(producer int64, commit bool) {
	w.log = append(w.log, batch.AppendMarker(nil, batch.Marker{Commit: commit}, producer, 0, w.config.Wall(w.now)))
	w.c.Marker(w.now, 0, producer, commit)
}

func expect(t testing.TB, what string, got int16, want *kerr.Error) {
	t.Helper()
	if got != code(want) {
		t.Fatalf("%s: %v, expected %v", what, kerr.ErrorForCode(got), want)
	}
}

// newMember lets somebody join with one protocol, and sends the second
// JoinGroup; it returns the member id and the token of that.
func (w *world) newMember(protocols ...string) (string, uint64) {
	w.t.Helper()
	resp := ask[*kmsg.JoinGroupResponse](w, joinReq(9, "", protocols...))
	expect(w.t, "first JoinGroup", resp.ErrorCode, kerr.MemberIDRequired)
	return resp.MemberID, w.send(joinReq(9, resp.MemberID, protocols...))
}

// stable makes a Stable group of n members, and returns their ids, the leader first.
func (w *world) stable(n int) []string {
	w.t.Helper()
	var ids []string
	var tokens []uint64
	for range n {
		id, token := w.newMember("range")
		ids, tokens = append(ids, id), append(tokens, token)
	}
	for w.asked[tokens[0]] {
		w.wait(second)
	}
	generation := got[*kmsg.JoinGroupResponse](w, tokens[0]).Generation
	for _, id := range ids[1:] {
		w.send(syncReq(5, generation, id))
	}
	var assignments []string
	for _, id := range ids {
		assignments = append(assignments, id, "of "+id)
	}
	w.send(syncReq(5, generation, ids[0], assignments...))
	w.state(Stable)
	return ids
}
