package ui

import (
	"slices"
	"strconv"

	"grapevine/wasm/api"
)

// The sequence view is drawn by JavaScript, below its panel's head; here is
// decided how long a stretch of time it shows.

// maxSequenceNodes is what the engine makes a sequence of.
const maxSequenceNodes = 64

// spans are the stretches of time to choose from, in microseconds.
var spans = func() []int64 {
	var out []int64
	for unit := int64(100); unit <= 10_000_000; unit *= 10 {
		out = append(out, unit, 2*unit, 5*unit)
	}
	return append(out, 100_000_000)
}()

// sequenceSeconds is how much real time the view covers at any speed, if the
// visitor has not chosen otherwise.
const sequenceSeconds = 8

// span is the stretch of time shown, whether the view is open or not.
func (m *Model) span() int64 {
	want := m.Span
	if want == 0 {
		want = int64(m.Status.Speed * sequenceSeconds * 1e6)
		if m.Status.Speed == 0 {
			want = m.end() / 10
		}
	}
	i, _ := slices.BinarySearch(spans, want)
	return spans[min(i, len(spans)-1)]
}

// zoom takes a stretch so many steps longer or shorter.
func zoom(m Model, steps int) Model {
	i := slices.Index(spans, m.span()) + steps
	m.Span = spans[min(max(i, 0), len(spans)-1)]
	return m
}

// watch tells the engine when another stretch of time is to be reported, or none.
func watch(m Model, effects []Effect) (Model, []Effect) {
	want := int64(0)
	if m.Panel == Sequence && m.Opened.Lab != "" && !m.Opening && m.Opened.Nodes <= maxSequenceNodes {
		want = m.span()
	}
	if want == m.Watched {
		return m, effects
	}
	m.Watched = want
	return m, append(effects, command(api.Command{Verb: api.Watch, Span: want}))
}

func viewSequence(m *Model) []*Node {
	if m.Opened.Nodes > maxSequenceNodes {
		return []*Node{el("p.quiet", m.say(wSequenceCrowd, maxSequenceNodes))}
	}
	button := func(sign string, name api.Text, steps int) *Node {
		return el("button.round", attr("type", "button"), attr("aria-label", m.say(name)), attr("title", m.say(name)), on("click", Zoom{steps}), sign)
	}
	nodes := []*Node{
		el("div.zoom", attr("role", "group"), attr("aria-label", m.say(wSpan)),
			el("span", m.say(wSpan)), button("−", wZoomOut, 1), el("output", formatSpan(m.span())), button("+", wZoomIn, -1),
			el("button.plain", attr("type", "button"), attr("id", "zoom-auto"), attr("title", m.say(wSpanAutoIs)), when(m.Span == 0, attr("aria-disabled", "true")), on("click", Zoom{0}), m.say(wSpanAuto))),
		el("ul.doings", attr("aria-label", m.say(wLegend)),
			el("li", el("i.waits", attr("aria-hidden", "true")), m.say(wWaits)), el("li", el("i.works", attr("aria-hidden", "true")), m.say(wWorks)),
			el("li", el("i.lost", attr("aria-hidden", "true"), "✕"), m.say(wLostOrDown)), el("li", el("i.copy", attr("aria-hidden", "true")), m.say(wCopyOf))),
	}
	// Always a line, so that the diagram stays where it is.
	picked := el("p.picked", attr("key", "picked"), el("span.quiet", m.say(wPickLine)))
	if v := m.View; v != nil && v.Packet == m.Packet && m.Packet != 0 {
		picked.Children = []*Node{el("span.text", m.say(v.Kind)+" "+v.From+" → "+v.To),
			el("button", attr("type", "button"), on("click", ShowPanel{Inspect}), m.say(wInspect))}
	}
	return append(nodes, picked)
}

// formatSpan writes one of spans: "200 ms".
func formatSpan(micros int64) string {
	switch {
	case micros >= 1_000_000:
		return strconv.FormatInt(micros/1_000_000, 10) + " s"
	case micros >= 1000:
		return strconv.FormatInt(micros/1000, 10) + " ms"
	}
	return strconv.FormatInt(micros, 10) + " µs"
}
