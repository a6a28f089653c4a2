package gossip

import (
	"fmt"
	"math/bits"
	"strconv"

	"grapevine/protocols/field"
	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The states of nodes in gossip/multicast, in the order of its table.
const (
	stateWaiting uint8 = iota
	stateHeard
	stateMissed
	stateSource
	stateOutside
)

func (m *multicast) world(net *sim.Network) *lab.World {
	return &lab.World{
		Net:     net,
		State:   m.state,
		Inspect: func(node sim.NodeID) []lab.Fact { return m.inspect(int(node)) },
		Dissect: func(_ uint8, payload []byte) field.Field { return gossip.DissectParcel(payload) },
		Say:     sayMulticast,
		Metrics: func() []lab.Metric { return m.metrics(net) },
		Curves: []lab.Curve{{ID: "latest", Label: lab.Text{En: "have the latest message", Zh: "已收到最新一条的成员"}, Color: "active",
			Measure: func() int64 { return int64(m.latest) }}},
		CurveMax: int64(m.config.group),
		Checks:   []lab.Check{m.checkAllHear(), m.checkLoad()},
		Edges:    m.edges,
	}
}

// missed counts the messages that a node has not heard, of the first so many.
func (m *multicast) missed(node, first int) int {
	sent := uint64(1)<<max(first, 0) - 1
	return bits.OnesCount64(sent &^ uint64(m.heard[node]))
}

func (m *multicast) state(node sim.NodeID) uint8 {
	switch {
	case node == 0:
		return stateSource
	case int(node) > m.config.group:
		return stateOutside
	case m.missed(int(node), m.messages-1) > 0:
		return stateMissed
	case m.messages > 0 && m.heard[node].Has(uint64(m.messages-1)):
		return stateHeard
	}
	return stateWaiting
}

func (m *multicast) inspect(node int) []lab.Fact {
	if node > m.config.group {
		return []lab.Fact{{Label: lab.Text{En: "role", Zh: "角色"}, Value: lab.Text{En: "not in the group", Zh: "不在组内"}}}
	}
	facts := []lab.Fact{
		{Label: lab.Text{En: "heard", Zh: "已收到"},
			Value: lab.Say("%d of %d messages", "%d 条，共 %d 条", m.messages-m.missed(node, m.messages), m.messages)},
		{Label: lab.Text{En: "copies sent", Zh: "发出的副本"}, Value: lab.Plain(strconv.Itoa(int(m.sent[node])))},
	}
	if list := m.config.neighbours[node]; len(list) > 0 && len(list) <= 2*maxFanout {
		next := lab.Fact{Label: lab.Text{En: "passes on to", Zh: "转给"}}
		for _, to := range list {
			next.Parts = append(next.Parts, lab.Fact{Label: lab.Text{En: "node", Zh: "节点"}, Value: lab.Plain(nodeName(to))})
		}
		facts = append(facts, next)
	}
	return facts
}

func nodeName(node sim.NodeID) string {
	if node == 0 {
		return "source/0"
	}
	return fmt.Sprintf("member/%d", node-1)
}

func sayMulticast(e *sim.Event) lab.Text {
	if e.Code == noteSends {
		return lab.Say("sends message %d", "发出第 %d 条消息", e.Value+1)
	}
	return lab.Say("hears message %d, hop %d", "收到第 %d 条消息，第 %d 跳", e.Value>>32+1, e.Value&0xffff)
}

// edges are the branches of the tree or the graph; one to each member would
// only hide them.
func (m *multicast) edges() [][2]sim.NodeID {
	var all [][2]sim.NodeID
	for a, list := range m.config.neighbours {
		for _, b := range list {
			if m.config.method == "tree" || m.config.method == "flood" && sim.NodeID(a) < b {
				all = append(all, [2]sim.NodeID{sim.NodeID(a), b})
			}
		}
	}
	return all
}

// checkAllHear leaves out who has crashed: what was sent meanwhile is lost
// to it whatever the method.
func (m *multicast) checkAllHear() lab.Check {
	deaf := func() (members, misses int) {
		for node := 1; node <= m.config.group; node++ {
			if missed := m.missed(node, m.messages); missed > 0 && !m.fell[node] {
				members++
				misses += missed
			}
		}
		return members, misses
	}
	return lab.Check{
		Name: "all-hear", Kind: lab.Finally,
		Claim: lab.Text{En: "Every member that did not crash has heard every message.", Zh: "没有崩溃过的成员都收到了每一条消息。"},
		Holds: func() bool { members, _ := deaf(); return members == 0 },
		Detail: func() lab.Text {
			members, misses := deaf()
			if members == 0 {
				return lab.Text{En: "nobody missed anything", Zh: "谁也没漏"}
			}
			return lab.Say("members that missed some: %d; messages missed in all: %d", "%d 个成员一共漏掉 %d 条", members, misses)
		},
	}
}

// checkLoad says how much of one message a single node bears at most.
func (m *multicast) checkLoad() lab.Check {
	most := m.config.mostCopies()
	return lab.Check{
		Name: "load", Kind: lab.Always,
		Claim: lab.Text{En: fmt.Sprintf("No node sends more than %d copies of one message.", most),
			Zh: fmt.Sprintf("对同一条消息，任何节点最多发出 %d 份。", most)},
		Holds:  func() bool { return m.copiesMax <= most },
		Detail: func() lab.Text { return lab.Say("%d at most", "最多 %d 份", m.copiesMax) },
	}
}
