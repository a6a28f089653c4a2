package queue

import (
	"fmt"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/broker"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *cluster) card(node sim.NodeID) lab.Card {
	switch role, i := w.split(node); role {
	case 'p':
		if s := w.senders.Member(i); s != nil && s.producer != nil {
			return lab.Card{Rows: w.senderRows(s)}
		}
	case 'b':
		if b := w.houses.Member(i); b != nil && b.broker != nil {
			return lab.Card{Rows: w.houseRows(b)}
		}
	case 'c':
		if r := w.readers.Member(i); r != nil {
			return lab.Card{Rows: w.readerRows(r)}
		}
	}
	return lab.Card{}
}

// keyColors tell keys apart, as far as the palette goes.
var keyColors = [...]string{"push", "pull", "reply", "data", "active", "done"}

func keyColor(key int32) string {
	if key < 0 {
		return "idle"
	}
	return keyColors[int(key)%len(keyColors)]
}

// shown is how many cells a strip of records has.
const shown = 12

func (w *cluster) senderRows(s *sender) []lab.Row {
	recent := lab.Row{Label: lab.Text{En: "records", Zh: "记录"}}
	l := &w.ledger
	for i := len(l.orders) - 1; i >= 0 && len(recent.Cells) < shown && i >= len(l.orders)-maxLook; i-- {
		o := &l.orders[i]
		if int(o.sender) != s.member {
			continue
		}
		cell := lab.Cell{Text: lab.Plain(fmt.Sprintf("#%d", i)), Color: keyColor(o.key)}
		switch o.fate {
		case waiting:
			cell.Look = lab.Hatched
		case failed:
			cell.Look = lab.Crossed
		}
		recent.Cells = append(recent.Cells, cell)
	}
	slices.Reverse(recent.Cells)
	underWay := lab.Row{Label: lab.Text{En: "not acknowledged", Zh: "未确认"}, Form: lab.Gauge}
	if n := s.producer.Pending(); n > 0 {
		underWay.Cells = []lab.Cell{{Text: lab.Plain(fmt.Sprint(n)), Color: "push", Value: int64(min(n, shown)), Max: shown}}
	}
	return []lab.Row{recent, underWay}
}

// maxLook is how far back in the ledger a sender's card looks.
const maxLook = 400

func (w *cluster) houseRows(b *house) []lab.Row {
	office := lab.Row{Label: lab.Text{En: "controller", Zh: "控制器"}}
	switch controller, epoch := b.broker.Controller(); {
	case controller == int32(b.member):
		office.Cells = []lab.Cell{{Text: lab.Say("active, epoch %d", "活动，第 %d 届", epoch), Color: "active", Look: lab.Lit}}
	case controller >= 0:
		office.Cells = []lab.Cell{{Text: lab.Plain(fmt.Sprintf("broker/%d", controller)), Look: lab.Faded}}
	default:
		office.Cells = []lab.Cell{{Text: lab.Text{En: "none known", Zh: "未知"}, Look: lab.Crossed, Color: "warn"}}
	}
	rows := []lab.Row{office}
	for _, p := range b.broker.Partitions() {
		if internal(p.Topic) {
			continue
		}
		if len(rows) == lab.MaxCardRows {
			break
		}
		rows = append(rows, w.replicaRow(b, &p))
	}
	return rows
}

