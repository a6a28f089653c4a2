package timers

import (
	"math"
	"math/rand/v2"
	"testing"
)

// twin keeps the same timers in a slice and looks through all of it.
type twin struct {
	at, turn []int64 // turn 0: not set
	turns    int64
}

func (w *twin) first() int {
	best := -1
	for i := range w.at {
		if w.turn[i] != 0 && (best < 0 || w.at[i] < w.at[best] || w.at[i] == w.at[best] && w.turn[i] < w.turn[best]) {
			best = i
		}
	}
	return best
}

func TestHeapAgreesWithLookingThroughAll(t *testing.T) {
	for seed := range uint64(50) {
		luck := rand.New(rand.NewPCG(seed, 4))
		const n = 40
		var h Heap[int]
		timers := make([]Timer[int], n)
		w := &twin{at: make([]int64, n), turn: make([]int64, n)}
		now := int64(0)
		for step := range 2000 {
			i := luck.IntN(n)
			switch timers[i].Of = i; luck.IntN(4) {
			case 0, 1:
				at := now + luck.Int64N(50)
				h.Set(&timers[i], at)
				w.turns++
				w.at[i], w.turn[i] = at, w.turns
			case 2:
				h.Stop(&timers[i])
				w.turn[i] = 0
			case 3:
				now += luck.Int64N(20)
				for {
					got, ok := h.Due(now)
					want := w.first()
					if want >= 0 && w.at[want] > now {
						want = -1
					}
					if ok != (want >= 0) || ok && got.Of != want {
						t.Fatalf("seed %d, step %d: got %v %v, expected %d", seed, step, got, ok, want)
					}
					if !ok {
						break
					}
					w.turn[want] = 0
				}
			}
			want := int64(math.MaxInt64)
			if first := w.first(); first >= 0 {
				want = w.at[first]
			}
			if got := h.Deadline(); got != want || timers[i].IsSet() != (w.turn[i] != 0) {
				t.Fatalf("seed %d, step %d: deadline %d, expected %d", seed, step, got, want)
			}
		}
	}
}
