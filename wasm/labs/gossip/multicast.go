package gossip

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Purposes of sim.NewLuck in gossip/multicast.
const luckGraph = 103

const (
	maxMulticastNodes = 1000
	maxMulticastSends = 60 // of the lab's own; a visitor can order a few more
	maxPushes         = 16 // rounds in which gossip repeats a message
)

// Multicast is the lab gossip/multicast: one source, many members, four ways
// to carry a message to all of them.
var Multicast = lab.Lab{
	ID: "gossip/multicast", Version: 1,
	Title: lab.Text{En: "One to many", Zh: "一对多"},
	Claim: lab.Text{
		En: "One to one, one to all, one to some: a structure among the nodes themselves carries each message, and decides who bears the load and what a crash does.",
		Zh: "一对一、一对多、一对全体：消息靠节点之间搭起的结构来传送，结构决定谁来分担，也决定一个节点崩溃会怎样。"},
	Params: []lab.Param{
		{Name: "method", Kind: lab.Choice, Default: int64(methodTree),
			Label: lab.Text{En: "Carried by", Zh: "传送方式"},
			Help: lab.Text{En: "The source sends to each member itself; a tree; flooding a random graph; or gossip to random members.",
				Zh: "由源头逐个发送；沿一棵树；在随机图上洪泛；或者随机找成员闲聊（gossip）。"},
			Choices: []lab.Option{
				methodUnicast: {Value: "unicast", Label: lab.Text{En: "the source alone", Zh: "源头逐个发"}},
				methodTree:    {Value: "tree", Label: lab.Text{En: "a tree", Zh: "树"}},
				methodFlood:   {Value: "flood", Label: lab.Text{En: "flooding a graph", Zh: "图上洪泛"}},
				methodGossip:  {Value: "gossip", Label: lab.Text{En: "gossip", Zh: "闲聊（gossip）"}},
			}},
		nodesParam(31, maxMulticastNodes),
		{Name: "group", Kind: lab.Int, Max: maxMulticastNodes - 1,
			Label: lab.Text{En: "Group", Zh: "接收组"},
			Help:  lab.Text{En: "How many members each message is for; 0 for all of them.", Zh: "每条消息发给几个成员；0 表示全体。"}},
		{Name: "fanout", Kind: lab.Int, Default: 2, Min: 1, Max: maxFanout,
			Label: lab.Text{En: "Fan-out", Zh: "扇出"},
			Help: lab.Text{En: "Children of a node in the tree; half its neighbours in the graph; in gossip, members told in a round.",
				Zh: "树里每个节点的孩子数；图里邻居数的一半；闲聊时每轮告诉几个成员。"}},
		{Name: "pushes", Kind: lab.Int, Default: 4, Min: 1, Max: maxPushes,
			Label: lab.Text{En: "Gossip rounds", Zh: "闲聊轮数"},
			Help:  lab.Text{En: "In how many periods a node repeats a message when it gossips.", Zh: "闲聊时，节点听到一条消息后转告几轮。"}},
		{Name: "count", Kind: lab.Int, Default: 6, Min: 1, Max: maxMulticastSends,
			Label: lab.Text{En: "Messages", Zh: "消息条数"},
			Help:  lab.Text{En: "How many messages the source sends, one after the other.", Zh: "源头先后发出多少条消息。"}},
		{Name: "interval", Kind: lab.Span, Default: int64(2 * sim.Second), Min: int64(10 * sim.Millisecond), Max: int64(60 * sim.Second),
			Label: lab.Text{En: "Interval", Zh: "发送间隔"},
			Help:  lab.Text{En: "How long the source waits from one message to the next.", Zh: "源头发一条消息后隔多久发下一条。"}},
		{Name: "uplink", Kind: lab.Int, Default: 250, Max: 1_000_000,
			Label: lab.Text{En: "Uplink in bytes a second", Zh: "上行带宽（字节每秒）"},
			Help: lab.Text{En: "How fast a node can send: its packets wait their turn; 0 for no limit. A copy is about 13 bytes.",
				Zh: "节点每秒能发出多少字节，发不完的包要排队；0 表示不限。一个副本约 13 字节。"}},
		periodParam(300 * sim.Millisecond), delayParam(200 * sim.Millisecond), jitterParam(100 * sim.Millisecond), lossParam(0),
		duplicateParam(), reorderParam(),
	},
	Presets: []lab.Preset{
		{ID: "one-to-one", Label: lab.Text{En: "One to one", Zh: "一对一"},
			Settings: []lab.Setting{{Name: "method", Value: "unicast"}, {Name: "group", Value: "1"}}},
		{ID: "one-to-some", Label: lab.Text{En: "One to eight", Zh: "一对八"},
			Settings: []lab.Setting{{Name: "method", Value: "unicast"}, {Name: "group", Value: "8"}}},
		{ID: "unicast", Label: lab.Text{En: "The source sends to each", Zh: "源头逐个发送"}, Settings: []lab.Setting{{Name: "method", Value: "unicast"}}},
		{ID: "tree-crash", Label: lab.Text{En: "A tree loses a branch", Zh: "树断了一枝"}, Script: crashFirst, Fails: "all-hear"},
		{ID: "flood-crash", Label: lab.Text{En: "Flooding, the same crash", Zh: "洪泛，同一次崩溃"},
			Settings: []lab.Setting{{Name: "method", Value: "flood"}}, Script: crashFirst},
		{ID: "gossip-crash", Label: lab.Text{En: "Gossip, the same crash", Zh: "闲聊，同一次崩溃"},
			Settings: []lab.Setting{{Name: "method", Value: "gossip"}}, Script: crashFirst},
	},
	States: []lab.State{
		stateWaiting: {ID: "waiting", Label: lab.Text{En: "waits for the latest message", Zh: "还没收到最新一条"}, Shape: "ring", Color: "idle"},
		stateHeard:   {ID: "heard", Label: lab.Text{En: "has the latest message", Zh: "已收到最新一条"}, Shape: "disc", Color: "active"},
		stateMissed:  {ID: "missed", Label: lab.Text{En: "has missed a message", Zh: "漏掉过消息"}, Shape: "ring", Color: "warn"},
		stateSource:  {ID: "source", Label: lab.Text{En: "the source", Zh: "源头"}, Shape: "disc", Color: "done"},
		stateOutside: {ID: "outside", Label: lab.Text{En: "not in the group", Zh: "不在组内"}, Shape: "bar", Color: "idle"},
	},
	Kinds:         []lab.Kind{{ID: "message", Name: lab.Text{En: "message", Zh: "消息"}, Label: lab.Text{En: "a copy of the message", Zh: "消息的一个副本"}, Mark: "M", Color: "data"}},
	Layout:        "ring",
	SpeedPermille: 500,
	Orders:        []lab.Order{{Role: "source", Form: "send {a} message", Label: lab.Text{En: "Send one more message", Zh: "再发一条消息"}}},
	Build:         buildMulticast,
}

