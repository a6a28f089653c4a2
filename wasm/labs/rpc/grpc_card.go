package rpc

import (
	"fmt"

	"grapevine/protocols/grpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *shopping) card(node sim.NodeID) lab.Card {
	client, server := w.split(node)
	switch {
	case client != nil:
		return lab.Card{Rows: w.clientRows(client)}
	case server != nil:
		return lab.Card{Rows: w.serverRows(server)}
	}
	return lab.Card{}
}

// gauges are what a card's bars show: of all the calls of a node, the one in
// most need.
type gauges struct {
	calls   int
	send    int // what the peer lets it send
	queued  int // what it would like to
	unread  int
	longest sim.Time // the deadline's time that is left, of the call that has least
}

func (g *gauges) take(call *grpc.Call, p *grpcWire, now sim.Time) {
	send := max(p.conn.HTTP().SendWindow(call.Stream()), 0)
	left := sim.Forever
	if call.Deadline < int64(sim.Forever) {
		left = max(sim.Time(call.Deadline)-now, 0)
	}
	if g.calls == 0 {
		g.send, g.longest = send, left
	}
	g.calls++
	g.send, g.longest = min(g.send, send), min(g.longest, left)
	g.queued, g.unread = max(g.queued, call.Queued()), max(g.unread, call.Unread())
}

// rows are the bars that both ends have.
func (g *gauges) rows(p *shopPlan) []lab.Row {
	window := int64(p.window)
	bar := func(label lab.Text, value int, color string) lab.Row {
		row := lab.Row{Label: label, Form: lab.Gauge}
		if g.calls > 0 {
			row.Cells = []lab.Cell{{Text: lab.Plain(fmt.Sprintf("%d B", value)), Color: color, Value: min(int64(value), window), Max: window}}
		}
		return row
	}
	color := "active"
	if g.queued > 0 {
		color = "warn"
	}
	return []lab.Row{
		bar(lab.Text{En: "may send", Zh: "还能发送"}, g.send, color),
		bar(lab.Text{En: "held back", Zh: "被挡住的"}, g.queued, "warn"),
		bar(lab.Text{En: "unread", Zh: "未读"}, g.unread, "push"),
	}
}

var kindColors = [...]string{unary: "push", serverStream: "pull", clientStream: "reply", bothStream: "data"}

func (w *shopping) clientRows(c *shopper) []lab.Row {
	now := w.net.Now()
	connection := lab.Cell{Text: lab.Text{En: "none", Zh: "无"}, Look: lab.Crossed, Color: "warn"}
	if c.wire != nil {
		connection = lab.Cell{Text: lab.Plain(fmt.Sprintf("server/%d", c.wire.track.server)), Color: "active"}
		if !c.ready {
			connection.Look, connection.Color = lab.Faded, ""
		}
	}
	calls := lab.Row{Label: lab.Text{En: "calls", Zh: "调用"}}
	g := gauges{}
	for _, t := range c.tasks {
		switch t.step {
		case shopCalling:
			g.take(t.call, t.wire, now)
			calls.Cells = append(calls.Cells, w.callCell(&w.history[t.place], t.received+t.sent, t.due[hasRead] != never, t.call))
		case shopWaiting:
			calls.Cells = append(calls.Cells, lab.Cell{Text: lab.Plain(methodNames[t.kind]), Look: lab.Faded})
		}
	}
	ends := lab.Row{Label: lab.Text{En: "ended with", Zh: "结束状态"}}
	for _, code := range c.last.codes {
		cell := lab.Cell{Text: lab.Plain(code.String()), Color: "active"}
		if code != grpc.OK {
			cell.Color, cell.Look = "warn", lab.Crossed
		}
		ends.Cells = append(ends.Cells, cell)
	}
	rows := []lab.Row{calls, ends, {Label: lab.Text{En: "connection", Zh: "连接"}, Cells: []lab.Cell{connection}}, w.deadlineRow(&g)}
	return append(rows, g.rows(&w.plan)...)
}

// callCell shows a call: lit while a message is worked on, hatched while it
// waits for the other end, and how many of its messages are through.
func (w *shopping) callCell(c *purchase, messages int, working bool, call *grpc.Call) lab.Cell {
	cell := lab.Cell{Text: lab.Plain(c.name()), Color: kindColors[c.kind], Look: lab.Hatched}
	if working {
		cell.Look = lab.Lit
	}
	if call.Queued() > 0 {
		cell.Color = "warn"
	}
	if all := w.plan.messages + 1; c.kind != unary {
		if c.kind == bothStream {
			all = 2 * w.plan.messages
		}
		cell.Value, cell.Max = int64(min(messages, all)), int64(all)
	}
	return cell
}

// deadlineRow shows how much time the most urgent call has left.
func (w *shopping) deadlineRow(g *gauges) lab.Row {
	row := lab.Row{Label: lab.Text{En: "time left", Zh: "剩余时间"}, Form: lab.Gauge}
	if all := w.plan.deadline; g.calls > 0 && g.longest <= all {
		row.Cells = []lab.Cell{{Text: lab.Plain((g.longest / sim.Millisecond * sim.Millisecond).String()), Color: "done", Value: int64(g.longest), Max: int64(all)}}
	}
	return row
}

func (w *shopping) serverRows(k *shopkeeper) []lab.Row {
	now := w.net.Now()
	calls := lab.Row{Label: lab.Text{En: "calls", Zh: "调用"}}
	streams := lab.Row{Label: lab.Text{En: "streams", Zh: "流"}, Form: lab.Table}
	g := gauges{}
	for i := range k.jobs {
		j := &k.jobs[i]
		if j.call == nil {
			continue
		}
		g.take(j.call, j.wire, now)
		state := j.wire.conn.HTTP().StreamState(j.call.Stream()).String()
		if len(streams.Cells) < 2*shownStreams {
			streams.Cells = append(streams.Cells, lab.Cell{Text: lab.Plain(fmt.Sprintf("%d", j.call.Stream()))}, lab.Cell{Text: lab.Plain(state)})
		} else {
			streams.More += 2
		}
		if j.place < 0 {
			calls.Cells = append(calls.Cells, lab.Cell{Text: lab.Text{En: "from outside", Zh: "来自外部"}, Color: "idle"})
			continue
		}
		calls.Cells = append(calls.Cells, w.callCell(&w.history[j.place], j.received, j.working, j.call))
	}
	rows := []lab.Row{calls, streams, w.deadlineRow(&g)}
	return append(rows, g.rows(&w.plan)...)
}

// shownStreams is how many streams a server's card lists.
const shownStreams = 4
