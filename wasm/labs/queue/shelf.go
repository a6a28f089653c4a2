package queue

import (
	"fmt"
	"slices"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/group"
	"grapevine/wasm/lab"
)

// A shelf is what a lone broker's card shows in place of its replicas.

// shelfCells is how many records of a partition a shelf shows; lookBack is how
// many before them it looks at, to know a record that comes twice.
const (
	shelfCells = 8
	lookBack   = 40
)

// partitionRows makes a strip of each partition's records: so many, from an
// offset on.
func (w *cluster) partitionRows(b *house, form lab.RowForm, most int64, from func(p *broker.PartitionState) int64, cell func(p *broker.PartitionState, r *kept) lab.Cell) (rows []lab.Row) {
	for part := range min(w.plan.settings.Partitions, maxStrips) {
		row := lab.Row{Label: lab.Say("partition %d", "分区 %d", part), Form: form, Room: int(most), Sample: orderSample}
		p, ok := b.broker.Partition(w.plan.topics[0], part)
		if !ok { // not made yet; its row is there all the same, so that nothing jumps
			rows = append(rows, row)
			continue
		}
		p.End = b.end(&p)
		start := max(from(&p), p.Start)
		all := b.window(&p, start-lookBack, most+lookBack)
		for i := range all {
			// What lies before the strip is looked at all the same: see producerShelf.
			if c := cell(&p, &all[i]); all[i].offset >= start && all[i].offset < start+most {
				row.Cells = append(row.Cells, c)
			}
		}
		if row.More = int(start - p.Start); form == lab.Strip {
			row.More = int(max(0, p.End-start-most))
		}
		rows = append(rows, row)
	}
	return rows
}

// maxStrips is how many partitions a shelf shows: the rest of the rows is for
// what is known of them.
const maxStrips = lab.MaxCardRows - 3

// lastOf begins a strip of so many records so that it ends where the log does.
func lastOf(most int64) func(p *broker.PartitionState) int64 {
	return func(p *broker.PartitionState) int64 { return p.End - most }
}

// orderCell is a record by its number.
func orderCell(r *kept) lab.Cell {
	if r.number < 0 {
		return lab.Cell{Text: lab.Plain("?"), Color: "idle"}
	}
	return lab.Cell{Text: lab.Plain(fmt.Sprintf("#%d", r.number)), Color: "idle"}
}

// queueShelf shows partitions as queues: what waits, is being worked on, is
// done, and is acknowledged.
func queueShelf(w *cluster, b *house) []lab.Row {
	name := w.plan.group(0)
	committed := func(p *broker.PartitionState) int64 { return b.broker.Committed(name, p.Topic, p.Part) }
	rows := w.partitionRows(b, lab.Strip, shelfCells,
		func(p *broker.PartitionState) int64 { return committed(p) - 2 }, // the head of the queue, with two that have left it
		func(p *broker.PartitionState, r *kept) lab.Cell {
			cell := orderCell(r)
			if r.number < 0 {
				return cell
			}
			o := &w.ledger.orders[r.number]
			done := o.read[0] > 0
			switch {
			case w.workedOn(p.Topic, p.Part, r.offset):
				cell.Color, cell.Look = "active", lab.Lit
			case done && r.offset < committed(p):
				cell.Color, cell.Look = "done", lab.Faded
			case done:
				cell.Color, cell.Look = "done", lab.Hatched
			case r.offset < committed(p):
				cell.Color, cell.Look = "warn", lab.Crossed
			}
			if o.again && cell.Color == "done" {
				cell.Color = "warn"
			}
			return cell
		})
	return append(rows, w.skippedRow(b))
}

// skippedRow shows the records that nobody will ever work on: their offsets are
// committed, and who was to work on them is dead.
func (w *cluster) skippedRow(b *house) lab.Row {
	row := lab.Row{Label: lab.Text{En: "committed, never done", Zh: "提交了却没处理"}, Form: lab.Tail}
	l, name := &w.ledger, w.plan.group(0)
	for number := max(0, len(l.orders)-maxLook); number < len(l.orders); number++ {
		o := &l.orders[number]
		if topic := w.plan.topics[o.topic]; o.fate == acked && o.read[0] == 0 && o.offset >= 0 && o.offset < b.broker.Committed(name, topic, o.partition) && !w.workedOn(topic, o.partition, o.offset) {
			row.Cells = append(row.Cells, lab.Cell{Text: lab.Plain(fmt.Sprintf("#%d", number)), Color: "warn", Look: lab.Crossed})
		}
	}
	row.More = max(0, len(row.Cells)-shownOfClient)
	row.Cells = row.Cells[row.More:]
	return row
}

