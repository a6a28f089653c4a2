package gossip

import (
	"math"

	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// meanField is what becomes of an epidemic by push if every node behaves as
// the average one does: the paper's differential equations
//
//	ds/dt = -s i,  di/dt = s i - (1-s) i / k
//
// (Demers et al. 1987, section 1.4, for feedback and coin), with a stage for
// each value of a counter, and with the network's delay before a contact has
// its effect. On the clock of cycles it is a map from one cycle to the next.
//
// It assumes many nodes. What it leaves out is luck: above all that of the
// first contacts, which makes a run early or late as a whole, and that two
// late replies can meet a node that has lost interest already.
type meanField struct {
	step  sim.Time
	delay sim.Time // cycles: when in a cycle the contacts have their effect
	s, i  []float64
}

// stepsPerPeriod is how finely time is cut on the asynchronous clock.
const stepsPerPeriod = 32

func newMeanField(cfg gossip.RumorConfig, l sim.Link, end sim.Time) *meanField {
	period := sim.Time(cfg.PeriodMicros)
	m := &meanField{step: max(period/stepsPerPeriod, 1)}
	lag, share := int((l.Delay+l.Jitter/2)/m.step), 1.0/stepsPerPeriod
	if cfg.Cycles {
		m.step, m.delay, lag, share = period, l.Delay, 0, 1
	}
	arrives := 1 - float64(l.Loss)/float64(sim.Certain)
	stages := make([]float64, max(cfg.K, 1)) // infective, by counter
	stages[0] = 1 / float64(cfg.Sites)
	var sent []float64 // contacts made in each step, for each node
	s, i := 1-stages[0], stages[0]
	for t := 0; sim.Time(t)*m.step <= end; t++ {
		m.s, m.i = append(m.s, s), append(m.i, i)
		sent = append(sent, i*float64(cfg.Fanout)*share)
		counts, resets := sent[t], 0.0 // blind: every contact counts
		if cfg.Memory == gossip.Feedback {
			counts, resets = 0, 0
			if t >= 2*lag {
				answers := sent[t-2*lag] * arrives * arrives
				resets, counts = answers*m.s[t-lag], answers*(1-m.s[t-lag])
			}
		}
		fresh := 0.0
		if t >= lag {
			fresh = s * (1 - math.Exp(-sent[t-lag]*arrives))
		}
		s -= fresh
		i = advance(cfg, stages, i, counts, resets) + fresh
		stages[0] += fresh
	}
	return m
}

// advance moves infective nodes along the stages and out, and returns how
// many are left.
func advance(cfg gossip.RumorConfig, stages []float64, all, counts, resets float64) float64 {
	if all < 1e-12 || cfg.Stop == gossip.Never {
		return all
	}
	// Each node's chance of having such a contact in this step.
	counts, resets = min(counts/all, 1), min(resets/all, 1)
	left, in := 0.0, 0.0
	for c, here := range stages {
		out := here * counts
		if cfg.Stop == gossip.Coin {
			out /= float64(cfg.K)
			stages[c] = here - out
		} else {
			again := min(here*resets, here-out)
			stages[c] = here - out - again + in
			stages[0] += again
			in = out
		}
	}
	for _, here := range stages {
		left += here
	}
	return left
}

// at returns the shares of the nodes that are susceptible and infective.
func (m *meanField) at(t sim.Time) (s, i float64) {
	n := int(t / m.step)
	if m.delay > 0 || m.step == 0 {
		n = int((t - m.delay + m.step) / m.step)
	}
	n = min(max(n, 0), len(m.s)-1)
	return m.s[n], m.i[n]
}

// expectRumor draws the equations beside a run, where they apply: push,
// everybody known to everybody, no connection limit. They are solved when first looked at.
func expectRumor(cfg gossip.RumorConfig, l sim.Link, end sim.Time) []lab.Curve {
	if cfg.Mode != gossip.Push || cfg.Limit > 0 {
		return nil
	}
	var m *meanField
	at := func(t sim.Time) (s, i float64) {
		if m == nil {
			m = newMeanField(cfg, l, end)
		}
		s, i = m.at(t)
		return s * float64(cfg.Sites), i * float64(cfg.Sites)
	}
	return []lab.Curve{
		{ID: "susceptible-theory", Label: lab.Text{En: "have not heard, expected", Zh: "尚未听说（理论）"}, Color: "idle",
			Theory: func(t sim.Time) float64 { s, _ := at(t); return s }},
		{ID: "infective-theory", Label: lab.Text{En: "spread it, expected", Zh: "正在传播（理论）"}, Color: "active",
			Theory: func(t sim.Time) float64 { _, i := at(t); return i }},
	}
}

// residueByTraffic is the share that never hears when, by push, each node has
// on average sent so many updates: s = e^-m, whatever makes nodes stop (Demers
// et al. 1987, section 1.4). Of the updates only those that arrive count. Left
// out is a connection limit: of each update comes more then, but how much more
// depends on how many push at once (see TestConnectionLimit).
func residueByTraffic(l sim.Link, traffic float64) float64 {
	return math.Exp(-traffic * (1 - float64(l.Loss)/float64(sim.Certain)))
}

// residueFeedback solves s = e^(-(k+1)(1-s)), the share that never hears with
// feedback and coin (the paper's equation from dividing the two above).
func residueFeedback(k int) float64 {
	s := 0.0
	for range 200 {
		s = math.Exp(-float64(k+1) * (1 - s))
	}
	return s
}

// allowedResidue is how many nodes may stay without the news in a run that
// went well: twice the expected share, and two for luck.
func allowedResidue(cfg gossip.RumorConfig) int64 {
	return int64(2*residueFeedback(cfg.K)*float64(cfg.Sites)) + 2
}
