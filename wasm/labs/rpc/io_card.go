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
	rows := []lab.Row{s.coresRow(), s.threadsRow()}
	if s.model == ioLoop {
		rows = append(rows, s.readyRow(), s.pipelineRow(), s.halvesRow())
	} else {
		rows = append(rows, s.runQueueRow(), s.waitingRow())
	}
	used := strconv.FormatFloat(float64(s.memory)/(1<<20), 'f', 1, 64) + " MB"
	return lab.Card{Rows: append(rows,
		lab.Row{Label: lab.Text{En: "memory", Zh: "内存"}, Form: lab.Gauge,
			Cells: []lab.Cell{{Text: lab.Plain(used), Color: "done", Value: s.memory, Max: s.plan.memory}}},
		w.answersRow(t))}
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
	switch s.workers[t].job {
	case ioAccepts:
		return lab.Text{En: "accepts", Zh: "接受"}
	case ioLoops:
		return lab.Say("loop %d", "循环 %d", t)
	}
	return lab.Say("T%d", "T%d", t)
}

// threadsRow shows each thread: hatched is blocked.
func (s *ioServer) threadsRow() lab.Row {
	row := lab.Row{Label: lab.Say("%d threads", "%d 个线程", s.cpu.living)}
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
	row := lab.Row{Label: lab.Text{En: "waiting for a thread", Zh: "排队等线程的连接"}}
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
	handlerFrameIn:    {En: "frame decoder", Zh: "帧解码器"},
	handlerFrameOut:   {En: "frame encoder", Zh: "帧编码器"},
	handlerMessageIn:  {En: "message decoder", Zh: "消息解码器"},
	handlerMessageOut: {En: "message encoder", Zh: "消息编码器"},
	handlerBusiness:   {En: "business handler", Zh: "业务处理器"},
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
	row := lab.Row{Label: lab.Text{En: "half a frame, waiting", Zh: "只到了半个的帧"}}
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

// answersRow says what the clients feel.
func (w *ioWorld) answersRow(t *ioTally) lab.Row {
	t.turn(w.net.Now())
	row := lab.Row{Form: lab.Table}
	pair := func(key lab.Text, value, color string) {
		row.Cells = append(row.Cells, lab.Cell{Text: key}, lab.Cell{Text: lab.Plain(value), Color: color})
	}
	pair(lab.Text{En: "answers a second", Zh: "每秒应答数"}, strconv.Itoa(t.last.count), "")
	color := ""
	if t.late > 0 {
		color = "warn"
	}
	pair(lab.Text{En: "99% within", Zh: "99% 不超过"}, ioSpan(t.all.percentile(99)), color)
	color = ""
	if t.refused > 0 {
		color = "warn"
	}
	pair(lab.Text{En: "turned away", Zh: "拒绝的连接"}, strconv.Itoa(t.refused), color)
	return row
}

// ioSpan writes a time in the two or three digits that can be trusted.
func ioSpan(t sim.Time) string {
	switch {
	case t == 0:
		return "-"
	case t < 10*sim.Millisecond:
		return strconv.FormatFloat(float64(t)/float64(sim.Millisecond), 'f', 1, 64) + " ms"
	case t < sim.Second:
		return strconv.Itoa(int(t/sim.Millisecond)) + " ms"
	}
	return strconv.FormatFloat(float64(t)/float64(sim.Second), 'f', 1, 64) + " s"
}

// clientRows are a machine's connections, a row for each server.
func (w *ioWorld) clientRows(c *ioClient) []lab.Row {
	rows := make([]lab.Row, len(w.plan.models))
	for j, model := range w.plan.models {
		rows[j].Label = lab.Text{En: "callers of " + ioRoles[model] + "/0", Zh: ioRoles[model] + "/0 的调用者"}
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
		return lab.Cell{Color: "idle"}
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
