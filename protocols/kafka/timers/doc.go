// Package timers is how Kafka's machines know which of many deadlines is due:
// a heap, so that looking costs nothing and each change a few steps, however
// many sessions, rebalances and transactions are waiting. Ties go to the timer
// that was set first. The zero Heap is ready; its memory is the timers' own
// plus one pointer for each that is set.
//
// Duties of the caller: keep each Timer in one place while it is set (inside of
// what it times), and take out of Due all that is due:
//
//	for t, ok := heap.Due(now); ok; t, ok = heap.Due(now) {
//		... t.Of ...
//	}
//
// A timer that is set for a time that has passed is due at once, also within
// that loop: setting one for now each time it is due never ends.
//
// Left out: a wheel, which would cost less with millions of timers.
package timers