// replicaRow is the tail of a replica's log, record by record: hatched what not
// all in-sync replicas have, faded what every group has committed.
func (w *cluster) replicaRow(b *house, p *broker.PartitionState) lab.Row {
	name := itoa(p.Part)
	if len(w.plan.topics) > 1 {
		name = p.Topic + "-" + name
	}
	row := lab.Row{Label: lab.Say("%s follows", "%s 跟随", name)}
	switch {
	case p.Leads:
		row.Label = lab.Say("%s leads ★", "%s 首领 ★", name)
	case !slices.Contains(p.InSync, int32(b.member)):
		row.Label = lab.Say("%s not in sync", "%s 不同步", name)
	}
	tail := b.tail(p)
	row.More = int(p.End-p.Start) - len(tail)
	for _, r := range tail {
		cell := lab.Cell{Text: lab.Plain(fmt.Sprint(r.offset)), Color: "idle"}
		if r.number >= 0 {
			cell.Color = keyColor(w.ledger.orders[r.number].key)
		}
		if r.offset >= p.HighWatermark {
			cell.Look = lab.Hatched
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// kept is one record of a log.
type kept struct {
	offset int64
	number int // in the ledger; -1: from outside, or a marker
}

// tail are the last records of a replica's log, at most shown. Looking is not
// the broker's doing: it costs no time and moves nothing.
func (b *house) tail(p *broker.PartitionState) []kept {
	at := topicPart{p.Topic, p.Part}
	if b.tails == nil {
		b.tails = map[topicPart]*tailOf{}
	}
	t := b.tails[at]
	if t == nil {
		t = &tailOf{}
		b.tails[at] = t
	}
	if t.start != p.Start || t.end != p.End || t.epoch != p.LeaderEpoch {
		*t = tailOf{start: p.Start, end: p.End, epoch: p.LeaderEpoch, records: t.records[:0]}
		b.look(p, max(p.Start, p.End-shown), p.End, func(r kept) {
			t.records = append(t.records, r)
		})
		t.records = t.records[max(len(t.records)-shown, 0):]
	}
	return t.records
}

type topicPart struct {
	topic string
	part  int32
}

// tailOf is what tail found when the log was as it says.
type tailOf struct {
	start, end int64
	epoch      int32
	records    []kept
}

// look calls see for each record of a replica's log in a range of offsets.
func (b *house) look(p *broker.PartitionState, from, below int64, see func(kept)) {
	d := b.w.disks[b.member]
	log := b.broker.Log(p.Topic, p.Part)
	if log == nil {
		return
	}
	d.looking = true
	defer func() { d.looking = false }()
	var records []batch.Record
	for from < below {
		bytes, err := log.Peek(from, maxLookBytes)
		if err != nil || len(bytes) == 0 {
			return
		}
		for len(bytes) > 0 {
			h, n, err := batch.Parse(bytes)
			if err != nil {
				return
			}
			if records, err = batch.Records(records[:0], bytes[:n], batch.Limits{}); err != nil {
				return
			}
			for i := range records {
				r := kept{offset: h.BaseOffset + int64(records[i].OffsetDelta), number: -1}
				if number, ok := b.w.ledger.number(records[i].Value); ok && !h.Control() {
					r.number = number
				}
				if r.offset >= from && r.offset < below {
					see(r)
				}
			}
			from = h.LastOffset() + 1
			bytes = bytes[n:]
		}
	}
}

// maxLookBytes is how much of a log is looked at at once.
const maxLookBytes = 1 << 20

func (w *cluster) readerRows(r *reader) []lab.Row {
	group := lab.Row{Label: lab.Text{En: "group", Zh: "消费者组"}}
	owns := lab.Row{Label: lab.Text{En: "partition, next offset", Zh: "分区、下一个偏移量"}, Form: lab.Table}
	lag := lab.Row{Label: lab.Text{En: "lag", Zh: "滞后"}, Form: lab.Gauge}
	at := lab.Row{Label: lab.Text{En: "works on", Zh: "正在处理"}}
	rows := func() []lab.Row { return []lab.Row{group, owns, lag, at} }
	if r.consumer == nil {
		return rows()
	}
	name := w.groupName(r.member)
	group.Cells = []lab.Cell{{Text: lab.Plain(name)}}
	if g := r.consumer.Group(); g.Group != "" {
		group.Cells = append(group.Cells, lab.Cell{Text: lab.Say("generation %d", "第 %d 代", g.Generation)})
		if g.Generation < 0 {
			group.Cells[1] = lab.Cell{Text: lab.Text{En: "joining", Zh: "加入中"}, Look: lab.Hatched}
		}
	}
	behind := int64(0)
	for _, p := range r.consumer.Positions() {
		label := itoa(p.Partition)
		if len(w.plan.topics) > 1 {
			label = p.Topic + "-" + label
		}
		next := "?"
		if p.Offset >= 0 {
			next = fmt.Sprint(p.Offset)
		}
		owns.Cells = append(owns.Cells, lab.Cell{Text: lab.Plain(label)}, lab.Cell{Text: lab.Plain(next)})
		if p.HighWatermark > p.Offset && p.Offset >= 0 {
			behind += p.HighWatermark - p.Offset
		}
	}
	if len(owns.Cells) > 0 {
		lag.Cells = []lab.Cell{{Text: lab.Plain(fmt.Sprint(behind)), Color: "warn", Value: min(behind, shown), Max: shown}}
	}
	if r.busy {
		at.Cells = []lab.Cell{{Text: lab.Plain(fmt.Sprintf("%d @ %d", r.taken.Partition, r.taken.Records[0].Offset)), Color: "active", Look: lab.Lit}}
	}
	return rows()
}
