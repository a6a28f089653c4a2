package gossip

import (
	"fmt"
	"math"
	"testing"

	"grapevine/wasm/sim"
)

// In the SI model everyone hears, whatever the seed, the view and the losses.
func TestEveryoneHears(t *testing.T) {
	variants := [][]string{
		{},
		{"n", "2"},
		{"fanout", "1", "clock", "cycles"},
		{"loss", "50%"},
		{"view", "neighbours", "peers", "2"},
		{"view", "neighbours", "peers", "6", "n", "333", "fanout", "1"},
		{"view", "grid", "n", "200", "fanout", "3"},
		{"view", "grid", "n", "9", "fanout", "1"},
	}
	for _, settings := range variants {
		for seed := uint64(1); seed <= 40; seed++ {
			w := playLab(t, &Spread, seed, settings...)
			if len(settings) > 0 && settings[0] == "loss" && settings[1] == "50%" {
				// Each pair meets once at most in either direction, so a loss can be final; but
				// not all of 49 that tell the same node are lost.
				t.Logf("seed %d: residue %v", seed, measured(t, w, "residue"))
			}
			if residue := measured(t, w, "residue"); residue != 0 {
				t.Errorf("%v seed %d: residue %v at %v", settings, seed, residue, w.Net.Now())
			}
		}
	}
}

// Nobody gets the news from the same node twice, and nobody sends it back to
// its source: so with a full view and nothing lost each node is told at most
// once by each other, and the origin by nobody who heard from it.
func TestSpreadTellsNobodyTwice(t *testing.T) {
	for _, view := range []string{"full", "partial", "neighbours", "grid"} {
		for seed := uint64(1); seed <= 5; seed++ {
			v := Spread.Defaults()
			if err := v.Set("view", view); err != nil {
				t.Fatal(err)
			}
			w, err := Spread.Build(v, seed)
			if err != nil {
				t.Fatal(err)
			}
			told := map[[2]sim.NodeID]bool{}
			source := map[sim.NodeID]sim.NodeID{}
			w.Net.Finished = nil // until everybody has fallen silent
			w.Net.Journal.OnEvent = func(e *sim.Event) {
				pair := [2]sim.NodeID{e.Node, e.Peer}
				switch {
				case e.Kind == sim.KindSend && told[pair]:
					t.Fatalf("%s: node %d tells %d twice", view, e.Node, e.Peer)
				case e.Kind == sim.KindSend:
					told[pair] = true
					if from, ok := source[e.Node]; ok && from == e.Peer {
						t.Fatalf("%s: node %d tells its source %d", view, e.Node, e.Peer)
					}
				case e.Kind == sim.KindDeliver:
					if _, ok := source[e.Node]; !ok && e.Node != 0 {
						source[e.Node] = e.Peer
					}
				}
			}
			if halt := w.Net.Advance(sim.Forever, math.MaxInt); halt != sim.Finished {
				t.Fatal("it does not fall silent")
			}
		}
	}
}

// Push with fan-out 1 takes log2 n + ln n + O(1) rounds (Pittel 1987), from
// 100 to 100,000 nodes: fitted as a (log2 n + ln n) + b, a is near 1.
func TestRoundsAreLogarithmic(t *testing.T) {
	sizes := []struct{ n, seeds int }{{100, 60}, {316, 40}, {1000, 30}, {3162, 16}, {10_000, 8}, {100_000, 3}}
	if testing.Short() {
		sizes = sizes[:5]
	}
	var xs, ys []float64
	for _, size := range sizes {
		var rounds []float64
		for seed := 1; seed <= size.seeds; seed++ {
			w := playLab(t, &Faults, uint64(seed), "n", fmt.Sprint(size.n), "clock", "cycles",
				"crash", "0%", "loss", "0%", "cut", "0s")
			if measured(t, w, "residue") != 0 {
				t.Fatalf("n=%d seed %d: not everyone has heard", size.n, seed)
			}
			rounds = append(rounds, measured(t, w, "rounds"))
		}
		mean, x := measure(rounds), math.Log2(float64(size.n))+math.Log(float64(size.n))
		t.Logf("n=%d: %.2f rounds (standard error %.2f), log2 n + ln n = %.2f", size.n, mean.mean, mean.err, x)
		if math.Abs(mean.mean-x) > 2 {
			t.Errorf("n=%d: %.2f rounds, Pittel's %.2f + O(1)", size.n, mean.mean, x)
		}
		xs, ys = append(xs, x), append(ys, mean.mean)
	}
	a, b := fitLine(xs, ys)
	t.Logf("rounds = %.3f (log2 n + ln n) %+.2f", a, b)
	if math.Abs(a-1) > 0.06 {
		t.Errorf("the slope is %.3f, expected 1", a)
	}
}

// fitLine is the least-squares line y = a x + b.
func fitLine(xs, ys []float64) (a, b float64) {
	n := float64(len(xs))
	var sx, sy, sxx, sxy float64
	for i, x := range xs {
		sx, sy, sxx, sxy = sx+x, sy+ys[i], sxx+x*x, sxy+x*ys[i]
	}
	a = (n*sxy - sx*sy) / (n*sxx - sx*sx)
	return a, (sy - a*sx) / n
}