// crashFirst stops the source's first child in the tree between two messages.
var crashFirst = []lab.Step{{At: 3 * sim.Second, Do: "crash member/0"}}

func buildMulticast(v lab.Values, seed uint64) (*lab.World, error) {
	n, group := v.Int("n"), v.Int("group")
	if group == 0 {
		group = n - 1
	}
	if group > n-1 {
		return nil, lab.Say("group=%d, but with n=%d there are only %d members beside the source",
			"接收组 group=%d，可是 n=%d 时除源头外只有 %d 个成员", group, n, n-1)
	}
	c := multicastConfig{
		method: v.Choice("method"), group: group, fanout: v.Int("fanout"), pushes: v.Int("pushes"),
		count: v.Int("count"), interval: v.Time("interval"), period: v.Time("period"),
	}
	c.neighbours = overlay(&c, seed)
	m := newMulticast(c, n)
	net := sim.New(seed)
	source, member := net.AddRole("source", 1, sourceRole{m}), net.AddRole("member", n-1, memberRole{m})
	way := physics(v)
	way.RateBytes = int64(v.Int("uplink"))
	for _, from := range []sim.RoleID{source, member} {
		net.Connect(from, source, way)
		net.Connect(from, member, way)
	}
	w := m.world(net)
	w.End = sim.Time(c.count)*c.interval + c.tail(way)
	if c.method == "tree" {
		w.Layout = "tree"
	}
	return w, nil
}

// tail is a bound for how long the messages are under way after the last was
// sent: all hops, rounds and queues; and half a minute in which a visitor can
// order more. (A run ends by itself when nothing is under way any more.)
func (c *multicastConfig) tail(l sim.Link) sim.Time {
	hops := 20
	if c.fanout == 1 {
		hops = c.group // a chain, or a ring
	}
	tail := 30*sim.Second + sim.Time(hops)*(l.Delay+l.Jitter)
	if c.method == "gossip" {
		tail += sim.Time(hops+c.pushes) * c.period
	}
	if l.RateBytes > 0 {
		const copyBytes = 20
		tail += sim.Time(c.count*c.mostCopies()*copyBytes) * sim.Second / sim.Time(l.RateBytes)
	}
	return tail
}

// mostCopies is how many copies of one message a node sends at most.
func (c *multicastConfig) mostCopies() int {
	if c.method == "gossip" {
		return c.fanout * c.pushes
	}
	most := 0
	for _, list := range c.neighbours {
		most = max(most, len(list))
	}
	return most
}

// The methods, in the order of the parameter's choices.
const (
	methodUnicast = iota
	methodTree
	methodFlood
	methodGossip
)

// overlay is the structure that the source (0) and the group (1 to group)
// form: for each node, those to whom it passes messages on. Gossip has none.
func overlay(c *multicastConfig, seed uint64) [][]sim.NodeID {
	size := c.group + 1
	lists := make([][]sim.NodeID, size)
	switch c.method {
	case "unicast":
		for i := 1; i < size; i++ {
			lists[0] = append(lists[0], sim.NodeID(i))
		}
	case "tree":
		for i := 1; i < size; i++ {
			parent := (i - 1) / c.fanout
			lists[parent] = append(lists[parent], sim.NodeID(i))
		}
	case "flood":
		// As many rings through all nodes in random order as the fan-out says:
		// the graph holds together, and every node has equally many neighbours
		// but for edges that fall together.
		luck := sim.NewLuck(seed, luckGraph)
		for range c.fanout {
			ring := sample(luck, size, size)
			for i, a := range ring {
				b := ring[(i+1)%size]
				lists[a], lists[b] = befriend(lists[a], a, b), befriend(lists[b], b, a)
			}
		}
	}
	return lists
}

// befriend adds b to the neighbours of a, once and if they are not the same.
func befriend(list []sim.NodeID, a, b int) []sim.NodeID {
	for _, x := range list {
		if x == sim.NodeID(b) {
			return list
		}
	}
	if a == b {
		return list
	}
	return append(list, sim.NodeID(b))
}
