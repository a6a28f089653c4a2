package rpc

import (
	"grapevine/protocols/grpc"
	"grapevine/protocols/http2"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// GRPC is the lab rpc/grpc: the four kinds of call, and what ends them.
var GRPC = lab.Lab{
	ID: "rpc/grpc", Version: 1,
	Title: lab.Text{En: "gRPC: four kinds of call", Zh: "gRPC：四种调用"},
	Claim: lab.Text{
		En: "A gRPC call is one HTTP/2 stream: messages go one way, the other, or both, a window holds back who sends too fast, and a status ends it.",
		Zh: "一次 gRPC 调用就是一个 HTTP/2 流：消息单向或双向流动，窗口挡住发得太快的一方，最后以一个状态码结束。"},
	Params: append([]lab.Param{
		{Name: "kind", Kind: lab.Choice, Label: lab.Text{En: "Kind of call", Zh: "调用种类"},
			Help: lab.Text{En: "What the clients call: one kind, or all four in turn.", Zh: "客户端调用哪一种；也可以四种轮流。"},
			Choices: []lab.Option{
				{Value: "mix", Label: lab.Text{En: "all four", Zh: "四种轮流"}},
				{Value: "unary", Label: kindNames[unary]},
				{Value: "server", Label: kindNames[serverStream]},
				{Value: "client", Label: kindNames[clientStream]},
				{Value: "bidi", Label: kindNames[bothStream]},
			}},
		clientsParam(1, 10),
		lab.IntParam("servers", 1, 1, 3, lab.Text{En: "Servers", Zh: "服务器数"},
			lab.Text{En: "How many servers there are; each client connects to one, and to the next when that leaves.", Zh: "有几台服务器；每个客户端连接其中一台，它离开了就换下一台。"}),
		eachParam(8, 100_000),
		lab.IntParam("tasks", 2, 1, maxTasks/2, lab.Text{En: "Calls at once", Zh: "同时的调用数"},
			lab.Text{En: "How many calls each client has under way at once, all on one connection.", Zh: "每个客户端同时有多少个调用在路上，它们共用一条连接。"}),
		lab.IntParam("messages", 5, 1, 500, lab.Text{En: "Messages", Zh: "消息数"},
			lab.Text{En: "How many messages a streaming call has.", Zh: "一次流式调用有多少条消息。"}),
		lab.SpanParam("work", 40*sim.Millisecond, 60*sim.Second, lab.Text{En: "Work", Zh: "处理用时"},
			lab.Text{En: "How long a server works on each message.", Zh: "服务器处理每条消息要多久。"}),
		lab.SpanParam("read", 20*sim.Millisecond, 60*sim.Second, lab.Text{En: "Reading", Zh: "读取用时"},
			lab.Text{En: "How long a client takes to read a message.", Zh: "客户端读一条消息要多久。"}),
		lab.SpanParam("gap", 30*sim.Millisecond, 60*sim.Second, lab.Text{En: "Gap", Zh: "发送间隔"},
			lab.Text{En: "How long a client takes to make its next message, in a call that streams them.", Zh: "流式调用里，客户端隔多久准备好下一条消息。"}),
		lab.SpanParam("think", 100*sim.Millisecond, 60*sim.Second, lab.Text{En: "Pause", Zh: "间隔"},
			lab.Text{En: "How long a program waits from one call to the next.", Zh: "程序一次调用返回后隔多久再调用。"}),
		lab.SpanParam("deadline", 2*sim.Second, 600*sim.Second, lab.Text{En: "Deadline", Zh: "截止时间"},
			lab.Text{En: "How long a call may take; the server is told. 0: for ever.", Zh: "一次调用最多可以用多久，服务器也会知道。0 表示不限。"}),
		lab.IntParam("window", 65_535, 16, 1<<20, lab.Text{En: "Window", Zh: "窗口"},
			lab.Text{En: "How many bytes a receiver lets the other end send on a stream before they are read.", Zh: "在读走之前，接收方允许对方在一个流上发送多少字节。"}),
		lab.SpanParam("keepalive", sim.Second, 600*sim.Second, lab.Text{En: "Keepalive", Zh: "保活"},
			lab.Text{En: "After how much silence a client sends a PING; it then waits as long for the answer. 0: never.", Zh: "安静多久之后客户端发 PING 探测，再等同样久；没有回答就放弃连接。0 表示从不探测。"}),
		lab.ShareParam("mistakes", 0, lab.Text{En: "Mistakes", Zh: "出错比例"},
			lab.Text{En: "The share of calls that ask for what the server cannot give.", Zh: "有多大比例的调用会提出服务器办不到的要求。"}),
		{Name: "metadata", Kind: lab.Bool, Default: 1, Label: lab.Text{En: "Metadata", Zh: "元数据"},
			Help: lab.Text{En: "Whether calls and answers carry header fields of their own.", Zh: "调用和应答是否带上自己的头部字段。"}},
	}, lab.LinkParams(20*sim.Millisecond, 0, 0)...),
	Presets: grpcPresets,
	States:  grpcStates, Kinds: grpcKinds, Layout: "columns", SpeedPermille: 40,
	Orders: []lab.Order{
		{Role: "client", Form: "send {a} unary", Label: lab.Text{En: "Begin a unary call", Zh: "发起一元调用"}},
		{Role: "client", Form: "send {a} server", Label: lab.Text{En: "Begin server streaming", Zh: "发起服务端流调用"}},
		{Role: "client", Form: "send {a} client", Label: lab.Text{En: "Begin client streaming", Zh: "发起客户端流调用"}},
		{Role: "client", Form: "send {a} bidi", Label: lab.Text{En: "Begin bidirectional streaming", Zh: "发起双向流调用"}},
		{Role: "client", Form: "send {a} mistake", Label: lab.Text{En: "Begin a call that fails", Zh: "发起一个会失败的调用"}},
		{Role: "client", Form: "send {a} cancel", Label: lab.Text{En: "Cancel the oldest call", Zh: "取消最早的调用"}},
		{Role: "server", Form: "send {a} shutdown", Label: lab.Text{En: "Shut down in good order", Zh: "有序关闭"}},
	},
	Build: buildGRPC,
}

var grpcPresets = []lab.Preset{
	{ID: "many", Label: lab.Text{En: "Ten clients, three servers", Zh: "十个客户端，三台服务器"},
		Settings: lab.Settings("clients", "10", "servers", "3", "calls", "20")},
	{ID: "deadline", Label: lab.Text{En: "The deadline passes", Zh: "过了截止时间"},
		Settings: lab.Settings("kind", "unary", "calls", "4", "work", "500ms", "deadline", "300ms")},
	{ID: "late-answer", Label: lab.Text{En: "The answer is on its way", Zh: "应答还在路上"}, Fails: "both-agree",
		Settings: lab.Settings("kind", "unary", "calls", "4", "deadline", "70ms")},
	{ID: "cancel", Label: lab.Text{En: "The client cancels", Zh: "客户端取消"},
		Settings: lab.Settings("kind", "server", "calls", "2", "tasks", "1", "messages", "20", "window", "100"),
		Script:   []lab.Step{{At: 250 * sim.Millisecond, Do: "send client/0 cancel"}}},
	{ID: "mistakes", Label: lab.Text{En: "Calls that fail", Zh: "会失败的调用"},
		Settings: lab.Settings("kind", "unary", "calls", "12", "mistakes", "60%")},
	{ID: "slow-reader", Label: lab.Text{En: "A slow reader holds the server back", Zh: "读得慢，服务器就得等"},
		Settings: lab.Settings("kind", "server", "calls", "2", "tasks", "1", "messages", "60", "window", "200", "read", "30ms", "deadline", "10s")},
	{ID: "wide-window", Label: lab.Text{En: "The same, with a wide window", Zh: "同样的读者，窗口很大"}, Fails: "not-flooded",
		Settings: lab.Settings("kind", "server", "calls", "2", "tasks", "1", "messages", "60", "read", "30ms", "deadline", "10s")},
	{ID: "shutdown", Label: lab.Text{En: "A server shuts down in good order", Zh: "服务器有序关闭"},
		Settings: lab.Settings("servers", "2", "clients", "2"),
		Script:   []lab.Step{{At: 400 * sim.Millisecond, Do: "send server/0 shutdown"}}},
	{ID: "crash", Label: lab.Text{En: "A server crashes", Zh: "服务器崩溃"}, Fails: "none-lost",
		Settings: lab.Settings("servers", "2", "clients", "2", "keepalive", "300ms"),
		Script:   []lab.Step{{At: 400 * sim.Millisecond, Do: "crash server/0"}}},
	{ID: "cut", Label: lab.Text{En: "The link is cut, a PING notices", Zh: "链路断了，PING 发现"},
		Settings: lab.Settings("kind", "unary", "tasks", "1", "deadline", "0s"),
		Script:   cutBetweenCalls},
	{ID: "cut-unnoticed", Label: lab.Text{En: "The link is cut, nobody notices", Zh: "链路断了，没人发现"}, Fails: "nobody-hangs",
		Settings: lab.Settings("kind", "unary", "tasks", "1", "deadline", "0s", "keepalive", "0s"),
		Script:   cutBetweenCalls},
}

// cutBetweenCalls: the server has answered one call and has not heard of the next.
var cutBetweenCalls = []lab.Step{{At: 430 * sim.Millisecond, Do: "cut client server"}, {At: 14 * sim.Second, Do: "heal"}}

func buildGRPC(v lab.Values, seed uint64) (*lab.World, error) {
	w := &shopping{plan: shopPlan{
		mix: v.Choice("kind") == "mix", clients: v.Int("clients"), servers: v.Int("servers"), each: v.Int("calls"),
		tasks: v.Int("tasks"), messages: v.Int("messages"), work: v.Time("work"), read: v.Time("read"), gap: v.Time("gap"),
		think: v.Time("think"), deadline: v.Time("deadline"), window: v.Int("window"), mistakes: v.Ratio("mistakes"),
		metadata: v.Bool("metadata"), link: lab.Physics(v),
	}}
	for kind, name := range []string{unary: "unary", serverStream: "server", clientStream: "client", bothStream: "bidi"} {
		if v.Choice("kind") == name {
			w.plan.kind = callKind(kind)
		}
	}
	w.plan.config = grpc.Config{HTTP2: http2.Config{StreamWindowBytes: w.plan.window}}
	w.plan.clientConfig = w.plan.config
	w.plan.clientConfig.Authority = "shop.example"
	w.plan.clientConfig.HTTP2.KeepaliveMicros = int64(v.Time("keepalive"))
	w.plan.clientConfig.HTTP2.KeepaliveTimeoutMicros = int64(v.Time("keepalive"))
	return w.build(seed), nil
}
