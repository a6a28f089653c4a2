package rpc

import (
	"grapevine/protocols/grpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *shopping) metrics() []lab.Metric {
	t := &w.tally
	mean := float64(0)
	if t.taken > 0 {
		mean = float64(t.took) / float64(t.taken)
	}
	other := t.ended
	for _, code := range []grpc.Code{grpc.OK, grpc.Canceled, grpc.DeadlineExceeded, grpc.Unavailable} {
		other -= t.codes[code]
	}
	return []lab.Metric{
		{Name: "unary", Label: lab.Text{En: "unary calls", Zh: "一元调用"}, Value: float64(t.calls[unary])},
		{Name: "server", Label: lab.Text{En: "server streaming calls", Zh: "服务端流调用"}, Value: float64(t.calls[serverStream])},
		{Name: "client", Label: lab.Text{En: "client streaming calls", Zh: "客户端流调用"}, Value: float64(t.calls[clientStream])},
		{Name: "bidi", Label: lab.Text{En: "bidirectional calls", Zh: "双向流调用"}, Value: float64(t.calls[bothStream])},
		{Name: "ok", Label: lab.Text{En: "ended with OK", Zh: "状态为 OK"}, Value: float64(t.codes[grpc.OK])},
		{Name: "cancelled", Label: lab.Text{En: "CANCELLED", Zh: "CANCELLED（已取消）"}, Value: float64(t.codes[grpc.Canceled])},
		{Name: "deadline", Label: lab.Text{En: "DEADLINE_EXCEEDED", Zh: "DEADLINE_EXCEEDED（超时）"}, Value: float64(t.codes[grpc.DeadlineExceeded])},
		{Name: "unavailable", Label: lab.Text{En: "UNAVAILABLE", Zh: "UNAVAILABLE（无法联系）"}, Value: float64(t.codes[grpc.Unavailable])},
		{Name: "other", Label: lab.Text{En: "another status", Zh: "其他状态"}, Value: float64(other)},
		{Name: "asked", Label: lab.Text{En: "messages to servers", Zh: "发往服务器的消息"}, Value: float64(t.asked)},
		{Name: "answered", Label: lab.Text{En: "messages from servers", Zh: "服务器发来的消息"}, Value: float64(t.answered)},
		{Name: "t_call", Label: lab.Text{En: "a call that ends with OK takes, on average", Zh: "成功的调用平均用时"}, Value: mean, Unit: "us"},
		{Name: "t_worst", Label: lab.Text{En: "the slowest of them took", Zh: "其中最慢的用时"}, Value: float64(t.worst), Unit: "us"},
		{Name: "stalls", Label: lab.Text{En: "times a sender had to wait", Zh: "发送方被窗口挡住的次数"}, Value: float64(t.stalls)},
		{Name: "unread", Label: lab.Text{En: "waited unread at one call, at most", Zh: "一次调用最多积压的未读数据"}, Value: float64(t.unread), Unit: "bytes"},
		{Name: "goodbyes", Label: lab.Text{En: "GOAWAYs that came", Zh: "收到的 GOAWAY"}, Value: float64(t.goodbyes)},
		{Name: "connections", Label: lab.Text{En: "connections made", Zh: "建立的连接"}, Value: float64(t.connected)},
		{Name: "packets", Label: lab.Text{En: "packets sent", Zh: "发送的数据包数"}, Value: float64(w.net.Journal.Count(sim.KindSend))},
		{Name: "bytes", Label: lab.Text{En: "bytes sent", Zh: "发送的字节数"}, Value: float64(w.net.Journal.Bytes()), Unit: "bytes"},
	}
}

const (
	// maxWait is how long a caller may wait for the end of its call.
	maxWait = 10 * sim.Second
	// maxUnreadBytes may wait at a reader.
	maxUnreadBytes = 500
)

func (w *shopping) checks() []lab.Check {
	t := &w.tally
	return []lab.Check{
		{Name: "nobody-hangs", Kind: lab.Always,
			Claim:  lab.Text{En: "No call keeps its caller waiting for more than ten seconds.", Zh: "没有哪次调用让调用者等上十秒以上。"},
			Holds:  func() bool { return !w.hangs() },
			Detail: func() lab.Text { return lab.Say("calls that are over: %d", "%d 个调用已经结束", t.ended) }},
		{Name: "none-lost", Kind: lab.Always,
			Claim: lab.Text{En: "Whatever a server has begun to work on, it ends.", Zh: "服务器开始处理的调用，都会处理到底。"},
			Holds: func() bool { return t.lost == 0 },
			Detail: func() lab.Text {
				return lab.Say("calls lost with their connection: %d", "有 %d 个调用随连接一起丢失", t.lost)
			}},
		{Name: "both-agree", Kind: lab.Always,
			Claim: lab.Text{En: "Client and server agree on whether a call succeeded.", Zh: "一次调用成功与否，客户端和服务器看法一致。"},
			Holds: func() bool { return t.disagree == 0 },
			Detail: func() lab.Text {
				return lab.Say("calls that they see differently: %d", "有 %d 个调用两端看法不同", t.disagree)
			}},
		{Name: "not-flooded", Kind: lab.Always,
			Claim: lab.Text{En: "At no reader do more than 500 bytes of a call wait unread.", Zh: "任何一次调用，积压未读的数据都不超过 500 字节。"},
			Holds: func() bool { return t.unread <= maxUnreadBytes },
			Detail: func() lab.Text {
				return lab.Say("unread bytes at most: %d", "最多积压了 %d 字节", t.unread)
			}},
	}
}
