package gossip

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// metrics are those that every gossip lab has, in their order.
func (t *tally) metrics(net *sim.Network) []lab.Metric {
	unit := "us"
	if t.cycles {
		unit = "cycles"
	}
	last := 0.0
	if t.heard > 0 {
		last = float64(t.unit(t.last))
	}
	return []lab.Metric{
		{Name: "residue", Label: lab.Text{En: "never heard", Zh: "未听说的比例"}, Value: per(t.living-t.knowing, t.living), Unit: "ratio"},
		{Name: "traffic", Label: lab.Text{En: "updates sent per node", Zh: "平均每个节点发送的更新数"}, Value: per(t.updates, int64(net.Nodes()))},
		{Name: "t_avg", Label: lab.Text{En: "heard, on average, after", Zh: "平均听说时刻"}, Value: per(t.timeSum, t.heard), Unit: unit},
		{Name: "t_last", Label: lab.Text{En: "the last one heard after", Zh: "最后一个听说的时刻"}, Value: last, Unit: unit},
		{Name: "messages", Label: lab.Text{En: "messages sent", Zh: "发送的消息数"}, Value: float64(net.Journal.Count(sim.KindSend))},
		{Name: "bytes", Label: lab.Text{En: "bytes sent", Zh: "发送的字节数"}, Value: float64(net.Journal.Bytes()), Unit: "bytes"},
		{Name: "rounds", Label: lab.Text{En: "rounds until the last one heard", Zh: "到最后一个听说为止的轮数"}, Value: float64(t.rounds())},
	}
}

// per divides; nothing for each of nobody is nothing.
func per(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
