package rpc

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// metrics are those of every lab about calls.
func (w *calls) metrics() []lab.Metric {
	t := &w.tally
	mean := float64(0)
	if t.returned > 0 {
		mean = float64(t.waited) / float64(t.returned)
	}
	all := []lab.Metric{
		{Name: "calls", Label: lab.Text{En: "calls begun", Zh: "发起的调用"}, Value: float64(t.begun)},
		{Name: "returned", Label: lab.Text{En: "calls that returned", Zh: "成功返回的调用"}, Value: float64(t.returned)},
		{Name: "failed", Label: lab.Text{En: "calls that failed", Zh: "失败的调用"}, Value: float64(t.failed)},
		{Name: "executed", Label: lab.Text{En: "executions at the servers", Zh: "服务器执行的次数"}, Value: float64(t.executed)},
		{Name: "again", Label: lab.Text{En: "executed once more", Zh: "重复执行的次数"}, Value: float64(t.again)},
		{Name: "wrong", Label: lab.Text{En: "of a function nobody called", Zh: "执行了错误函数的次数"}, Value: float64(t.wrong)},
		{Name: "resent", Label: lab.Text{En: "requests sent again", Zh: "重发的请求"}, Value: float64(t.resent)},
		{Name: "repeated", Label: lab.Text{En: "answered from the duplicate table", Zh: "由去重表应答的次数"}, Value: float64(t.repeated)},
		{Name: "ignored", Label: lab.Text{En: "duplicates ignored while the call ran", Zh: "执行期间忽略的重复请求"}, Value: float64(t.ignored)},
		{Name: "t_call", Label: lab.Text{En: "a call takes, on average", Zh: "一次调用平均用时"}, Value: mean, Unit: "us"},
		{Name: "t_worst", Label: lab.Text{En: "the slowest call took", Zh: "最慢的一次用时"}, Value: float64(t.worst), Unit: "us"},
		{Name: "held", Label: lab.Text{En: "messages that were held up", Zh: "被耽搁的消息"}, Value: float64(t.held)},
		{Name: "t_held", Label: lab.Text{En: "the longest was held up for", Zh: "最久耽搁了"}, Value: float64(t.heldWorst), Unit: "us"},
		{Name: "messages", Label: lab.Text{En: "packets sent", Zh: "发送的数据包数"}, Value: float64(w.net.Journal.Count(sim.KindSend))},
		{Name: "bytes", Label: lab.Text{En: "bytes sent", Zh: "发送的字节数"}, Value: float64(w.net.Journal.Bytes()), Unit: "bytes"},
	}
	if w.plan.shows.counter {
		all = append(all, lab.Metric{Name: "counter", Label: lab.Text{En: "the counters stand at", Zh: "计数器的值"}, Value: float64(w.counted())})
	}
	return all
}

// counted is the sum of the servers' counters.
func (w *calls) counted() (n int64) {
	for i := range w.lives {
		n += w.lives[i].counter
	}
	return n
}

// checkReturns says that nobody is left waiting.
func (w *calls) checkReturns() lab.Check {
	return lab.Check{
		Name: "returns", Kind: lab.Finally,
		Claim: lab.Text{En: "Every call returned to its caller with a result.", Zh: "每次调用都带着结果返回了。"},
		Holds: func() bool { return w.tally.returned == w.tally.begun },
		Detail: func() lab.Text {
			return lab.Say("%d of %d returned", "%[2]d 次中返回 %[1]d 次", w.tally.returned, w.tally.begun)
		},
	}
}

// checkLikeHome says that a remote call gives what the same call would have
// given at home.
func (w *calls) checkLikeHome() lab.Check {
	return lab.Check{
		Name: "like-at-home", Kind: lab.Always,
		Claim:  lab.Text{En: "Each result is what the same function would have returned at home.", Zh: "每个结果都和在本地调用同一个函数一样。"},
		Holds:  func() bool { return w.tally.untrue == 0 },
		Detail: func() lab.Text { return lab.Say("results that differ: %d", "不同的结果：%d 个", w.tally.untrue) },
	}
}

// checkRightFunction says that nobody ran what nobody called.
func (w *calls) checkRightFunction() lab.Check {
	return lab.Check{
		Name: "right-function", Kind: lab.Always,
		Claim: lab.Text{En: "The server runs the function that the client called.", Zh: "服务器执行的就是客户端要调用的那个函数。"},
		Holds: func() bool { return w.tally.wrong == 0 },
		Detail: func() lab.Text {
			return lab.Say("executions of another function: %d", "执行了别的函数：%d 次", w.tally.wrong)
		},
	}
}

// checkOnce says that no call was executed twice.
func (w *calls) checkOnce() lab.Check {
	return lab.Check{
		Name: "never-twice", Kind: lab.Always,
		Claim:  lab.Text{En: "No call is executed more than once.", Zh: "没有哪次调用被执行超过一次。"},
		Holds:  func() bool { return w.tally.again == 0 },
		Detail: func() lab.Text { return lab.Say("executions too many: %d", "多执行了 %d 次", w.tally.again) },
	}
}

// checkFlowing says that requests and replies do not wait for one another.
func (w *calls) checkFlowing() lab.Check {
	return lab.Check{
		Name: "nobody-waits", Kind: lab.Always,
		Claim: lab.Text{En: "No message is held up: each arrives as soon as the link allows.", Zh: "没有消息被耽搁：链路允许多快，它就多快到达。"},
		Holds: func() bool { return w.tally.held == 0 },
		Detail: func() lab.Text {
			return lab.Say("held up: %d, the longest for %v", "被耽搁的有 %d 个，最久 %v", w.tally.held, w.tally.heldWorst)
		},
	}
}
