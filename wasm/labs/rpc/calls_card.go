package rpc

import (
	"strconv"

	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// shows says which rows the cards of a lab have, beside the stations.
type shows struct {
	tables  bool // the Call ID tables
	counter bool // the server's counter
	replies bool // the duplicate table
	waits   bool // what the transport holds back
}

func (w *calls) card(node sim.NodeID) lab.Card {
	client, server := w.split(node)
	switch {
	case client != nil:
		return lab.Card{Rows: w.callerRows(client)}
	case server != nil:
		return lab.Card{Rows: w.calleeRows(server)}
	}
	return lab.Card{}
}

// The five parts of a call, as stations of the two ends.
var (
	partClient     = lab.Text{En: "client", Zh: "客户端"}
	partClientStub = lab.Text{En: "client stub", Zh: "客户端存根"}
	partNetwork    = lab.Text{En: "network service", Zh: "网络服务"}
	partServerStub = lab.Text{En: "server stub", Zh: "服务端存根"}
	partServer     = lab.Text{En: "server", Zh: "服务端"}
)

func (w *calls) callerRows(c *caller) []lab.Row {
	rows := []lab.Row{w.callerStations(c)}
	if len(c.tasks) > 1 {
		rows[0] = w.taskStrip(c)
	} else {
		rows = append(rows, lab.Row{Label: lab.Text{En: "program", Zh: "程序"}, Cells: []lab.Cell{w.programCell(c)}})
	}
	if w.plan.shows.tables {
		rows = append(rows, tableRow(w.plan.callerTable(c.member), c.lookup))
	}
	rows = append(rows, w.resultsRow(c))
	if w.plan.shows.waits {
		queued := lab.Row{Label: lab.Text{En: "wait for their turn", Zh: "排队等着发"}}
		if c.pipe != nil {
			for range rpc.Queued(c.pipe.Transport) {
				queued.Cells = append(queued.Cells, lab.Cell{Color: "push", Look: lab.Hatched})
			}
		}
		rows = append(rows, queued, stuckRow(c.pipe))
	}
	return rows
}

// stuckRow shows the bytes that have come and wait for lost ones before them.
func stuckRow(p *pipe) lab.Row {
	bytes := 0
	if p != nil && p.stream != nil {
		bytes = p.stream.Stuck()
	}
	const shown = 500 // bytes that fill the bar: a few calls
	return lab.Row{Label: lab.Text{En: "behind a lost one", Zh: "卡在丢失的后面"}, Form: lab.Gauge,
		Cells: []lab.Cell{{Text: lab.Plain(strconv.Itoa(bytes) + " B"), Color: "warn", Value: int64(min(bytes, shown)), Max: shown}}}
}

// callerStations shows where the only task's call is.
func (w *calls) callerStations(c *caller) lab.Row {
	cells := []lab.Cell{{Text: partClient}, {Text: partClientStub}, {Text: partNetwork}}
	switch c.tasks[0].step {
	case resting:
		cells[0].Look = lab.Lit
	case marshalling, unmarshalling:
		cells[0].Look, cells[1].Look, cells[1].Color = lab.Hatched, lab.Lit, "active"
	case suspended:
		cells[0].Look = lab.Hatched
		cells[2].Look, cells[2].Color = lab.Lit, "active"
	}
	return lab.Row{Form: lab.Stations, Cells: cells}
}

// programCell is the line of the program that is being run.
func (w *calls) programCell(c *caller) lab.Cell {
	t := &c.tasks[0]
	switch t.step {
	case marshalling, suspended, unmarshalling:
		return lab.Cell{Text: lab.Plain("x = " + w.history[t.place].call.text), Look: lab.Hatched, Color: "done"}
	case finished:
		return lab.Cell{Text: lab.Text{En: "done", Zh: "结束"}, Look: lab.Faded}
	}
	if w.books[c.member].calls == 0 {
		return lab.Cell{Text: lab.Text{En: "begins", Zh: "开始"}}
	}
	if t.done.err != nil {
		return lab.Cell{Text: lab.Text{En: t.done.err.Code.String(), Zh: codeZh(t.done.err.Code)}, Color: "warn", Look: lab.Crossed}
	}
	return lab.Cell{Text: lab.Plain("x = " + w.history[t.place].result), Color: "active"}
}

// taskStrip shows a program of many tasks, a cell each.
func (w *calls) taskStrip(c *caller) lab.Row {
	row := lab.Row{Label: lab.Text{En: "tasks", Zh: "任务"}}
	for i := range c.tasks {
		t := &c.tasks[i]
		cell := lab.Cell{Text: lab.Plain(strconv.Itoa(i))}
		switch t.step {
		case marshalling, unmarshalling:
			cell.Look, cell.Color = lab.Lit, "active"
		case suspended:
			cell.Look, cell.Color = lab.Hatched, "done"
		case finished:
			cell.Look = lab.Faded
		}
		if t.step == marshalling || t.step == suspended || t.step == unmarshalling {
			cell.Text = lab.Plain(w.history[t.place].call.text)
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// shownResults is how many of a caller's last results its card shows.
const shownResults = 5

func (w *calls) resultsRow(c *caller) lab.Row {
	row := lab.Row{Label: lab.Text{En: "results", Zh: "结果"}}
	for i := len(w.history) - 1; i >= 0 && i >= len(w.history)-200 && len(row.Cells) < shownResults; i-- {
		o := &w.history[i]
		if o.caller != c.member || !o.over {
			continue
		}
		cell := lab.Cell{Text: lab.Plain(o.result), Color: "active"}
		switch {
		case o.err != nil:
			cell = lab.Cell{Text: lab.Text{En: o.err.Code.String(), Zh: codeZh(o.err.Code)}, Color: "warn", Look: lab.Crossed}
		case o.call.expect != "" && o.call.expect != o.result:
			cell.Color, cell.Look = "warn", lab.Lit
		}
		row.Cells = append([]lab.Cell{cell}, row.Cells...)
	}
	return row
}

func (w *calls) calleeRows(c *callee) []lab.Row {
	stations := []lab.Cell{{Text: partNetwork}, {Text: partServerStub}, {Text: partServer}}
	threads := lab.Row{Label: lab.Text{En: "runs", Zh: "正在执行"}}
	for i := range c.running {
		r := &c.running[i]
		if r.step == idle {
			continue
		}
		at := 1
		if r.step == executing {
			at = 2
			threads.Cells = append(threads.Cells, lab.Cell{Text: lab.Plain(r.event.Function), Color: "active"})
		}
		stations[at].Look, stations[at].Color = lab.Lit, "active"
	}
	rows := []lab.Row{{Form: lab.Stations, Cells: stations}, threads}
	if w.plan.shows.tables {
		rows = append(rows, tableRow(c.table, c.lookup))
	}
	if w.plan.shows.counter {
		rows = append(rows, lab.Row{Label: lab.Text{En: "counter", Zh: "计数器"}, Cells: []lab.Cell{{Text: lab.Plain(strconv.FormatInt(w.lives[c.member].counter, 10)), Color: "active"}}},
			lab.Row{Label: lab.Text{En: "executions", Zh: "执行次数"}, Cells: []lab.Cell{{Text: lab.Plain(strconv.FormatUint(c.machine.Executions(), 10))}}})
	}
	if w.plan.shows.waits {
		rows = append(rows, stuckRow(c.fullest()))
	}
	if w.plan.shows.replies {
		rows = append(rows, w.repliesRow(c))
	}
	return rows
}

// tableRow shows a Call ID table bucket by bucket, as it lies in memory.
func tableRow(t *rpc.Table, found rpc.Lookup) lab.Row {
	row := lab.Row{Label: lab.Text{En: "Call ID table", Zh: "Call ID 表"}, Form: lab.Table}
	for i := range t.Buckets() {
		e, ok := t.Bucket(i)
		if !ok {
			continue
		}
		key, value := lab.Cell{Text: lab.Plain(e.Function)}, lab.Cell{Text: lab.Plain(e.ID.String())}
		if t.Key() == rpc.ByID {
			key, value = value, key
		}
		if found.Found && found.Bucket == i {
			key.Look, key.Color = lab.Lit, "active"
		}
		row.Cells = append(row.Cells, key, value)
	}
	return row
}

// repliesRow shows the duplicate table: whose call, and how long it is kept.
func (w *calls) repliesRow(c *callee) lab.Row {
	const most = 6
	row := lab.Row{Label: lab.Text{En: "duplicate table", Zh: "去重表"}, Form: lab.Table}
	now := int64(w.net.Now())
	expiry := w.plan.server.Duplicates.ExpiryMicros
	list := c.machine.Remembered(1 << 10)
	if len(list) > most {
		row.More, list = 2*(len(list)-most), list[len(list)-most:]
	}
	for _, r := range list {
		key := lab.Cell{Text: lab.Say("call %d of client %d", "客户端 %[2]d 的调用 %[1]d", r.Call.Number, r.Call.Client&0xffff)}
		value := lab.Cell{Text: lab.Say("reply, %d B", "应答，%d B", r.Bytes), Color: "reply", Value: r.Expires - now, Max: expiry}
		if r.Running {
			value = lab.Cell{Text: lab.Text{En: "running", Zh: "执行中"}, Color: "active"}
		}
		row.Cells = append(row.Cells, key, value)
	}
	return row
}
