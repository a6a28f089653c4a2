package ui

import (
	"slices"
	"strings"
	"testing"

	"grapevine/wasm/api"
)

// watched is the span that the engine was last told to report, -1 if it was
// told nothing.
func watched(effects []Effect) int64 {
	span := int64(-1)
	for _, e := range effects {
		if s, ok := e.(Send); ok && s.Command.Verb == api.Watch {
			span = s.Command.Span
		}
	}
	return span
}

func TestSequenceFollowsTheSpeedUntilItIsZoomed(t *testing.T) {
	m := New(English, Auto)
	opened := fakeOpened(api.Run{Lab: "gossip/rumor", Seed: 1})
	opened.Nodes = 10
	m, _ = Update(m, opened)
	step := func(msg Msg) int64 {
		var effects []Effect
		m, effects = Update(m, msg)
		return watched(effects)
	}
	m.Status.Speed = 1
	if got := step(ShowPanel{Sequence}); got != 10_000_000 {
		t.Errorf("at speed 1 the window is %d µs", got)
	}
	if got := step(MarkSpan{}); got != -1 {
		t.Errorf("a message about something else sent the span %d", got)
	}
	if got := step(api.Status{Speed: 0.02, End: 1e9}); got != 200_000 {
		t.Errorf("at speed 1/50 the window is %d µs", got)
	}
	if got := step(Zoom{-2}); got != 50_000 {
		t.Errorf("two steps shorter the window is %d µs", got)
	}
	if got := step(api.Status{Speed: 1, End: 1e9}); got != -1 {
		t.Errorf("a chosen window changed with the speed, to %d µs", got)
	}
	if got := step(Zoom{-100}); got != spans[0] {
		t.Errorf("the shortest window is %d µs", got)
	}
	if got := step(Zoom{0}); got != 10_000_000 {
		t.Errorf("back with the speed the window is %d µs", got)
	}
	if got := step(opened); got != 10_000_000 && got != 5_000_000 {
		t.Errorf("a new run is told %d µs: the engine has forgotten", got)
	}
	if got := step(ShowPanel{Sequence}); got != 0 {
		t.Errorf("a closed panel leaves the engine reporting %d µs", got)
	}
}

// A packet picked while the sequence is open does not close it: it has a line there.
func TestPickingInTheSequence(t *testing.T) {
	m := New(English, Auto)
	m.Opened.Nodes, m.Panel = 10, Sequence
	m, _ = Update(m, Picked{Kind: "packet", ID: 7})
	if m.Panel != Sequence || m.Packet != 7 {
		t.Fatalf("panel %q, packet %d", m.Panel, m.Packet)
	}
	m, _ = Update(m, api.Inspection{Packet: &api.PacketReport{Packet: 7, Kind: api.Text{En: "call"}, From: "client/0", To: "server/0"}})
	if html := markup(viewPanel(&m)); !strings.Contains(html, "call client/0 → server/0") {
		t.Errorf("the picked packet is not told of: %s", html)
	}
	m, _ = Update(m, Picked{Kind: "node", ID: 3})
	if m.Panel != Inspect {
		t.Errorf("a picked node opens %q", m.Panel)
	}
	m.Panel, m.Opened.Nodes = Sequence, 65
	if html := markup(viewPanel(&m)); !strings.Contains(html, "64") {
		t.Errorf("nothing says why there is no sequence: %s", html)
	}
}

func TestSpansStep(t *testing.T) {
	if !slices.IsSorted(spans) || formatSpan(spans[0]) != "100 µs" || formatSpan(2_000) != "2 ms" || formatSpan(spans[len(spans)-1]) != "100 s" {
		t.Errorf("the spans are %v", spans)
	}
}
