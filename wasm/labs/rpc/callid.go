package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// CallID is the lab rpc/call-id: the tables by which both ends agree on which
// function is meant.
var CallID = lab.Lab{
	ID: "rpc/call-id", Version: 1,
	Title: lab.Text{En: "Which function? Call IDs", Zh: "调用哪个函数？Call ID"},
	Claim: lab.Text{
		En: "A function pointer means nothing elsewhere. Each function has a Call ID, kept in a table at both ends; the tables may differ in size, but an entry they share must agree.",
		Zh: "函数指针到了别的进程毫无意义。每个函数都有一个 Call ID，两端各有一张表；两张表可以大小不同，但共有的项必须一致。"},
	Params: append(append([]lab.Param{
		{Name: "tables", Kind: lab.Choice, Label: lab.Text{En: "The tables", Zh: "两端的表"},
			Help: lab.Text{En: "How the client's table and the server's differ.", Zh: "客户端的表和服务器的表有什么不同。"},
			Choices: []lab.Option{
				{Value: "agree", Label: lab.Text{En: "agree", Zh: "一致"}},
				{Value: "swapped", Label: lab.Text{En: "disagree about two functions", Zh: "有两个函数对不上"}},
				{Value: "missing", Label: lab.Text{En: "the server lacks one", Zh: "服务器缺一个函数"}},
				{Value: "upgrade", Label: lab.Text{En: "the server's changes at 1 s", Zh: "第 1 秒时服务器换表"}},
			}},
		{Name: "ids", Kind: lab.Choice, Label: lab.Text{En: "Call IDs are", Zh: "Call ID 用"},
			Help: lab.Text{En: "Numbers are short, names say more.", Zh: "数字短，名字一目了然。"},
			Choices: []lab.Option{
				{Value: "numbers", Label: lab.Text{En: "numbers", Zh: "数字"}},
				{Value: "names", Label: lab.Text{En: "names", Zh: "名字"}},
			}},
		{Name: "check", Kind: lab.Bool, Default: 0, Label: lab.Text{En: "Compare signatures", Zh: "核对函数签名"},
			Help: lab.Text{En: "Each request carries a hash of the function's name, parameters and result. The server compares it with its own, or ignores it.",
				Zh: "每个请求都带着函数名、参数和结果的哈希值。服务器可以拿它和自己的核对，也可以不理会。"}},
		clientsParam(1, 8), eachParam(25, 10_000), transportParam(rpc.OverDatagram)},
		partParams(5*sim.Millisecond, 15*sim.Millisecond, 60*sim.Millisecond)...),
		lab.LinkParams(20*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "wrong-function", Label: lab.Text{En: "The wrong function runs", Zh: "执行了错误的函数"}, Fails: "right-function",
			Settings: []lab.Setting{{Name: "tables", Value: "swapped"}}},
		{ID: "checked", Label: lab.Text{En: "The same, but signatures are compared", Zh: "同样的表，但核对签名"},
			Settings: []lab.Setting{{Name: "tables", Value: "swapped"}, {Name: "check", Value: "true"}}, Fails: "returns"},
		{ID: "missing", Label: lab.Text{En: "The server does not know it", Zh: "服务器没有这个函数"},
			Settings: []lab.Setting{{Name: "tables", Value: "missing"}}, Fails: "returns"},
		{ID: "upgrade", Label: lab.Text{En: "The server is upgraded under a running client", Zh: "客户端运行中，服务器升级"},
			Settings: []lab.Setting{{Name: "tables", Value: "upgrade"}}, Fails: "right-function"},
		{ID: "upgrade-names", Label: lab.Text{En: "The same upgrade, with names", Zh: "同样升级，但用名字"},
			Settings: []lab.Setting{{Name: "tables", Value: "upgrade"}, {Name: "ids", Value: "names"}}},
	},
	States: callStates, Kinds: callKinds, Layout: "columns", SpeedPermille: 40,
	Orders: []lab.Order{{Role: "server", Form: "send {a} upgrade", Label: lab.Text{En: "Upgrade the server's table", Zh: "升级服务器的表"}}},
	Script: func(v lab.Values, _ uint64) []lab.Step {
		if v.Choice("tables") == "upgrade" {
			return []lab.Step{{At: sim.Second, Do: "send server/0 upgrade"}}
		}
		return nil
	},
	Build: buildCallID,
}

func buildCallID(v lab.Values, seed uint64) (*lab.World, error) {
	names := v.Choice("ids") == "names"
	client := identified(services.CalculatorEntries(), names, 1)
	// The server knows more than this client ever asks for.
	server := append(identified(services.CalculatorEntries(), names, 1), identified(services.CounterEntries(), names, 5)...)
	switch v.Choice("tables") {
	case "swapped": // add and subtract
		client[0].ID, client[1].ID = client[1].ID, client[0].ID
	case "missing": // multiply
		server = append(server[:2:2], server[3:]...)
	}
	// Somebody sorted the new version's functions by name and numbered them anew.
	sorted := services.CalculatorEntries()
	upgraded := identified([]rpc.Entry{sorted[0], sorted[3], sorted[2], sorted[1]}, names, 1)
	upgraded = append(upgraded, identified(services.CounterEntries(), names, 5)...)
	next := mustTable(rpc.ByID, upgraded)

	w := &calls{plan: plan{
		transport: transportOf(v), callers: v.Int("clients"), callees: 1, tasks: 1, link: lab.Physics(v),
		stub: v.Time("stub"), execute: v.Time("execute"), think: v.Time("think"), each: v.Int("calls"),
		client:      rpc.ClientConfig{Semantics: rpc.AtLeastOnce},
		server:      rpc.ServerConfig{Semantics: rpc.AtLeastOnce, TrustTables: !v.Bool("check")},
		callerTable: always(mustTable(rpc.ByFunction, client)),
		calleeTable: always(mustTable(rpc.ByID, server)),
		upgraded:    func(int) *rpc.Table { return next },
		next:        sum,
		program:     func(*callee) rpc.Stub { return services.CalculatorServer{Calculator: calculator{}} },
		shows:       shows{tables: true},
	}}
	p := &w.plan
	round := 2*(p.link.Delay+p.link.Jitter) + 4*p.stub + p.execute
	p.client.TimeoutMicros = int64(2 * round)
	world := w.build(seed, sim.Time(p.each)*(round+p.think)*2+5*sim.Second)
	world.Checks = []lab.Check{w.checkRightFunction(), w.checkReturns()}
	return world, nil
}

// identified gives functions Call IDs: numbers from first on, or their names.
func identified(entries []rpc.Entry, names bool, first uint32) []rpc.Entry {
	for i := range entries {
		entries[i].ID = rpc.ID{Number: first + uint32(i)}
		if names {
			entries[i].ID = rpc.ID{Name: entries[i].Function}
		}
	}
	return entries
}
