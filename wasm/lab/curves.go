package lab

import "grapevine/wasm/sim"

// maxSamples bounds how often the curves are sampled in one run.
const maxSamples = 2000

// samples holds the measured curves: one row of values for each instant
// sampled. Replaying finds them already there, and they would be the same.
type samples struct {
	step   sim.Time
	taken  int // regular samples the clock has passed
	at     []sim.Time
	values [][]int64 // [sample][curve]
	last   bool      // the newest sample is that of the run's early end
}

// start chooses the instants: every cycle, or 300 a run.
func (s *samples) start(w *World) {
	s.step = max(w.End/300, 1)
	if w.Cycle > 0 && w.End/w.Cycle <= maxSamples {
		s.step = w.Cycle
	}
}

// next is the instant of the next regular sample.
func (s *samples) next() sim.Time { return sim.Time(s.taken) * s.step }

// take samples the present, if it is the next instant to be sampled.
func (s *samples) take(w *World, now sim.Time) {
	if now != s.next() {
		return
	}
	if s.taken == len(s.at) {
		s.append(w, now)
	}
	s.taken++
}

// takeLast samples the end of a run that ended between two instants.
func (s *samples) takeLast(w *World) {
	now := w.Net.Now()
	if !s.last && (len(s.at) == 0 || s.at[len(s.at)-1] < now) {
		s.append(w, now)
		s.last = true
	}
}

func (s *samples) append(w *World, now sim.Time) {
	row := make([]int64, len(w.Curves))
	for i := range w.Curves {
		if w.Curves[i].Measure != nil {
			row[i] = w.Curves[i].Measure()
		}
	}
	s.at = append(s.at, now)
	s.values = append(s.values, row)
}

// moveTo tells the samples that the clock has been put to another instant.
func (s *samples) moveTo(now sim.Time, begun bool) {
	s.taken = 0
	if begun {
		s.taken = int(now/s.step) + 1
	}
	s.taken = min(s.taken, len(s.at))
	if s.last && s.taken == len(s.at) {
		s.taken--
	}
}

// forgetAfter drops the samples of a future that will not come to pass.
func (s *samples) forgetAfter(t sim.Time) {
	for len(s.at) > 0 && (s.at[len(s.at)-1] > t || s.last) {
		s.at = s.at[:len(s.at)-1]
		s.values = s.values[:len(s.values)-1]
		s.last = false
	}
	s.taken = min(s.taken, len(s.at))
}

// Samples returns the instants sampled so far and the value of each of
// World.Curves at each; theory curves have zeros. The caller must not change them.
func (p *Play) Samples() (at []sim.Time, values [][]int64) { return p.curves.at, p.curves.values }
