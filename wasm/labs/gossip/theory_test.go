package gossip

import (
	"math"
	"testing"

	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The equation s = e^(-(k+1)(1-s)) has the paper's roots: 20 % at k=1, 6 % at k=2.
func TestResidueEquation(t *testing.T) {
	for k, want := range map[int]float64{1: 0.20, 2: 0.06} {
		if got := residueFeedback(k); math.Abs(got-want) > 0.005 {
			t.Errorf("k=%d: %.4f, the paper says %.2f", k, got, want)
		}
	}
}

// In small steps and without delay, the mean field is the paper's differential
// equations, and ends where their solution does.
func TestMeanFieldEndsAtTheEquation(t *testing.T) {
	for k := 1; k <= 4; k++ {
		cfg := gossip.RumorConfig{Sites: 100_000, Memory: gossip.Feedback, Stop: gossip.Coin, K: k, Fanout: 1, PeriodMicros: int64(sim.Second)}
		m := newMeanField(cfg, sim.Link{}, 400*sim.Second)
		s, i := m.at(400 * sim.Second)
		if want := residueFeedback(k); math.Abs(s-want) > 0.02*want+0.001 || i > 1e-6 {
			t.Errorf("k=%d: ends at %.4f susceptible and %.2g infective, the equation says %.4f", k, s, i, want)
		}
	}
}

// The dashed curves are what many runs come to on average: where they end is
// within a tenth of the measured residue, and half of all have heard within
// a period and a half of when they do on average.
func TestTheoryFitsRuns(t *testing.T) {
	for _, settings := range [][]string{
		{"n", "5000", "k", "1", "clock", "cycles"},
		{"n", "5000", "k", "2", "clock", "cycles", "stop", "coin"},
		{"n", "5000", "k", "2", "clock", "cycles", "memory", "blind", "stop", "coin"},
		{"n", "5000", "k", "1"},
		{"n", "5000", "k", "2", "stop", "coin"},
		{"n", "5000", "k", "1", "loss", "20%"},
		{"n", "5000", "k", "2", "fanout", "2"},
	} {
		var residue, half []float64
		var theory lab.Curve
		n := 5000.0
		for seed := uint64(1); seed <= 12; seed++ {
			v := Rumor.Defaults()
			for i := 0; i < len(settings); i += 2 {
				if err := v.Set(settings[i], settings[i+1]); err != nil {
					t.Fatal(err)
				}
			}
			w, err := Rumor.Build(v, seed)
			if err != nil {
				t.Fatal(err)
			}
			theory = w.Curves[3]
			at := sim.Time(0)
			for ; w.Curves[0].Measure() > 2500 && at < w.End || at == 0; at += 100 * sim.Millisecond {
				w.Net.Advance(at, math.MaxInt)
			}
			half = append(half, float64(at)/float64(sim.Second))
			w.Net.Advance(w.End, math.MaxInt)
			residue = append(residue, measured(t, w, "residue"))
		}
		expected, at := theory.Theory(sim.Forever/2)/n, sim.Time(0)
		for theory.Theory(at) > n/2 {
			at += 100 * sim.Millisecond
		}
		r, h := measure(residue), measure(half)
		t.Logf("%v: residue %.4f, expected %.4f; half at %.1f s, expected %.1f s", settings, r.mean, expected, h.mean, float64(at)/float64(sim.Second))
		if math.Abs(r.mean-expected) > 4*r.err+0.1*expected {
			t.Errorf("%v: residue is %.4f, the curve ends at %.4f", settings, r.mean, expected)
		}
		if math.Abs(h.mean-float64(at)/float64(sim.Second)) > 1.5+4*h.err {
			t.Errorf("%v: half have heard at %.1f s, by the curve at %v", settings, h.mean, at)
		}
	}
}
