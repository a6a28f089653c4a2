package queue

import (
	"testing"

	"grapevine/wasm/sim"
)

// What went in by value comes out by number, and nothing else does.
func TestValues(t *testing.T) {
	l := newLedger(1)
	for i := range 1200 {
		l.begin(0, 0, -1, 0)
		for _, size := range []int{1, 10, 40} {
			if got, ok := l.number(l.value(nil, i, size)); !ok || got != i {
				t.Fatalf("order %d came back as %d, %v", i, got, ok)
			}
		}
	}
	for _, text := range []string{"", "#", "#x", "17", "#1200", "#99999999999999999999", "#1 7"} {
		if n, ok := l.number([]byte(text)); ok {
			t.Errorf("%q is order %d", text, n)
		}
	}
}

// Notes keep what they are about.
func TestNotes(t *testing.T) {
	for _, x := range []struct {
		number    int
		partition int32
		offset    int64
	}{{0, 0, 0}, {1 << 30, 255, 1<<24 - 2}, {7, 3, 12}} {
		n, p, o := unpack(note(x.number, x.partition, x.offset))
		if n != x.number || p != x.partition || o != x.offset {
			t.Errorf("%v came back as %d, %d, %d", x, n, p, o)
		}
	}
	if _, _, o := unpack(note(1, 0, -1)); o != unknownOffset {
		t.Errorf("an unknown offset is %d", o)
	}
}

// The ledger tells a second reading from a second writing, and order from disorder.
func TestTake(t *testing.T) {
	l := newLedger(2)
	for i := range 6 {
		n := l.begin(0, i%2, i%3, 0)
		l.settle(sim.Time(i), n, acked, 0, int64(n))
	}
	l.watermark(0, 0, 6)
	g := l.group("g")
	for _, read := range []struct{ number, offset int }{{0, 0}, {2, 1}, {2, 1}, {2, 2}, {1, 3}, {4, 4}, {0, 5}} {
		l.take(1, read.number, g, 0, 0, int64(read.offset))
	}
	if l.again != 1 || l.copies != 2 || l.disordered != 0 || l.beyond != 0 {
		t.Errorf("again %d, copies %d, disordered %d, beyond %d", l.again, l.copies, l.disordered, l.beyond)
	}
	l.take(1, 5, g, 0, 0, 6)
	l.take(1, 3, g, 0, 0, 7)
	if l.disordered != 1 || l.beyond != 2 || l.scattered != 0 {
		t.Errorf("disordered %d, beyond %d, scattered %d", l.disordered, l.beyond, l.scattered)
	}
}

// A partition has two owners in one generation only if nobody gave it up.
func TestOwners(t *testing.T) {
	l := newLedger(1)
	l.own(0, 0, 1, 0, 5)
	l.disown(0, 0, 1, 0)
	l.own(0, 0, 1, 1, 5)
	l.own(0, 0, 1, 2, 6) // the old owner has not heard of the new generation
	if l.shared != 0 {
		t.Errorf("shared %d times", l.shared)
	}
	l.own(0, 0, 1, 3, 6)
	if l.shared != 1 {
		t.Errorf("shared %d times, expected 1", l.shared)
	}
}
