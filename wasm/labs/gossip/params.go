package gossip

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The parameters that several gossip labs have. A lab gives its own defaults.

func nodesParam(normal, most int64) lab.Param {
	return lab.Param{Name: "n", Kind: lab.Int, Default: normal, Min: 2, Max: most,
		Label: lab.Text{En: "Nodes", Zh: "节点数"},
		Help:  lab.Text{En: "How many nodes there are.", Zh: "网络中一共有多少个节点。"}}
}

func fanoutParam(normal, most int64) lab.Param {
	return lab.Param{Name: "fanout", Kind: lab.Int, Default: normal, Min: 1, Max: most,
		Label: lab.Text{En: "Fan-out", Zh: "扇出"},
		Help:  lab.Text{En: "How many partners a node chooses in each period.", Zh: "每个节点每个周期选择几个伙伴。"}}
}

func periodParam(normal sim.Time) lab.Param {
	return lab.Param{Name: "period", Kind: lab.Span, Default: int64(normal), Min: int64(10 * sim.Millisecond), Max: int64(60 * sim.Second),
		Label: lab.Text{En: "Period", Zh: "周期"},
		Help:  lab.Text{En: "How long a node waits from one contact to the next.", Zh: "节点两次联系伙伴之间隔多久。"}}
}

func delayParam(normal sim.Time) lab.Param {
	return lab.Param{Name: "delay", Kind: lab.Span, Default: int64(normal), Max: int64(10 * sim.Second),
		Label: lab.Text{En: "Delay", Zh: "延迟"},
		Help:  lab.Text{En: "How long a packet is under way at least.", Zh: "数据包在路上至少要走多久。"}}
}

func jitterParam(normal sim.Time) lab.Param {
	return lab.Param{Name: "jitter", Kind: lab.Span, Default: int64(normal), Max: int64(10 * sim.Second),
		Label: lab.Text{En: "Jitter", Zh: "抖动"},
		Help: lab.Text{En: "Each packet takes up to this much longer, by chance; in cycles there is none.",
			Zh: "每个数据包会随机多走一段时间，最多这么久；同步时钟下没有抖动。"}}
}

func lossParam(normal sim.PPM) lab.Param {
	return lab.Param{Name: "loss", Kind: lab.Ratio, Default: int64(normal), Max: int64(sim.Certain),
		Label: lab.Text{En: "Loss", Zh: "丢包率"},
		Help:  lab.Text{En: "The share of packets that the network loses.", Zh: "网络会丢掉多大比例的数据包。"}}
}

func clockParam() lab.Param {
	return lab.Param{Name: "clock", Kind: lab.Choice,
		Label: lab.Text{En: "Clock", Zh: "时钟"},
		Help: lab.Text{En: "Each node in its own time, or all together in cycles, as in the paper's experiments.",
			Zh: "每个节点按自己的节奏行动，或者像论文的实验那样所有节点按轮同步行动。"},
		Choices: []lab.Option{
			{Value: "async", Label: lab.Text{En: "each its own", Zh: "各走各的"}},
			{Value: "cycles", Label: lab.Text{En: "cycles", Zh: "同步轮次"}},
		}}
}

// tooWide is what is wrong with a fan-out greater than the number of others.
func tooWide(fanout, nodes int) error {
	return lab.Say("fanout=%d, but a node has only %d others to talk to", "扇出 fanout=%d，可是除了自己只有 %d 个节点", fanout, nodes-1)
}

// duplicateParam and reorderParam come last in every lab: a network's rarer ills.
func duplicateParam() lab.Param {
	return lab.Param{Name: "duplicate", Kind: lab.Ratio, Max: int64(sim.Certain),
		Label: lab.Text{En: "Duplication", Zh: "重复"},
		Help:  lab.Text{En: "The share of packets that arrive twice.", Zh: "有多大比例的数据包会到达两次。"}}
}

func reorderParam() lab.Param {
	return lab.Param{Name: "reorder", Kind: lab.Ratio, Max: int64(sim.Certain),
		Label: lab.Text{En: "Reordering", Zh: "乱序"},
		Help:  lab.Text{En: "The share of packets that take twice as long, so that later ones overtake them.", Zh: "有多大比例的数据包要花两倍时间，被后发的包超过。"}}
}

// physics is the network that the parameters of every lab describe.
func physics(v lab.Values) sim.Link {
	return sim.Link{Delay: v.Time("delay"), Jitter: v.Time("jitter"), Loss: v.Ratio("loss"),
		Duplicate: v.Ratio("duplicate"), Reorder: v.Ratio("reorder")}
}

// link is the physics of a run: with cycles, a fixed delay of which three fit
// well into a period.
func link(v lab.Values) (sim.Link, error) {
	l := physics(v)
	if v.Choice("clock") == "cycles" {
		l.Jitter = 0
		legs := 3
		if l.Reorder > 0 {
			legs *= 2
		}
		return l, fits(l.Delay, v.Time("period"), legs)
	}
	return l, nil
}

// fits says what is wrong with a delay, if so many messages one after the
// other do not fit well into a period.
func fits(delay, period sim.Time, legs int) error {
	if most := period / sim.Time(legs+1); delay > most {
		return lab.Say("delay=%v is too long for cycles of %v: %d messages one after the other must fit into each; choose at most %v",
			"延迟 delay=%v 太长：一轮只有 %v，要放得下前后 %d 条消息；请取 %v 以内", delay, period, legs, most)
	}
	return nil
}
