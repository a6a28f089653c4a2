package queue

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (r *race) metrics() []lab.Metric {
	w := r.w
	l, t := w.disks.Member(0).Stats(), w.tableDisks.Member(0).Stats()
	ratio := float64(0)
	if r.rate(1) > 0 {
		ratio = float64(r.rate(0)) / float64(r.rate(1))
	}
	share := func(busy sim.Time) float64 { return 100 * min(float64(busy)/float64(max(w.net.Now(), 1)), 1) }
	return []lab.Metric{
		{Name: "log_rate", Label: lab.Text{En: "log: records a second", Zh: "日志：每秒记录数"}, Value: float64(r.rate(0))},
		{Name: "table_rate", Label: lab.Text{En: "table: records a second", Zh: "表：每秒记录数"}, Value: float64(r.rate(1))},
		{Name: "ratio", Label: lab.Text{En: "the log is so many times as fast", Zh: "日志快多少倍"}, Value: ratio},
		{Name: "log_moves", Label: lab.Text{En: "log: moves of the head", Zh: "日志：磁头移动次数"}, Value: float64(l.Seeks)},
		{Name: "table_moves", Label: lab.Text{En: "table: moves of the head", Zh: "表：磁头移动次数"}, Value: float64(t.Seeks)},
		{Name: "log_busy", Label: lab.Text{En: "log: disk busy", Zh: "日志：磁盘忙碌"}, Value: share(l.Busy), Unit: "%"},
		{Name: "table_busy", Label: lab.Text{En: "table: disk busy", Zh: "表：磁盘忙碌"}, Value: share(t.Busy), Unit: "%"},
		{Name: "log_bytes", Label: lab.Text{En: "log: written to the disk", Zh: "日志：写到盘上"}, Value: float64(l.WriteBytes), Unit: "bytes"},
		{Name: "table_bytes", Label: lab.Text{En: "table: written to the disk", Zh: "表：写到盘上"}, Value: float64(t.WriteBytes), Unit: "bytes"},
		{Name: "log_read", Label: lab.Text{En: "log: read from the disk", Zh: "日志：从盘上读"}, Value: float64(l.ReadBytes), Unit: "bytes"},
		{Name: "cached", Label: lab.Text{En: "log: pages read from memory", Zh: "日志：从内存读的页"}, Value: float64(l.CachedReads)},
		{Name: "read", Label: lab.Text{En: "records read by consumers", Zh: "消费者读到的记录"}, Value: float64(w.ledger.reads)},
	}
}
