package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The parameters that several RPC labs have. A lab gives its own defaults.

func spanParam(name string, normal, most sim.Time, label, help lab.Text) lab.Param {
	return lab.Param{Name: name, Kind: lab.Span, Default: int64(normal), Max: int64(most), Label: label, Help: help}
}

func intParam(name string, normal, least, most int64, label, help lab.Text) lab.Param {
	return lab.Param{Name: name, Kind: lab.Int, Default: normal, Min: least, Max: most, Label: label, Help: help}
}

func shareParam(name string, normal sim.PPM, label, help lab.Text) lab.Param {
	return lab.Param{Name: name, Kind: lab.Ratio, Default: int64(normal), Max: int64(sim.Certain), Label: label, Help: help}
}

// linkParams are the network's: they come last in every lab.
func linkParams(delay, jitter sim.Time, loss sim.PPM) []lab.Param {
	return []lab.Param{
		spanParam("delay", delay, 10*sim.Second, lab.Text{En: "Delay", Zh: "延迟"},
			lab.Text{En: "How long a packet is under way at least.", Zh: "数据包在路上至少要走多久。"}),
		spanParam("jitter", jitter, 10*sim.Second, lab.Text{En: "Jitter", Zh: "抖动"},
			lab.Text{En: "Each packet takes up to this much longer, by chance.", Zh: "每个数据包会随机多走一段时间，最多这么久。"}),
		shareParam("loss", loss, lab.Text{En: "Loss", Zh: "丢包率"},
			lab.Text{En: "The share of packets that the network loses.", Zh: "网络会丢掉多大比例的数据包。"}),
		shareParam("duplicate", 0, lab.Text{En: "Duplication", Zh: "重复"},
			lab.Text{En: "The share of packets that arrive twice.", Zh: "有多大比例的数据包会到达两次。"}),
		shareParam("reorder", 0, lab.Text{En: "Reordering", Zh: "乱序"},
			lab.Text{En: "The share of packets that take twice as long, so that later ones overtake them.", Zh: "有多大比例的数据包要花两倍时间，被后发的包超过。"}),
	}
}

func physics(v lab.Values) sim.Link {
	return sim.Link{Delay: v.Time("delay"), Jitter: v.Time("jitter"), Loss: v.Ratio("loss"),
		Duplicate: v.Ratio("duplicate"), Reorder: v.Ratio("reorder")}
}

// partParams say how long the parts of a call take.
func partParams(stub, execute, think sim.Time) []lab.Param {
	return []lab.Param{
		spanParam("stub", stub, 10*sim.Second, lab.Text{En: "Marshalling", Zh: "编组用时"},
			lab.Text{En: "How long a stub takes to write, or to read, arguments or a result.", Zh: "存根写出或读入一次参数、结果要用多久。"}),
		spanParam("execute", execute, 60*sim.Second, lab.Text{En: "Execution", Zh: "执行用时"},
			lab.Text{En: "How long the function itself runs.", Zh: "函数本身运行多久。"}),
		spanParam("think", think, 60*sim.Second, lab.Text{En: "Pause", Zh: "间隔"},
			lab.Text{En: "How long a program waits from one call to the next.", Zh: "程序一次调用返回后隔多久再调用。"}),
	}
}

func eachParam(normal, most int64) lab.Param {
	return intParam("calls", normal, 1, most, lab.Text{En: "Calls", Zh: "调用次数"},
		lab.Text{En: "How many calls each client makes, one after the other.", Zh: "每个客户端依次发起多少次调用。"})
}

func clientsParam(normal, most int64) lab.Param {
	return intParam("clients", normal, 1, most, lab.Text{En: "Clients", Zh: "客户端数"},
		lab.Text{En: "How many programs call.", Zh: "有多少个程序发起调用。"})
}

func transportParam(normal rpc.Kind) lab.Param {
	return lab.Param{Name: "transport", Kind: lab.Choice, Default: int64(normal),
		Label: lab.Text{En: "Transport", Zh: "传输方式"},
		Help:  lab.Text{En: "What carries the frames: single datagrams as over UDP, a stream as over TCP, HTTP/1.1, or HTTP/2.", Zh: "帧由什么来传送：像 UDP 那样的单个数据报、像 TCP 那样的流、HTTP/1.1，或者 HTTP/2。"},
		Choices: []lab.Option{
			rpc.OverDatagram: {Value: "datagram", Label: lab.Text{En: "datagrams", Zh: "数据报"}},
			rpc.OverStream:   {Value: "stream", Label: lab.Text{En: "a stream", Zh: "流"}},
			rpc.OverHTTP1:    {Value: "http1", Label: lab.Text{En: "HTTP/1.1", Zh: "HTTP/1.1"}},
			rpc.OverHTTP2:    {Value: "http2", Label: lab.Text{En: "HTTP/2", Zh: "HTTP/2"}},
		}}
}

// transportOf is the transport that a run's parameters name.
func transportOf(v lab.Values) rpc.Kind {
	for kind, name := range []string{"datagram", "stream", "http1", "http2"} {
		if v.Choice("transport") == name {
			return rpc.Kind(kind)
		}
	}
	return rpc.OverDatagram
}
