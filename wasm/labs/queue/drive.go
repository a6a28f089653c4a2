package queue

import (
	"fmt"
	"strconv"
	"strings"

	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/table"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// What cards and the inspector show of a disk.

var headLabel = lab.Text{En: "disk and its head", Zh: "磁盘和磁头"}

// zones is into how many parts a card splits a disk.
const zones = 8

// diskRow shows where on the disk the head is, and what it does there. at says
// in which zone a place of a file lies; -1: in none that is shown.
func (w *cluster) diskRow(d *sim.Disk, at func(file string, offset int64) int) lab.Row {
	row := lab.Row{Label: headLabel, Cells: make([]lab.Cell, zones)}
	for i := range row.Cells {
		row.Cells[i].Look = lab.Faded
	}
	file, offset := d.Head()
	zone := at(file, offset)
	if zone < 0 {
		return row
	}
	cell := &row.Cells[min(zone, zones-1)]
	cell.Look, cell.Color = lab.Lit, "idle"
	t, ok := d.Task()
	switch {
	case !ok:
	case t.Seek && w.net.Now() < t.From+t.Moves:
		cell.Look, cell.Color = lab.Hatched, "warn"
	case t.Write:
		cell.Color = "push"
	default:
		cell.Color = "pull"
	}
	return row
}

// deviceRow says in a word what the device does.
func (w *cluster) deviceRow(d *sim.Disk) lab.Row {
	row := lab.Row{Label: lab.Text{En: "the disk now", Zh: "磁盘此刻"}, Room: 1, Sample: lab.Text{En: "writes 0000 bytes", Zh: "写 0000 字节"}}
	t, ok := d.Task()
	switch {
	case !ok && d.BusyUntil() > w.net.Now():
		row.Cells = []lab.Cell{{Text: lab.Text{En: "makes sure", Zh: "确认落盘"}, Color: "data"}}
	case !ok:
		row.Cells = []lab.Cell{{Text: lab.Text{En: "rests", Zh: "休息"}, Look: lab.Faded}}
	case t.Seek && w.net.Now() < t.From+t.Moves:
		row.Cells = []lab.Cell{{Text: lab.Text{En: "moves the head", Zh: "移动磁头"}, Color: "warn", Look: lab.Hatched, Value: int64(w.net.Now() - t.From), Max: int64(t.Moves)}}
	case t.Write:
		row.Cells = []lab.Cell{{Text: lab.Say("writes %d bytes", "写 %d 字节", t.Bytes), Color: "push", Look: lab.Lit}}
	default:
		row.Cells = []lab.Cell{{Text: lab.Say("reads %d bytes", "读 %d 字节", t.Bytes), Color: "pull", Look: lab.Lit}}
	}
	row.More = t.Behind
	return row
}

// driveRows count what a disk has done: how often its head moved, how much of
// the time that took, and what is only in memory.
func (w *cluster) driveRows(d *sim.Disk) []lab.Row {
	s := d.Stats()
	moving := int64(0)
	if now := int64(w.net.Now()); now > 0 {
		moving = min(int64(s.Seeks)*int64(w.plan.disk.Seek)*100/now, 100)
	}
	moves := lab.Row{Label: lab.Text{En: "head moved", Zh: "磁头移动"}, Form: lab.Gauge, Sample: lab.Text{En: "00×, 100% of time", Zh: "00 次，占时 100%"},
		Cells: []lab.Cell{{Text: lab.Say("%d×, %d%% of time", "%d 次，占时 %d%%", s.Seeks, moving), Color: "warn", Value: moving, Max: 100}}}
	if w.plan.disk.CacheBytes == 0 {
		return []lab.Row{moves}
	}
	most := w.plan.disk.DirtyBytes
	return []lab.Row{moves, {Label: lab.Text{En: "only in memory", Zh: "只在内存里"}, Form: lab.Gauge,
		Cells: []lab.Cell{{Text: lab.Plain(kilobytes(d.DirtyBytes())), Color: "data", Value: min(d.DirtyBytes(), most), Max: max(most, 1)}}}}
}

func kilobytes(n int64) string { return fmt.Sprintf("%d KB", n>>10) }

// diskFacts is what the inspector says of a disk.
func diskFacts(d *sim.Disk) (facts []lab.Fact) {
	s := d.Stats()
	add := func(label, value lab.Text) { facts = append(facts, lab.Fact{Label: label, Value: value}) }
	add(lab.Text{En: "disk: writes", Zh: "磁盘：写"}, lab.Say("%d, of %d bytes", "%d 次，共 %d 字节", s.Writes, s.WriteBytes))
	add(lab.Text{En: "disk: reads", Zh: "磁盘：读"}, lab.Say("%d, of %d bytes", "%d 次，共 %d 字节", s.Reads, s.ReadBytes))
	add(lab.Text{En: "disk: moves of the head", Zh: "磁盘：磁头移动"}, lab.Say("%d", "%d 次", s.Seeks))
	add(lab.Text{En: "disk: busy for", Zh: "磁盘：工作时间"}, lab.Plain(s.Busy.String()))
	add(lab.Text{En: "disk: not written yet", Zh: "磁盘：还没写的"}, lab.Say("%d bytes", "%d 字节", d.DirtyBytes()))
	if d.Slow() > 1 {
		add(lab.Text{En: "disk: slowed down", Zh: "磁盘：变慢"}, lab.Say("%d times", "%d 倍", d.Slow()))
	}
	return facts
}

// tableRows is the card of a table.
func (w *cluster) tableRows(t *table.Table) []lab.Row {
	d := w.tableDisks.Member(0)
	rows := lab.Row{Label: lab.Text{En: "rows written last", Zh: "最近写的行"}, Form: lab.Tail, Room: 5, Sample: lab.Plain("00000"), More: int(t.Count()) - len(t.Recent())}
	for _, row := range t.Recent() {
		rows.Cells = append(rows.Cells, lab.Cell{Text: lab.Plain(fmt.Sprint(row)), Color: "push"})
	}
	place := func(file string, offset int64) int {
		if file != table.File {
			return -1
		}
		return int(offset * zones / tableBytes)
	}
	return append([]lab.Row{rows, w.diskRow(d, place), w.deviceRow(d)}, w.driveRows(d)...)
}

// tailCells is how many records of a log, and how many of its segments, a card shows.
const tailCells = 6

// diskShelf is the card of a broker with its log's files.
func diskShelf(w *cluster, b *house) []lab.Row {
	d := w.disks.Member(0)
	tail := lab.Row{Label: lab.Text{En: "end of the log", Zh: "日志末尾"}, Form: lab.Tail, Room: tailCells, Sample: lab.Plain("000")}
	segments := lab.Row{Label: segmentsLabel, Form: lab.Tail}
	topic := w.plan.topics[0]
	if p, ok := b.broker.Partition(topic, 0); ok {
		tail.More = int(b.end(&p) - p.Start)
		all := b.tail(&p)
		for _, r := range all[max(0, len(all)-tailCells):] {
			cell := lab.Cell{Text: lab.Plain(fmt.Sprint(r.offset)), Color: "push"}
			if r.offset >= p.Durable {
				cell.Look = lab.Hatched
			}
			tail.Cells = append(tail.Cells, cell)
			tail.More--
		}
		segments = w.segmentRow(b.broker.Log(topic, 0))
	}
	place := func(file string, offset int64) int { return w.logZone(b, file, offset) }
	rows := []lab.Row{tail, segments, w.diskRow(d, place), w.deviceRow(d)}
	return append(rows, w.driveRows(d)...)
}

// zoneBytes is how much of a log a zone of a card stands for.
const zoneBytes = 16 << 10

// logZone is where a place of a segment lies: each partition has its part of
// the zones, and goes round in it. Other files have none.
func (w *cluster) logZone(b *house, file string, offset int64) int {
	topic, parts := w.plan.topics[0], int64(w.plan.settings.Partitions)
	dir, name, _ := strings.Cut(strings.TrimPrefix(file, topic+"-"), "/")
	digits, isLog := strings.CutSuffix(name, ".log")
	part, err := strconv.ParseInt(dir, 10, 32)
	base, err2 := strconv.ParseInt(digits, 10, 64)
	if !isLog || err != nil || err2 != nil {
		return -1
	}
	l := b.broker.Log(topic, int32(part))
	if l == nil {
		return -1
	}
	for _, s := range l.Segments() {
		if s.Base < base {
			offset += s.Bytes
		}
	}
	room := max(zones/parts, 1)
	return int(part*zones/parts + offset/zoneBytes%room)
}

var segmentsLabel = lab.Text{En: "segments, from offset", Zh: "日志段，起始偏移量"}

// segmentRow shows a log's files: how full each is, and the one that grows; and
// whether there were others before them.
func (w *cluster) segmentRow(l *log.Log) lab.Row {
	row := lab.Row{Label: segmentsLabel, Form: lab.Tail}
	if l == nil {
		return row
	}
	if start := l.Start(); start > 0 {
		row.Label = lab.Say("segments; deleted: < %d", "日志段；%d 之前已删", start)
	}
	segments, segmentBytes := l.Segments(), int64(w.plan.settings.SegmentBytes)
	for i, s := range segments[max(0, len(segments)-tailCells):] {
		cell := lab.Cell{Text: lab.Plain(fmt.Sprint(s.Base)), Color: "done"}
		if i == min(len(segments), tailCells)-1 {
			cell.Look, cell.Color = lab.Lit, "push"
			cell.Value, cell.Max = min(s.Bytes, segmentBytes), max(segmentBytes, 1)
		}
		row.Cells = append(row.Cells, cell)
	}
	row.More = max(0, len(segments)-tailCells)
	return row
}
