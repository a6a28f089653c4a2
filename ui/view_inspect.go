package ui

import (
	"strconv"
	"strings"

	"grapevine/protocols/field"
	"grapevine/wasm/api"
)

// viewInspect is what is picked: a node and what can be done to it, a link, a
// packet. Without any it says how to pick.
func viewInspect(m *Model) []*Node {
	var nodes []*Node
	if m.Packet != 0 {
		nodes = append(nodes, viewPacket(m))
	}
	if m.Node >= 0 {
		nodes = append(nodes, viewNode(m))
	}
	if len(nodes) == 0 {
		nodes = append(nodes, el("p", attr("key", "empty"), m.say(wInspectEmpty)))
	}
	return append(nodes, viewNodeField(m), viewNetworkDeeds(m))
}

// viewNodeField picks a node by name: for keyboards, and for crowds in which
// no single one can be hit.
func viewNodeField(m *Model) *Node {
	fault := ""
	if m.NodeLost && m.Opened.Nodes > 0 {
		fault = m.say(wNoSuchNode, m.NodeText, m.nodeName(0), m.nodeName(m.Opened.Nodes-1))
	}
	return el("div.field", attr("key", "pick"),
		el("label", attr("for", "pick-node"), m.say(wNodeField)),
		el("span.entry",
			el("input", attr("id", "pick-node"), attr("type", "text"), attr("autocomplete", "off"), attr("spellcheck", "false"),
				attr("placeholder", m.say(wNodeExample)), attr("value", m.NodeText), attr("aria-describedby", "pick-fault"),
				when(m.NodeLost, attr("aria-invalid", "true")),
				onValue("input", func(e Event) Msg { return TypeNode{e.Value} }),
				onValue("keydown", func(e Event) Msg {
					if e.Key == "Enter" {
						return PickText{}
					}
					return nil
				})),
			el("button", attr("type", "button"), on("click", PickText{}), m.say(wChoose))),
		el("p.fault", attr("id", "pick-fault"), attr("role", "status"), fault))
}

// deeds are the buttons for what the lab lets a visitor do on one kind of
// thing: "node", "link" or "network".
func (m *Model) deeds(target string) []*Node {
	lab := m.lab()
	if lab == nil {
		return nil
	}
	var buttons []*Node
	for _, d := range lab.Deeds {
		if d.On == target && (d.Role == "" || d.Role == m.roleOf(m.Node).Name) {
			// Not disabled: a button that loses its use must not lose the focus.
			buttons = append(buttons, el("button", attr("key", d.Form), attr("type", "button"),
				when(!m.makesSense(d), attr("aria-disabled", "true")), on("click", Deed{d.Form}), m.say(d.Label)))
		}
	}
	return buttons
}

// makesSense says whether a deed can change anything: only what has crashed
// can be restarted, for instance. The engine has the last word.
func (m *Model) makesSense(d api.Deed) bool {
	if m.NodeView == nil || d.On != "node" {
		return true
	}
	verb, _, _ := strings.Cut(d.Form, " ")
	switch health := m.NodeView.Health; verb {
	case "crash":
		return health != "crashed"
	case "restart":
		return health == "crashed"
	case "pause":
		return health == "up"
	case "resume":
		return health == "paused"
	}
	return true
}

func viewNetworkDeeds(m *Model) *Node {
	buttons := m.deeds("network")
	if len(buttons) == 0 {
		return nil
	}
	return el("section", attr("key", "network"), el("h3", m.say(wToNetwork)), el("div.deeds", buttons))
}

func viewNode(m *Model) *Node {
	section := el("section", attr("key", "node"),
		el("div.heading", el("h3.name", m.nodeName(m.Node)),
			el("button.plain", attr("type", "button"), on("click", Picked{Kind: "none"}), m.say(wUnpick))))
	view := m.NodeView
	// A line from the first moment on: the buttons below must not move away
	// from under a quick hand.
	health, said := "", "\u00a0"
	if view != nil && view.Node == m.Node {
		words := map[string]api.Text{"crashed": wCrashed, "paused": wPaused}
		word, odd := words[view.Health]
		if !odd {
			word = wUp
		}
		health, said = view.Health, m.say(word)
	}
	section.Children = append(section.Children, el("p.health", attr("data-health", health), said))
	section.Children = append(section.Children, el("div.deeds", attr("role", "group"), attr("aria-label", m.say(wDeeds)), m.deeds("node")), viewPair(m))
	if view == nil || view.Node != m.Node {
		section.Children = append(section.Children, el("p.quiet", attr("key", "waiting"), m.say(wWaiting)))
		return section
	}
	state := el("section", attr("key", "state"), el("h4", m.say(wState)))
	if len(view.Facts) == 0 {
		state.Children = append(state.Children, el("p.quiet", m.say(wNoState)))
	} else {
		state.Children = append(state.Children, viewState(m, view.Facts))
	}
	recent := el("section", attr("key", "recent"), el("h4", m.say(wRecent)))
	if len(view.Recent) == 0 {
		recent.Children = append(recent.Children, el("p.quiet", m.say(wNoRecent)))
	} else {
		recent.Children = append(recent.Children, viewEvents(m, view.Recent))
	}
	section.Children = append(section.Children, state, recent)
	return section
}

