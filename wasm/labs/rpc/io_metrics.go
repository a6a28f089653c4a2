package rpc

import (
	"strconv"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// ioCurveMax is the top of the chart; every curve says in its name what it
// stands for there.
const ioCurveMax = 100

// ioNames are what metrics and curves call the servers.
var ioNames = [ioModels]lab.Text{
	ioThreads: {En: "threads", Zh: "每连接一线程"},
	ioPool:    {En: "pool", Zh: "线程池"},
	ioLoop:    {En: "loop", Zh: "事件循环"},
}

func (w *ioWorld) metrics() []lab.Metric {
	var out []lab.Metric
	for i, t := range w.tallies {
		name := ioNames[w.plan.models[i]]
		metric := func(id, en, zh string, value float64, unit string) {
			out = append(out, lab.Metric{Name: id + "_" + ioRoles[t.model], Label: lab.Text{En: name.En + ": " + en, Zh: name.Zh + "：" + zh}, Value: value, Unit: unit})
		}
		costs := t.costs()
		metric("throughput", "answers a second", "每秒应答数", share(float64(t.answered), float64(min(w.net.Now(), w.plan.stop))/float64(sim.Second)), "")
		metric("p50", "half answered within", "一半的应答不超过", float64(t.all.percentile(50)), "us")
		metric("p99", "99% answered within", "99% 的应答不超过", float64(t.all.percentile(99)), "us")
		metric("late", "late answers", "超时的应答数", float64(t.late), "")
		metric("refused", "connections turned away", "拒绝的连接数", float64(t.refused), "")
		metric("threads", "threads, at most", "线程数最多时", float64(t.threadsMax), "")
		metric("memory", "memory, at most", "内存最多用到", float64(t.memoryMax), "bytes")
		metric("switches", "switches", "线程切换次数", float64(costs.switches), "")
		metric("overhead", "CPU time lost in switches", "切换占用的 CPU 时间", share(float64(costs.switched), float64(costs.switched+costs.worked)), "ratio")
	}
	return out
}

// share is a / b, for display; 0 of nothing.
func share(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// connected counts the connections of the i-th server as its clients see them.
func (w *ioWorld) connected(i int) int {
	sum := 0
	for m := range w.count {
		c := w.clients.Member(m)
		if c == nil {
			continue
		}
		for k := i; k < len(c.calls); k += len(w.servers) {
			if s := c.calls[k].state; s != ioAbsent && s != ioDialling && s != ioStopped {
				sum++
			}
		}
	}
	return sum
}

// curves grow with the connections: their time is the number of connections.
func (w *ioWorld) curves() []lab.Curve {
	of := func(measure func() int64, most int64) func() int64 {
		return func() int64 { return min(measure()*ioCurveMax/max(most, 1), ioCurveMax) }
	}
	top := func(en, zh, most string) lab.Text {
		return lab.Text{En: en + " (top: " + most + ")", Zh: zh + "（顶端为 " + most + "）"}
	}
	slowest := func(i int) func() int64 {
		t := w.tallies[i]
		return of(func() int64 { return int64(w.recent(t)) }, int64(w.plan.limit))
	}
	curves := []lab.Curve{{ID: "connections", Label: top("connections", "连接数", strconv.Itoa(w.plan.connections)), Color: "idle",
		Measure: of(func() int64 { return int64(w.connected(0)) }, int64(w.plan.connections))}}
	limit := w.plan.limit.String()
	if len(w.servers) > 1 {
		for i, color := range []string{"active", "warn", "done"} {
			name := ioNames[w.plan.models[i]]
			curves = append(curves, lab.Curve{ID: "latency_" + ioRoles[w.plan.models[i]], Color: color,
				Label: top(name.En+": 99% within", name.Zh+"：99% 不超过", limit), Measure: slowest(i)})
		}
		return curves
	}
	most := w.mostAnswers()
	return append(curves,
		lab.Curve{ID: "throughput", Label: top("answers a second", "每秒应答数", strconv.FormatInt(most, 10)), Color: "active",
			Measure: of(func() int64 { w.tallies[0].turn(w.net.Now()); return int64(w.tallies[0].last.count) }, most)},
		lab.Curve{ID: "latency", Label: top("99% within", "99% 不超过", limit), Color: "warn", Measure: slowest(0)},
		lab.Curve{ID: "memory", Label: top("memory", "内存", strconv.FormatInt(w.plan.memory>>20, 10)+" MB"), Color: "done",
			Measure: of(func() int64 {
				if s := w.tallies[0].server; s != nil {
					return s.memory
				}
				return 0
			}, w.plan.memory)})
}

// mostAnswers is how many answers a second the clients would get if each took
// no time at all.
func (w *ioWorld) mostAnswers() int64 {
	return max(int64(w.plan.connections)*int64(sim.Second)/int64(w.plan.think), 1)
}

// recent is how long 99% of the last second's answers took at most; but if
// somebody has waited longer than that and is still waiting, how long.
func (w *ioWorld) recent(t *ioTally) sim.Time {
	t.turn(w.net.Now())
	took := t.last.percentile(99)
	for m := range w.count {
		c := w.clients.Member(m)
		if c == nil {
			continue
		}
		for k := t.index; k < len(c.calls); k += len(w.servers) {
			if a := &c.calls[k]; a.state == ioAwaiting {
				took = max(took, w.net.Now()-a.sent)
			}
		}
	}
	return took
}

// ioSpan writes a time in the two or three digits that can be trusted.
func ioSpan(t sim.Time) string {
	switch {
	case t == 0:
		return "-"
	case t < 10*sim.Millisecond:
		return strconv.FormatFloat(float64(t)/float64(sim.Millisecond), 'f', 1, 64) + " ms"
	case t < sim.Second:
		return strconv.Itoa(int(t/sim.Millisecond)) + " ms"
	}
	return strconv.FormatFloat(float64(t)/float64(sim.Second), 'f', 1, 64) + " s"
}
