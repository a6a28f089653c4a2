package queue

import (
	"fmt"
	"slices"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
)

// What the card of one of several brokers shows.

// replicaShelf shows which part a broker has in each partition, which replicas it
// takes to be in sync, and the end of its log.
func replicaShelf(w *cluster, b *house) (rows []lab.Row) {
	topic := w.plan.topics[0]
	sample := "★ ISR"
	for range w.copies() {
		sample += " 0"
	}
	for _, part := range w.shownParts(b) {
		line, log := lab.Row{Label: lab.Plain(itoa(part)), Form: lab.Gauge}, lab.Row{Form: lab.Tail}
		switch p, ok := b.broker.Partition(topic, part); {
		case ok:
			line, log = w.partRow(b, &p), w.replicaRow(b, &p, replicaCells, true)
			log.Label = lab.Text{}
		case part < 0:
			line.Label = lab.Plain("–")
		case b.unfenced:
			line.Cells = []lab.Cell{{Text: lab.Text{En: "not here", Zh: "不在这里"}}}
		default:
			line.Label = lab.Say("%d, epoch –", "%d，第 – 届", part)
			line.Cells = []lab.Cell{{Text: lab.Text{En: "not known yet", Zh: "还不知道"}, Look: lab.Faded}}
		}
		line.Sample, log.Room, log.Sample = lab.Plain(sample), replicaCells+1, lab.Plain("00")
		rows = append(rows, line, log)
	}
	return append(rows, w.officeRow(b), w.deviceLine(b))
}

// copies is how many replicas a partition has.
func (w *cluster) copies() int {
	return max(1, min(int(w.plan.settings.ReplicationFactor), w.plan.brokers))
}

// shownParts are the partitions that a broker's card has room for: all of them
// if they are few, else the first of those that it has. -1 keeps the place of
// one that is still to come.
func (w *cluster) shownParts(b *house) (parts []int32) {
	all := int(w.plan.settings.Partitions)
	if all <= maxReplicas {
		for part := range all {
			parts = append(parts, int32(part))
		}
		return parts
	}
	for _, p := range b.broker.Partitions() {
		if !internal(p.Topic) && len(parts) < maxReplicas {
			parts = append(parts, p.Part)
		}
	}
	for len(parts) < min(maxReplicas, all*w.copies()/w.plan.brokers) {
		parts = append(parts, -1)
	}
	return parts
}

// partRow says in a line which part a broker has in a partition, and which
// replicas it takes to be in sync.
func (w *cluster) partRow(b *house, p *broker.PartitionState) lab.Row {
	row := lab.Row{Label: w.partText(b, p), Form: lab.Gauge}
	cell := lab.Cell{Text: lab.Plain("ISR " + list(p.InSync))}
	switch lost := p.End - b.end(p); {
	case lost > 0:
		cell = lab.Cell{Text: lab.Say("%d lost from memory", "内存里丢了 %d 条", lost), Color: "warn", Look: lab.Lit}
	case w.down(b):
		cell.Text = lab.Text{En: "what its disk holds", Zh: "磁盘上还有的"}
	case p.Leads && len(p.InSync) < int(w.plan.settings.MinInsync) && w.plan.produce.Acks == client.AcksAll:
		// It refuses records until more are.
		cell = lab.Cell{Text: lab.Say("refuses: ISR %d of %d", "拒收：同步 %d / 要求 %d", len(p.InSync), w.plan.settings.MinInsync), Color: "warn", Look: lab.Lit}
	}
	row.Cells = []lab.Cell{cell}
	return row
}

// partText is the part that a broker has in a partition.
func (w *cluster) partText(b *house, p *broker.PartitionState) lab.Text {
	switch name := itoa(p.Part); {
	case w.down(b):
		return lab.Plain(name)
	case p.Leads:
		return lab.Say("★ %s, epoch %d", "★ %s，第 %d 届", name, p.LeaderEpoch)
	case !slices.Contains(p.InSync, int32(b.member)):
		return lab.Say("%s not in sync", "%s 不同步", name)
	default:
		return lab.Say("%s, epoch %d", "%s，第 %d 届", name, p.LeaderEpoch)
	}
}

