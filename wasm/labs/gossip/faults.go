package gossip

import (
	"fmt"
	"math/bits"

	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Faults is the SI model among nodes that come and go, up to a million of
// them. The faults are the run's script, so a visitor sees each of them in the
// timeline and can change them.
var Faults = lab.Lab{
	ID: "gossip/faults", Version: 1,
	Title: lab.Text{En: "Faults", Zh: "故障与容错"},
	Claim: lab.Text{
		En: "Nodes crash and come back empty, packets get lost, the network falls in two: nobody repairs anything, and still all hear in O(log N) rounds.",
		Zh: "节点崩溃后空着手回来，数据包会丢，网络会一分为二；没有任何修复动作，消息照样在 O(log N) 轮内传遍所有节点。"},
	Params: []lab.Param{
		nodesParam(60, 1_000_000),
		{Name: "mode", Kind: lab.Choice, Choices: []lab.Option{pushOption, pushPullOption, pullOption},
			Label: lab.Text{En: "Mode", Zh: "方式"},
			Help: lab.Text{En: "Those who know tell, those who do not ask, or both.",
				Zh: "知道的人去说（推），不知道的人去问（拉），或者两者结合。"}},
		fanoutParam(1, 3),
		{Name: "crash", Kind: lab.Ratio, Default: 150_000, Max: 900_000,
			Label: lab.Text{En: "Crashes", Zh: "崩溃比例"},
			Help: lab.Text{En: "The share of the nodes that crash; the origin is spared.",
				Zh: "有多大比例的节点会崩溃；消息的源头除外。"}},
		{Name: "crash-at", Kind: lab.Span, Default: int64(5 * sim.Second), Max: int64(10 * 60 * sim.Second),
			Label: lab.Text{En: "Crashes at", Zh: "崩溃时刻"},
			Help:  lab.Text{En: "When the first of them crashes.", Zh: "第一个节点崩溃的时刻。"}},
		{Name: "restart", Kind: lab.Span, Default: int64(4 * sim.Second), Max: int64(10 * 60 * sim.Second),
			Label: lab.Text{En: "Back after", Zh: "多久后重启"},
			Help: lab.Text{En: "How long until they come back, knowing nothing; 0 is never.",
				Zh: "崩溃多久之后重启，重启后什么都不记得；0 表示不再回来。"}},
		{Name: "churn", Kind: lab.Ratio, Max: 300_000,
			Label: lab.Text{En: "Churn", Zh: "流动比例"},
			Help: lab.Text{En: "The share of the nodes that leaves in each of the first twelve periods, each to come back a period later.",
				Zh: "前十二个周期里，每个周期离开的节点比例；它们都在一个周期后回来。"}},
		lossParam(50_000),
		{Name: "cut", Kind: lab.Span, Default: int64(100 * sim.Millisecond), Max: int64(10 * 60 * sim.Second),
			Label: lab.Text{En: "Cut at", Zh: "分区时刻"},
			Help: lab.Text{En: "When the network falls into two halves; 0 is never.",
				Zh: "网络在什么时刻断成两半；0 表示不断开。"}},
		{Name: "heal", Kind: lab.Span, Default: int64(10 * sim.Second), Max: int64(10 * 60 * sim.Second),
			Label: lab.Text{En: "Healed at", Zh: "恢复时刻"},
			Help: lab.Text{En: "When the halves meet again; 0, or no later than the cut, is never.",
				Zh: "两半在什么时刻重新连通；0 或不晚于分区时刻，表示不恢复。"}},
		clockParam(),
		periodParam(sim.Second),
		delayParam(200 * sim.Millisecond),
		jitterParam(100 * sim.Millisecond),
		duplicateParam(), reorderParam(),
	},
	Presets: []lab.Preset{
		{ID: "calm", Label: lab.Text{En: "No faults, a thousand nodes", Zh: "没有故障，一千个节点"},
			Settings: append(calm(), lab.Setting{Name: "n", Value: "1000"})},
		{ID: "split", Label: lab.Text{En: "Never healed: one half hears nothing", Zh: "分区一直不恢复：有一半听不到"}, Fails: "all",
			Settings: []lab.Setting{{Name: "heal", Value: "0s"}}},
		{ID: "churn", Label: lab.Text{En: "A tenth come and go all the time", Zh: "总有十分之一的节点来来去去"},
			Settings: append(calm(), lab.Setting{Name: "churn", Value: "10%"}, lab.Setting{Name: "n", Value: "200"})},
		{ID: "hundred-thousand", Label: lab.Text{En: "100,000 nodes, a fifth of them crash", Zh: "十万个节点，五分之一崩溃"},
			Settings: append(calm(), lab.Setting{Name: "n", Value: "100000"}, lab.Setting{Name: "crash", Value: "20%"}, lab.Setting{Name: "restart", Value: "0s"})},
		{ID: "million", Label: lab.Text{En: "A million nodes", Zh: "一百万个节点"},
			Settings: append(calm(), lab.Setting{Name: "n", Value: "1000000"}, lab.Setting{Name: "fanout", Value: "3"})},
	},
	States:        siteStates(lab.Text{})[:2],
	Kinds:         rumorKinds[:3],
	Layout:        "ring",
	SpeedPermille: 1000,
	Script:        scriptFaults,
	Build:         buildFaults,
}

// calm are the settings of a run without faults.
func calm() []lab.Setting {
	return []lab.Setting{{Name: "crash", Value: "0%"}, {Name: "loss", Value: "0%"}, {Name: "cut", Value: "0s"}}
}

const (
	churnPeriods = 12
	crashGroups  = 10                    // crashes are ordered for at most so many runs of nodes
	crashGap     = 150 * sim.Millisecond // from one to the next
)

// scriptFaults writes the faults that the parameters ask for as actions, in
// any order: the network sorts them.
func scriptFaults(v lab.Values, _ uint64) []lab.Step {
	var steps []lab.Step
	add := func(at sim.Time, form string, args ...any) {
		steps = append(steps, lab.Step{At: at, Do: fmt.Sprintf(form, args...)})
	}
	n, period := v.Int("n"), v.Time("period")
	if cut := v.Time("cut"); cut > 0 && n >= 2 {
		add(cut, "cut %s %s", nodes(0, n/2), nodes(n/2, n-n/2))
		if heal := v.Time("heal"); heal > cut {
			add(heal, "heal")
		}
	}
	crashing := n * int(v.Ratio("crash")) / int(sim.Certain)
	groups := min(crashing, crashGroups)
	for g := range groups {
		// Evenly along the ring, and never node 0.
		size := crashing*(g+1)/groups - crashing*g/groups
		some := nodes(1+(n-1)*g/groups, size)
		at := v.Time("crash-at") + crashGap*sim.Time(g)
		add(at, "crash %s", some)
		if back := v.Time("restart"); back > 0 {
			add(at+back, "restart %s", some)
		}
	}
	if leaving := n * int(v.Ratio("churn")) / int(sim.Certain); leaving > 0 {
		for i := range churnPeriods {
			first := 1 + i*leaving%(n-leaving)
			at := period * sim.Time(i+1)
			add(at, "crash %s", nodes(first, leaving))
			add(at+period, "restart %s", nodes(first, leaving))
		}
	}
	return steps
}

// nodes names count nodes from the first on.
func nodes(first, count int) string {
	if count == 1 {
		return fmt.Sprintf("gossiper/%d", first)
	}
	return fmt.Sprintf("gossiper/%d-%d", first, first+count-1)
}

func buildFaults(v lab.Values, seed uint64) (*lab.World, error) {
	cfg := gossip.RumorConfig{
		Sites: v.Int("n"), Mode: modes[v.Choice("mode")], Stop: gossip.Never, Fanout: v.Int("fanout"),
		PeriodMicros: int64(v.Time("period")), Cycles: v.Choice("clock") == "cycles", News: news,
	}
	l, err := link(v)
	if err != nil {
		return nil, err
	}
	p := newPopulation(cfg, l, seed)
	p.net.Finished = p.everyone
	w := p.world()
	lastFault := sim.Time(0)
	for _, step := range scriptFaults(v, seed) {
		lastFault = max(lastFault, step.At)
	}
	periods := 24 + 5*bits.Len(uint(cfg.Sites))
	w.End = lastFault + p.period*sim.Time(periods)*sim.Time(sim.Certain)/sim.Time(max(sim.Certain-l.Loss, sim.Certain/10)) + 3*(l.Delay+l.Jitter)
	w.Curves = []lab.Curve{p.unaware(), p.spreading()}
	if lastFault == 0 {
		w.Curves = append(w.Curves, expectRumor(cfg, l, w.End)...)
	}
	w.Checks = []lab.Check{everybodyHears(p), logarithmic(p)}
	return w, nil
}
