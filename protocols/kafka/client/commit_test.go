package client

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/wire"
)

// between makes a consumer of a cooperative group that has read ten records and
// is joining its second generation: the answer comes when answer is called.
func between(t *testing.T) (f *fake, r *taker, committed map[TopicPartition]int64, answer func()) {
	t.Helper()
	f = newFake(t, Config{})
	beat, committed := f.coordinatorOf()
	f.fill(0, 0, 10)
	r = newTaker(t, f, shared(ConsumerConfig{Reset: ResetEarliest, Assignors: []Assignor{CooperativeSticky}}))
	r.until("all", func() bool { return len(r.values) == 10 })
	join := f.answers[11]
	var asks *asked
	f.answers[11] = func(a *asked) kmsg.Response { asks = a; return nil }
	*beat = kerr.RebalanceInProgress.Code
	r.until("joining", func() bool { return asks != nil })
	r.said()
	return f, r, committed, func() {
		f.answers[11] = join
		resp := join(asks)
		resp.SetVersion(asks.version)
		f.send(asks.conn, wire.AppendResponse(nil, f.requestNumber(asks.conn), resp))
	}
}

// A member that works on while its group is between two generations commits in
// the next one: a commit with the old one's number would be refused, and have
// the member thrown out.
func TestCommitWaitsForTheNextGeneration(t *testing.T) {
	f, r, committed, answer := between(t)
	f.do(func(now int64) {
		if err := r.k.Commit(now, []Offset{{Topic: "t", Offset: 10, LeaderEpoch: -1}}); err != nil {
			t.Error(err)
		}
		if err := r.k.Commit(now, []Offset{{Topic: "t", Partition: 77, LeaderEpoch: -1}}); err != kerr.RebalanceInProgress {
			t.Error("what is not ours:", err)
		}
	})
	r.run(f.now + 1_000_000)
	if n := f.requests[8]; n != 0 {
		t.Errorf("%d commits between two generations", n)
	}
	good := f.answers[8]
	f.answers[8] = func(a *asked) kmsg.Response {
		if g := a.body.(*kmsg.OffsetCommitRequest).Generation; g != 2 {
			t.Errorf("a commit of generation %d", g)
		}
		return good(a)
	}
	answer()
	r.run(f.now + 1_000_000)
	if got := r.said(); got != "joined 2; assigned; committed t-0@10" || committed[TopicPartition{"t", 0}] != 10 {
		t.Error(got)
	}
}

// Who is thrown out is told that its commits came to nothing.
func TestCommitOfOneThrownOut(t *testing.T) {
	f, r, committed, _ := between(t)
	f.do(func(now int64) { _ = r.k.Commit(now, []Offset{{Topic: "t", Offset: 10, LeaderEpoch: -1}}) })
	f.do(func(now int64) { f.c.enter(now); r.k.member.expel() })
	if got := r.said(); got != "commit failed t-0@10 UNKNOWN_MEMBER_ID; lost "+all6 || len(committed) != 0 {
		t.Error(got)
	}
}

// Who closes while joining does not wait for a generation to commit in.
func TestCloseWhileJoining(t *testing.T) {
	f, r, _, _ := between(t)
	f.do(func(now int64) { _ = r.k.Commit(now, []Offset{{Topic: "t", Offset: 10, LeaderEpoch: -1}}) })
	f.do(r.k.Close)
	r.until("left", func() bool { return slices.Contains(r.events, "left") })
	if got := r.said(); !strings.HasPrefix(got, "committed t-0@10") {
		t.Error(got)
	}
}
