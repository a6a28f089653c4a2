package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The parameters that several RPC labs have. A lab gives its own defaults.

// partParams say how long the parts of a call take.
func partParams(stub, execute, think sim.Time) []lab.Param {
	return []lab.Param{
		lab.SpanParam("stub", stub, 10*sim.Second, lab.Text{En: "Marshalling", Zh: "编组用时"},
			lab.Text{En: "How long a stub takes to write, or to read, arguments or a result.", Zh: "存根写出或读入一次参数、结果要用多久。"}),
		lab.SpanParam("execute", execute, 60*sim.Second, lab.Text{En: "Execution", Zh: "执行用时"},
			lab.Text{En: "How long the function itself runs.", Zh: "函数本身运行多久。"}),
		lab.SpanParam("think", think, 60*sim.Second, lab.Text{En: "Pause", Zh: "间隔"},
			lab.Text{En: "How long a program waits from one call to the next.", Zh: "程序一次调用返回后隔多久再调用。"}),
	}
}

func eachParam(normal, most int64) lab.Param {
	return lab.IntParam("calls", normal, 1, most, lab.Text{En: "Calls", Zh: "调用次数"},
		lab.Text{En: "How many calls each client makes, one after the other.", Zh: "每个客户端依次发起多少次调用。"})
}

func clientsParam(normal, most int64) lab.Param {
	return lab.IntParam("clients", normal, 1, most, lab.Text{En: "Clients", Zh: "客户端数"},
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
