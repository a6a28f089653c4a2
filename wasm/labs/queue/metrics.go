package queue

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *cluster) metrics() []lab.Metric {
	l := &w.ledger
	var took, worst sim.Time
	taken := 0
	for i := range l.orders {
		if o := &l.orders[i]; o.fate == acked {
			taken++
			took += o.settled - o.sent
			worst = max(worst, o.settled-o.sent)
		}
	}
	mean := float64(0)
	if taken > 0 {
		mean = float64(took) / float64(taken)
	}
	metrics := []lab.Metric{
		{Name: "sent", Label: lab.Text{En: "records sent", Zh: "发送的记录"}, Value: float64(len(l.orders))},
		{Name: "acked", Label: lab.Text{En: "acknowledged", Zh: "已确认"}, Value: float64(l.acked)},
	}
	if w.plan.losses {
		metrics = append(metrics, lab.Metric{Name: "lost", Label: lab.Text{En: "acknowledged, then lost", Zh: "确认之后又丢了"}, Value: float64(len(w.lost()))})
	}
	return append(metrics, []lab.Metric{
		{Name: "failed", Label: lab.Text{En: "given up by their producer", Zh: "被生产者放弃"}, Value: float64(l.failed)},
		{Name: "read", Label: lab.Text{En: "records worked on", Zh: "处理的记录"}, Value: float64(l.reads)},
		{Name: "again", Label: lab.Text{En: "worked on again", Zh: "再次处理"}, Value: float64(l.again)},
		{Name: "copies", Label: lab.Text{En: "read at a second offset", Zh: "在另一个偏移量又读到"}, Value: float64(l.copies)},
		{Name: "t_ack", Label: lab.Text{En: "an acknowledgement takes, on average", Zh: "确认平均用时"}, Value: mean, Unit: "us"},
		{Name: "t_worst", Label: lab.Text{En: "the slowest took", Zh: "最慢的用时"}, Value: float64(worst), Unit: "us"},
		{Name: "elections", Label: lab.Text{En: "changes of a partition's leader", Zh: "更换首领的次数"}, Value: float64(l.elections)},
		{Name: "truncated", Label: lab.Text{En: "records cut off logs", Zh: "被截断的记录"}, Value: float64(l.truncated)},
		{Name: "rebalances", Label: lab.Text{En: "generations of groups", Zh: "消费者组换代次数"}, Value: float64(l.rebalances)},
		{Name: "packets", Label: lab.Text{En: "packets sent", Zh: "发送的数据包数"}, Value: float64(w.net.Journal.Count(sim.KindSend))},
		{Name: "bytes", Label: lab.Text{En: "bytes sent", Zh: "发送的字节数"}, Value: float64(w.net.Journal.Bytes()), Unit: "bytes"},
	}...)
}

// world is the cluster as a lab shows it; a lab adds its checks.
func (w *cluster) world(checks ...lab.Check) *lab.World {
	l := &w.ledger
	world := &lab.World{
		Net: w.net, End: w.plan.end,
		State: w.state, Inspect: w.inspect, Card: w.card, Remains: w.remains, Talk: w.talk, Doing: doing, Say: w.say,
		Metrics: w.metrics, Checks: checks,
		Curves: []lab.Curve{
			{ID: "sent", Label: lab.Text{En: "records sent", Zh: "发送的记录"}, Color: "idle", Measure: func() int64 { return int64(len(l.orders)) }},
			{ID: "acked", Label: lab.Text{En: "acknowledged", Zh: "已确认"}, Color: "active", Measure: func() int64 { return int64(l.acked + l.withdrawn) }},
			{ID: "read", Label: lab.Text{En: "worked on", Zh: "已处理"}, Color: "done", Measure: func() int64 { return int64(l.reads) }},
		},
		Kinds:    w.shownKinds(),
		Outside:  w.bridged,
		CurveMax: int64(w.plan.records * w.plan.producers),
	}
	for i := range w.plan.brokers {
		world.Listeners = append(world.Listeners, lab.Listener{Node: w.broker(i), Port: outsidePort, Name: "Kafka",
			Serves: func() bool { return w.unfenced[i] }})
	}
	return world
}
