package gossip

import (
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Whatever faults are asked for, the network understands the script, the
// origin lives, and everyone who lives in the end hears.
func TestFaultsScripts(t *testing.T) {
	for _, settings := range [][]string{
		{},
		{"n", "2"},
		{"n", "3", "crash", "90%", "churn", "30%"},
		{"n", "25", "crash", "90%", "restart", "0s"},
		{"n", "1000", "churn", "30%", "crash", "50%"},
		{"n", "500", "mode", "pull", "churn", "10%", "loss", "30%"},
		{"n", "500", "mode", "push-pull", "clock", "cycles", "crash", "20%"},
		{"n", "997", "crash", "90%", "fanout", "3"},
	} {
		for seed := uint64(1); seed <= 10; seed++ {
			w := playLab(t, &Faults, seed, settings...)
			if !w.Net.Up(0) {
				t.Errorf("%v seed %d: the origin crashed", settings, seed)
			}
			if residue := measured(t, w, "residue"); residue != 0 {
				t.Errorf("%v seed %d: residue %v at %v", settings, seed, residue, w.Net.Now())
			}
		}
	}
}

// The counters that decide when a run is over say what a walk over the sites says.
func TestCountersAreTrue(t *testing.T) {
	for _, l := range []*lab.Lab{&Rumor, &Spread, &Faults} {
		for seed := uint64(1); seed <= 10; seed++ {
			v := l.Defaults()
			w, err := l.Build(v, seed)
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range scriptFaults(Faults.Defaults(), 1) {
				if a, err := w.Net.ParseAction(step.At, step.Do); err == nil {
					_ = w.Net.Schedule(a)
				}
			}
			for at := w.Cycle; w.Net.Now() < w.End; at += Rumor.Defaults().Time("period") / 3 {
				halt := w.Net.Advance(at, 1<<30)
				checkCounts(t, w)
				if halt == sim.Finished {
					break
				}
			}
		}
	}
}

// checkCounts compares the measured curves with the nodes' states.
func checkCounts(t *testing.T, w *lab.World) {
	t.Helper()
	want := map[string]int64{}
	for node := range w.Net.Nodes() {
		id := nodeID(node)
		if w.Net.Up(id) {
			want[[]string{"susceptible", "infective", "removed"}[w.State(id)]]++
		}
	}
	for _, c := range w.Curves {
		if c.Measure != nil && c.Measure() != want[c.ID] {
			t.Fatalf("%v: %d are %s by count, %d by walking", w.Net.Now(), c.Measure(), c.ID, want[c.ID])
		}
	}
}

func nodeID(i int) sim.NodeID { return sim.NodeID(i) }

// The figures of many events: a million nodes until all know, and 10,000.
func BenchmarkMillion(b *testing.B) { benchmarkFaults(b, "1000000") }

func BenchmarkTenThousand(b *testing.B) { benchmarkFaults(b, "10000") }

func benchmarkFaults(b *testing.B, n string) {
	events := uint64(0)
	for b.Loop() {
		w := playLab(b, &Faults, 1, "n", n, "fanout", "3", "crash", "0%", "loss", "0%", "cut", "0s")
		events += w.Net.Journal.Total()
	}
	b.ReportMetric(float64(events)/float64(b.N), "events/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}
