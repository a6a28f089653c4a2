package sim

// what says which of the kernel's queued events this is. It is the kernel's
// own affair; what the world sees is the journal's Kind.
type what uint8

const (
	isPacket    what = iota + 1 // arrives at node, from peer
	isLoss                      // a packet from peer to node dies here, halfway
	isTimer                     // wakes node; peer holds the Timer
	isWriteBack                 // node's disk writes its dirty pages back
)

// event is one thing that will happen. Pointer-free, so the collector never
// looks at the slab, and 64 bytes: one line of the cache, in which a short
// payload has its place too.
type event struct {
	at    Time
	cause EventID // the Send for packets; for timers, what the node was doing when it set it
	next  uint32  // the event behind this one in its slot, or in the free list; 0 ends the list
	node  NodeID
	peer  NodeID
	cell  cell   // the payload, 0 if it is short
	delay uint32 // packets: at - delay is when it was sent, in µs
	epoch uint32 // timers, write-backs: the epoch of the node that set it
	size  uint16 // payload bytes
	what  what
	code  uint8            // packets: the message kind, for the eye only
	why   Why              // isLoss: why it dies
	short [shortBytes]byte // the payload, if it fits
}

// shortBytes is how long a payload may be to travel in its event.
const shortBytes = 16

const (
	slabChunk = 4096
	slabShift = 12
)

// slab holds the queued events and hands out their places: number i lives at
// chunks[i/4096][i%4096]. It grows by chunks, never moves, and reuses the place freed last.
// Place 0 is never handed out, so that 0 can mean "none".
type slab struct {
	chunks []*[slabChunk]event
	free   uint32 // head of the free list
	used   uint32 // places ever handed out, place 0 included
	live   int    // places in use now
}

func (s *slab) at(i uint32) *event { return &s.chunks[i>>slabShift][i&(slabChunk-1)] }

func (s *slab) alloc() (uint32, *event) {
	s.live++
	if i := s.free; i != 0 {
		e := s.at(i)
		s.free = e.next
		return i, e
	}
	if s.used == 0 {
		s.used = 1
	}
	i := s.used
	if int(i>>slabShift) == len(s.chunks) {
		s.chunks = append(s.chunks, new([slabChunk]event))
	}
	s.used++
	return i, s.at(i)
}

func (s *slab) release(i uint32) {
	s.live--
	e := s.at(i)
	*e = event{next: s.free}
	s.free = i
}

func (s *slab) save() slab {
	kept := *s
	kept.chunks = copies(s.chunks)
	return kept
}

// copies returns pointers to copies.
func copies[T any](from []*T) []*T {
	to := make([]*T, len(from))
	for i, c := range from {
		copied := *c
		to[i] = &copied
	}
	return to
}
