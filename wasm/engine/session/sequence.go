package session

import (
	"cmp"
	"slices"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Limits of one sequence. What is more is the oldest, and is left out: the
// window then begins later than asked for.
const (
	maxSequencePackets = 1_500
	maxSequenceMarks   = 500
	maxSequenceEvents  = 30_000 // of the journal in the window
	maxEarlierEvents   = 10_000 // before it, for what the nodes were doing when it began
)

// sequence is a window of the journal up to now, gathered from its end.
type sequence struct {
	session *Session
	from    sim.Time
	packets []passage
	doings  []doing
	busy    []lane // by node
	out     api.Sequence
}

// passage is one packet's way.
type passage struct {
	id         sim.EventID
	from, to   sim.NodeID
	sent, end  sim.Time
	kind, fate uint8
}

type doing struct {
	node     sim.NodeID
	from, to sim.Time
	what     uint8
}

// lane is how far back one node's doings are known: each field is the instant
// at which what is met next, going back, will have ended.
type lane struct {
	doing, down, held sim.Time
	settled           bool // what it did when the window began is known: no need to look further back
}

// sequence reports the last s.watch microseconds.
func (s *Session) sequence() *api.Sequence {
	now := s.play.Now()
	q := sequence{session: s, from: max(now-s.watch, 0), busy: make([]lane, s.play.World.Net.Nodes())}
	for i := range q.busy {
		q.busy[i] = lane{doing: now, down: now, held: now}
	}
	q.out = api.Sequence{Frame: "sequence", Now: float64(now), Span: float64(s.watch)}
	q.flying()
	q.walk()
	q.fill()
	return &q.out
}

// flying adds the packets that are on their way.
func (q *sequence) flying() {
	q.session.play.World.Net.Flights(func(f sim.Flight) bool {
		p := passage{f.ID, f.From, f.To, f.Sent, f.Due, f.Kind, api.FateFlying}
		if f.Why != sim.Alive {
			p.fate = api.FateDoomed
		}
		q.packets = append(q.packets, p)
		return len(q.packets) < maxSequencePackets
	})
}

// walk reads the journal back to the window's beginning, and then as far as
// it takes to know what each node was doing then.
func (q *sequence) walk() {
	events, earlier, unsettled := 0, 0, len(q.busy)
	q.session.play.World.Net.Journal.Walk(func(e *sim.Event) bool {
		switch {
		case e.At < q.from:
			earlier++
		case events == maxSequenceEvents || len(q.packets) == maxSequencePackets:
			q.from = e.At + 1
			earlier++
		default:
			events++
			q.event(e)
		}
		if int(e.Node) < len(q.busy) && !q.busy[e.Node].settled {
			q.lane(e, &q.busy[e.Node])
			if q.busy[e.Node].settled {
				unsettled--
			}
		}
		return earlier < maxEarlierEvents && unsettled > 0
	})
}

// event takes in an event within the window.
func (q *sequence) event(e *sim.Event) {
	switch e.Kind {
	case sim.KindDeliver, sim.KindDrop:
		sent, ok := q.session.play.World.Net.Journal.Find(e.Cause)
		if !ok {
			return
		}
		p := passage{sent.ID, sent.Node, sent.Peer, sent.At, e.At, uint8(sent.Code), api.FateArrived}
		switch {
		case e.Kind == sim.KindDrop && e.Why == sim.WhyDown:
			p.fate = api.FateRefused
		case e.Kind == sim.KindDrop:
			p.fate = api.FateLost
		}
		if int(p.to) < len(q.busy) {
			q.packets = append(q.packets, p)
		}
	case sim.KindCrash:
		q.mark(e, api.MarkCrash)
	case sim.KindStart:
		if e.At > 0 {
			q.mark(e, api.MarkStart)
		}
	case sim.KindNote:
		q.mark(e, api.MarkNote)
	}
}

func (q *sequence) mark(e *sim.Event, kind uint8) {
	if len(q.out.MarkNode) < maxSequenceMarks {
		q.out.MarkNode = append(q.out.MarkNode, uint32(e.Node))
		q.out.MarkAt = append(q.out.MarkAt, float64(e.At))
		q.out.MarkKind = append(q.out.MarkKind, kind)
	}
}

// lane takes in what an event says about what its node does from then on.
func (q *sequence) lane(e *sim.Event, l *lane) {
	before := e.At < q.from
	switch e.Kind {
	case sim.KindStart:
		l.doing, l.down, l.held = e.At, e.At, e.At
		l.settled = before
	case sim.KindCrash:
		q.span(e, l.down, api.DoingDown)
		l.doing, l.held = e.At, e.At
		l.settled = before
	case sim.KindResume:
		l.held = e.At
	case sim.KindPause:
		q.span(e, l.held, api.DoingHeld)
	case sim.KindNote:
		say := q.session.play.World.Doing
		if say == nil {
			return
		}
		switch say(e) {
		case lab.Unsaid:
			return
		case lab.Working:
			q.span(e, l.doing, api.DoingWork)
		case lab.Waiting:
			q.span(e, l.doing, api.DoingWait)
		}
		l.doing = e.At
		l.settled = before
	}
}

func (q *sequence) span(e *sim.Event, to sim.Time, what uint8) {
	if from := max(e.At, q.from); from < to {
		q.doings = append(q.doings, doing{e.Node, from, to, what})
	}
}

// fill writes what was gathered into the frame's columns.
func (q *sequence) fill() {
	o := &q.out
	o.From = float64(q.from)
	slices.SortFunc(q.packets, func(a, b passage) int { return cmp.Compare(a.id, b.id) })
	for _, p := range q.packets {
		o.ID = append(o.ID, float64(p.id))
		o.Sender = append(o.Sender, uint32(p.from))
		o.Receiver = append(o.Receiver, uint32(p.to))
		o.Sent = append(o.Sent, float64(p.sent))
		o.End = append(o.End, float64(p.end))
		o.Kind = append(o.Kind, p.kind)
		o.Fate = append(o.Fate, p.fate)
		o.Copy = append(o.Copy, q.session.isCopy(p.id))
	}
	for _, d := range q.doings {
		o.SpanNode = append(o.SpanNode, uint32(d.node))
		o.SpanFrom = append(o.SpanFrom, float64(d.from))
		o.SpanTo = append(o.SpanTo, float64(d.to))
		o.SpanDoing = append(o.SpanDoing, d.what)
	}
}

// isCopy is 1 for a packet that the network made of another, in worlds small
// enough for it to be shown.
func (s *Session) isCopy(id sim.EventID) uint8 {
	n := s.play.World.Net
	if n.Nodes() > lab.MaxCardNodes {
		return 0
	}
	if e, ok := n.Journal.Find(id); ok && e.Kind == sim.KindCopy {
		return 1
	}
	return 0
}
