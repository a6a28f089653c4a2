package sim

import "math/bits"

const (
	wheelBits   = 10
	wheelSlots  = 1 << wheelBits
	wheelLevels = 6 // 6 × 10 bits: times below 2^60 µs
)

// wheel is a hierarchical timing wheel (Varghese and Lauck 1987) over the
// slab: it gives events back in order of time, and events of one microsecond
// in the order they were pushed, without comparing two events.
//
// Level 0 has a slot for each of the 1024 microseconds that share now's upper
// bits; level 1 a slot for each 1024 µs that share now's bits above the second
// ten, and so on: an event waits at the level of the highest ten bits in
// which its time differs from now. When now enters a slot of an upper level,
// the slot's events are dealt out to the levels below, in their order. Nothing
// can have been pushed to the lower slots of that range before, so
// first-in-first-out survives the dealing.
//
// A slot of level 0 is a list through the events themselves. The upper levels
// hold only times and numbers, in batches that are read from end to end: with
// millions of events waiting, following a list from event to event there
// would miss the cache at every step, and took a third of a run's time.
type wheel struct {
	now   Time // never after the time of a queued event
	near  [wheelSlots]fifo
	far   [wheelLevels][wheelSlots]batchList // far[0] is not used
	busy  [wheelLevels]bitmap
	store batches
}

// bitmap has a bit for each slot that is not empty, and one for each word of
// them that is not zero.
type bitmap struct {
	words [wheelSlots / 64]uint64
	any   uint64
}

func (b *bitmap) set(slot int) {
	b.words[slot/64] |= 1 << (slot % 64)
	b.any |= 1 << (slot / 64)
}

func (b *bitmap) clear(slot int) {
	if b.words[slot/64] &^= 1 << (slot % 64); b.words[slot/64] == 0 {
		b.any &^= 1 << (slot / 64)
	}
}

// first returns the first slot that is set, or -1. Slots before now's own are
// never set: their events would be in the past.
func (b *bitmap) first() int {
	if b.any == 0 {
		return -1
	}
	word := bits.TrailingZeros64(b.any)
	return word*64 + bits.TrailingZeros64(b.words[word])
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
func (w *wheel) push(s *slab, i uint32) { w.place(s, s.at(i).at, i) }

func (w *wheel) place(s *slab, at Time, i uint32) {
	level := 0
	if diff := uint64(at ^ w.now); diff != 0 {
		level = (bits.Len64(diff) - 1) / wheelBits
	}
	slot := int(at>>(level*wheelBits)) & (wheelSlots - 1)
	w.busy[level].set(slot)
	if level == 0 {
		w.near[slot].push(s, i)
	} else {
		w.store.push(&w.far[level][slot], at, i)
	}
}

// pushFront queues events of one time before all others of that time, when
// nothing earlier is left in the queue.
func (w *wheel) pushFront(s *slab, events fifo) {
	if events.head == 0 {
		return
	}
	at := s.at(events.head).at
	for w.deal(s, at) {
	}
	// No slot that begins by then is left to enter, so now may be any time up to it.
	w.now = at
	slot := int(at) & (wheelSlots - 1)
	w.busy[0].set(slot)
	w.near[slot].join(s, events)
}

// pop takes out the earliest event whose time is at most limit; 0 if there is
// none. Time does not move past limit, so that whatever happens next there
// can still be pushed.
func (w *wheel) pop(s *slab, limit Time) uint32 {
	for {
		if slot := w.busy[0].first(); slot >= 0 {
			at := w.now&^(wheelSlots-1) | Time(slot)
			if at > limit {
				return 0
			}
			w.now = at
			f := &w.near[slot]
			i := f.head
			if f.head = s.at(i).next; f.head == 0 {
				w.busy[0].clear(slot)
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
		slot := w.busy[level].first()
		if slot < 0 {
			continue
		}
		span := Time(1) << (level * wheelBits)
		start := w.now&^(span*wheelSlots-1) | Time(slot)*span
		if start > limit {
			return false
		}
		w.now = start
		list := w.far[level][slot]
		w.far[level][slot] = batchList{}
		w.busy[level].clear(slot)
		for b := list.head; b != 0; {
			from := w.store.at(b)
			for k := range from.used {
				w.place(s, from.times[k], from.events[k])
			}
			next := from.next
			w.store.release(b)
			b = next
		}
		return true
	}
	return false
}

// save returns an independent copy.
func (w *wheel) save() wheel {
	kept := *w
	kept.store = w.store.save()
	return kept
}
