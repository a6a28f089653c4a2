package ui

import (
	"strings"

	"grapevine/wasm/api"
)

// updateInspect is Update for nodes, links and packets: picking and deeds.
func updateInspect(m Model, msg Msg) (Model, []Effect) {
	switch msg := msg.(type) {
	case Picked:
		switch msg.Kind {
		case "node":
			return pickNode(m, int(msg.ID))
		case "packet":
			return follow(m, msg.ID)
		}
		m.Pairing = false
		return unpick(m)
	case TypeNode:
		m.NodeText, m.NodeLost = msg.Text, false
	case PickText:
		node := m.nodeByName(m.NodeText)
		if node < 0 {
			m.NodeLost = true
			return m, nil
		}
		return pickNode(m, node)
	case PairUp:
		m.Pairing = true
		m.Narration = m.say(wPickSecond)
	case Unpair:
		m.Second, m.Pairing = -1, false
		return m, []Effect{m.selection()}
	case Deed:
		return act(m, msg.Form)
	case Follow:
		return follow(m, msg.Packet)
	case MarkSpan:
		m.Mark = span{msg.Offset, msg.Length}
		return m, []Effect{Reveal{}}
	case Escape:
		switch {
		case m.Help:
			m.Help = false
			return m, []Effect{Focus{"help-open"}}
		case m.Pairing:
			m.Pairing = false
		case m.Node >= 0 || m.Packet != 0:
			return unpick(m)
		case m.Present:
			m.Present = false
		default:
			m.Panel = Folded
		}
	}
	return m, nil
}

func pickNode(m Model, node int) (Model, []Effect) {
	m.Panel = Inspect
	m.NodeText, m.NodeLost = "", false
	if m.Pairing && m.Node >= 0 && node != m.Node {
		m.Second, m.Pairing = node, false
		m.Narration = m.say(wPickedLink, m.nodeName(m.Node), m.nodeName(node))
		return m, []Effect{m.selection()}
	}
	m.Node, m.Second, m.Pairing = node, -1, false
	m.NodeView = nil
	m.Narration = m.say(wPickedNode, m.nodeName(node))
	return m, []Effect{command(api.Command{Verb: api.Inspect, Node: node}), m.selection()}
}

// follow keeps the sequence view open: it has a line for the packet.
func follow(m Model, packet uint64) (Model, []Effect) {
	if m.Panel != Sequence {
		m.Panel = Inspect
	}
	m.Packet, m.View, m.Mark = packet, nil, span{}
	return m, []Effect{command(api.Command{Verb: api.Follow, Packet: packet}), m.selection()}
}

func unpick(m Model) (Model, []Effect) {
	m.Node, m.Second, m.Packet = -1, -1, 0
	m.NodeView, m.View = nil, nil
	return m, []Effect{
		command(api.Command{Verb: api.Inspect, Node: -1}),
		command(api.Command{Verb: api.Follow}),
		m.selection(),
	}
}

// act carries a deed out on what is picked.
func act(m Model, form string) (Model, []Effect) {
	if strings.Contains(form, "{a}") && m.Node < 0 || strings.Contains(form, "{b}") && m.Second < 0 {
		return m, nil
	}
	if !m.makesSense(api.Deed{On: "node", Form: form}) {
		return m, nil // the second click of two
	}
	do := strings.NewReplacer("{a}", m.nodeName(m.Node), "{b}", m.nodeName(m.Second)).Replace(form)
	m.Narration = m.say(wDone, do, formatMicros(m.Status.Now))
	if after, changes := healthAfter[form]; changes && m.NodeView != nil {
		// Shown at once; the next Inspection confirms it.
		view := *m.NodeView
		view.Health = after
		m.NodeView = &view
	}
	return m, []Effect{command(api.Command{Verb: api.Act, Do: do})}
}

// healthAfter is what a deed makes of the chosen node.
var healthAfter = map[string]string{"crash {a}": "crashed", "restart {a}": "up", "pause {a}": "paused", "resume {a}": "up"}

func (m *Model) selection() Effect { return SelectOnStage{m.Node, m.Second, m.Packet} }
