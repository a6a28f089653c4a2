package api

// What became of a packet, in Sequence.Fate.
const (
	FateFlying  = 0
	FateArrived = 1
	FateLost    = 2 // it died halfway, at End
	FateRefused = 3 // it came to its receiver, who was down, at End
	FateDoomed  = 4 // it flies, and will die halfway, at End
)

// What a node did, in Sequence.SpanDoing.
const (
	DoingWork = 1
	DoingWait = 2
	DoingDown = 3
	DoingHeld = 4 // paused
)

// What happened to a node, in Sequence.MarkKind.
const (
	MarkCrash = 1
	MarkStart = 2
	MarkNote  = 3
)

// Sequence is the space-time view: what was sent between two instants, and
// what the nodes did meanwhile. Its three groups of columns have equal lengths
// each: packets in order of their sending, spans, marks.
type Sequence struct {
	Frame string  `cbor:"frame"` // "sequence"
	From  float64 `cbor:"from"`  // microseconds; later than asked for when there was too much
	Now   float64 `cbor:"now"`
	Span  float64 `cbor:"span"` // as asked for

	ID       Float64s `cbor:"id"`
	Sender   Uint32s  `cbor:"sender"`
	Receiver Uint32s  `cbor:"receiver"`
	Sent     Float64s `cbor:"sent"`
	End      Float64s `cbor:"end"` // when it arrives or dies; of one that flies, when it is due
	Kind     Uint8s   `cbor:"kind"`
	Fate     Uint8s   `cbor:"fate"`
	Copy     Uint8s   `cbor:"copy"` // 1: the network's second packet of one that was sent

	SpanNode  Uint32s  `cbor:"span_node"`
	SpanFrom  Float64s `cbor:"span_from"`
	SpanTo    Float64s `cbor:"span_to"`
	SpanDoing Uint8s   `cbor:"span_doing"`

	MarkNode Uint32s  `cbor:"mark_node"`
	MarkAt   Float64s `cbor:"mark_at"`
	MarkKind Uint8s   `cbor:"mark_kind"`
}
