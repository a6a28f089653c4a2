package rpc

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Limits of the parameters of rpc/registry: together they fit the stage's cards.
const (
	maxFinders   = 16
	maxProviders = 24
	maxUsers     = 400
)

// Registry is the lab rpc/registry: servers that register, clients that look
// them up, and what goes wrong when somebody in between is not there.
var Registry = lab.Lab{
	ID: "rpc/registry", Version: 1,
	Title: lab.Text{En: "A service registry", Zh: "服务注册中心"},
	Claim: lab.Text{
		En: "Servers register, clients look up who is there: a crashed server stays listed until its lease ends, and calls go on when the registry itself is down.",
		Zh: "服务器来登记，客户端来查询：崩溃的服务器要到租约到期才下线；注册中心自己倒了，调用照样进行。"},
	Params: append([]lab.Param{
		{Name: "balance", Kind: lab.Choice, Default: int64(byTurns),
			Label: lab.Text{En: "Load balancing", Zh: "负载均衡"},
			Help:  lab.Text{En: "How a client chooses one of the servers on its list for a call.", Zh: "客户端怎样从列表里为一次调用挑选服务器。"},
			Choices: []lab.Option{
				byLuck:   {Value: "random", Label: lab.Text{En: "random", Zh: "随机"}},
				byTurns:  {Value: "round-robin", Label: lab.Text{En: "round robin", Zh: "轮询"}},
				byLoad:   {Value: "least-active", Label: lab.Text{En: "least active", Zh: "最少活跃"}},
				byRing:   {Value: "hash", Label: lab.Text{En: "consistent hash of the user", Zh: "按用户一致性哈希"}},
				byModulo: {Value: "modulo", Label: lab.Text{En: "hash modulo the number of servers", Zh: "哈希对服务器数取余"}},
			}},
		{Name: "follow", Kind: lab.Choice, Label: lab.Text{En: "Clients", Zh: "客户端怎样得知变化"},
			Help: lab.Text{En: "Watch: the registry tells every change at once. Ask: the client looks the list up every now and then.", Zh: "监听：一有变化，注册中心立刻通知；查询：客户端隔一段时间查一次列表。"},
			Choices: []lab.Option{
				{Value: "watch", Label: lab.Text{En: "watch the list", Zh: "监听列表"}},
				{Value: "ask", Label: lab.Text{En: "ask now and then", Zh: "定时查询"}},
			}},
		clientsParam(3, maxFinders),
		lab.IntParam("servers", 4, 1, maxProviders, lab.Text{En: "Servers", Zh: "服务器数"},
			lab.Text{En: "How many instances of the service there are.", Zh: "这个服务有多少个实例。"}),
		leastSpan(lab.SpanParam("lease", 6*sim.Second, 60*sim.Second, lab.Text{En: "Lease", Zh: "租约"},
			lab.Text{En: "How long the registry believes a server without hearing from it.", Zh: "注册中心多久听不到消息就不再相信一个服务器。"})),
		leastSpan(lab.SpanParam("heartbeat", 2*sim.Second, 60*sim.Second, lab.Text{En: "Heartbeat", Zh: "心跳间隔"},
			lab.Text{En: "How often a server renews its lease.", Zh: "服务器多久续一次租约。"})),
		leastSpan(lab.SpanParam("refresh", 5*sim.Second, 60*sim.Second, lab.Text{En: "Refresh", Zh: "刷新间隔"},
			lab.Text{En: "How often a client asks for the list, or renews its watch.", Zh: "客户端隔多久查一次列表，或续一次监听。"})),
		{Name: "believe", Kind: lab.Bool,
			Label: lab.Text{En: "Believe a new registry", Zh: "相信刚启动的注册中心"},
			Help: lab.Text{En: "A registry that has just begun knows nobody yet; clients take its empty list for the truth.",
				Zh: "刚启动的注册中心还不认识任何服务器，客户端却把它的空列表当真。"}},
		{Name: "failover", Kind: lab.Bool,
			Label: lab.Text{En: "Failover", Zh: "失败转移"},
			Help:  lab.Text{En: "A call that fails goes to another server on the list.", Zh: "调用失败后，换列表里的另一个服务器再试。"}},
		leastSpan(lab.SpanParam("think", 800*sim.Millisecond, 60*sim.Second, lab.Text{En: "Pause", Zh: "间隔"},
			lab.Text{En: "How long a client waits from one call to the next; it does not wait for the answer.", Zh: "客户端隔多久发起下一次调用，不等上一次返回。"})),
		lab.SpanParam("execute", 300*sim.Millisecond, 60*sim.Second, lab.Text{En: "Execution", Zh: "执行用时"},
			lab.Text{En: "How long the function runs at a server.", Zh: "函数在服务器上运行多久。"}),
		lab.IntParam("slow", 1, 1, 20, lab.Text{En: "Slow server", Zh: "慢服务器"},
			lab.Text{En: "How many times longer the function runs at server/0.", Zh: "函数在 server/0 上运行的时间是别处的几倍。"}),
		lab.IntParam("weight", 1, 1, 10, lab.Text{En: "Weight of server/0", Zh: "server/0 的权重"},
			lab.Text{En: "How many times the load of another server it is to get.", Zh: "分给它的负载是其他服务器的几倍。"}),
		leastSpan(lab.SpanParam("timeout", 1500*sim.Millisecond, 60*sim.Second, lab.Text{En: "Timeout", Zh: "超时"},
			lab.Text{En: "How long a client waits for a reply before the call has failed.", Zh: "客户端等应答等多久算调用失败。"})),
		lab.IntParam("users", 24, 1, maxUsers, lab.Text{En: "Users", Zh: "用户数"},
			lab.Text{En: "Each call is made for one of so many users, by chance.", Zh: "每次调用随机为其中一个用户发起。"}),
		lab.IntParam("virtual", 40, 1, 500, lab.Text{En: "Virtual nodes", Zh: "虚拟节点"},
			lab.Text{En: "How many places each server has on the hash ring.", Zh: "每个服务器在哈希环上占几个位置。"}),
		leastSpan(lab.SpanParam("length", 34*sim.Second, 3600*sim.Second, lab.Text{En: "Length", Zh: "时长"},
			lab.Text{En: "How long calls are made.", Zh: "调用一共持续多久。"})),
	}, lab.LinkParams(150*sim.Millisecond, 50*sim.Millisecond, 0)...),
	Presets: []lab.Preset{
		{ID: "ask", Label: lab.Text{En: "Ask instead of watching", Zh: "定时查询，不监听"}, Settings: []lab.Setting{{Name: "follow", Value: "ask"}}},
		{ID: "short-lease", Label: lab.Text{En: "A short lease", Zh: "很短的租约"},
			Settings: []lab.Setting{{Name: "lease", Value: "2s"}, {Name: "heartbeat", Value: "600ms"}}},
		{ID: "failover", Label: lab.Text{En: "With failover", Zh: "失败就换一个"}, Settings: []lab.Setting{{Name: "failover", Value: "true"}}},
		{ID: "registry-down", Label: lab.Text{En: "The registry is down when a server dies", Zh: "注册中心倒下时服务器崩溃"}, Fails: "dead-calls",
			Script: []lab.Step{{At: 6 * sim.Second, Do: "crash registry/0"}, {At: 8 * sim.Second, Do: "crash server/1"}, {At: 26 * sim.Second, Do: "restart registry/0"}}},
		{ID: "believe", Label: lab.Text{En: "The empty list of a new registry", Zh: "新注册中心的空列表"}, Fails: "addresses",
			Settings: []lab.Setting{{Name: "believe", Value: "true"}, {Name: "refresh", Value: "3s"}},
			Script:   []lab.Step{{At: 10 * sim.Second, Do: "crash registry/0"}, {At: 14 * sim.Second, Do: "restart registry/0"}}},
		{ID: "missed", Label: lab.Text{En: "A notice gets lost", Zh: "丢了一条变更通知"},
			Script: []lab.Step{{At: 12 * sim.Second, Do: "cut registry/0 to client/0"}, {At: 12100 * sim.Millisecond, Do: "send server/1 leave"},
				{At: 12500 * sim.Millisecond, Do: "heal"}, {At: 20 * sim.Second, Do: "send server/1 join"}}},
		{ID: "slow-turns", Label: lab.Text{En: "A slow server, round robin", Zh: "有台慢的，轮询"}, Script: []lab.Step{},
			Settings: slowServer},
		{ID: "slow-least", Label: lab.Text{En: "A slow server, least active", Zh: "有台慢的，最少活跃"}, Script: []lab.Step{},
			Settings: append([]lab.Setting{{Name: "balance", Value: "least-active"}}, slowServer...)},
		{ID: "hash", Label: lab.Text{En: "Each user has a server", Zh: "每个用户固定一台"}, Settings: []lab.Setting{{Name: "balance", Value: "hash"}}},
		{ID: "modulo", Label: lab.Text{En: "The same by remainders", Zh: "改用取余"}, Fails: "users-stay",
			Settings: []lab.Setting{{Name: "balance", Value: "modulo"}}},
	},
	States: registryStates, Kinds: registryKinds, Layout: "columns", SpeedPermille: 1000,
	Orders: []lab.Order{
		{Role: "server", Form: "send {a} leave", Label: lab.Text{En: "Deregister", Zh: "注销"}},
		{Role: "server", Form: "send {a} join", Label: lab.Text{En: "Register again", Zh: "重新登记"}},
	},
	Script: func(v lab.Values, _ uint64) []lab.Step {
		script := []lab.Step{{At: 20 * sim.Second, Do: "crash registry/0"}, {At: 26 * sim.Second, Do: "restart registry/0"}}
		if v.Int("servers") > 1 {
			script = append([]lab.Step{{At: 6 * sim.Second, Do: "crash server/1"}, {At: 16 * sim.Second, Do: "restart server/1"}}, script...)
		}
		return script
	},
	Build: buildRegistry,
}

