package gossip

import (
	"fmt"

	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Purposes of sim.NewLuck in the labs with stores.
const luckWriters = 101

// Exchange is the lab gossip/exchange: what push, pull and push-pull really
// send, and how versions settle what was written at once.
var Exchange = lab.Lab{
	ID: "gossip/exchange", Version: 1,
	Title: lab.Text{En: "Push, pull, push-pull", Zh: "推、拉、推拉"},
	Claim: lab.Text{
		En: "Push sends keys, values and versions; pull sends keys and versions and gets what is newer; push-pull does both, and the newest version wins everywhere.",
		Zh: "推：送出键、值和版本；拉：只送键和版本，换回更新的；推拉两样都做。最后，每个键都以最新的版本为准。"},
	Params: []lab.Param{
		flowParam(),
		nodesParam(14, 200),
		{Name: "keys", Kind: lab.Int, Default: 3, Min: 1, Max: 64,
			Label: lab.Text{En: "Keys", Zh: "键的个数"},
			Help:  lab.Text{En: "How many keys the database has.", Zh: "数据库里有几个键。"}},
		{Name: "writes", Kind: lab.Int, Default: 4, Min: 1, Max: 64,
			Label: lab.Text{En: "First writes", Zh: "开头的写入"},
			Help: lab.Text{En: "How many nodes write a key at the beginning, in turn k1, k2 and so on. More writes than keys make conflicts.",
				Zh: "开头有几个节点各写一个键，依次写 k1、k2……写入比键多，就会有冲突。"}},
		{Name: "tiebreak", Kind: lab.Bool, Default: 1,
			Label: lab.Text{En: "Writer breaks ties", Zh: "平局比写者"},
			Help: lab.Text{En: "Of two values with equal counters, the one by the writer with the greater number wins. Off: each node keeps the one it saw first.",
				Zh: "两个值的计数相同时，写者编号大的胜出。关掉它，各节点就都守着先看到的那个。"}},
		fanoutParam(1, maxFanout),
		periodParam(sim.Second), delayParam(300 * sim.Millisecond), jitterParam(100 * sim.Millisecond), lossParam(0),
		duplicateParam(), reorderParam(),
	},
	Presets: []lab.Preset{
		{ID: "push", Label: lab.Text{En: "Push", Zh: "推"}, Settings: []lab.Setting{{Name: "mode", Value: "push"}}},
		{ID: "pull", Label: lab.Text{En: "Pull", Zh: "拉"}, Settings: []lab.Setting{{Name: "mode", Value: "pull"}}},
		{ID: "push-pull", Label: lab.Text{En: "Push-pull", Zh: "推拉"}},
		{ID: "conflicts", Label: lab.Text{En: "Everybody writes the same key", Zh: "大家同写一个键"},
			Settings: []lab.Setting{{Name: "keys", Value: "1"}, {Name: "writes", Value: "14"}}},
		{ID: "lossy", Label: lab.Text{En: "Half of the packets get lost", Zh: "一半的包会丢"},
			Settings: []lab.Setting{{Name: "loss", Value: "50%"}}},
		{ID: "no-tiebreak", Label: lab.Text{En: "No rule for ties: they never agree", Zh: "平局无规则：永不一致"},
			Settings: []lab.Setting{{Name: "tiebreak", Value: "false"}}, Fails: "all-equal"},
	},
	States: []lab.State{
		stateEmpty:   {ID: "empty", Label: lab.Text{En: "knows nothing yet", Zh: "还什么都不知道"}, Shape: "ring", Color: "idle"},
		stateBehind:  {ID: "behind", Label: lab.Text{En: "knows some news", Zh: "知道一部分"}, Shape: "disc", Color: "active"},
		stateCurrent: {ID: "current", Label: lab.Text{En: "has the newest of every key", Zh: "每个键都是最新"}, Shape: "bar", Color: "done"},
	},
	Kinds:         storeKinds[:kindWant],
	Layout:        "ring",
	SpeedPermille: 500,
	Orders:        []lab.Order{orderWrite},
	Script: func(v lab.Values, _ uint64) []lab.Step {
		// The last key: a write to k1 would put an end to the first conflict by itself.
		return []lab.Step{{At: 8 * v.Time("period"), Do: fmt.Sprintf("send gossiper/%d write k%d late", v.Int("n")/2, v.Int("keys"))}}
	},
	Build: buildExchange,
}

const exchangePeriods = 60 // after which the run ends at the latest

func buildExchange(v lab.Values, seed uint64) (*lab.World, error) {
	n, keys, writes := v.Int("n"), v.Int("keys"), v.Int("writes")
	if writes > n {
		return nil, lab.Say("writes=%d, but there are only n=%d nodes, and each writes once at the beginning",
			"writes=%d，可是只有 n=%d 个节点，而开头每个节点最多写一次", writes, n)
	}
	if v.Int("fanout") >= n {
		return nil, tooWide(v.Int("fanout"), n)
	}
	c := replicasConfig{
		nodes: n, keys: keys, fanout: v.Int("fanout"), period: v.Time("period"),
		flow: flowOf(v), noTies: !v.Bool("tiebreak"), joiner: -1,
	}
	if c.flow == gossip.Take {
		c.method = gossip.ByDigest
	}
	for i, member := range sample(sim.NewLuck(seed, luckWriters), n, writes) {
		c.writes = append(c.writes, plannedWrite{member: member, key: i % keys})
	}
	r := newReplicas(c)
	net := sim.New(seed)
	role := net.AddRole("gossiper", n, r)
	net.Connect(role, role, physics(v))
	w := r.world(net, 1)
	w.End = exchangePeriods * c.period
	w.CurveMax = int64(n)
	w.Curves = []lab.Curve{
		{ID: "current", Label: lab.Text{En: "have the newest of every key", Zh: "每个键都最新"}, Color: "done",
			Measure: func() int64 { return int64(r.current) }},
	}
	r.highest = make([]gossip.Version, n*keys)
	w.Checks = append(w.Checks, r.checkForward())
	if writes > keys && !c.noTies {
		w.Checks = append(w.Checks, lab.Check{
			Name: "settled", Kind: lab.Sometimes,
			Claim: lab.Text{En: "Two values written at once meet, and one of them wins.", Zh: "同时写下的两个值相遇，其中一个胜出。"},
			Holds: func() bool { return r.settled > 0 },
			Detail: func() lab.Text {
				if r.settled == 0 {
					return lab.Text{En: "no two of them met", Zh: "没有两个这样的值相遇"}
				}
				return lab.Text{En: "seen", Zh: "见到了"}
			},
		})
	}
	return w, nil
}

// sample chooses k different numbers below n, in random order.
func sample(luck *sim.Luck, n, k int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for i := range k {
		j := i + luck.Intn(n-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:k]
}

// checkForward remembers, apart from the stores, the highest version that
// each node has had of each key.
func (r *replicas) checkForward() lab.Check {
	return lab.Check{
		Name: "forward", Kind: lab.Always,
		Claim:  lab.Text{En: "At no node does a version ever go back.", Zh: "任何节点上的版本都不会倒退。"},
		Holds:  func() bool { return r.wentBack == 0 },
		Detail: func() lab.Text { return lab.Say("times back: %d", "倒退了 %d 次", r.wentBack) },
	}
}

// watch is told of each version that a node takes.
func (r *replicas) watch(member, key int, v gossip.Version) {
	if r.highest == nil {
		return
	}
	h := &r.highest[member*r.config.keys+key]
	if v.Compare(*h) <= 0 {
		r.wentBack++
	}
	*h = v
}
