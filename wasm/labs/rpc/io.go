package rpc

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

const maxIOConnections = 10_000

// IO is the lab rpc/io: one kind of work, three ways to share a server's
// threads among its connections.
var IO = lab.Lab{
	ID: "rpc/io", Version: 1,
	Title: lab.Text{En: "Threads and event loops", Zh: "线程与事件循环"},
	Claim: lab.Text{
		En: "A thread that waits is in nobody's way, until there are thousands: each has a stack and must be switched to. A loop serves whoever is ready, keeps half a frame for later, and must never wait.",
		Zh: "一个等待中的线程不碍事，成千上万个就不同了：每个都要占一块栈，轮到它还要切换。事件循环谁就绪就服务谁，半个帧先存着，但它自己绝不能等。"},
	Params: append([]lab.Param{
		{Name: "model", Kind: lab.Choice,
			Label: lab.Text{En: "Server", Zh: "服务器"},
			Help: lab.Text{En: "A thread for each connection, a pool of threads, an event loop; or all three with the same clients.",
				Zh: "每个连接一个线程、线程池、事件循环；或者三种并排，客户端完全相同。"},
			Choices: []lab.Option{
				{Value: "all", Label: lab.Text{En: "all three, side by side", Zh: "三种并排"}},
				{Value: "threads", Label: lab.Text{En: "a thread for each connection", Zh: "每个连接一个线程"}},
				{Value: "pool", Label: lab.Text{En: "a pool of threads", Zh: "线程池"}},
				{Value: "loop", Label: lab.Text{En: "an event loop", Zh: "事件循环"}},
			}},
		lab.IntParam("n", 48, 1, maxIOConnections, lab.Text{En: "Connections", Zh: "连接数"},
			lab.Text{En: "How many connections there are at each server in the end.", Zh: "每台服务器最后有多少个连接。"}),
		lab.SpanParam("ramp", 20*sim.Second, 600*sim.Second, lab.Text{En: "Growth", Zh: "增长时间"},
			lab.Text{En: "How long it takes until all are connected, one after the other.", Zh: "连接一个接一个到来，多久到齐。"}),
		lab.SpanParam("hold", 8*sim.Second, 600*sim.Second, lab.Text{En: "Full house", Zh: "满员时间"},
			lab.Text{En: "How long they then go on, all together.", Zh: "到齐之后再一起运行多久。"}),
		{Name: "think", Kind: lab.Span, Default: int64(sim.Second), Min: int64(sim.Millisecond), Max: int64(600 * sim.Second),
			Label: lab.Text{En: "Pause", Zh: "间隔"},
			Help:  lab.Text{En: "How long a client waits before its next request, on average.", Zh: "客户端平均隔多久发下一个请求。"}},
		lab.IntParam("requests", 3, 0, 10_000, lab.Text{En: "Requests a connection", Zh: "每个连接的请求数"},
			lab.Text{En: "After so many requests a client hangs up, and connects anew; 0: it stays.", Zh: "发完这么多请求就断开，再重新连接；0 表示一直连着。"}),
		lab.ShareParam("idle", 0, lab.Text{En: "Idle", Zh: "闲置"},
			lab.Text{En: "The share of connections on which nothing is ever asked.", Zh: "有多大比例的连接只连着，从不发请求。"}),
		lab.ShareParam("slow", 100_000, lab.Text{En: "Slow senders", Zh: "慢速客户端"},
			lab.Text{En: "The share of clients that send half of each frame and the rest two seconds later.", Zh: "有多大比例的客户端先发半个帧，两秒后才发另一半。"}),
		lab.SpanParam("cpu", 2*sim.Millisecond, 10*sim.Second, lab.Text{En: "Work", Zh: "计算用时"},
			lab.Text{En: "How much CPU time a request needs.", Zh: "处理一个请求要用多少 CPU 时间。"}),
		lab.SpanParam("wait", 50*sim.Millisecond, 60*sim.Second, lab.Text{En: "Database", Zh: "数据库用时"},
			lab.Text{En: "How long the database takes to answer, in the middle of each request; 0 for none.", Zh: "每个请求处理到一半要查数据库，等多久才有结果；0 表示不查。"}),
		{Name: "blocking", Kind: lab.Bool,
			Label: lab.Text{En: "The loop waits too", Zh: "事件循环也阻塞"},
			Help: lab.Text{En: "The handler in the event loop waits for the database, instead of being called again when the answer is there.",
				Zh: "事件循环里的处理器一直等到数据库返回，而不是先去做别的、有结果时再被叫回来。"}},
		lab.SpanParam("step", 50, sim.Second, lab.Text{En: "Small steps", Zh: "小步骤用时"},
			lab.Text{En: "CPU time of each read, write, decoder, encoder, accept, and each look at what is ready.", Zh: "每次读、写、解码、编码、接受连接、查看就绪列表所用的 CPU 时间。"}),
		lab.IntParam("cores", 2, 1, 64, lab.Text{En: "Cores", Zh: "CPU 核数"},
			lab.Text{En: "How many threads can run at once.", Zh: "最多几个线程同时运行。"}),
		lab.SpanParam("switch", 20, sim.Second, lab.Text{En: "Switch", Zh: "切换用时"},
			lab.Text{En: "What going from one thread to another costs, cold caches included.", Zh: "从一个线程换到另一个要花多久，缓存变冷也算在内。"}),
		lab.SpanParam("slice", 10*sim.Millisecond, 10*sim.Second, lab.Text{En: "Time slice", Zh: "时间片"},
			lab.Text{En: "How long a thread runs at most while others wait.", Zh: "有别的线程在等时，一个线程最多连续运行多久。"}),
		lab.IntParam("pool", 20, 1, 1000, lab.Text{En: "Pool", Zh: "线程池大小"},
			lab.Text{En: "How many threads the pool has.", Zh: "线程池里有多少个线程。"}),
		lab.IntParam("backlog", 1000, 0, maxIOConnections, lab.Text{En: "Queue", Zh: "排队上限"},
			lab.Text{En: "How many connections may wait for a thread of the pool.", Zh: "最多允许多少个连接排队等线程池。"}),
		lab.IntParam("loops", 1, 1, 64, lab.Text{En: "Loops", Zh: "事件循环数"},
			lab.Text{En: "How many event loops there are, each with a thread and its share of the connections.", Zh: "有几个事件循环，各用一个线程，分担连接。"}),
		lab.IntParam("stack", 1024, 4, 65_536, lab.Text{En: "Stack in KB", Zh: "栈大小（KB）"},
			lab.Text{En: "The memory that each thread takes. A connection takes 16 KB beside it.", Zh: "每个线程占用的内存。此外每个连接另占 16 KB。"}),
		lab.IntParam("memory", 64, 1, 1_048_576, lab.Text{En: "Memory in MB", Zh: "内存上限（MB）"},
			lab.Text{En: "The server turns connections away before it uses more than this.", Zh: "内存快要超过这个上限时，服务器拒绝新连接。"}),
		lab.SpanParam("limit", 5*sim.Second, 600*sim.Second, lab.Text{En: "Limit", Zh: "时限"},
			lab.Text{En: "How long an answer may take.", Zh: "应答最多可以用多久。"}),
	}, lab.LinkParams(20*sim.Millisecond, 5*sim.Millisecond, 0)...),
	Presets:       ioPresets,
	States:        ioStates,
	Kinds:         ioKinds,
	Layout:        "columns",
	SpeedPermille: 1000,
	Orders:        []lab.Order{{Role: "client", Form: "send {a} burst", Label: lab.Text{En: "All ask at once", Zh: "一起发请求"}}},
	Build:         buildIO,
}

