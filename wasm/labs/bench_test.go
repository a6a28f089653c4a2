package labs

import (
	"math"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// BenchmarkLabs plays every lab's default run, and an epidemic of 10,000. Its
// profile tells the compiler what to inline in the programs:
//
//	go test ./wasm/labs -run - -bench Labs -benchtime 5s -cpuprofile wasm/engine/default.pgo
func BenchmarkLabs(b *testing.B) {
	runs := []lab.Run{{Lab: Find("gossip/faults"), Settings: []lab.Setting{{Name: "n", Value: "10000"}}}}
	for _, l := range All {
		runs = append(runs, lab.Run{Lab: l})
	}
	for i := range b.N {
		for _, r := range runs {
			r.Seed = uint64(i)
			p, _, err := lab.Open(r)
			if err != nil {
				b.Fatal(err)
			}
			p.Reconfigure(func(n *sim.Network) { n.Journal.Keep(sim.Count) })
			for p.Advance(sim.Forever, math.MaxInt) == sim.Budget {
			}
		}
	}
}
