package rpc

import (
	"strconv"

	"grapevine/protocols/field"
	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The notes of callers and callees; the value is the call's place in the
// history unless said otherwise.
const (
	noteCalls uint16 = iota
	noteSuspended
	noteResends
	noteLate
	noteReturns
	noteFails
	noteClosed // no value
	noteRuns
	noteRan
	noteReplies
	noteRepeats
	noteRefuses
	noteIgnores
	noteTells    // the server's life, to a client that does not know it
	noteUpgrades // how many entries the new table has
)

// The states of nodes, in the order of callStates.
const (
	stateIdle uint8 = iota
	stateBusy
	stateSuspended
	stateFailed
)

var callStates = []lab.State{
	stateIdle:      {ID: "idle", Label: lab.Text{En: "has nothing to do", Zh: "空闲"}, Shape: "ring", Color: "idle"},
	stateBusy:      {ID: "busy", Label: lab.Text{En: "computes", Zh: "正在计算"}, Shape: "disc", Color: "active"},
	stateSuspended: {ID: "suspended", Label: lab.Text{En: "suspended until the reply comes", Zh: "挂起，等待应答"}, Shape: "bar", Color: "done"},
	stateFailed:    {ID: "failed", Label: lab.Text{En: "its last call failed", Zh: "最近一次调用失败"}, Shape: "ring", Color: "warn"},
}

// callKinds are the kinds of packets, in the order of pipe.go.
var callKinds = []lab.Kind{
	kindRequest: {ID: "request", Name: lab.Text{En: "request", Zh: "请求"}, Label: lab.Text{En: "a request: Call ID and arguments", Zh: "请求：Call ID 和参数"}, Mark: "Q", Color: "push"},
	kindAgain:   {ID: "again", Name: lab.Text{En: "repeated request", Zh: "重发的请求"}, Label: lab.Text{En: "the same request once more", Zh: "同一个请求再发一次"}, Mark: "A", Color: "pull"},
	kindReply:   {ID: "reply", Name: lab.Text{En: "reply", Zh: "应答"}, Label: lab.Text{En: "a reply: the result", Zh: "应答：返回结果"}, Mark: "R", Color: "reply"},
	kindError:   {ID: "error", Name: lab.Text{En: "error", Zh: "出错应答"}, Label: lab.Text{En: "a reply that says why not", Zh: "应答：说明为什么不行"}, Mark: "E", Color: "warn"},
	kindStream:  {ID: "stream", Name: lab.Text{En: "transport", Zh: "传输层"}, Label: lab.Text{En: "the transport's own: handshake, acknowledgement", Zh: "传输层自己的包：握手、确认"}, Mark: "T", Color: "data"},
	kindCancel:  {ID: "cancel", Name: lab.Text{En: "cancel", Zh: "取消"}, Label: lab.Text{En: "the caller gives up", Zh: "调用者放弃"}, Mark: "X", Color: "warn"},
}

// kinds are those that can fly over the plan's transport.
func (w *calls) kinds() []uint8 {
	used := []uint8{kindRequest, kindAgain, kindReply, kindError}
	if w.plan.client.DeadlineMicros > 0 {
		used = append(used, kindCancel)
	}
	if w.plan.transport != rpc.OverDatagram {
		used = append(used, kindStream)
	}
	return used
}

func (w *calls) world(end sim.Time) *lab.World {
	w.net.Finished = w.over
	return &lab.World{
		Net: w.net, End: end,
		State:   w.state,
		Inspect: w.inspect,
		Card:    w.card,
		Talk:    w.talk,
		Doing:   doing,
		Say:     w.say,
		Kinds:   w.kinds(),
		Metrics: w.metrics,
		Curves: []lab.Curve{
			{ID: "returned", Label: lab.Text{En: "calls that returned", Zh: "已返回的调用"}, Color: "active", Measure: func() int64 { return int64(w.tally.returned) }},
			{ID: "executed", Label: lab.Text{En: "executions at the servers", Zh: "服务器执行的次数"}, Color: "done", Measure: func() int64 { return int64(w.tally.executed) }},
		},
		CurveMax: int64(w.plan.callers * w.plan.tasks * w.plan.each),
	}
}

// split tells callers from callees: it returns the one that a node is.
func (w *calls) split(node sim.NodeID) (*caller, *callee) {
	if int(node) < w.plan.callers {
		return w.callers.Member(int(node)), nil
	}
	return nil, w.callees.Member(int(node) - w.plan.callers)
}

func (w *calls) state(node sim.NodeID) uint8 {
	switch client, server := w.split(node); {
	case client != nil:
		return w.callerState(client)
	case server != nil:
		for i := range server.running {
			if server.running[i].step != idle {
				return stateBusy
			}
		}
	}
	return stateIdle
}

func (w *calls) callerState(c *caller) uint8 {
	state := stateIdle
	for i := range c.tasks {
		switch t := &c.tasks[i]; t.step {
		case marshalling, unmarshalling:
			return stateBusy
		case suspended:
			state = stateSuspended
		case resting, finished:
			if state == stateIdle && t.done.err != nil {
				state = stateFailed
			}
		}
	}
	return state
}

func (w *calls) talk(t lab.Talk) lab.Dissect {
	if t.Port != rpcPort {
		return nil
	}
	return func(said []byte) []field.Field { return rpc.DissectStream(w.plan.transport, said) }
}

// doing says what a note means for the line of its node in the sequence view.
func doing(e *sim.Event) lab.Doing {
	switch e.Code {
	case noteCalls, noteRuns:
		return lab.Working
	case noteSuspended:
		return lab.Waiting
	case noteReturns, noteFails, noteReplies:
		return lab.Resting
	}
	return lab.Unsaid
}

func (w *calls) say(e *sim.Event) lab.Text {
	switch e.Code {
	case noteClosed:
		return lab.Text{En: "has lost its connection", Zh: "连接断了"}
	case noteUpgrades:
		return lab.Say("uses another table, with %d entries", "换用另一张表，共 %d 项", e.Value)
	}
	if e.Value < 0 || e.Value >= int64(len(w.history)) {
		return lab.Text{En: "works on a call from outside", Zh: "处理来自外部的调用"}
	}
	o := &w.history[e.Value]
	text := o.call.text
	switch e.Code {
	case noteCalls:
		return lab.Say("calls %s", "调用 %s", text)
	case noteSuspended:
		return lab.Say("is suspended: %s is away", "挂起：%s 已发出", text)
	case noteResends:
		return lab.Say("asks again for %s", "再次请求 %s", text)
	case noteLate:
		return lab.Say("gets a reply to %s, which is over, and throws it away", "收到 %s 的应答，但调用早已结束，丢弃", text)
	case noteReturns:
		return lab.Say("%s returns %s after %v", "%s 返回 %s，用时 %v", text, o.result, o.ended-o.begun)
	case noteFails:
		return lab.Text{En: text + " fails: " + o.err.Code.String(), Zh: text + " 失败：" + codeZh(o.err.Code)}
	case noteRuns:
		return lab.Say("begins to run %s", "开始执行 %s", text)
	case noteRan:
		if o.ran != o.call.function {
			return lab.Say("has run %s, which nobody called: the call was %s", "执行了没人调用的 %s：本来要调用的是 %s", o.ran, text)
		}
		return lab.Say("has run %s", "执行完 %s", text)
	case noteReplies:
		return lab.Say("replies to %s", "应答 %s", text)
	case noteRepeats:
		return lab.Say("has run %s before: sends the reply it kept, and runs nothing", "%s 以前执行过：只重发存下的应答，不再执行", text)
	}
	if e.Code == noteIgnores {
		return lab.Say("is already running %s: ignores the duplicate", "正在执行 %s：忽略重复的请求", text)
	}
	if e.Code == noteTells {
		return lab.Say("tells which of its lives this is, before it runs %s", "执行 %s 之前，先告诉对方这是自己的第几次启动", text)
	}
	return lab.Say("refuses to run %s", "拒绝执行 %s", text)
}

// codeZh says in Chinese why a call failed.
func codeZh(c rpc.Code) string {
	switch c {
	case rpc.Unknown:
		return "服务器的表里没有这个 Call ID"
	case rpc.Disagree:
		return "两端的表对不上"
	case rpc.BadArguments:
		return "参数不对"
	case rpc.Application:
		return "函数自己拒绝"
	case rpc.Expired:
		return "超过截止时间"
	case rpc.Busy:
		return "服务器忙"
	case rpc.Cancelled:
		return "已取消"
	case rpc.Restarted:
		return "服务器重启过，不知道执行过没有"
	case rpc.TooLarge:
		return "结果太大"
	case rpc.Unanswered:
		return "一直没有应答"
	}
	return "结果读不懂"
}

func (w *calls) inspect(node sim.NodeID) []lab.Fact {
	client, server := w.split(node)
	switch {
	case client != nil:
		return w.inspectCaller(client)
	case server != nil:
		return w.inspectCallee(server)
	}
	return nil
}

func (w *calls) inspectCaller(c *caller) []lab.Fact {
	facts := []lab.Fact{number(lab.Text{En: "calls begun", Zh: "已发起的调用"}, w.books[c.member].calls)}
	for i := range c.tasks {
		t := &c.tasks[i]
		value := lab.Text{En: "between two calls", Zh: "两次调用之间"}
		switch t.step {
		case finished:
			value = lab.Text{En: "has made all its calls", Zh: "全部调用完毕"}
		case marshalling, suspended, unmarshalling:
			value = lab.Plain(w.history[t.place].call.text)
		}
		facts = append(facts, lab.Fact{Label: lab.Say("task %d", "任务 %d", i), Value: value})
	}
	waiting := lab.Fact{Label: lab.Text{En: "waits for", Zh: "等待应答的请求"}, Value: lab.Plain(strconv.Itoa(c.machine.Outstanding()))}
	for i := range min(c.machine.Outstanding(), 20) {
		o := c.machine.Waiting(i)
		waiting.Parts = append(waiting.Parts, lab.Fact{Label: lab.Say("call %d", "调用 %d", o.Number),
			Value: lab.Say("%s, attempt %d, the next at %v", "%s，第 %d 次发出，%v 再发", o.Function, o.Attempts, sim.Time(o.Again))})
	}
	return append(facts, waiting)
}

func (w *calls) inspectCallee(c *callee) []lab.Fact {
	kept := lab.Fact{Label: lab.Text{En: "duplicate table", Zh: "去重表"}}
	list := c.machine.Remembered(20)
	kept.Value = lab.Say("%d bytes of replies", "存有 %d 字节的应答", c.machine.RememberedBytes())
	for _, r := range list {
		kept.Parts = append(kept.Parts, lab.Fact{Label: lab.Say("client %d, call %d", "客户端 %d，调用 %d", r.Call.Client&0xffff, r.Call.Number),
			Value: lab.Say("%d bytes, until %v", "%d 字节，保留到 %v", r.Bytes, sim.Time(r.Expires))})
	}
	return []lab.Fact{
		number(lab.Text{En: "life", Zh: "第几次启动"}, int(w.lives[c.member].boots)),
		number(lab.Text{En: "executions", Zh: "执行次数"}, int(c.machine.Executions())),
		number(lab.Text{En: "running now", Zh: "正在执行"}, c.machine.Running()),
		{Label: lab.Text{En: "counter", Zh: "计数器"}, Value: lab.Plain(strconv.FormatInt(w.lives[c.member].counter, 10))},
		kept,
	}
}

func number(label lab.Text, n int) lab.Fact {
	return lab.Fact{Label: label, Value: lab.Plain(strconv.Itoa(n))}
}
