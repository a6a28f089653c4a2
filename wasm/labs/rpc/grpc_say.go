package rpc

import (
	"fmt"

	"grapevine/protocols/grpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

var methodNames = [...]string{unary: "Price", serverStream: "Browse", clientStream: "Buy", bothStream: "Haggle"}

// name is the call's method, and its stream, by which it is found in the bytes.
func (c *purchase) name() string {
	if c.mistake == noSuchMethod {
		return fmt.Sprintf("Steal #%d", c.stream)
	}
	return fmt.Sprintf("%s #%d", methodNames[c.kind], c.stream)
}

func (w *shopping) say(e *sim.Event) lab.Text {
	switch e.Code {
	case shopConnected:
		return lab.Say("is connected to server/%d", "连上了 server/%d", e.Value)
	case shopClosed:
		return lab.Say("has no connection to server/%d any more", "与 server/%d 的连接结束了", e.Value)
	case shopLeft:
		return lab.Say("learns that server/%d takes no new calls", "得知 server/%d 不再接受新调用", e.Value)
	case shopShuts:
		return lab.Say("shuts down: takes no new calls; those that go on: %d", "有序关闭：%d 个调用继续，不再接受新的", e.Value)
	case shopOpens:
		return lab.Text{En: "listens again", Zh: "重新开始监听"}
	}
	place, code := int(int32(e.Value)), grpc.Code(e.Value>>48)
	if place < 0 || place >= len(w.history) {
		return lab.Text{En: "works on a call from outside", Zh: "处理来自外部的调用"}
	}
	c := &w.history[place]
	name, client := c.name(), w.net.Name(sim.NodeID(c.client))
	switch e.Code {
	case shopCalls:
		kind := kindNames[c.kind]
		return lab.Text{En: "calls " + name + ", " + kind.En, Zh: "调用 " + name + "，" + kind.Zh}
	case shopEnds:
		return lab.Say("%s ends after %v: %s", "%s 结束，用时 %v：%s", name, c.ended-c.begun, c.code)
	case shopCancels:
		return lab.Say("cancels %s", "取消 %s", name)
	case shopStalls:
		return lab.Say("may not send more on %s: the window is empty", "%s 的窗口用完了，不能再发", name)
	case shopFlows:
		return lab.Say("may send on %s again", "%s 又可以发送了", name)
	case shopStarts:
		return lab.Say("begins %s of %s", "开始 %[2]s 的 %[1]s", name, client)
	case shopServed:
		return lab.Say("ends %s of %s with %s", "以 %[3]s 结束 %[2]s 的 %[1]s", name, client, code)
	}
	return lab.Say("stops %s of %s: %s", "停下 %[2]s 的 %[1]s：%[3]s", name, client, code)
}
