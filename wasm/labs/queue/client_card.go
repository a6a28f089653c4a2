package queue

import (
	"fmt"
	"slices"

	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// What the cards of producers and consumers show.

// orderSample is as long as the numbers of most orders.
var orderSample = lab.Plain("#00")

// shownOfClient is how many records a client's card shows.
const shownOfClient = 8

func (w *cluster) senderRows(s *sender) []lab.Row {
	recent := lab.Row{Label: lab.Text{En: "records", Zh: "记录"}, Form: lab.Tail, Room: shownOfClient, Sample: orderSample}
	for _, number := range w.lastOrders(func(o *order) bool { return int(o.sender) == s.member }) {
		o := &w.ledger.orders[number]
		cell := lab.Cell{Text: lab.Plain(fmt.Sprintf("#%d", number)), Color: keyColor(o.key)}
		switch o.fate {
		case waiting:
			cell.Look = lab.Hatched
		case failed, aborted:
			cell.Look = lab.Crossed
		}
		recent.Cells = append(recent.Cells, cell)
	}
	if w.plan.numbers {
		return append([]lab.Row{recent}, w.numberRows(s)...)
	}
	n := s.producer.Pending()
	underWay := lab.Row{Label: lab.Text{En: "not acknowledged", Zh: "未确认"}, Form: lab.Gauge,
		Cells: []lab.Cell{{Text: lab.Plain(fmt.Sprint(n)), Color: "push", Value: int64(min(n, shown)), Max: shown}}}
	rows := []lab.Row{recent, underWay}
	if w.plan.losses {
		rows = append(rows, w.lostRow(s))
	}
	return rows
}

// lostRow shows what a producer was told is written, and is lost.
func (w *cluster) lostRow(s *sender) lab.Row {
	row := lab.Row{Label: lab.Text{En: "acknowledged, lost", Zh: "确认之后又丢了"}, Form: lab.Tail}
	for _, number := range w.lost() {
		if int(w.ledger.orders[number].sender) == s.member {
			row.Cells = append(row.Cells, lab.Cell{Text: lab.Plain(fmt.Sprintf("#%d", number)), Color: "warn", Look: lab.Crossed})
		}
	}
	row.More = max(0, len(row.Cells)-shownOfClient)
	row.Cells = row.Cells[row.More:]
	return row
}

// lastOrders are the numbers of the last orders of a kind, oldest first.
func (w *cluster) lastOrders(of func(o *order) bool) (numbers []int) {
	l := &w.ledger
	for i := len(l.orders) - 1; i >= max(0, len(l.orders)-maxLook) && len(numbers) < shownOfClient; i-- {
		if of(&l.orders[i]) {
			numbers = append(numbers, i)
		}
	}
	slices.Reverse(numbers)
	return numbers
}

// maxLook is how far back in the ledger a client's card looks.
const maxLook = 400

// numberRows show how a producer numbers its records, and what it sends again.
func (w *cluster) numberRows(s *sender) []lab.Row {
	identity := lab.Row{Label: lab.Text{En: "producer", Zh: "生产者"}, Form: lab.Table, Room: 4}
	id, epoch := s.producer.Identity()
	switch {
	case !w.plan.produce.Idempotent:
		identity.Cells = []lab.Cell{{Text: lab.Plain("ID"), Look: lab.Faded}, {Text: lab.Text{En: "none", Zh: "没有"}}}
	case id < 0:
		identity.Cells = []lab.Cell{{Text: lab.Plain("ID"), Look: lab.Hatched}, {Text: lab.Text{En: "asks for one", Zh: "申请中"}}}
	default:
		identity.Cells = []lab.Cell{{Text: lab.Plain("ID")}, {Text: lab.Plain(fmt.Sprint(id))},
			{Text: lab.Text{En: "epoch", Zh: "纪元"}}, {Text: lab.Plain(fmt.Sprint(epoch))}}
	}
	batches := lab.Row{Label: lab.Text{En: "batches under way", Zh: "在途的批次"}, Room: 5, Sample: lab.Plain("00 ×2")}
	if w.plan.produce.Idempotent {
		batches.Label = lab.Text{En: "under way, by sequence", Zh: "在途批次的序号"}
	}
	for _, b := range s.producer.Batches() {
		if b.Attempts == 0 {
			continue
		}
		if len(batches.Cells) == shownOfClient {
			batches.More++
			continue
		}
		batches.Cells = append(batches.Cells, batchCell(&b))
	}
	rows := []lab.Row{identity, batches}
	if w.plan.txn > 0 {
		rows = append(rows, lab.Row{Label: lab.Text{En: "transaction", Zh: "事务"}, Cells: w.txnCells(s), Room: 1, Sample: lab.Text{En: "takes back 0", Zh: "进行中：0 条"}})
	}
	return rows
}

// batchCell is a batch: the numbers of its records, and how often it was sent.
func batchCell(b *client.BatchLook) lab.Cell {
	first, sign := int(b.Sequence), ""
	if b.Sequence < 0 {
		first, sign = int(b.IDs[0]), "#"
	}
	text := fmt.Sprintf("%s%d", sign, first)
	if n := len(b.IDs); n > 1 {
		text += fmt.Sprintf("–%d", first+n-1)
	}
	cell := lab.Cell{Color: "push", Look: lab.Hatched}
	if b.Attempts > 1 {
		text += fmt.Sprintf(" ×%d", b.Attempts)
		cell.Color = "warn"
	}
	if !b.OnWire {
		cell.Look = lab.Faded
	}
	cell.Text = lab.Plain(text)
	return cell
}

func (w *cluster) txnCells(s *sender) []lab.Cell {
	in := &w.inTxn[s.member]
	switch t := &s.txn; {
	case t.ending && in.committing:
		return []lab.Cell{{Text: lab.Say("commits %d", "提交 %d 条", len(in.orders)), Color: "done", Look: lab.Lit}}
	case t.ending:
		return []lab.Cell{{Text: lab.Say("takes back %d", "撤回 %d 条", len(in.orders)), Color: "warn", Look: lab.Crossed}}
	case t.open:
		return []lab.Cell{{Text: lab.Say("open: %d", "进行中：%d 条", len(in.orders)), Color: "push", Look: lab.Hatched}}
	}
	return nil
}

func (w *cluster) readerRows(r *reader) []lab.Row {
	places := lab.Row{Label: lab.Text{En: "next, committed", Zh: "下一个、已提交"}, Form: lab.Table, Room: 2 * w.share(), Sample: lab.Plain("00, 00")}
	lag := lab.Row{Label: lab.Text{En: "lag", Zh: "滞后"}, Form: lab.Gauge}
	alone := w.plan.group(r.member) == ""
	if alone {
		places.Label, places.Room = lab.Text{En: "next offset", Zh: "下一个偏移量"}, 2*int(w.plan.settings.Partitions)
	}
	rows := []lab.Row{w.membership(r)}
	behind := int64(0)
	if r.consumer != nil {
		for _, p := range r.consumer.Positions() {
			places.Cells = append(places.Cells, w.placeCells(r, &p, alone)...)
			if p.HighWatermark > p.Offset && p.Offset >= 0 {
				behind += p.HighWatermark - p.Offset
			}
		}
	}
	if len(places.Cells) > 0 {
		lag.Cells = []lab.Cell{{Text: lab.Plain(fmt.Sprint(behind)), Color: "warn", Value: min(behind, shown), Max: shown}}
	}
	if w.plan.copies == copiesByNumber { // the copies say it all
		return append(rows, lag, w.copiesRow(r))
	}
	rows = append(rows, places, lag)
	if w.plan.work(r.member) > 0 {
		rows = append(rows, lab.Row{Label: lab.Text{En: "works on", Zh: "正在处理"}, Cells: w.workCells(r), Room: 1, Sample: orderSample})
	}
	if w.plan.copies != copiesHidden {
		rows = append(rows, w.copiesRow(r))
	}
	return rows
}

// share is how many partitions a consumer gets, as a rule: more than its part,
// when others die.
func (w *cluster) share() int {
	all := int(w.plan.settings.Partitions) * len(w.plan.topics)
	return min(all, all/max(w.plan.consumers, 1)+1)
}

// placeCells are where a consumer is in one of its partitions.
func (w *cluster) placeCells(r *reader, p *client.Position, alone bool) []lab.Cell {
	name := itoa(p.Partition)
	if len(w.plan.topics) > 1 {
		name = p.Topic + "-" + name
	}
	at := place(p.Offset)
	if !alone {
		at += ", " + place(p.Committed)
	}
	key := lab.Cell{Text: lab.Plain(name)}
	if r.busy && r.taken.Partition == p.Partition && r.taken.Topic == p.Topic {
		key.Look = lab.Lit
	}
	return []lab.Cell{key, {Text: lab.Plain(at)}}
}

// workCells is the record that a consumer works on, filled as far as it has come.
func (w *cluster) workCells(r *reader) []lab.Cell {
	if !r.busy {
		return nil
	}
	cell := lab.Cell{Text: lab.Plain("?"), Color: "active", Look: lab.Lit,
		Value: int64(w.net.Now() - r.began), Max: int64(max(w.plan.work(r.member), sim.Microsecond))}
	if number, ok := w.ledger.number(r.value); ok {
		cell.Text = lab.Plain(fmt.Sprintf("#%d", number))
		if w.ledger.orders[number].read[r.group] > 0 {
			cell.Color = "warn" // somebody has done this before
		}
	}
	return []lab.Cell{cell}
}

// membership says what a consumer is in its group.
func (w *cluster) membership(r *reader) lab.Row {
	group := w.plan.group(r.member)
	row := lab.Row{Label: lab.Say("group %s", "消费者组 %s", group), Room: 1, Sample: lab.Text{En: "waits for its share", Zh: "★ 第 00 代"}}
	if w.plan.fresh != nil {
		row.Label = lab.Text{En: "subscriber", Zh: "订阅者"}
		if group == "" {
			row.Cells = []lab.Cell{{Text: lab.Text{En: "not durable", Zh: "不持久"}, Color: "idle", Look: lab.Hatched}}
		} else {
			row.Cells = []lab.Cell{{Text: lab.Text{En: "durable", Zh: "持久"}, Color: "done"}}
		}
		return row
	}
	if group == "" {
		row.Label = lab.Text{En: "reads alone", Zh: "单独读取"}
		what := lab.Text{En: "everything", Zh: "什么都读"}
		if w.plan.consume.ReadCommitted {
			what = lab.Text{En: "what is committed", Zh: "只读已提交"}
		}
		row.Cells = []lab.Cell{{Text: what}}
		return row
	}
	if r.consumer == nil {
		row.Cells = []lab.Cell{{Text: lab.Text{En: "not in it", Zh: "不在组里"}, Look: lab.Faded}}
		return row
	}
	say := func(t lab.Text, color string, look lab.Look) {
		row.Cells = append(row.Cells, lab.Cell{Text: t, Color: color, Look: look})
	}
	switch m := r.consumer.Membership(); m {
	case "joining":
		say(lab.Text{En: "joins", Zh: "加入中"}, "warn", lab.Hatched)
	case "assigning", "syncing":
		say(lab.Text{En: "waits for its share", Zh: "等待分配"}, "warn", lab.Hatched)
	case "preparing":
		say(lab.Text{En: "finishes, to join anew", Zh: "收尾，准备重新加入"}, "warn", lab.Hatched)
	case "stable":
		generation := r.consumer.Group().Generation
		switch {
		case len(r.consumer.Positions()) == 0:
			say(lab.Say("idle, generation %d", "空闲，第 %d 代", generation), "idle", lab.Faded)
		case r.leader:
			say(lab.Say("★ generation %d", "★ 第 %d 代", generation), "done", lab.Usual)
		default:
			say(lab.Say("generation %d", "第 %d 代", generation), "done", lab.Usual)
		}
	default:
		say(lab.Text{En: "is out", Zh: "出局"}, "warn", lab.Crossed)
	}
	return row
}

// copiesRow shows what a consumer has read.
func (w *cluster) copiesRow(r *reader) lab.Row {
	if w.plan.copies == copiesAsRead {
		return lab.Row{Label: lab.Text{En: "has read", Zh: "读到的"}, Form: lab.Tail, Room: shown, Sample: orderSample, Cells: w.seenCells(r), More: max(0, r.reads-len(r.seen))}
	}
	row := lab.Row{Label: lab.Text{En: "its copies", Zh: "它的那一份"}, Form: lab.Tail, Room: shownOfClient, Sample: orderSample}
	for _, number := range w.lastOrders(func(o *order) bool { return o.fate == acked }) {
		o := &w.ledger.orders[number]
		cell := lab.Cell{Text: lab.Plain(fmt.Sprintf("#%d", number)), Color: "done"}
		switch {
		case o.read[r.group] > 0:
		case r.busy && r.taken.Partition == o.partition && r.taken.Records[0].Offset == o.offset:
			cell = w.workCells(r)[0]
		case w.missed(r, o):
			cell.Color, cell.Look = "warn", lab.Crossed
		default:
			cell.Color, cell.Look = "idle", lab.Faded
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// missed says whether a consumer has gone past an order without reading it.
func (w *cluster) missed(r *reader, o *order) bool {
	if r.consumer == nil {
		return false
	}
	for _, p := range r.consumer.Positions() {
		if p.Partition == o.partition && w.topic(p.Topic) == int(o.topic) {
			return p.Offset > o.offset
		}
	}
	return false
}

// seenCells are the last records that a consumer has read, one by one.
func (w *cluster) seenCells(r *reader) (cells []lab.Cell) {
	for _, s := range r.seen {
		cell := lab.Cell{Text: lab.Plain(fmt.Sprintf("#%d", s.number)), Color: "done"}
		switch {
		case w.ledger.orders[s.number].fate == aborted:
			cell.Color, cell.Look = "warn", lab.Crossed
		case s.copy:
			cell.Color, cell.Look = "warn", lab.Lit
		}
		cells = append(cells, cell)
	}
	return cells
}
