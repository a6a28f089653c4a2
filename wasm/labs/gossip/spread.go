package gossip

import (
	"math/bits"

	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Spread is the gossip of the textbook: the SI model by push, each node sending
// once to each of those it knows, without any acknowledgement.
var Spread = lab.Lab{
	ID: "gossip/spread", Version: 1,
	Title: lab.Text{En: "Spread", Zh: "消息扩散"},
	Claim: lab.Text{
		En: "Each node that has heard tells a few random others every period, never the same one twice, and soon all have heard.",
		Zh: "每个听说了消息的节点，每个周期随机告诉几个还没告诉过的节点，很快所有节点都知道了。"},
	Params: []lab.Param{
		nodesParam(50, 100_000),
		fanoutParam(2, gossip.MaxRumorFanout),
		{Name: "view", Kind: lab.Choice,
			Label: lab.Text{En: "View", Zh: "视图"},
			Help: lab.Text{En: "Whom a node knows: everybody, a fixed random few, the nearest on a ring, or four on a grid.",
				Zh: "节点认识谁：所有节点、固定的几个随机节点、环上最近的几个邻居，或网格上的上下左右。"},
			Choices: []lab.Option{
				{Value: "full", Label: lab.Text{En: "everybody", Zh: "所有节点"}},
				{Value: "partial", Label: lab.Text{En: "a random few", Zh: "随机几个"}},
				{Value: "neighbours", Label: lab.Text{En: "neighbours on a ring", Zh: "环上的邻居"}},
				{Value: "grid", Label: lab.Text{En: "a grid", Zh: "网格"}},
			}},
		{Name: "peers", Kind: lab.Int, Default: 6, Min: 2, Max: 64,
			Label: lab.Text{En: "Peers", Zh: "认识的节点数"},
			Help: lab.Text{En: "How many nodes each one knows, in a random view or on a ring (there an even number).",
				Zh: "随机视图或环形视图中，每个节点认识多少个节点（环形时取偶数）。"}},
		clockParam(),
		lossParam(0),
		periodParam(sim.Second),
		delayParam(200 * sim.Millisecond),
		jitterParam(100 * sim.Millisecond),
		duplicateParam(), reorderParam(),
	},
	Presets: []lab.Preset{
		{ID: "few", Label: lab.Text{En: "Each knows only two: somebody is missed", Zh: "每个节点只认识两个：总有人听不到"}, Fails: "all",
			Settings: []lab.Setting{{Name: "view", Value: "partial"}, {Name: "peers", Value: "2"}}},
		{ID: "ring", Label: lab.Text{En: "A ring of neighbours: slow, but sure", Zh: "邻居围成环：慢，但人人都能听到"},
			Settings: []lab.Setting{{Name: "view", Value: "neighbours"}, {Name: "peers", Value: "4"}}},
		{ID: "thousand", Label: lab.Text{En: "A thousand nodes in cycles", Zh: "一千个节点，同步轮次"},
			Settings: []lab.Setting{{Name: "n", Value: "1000"}, {Name: "fanout", Value: "1"}, {Name: "clock", Value: "cycles"}}},
		{ID: "lossy", Label: lab.Text{En: "Half of all packets lost, and still all hear", Zh: "丢包一半，仍然人人听到"},
			Settings: []lab.Setting{{Name: "loss", Value: "50%"}}},
	},
	States:        siteStates(lab.Text{En: "has told all it knows", Zh: "已告诉所有认识的节点"}),
	Kinds:         rumorKinds[:1],
	Layout:        "ring",
	SpeedPermille: 1000,
	Build:         buildSpread,
}

var sights = map[string]gossip.Sight{
	"full": gossip.Full, "partial": gossip.Partial, "neighbours": gossip.Neighbours, "grid": gossip.Grid,
}

// viewPurpose is what the views' luck is drawn for.
const viewPurpose = 1

// maxEdges is how many connections are drawn.
const maxEdges = 20_000

func buildSpread(v lab.Values, seed uint64) (*lab.World, error) {
	view := &gossip.View{Sight: sights[v.Choice("view")], Sites: v.Int("n"), Size: v.Int("peers"),
		Seed: sim.NewLuck(seed, viewPurpose).Uint64()}
	switch {
	case view.Sight == gossip.Grid && view.Sites < gossip.MinGridSites:
		return nil, lab.Say("view=grid needs %d nodes at least, for four different neighbours; n is %d",
			"网格视图至少要 %d 个节点，才有四个不同的邻居；现在 n 是 %d", gossip.MinGridSites, view.Sites)
	case view.Degree() == 0:
		return nil, lab.Say("view=neighbours needs a neighbour on either side: choose n of 3 at least, n is %d",
			"环形视图两边都要有邻居，n 至少取 3；现在 n 是 %d", view.Sites)
	}
	cfg := gossip.RumorConfig{
		Sites: view.Sites, Mode: gossip.Push, Stop: gossip.Never, Fanout: v.Int("fanout"),
		PeriodMicros: int64(v.Time("period")), Cycles: v.Choice("clock") == "cycles", View: view, News: news,
	}
	l, err := link(v)
	if err != nil {
		return nil, err
	}
	p := newPopulation(cfg, l, seed)
	p.net.Finished = p.everyone
	w := p.world()
	w.End = p.period*sim.Time(periodsToAll(view, cfg.Fanout)) + 3*(l.Delay+l.Jitter)
	w.Curves = []lab.Curve{p.unaware(), p.spreading(), p.finished()}
	if view.Sight == gossip.Full {
		w.Curves = append(w.Curves, expectRumor(cfg, l, w.End)...)
	} else if view.Sites*view.Degree() <= maxEdges {
		w.Edges = func() [][2]sim.NodeID { return edges(view) }
	}
	w.Checks = []lab.Check{everybodyHears(p), logarithmic(p)}
	if view.Sight != gossip.Full && view.Sight != gossip.Partial {
		w.Checks = w.Checks[:1] // how far it is decides there
	}
	return w, nil
}

// periodsToAll is more than the news needs: by far on a small or well
// connected net; elsewhere the distance decides, and each step of the way may
// have to wait until a node has told its other peers.
func periodsToAll(view *gossip.View, fanout int) int {
	n, degree := view.Sites, view.Degree()
	turn := (degree + fanout - 1) / fanout
	switch view.Sight {
	case gossip.Neighbours:
		return 20 + turn*(n/degree+1)
	case gossip.Grid:
		return 20 + turn*2*squareRoot(n)
	}
	return 24 + 5*bits.Len(uint(n))
}

func squareRoot(n int) int {
	r := 0
	for (r+1)*(r+1) <= n {
		r++
	}
	return r
}

// edges are the pairs of nodes of which one knows the other.
func edges(view *gossip.View) [][2]sim.NodeID {
	seen := map[[2]sim.NodeID]bool{}
	var out [][2]sim.NodeID
	for self := range view.Sites {
		for i := range view.Degree() {
			pair := [2]sim.NodeID{sim.NodeID(self), sim.NodeID(view.Peer(self, i))}
			if pair[0] > pair[1] {
				pair[0], pair[1] = pair[1], pair[0]
			}
			if !seen[pair] {
				seen[pair] = true
				out = append(out, pair)
			}
		}
	}
	return out
}

// everybodyHears is the check of the labs in which nobody loses interest.
func everybodyHears(p *population) lab.Check {
	return lab.Check{Name: "all", Kind: lab.Finally,
		Claim: lab.Text{
			En: "In the end every living node has heard.",
			Zh: "最后，每个活着的节点都听说了消息。"},
		Holds: p.everyone,
		Detail: func() lab.Text {
			return lab.Say("%d of %d have heard", "听说的有 %d 个，共 %d 个", p.knowing, p.living)
		}}
}

// logarithmic is the check that the time to everyone grows with log N: twice
// what push to one partner takes (Pittel 1987: log2 n + ln n + O(1)), and ten
// rounds, after the last deed of the script. ln n is 0.7 log2 n.
func logarithmic(p *population) lab.Check {
	most := int64(2*bits.Len(uint(len(p.sites)))*17/10 + 10)
	took := func() int64 {
		start := int64(0)
		if script := p.net.Script(); len(script) > 0 {
			start = p.round(script[len(script)-1].At) - 1
		}
		return max(p.rounds()-start, 0)
	}
	return lab.Check{Name: "log", Kind: lab.Finally,
		Claim: lab.Text{
			En: "The last one hears within 2 (log2 n + ln n) + 10 rounds after the last fault.",
			Zh: "最后一次故障之后，在 2(log2 n + ln n) + 10 轮之内，最后一个节点也听到了。"},
		Holds: func() bool { return took() <= most },
		Detail: func() lab.Text {
			return lab.Say("rounds: %d, at most %d allowed", "用了 %d 轮，上限 %d 轮", took(), most)
		}}
}