// logShelf shows the end of each partition's log, faded what all have read, and
// the files it lies in.
func logShelf(w *cluster, b *house) []lab.Row {
	var rows []lab.Row
	for _, p := range b.broker.Partitions() {
		if internal(p.Topic) || len(rows)+2 > lab.MaxCardRows {
			continue
		}
		rows = append(rows, w.replicaRow(b, &p, shelfCells, false), w.segmentRow(b.broker.Log(p.Topic, p.Part)))
	}
	// A place for each that is to come.
	for most := (int(w.plan.settings.Partitions) + w.plan.brokers - 1) / w.plan.brokers; len(rows) < min(2*most, lab.MaxCardRows-1); {
		rows = append(rows, lab.Row{Label: lab.Text{En: "no partition here", Zh: "这里没有分区"}, Form: lab.Tail}, lab.Row{Form: lab.Tail})
	}
	for i := range rows {
		if rows[i].Room = shelfCells; i%2 == 1 {
			rows[i].Room = 3
		}
		rows[i].Sample = lab.Plain("00")
	}
	return rows
}

// maxReplicas is how many partitions the card of a replica's broker shows.
const maxReplicas = 5

// list is brokers by their numbers.
func list(brokers []int32) string {
	sorted, text := slices.Sorted(slices.Values(brokers)), ""
	for i, b := range sorted {
		if i > 0 {
			text += " "
		}
		text += itoa(b)
	}
	return text
}

// officeRow says who the active controller is, as far as the broker knows.
func (w *cluster) officeRow(b *house) lab.Row {
	row := lab.Row{Label: lab.Text{En: "controller", Zh: "控制器"}, Form: lab.Gauge, Sample: lab.Text{En: "active, epoch 0", Zh: "活动，第 0 届"}}
	if w.down(b) {
		return row
	}
	cell := lab.Cell{Text: lab.Text{En: "none known", Zh: "未知"}, Look: lab.Faded, Color: "warn"}
	switch controller, epoch := b.broker.Controller(); {
	case controller == int32(b.member):
		cell = lab.Cell{Text: lab.Say("active, epoch %d", "活动，第 %d 届", epoch), Color: "active", Look: lab.Lit}
	case controller >= 0:
		cell = lab.Cell{Text: lab.Plain(fmt.Sprintf("broker/%d", controller))}
	}
	row.Cells = []lab.Cell{cell}
	return row
}

// deviceLine is deviceRow in a line.
func (w *cluster) deviceLine(b *house) lab.Row {
	row := w.deviceRow(w.disks.Member(b.member))
	row.Label, row.Form, row.More = lab.Text{En: "disk", Zh: "磁盘"}, lab.Gauge, 0
	row.Cells[0].Value, row.Cells[0].Max, row.Room = 0, 0, 0
	return row
}

// lastRecords are the last of a replica's log. Where it is compacted they lie
// far apart.
func (w *cluster) lastRecords(b *house, p *broker.PartitionState) (last []kept, before int) {
	if w.compacts() {
		from := b.end(p) - maxApart
		return b.window(p, from, maxApart), max(0, int(from-p.Start))
	}
	last = b.tail(p)
	return last, int(b.end(p)-p.Start) - len(last)
}

// maxApart is how far from its end a compacted log is looked at.
const maxApart = 100

// replicaCells is how many records of a replica a card shows.
const replicaCells = 5

// replicaRow is the end of a replica's log, record by record, in the colours of
// their keys: hatched what lies beyond the high watermark, faded what all have
// read, crossed what the partition's leader does not have. marked says to show
// the high watermark.
func (w *cluster) replicaRow(b *house, p *broker.PartitionState, most int, marked bool) lab.Row {
	row := lab.Row{Label: lab.Say("partition %d", "分区 %d", p.Part), Form: lab.Tail}
	switch {
	case w.down(b):
		row.Label = lab.Say("partition %d, on its disk", "分区 %d，磁盘上的", p.Part)
	case p.Leads:
		row.Label = lab.Say("partition %d ★", "分区 %d ★", p.Part)
	}
	tail, before := w.lastRecords(b, p)
	hidden := max(0, len(tail)-most)
	row.More, tail = before+hidden, tail[hidden:]
	gone := w.foreign(b, p, tail)
	due := marked && !w.down(b)
	mark := func() {
		if due {
			row.Cells = append(row.Cells, lab.Cell{Text: lab.Plain("HW")})
			due = false
		}
	}
	for i, r := range tail {
		cell := lab.Cell{Text: lab.Plain(fmt.Sprint(r.offset)), Color: "idle"}
		if r.number >= 0 {
			o := &w.ledger.orders[r.number]
			if cell.Color = keyColor(o.key); !marked && w.ledger.unreadBy(o) == 0 {
				cell.Look = lab.Faded
			}
		}
		if r.offset >= p.HighWatermark && !w.down(b) {
			mark()
			cell.Look = lab.Hatched
		}
		if gone[i] {
			cell.Look = lab.Crossed
		}
		row.Cells = append(row.Cells, cell)
	}
	if len(row.Cells) > 0 {
		mark()
	}
	return row
}
