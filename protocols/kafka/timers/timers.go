package timers

import "math"

// A Timer is a deadline of Of. It belongs to one Heap at a time. Keep it inside
// of what it times; the zero Timer (with Of) is not set.
type Timer[T any] struct {
	Of    T
	at    int64
	turn  uint64 // when it was set, for ties
	place int    // in the heap, from 1; 0: not set
}

// IsSet says whether the timer is waiting.
func (t *Timer[T]) IsSet() bool { return t.place > 0 }

// At returns when a set timer is due.
func (t *Timer[T]) At() int64 { return t.at }

// Heap keeps timers in order.
type Heap[T any] struct {
	timers []*Timer[T]
	turns  uint64
}

// Deadline returns when the first timer is due; math.MaxInt64: none is set.
func (h *Heap[T]) Deadline() int64 {
	if len(h.timers) == 0 {
		return math.MaxInt64
	}
	return h.timers[0].at
}

// Set makes the timer due at a time, whether it was set before or not.
func (h *Heap[T]) Set(t *Timer[T], at int64) {
	h.turns++
	t.at, t.turn = at, h.turns
	if t.place == 0 {
		h.timers = append(h.timers, t)
		t.place = len(h.timers)
	}
	h.settle(t)
}

// Stop makes the timer not set, if it was.
func (h *Heap[T]) Stop(t *Timer[T]) {
	if t.place == 0 {
		return
	}
	last := h.timers[len(h.timers)-1]
	h.timers[len(h.timers)-1] = nil
	h.timers = h.timers[:len(h.timers)-1]
	if last != t {
		h.put(last, t.place)
		h.settle(last)
	}
	t.place = 0
}

// Due takes out the first timer that is due by now, if there is one.
func (h *Heap[T]) Due(now int64) (t *Timer[T], ok bool) {
	if h.Deadline() > now || len(h.timers) == 0 {
		return nil, false
	}
	t = h.timers[0]
	h.Stop(t)
	return t, true
}

func (h *Heap[T]) put(t *Timer[T], place int) {
	h.timers[place-1] = t
	t.place = place
}

// settle moves a timer up or down to where it belongs.
func (h *Heap[T]) settle(t *Timer[T]) {
	place := t.place
	for place > 1 && before(t, h.timers[place/2-1]) {
		h.put(h.timers[place/2-1], place)
		place /= 2
	}
	for 2*place <= len(h.timers) {
		child := 2 * place
		if child < len(h.timers) && before(h.timers[child], h.timers[child-1]) {
			child++
		}
		if !before(h.timers[child-1], t) {
			break
		}
		h.put(h.timers[child-1], place)
		place = child
	}
	h.put(t, place)
}

func before[T any](a, b *Timer[T]) bool {
	return a.at < b.at || a.at == b.at && a.turn < b.turn
}
