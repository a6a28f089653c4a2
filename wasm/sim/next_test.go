package sim

import (
	"math/rand/v2"
	"testing"
)

// Next is when the queue's next event comes, however far away it is, and
// asking changes nothing.
func TestNext(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	w := twins{t: t}
	if next := w.wheel.next(); next <= Forever {
		t.Fatalf("an empty queue has its next event at %v", next)
	}
	for range 2000 {
		w.push(w.wheel.now + Time(luck.Uint64()>>(9+luck.IntN(55)))%Forever)
	}
	w.push(Forever)
	for w.heap.Len() > 0 {
		at := w.heap.items[0].at
		if next := w.wheel.next(); next != at {
			t.Fatalf("the next event is said to be at %v, it is at %v", next, at)
		}
		w.wheel.pop(&w.slab, at)
		w.heap.pop(at)
	}
}

// Next knows the script too.
func TestNextAction(t *testing.T) {
	n := New(1)
	n.AddRole("still", 1, still{})
	a, err := n.ParseAction(7, "crash still")
	if err == nil {
		err = n.Schedule(a)
	}
	if err != nil {
		t.Fatal(err)
	}
	if next := n.Next(); next != 0 {
		t.Errorf("before the run begins the next thing is due at %v, expected 0", next)
	}
	n.Advance(3, 100)
	if next := n.Next(); next != 7 {
		t.Errorf("the next thing is due at %v, expected 7µs", next)
	}
	n.Advance(8, 100)
	if next := n.Next(); next <= Forever {
		t.Errorf("after the last action something is due at %v", next)
	}
}

// still is a role that does nothing.
type still struct{}

func (still) Start(*Ctx)           {}
func (still) Deliver(*Ctx, Packet) {}
func (still) Wake(*Ctx, Timer)     {}