// workedOn says whether a consumer works on a record.
func (w *cluster) workedOn(topic string, part int32, offset int64) bool {
	for i := range w.plan.consumers {
		if r := w.readers.Member(i); r != nil && w.net.Up(w.reader(i)) && r.busy && r.taken.Topic == topic && r.taken.Partition == part && r.taken.Records[0].Offset == offset {
			return true
		}
	}
	return false
}

// topicShelf shows one log for all subscribers, and the places that are kept
// for those that are durable.
func topicShelf(w *cluster, b *house) []lab.Row {
	rows := w.partitionRows(b, lab.Tail, shelfCells, lastOf(shelfCells), func(_ *broker.PartitionState, r *kept) lab.Cell {
		cell := orderCell(r)
		if r.number >= 0 && w.ledger.unreadBy(&w.ledger.orders[r.number]) == 0 {
			cell.Look = lab.Faded // nobody is left who has not read it
		}
		return cell
	})
	places := lab.Row{Label: lab.Text{En: "place kept for", Zh: "替谁记着位置"}, Form: lab.Table, Sample: lab.Text{En: "not kept", Zh: "不记"}}
	for i := range w.plan.consumers {
		key := lab.Cell{Text: lab.Plain(w.net.Name(w.reader(i)))}
		value := lab.Cell{Text: lab.Plain("–")}
		if name := w.plan.group(i); name == "" {
			key.Look, value.Text = lab.Faded, lab.Text{En: "not kept", Zh: "不记"}
		} else if at := w.committedSum(b, name); at > 0 {
			value.Text = lab.Plain(fmt.Sprint(at))
		}
		places.Cells = append(places.Cells, key, value)
	}
	return append(rows, places)
}

// committedSum is how many records of all partitions a group has behind it.
func (w *cluster) committedSum(b *house, name string) (sum int64) {
	for _, topic := range w.plan.topics {
		for part := range w.plan.settings.Partitions {
			sum += max(0, b.broker.Committed(name, topic, part))
		}
	}
	return sum
}

// groupShelf shows the coordinator's group: its state, who owns what, and how
// far each partition's offset is committed.
func groupShelf(w *cluster, b *house) []lab.Row {
	name, topic := w.plan.group(0), w.plan.topics[0]
	state := lab.Row{Label: lab.Say("group %s", "消费者组 %s", name), Form: lab.Table, Sample: lab.Text{En: "being shared out", Zh: "重新加入"}}
	owners := lab.Row{Label: lab.Text{En: "partitions of", Zh: "谁拥有哪些分区"}, Form: lab.Table, Sample: lab.Text{En: "has joined", Zh: "等待分配"}}
	looks := b.broker.Groups()
	at := slices.IndexFunc(looks, func(g group.Look) bool { return g.ID == name })
	var g group.Look
	if at >= 0 {
		g = looks[at]
	}
	look, text := lab.Hatched, lab.Text{En: "rebalance", Zh: "重新平衡"}
	switch g.State {
	case group.Empty, group.Dead:
		look, text = lab.Faded, lab.Text{En: "empty", Zh: "空"}
	case group.PreparingRebalance:
		text = lab.Text{En: "all join anew", Zh: "重新加入"}
	case group.CompletingRebalance:
		text = lab.Text{En: "being shared out", Zh: "正在分配"}
	case group.Stable:
		look, text = lab.Usual, lab.Text{En: "stable", Zh: "稳定"}
	}
	state.Cells = []lab.Cell{{Text: lab.Text{En: "state", Zh: "状态"}, Look: look}, {Text: text},
		{Text: lab.Text{En: "generation", Zh: "代"}}, {Text: lab.Plain(fmt.Sprint(g.Generation))}}
	for i := range w.plan.consumers {
		key := lab.Cell{Text: lab.Plain(w.net.Name(w.reader(i))), Look: lab.Faded}
		value := lab.Cell{Text: lab.Plain("–")}
		for k := range g.Members {
			if m := &g.Members[k]; m.ClientID == clientID(i) {
				key.Look, value.Text = memberText(m, g.State, topic)
			}
		}
		owners.Cells = append(owners.Cells, key, value)
	}
	committed := lab.Row{Label: lab.Text{En: "committed, log end", Zh: "已提交、日志末端"}, Form: lab.Table, Room: 2 * int(w.plan.settings.Partitions), Sample: lab.Plain("00, 00")}
	for _, p := range b.broker.Partitions() {
		if p.Topic == topic {
			committed.Cells = append(committed.Cells, lab.Cell{Text: lab.Plain(itoa(p.Part))},
				lab.Cell{Text: lab.Plain(fmt.Sprintf("%d, %d", max(0, b.broker.Committed(name, topic, p.Part)), p.HighWatermark))})
		}
	}
	if w.down(b) { // a coordinator has its groups in its memory; offsets are in a log
		state.Cells, owners.Cells = nil, nil
	}
	return []lab.Row{state, owners, committed, w.skippedRow(b)}
}

