package queue

import (
	"bytes"

	"grapevine/protocols/kafka/table"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// race measures how fast the same load is written to a log and to a table.
type race struct {
	w      *cluster
	length sim.Time
	first  [2]sim.Time // when each of the producers had its first acknowledgement; 0: not yet
}

// acked is how many of a producer's records count as written.
func (r *race) acked(sender int) int {
	l := &r.w.ledger
	return l.made[sender] - l.waiting[sender]
}

// began is when a producer's first record was acknowledged; 0: it was not yet.
func (r *race) began(sender int) sim.Time {
	if r.first[sender] == 0 && r.acked(sender) > 0 {
		for i := range r.w.ledger.orders {
			if o := &r.w.ledger.orders[i]; int(o.sender) == sender && o.fate == acked {
				r.first[sender] = o.settled
				break
			}
		}
	}
	return r.first[sender]
}

// rate is how many records a second a producer gets written.
func (r *race) rate(sender int) int64 {
	began := r.began(sender)
	if began == 0 || r.w.net.Now() <= began {
		return 0
	}
	return int64(r.acked(sender)-1) * int64(sim.Second) / int64(r.w.net.Now()-began)
}

// over says that both have written for long enough, and nobody is down.
func (r *race) over() bool {
	began := max(r.began(0), r.began(1))
	return r.began(0) > 0 && r.began(1) > 0 && r.w.net.Now() >= began+r.length && r.w.allLed()
}

func (r *race) world() *lab.World {
	w := r.w
	w.net.Finished = r.over
	world := w.world(r.checkTenTimes(), r.checkOnDisk())
	logDisk, tableDisk := w.disks.Member(0), w.tableDisks.Member(0)
	world.Curves = []lab.Curve{
		{ID: "log", Label: lab.Text{En: "records in the log", Zh: "日志里的记录"}, Color: "active", Measure: func() int64 { return int64(r.acked(0)) }},
		{ID: "table", Label: lab.Text{En: "records in the table", Zh: "表里的记录"}, Color: "warn", Measure: func() int64 { return int64(r.acked(1)) }},
		{ID: "log-moves", Label: lab.Text{En: "moves of the log's head", Zh: "日志一方磁头移动"}, Color: "done", Measure: func() int64 { return int64(logDisk.Stats().Seeks) }},
		{ID: "table-moves", Label: lab.Text{En: "moves of the table's head", Zh: "表一方磁头移动"}, Color: "data", Measure: func() int64 { return int64(tableDisk.Stats().Seeks) }},
	}
	round := 2*w.plan.link.Delay + 100
	world.CurveMax = int64(w.plan.window) * int64(r.length/round)
	world.Metrics, world.State = r.metrics, r.state
	return world
}

// state is what a node is doing.
func (r *race) state(node sim.NodeID) uint8 {
	w := r.w
	role, i := w.split(node)
	var busy bool
	switch role {
	case 't':
		busy = w.tableDisks.Member(i).BusyUntil() > w.net.Now()
	case 'b':
		busy = w.disks.Member(i).BusyUntil() > w.net.Now()
	case 'p':
		s := w.senders.Member(i)
		busy = s != nil && s.producer != nil && s.producer.Pending() > 0
	}
	if busy {
		return stateBusy
	}
	return stateIdle
}

// checkTenTimes: the log is ten times as fast as the table, at least.
func (r *race) checkTenTimes() lab.Check {
	return lab.Check{Name: "ten-times", Kind: lab.Finally,
		Claim: lab.Text{En: "The log takes ten times as many records a second as the table, or more.", Zh: "日志每秒写入的记录，至少是表的十倍。"},
		Holds: func() bool { return r.rate(0) >= 10*r.rate(1) },
		Detail: func() lab.Text {
			return lab.Say("the log %d records a second, the table %d", "日志每秒 %d 条，表每秒 %d 条", r.rate(0), r.rate(1))
		}}
}

// checkOnDisk: what was acknowledged is there.
func (r *race) checkOnDisk() lab.Check {
	return lab.Check{Name: "on-disk", Kind: lab.Finally,
		Claim: lab.Text{En: "Every record that was acknowledged is in the log, or in the table.", Zh: "凡是确认过的记录，都还在日志里或表里。"},
		Holds: func() bool { inLog, inTable := r.lost(); return inLog+inTable == 0 },
		Detail: func() lab.Text {
			inLog, inTable := r.lost()
			return lab.Say("lost in the log: %d, in the table: %d", "日志丢了 %d 条，表丢了 %d 条", inLog, inTable)
		}}
}

// lost counts what was acknowledged and is not there. What a later record of
// the same row has replaced is not lost.
func (r *race) lost() (inLog, inTable int) {
	w := r.w
	s := &survey{}
	for part := range w.plan.settings.Partitions {
		w.surveyPartition(s, 0, w.plan.topics[0], part)
	}
	house := w.tables.Member(0)
	if house == nil || house.table == nil {
		return s.lost, 0
	}
	size := int64(w.plan.size)
	latest := make([]int32, tableBytes/size) // number+1 of the order that should be in a row
	for i := range w.ledger.orders {
		if o := &w.ledger.orders[i]; w.writesTable(int(o.sender)) && o.fate == acked {
			row, _ := house.table.Row(w.ledger.value(nil, i, w.plan.size))
			latest[row] = int32(i) + 1
		}
	}
	found, want := make([]byte, size), []byte(nil)
	for row, number := range latest {
		if number == 0 {
			continue
		}
		want = w.ledger.value(want[:0], int(number)-1, w.plan.size)
		if _, err := house.disk.Peek(table.File, found, int64(row)*size); err != nil || !bytes.Equal(found, want) {
			inTable++
		}
	}
	return s.lost, inTable
}
