package rpc

import (
	"strconv"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *ioWorld) card(node sim.NodeID) lab.Card {
	if int(node) < w.count {
		if c := w.clients.Member(int(node)); c != nil {
			return lab.Card{Rows: w.clientRows(c)}
		}
		return lab.Card{}
	}
	s, t := w.server(node)
	if s == nil {
		return lab.Card{}
	}
	// What can be compared comes first, and in the same places.
	rows := []lab.Row{s.coresRow(), s.threadsRow()}
	if s.model == ioLoop {
		rows = append(append(rows, s.readyRow()), w.gauges(s, t)...)
		return lab.Card{Rows: append(rows, s.pipelineRow(), s.halvesRow())}
	}
	rows = append(rows, s.runQueueRow(), s.waitingRow())
	return lab.Card{Rows: append(rows, w.gauges(s, t)...)}
}

// coresRow says which thread runs on each core.
func (s *ioServer) coresRow() lab.Row {
	row := lab.Row{Label: lab.Text{En: "cores", Zh: "CPU 核"}}
	for i := range s.cpu.cores {
		cell := lab.Cell{Text: lab.Plain("-"), Look: lab.Faded}
		if t := s.cpu.cores[i].thread; t != nobody {
			cell = lab.Cell{Text: s.threadName(t), Color: "active", Look: lab.Lit}
		}
		add(&row, cell)
	}
	return row
}

func (s *ioServer) threadName(t int) lab.Text {
	if s.workers[t].job == ioLoops {
		return lab.Plain("loop " + strconv.Itoa(t))
	}
	return lab.Plain("T" + strconv.Itoa(t))
}

// threadsRow shows each thread: hatched is blocked.
func (s *ioServer) threadsRow() lab.Row {
	row := lab.Row{Label: lab.Say("threads: %d", "%d 个线程", s.cpu.living)}
	if s.cpu.living == 1 {
		row.Label = lab.Text{En: "1 thread", Zh: "1 个线程"}
	}
	for t := range s.workers {
		cell := lab.Cell{Color: "active"}
		switch s.cpu.threads[t].state {
		case threadGone:
			continue
		case threadRunning, threadDecides:
			cell.Look = lab.Lit
		case threadBlocked:
			cell = s.workers[t].waitingCell()
		}
		add(&row, cell)
	}
	return row
}

// waitingCell shows a blocked thread, and for what it waits.
func (w *ioWorker) waitingCell() lab.Cell {
	switch w.wait {
	case ioForWork:
		return lab.Cell{Look: lab.Faded}
	case ioForDatabase:
		return lab.Cell{Color: "warn", Look: lab.Hatched}
	case ioForBytes:
		if have, _ := w.conn.pipe.Held(); have > 0 {
			return lab.Cell{Color: "data", Look: lab.Hatched}
		}
	}
	return lab.Cell{Color: "idle", Look: lab.Hatched}
}

func (s *ioServer) runQueueRow() lab.Row {
	row := lab.Row{Label: lab.Text{En: "run queue", Zh: "运行队列"}}
	for range min(s.cpu.ready.len(), lab.MaxCardCells) {
		row.Cells = append(row.Cells, lab.Cell{Color: "active"})
	}
	row.More = s.cpu.ready.len() - len(row.Cells)
	return row
}

// waitingRow shows the connections for which there is no thread yet.
func (s *ioServer) waitingRow() lab.Row {
	row := lab.Row{Label: lab.Text{En: "accept queue", Zh: "等线程的连接"}}
	for range min(s.waiting(), lab.MaxCardCells) {
		row.Cells = append(row.Cells, lab.Cell{Color: "pull"})
	}
	row.More = s.waiting() - len(row.Cells)
	return row
}

// readyRow is the loops' ready lists, one after the other.
func (s *ioServer) readyRow() lab.Row {
	row := lab.Row{Label: lab.Text{En: "ready list", Zh: "就绪列表"}}
	for t := range s.workers {
		ready := &s.workers[t].ready
		for i := range ready.len() {
			c := ready.at(i)
			color := "push"
			switch {
			case c.number == 0:
				color = "pull"
			case c.phase == ioRendering:
				color = "warn"
			}
			add(&row, lab.Cell{Color: color})
		}
	}
	return row
}

// ioStations are the handlers as a visitor sees them, the connection's end first.
var ioStations = [...]lab.Text{
	handlerFrameIn:  {En: "frame decoder", Zh: "帧解码器"},
	handlerFrameOut: {En: "frame encoder", Zh: "帧编码器"},
	handlerCallIn:   {En: "call decoder", Zh: "调用解码器"},
	handlerCallOut:  {En: "call encoder", Zh: "调用编码器"},
	handlerBusiness: {En: "business", Zh: "业务处理器"},
}