// slowServer is the load of the presets with one: so many calls that it shows.
var slowServer = []lab.Setting{{Name: "slow", Value: "6"}, {Name: "think", Value: "250ms"}, {Name: "timeout", Value: "5s"}, {Name: "length", Value: "20s"}}

// leastSpan keeps a time that repeats from being too short for the eye, and
// for the machine.
func leastSpan(p lab.Param) lab.Param {
	p.Min = int64(10 * sim.Millisecond)
	return p
}

// The ways to balance, in the order of the parameter's choices.
const (
	byLuck = iota
	byTurns
	byLoad
	byRing
	byModulo
)

var balances = []string{byLuck: "random", byTurns: "round-robin", byLoad: "least-active", byRing: "hash", byModulo: "modulo"}

func buildRegistry(v lab.Values, seed uint64) (*lab.World, error) {
	p := discoveryPlan{
		watch: v.Choice("follow") == "watch", believe: v.Bool("believe"), failover: v.Bool("failover"),
		finders: v.Int("clients"), providers: v.Int("servers"), users: v.Int("users"), virtual: v.Int("virtual"),
		lease: v.Time("lease"), heartbeat: v.Time("heartbeat"), refresh: v.Time("refresh"),
		think: v.Time("think"), execute: v.Time("execute"), timeout: v.Time("timeout"), length: v.Time("length"),
		slow: v.Int("slow"), weight: uint32(v.Int("weight")), link: lab.Physics(v),
	}
	for i, name := range balances {
		if v.Choice("balance") == name {
			p.balance = i
		}
	}
	if p.heartbeat >= p.lease {
		return nil, lab.Say("heartbeat=%v, but a lease of %v ends before the next heartbeat: choose a shorter heartbeat",
			"心跳间隔 heartbeat=%v，可是 %v 的租约等不到下一次心跳就到期了：请把心跳调短", p.heartbeat, p.lease)
	}
	w := newDiscovery(p)
	return w.build(seed), nil
}
