package gossip

import (
	"math/bits"

	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Rumor is rumor mongering, the SIR model, as in section 1.4 of Demers et al.
// 1987. On the clock "cycles" it is the paper's own experiment, with messages.
var Rumor = lab.Lab{
	ID: "gossip/rumor", Version: 1,
	Title: lab.Text{En: "Rumor mongering", Zh: "谣言传播"},
	Claim: lab.Text{
		En: "Only news is spread, and a rumour is dropped once it stops being news: light on the network, but some may never hear.",
		Zh: "只传播新消息，一旦不再新鲜就不再传：网络负担轻，但可能有节点永远听不到。"},
	Params: []lab.Param{
		nodesParam(50, 100_000),
		{Name: "k", Kind: lab.Int, Default: 2, Min: 1, Max: 20,
			Label: lab.Text{En: "k", Zh: "k"},
			Help: lab.Text{En: "How much a node bears before it loses interest: the counter's end, or 1/k the coin's chance.",
				Zh: "节点对传播失去兴趣之前能忍受多少次：计数器的上限，或者抛硬币失去兴趣的概率为 1/k。"}},
		{Name: "mode", Kind: lab.Choice, Choices: []lab.Option{pushOption, pullOption, pushPullOption},
			Label: lab.Text{En: "Mode", Zh: "方式"},
			Help: lab.Text{En: "Those who know tell, those who do not ask, or both.",
				Zh: "知道的人去说（推），人人去问（拉），或者两者结合。"}},
		{Name: "memory", Kind: lab.Choice, Default: 1,
			Choices: []lab.Option{
				{Value: "blind", Label: lab.Text{En: "blind", Zh: "盲目"}},
				{Value: "feedback", Label: lab.Text{En: "feedback", Zh: "有反馈"}}},
			Label: lab.Text{En: "Feedback", Zh: "反馈"},
			Help: lab.Text{En: "Whether a partner answers that it had heard already; blind nodes tire of every contact.",
				Zh: "对方是否回答“我早就知道了”；盲目的节点每联系一次都会更厌倦。"}},
		{Name: "stop", Kind: lab.Choice, Default: 1,
			Choices: []lab.Option{
				{Value: "coin", Label: lab.Text{En: "coin", Zh: "硬币"}},
				{Value: "counter", Label: lab.Text{En: "counter", Zh: "计数器"}}},
			Label: lab.Text{En: "Stop rule", Zh: "停止规则"},
			Help: lab.Text{En: "Lose interest by chance, with 1/k, or after k useless contacts in a row.",
				Zh: "以 1/k 的概率失去兴趣，或者连续 k 次白费口舌后失去兴趣。"}},
		clockParam(),
		fanoutParam(1, gossip.MaxRumorFanout),
		{Name: "limit", Kind: lab.Int, Max: 20,
			Label: lab.Text{En: "Connection limit", Zh: "连接上限"},
			Help: lab.Text{En: "How many callers a node takes in a period; they knock first. 0 is no limit.",
				Zh: "每个节点每个周期最多接待几个来访者，来访前要先敲门；0 表示不限。"}},
		{Name: "hunt", Kind: lab.Int, Max: gossip.MaxRumorHunt,
			Label: lab.Text{En: "Hunting", Zh: "另找伙伴"},
			Help: lab.Text{En: "How many other partners a node tries in a period when it is turned away.",
				Zh: "被拒之门外时，一个周期里最多再换几个伙伴试试。"}},
		lossParam(0),
		periodParam(sim.Second),
		delayParam(200 * sim.Millisecond),
		jitterParam(100 * sim.Millisecond),
		duplicateParam(), reorderParam(),
	},
	Presets: []lab.Preset{
		{ID: "gives-up", Label: lab.Text{En: "Blind, one contact each: the rumour dies at once", Zh: "盲目且只说一次：谣言很快消亡"}, Fails: "hears",
			Settings: []lab.Setting{{Name: "k", Value: "1"}, {Name: "memory", Value: "blind"}, {Name: "stop", Value: "coin"}}},
		{ID: "table-1", Label: lab.Text{En: "The paper's table 1: 1,000 nodes, push, k=1", Zh: "论文表 1：1000 个节点，推，k=1"},
			Settings: []lab.Setting{{Name: "n", Value: "1000"}, {Name: "k", Value: "1"}, {Name: "clock", Value: "cycles"}}},
		{ID: "pull", Label: lab.Text{En: "Everybody asks: hardly anyone is missed", Zh: "人人都问：几乎无人遗漏"},
			Settings: []lab.Setting{{Name: "mode", Value: "pull"}}},
		{ID: "one-caller", Label: lab.Text{En: "One caller each: busy nodes turn others away", Zh: "每次只接待一个：忙的节点会拒绝别人"},
			Settings: []lab.Setting{{Name: "limit", Value: "1"}, {Name: "hunt", Value: "2"}}},
		{ID: "lossy", Label: lab.Text{En: "A third of all packets lost", Zh: "三分之一的数据包丢失"},
			Settings: []lab.Setting{{Name: "loss", Value: "33%"}, {Name: "k", Value: "3"}}},
	},
	States:        siteStates(lab.Text{En: "has lost interest", Zh: "免疫：已失去兴趣"}),
	Kinds:         rumorKinds,
	Layout:        "ring",
	SpeedPermille: 1000,
	Build:         buildRumor,
}

func buildRumor(v lab.Values, seed uint64) (*lab.World, error) {
	cfg := gossip.RumorConfig{
		Sites: v.Int("n"), Mode: modes[v.Choice("mode")],
		Memory: gossip.Blind, Stop: gossip.Coin, K: v.Int("k"),
		Fanout: v.Int("fanout"), PeriodMicros: int64(v.Time("period")),
		Cycles: v.Choice("clock") == "cycles", News: news,
		Limit: v.Int("limit"), Hunt: v.Int("hunt"),
	}
	if v.Choice("memory") == "feedback" {
		cfg.Memory = gossip.Feedback
	}
	if v.Choice("stop") == "counter" {
		cfg.Stop = gossip.Counter
	}
	l, err := link(v)
	if err == nil && cfg.Cycles {
		err = fits(l.Delay, sim.Time(cfg.PeriodMicros), cfg.Legs())
	}
	if err != nil {
		return nil, err
	}
	p := newPopulation(cfg, l, seed)
	p.net.Finished = p.silent
	w := p.world()
	// Twice what the slowest of the paper's variants needs; losses take longer.
	periods := 24 + 4*bits.Len(uint(cfg.Sites)) + 20*cfg.K
	if cfg.Memory == gossip.Blind && cfg.K == 1 {
		// A chain from one site to the next, until it meets one that knows:
		// about the root of n, and six times that hardly ever (a birthday's chance).
		periods = max(periods, 6*squareRoot(cfg.Sites))
	}
	w.End = p.period*sim.Time(periods)*sim.Time(sim.Certain)/sim.Time(max(sim.Certain-l.Loss, sim.Certain/10)) + 3*(l.Delay+l.Jitter)
	w.Curves = append([]lab.Curve{p.unaware(), p.spreading(), p.finished()}, expectRumor(cfg, l, w.End)...)
	if cfg.Mode == gossip.Push && cfg.Limit == 0 {
		w.Metrics = func() []lab.Metric {
			return append(p.metrics(p.net), lab.Metric{Name: "residue_theory", Unit: "ratio",
				Label: lab.Text{En: "never heard, expected of this traffic (e^-m)", Zh: "按此流量预期的未听说比例（e^-m）"},
				Value: residueByTraffic(l, per(p.updates, int64(cfg.Sites)))})
		}
	}
	allowed := allowedResidue(cfg)
	w.Checks = []lab.Check{
		{Name: "hears", Kind: lab.Finally,
			Claim: lab.Text{
				En: "No more than twice as many never hear as the theory of feedback expects.",
				Zh: "永远听不到的节点，不超过“有反馈”理论预期的两倍。"},
			Holds: func() bool { return p.living-p.knowing <= allowed },
			Detail: func() lab.Text {
				return lab.Say("%d of %d never heard, at most %d allowed", "%d 个没听到，共 %d 个，最多允许 %d 个", p.living-p.knowing, p.living, allowed)
			}},
		{Name: "quiet", Kind: lab.Finally,
			Claim: lab.Text{
				En: "In the end nobody spreads the rumour any more.",
				Zh: "最后没有节点再传播谣言。"},
			Holds:  func() bool { return p.infective == 0 },
			Detail: func() lab.Text { return lab.Say("%d still spread it", "还有 %d 个在传播", p.infective) }},
		{Name: "drops", Kind: lab.Sometimes,
			Claim: lab.Text{
				En: "Some node loses interest.",
				Zh: "有节点失去兴趣，不再传播。"},
			Holds: func() bool { return p.removed > 0 },
			Detail: func() lab.Text {
				if p.removed == 0 {
					return lab.Text{En: "all go on spreading it", Zh: "都还在传播"}
				}
				return lab.Text{En: "one has lost interest", Zh: "有一个失去了兴趣"}
			}},
	}
	return w, nil
}
