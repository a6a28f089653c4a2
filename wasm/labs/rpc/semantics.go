package rpc

import (
	"strconv"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Semantics is the lab rpc/semantics: how often a call is executed when
// messages get lost and servers die.
var Semantics = lab.Lab{
	ID: "rpc/semantics", Version: 1,
	Title: lab.Text{En: "How often is it executed?", Zh: "到底执行了几次？"},
	Claim: lab.Text{
		En: "When no reply comes, the caller cannot know whether its call was executed. Asking again executes it at least once; exactly once takes a table of duplicates at the server.",
		Zh: "收不到应答时，调用者无从知道调用有没有执行过。重试会让它至少执行一次；要恰好一次，服务器得有一张去重表。"},
	Params: append(append([]lab.Param{
		{Name: "semantics", Kind: lab.Choice, Default: int64(rpc.ExactlyOnce), Label: lab.Text{En: "Semantics", Zh: "调用语义"},
			Help: lab.Text{En: "Ask once; ask again; ask again and let the server remember what it answered; and let it remember even after a crash.",
				Zh: "只问一次；没有应答就再问；再问，并且服务器记住应答过什么；而且崩溃之后也还记得。"},
			Choices: []lab.Option{
				rpc.Maybe:       {Value: "maybe", Label: lab.Text{En: "maybe", Zh: "或许一次"}},
				rpc.AtLeastOnce: {Value: "at-least-once", Label: lab.Text{En: "at least once", Zh: "至少一次"}},
				rpc.AtMostOnce:  {Value: "at-most-once", Label: lab.Text{En: "at most once", Zh: "至多一次"}},
				rpc.ExactlyOnce: {Value: "exactly-once", Label: lab.Text{En: "exactly once", Zh: "恰好一次"}},
			}},
		lab.SpanParam("timeout", 150*sim.Millisecond, 60*sim.Second, lab.Text{En: "Timeout", Zh: "超时"},
			lab.Text{En: "How long a client waits for a reply before it asks again; twice as long each time.", Zh: "客户端等应答等多久就重发；每重发一次，等的时间翻倍。"}),
		lab.IntParam("attempts", 6, 1, 20, lab.Text{En: "Attempts", Zh: "尝试次数"},
			lab.Text{En: "How often a client sends a call at most.", Zh: "一次调用最多发送几次。"}),
		lab.IntParam("entries", 64, 1, 1024, lab.Text{En: "Duplicate table, entries", Zh: "去重表项数"},
			lab.Text{En: "How many replies the server keeps at most.", Zh: "服务器最多存多少个应答。"}),
		lab.SpanParam("expiry", 10*sim.Second, 600*sim.Second, lab.Text{En: "Duplicate table, expiry", Zh: "去重表过期时间"},
			lab.Text{En: "How long the server keeps a reply. Too short, and a late request is executed again.", Zh: "应答存多久。太短的话，迟到的请求会再执行一次。"}),
		{Name: "full", Kind: lab.Choice, Label: lab.Text{En: "When the table is full", Zh: "表满时"},
			Help: lab.Text{En: "What a new call meets.", Zh: "新来的调用会怎样。"},
			Choices: []lab.Option{
				rpc.FullRefuses: {Value: "refuse", Label: lab.Text{En: "the server refuses it", Zh: "服务器拒绝它"}},
				rpc.FullForgets: {Value: "forget", Label: lab.Text{En: "the oldest reply is forgotten", Zh: "忘掉最旧的应答"}},
			}},
		clientsParam(2, 16), eachParam(12, 100_000), transportParam(rpc.OverDatagram)},
		partParams(5*sim.Millisecond, 20*sim.Millisecond, 40*sim.Millisecond)...),
		lab.LinkParams(20*sim.Millisecond, 5*sim.Millisecond, 150_000)...),
	Presets: []lab.Preset{
		{ID: "lost-reply", Label: lab.Text{En: "A lost reply: executed twice", Zh: "应答丢了：执行两次"}, Fails: "never-twice",
			Settings: []lab.Setting{{Name: "clients", Value: "1"}, {Name: "loss", Value: "0%"}, {Name: "semantics", Value: "at-least-once"}},
			Script:   []lab.Step{{At: 20 * sim.Millisecond, Do: "cut server to client"}, {At: 120 * sim.Millisecond, Do: "heal"}}},
		{ID: "remembered", Label: lab.Text{En: "The same lost reply, remembered", Zh: "同样丢了应答，但服务器记得"},
			Settings: []lab.Setting{{Name: "clients", Value: "1"}, {Name: "loss", Value: "0%"}},
			Script:   []lab.Step{{At: 20 * sim.Millisecond, Do: "cut server to client"}, {At: 120 * sim.Millisecond, Do: "heal"}}},
		{ID: "maybe", Label: lab.Text{En: "Ask once, hope", Zh: "只问一次，听天由命"}, Settings: []lab.Setting{{Name: "semantics", Value: "maybe"}}, Seed: 2, Fails: "returns"},
		{ID: "crash-at-most", Label: lab.Text{En: "The server dies between execution and reply", Zh: "执行完还没应答，服务器就崩溃"},
			Settings: []lab.Setting{{Name: "clients", Value: "1"}, {Name: "loss", Value: "0%"}, {Name: "semantics", Value: "at-most-once"}, {Name: "stub", Value: "20ms"}},
			Script:   crashBeforeReply(133 * sim.Millisecond), Fails: "returns"},
		{ID: "crash-exactly", Label: lab.Text{En: "The same death, with a table that survives", Zh: "同样崩溃，但去重表还在"},
			Settings: []lab.Setting{{Name: "clients", Value: "1"}, {Name: "loss", Value: "0%"}, {Name: "stub", Value: "20ms"}},
			Script:   crashBeforeReply(90 * sim.Millisecond)},
		{ID: "short-memory", Label: lab.Text{En: "The table forgets too soon", Zh: "去重表忘得太快"}, Fails: "never-twice",
			Settings: []lab.Setting{{Name: "expiry", Value: "100ms"}, {Name: "loss", Value: "30%"}}},
	},
	States: callStates, Kinds: callKinds, Layout: "columns", SpeedPermille: 60,
	Build: buildSemantics,
}

// crashBeforeReply stops the server while its stub writes the first reply. At
// most once takes a round longer: the client learns the server's life first.
func crashBeforeReply(at sim.Time) []lab.Step {
	return []lab.Step{{At: at, Do: "crash server/0"}, {At: at + 20*sim.Millisecond, Do: "restart server/0"}}
}

func buildSemantics(v lab.Values, seed uint64) (*lab.World, error) {
	semantics := rpc.Maybe
	for s, name := range []string{"maybe", "at-least-once", "at-most-once", "exactly-once"} {
		if v.Choice("semantics") == name {
			semantics = rpc.Semantics(s)
		}
	}
	full := rpc.FullRefuses
	if v.Choice("full") == "forget" {
		full = rpc.FullForgets
	}
	w := &calls{}
	w.plan = plan{
		transport: transportOf(v), callers: v.Int("clients"), callees: 1, tasks: 1, link: lab.Physics(v),
		stub: v.Time("stub"), execute: v.Time("execute"), think: v.Time("think"), each: v.Int("calls"),
		client: rpc.ClientConfig{Semantics: semantics, TimeoutMicros: int64(max(v.Time("timeout"), 1)), MaxAttempts: v.Int("attempts")},
		server: rpc.ServerConfig{Semantics: semantics, Duplicates: rpc.DuplicateLimits{
			MaxEntries: v.Int("entries"), ExpiryMicros: int64(max(v.Time("expiry"), 1)), WhenFull: full}},
		callerTable: always(mustTable(rpc.ByFunction, services.CounterEntries())),
		calleeTable: always(mustTable(rpc.ByID, services.CounterEntries())),
		next:        increment,
		program:     func(c *callee) rpc.Stub { return services.CounterServer{Counter: counter{&w.lives[c.member]}} },
		durable:     semantics == rpc.ExactlyOnce,
		shows:       shows{counter: true, replies: semantics == rpc.AtMostOnce || semantics == rpc.ExactlyOnce},
	}
	if semantics == rpc.Maybe {
		// Who asks only once still has to go on when no reply comes.
		w.plan.client.DeadlineMicros = w.plan.client.TimeoutMicros
	}
	p := &w.plan
	attempts := sim.Time(min(p.client.MaxAttempts, 8))
	round := 2*(p.link.Delay+p.link.Jitter) + 4*p.stub + p.execute + p.think + attempts*v.Time("timeout")
	world := w.build(seed, sim.Time(p.each)*round+10*sim.Second)
	world.Checks = []lab.Check{w.checkOnce(), w.checkReturns()}
	return world, nil
}

// counter is the server: it counts on its disk, so to say, for a crash would
// otherwise hide how often it was told to.
type counter struct{ life *life }

func (c counter) Add(by int64) (int64, error) { c.life.counter += by; return c.life.counter, nil }
func (c counter) Get() (int64, error)         { return c.life.counter, nil }
func (c counter) Reset() error                { c.life.counter = 0; return nil }

func increment(member, n int) call {
	return call{
		text: "add(1)", function: "Counter.add",
		begin: func(c *rpc.Client, now int64) (uint64, error) { return services.CounterClient{Client: c}.Add(now, 1) },
		result: func(e rpc.Event) (string, error) {
			x, err := services.CounterAddResult(e)
			return strconv.FormatInt(x, 10), err
		},
	}
}
