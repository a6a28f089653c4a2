package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Transport is the lab rpc/transport: the same calls, carried four ways.
var Transport = lab.Lab{
	ID: "rpc/transport", Version: 1,
	Title: lab.Text{En: "By what transport?", Zh: "用什么传送？"},
	Claim: lab.Text{
		En: "Call ID and arguments can travel in datagrams, a stream, HTTP/1.1 or HTTP/2; what is lost, doubled or slow then hurts different calls.",
		Zh: "Call ID 和参数可以装进数据报、流、HTTP/1.1 或 HTTP/2；丢了、重了、慢了的时候，受害的调用各不相同。"},
	Params: append(append([]lab.Param{
		transportParam(rpc.OverHTTP2),
		lab.IntParam("tasks", 6, 1, 32, lab.Text{En: "Calls at once", Zh: "同时的调用数"},
			lab.Text{En: "How many calls each client has under way at once, all on one connection.", Zh: "每个客户端同时有多少个调用在路上，它们共用一条连接。"}),
		lab.SpanParam("slow", 200*sim.Millisecond, 60*sim.Second, lab.Text{En: "A slow function", Zh: "慢函数用时"},
			lab.Text{En: "How long the division runs; the other functions take the usual time.", Zh: "除法要运行多久；其他函数用时照常。"}),
		clientsParam(1, 8),
		lab.IntParam("calls", 10, 1, 10_000, lab.Text{En: "Calls of a task", Zh: "每个任务的调用次数"},
			lab.Text{En: "How many calls each task makes, one after the other.", Zh: "每个任务依次发起多少次调用。"})},
		partParams(2*sim.Millisecond, 10*sim.Millisecond, 20*sim.Millisecond)...),
		lab.LinkParams(30*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "http1", Label: lab.Text{En: "HTTP/1.1: behind a slow call", Zh: "HTTP/1.1：排在慢调用后面"}, Fails: "nobody-waits",
			Settings: []lab.Setting{{Name: "transport", Value: "http1"}}},
		{ID: "http2-loss", Label: lab.Text{En: "HTTP/2: a lost packet holds up all", Zh: "HTTP/2：丢一个包，全都等"}, Fails: "nobody-waits",
			Settings: []lab.Setting{{Name: "loss", Value: "5%"}}},
		{ID: "stream-loss", Label: lab.Text{En: "A stream: the same", Zh: "流：也一样"}, Fails: "nobody-waits",
			Settings: []lab.Setting{{Name: "transport", Value: "stream"}, {Name: "loss", Value: "5%"}}},
		{ID: "datagrams", Label: lab.Text{En: "Datagrams: each call for itself", Zh: "数据报：各走各的"},
			Settings: []lab.Setting{{Name: "transport", Value: "datagram"}, {Name: "loss", Value: "5%"}}},
		{ID: "doubled", Label: lab.Text{En: "Datagrams that arrive twice", Zh: "数据报到两次"},
			Settings: []lab.Setting{{Name: "transport", Value: "datagram"}, {Name: "duplicate", Value: "30%"}}},
	},
	States: callStates, Kinds: callKinds, Layout: "columns", SpeedPermille: 50,
	Build: buildTransport,
}

func buildTransport(v lab.Values, seed uint64) (*lab.World, error) {
	w := &calls{plan: plan{
		transport: transportOf(v), callers: v.Int("clients"), callees: 1, tasks: v.Int("tasks"), link: lab.Physics(v),
		stub: v.Time("stub"), execute: v.Time("execute"), think: v.Time("think"), each: v.Int("calls"),
		slow:        map[string]sim.Time{"Calculator.divide": v.Time("slow")},
		client:      rpc.ClientConfig{Semantics: rpc.ExactlyOnce, MaxAttempts: 20},
		server:      rpc.ServerConfig{Semantics: rpc.ExactlyOnce},
		callerTable: always(mustTable(rpc.ByFunction, services.CalculatorEntries())),
		calleeTable: always(mustTable(rpc.ByID, services.CalculatorEntries())),
		next:        sum,
		program:     func(*callee) rpc.Stub { return services.CalculatorServer{Calculator: calculator{}} },
		shows:       shows{replies: true, waits: true},
	}}
	p := &w.plan
	round := 2*(p.link.Delay+p.link.Jitter) + 4*p.stub + max(p.execute, v.Time("slow")) + p.think
	if p.transport == rpc.OverDatagram {
		p.client.TimeoutMicros = int64(2 * round)
	} else {
		// A stream repeats what is lost by itself; the client asks again only when all hope is gone.
		p.client.TimeoutMicros = int64(max(10*round, 10*sim.Second))
		p.client.MaxTimeoutMicros = 4 * p.client.TimeoutMicros
	}
	world := w.build(seed, sim.Time(p.each)*round*4+20*sim.Second)
	world.Checks = []lab.Check{w.checkFlowing(), w.checkOnce(), w.checkReturns()}
	return world, nil
}