// ioC10k is the load of the presets with 10,000 connections: most of the time
// each has nothing to say, and together they keep a core nearly busy.
func ioC10k(model string, more ...lab.Setting) []lab.Setting {
	return append([]lab.Setting{{Name: "model", Value: model}, {Name: "n", Value: "10000"}, {Name: "ramp", Value: "40s"}, {Name: "think", Value: "4s"},
		{Name: "requests", Value: "0"}, {Name: "cpu", Value: "300us"}, {Name: "step", Value: "10us"}, {Name: "switch", Value: "100us"},
		{Name: "limit", Value: "1s"}, {Name: "cores", Value: "1"}, {Name: "backlog", Value: "10000"}}, more...)
}

var ioPresets = []lab.Preset{
	{ID: "half", Label: lab.Text{En: "Half a frame", Zh: "半个帧"},
		Settings: []lab.Setting{{Name: "model", Value: "loop"}, {Name: "n", Value: "12"}, {Name: "ramp", Value: "5s"}, {Name: "hold", Value: "15s"},
			{Name: "slow", Value: "50%"}, {Name: "cpu", Value: "20ms"}, {Name: "step", Value: "5ms"}}},
	{ID: "blocks", Label: lab.Text{En: "A handler that waits", Zh: "处理器阻塞了事件循环"}, Fails: "answered",
		Settings: []lab.Setting{{Name: "model", Value: "loop"}, {Name: "blocking", Value: "true"}, {Name: "wait", Value: "100ms"}, {Name: "limit", Value: "2s"}}},
	{ID: "starved", Label: lab.Text{En: "Idle clients starve the pool", Zh: "闲置连接占满线程池"}, Fails: "answered",
		Settings: []lab.Setting{{Name: "idle", Value: "50%"}}},
	{ID: "memory", Label: lab.Text{En: "10,000 threads", Zh: "一万个线程"}, Fails: "accepted",
		Settings: ioC10k("threads", lab.Setting{Name: "memory", Value: "4096"})},
	{ID: "c10k", Label: lab.Text{En: "10,000 in one loop", Zh: "一个循环服务一万个连接"},
		Settings: ioC10k("loop", lab.Setting{Name: "memory", Value: "4096"})},
	{ID: "three", Label: lab.Text{En: "10,000 at each, enough memory", Zh: "三种各一万个连接，内存足够"}, Fails: "answered",
		Settings: ioC10k("all", lab.Setting{Name: "memory", Value: "16384"}, lab.Setting{Name: "pool", Value: "200"})},
}

func buildIO(v lab.Values, seed uint64) (*lab.World, error) {
	plan, err := newIOPlan(v, seed)
	if err != nil {
		return nil, err
	}
	net := sim.New(seed)
	w := &ioWorld{plan: plan, net: net, way: lab.Physics(v)}
	w.build()
	return w.world(), nil
}
