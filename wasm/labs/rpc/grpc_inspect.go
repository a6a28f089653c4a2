package rpc

import (
	"fmt"

	"grapevine/protocols/grpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *shopping) inspect(node sim.NodeID) []lab.Fact {
	client, server := w.split(node)
	switch {
	case client != nil:
		return w.inspectClient(client)
	case server != nil:
		return w.inspectServer(server)
	}
	return nil
}

func (w *shopping) inspectClient(c *shopper) []lab.Fact {
	facts := []lab.Fact{number(lab.Text{En: "calls begun", Zh: "已发起的调用"}, w.begun[c.member])}
	for _, p := range c.wires {
		facts = append(facts, connectionFact(lab.Say("connection to server/%d", "到 server/%d 的连接", p.track.server), p))
	}
	for _, t := range c.tasks {
		if t.step == shopCalling {
			facts = append(facts, callFact(lab.Plain(w.history[t.place].name()), t.call, t.wire))
		}
	}
	last := lab.Fact{Label: lab.Text{En: "last status", Zh: "最近的状态"}, Value: lab.Plain("-")}
	if len(c.last.codes) > 0 {
		last.Value = lab.Plain(c.last.status.Code.String())
		if m := c.last.status.Message; m != "" {
			last.Parts = append(last.Parts, lab.Fact{Label: lab.Text{En: "its words", Zh: "说明"}, Value: lab.Plain(m)})
		}
	}
	return append(facts, last, metadataFact(lab.Text{En: "last metadata from a server", Zh: "最近收到的服务器元数据"}, c.last.header))
}

func (w *shopping) inspectServer(k *shopkeeper) []lab.Fact {
	facts := []lab.Fact{number(lab.Text{En: "calls under way", Zh: "进行中的调用"}, len(k.byCall))}
	for _, p := range k.wires {
		facts = append(facts, connectionFact(lab.Say("connection of %s", "来自 %s 的连接", w.net.Name(p.stream.Peer())), p))
	}
	for i := range k.jobs {
		if j := &k.jobs[i]; j.call != nil {
			fact := callFact(lab.Plain(fmt.Sprintf("%s #%d", j.call.Method, j.call.Stream())), j.call, j.wire)
			fact.Parts = append(fact.Parts, metadataFact(lab.Text{En: "metadata", Zh: "元数据"}, j.call.Metadata))
			facts = append(facts, fact)
		}
	}
	return facts
}

func connectionFact(label lab.Text, p *grpcWire) lab.Fact {
	http := p.conn.HTTP()
	return lab.Fact{Label: label, Value: lab.Plain(p.stream.State()), Parts: []lab.Fact{
		number(lab.Text{En: "open streams", Zh: "打开的流"}, http.Streams()),
		number(lab.Text{En: "the connection's window for sending, bytes", Zh: "整条连接的发送窗口（字节）"}, http.SendWindow(0)),
		number(lab.Text{En: "the connection's window for receiving, bytes", Zh: "整条连接的接收窗口（字节）"}, http.ReceiveWindow(0)),
	}}
}

func callFact(label lab.Text, call *grpc.Call, p *grpcWire) lab.Fact {
	http := p.conn.HTTP()
	deadline := lab.Text{En: "none", Zh: "无"}
	if call.Deadline < int64(sim.Forever) {
		deadline = lab.Plain(sim.Time(call.Deadline).String())
	}
	return lab.Fact{Label: label, Value: lab.Plain(call.State().String()), Parts: []lab.Fact{
		{Label: lab.Text{En: "stream", Zh: "流"}, Value: lab.Plain(http.StreamState(call.Stream()).String())},
		{Label: lab.Text{En: "deadline", Zh: "截止时间"}, Value: deadline},
		number(lab.Text{En: "may send, bytes", Zh: "还能发送（字节）"}, http.SendWindow(call.Stream())),
		number(lab.Text{En: "waits for the window, bytes", Zh: "等窗口的（字节）"}, call.Queued()),
		number(lab.Text{En: "unread, bytes", Zh: "未读（字节）"}, call.Unread()),
	}}
}

// metadataFact lists metadata; values under keys that end in -bin as hexadecimal.
func metadataFact(label lab.Text, m grpc.Metadata) lab.Fact {
	fact := number(label, len(m))
	for _, pair := range m {
		value := pair.Value
		if len(pair.Key) > 4 && pair.Key[len(pair.Key)-4:] == "-bin" {
			value = fmt.Sprintf("% x", pair.Value)
		}
		fact.Parts = append(fact.Parts, lab.Fact{Label: lab.Plain(pair.Key), Value: lab.Plain(value)})
	}
	return fact
}
