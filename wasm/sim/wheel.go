package sim

import "math/bits"

const (
	wheelBits   = 8
	wheelSlots  = 1 << wheelBits
	wheelLevels = 7 // 7 × 8 bits: times below 2^56 µs
)

// wheel is a hierarchical timing wheel (Varghese and Lauck 1987) over the
// slab: it gives events back in order of time, and events of one microsecond
// in the order they were pushed, without comparing two events.
//
// Level 0 has a slot for each of the 256 microseconds that share now's upper
// bytes; level 1 a slot for each 256 µs that share now's bytes above the
// second, and so on: an event waits at the level of the highest byte in which
// its time differs from now. When now enters a slot of an upper level, the
// slot's list is dealt out to the levels below, in its order. Nothing can have been
// pushed to the lower slots of that range before, so first-in-first-out
// survives the dealing.
type wheel struct {
	now   Time // never after the time of a queued event
	slots [wheelLevels][wheelSlots]fifo
	// busy has a bit for each slot that is not empty.
	busy [wheelLevels][wheelSlots / 64]uint64
}

// fifo is a list of events linked by event.next.
type fifo struct{ head, tail uint32 }

func (f *fifo) push(s *slab, i uint32) {
	s.at(i).next = 0
	if f.head == 0 {
		f.head = i
	} else {
		s.at(f.tail).next = i
	}
	f.tail = i
}

// join puts the events of front before those of f.
func (f *fifo) join(s *slab, front fifo) {
	s.at(front.tail).next = f.head
	if f.head == 0 {
		f.tail = front.tail
	}
	f.head = front.head
}

// push queues event i at its time, which must not be before w.now.
func (w *wheel) push(s *slab, i uint32) { w.slot(s.at(i).at).push(s, i) }

// pushFront queues events of one time before all others of that time.
func (w *wheel) pushFront(s *slab, events fifo) {
	if events.head != 0 {
		w.slot(s.at(events.head).at).join(s, events)
	}
}

// slot returns the slot for a time, which is about to be used. All events of
// one time are in the same slot.
func (w *wheel) slot(at Time) *fifo {
	level := 0
	if diff := uint64(at ^ w.now); diff != 0 {
		level = (bits.Len64(diff) - 1) / wheelBits
	}
	slot := int(at>>(level*wheelBits)) & (wheelSlots - 1)
	w.busy[level][slot/64] |= 1 << (slot % 64)
	return &w.slots[level][slot]
}

// pop takes out the earliest event whose time is at most limit; 0 if there is
// none. Time does not move past limit, so that whatever happens next there
// can still be pushed.
func (w *wheel) pop(s *slab, limit Time) uint32 {
	for {
		if slot := w.first(0); slot >= 0 {
			at := w.now&^(wheelSlots-1) | Time(slot)
			if at > limit {
				return 0
			}
			w.now = at
			f := &w.slots[0][slot]
			i := f.head
			if f.head = s.at(i).next; f.head == 0 {
				w.busy[0][slot/64] &^= 1 << (slot % 64)
			}
			return i
		}
		if !w.deal(s, limit) {
			return 0
		}
	}
}

// deal enters the next busy slot above level 0, if it begins by limit, and
// moves its events down.
func (w *wheel) deal(s *slab, limit Time) bool {
	for level := 1; level < wheelLevels; level++ {
		slot := w.first(level)
		if slot < 0 {
			continue
		}
		span := Time(1) << (level * wheelBits)
		start := w.now&^(span*wheelSlots-1) | Time(slot)*span
		if start > limit {
			return false
		}
		w.now = start
		f := w.slots[level][slot]
		w.slots[level][slot] = fifo{}
		w.busy[level][slot/64] &^= 1 << (slot % 64)
		for i := f.head; i != 0; {
			next := s.at(i).next
			w.push(s, i)
			i = next
		}
		return true
	}
	return false
}

// first returns the first busy slot of a level, or -1. Slots before now's
// own are empty: their events would be in the past.
func (w *wheel) first(level int) int {
	for word, set := range w.busy[level] {
		if set != 0 {
			return word*64 + bits.TrailingZeros64(set)
		}
	}
	return -1
}