// viewPair lets a second node be picked, and shows what can be done between.
func viewPair(m *Model) *Node {
	links := m.deeds("link")
	switch {
	case len(links) == 0:
		return nil
	case m.Pairing:
		return el("p.pair", attr("key", "pairing"), el("strong", m.say(wPickSecond)), " ",
			el("button", attr("type", "button"), on("click", Unpair{}), m.say(wCancel)))
	case m.Second >= 0:
		return el("div.pair", attr("key", "pair"),
			el("h4", m.say(wLinkBetween, m.nodeName(m.Node), m.nodeName(m.Second))),
			el("div.deeds", links, el("button.plain", attr("key", "cancel"), attr("type", "button"), on("click", Unpair{}), m.say(wUnpick))))
	}
	return el("p.pair", attr("key", "unpaired"), el("button", attr("type", "button"), on("click", PairUp{}), m.say(wPairUp)),
		" ", el("span.quiet", m.say(wPairHelp)))
}

// viewState shows a node's memory. The parts of a fact are indented.
func viewState(m *Model, facts []api.Fact) *Node {
	const maxFacts = 200 // a node may hold thousands of entries
	list := el("dl.memory")
	var add func(facts []api.Fact, depth int)
	add = func(facts []api.Fact, depth int) {
		for _, f := range facts {
			if len(list.Children) >= 2*maxFacts {
				return
			}
			list.Children = append(list.Children, el("dt", attr("class", "depth-"+strconv.Itoa(min(depth, 3))), m.say(f.Label)), el("dd", m.say(f.Value)))
			add(f.Parts, depth+1)
		}
	}
	add(facts, 0)
	if len(list.Children) >= 2*maxFacts {
		list.Children = append(list.Children, el("dt", "…"), el("dd"))
	}
	return list
}

// viewEvents lists events; one that is about a packet leads to it.
func viewEvents(m *Model, events []api.EventReport) *Node {
	list := el("ol.events")
	for _, e := range events {
		parts := []*Node{el("span.time", formatMicros(e.At)), el("span.kind", eventName(m.Lang, e.Kind)), el("span.text", m.say(e.Text))}
		entry := el("li", attr("key", strconv.FormatUint(e.ID, 10)))
		if e.Packet != 0 && e.Packet != m.Packet {
			entry.Children = []*Node{el("button.plain", attr("type", "button"), attr("title", m.say(wFollow)), on("click", Follow{e.Packet}), parts)}
		} else {
			entry.Children = []*Node{el("span.line", parts)}
		}
		list.Children = append(list.Children, entry)
	}
	return list
}

func viewPacket(m *Model) *Node {
	section := el("section.packet-view", attr("key", "packet"))
	title := m.say(wPacket, m.Packet)
	view := m.View
	if view == nil || view.Packet != m.Packet {
		section.Children = []*Node{el("h3", title), el("p.quiet", m.say(wWaiting))}
		return section
	}
	arrival, fate := wDue, m.say(wFlying)
	switch view.State {
	case "delivered":
		fate = m.say(wDelivered)
	case "dropped":
		arrival, fate = wDied, m.say(wDropped, m.say(view.Why))
	}
	if view.State == "unknown" {
		section.Children = []*Node{
			el("div.heading", el("h3", title), el("button.plain", attr("type", "button"), on("click", Follow{0}), m.say(wUnpick))),
			el("p", m.say(wForgotten))}
		return section
	}
	section.Children = []*Node{
		el("div.heading", el("h3", m.say(view.Kind), " ", el("span.quiet", title)),
			el("button.plain", attr("type", "button"), on("click", Follow{0}), m.say(wUnpick))),
		el("p", view.From+" → "+view.To),
		el("dl.memory", el("dt", m.say(wSent)), el("dd", formatMicros(view.Sent)),
			el("dt", m.say(arrival)), el("dd", formatMicros(view.Due)+" · "+fate)),
		viewBytes(m, view),
		el("section", attr("key", "causes"), el("h4", m.say(wWhy)), el("p.quiet", m.say(wWhyHelp)), viewEvents(m, view.Causes)),
	}
	return section
}

// maxShownBytes is how much of a packet is laid out; the rest is told of.
const maxShownBytes = 10_000