// pipelineRow shows the pipeline that the first loop is busy with, and which of
// its handlers runs.
func (s *ioServer) pipelineRow() lab.Row {
	w := &s.workers[0]
	row := lab.Row{Label: lab.Text{En: "pipeline", Zh: "处理流水线"}, Form: lab.Stations}
	lit, color := nobody, "push"
	if c := w.conn; c != nil && c.number > 0 {
		row.Label = lab.Say("pipeline of #%d", "#%d 的流水线", c.number)
		lit, color = c.station(w)
	}
	for i, name := range ioStations {
		cell := lab.Cell{Text: name, Look: lab.Faded}
		if i == lit {
			cell = lab.Cell{Text: name, Color: color, Look: lab.Lit}
			if w.wait == ioForDatabase && s.cpu.threads[0].state == threadBlocked {
				cell = lab.Cell{Text: name, Color: "warn", Look: lab.Hatched}
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// station is the handler that a worker runs at a connection, and the colour of
// the way that the message goes.
func (c *ioConn) station(w *ioWorker) (at int, color string) {
	if c.phase == ioRendering || c.phase == ioQuerying {
		return handlerBusiness, "active"
	}
	if w.task == taskStep {
		at, out, ok := c.pipe.Next()
		switch {
		case !ok || at < 0:
			return nobody, ""
		case at == handlerBusiness:
			return at, "active"
		case out:
			return at, "reply"
		}
		return at, "push"
	}
	return nobody, ""
}

// halvesRow shows the decoders that have half a frame.
func (s *ioServer) halvesRow() lab.Row {
	row := lab.Row{Label: lab.Text{En: "half a frame", Zh: "只到了半个的帧"}}
	const most = 3
	for number := 1; number <= s.numbered; number++ {
		c := s.conns[number]
		if c == nil {
			continue
		}
		if have, want := c.pipe.Held(); have > 0 {
			if len(row.Cells) == most {
				row.More++
				continue
			}
			row.Cells = append(row.Cells, lab.Cell{Text: lab.Say("#%d %d/%d", "#%d %d/%d", number, have, want), Color: "data", Value: int64(have), Max: int64(want)})
		}
	}
	return row
}

// gauges say what the server takes, and what its clients feel.
func (w *ioWorld) gauges(s *ioServer, t *ioTally) []lab.Row {
	t.turn(w.net.Now())
	gauge := func(label lab.Text, text, color string, value, most int64) lab.Row {
		return lab.Row{Label: label, Form: lab.Gauge, Cells: []lab.Cell{{Text: lab.Plain(text), Color: color, Value: min(value, most), Max: most}}}
	}
	alarm := func(bad int) string {
		if bad > 0 {
			return "warn"
		}
		return "done"
	}
	slow := w.recent(t)
	rows := []lab.Row{
		gauge(lab.Text{En: "memory", Zh: "内存"}, strconv.FormatInt(s.memory>>20, 10)+" MB", alarm(t.refused), s.memory, w.plan.memory),
		gauge(lab.Text{En: "answers/s", Zh: "每秒应答"}, strconv.Itoa(t.last.count), "done", int64(t.last.count), w.mostAnswers()),
		gauge(lab.Text{En: "slowest 1%", Zh: "最慢的 1%"}, ioSpan(slow), alarm(t.late), int64(slow), int64(w.plan.limit)),
	}
	return append(rows, gauge(lab.Text{En: "refused", Zh: "被拒的连接"}, strconv.Itoa(t.refused), "", 0, 0))
}

// clientRows are a machine's connections, a row for each server.
func (w *ioWorld) clientRows(c *ioClient) []lab.Row {
	rows := make([]lab.Row, len(w.plan.models))
	for j, model := range w.plan.models {
		rows[j].Label = lab.Text{En: "to " + ioRoles[model] + "/0", Zh: "到 " + ioRoles[model] + "/0"}
		for i := j; i < len(c.calls); i += len(w.plan.models) {
			add(&rows[j], c.calls[i].cell())
		}
	}
	return rows
}

func (a *ioCaller) cell() lab.Cell {
	switch a.state {
	case ioDialling:
		return lab.Cell{Color: "pull"}
	case ioThinking:
		return lab.Cell{}
	case ioHalfway:
		return lab.Cell{Color: "data"}
	case ioAwaiting:
		if a.late {
			return lab.Cell{Color: "warn", Look: lab.Hatched}
		}
		return lab.Cell{Color: "done", Look: lab.Hatched}
	}
	return lab.Cell{Look: lab.Faded}
}

// add adds a cell to a row, or counts it where the row is full.
func add(row *lab.Row, c lab.Cell) {
	if len(row.Cells) < lab.MaxCardCells {
		row.Cells = append(row.Cells, c)
	} else {
		row.More++
	}
}
