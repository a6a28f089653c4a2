package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Call is the lab rpc/call: one remote call, part by part.
var Call = lab.Lab{
	ID: "rpc/call", Version: 1,
	Title: lab.Text{En: "A remote call", Zh: "一次远程调用"},
	Claim: lab.Text{
		En: "A remote call looks like a local one: the caller is suspended, the arguments go out as bytes, and a result comes back.",
		Zh: "远程调用用起来和本地调用一样：调用者挂起，参数变成字节发出去，结果再回来。"},
	Params: append(append([]lab.Param{
		clientsParam(1, 16),
		lab.IntParam("servers", 1, 1, 8, lab.Text{En: "Servers", Zh: "服务器数"},
			lab.Text{En: "How many servers there are; the clients are shared out among them.", Zh: "有多少台服务器；客户端平均分给它们。"}),
		eachParam(10, 10_000), transportParam(rpc.OverDatagram),
		{Name: "wait", Kind: lab.Choice, Label: lab.Text{En: "Without a reply", Zh: "没有应答时"},
			Help: lab.Text{En: "What the client's network service does when no reply comes.", Zh: "收不到应答时，客户端的网络服务怎么办。"},
			Choices: []lab.Option{
				{Value: "retry", Label: lab.Text{En: "ask again, then give up", Zh: "重试几次后放弃"}},
				{Value: "forever", Label: lab.Text{En: "wait for ever", Zh: "一直等下去"}},
			}}},
		partParams(8*sim.Millisecond, 25*sim.Millisecond, 30*sim.Millisecond)...),
		lab.LinkParams(20*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "slow-function", Label: lab.Text{En: "The function is slow", Zh: "函数很慢"}, Settings: []lab.Setting{{Name: "execute", Value: "300ms"}}},
		{ID: "far-server", Label: lab.Text{En: "The server is far away", Zh: "服务器很远"}, Settings: []lab.Setting{{Name: "delay", Value: "150ms"}}},
		{ID: "stream", Label: lab.Text{En: "Over a stream", Zh: "通过流传送"}, Settings: []lab.Setting{{Name: "transport", Value: "stream"}}},
		{ID: "server-crash", Label: lab.Text{En: "The server dies, the caller waits", Zh: "服务器崩溃，调用者一直等"}, Fails: "returns",
			Settings: []lab.Setting{{Name: "wait", Value: "forever"}}, Script: []lab.Step{{At: 250 * sim.Millisecond, Do: "crash server/0"}}},
	},
	States: callStates, Kinds: callKinds, Layout: "columns", SpeedPermille: 20,
	Build: buildCall,
}

func buildCall(v lab.Values, seed uint64) (*lab.World, error) {
	w := &calls{plan: plan{
		transport: transportOf(v), callers: v.Int("clients"), callees: v.Int("servers"), tasks: 1, link: lab.Physics(v),
		stub: v.Time("stub"), execute: v.Time("execute"), think: v.Time("think"), each: v.Int("calls"),
		callerTable: always(mustTable(rpc.ByFunction, services.CalculatorEntries())),
		calleeTable: always(mustTable(rpc.ByID, services.CalculatorEntries())),
		next:        sum,
		program:     func(*callee) rpc.Stub { return services.CalculatorServer{Calculator: calculator{}} },
	}}
	p := &w.plan
	round := 2*(p.link.Delay+p.link.Jitter) + 4*p.stub + p.execute
	p.client.TimeoutMicros = int64(2 * round)
	p.client.Semantics, p.server.Semantics = rpc.AtLeastOnce, rpc.AtLeastOnce
	end := sim.Time(p.each)*(round+p.think)*2 + 5*sim.Second
	if v.Choice("wait") == "forever" {
		p.client.TimeoutMicros = 2 * int64(end) // a little sooner or later, by luck
		p.client.MaxTimeoutMicros = p.client.TimeoutMicros
	}
	world := w.build(seed, end)
	world.Checks = []lab.Check{w.checkReturns(), w.checkLikeHome()}
	return world, nil
}