// bytesKey is what the bytes' view depends on, so that ten reports a second
// of one packet lay it out once.
type bytesKey struct {
	packet uint64
	size   int
	mark   span
	lang   Lang
}

// viewBytes shows a packet's bytes, and their fields below. Pointing at either
// lights the other.
func viewBytes(m *Model, view *api.PacketReport) *Node {
	if len(view.Bytes) == 0 {
		return el("p.quiet", attr("key", "bytes"), m.say(wNoBytes))
	}
	key := bytesKey{view.Packet, len(view.Bytes), m.Mark, m.Lang}
	mark, lang := m.Mark, m.Lang
	return lazy("bytes", key, func() *Node {
		shown := view.Bytes[:min(len(view.Bytes), maxShownBytes)]
		more := ""
		if len(shown) < len(view.Bytes) {
			more = say(lang, wMoreBytes, formatCount(maxShownBytes), formatCount(uint64(len(view.Bytes))))
		}
		return el("section", attr("key", "bytes"), on("pointerover", MarkSpan{}),
			el("h4", say(lang, wBytes, len(view.Bytes))),
			el("div.bytes", viewHex(shown, view.Field, mark), el("p.found", caption(view.Field, mark))), optional("p.quiet", more),
			el("h4", say(lang, wFields)), viewFields(view.Field, mark))
	})
}

// viewHex writes the bytes in rows of eight, in pieces of one field each.
func viewHex(bytes []byte, root field.Field, mark span) *Node {
	const rowBytes = 8
	hex := el("div.hex")
	row := func(offset int) *Node {
		for len(hex.Children) <= offset/rowBytes {
			at := strconv.FormatInt(int64(len(hex.Children)*rowBytes), 16)
			hex.Children = append(hex.Children, el("div", el("span.at", strings.Repeat("0", max(4-len(at), 0))+at)))
		}
		return hex.Children[offset/rowBytes]
	}
	piece := func(from, to int, owner span) {
		for from < to {
			end := min(to, (from/rowBytes+1)*rowBytes)
			text := strings.Builder{}
			for _, b := range bytes[from:end] {
				text.WriteString(" " + strconv.FormatInt(int64(b)+0x100, 16)[1:])
			}
			s := el("span.piece", when(lit(owner, mark), attr("class", "lit")), text.String())
			if owner.length > 0 {
				s.On = []Handler{on("pointerover", MarkSpan{owner.offset, owner.length})}
			}
			line := row(from)
			line.Children = append(line.Children, s)
			from = end
		}
	}
	next := 0
	root.Leaves(func(leaf field.Field) {
		// Fields come from bytes that anyone may have written: trust no range.
		from, to := max(leaf.Offset, next), min(leaf.Offset+leaf.Length, len(bytes))
		if leaf.Length <= 0 || from >= to {
			return
		}
		piece(next, from, span{})
		piece(from, to, span{leaf.Offset, leaf.Length})
		next = to
	})
	piece(next, len(bytes), span{})
	return hex
}

// caption names what is marked: the field may be far below its bytes.
func caption(f field.Field, mark span) (text string) {
	if mark.length == 0 || f.Offset > mark.offset || f.Offset+f.Length < mark.offset+mark.length {
		return ""
	}
	if (span{f.Offset, f.Length}) == mark {
		text = f.Name + "  " + f.Value
	}
	for _, part := range f.Children {
		if found := caption(part, mark); found != "" {
			text = found
		}
	}
	return text
}

// lit says whether a field belongs to what is marked: it, or a part of it.
func lit(part, mark span) bool {
	return part.length > 0 && mark.length > 0 && part.offset >= mark.offset && part.offset+part.length <= mark.offset+mark.length
}

// viewFields is the tree of fields. Each can be pointed at or focused.
func viewFields(root field.Field, mark span) *Node {
	const maxFields, maxDepth = 400, 16
	count := 0
	var branch func(f field.Field, depth int) *Node
	branch = func(f field.Field, depth int) *Node {
		count++
		s := span{f.Offset, f.Length}
		set := MarkSpan{f.Offset, f.Length}
		entry := el("li", el("span.part", when(lit(s, mark), attr("class", "lit")), when(f.Length > 0, attr("tabindex", "0")),
			on("pointerover", set), on("focusin", set), el("span.term", f.Name), el("span.value", f.Value)))
		if len(f.Children) > 0 && depth < maxDepth {
			list := el("ul")
			for _, c := range f.Children {
				if count == maxFields {
					list.Children = append(list.Children, el("li", "…"))
					break
				}
				list.Children = append(list.Children, branch(c, depth+1))
			}
			entry.Children = append(entry.Children, list)
		}
		return entry
	}
	return el("ul.fields", branch(root, 0))
}
