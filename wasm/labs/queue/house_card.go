package queue

import (
	"fmt"
	"slices"

	"grapevine/protocols/kafka/broker"
	"grapevine/wasm/lab"
)

// What the card of one of several brokers shows.

// replicaShelf shows which part a broker has in each partition, the end of its
// log there, and which replicas it takes to be in sync.
func replicaShelf(w *cluster, b *house) []lab.Row {
	rows := []lab.Row{b.officeRow(), w.deviceRow(w.disks.Member(b.member))}
	inSync := lab.Row{Label: lab.Text{En: "in sync", Zh: "同步副本"}, Form: lab.Table}
	topic := w.plan.topics[0]
	for part := range min(w.plan.settings.Partitions, maxReplicas) {
		p, ok := b.broker.Partition(topic, part)
		if !ok {
			rows = append(rows, lab.Row{Label: lab.Say("%s is not here", "%s 不在这里", itoa(part))})
			continue
		}
		rows = append(rows, w.replicaRow(b, &p, tailCells))
		key := lab.Cell{Text: lab.Plain(itoa(part))}
		if !p.Leads {
			key.Look = lab.Faded // hearsay
		}
		inSync.Cells = append(inSync.Cells, key, lab.Cell{Text: lab.Plain(list(p.InSync))})
	}
	return append(rows, inSync)
}

// logShelf shows the end of each partition's log, faded what all have read, and
// the files it lies in.
func logShelf(w *cluster, b *house) []lab.Row {
	rows := []lab.Row{w.deviceRow(w.disks.Member(b.member))}
	for _, p := range b.broker.Partitions() {
		if internal(p.Topic) || len(rows)+2 > lab.MaxCardRows {
			continue
		}
		row, tail := w.replicaRow(b, &p, 8), w.lastRecords(b, &p)
		for i, r := range tail[len(tail)-len(row.Cells):] {
			if r.number >= 0 && w.ledger.unreadBy(&w.ledger.orders[r.number]) == 0 {
				row.Cells[i].Look = lab.Faded
			}
		}
		rows = append(rows, row, segmentRow(b.broker.Log(p.Topic, p.Part), int64(w.plan.settings.SegmentBytes)))
	}
	return rows
}

// maxReplicas is how many partitions the card of a replica's broker shows.
const maxReplicas = 4

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
func (b *house) officeRow() lab.Row {
	row := lab.Row{Label: lab.Text{En: "controller", Zh: "控制器"}}
	switch controller, epoch := b.broker.Controller(); {
	case controller == int32(b.member):
		row.Cells = []lab.Cell{{Text: lab.Say("active, epoch %d", "活动，第 %d 届", epoch), Color: "active", Look: lab.Lit}}
	case controller >= 0:
		row.Cells = []lab.Cell{{Text: lab.Plain(fmt.Sprintf("broker/%d", controller)), Look: lab.Faded}}
	default:
		row.Cells = []lab.Cell{{Text: lab.Text{En: "none known", Zh: "未知"}, Look: lab.Crossed, Color: "warn"}}
	}
	return row
}

// lastRecords are the last of a replica's log. Where it is compacted they lie
// far apart.
func (w *cluster) lastRecords(b *house, p *broker.PartitionState) []kept {
	if w.compacts() {
		return b.window(p, p.End-maxApart, maxApart)
	}
	return b.tail(p)
}

// maxApart is how far from its end a compacted log is looked at.
const maxApart = 100

// tailCells is how many records of a replica a card shows.
const tailCells = 6

// replicaRow is the end of a replica's log, record by record, in the colours of
// their keys: hatched what lies beyond the high watermark.
func (w *cluster) replicaRow(b *house, p *broker.PartitionState, most int) lab.Row {
	name := itoa(p.Part)
	row := lab.Row{Label: lab.Say("%s follows, epoch %d", "%s 跟随，第 %d 届", name, p.LeaderEpoch)}
	switch {
	case p.Leads:
		row.Label = lab.Say("%s leads ★ epoch %d", "%s 首领 ★ 第 %d 届", name, p.LeaderEpoch)
	case !slices.Contains(p.InSync, int32(b.member)):
		row.Label = lab.Say("%s is not in sync", "%s 不同步", name)
	}
	tail := w.lastRecords(b, p)
	tail = tail[max(0, len(tail)-most):]
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
