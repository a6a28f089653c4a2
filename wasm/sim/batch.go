package sim

const (
	batchEvents = 20 // makes a batch 248 bytes: four lines of cache
	batchChunk  = 256
)

// batch is a run of waiting events: when, and where in the slab.
type batch struct {
	next   uint32 // the batch behind this one, or in the free list; 0 ends the list
	used   uint32
	times  [batchEvents]Time
	events [batchEvents]uint32
}

// batchList is a list of batches, all full but the last.
type batchList struct{ head, tail uint32 }

// batches hands out batches as the slab does events: by chunks that never
// move, the one freed last first, and none has the number 0.
type batches struct {
	chunks []*[batchChunk]batch
	free   uint32
	used   uint32
}

func (s *batches) at(b uint32) *batch { return &s.chunks[b/batchChunk][b%batchChunk] }

func (s *batches) push(l *batchList, at Time, event uint32) {
	var last *batch
	if l.tail != 0 {
		last = s.at(l.tail)
	}
	if last == nil || last.used == batchEvents {
		b := s.alloc()
		if last == nil {
			l.head = b
		} else {
			last.next = b
		}
		l.tail = b
		last = s.at(b)
	}
	last.times[last.used], last.events[last.used] = at, event
	last.used++
}

func (s *batches) alloc() uint32 {
	if b := s.free; b != 0 {
		free := s.at(b)
		s.free = free.next
		free.next, free.used = 0, 0
		return b
	}
	s.used = max(s.used, 1)
	if int(s.used/batchChunk) == len(s.chunks) {
		s.chunks = append(s.chunks, new([batchChunk]batch))
	}
	s.used++
	return s.used - 1
}

func (s *batches) release(b uint32) {
	s.at(b).next = s.free
	s.free = b
}

func (s *batches) save() batches {
	kept := *s
	kept.chunks = copies(s.chunks)
	return kept
}
