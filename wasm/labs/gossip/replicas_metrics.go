package gossip

import (
	"math"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Numbers about stores, for people to look at.

// metrics measures from the last write or joining on: how long until the
// nodes had all that is newest.
func (r *replicas) metrics(net *sim.Network) []lab.Metric {
	var sum, last sim.Time
	reached := 0
	for i, b := range r.behind {
		if b == 0 {
			late := max(r.since[i]-r.began, 0)
			sum += late
			last = max(last, late)
			reached++
		}
	}
	unit, scale := "us", 1.0
	if r.config.together {
		unit, scale = "cycles", float64(r.config.period)
	}
	mean := 0.0
	if reached > 0 {
		mean = float64(sum) / float64(reached) / scale
	}
	n := float64(r.config.nodes)
	return []lab.Metric{
		{Name: "residue", Label: lab.Text{En: "nodes that lack something", Zh: "尚缺数据的节点比例"}, Value: per(int64(r.living-r.current), int64(r.living)), Unit: "ratio"},
		{Name: "traffic", Label: lab.Text{En: "entries sent per node", Zh: "每节点发送的条目数"}, Value: float64(r.entriesSent) / n},
		{Name: "t_avg", Label: lab.Text{En: "mean time to be up to date", Zh: "追上最新的平均时间"}, Value: mean, Unit: unit},
		{Name: "t_last", Label: lab.Text{En: "time until the last was", Zh: "最后一个追上的时间"}, Value: float64(last) / scale, Unit: unit},
		{Name: "messages", Label: lab.Text{En: "messages", Zh: "消息数"}, Value: float64(net.Journal.Count(sim.KindSend))},
		{Name: "bytes", Label: lab.Text{En: "bytes", Zh: "字节数"}, Value: float64(net.Journal.Bytes()), Unit: "bytes"},
		{Name: "rounds", Label: lab.Text{En: "rounds until the last was", Zh: "到最后一个追上为止的轮数"}, Value: math.Ceil(float64(last) / float64(r.config.period))},
		{Name: "settled", Label: lab.Text{En: "conflicts settled", Zh: "裁决的冲突"}, Value: float64(r.settled)},
	}
}

// expectCurrent is what theory expects of anti-entropy with one update, for many
// nodes: the number of those that have it, cycle after cycle.
func expectCurrent(nodes int, push, pull bool, cycle sim.Time) func(at sim.Time) float64 {
	return func(at sim.Time) float64 {
		p := 1 - 1/float64(nodes)
		for range min(at/cycle, 1000) {
			p = nextSusceptible(p, push, pull)
		}
		return float64(nodes) * (1 - p)
	}
}

// nextSusceptible is the share of nodes without the update a cycle after it
// was p (Demers et al. 1987, section 1.3):
//
//	pull       p^2            the node itself finds somebody without it
//	push       p e^-(1-p)     none of those that have it find the node
//	push-pull  p^2 e^-(1-p)   both
func nextSusceptible(p float64, push, pull bool) float64 {
	next := p
	if pull {
		next *= p
	}
	if push {
		next *= math.Exp(p - 1)
	}
	return next
}
