package gossip

import (
	"math"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// playLab runs one run to its end and returns its world.
func playLab(t testing.TB, l *lab.Lab, seed uint64, settings ...string) *lab.World {
	t.Helper()
	v := l.Defaults()
	for i := 0; i < len(settings); i += 2 {
		if err := v.Set(settings[i], settings[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	w, err := l.Build(v, seed)
	if err != nil {
		t.Fatal(err)
	}
	if l.Script != nil {
		for _, step := range l.Script(v, 1) {
			a, err := w.Net.ParseAction(step.At, step.Do)
			if err == nil {
				err = w.Net.Schedule(a)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if halt := w.Net.Advance(w.End, math.MaxInt); halt != sim.Finished {
		t.Logf("seed %d: still going on at %v", seed, w.End)
	}
	return w
}

func measured(t testing.TB, w *lab.World, name string) float64 {
	t.Helper()
	for _, m := range w.Metrics() {
		if m.Name == name {
			return m.Value
		}
	}
	t.Fatalf("no metric %q", name)
	return 0
}

// estimate is the mean of some values and its standard error.
type estimate struct{ mean, err float64 }

func measure(values []float64) estimate {
	var s estimate
	for _, v := range values {
		s.mean += v / float64(len(values))
	}
	for _, v := range values {
		s.err += (v - s.mean) * (v - s.mean)
	}
	s.err = math.Sqrt(s.err / float64(len(values)-1) / float64(len(values)))
	return s
}

// The tables 1, 2 and 3 of Demers et al. 1987, with half a unit of the last
// digit that is printed.
var paper = []struct {
	name, k                string
	settings               []string
	s, sHalf, m, mHalf     float64
	tAvg, tLast, tLastHalf float64
}{
	{"table 1", "1", table1, 0.18, 0.005, 1.7, 0.05, 11.0, 16.8, 0.05},
	{"table 1", "2", table1, 0.037, 0.0005, 3.3, 0.05, 12.1, 16.9, 0.05},
	{"table 1", "3", table1, 0.011, 0.0005, 4.5, 0.05, 12.5, 17.4, 0.05},
	{"table 1", "4", table1, 0.0036, 0.00005, 5.6, 0.05, 12.7, 17.5, 0.05},
	{"table 1", "5", table1, 0.0012, 0.00005, 6.7, 0.05, 12.8, 17.7, 0.05},
	{"table 2", "1", table2, 0.96, 0.005, 0.04, 0.005, 19, 38, 0.5},
	{"table 2", "2", table2, 0.20, 0.005, 1.6, 0.05, 17, 33, 0.5},
	{"table 2", "3", table2, 0.060, 0.0005, 2.8, 0.05, 15, 32, 0.5},
	{"table 2", "4", table2, 0.021, 0.0005, 3.9, 0.05, 14.1, 32, 0.5},
	{"table 2", "5", table2, 0.008, 0.0005, 4.9, 0.05, 13.8, 32, 0.5},
	{"table 3", "1", table3, 3.1e-2, 0.05e-2, 2.7, 0.05, 9.97, 17.6, 0.05},
	{"table 3", "2", table3, 5.8e-4, 0.05e-4, 4.5, 0.05, 10.07, 15.4, 0.05},
	{"table 3", "3", table3, 4.0e-6, 0.05e-6, 6.1, 0.05, 10.08, 14.0, 0.05},
}

var (
	table1 = []string{"n", "1000", "clock", "cycles", "mode", "push", "memory", "feedback", "stop", "counter"}
	table2 = []string{"n", "1000", "clock", "cycles", "mode", "push", "memory", "blind", "stop", "coin"}
	table3 = []string{"n", "1000", "clock", "cycles", "mode", "pull", "memory", "feedback", "stop", "counter"}
)

// The mean over 100 seeds agrees with the paper: residue and traffic within
// four standard errors of that mean and the rounding of the printed figure,
// t_last within 5 % or as much.
func TestPaperTables(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 25
	}
	for _, row := range paper {
		var residue, traffic, tAvg, tLast, expected []float64
		for seed := 1; seed <= seeds; seed++ {
			w := playLab(t, &Rumor, uint64(seed), append([]string{"k", row.k}, row.settings...)...)
			residue = append(residue, measured(t, w, "residue"))
			traffic = append(traffic, measured(t, w, "traffic"))
			tAvg = append(tAvg, measured(t, w, "t_avg"))
			tLast = append(tLast, measured(t, w, "t_last"))
			if row.settings[5] == "push" {
				expected = append(expected, measured(t, w, "residue_theory"))
			}
			if w.Net.Now() >= w.End {
				t.Errorf("%s k=%s seed %d: not over at %v", row.name, row.k, seed, w.End)
			}
		}
		s, m, avg, last := measure(residue), measure(traffic), measure(tAvg), measure(tLast)
		// So few are missed that a hundred runs may miss none: then the error
		// is that of counting rare things.
		s.err = max(s.err, math.Sqrt(row.s/1000/float64(seeds)))
		t.Logf("%s k=%s: s %.3g (%.2g), m %.3g (%.2g), t_ave %.2f (%.3g), t_last %.2f (%.3g)",
			row.name, row.k, s.mean, row.s, m.mean, row.m, avg.mean, row.tAvg, last.mean, row.tLast)
		compare := func(what string, got estimate, want, slack float64) {
			if math.Abs(got.mean-want) > slack {
				t.Errorf("%s k=%s: %s is %.4g (standard error %.2g), the paper has %.4g", row.name, row.k, what, got.mean, got.err, want)
			}
		}
		compare("residue", s, row.s, 4*s.err+row.sHalf)
		if len(expected) > 0 {
			compare("e^-m", measure(expected), row.s, 4*s.err+row.sHalf+0.05*row.s)
		}
		compare("traffic", m, row.m, 4*m.err+row.mHalf)
		compare("t_last", last, row.tLast, max(0.05*row.tLast, 4*last.err)+row.tLastHalf)
	}
}

// With a connection limit of 1, push gets better, because who is turned away
// sends nothing: while a share i of the sites pushes, -ln s / m is
// i / (1 - e^-i), from 1 at the edges of the epidemic up to 1 / (1 - 1/e) when
// all push (the paper's figure, section 1.4). Pull gets worse, and hunting
// makes good for some of it.
func TestConnectionLimit(t *testing.T) {
	exponent := func(settings ...string) float64 {
		var residue, traffic []float64
		for seed := uint64(1); seed <= 15; seed++ {
			w := playLab(t, &Rumor, seed, append([]string{"n", "2000", "delay", "40ms", "clock", "cycles"}, settings...)...)
			residue, traffic = append(residue, measured(t, w, "residue")), append(traffic, measured(t, w, "traffic"))
		}
		s, m := measure(residue).mean, measure(traffic).mean
		t.Logf("%v: s %.4f, m %.3f, -ln s / m = %.3f", settings, s, m, -math.Log(s)/m)
		return -math.Log(s) / m
	}
	free, limited := exponent("k", "2"), exponent("k", "2", "limit", "1")
	if math.Abs(free-1) > 0.05 {
		t.Errorf("push: -ln s / m is %.3f, expected 1", free)
	}
	if limited < 1.15 || limited > 1/(1-1/math.E) {
		t.Errorf("push with limit 1: -ln s / m is %.3f, expected well above 1 and at most 1.58", limited)
	}
	if free, limited := exponent("k", "1", "mode", "pull"), exponent("k", "1", "mode", "pull", "limit", "1"); limited > free {
		t.Errorf("pull gets better by a limit: %.3f, %.3f without", limited, free)
	}
	if one, hunting := exponent("k", "1", "mode", "pull", "limit", "1"), exponent("k", "1", "mode", "pull", "limit", "1", "hunt", "7"); hunting < one {
		t.Errorf("hunting makes pull worse: %.3f, %.3f without", hunting, one)
	}
}

// Nobody takes more callers in a cycle than the limit says.
func TestNobodyTakesMoreThanTheLimit(t *testing.T) {
	for _, mode := range []string{"push", "pull", "push-pull"} {
		v := Rumor.Defaults()
		for _, s := range [][2]string{{"mode", mode}, {"limit", "2"}, {"hunt", "3"}, {"clock", "cycles"}, {"delay", "50ms"}, {"n", "300"}} {
			if err := v.Set(s[0], s[1]); err != nil {
				t.Fatal(err)
			}
		}
		w, err := Rumor.Build(v, 1)
		if err != nil {
			t.Fatal(err)
		}
		type visit struct {
			node  sim.NodeID
			cycle sim.Time
		}
		taken := map[visit]int{}
		w.Net.Journal.OnEvent = func(e *sim.Event) {
			if e.Kind == sim.KindDeliver && (Rumor.Kinds[e.Code].ID == "push" || Rumor.Kinds[e.Code].ID == "pull") {
				at := visit{e.Node, e.At / w.Cycle}
				if taken[at]++; taken[at] > 2 {
					t.Fatalf("%s: node %d has %d callers in cycle %d", mode, e.Node, taken[at], at.cycle)
				}
			}
		}
		w.Net.Advance(w.End, math.MaxInt)
		if len(taken) == 0 {
			t.Fatal("nobody called")
		}
	}
}
