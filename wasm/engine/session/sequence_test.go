package session

import (
	"testing"

	"grapevine/wasm/api"
	"grapevine/wasm/sim"
)

// A sequence says of every packet of its window what the journal says.
func TestSequence(t *testing.T) {
	p := newPage(t)
	p.open(0, api.Setting{Name: "loss", Value: "20%"}, api.Setting{Name: "tokens", Value: "60"}, api.Setting{Name: "notes", Value: "true"})
	p.order(api.Command{Verb: api.Act, Do: "duplicate node/0-9 node/0-9 50%"})
	p.order(api.Command{Verb: api.Seek, At: int64(70 * sim.Millisecond)})
	p.settle()
	p.order(api.Command{Verb: api.Act, Do: "crash node/5"})
	p.order(api.Command{Verb: api.Seek, At: int64(150 * sim.Millisecond)})
	p.settle()
	p.order(api.Command{Verb: api.Watch, Span: int64(120 * sim.Millisecond)})
	f := p.bulk("sequence")
	n := column(t, f, "id")
	for _, name := range []string{"sender", "receiver", "sent", "end", "kind", "fate", "copy"} {
		if got := column(t, f, name); got != n {
			t.Errorf("the column %s has %d elements, id has %d", name, got, n)
		}
	}
	for _, group := range [][]string{{"span_node", "span_from", "span_to", "span_doing"}, {"mark_node", "mark_at", "mark_kind"}} {
		for _, name := range group {
			if column(t, f, name) != column(t, f, group[0]) {
				t.Errorf("the columns %s and %s differ in length", name, group[0])
			}
		}
	}

	q := p.session.sequence()
	net := p.session.play.World.Net
	now := net.Now()
	if sim.Time(q.Now) != now || sim.Time(q.From) != now-120*sim.Millisecond || n != len(q.ID) {
		t.Fatalf("from %v to %v, %d and %d packets", q.From, q.Now, n, len(q.ID))
	}
	samePackets(t, q, net)
	coverOnce(t, q)

	p.drain()
	p.order(api.Command{Verb: api.Watch})
	p.order(api.Command{Verb: api.Step})
	for _, f := range p.drain() {
		if m, ok := f.(map[string]any); ok && m["frame"] == "sequence" {
			t.Error("a sequence came after it was told not to")
		}
	}
}

// samePackets holds the packets of a sequence against the journal.
func samePackets(t *testing.T, q *api.Sequence, net *sim.Network) {
	t.Helper()
	ends := map[sim.EventID]*sim.Event{}
	net.Journal.Walk(func(e *sim.Event) bool {
		if e.Kind == sim.KindDeliver || e.Kind == sim.KindDrop {
			kept := *e
			ends[e.Cause] = &kept
		}
		return true
	})
	var fates [5]int
	copies := 0
	for i, id := range q.ID {
		sent, _ := net.Journal.Find(sim.EventID(id))
		if sent.Node != sim.NodeID(q.Sender[i]) || sent.Peer != sim.NodeID(q.Receiver[i]) || sent.At != sim.Time(q.Sent[i]) || (sent.Kind == sim.KindCopy) != (q.Copy[i] == 1) {
			t.Errorf("packet %v is %+v in the journal", id, sent)
		}
		fates[q.Fate[i]]++
		copies += int(q.Copy[i])
		want := uint8(api.FateArrived)
		end := ends[sim.EventID(id)]
		switch {
		case end == nil:
			want = api.FateFlying
		case end.Why == sim.WhyDown:
			want = api.FateRefused
		case end.Kind == sim.KindDrop:
			want = api.FateLost
		}
		if end == nil != (sim.Time(q.End[i]) > net.Now()) || end != nil && end.At != sim.Time(q.End[i]) || q.Fate[i] != want && (want != api.FateFlying || q.Fate[i] != api.FateDoomed) {
			t.Errorf("packet %v has the fate %d at %v, in the journal it ends as %+v", id, q.Fate[i], q.End[i], end)
		}
		if i > 0 && q.ID[i-1] >= id {
			t.Errorf("packet %v comes after %v", id, q.ID[i-1])
		}
	}
	for fate, count := range fates {
		if count == 0 {
			t.Errorf("no packet has the fate %d: the test sees too little", fate)
		}
	}
	if copies == 0 {
		t.Error("the test sees no copy")
	}
}

// coverOnce: what each node did covers no instant twice, and follows its notes.
func coverOnce(t *testing.T, q *api.Sequence) {
	t.Helper()
	busy := map[uint32][][2]float64{}
	for i, node := range q.SpanNode {
		from, to := q.SpanFrom[i], q.SpanTo[i]
		if from < q.From || to > q.Now || from >= to {
			t.Errorf("node %d is busy from %v to %v", node, from, to)
		}
		for _, other := range busy[node] {
			if from < other[1] && other[0] < to {
				t.Errorf("node %d does two things from %v and %v", node, from, other[0])
			}
		}
		busy[node] = append(busy[node], [2]float64{from, to})
		if q.SpanDoing[i] == api.DoingDown && (node != 5 || from < 70_000 || from > 70_100 || to != q.Now) {
			t.Errorf("node %d is down from %v to %v", node, from, to)
		}
	}
	if len(busy[3]) == 0 || len(busy[4]) == 0 || len(busy[5]) == 0 {
		t.Errorf("the nodes did %v", busy)
	}
}

// What a node was doing when the window began is known from before.
func TestSequenceKnowsEarlierDoings(t *testing.T) {
	p := newPage(t)
	p.open(70*sim.Millisecond, api.Setting{Name: "notes", Value: "true"}, api.Setting{Name: "tokens", Value: "1"})
	p.order(api.Command{Verb: api.Act, Do: "crash node/8"})
	p.order(api.Command{Verb: api.Act, Do: "pause node/9"})
	p.order(api.Command{Verb: api.Seek, At: int64(sim.Second)})
	p.settle()
	p.order(api.Command{Verb: api.Watch, Span: 10_000})
	q := p.session.sequence()
	doing := map[uint32]uint8{}
	for i, node := range q.SpanNode {
		doing[node] = q.SpanDoing[i]
		if q.SpanFrom[i] != q.From || q.SpanTo[i] != q.Now {
			t.Errorf("node %d is busy from %v to %v of %v to %v", node, q.SpanFrom[i], q.SpanTo[i], q.From, q.Now)
		}
	}
	if doing[8] != api.DoingDown || doing[9] != api.DoingHeld {
		t.Errorf("the nodes do %v", doing)
	}
}

// What is too much begins later.
func TestSequenceLimits(t *testing.T) {
	p := newPage(t)
	p.open(200*sim.Millisecond, api.Setting{Name: "tokens", Value: "1000"})
	p.order(api.Command{Verb: api.Watch, Span: int64(10 * sim.Second)})
	q := p.session.sequence()
	if len(q.ID) != maxSequencePackets || q.From <= 0 || q.From > q.Now {
		t.Errorf("%d packets from %v to %v", len(q.ID), q.From, q.Now)
	}
	p.open(0, api.Setting{Name: "n", Value: "65"})
	p.drain()
	p.order(api.Command{Verb: api.Watch, Span: 1000})
	for _, f := range p.drain() {
		if m, ok := f.(map[string]any); ok && m["frame"] == "sequence" {
			t.Error("a sequence of 65 nodes")
		}
	}
}