// memberText says what a member of a group has, or what it waits for.
func memberText(m *group.MemberLook, state group.State, topic string) (lab.Look, lab.Text) {
	switch {
	case m.Joining:
		return lab.Hatched, lab.Text{En: "has joined", Zh: "已加入"}
	case m.Syncing:
		return lab.Hatched, lab.Text{En: "waits", Zh: "等待分配"}
	}
	parts := m.Partitions(topic)
	switch {
	case len(parts) == 0 && state != group.Stable:
		return lab.Faded, lab.Text{En: "not yet", Zh: "还没来"}
	case len(parts) == 0:
		return lab.Faded, lab.Text{En: "idle", Zh: "空闲"}
	}
	text := ""
	for _, p := range parts {
		text += " " + itoa(p)
	}
	if state != group.Stable { // it has not heard yet that this is over
		return lab.Faded, lab.Plain(text[1:])
	}
	return lab.Usual, lab.Plain(text[1:])
}

// producerShelf shows the logs with what was written twice, is not decided, or
// was taken back; and which numbers the broker expects of producers.
func producerShelf(w *cluster, b *house) []lab.Row {
	known := lab.Row{Label: lab.Text{En: "last sequence of", Zh: "生产者的最后序号"}, Form: lab.Table, Room: 2 * min(w.plan.producers*int(w.plan.settings.Partitions), 4), Sample: lab.Plain("00")}
	for _, p := range b.broker.Partitions() {
		log := b.broker.Log(p.Topic, p.Part)
		if internal(p.Topic) || log == nil {
			continue
		}
		for _, producer := range log.Producers() {
			key := fmt.Sprintf("ID %d", producer.ID)
			if w.plan.settings.Partitions > 1 {
				key = fmt.Sprintf("%d: %s", p.Part, key)
			}
			if len(known.Cells) < lab.MaxCardCells-1 {
				known.Cells = append(known.Cells, lab.Cell{Text: lab.Plain(key)}, lab.Cell{Text: lab.Plain(fmt.Sprint(producer.LastSequence))})
			}
		}
	}
	first := map[int]int64{} // where a record was seen first; only looked up
	rows := w.partitionRows(b, lab.Tail, shown, lastOf(shown), func(p *broker.PartitionState, r *kept) lab.Cell {
		cell := orderCell(r)
		switch r.marker {
		case commitMarker:
			return lab.Cell{Text: lab.Plain("✓"), Color: "done"}
		case abortMarker:
			return lab.Cell{Text: lab.Plain("✗"), Color: "warn"}
		}
		cell.Color = "done"
		at, seen := first[r.number]
		switch {
		case r.number >= 0 && seen && at != r.offset:
			cell.Color, cell.Look = "warn", lab.Lit
		case w.takenBack(b, p, r):
			cell.Color, cell.Look = "warn", lab.Crossed
		case r.offset >= p.LastStable:
			cell.Color, cell.Look = "push", lab.Hatched
		}
		if !seen {
			first[r.number] = r.offset
		}
		return cell
	})
	again := lab.Row{Label: lab.Text{En: "came again, not written", Zh: "重复送来，没有再写"}, Form: lab.Gauge, Cells: []lab.Cell{{Text: lab.Plain(fmt.Sprint(w.ledger.repeated))}}}
	return append(rows, known, again)
}

// takenBack says whether a record is part of a transaction that was aborted.
func (w *cluster) takenBack(b *house, p *broker.PartitionState, r *kept) bool {
	log := b.broker.Log(p.Topic, p.Part)
	if log == nil || w.plan.txn == 0 {
		return false
	}
	for _, a := range log.Aborted(r.offset, r.offset+1) {
		if a.Producer == r.producer && a.First <= r.offset && r.offset <= a.Last {
			return true
		}
	}
	return false
}
