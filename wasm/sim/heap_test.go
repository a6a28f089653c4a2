package sim

import (
	"container/heap"
	"math/rand/v2"
	"testing"
)

// heapQueue is the wheel's dumb twin: a binary heap ordered by time, ties by
// emission.
type heapQueue struct {
	items []heapItem
	count uint64
}

type heapItem struct {
	at    Time
	order uint64
	event uint32
}

func (h *heapQueue) Len() int      { return len(h.items) }
func (h *heapQueue) Swap(i, j int) { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *heapQueue) Push(x any)    { h.items = append(h.items, x.(heapItem)) }
func (h *heapQueue) Less(i, j int) bool {
	a, b := h.items[i], h.items[j]
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (h *heapQueue) Pop() any {
	last := h.items[len(h.items)-1]
	h.items = h.items[:len(h.items)-1]
	return last
}

func (h *heapQueue) push(at Time, event uint32) {
	h.count++
	heap.Push(h, heapItem{at, h.count, event})
}

func (h *heapQueue) pop(limit Time) uint32 {
	if len(h.items) == 0 || h.items[0].at > limit {
		return 0
	}
	return heap.Pop(h).(heapItem).event
}

// twins is a wheel and a heap that are told the same things.
type twins struct {
	t     *testing.T
	slab  slab
	wheel wheel
	heap  heapQueue
}

func (w *twins) push(at Time) {
	i, e := w.slab.alloc()
	e.at = at
	w.wheel.push(&w.slab, i)
	w.heap.push(at, i)
}

// pop compares one pop and returns the time of what came, or -1.
func (w *twins) pop(limit Time) Time {
	w.t.Helper()
	got, want := w.wheel.pop(&w.slab, limit), w.heap.pop(limit)
	if got != want {
		w.t.Fatalf("at %d, limit %d: the wheel gives event %d, the heap event %d", w.wheel.now, limit, got, want)
	}
	if w.wheel.now > limit {
		w.t.Fatalf("the wheel went to %d, beyond the limit %d", w.wheel.now, limit)
	}
	if got == 0 {
		return -1
	}
	at := w.slab.at(got).at
	w.slab.release(got)
	return at
}

// The wheel gives what a heap gives, whatever is pushed and up to whatever
// limit it is asked: near times and far, many in one microsecond, new ones
// while the old are popped.
func TestWheelIsAHeap(t *testing.T) {
	for seed := range uint64(200) {
		luck := rand.New(rand.NewPCG(seed, 1))
		w := &twins{t: t}
		now := Time(luck.Uint64() >> (12 + luck.IntN(52)))
		for range 400 {
			for range luck.IntN(8) {
				spread := uint64(1) << luck.IntN(50)
				at := min(now+Time(luck.Uint64()%spread), Forever)
				for range 1 + luck.IntN(3) {
					w.push(at)
				}
			}
			limit := min(now+Time(luck.Uint64()>>(12+luck.IntN(52))), Forever)
			for range luck.IntN(12) {
				at := w.pop(limit)
				if at < 0 {
					now = limit // as Advance does: the clock may be beyond the wheel's
					break
				}
				now = at
			}
		}
		for w.pop(Forever) >= 0 {
		}
		if w.slab.live != 0 || len(w.heap.items) != 0 {
			t.Fatalf("seed %d: %d events never came", seed, w.slab.live)
		}
		free := uint32(1) // place 0 is never given out
		for b := w.wheel.store.free; b != 0; b = w.wheel.store.at(b).next {
			free++
		}
		if free < w.wheel.store.used {
			t.Fatalf("seed %d: of %d batches only %d came back", seed, w.wheel.store.used, free)
		}
	}
}

// At the edges of every level of the wheel: the last microsecond before a
// slot, its first, and the one after, from just before and just after it.
func TestWheelAtEveryLevelsEdge(t *testing.T) {
	for level := 1; level < wheelLevels; level++ {
		edge := Time(1) << (level * wheelBits)
		for _, from := range []Time{0, edge - 2, edge - 1, edge, 3*edge - 1} {
			w := &twins{t: t}
			w.push(from)
			w.pop(from)
			for _, at := range []Time{edge, edge - 1, edge + 1, 2 * edge, 3*edge - 1, 3 * edge, 255 * edge, 256*edge - 1, 256 * edge, edge} {
				if at >= from && at <= Forever {
					w.push(at)
				}
			}
			for _, limit := range []Time{edge - 1, edge, edge + 1, 3 * edge, Forever} {
				for limit >= from && w.pop(limit) >= 0 {
				}
			}
			if w.slab.live != 0 {
				t.Errorf("level %d from %d: %d events never came", level, from, w.slab.live)
			}
		}
	}
}

// What waited for a paused node goes before everything else of its instant,
// even what the wheel still holds in an upper level.
func TestWheelPushFront(t *testing.T) {
	for _, at := range []Time{5, 300, 1 << 20} {
		var s slab
		var w wheel
		add := func(f *fifo) uint32 {
			i, e := s.alloc()
			e.at = at
			if f == nil {
				w.push(&s, i)
			} else {
				f.push(&s, i)
			}
			return i
		}
		third := add(nil)
		var front fifo
		first, second := add(&front), add(&front)
		w.pushFront(&s, front)
		w.pushFront(&s, fifo{})
		fourth := add(nil)
		for _, want := range []uint32{first, second, third, fourth, 0} {
			if got := w.pop(&s, Forever); got != want {
				t.Errorf("at %d: event %d, expected %d", at, got, want)
			}
		}
	}
}

// The packets of a whole network arrive as a heap would give them back.
func TestNetworkIsOnAHeap(t *testing.T) {
	for seed := range uint64(5) {
		n := newChatter(t, seed, "")
		var twin heapQueue
		n.Journal.OnEvent = func(e *Event) {
			switch e.Kind {
			case KindSend, KindCopy:
				twin.push(Time(e.Value), uint32(e.ID))
			case KindDeliver, KindDrop:
				if want := twin.pop(Forever); want != uint32(e.Cause) {
					t.Fatalf("seed %d at %v: packet %d arrives, the heap has packet %d", seed, e.At, e.Cause, want)
				}
			}
		}
		if play(n, 200*Millisecond); n.Journal.Count(KindDeliver) < 500 {
			t.Fatalf("seed %d: only %d packets arrived: the test sees too little", seed, n.Journal.Count(KindDeliver))
		}
	}
}
