package quorum

import (
	"flag"
	"fmt"
	"testing"
)

var seeds = flag.Int("seeds", 300, "how many runs of random faults")

// Random faults: whatever happens, an epoch has one leader, and what any node
// called committed stays; when the faults are over, it goes on.
func TestRandomFaults(t *testing.T) {
	for seed := range uint64(*seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { randomFaults(t, seed) })
	}
}

func randomFaults(t *testing.T, seed uint64) {
	voters := []int{3, 3, 5, 1, 2, 4}[seed%6]
	w := newWorld(t, seed, voters, int(seed/6%3))
	w.fragile = true
	w.lossPpm = []int{0, 10_000, 100_000}[seed%3]
	for w.Now < 60_000_000 {
		w.After(int64(w.luck.Below(2_000_000)), func() { w.fault(voters) })
		for range w.luck.Below(4) {
			w.After(int64(w.luck.Below(1_000_000)), w.propose)
		}
		w.Run(w.Now + 1_000_000)
	}
	w.Run(w.Now + 2_000_000) // the last faults
	w.fragile = false
	for _, m := range w.nodes {
		if m.node == nil {
			w.start(m, voters)
		}
	}
	w.settles()
}

func (w *world) fault(voters int) {
	m := w.nodes[w.luck.Below(len(w.nodes))]
	o := w.nodes[w.luck.Below(len(w.nodes))]
	switch w.luck.Below(8) {
	case 0, 1:
		if m.node != nil {
			w.crash(m)
		}
	case 2, 3, 4:
		if m.node == nil {
			w.start(m, voters)
		}
	case 5:
		w.cut[[2]int32{m.id, o.id}] = true // one way
	case 6:
		w.cut[[2]int32{m.id, o.id}], w.cut[[2]int32{o.id, m.id}] = true, true
	case 7:
		clear(w.cut)
	}
}
