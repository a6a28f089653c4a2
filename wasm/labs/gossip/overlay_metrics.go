package gossip

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// metrics of gossip/multicast: those of all gossip labs, counted over all
// pairs of a message and a member that has not crashed, and the load.
func (m *multicast) metrics(net *sim.Network) []lab.Metric {
	steady, misses, deaf := 0, 0, 0
	for node := 1; node <= m.config.group; node++ {
		if !m.fell[node] {
			missed := m.missed(node, m.messages)
			steady++
			misses += missed
			if missed > 0 {
				deaf++
			}
		}
	}
	busiest := uint32(0)
	for _, sent := range m.sent {
		busiest = max(busiest, sent)
	}
	return []lab.Metric{
		{Name: "residue", Label: lab.Text{En: "never heard", Zh: "未听说的比例"}, Value: per(int64(misses), int64(steady*m.messages)), Unit: "ratio"},
		{Name: "traffic", Label: lab.Text{En: "copies sent per node", Zh: "平均每个节点发送的副本数"}, Value: per(int64(m.total), int64(m.config.group+1))},
		{Name: "t_avg", Label: lab.Text{En: "heard, on average, after", Zh: "平均听到用时"}, Value: per(int64(m.lateSum), int64(m.firsts)), Unit: "us"},
		{Name: "t_last", Label: lab.Text{En: "the last one heard after", Zh: "最后一个听到用时"}, Value: float64(m.lateMax), Unit: "us"},
		{Name: "messages", Label: lab.Text{En: "packets sent", Zh: "发送的数据包数"}, Value: float64(net.Journal.Count(sim.KindSend))},
		{Name: "bytes", Label: lab.Text{En: "bytes sent", Zh: "发送的字节数"}, Value: float64(net.Journal.Bytes()), Unit: "bytes"},
		{Name: "rounds", Label: lab.Text{En: "hops, at most", Zh: "最多经过的跳数"}, Value: float64(m.hopsMax)},
		{Name: "load", Label: lab.Text{En: "copies sent by the busiest node", Zh: "最忙节点发送的副本数"}, Value: float64(busiest)},
		{Name: "source", Label: lab.Text{En: "copies sent by the source", Zh: "源头发送的副本数"}, Value: float64(m.sent[0])},
		{Name: "useless", Label: lab.Text{En: "copies that told nobody anything", Zh: "没有带来新消息的副本比例"},
			Value: per(int64(m.total)-int64(m.firsts), int64(m.total)), Unit: "ratio"},
		{Name: "missing", Label: lab.Text{En: "members that lack a message", Zh: "还缺消息的成员数"}, Value: float64(deaf)},
	}
}
