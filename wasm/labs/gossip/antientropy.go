package gossip

import (
	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Purposes of sim.NewLuck in the labs with stores, besides luckWriters.
const luckUpdates = 102

// AntiEntropy is the lab gossip/anti-entropy: nodes compare everything they
// have until all agree, which also fills the store of one that joins empty.
var AntiEntropy = lab.Lab{
	ID: "gossip/anti-entropy", Version: 1,
	Title: lab.Text{En: "Anti-entropy", Zh: "反熵"},
	Claim: lab.Text{
		En: "Everything is compared until all agree: nobody is missed for good and a newcomer is filled up, at a price in traffic that digests and hash trees bring down.",
		Zh: "反复比对全部数据，直到人人一致：不会有谁永远落下，新来的节点也能补齐。代价是流量，而摘要和哈希树能把它降下来。"},
	Params: []lab.Param{
		{Name: "compare", Kind: lab.Choice, Default: 1,
			Label: lab.Text{En: "Compare by", Zh: "比对方法"},
			Help: lab.Text{En: "What is sent to find the differences: everything, all keys with their versions, one checksum first, or a tree of hashes.",
				Zh: "靠发送什么来找差异：全部数据；所有键和版本；先发一个校验和；或者一棵哈希树。"},
			Choices: []lab.Option{
				gossip.ByFull:     {Value: "full", Label: lab.Text{En: "everything", Zh: "全部数据"}},
				gossip.ByDigest:   {Value: "digest", Label: lab.Text{En: "keys and versions", Zh: "键和版本"}},
				gossip.ByChecksum: {Value: "checksum", Label: lab.Text{En: "checksum first", Zh: "先比校验和"}},
				gossip.ByMerkle:   {Value: "merkle", Label: lab.Text{En: "hash tree (Merkle)", Zh: "哈希树（Merkle）"}},
			}},
		flowParam(),
		nodesParam(12, 200),
		{Name: "keys", Kind: lab.Int, Default: 200, Min: 1, Max: 2000,
			Label: lab.Text{En: "Keys", Zh: "键的个数"},
			Help:  lab.Text{En: "How many keys everybody has from the beginning.", Zh: "一开始人人都有的键有多少个。"}},
		{Name: "value", Kind: lab.Int, Default: 60, Min: 8, Max: gossip.MaxValueBytes,
			Label: lab.Text{En: "Value size in bytes", Zh: "值的大小（字节）"},
			Help:  lab.Text{En: "How long the value of a key is.", Zh: "每个键的值有多长。"}},
		{Name: "updates", Kind: lab.Int, Default: 3, Min: 0, Max: 64,
			Label: lab.Text{En: "Updates", Zh: "更新次数"},
			Help: lab.Text{En: "Fresh writes, each by some node, the first at once and then one every two periods.",
				Zh: "新的写入，每次由随机一个节点写：第一次在开头，之后每两个周期一次。"}},
		{Name: "join", Kind: lab.Span, Default: int64(9 * sim.Second), Max: int64(600 * sim.Second),
			Label: lab.Text{En: "Newcomer at", Zh: "新节点加入时刻"},
			Help:  lab.Text{En: "When the last node joins, with an empty store; 0 for nobody.", Zh: "最后一个节点何时带着空库加入；0 表示没有。"}},
		fanoutParam(1, maxFanout), clockParam(),
		periodParam(sim.Second), delayParam(250 * sim.Millisecond), jitterParam(250 * sim.Millisecond), lossParam(0),
		duplicateParam(), reorderParam(),
	},
	Presets: []lab.Preset{
		{ID: "full", Label: lab.Text{En: "Send everything", Zh: "发送全部数据"}, Settings: []lab.Setting{{Name: "compare", Value: "full"}}},
		{ID: "checksum", Label: lab.Text{En: "A checksum first", Zh: "先比校验和"}, Settings: []lab.Setting{{Name: "compare", Value: "checksum"}}},
		{ID: "merkle", Label: lab.Text{En: "A tree of hashes, 2000 keys", Zh: "哈希树，2000 个键"},
			Settings: []lab.Setting{{Name: "compare", Value: "merkle"}, {Name: "keys", Value: "2000"}}},
		{ID: "theory-pull", Label: lab.Text{En: "One update, pull: against theory", Zh: "一条更新，拉：对照理论"}, Settings: oneUpdate("pull")},
		{ID: "theory-push", Label: lab.Text{En: "One update, push: against theory", Zh: "一条更新，推：对照理论"}, Settings: oneUpdate("push")},
		{ID: "partition", Label: lab.Text{En: "Cut in two, then healed", Zh: "一分为二，然后恢复"},
			Settings: []lab.Setting{{Name: "updates", Value: "5"}, {Name: "join", Value: "0s"}},
			Script:   []lab.Step{{At: 0, Do: "cut gossiper/0-5 gossiper/6-11"}, {At: 14 * sim.Second, Do: "heal"}}},
		{ID: "one-way", Label: lab.Text{En: "Pull over a one-way cut: they never agree", Zh: "单向断开时只拉不推：永不一致"},
			Settings: []lab.Setting{{Name: "mode", Value: "pull"}, {Name: "join", Value: "0s"}},
			Script:   []lab.Step{{At: 0, Do: "cut gossiper/0-5 to gossiper/6-11"}}, Fails: "all-equal"},
	},
	States: []lab.State{
		stateEmpty:   {ID: "empty", Label: lab.Text{En: "empty", Zh: "空库"}, Shape: "ring", Color: "warn"},
		stateBehind:  {ID: "susceptible", Label: lab.Text{En: "lacks something (susceptible)", Zh: "有缺（易感）"}, Shape: "ring", Color: "idle"},
		stateCurrent: {ID: "infective", Label: lab.Text{En: "has all that is newest (infective)", Zh: "全是最新（感染）"}, Shape: "disc", Color: "active"},
	},
	Kinds:         storeKinds,
	Layout:        "ring",
	SpeedPermille: 500,
	Orders:        []lab.Order{orderWrite},
	Build:         buildAntiEntropy,
}

func oneUpdate(mode string) []lab.Setting {
	return []lab.Setting{{Name: "mode", Value: mode}, {Name: "clock", Value: "cycles"}, {Name: "n", Value: "200"},
		{Name: "keys", Value: "10"}, {Name: "updates", Value: "1"}, {Name: "join", Value: "0s"}, {Name: "delay", Value: "150ms"}}
}

// antiEntropyPeriods is how long the run goes on at most after the last update
// or joining.
const antiEntropyPeriods = 60

func buildAntiEntropy(v lab.Values, seed uint64) (*lab.World, error) {
	n, keys := v.Int("n"), v.Int("keys")
	physics, err := link(v)
	if err != nil {
		return nil, err
	}
	c := replicasConfig{
		nodes: n, keys: keys, fanout: v.Int("fanout"), period: v.Time("period"), together: v.Choice("clock") == "cycles",
		flow: flowOf(v), method: compareMethods[v.Choice("compare")],
		joiner: -1, join: v.Time("join"), valueBytes: v.Int("value"),
	}
	if c.fanout >= n {
		return nil, tooWide(c.fanout, n)
	}
	writers := n
	if c.join > 0 {
		if n < 3 {
			return nil, lab.Say("join=%v, but with n=%d there is only one other node: take 3 at least, or join=0s",
				"设了 join=%v，可是 n=%d 时除了它只有一个节点：节点数至少取 3，或者设 join=0s", c.join, n)
		}
		c.joiner, writers = n-1, n-1
		if c.together {
			c.join = (c.join + c.period - 1) / c.period * c.period
		}
	}
	for key := range keys {
		c.initial.Write(keyName(key), fillValue("first", c.valueBytes), 0)
	}
	luck, from := sim.NewLuck(seed, luckUpdates), c.join
	for i := range v.Int("updates") {
		at := sim.Time(2*i) * c.period
		c.writes = append(c.writes, plannedWrite{at: at, member: luck.Intn(writers), key: luck.Intn(keys)})
		from = max(from, at)
	}
	r := newReplicas(c)
	net := sim.New(seed)
	role := net.AddRole("gossiper", n, r)
	net.Connect(role, role, physics)
	w := r.world(net, from+1)
	w.End = from + antiEntropyPeriods*c.period
	w.CurveMax = int64(n)
	w.Curves = r.antiEntropyCurves()
	if c.together {
		w.Cycle = c.period
	}
	return w, nil
}

var compareMethods = map[string]gossip.Method{
	"full": gossip.ByFull, "digest": gossip.ByDigest, "checksum": gossip.ByChecksum, "merkle": gossip.ByMerkle,
}

// antiEntropyCurves are the nodes that lack nothing, the theory where it
// speaks of this run, and how full the newcomer's store is.
func (r *replicas) antiEntropyCurves() []lab.Curve {
	c := &r.config
	curves := []lab.Curve{{ID: "current", Label: lab.Text{En: "have all that is newest", Zh: "全是最新的节点"}, Color: "active",
		Measure: func() int64 { return int64(r.current) }}}
	if c.together && c.joiner < 0 && len(c.writes) == 1 && c.fanout == 1 {
		curves = append(curves, lab.Curve{ID: "theory", Label: lab.Text{En: "theory", Zh: "理论值"}, Color: "active",
			Theory: expectCurrent(c.nodes, c.flow&gossip.Give != 0, c.flow&gossip.Take != 0, c.period)})
	}
	if c.joiner >= 0 {
		curves = append(curves, lab.Curve{ID: "joiner", Label: lab.Text{En: "how full the newcomer's store is", Zh: "新节点的数据补齐程度"}, Color: "warn",
			Measure: func() int64 { return int64(c.nodes) * int64(r.members[c.joiner].Store.Len()) / int64(c.keys) }})
	}
	return curves
}
