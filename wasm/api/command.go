package api

// Verb says what a Command asks for.
type Verb string

// The verbs. Each comment names the Command fields that the verb reads.
const (
	Open    Verb = "open"    // Run, At, Play: build this run, go to At, then play or wait there
	Play    Verb = "play"    // go on
	Pause   Verb = "pause"   // stop the clock
	Speed   Verb = "speed"   // Speed
	Step    Verb = "step"    // pause, then process exactly one event
	Seek    Verb = "seek"    // At: go to this instant, backwards too; playing or pausing stays as it is
	Act     Verb = "act"     // Do: act now. Later actions of the script are forgotten: the run forks here
	Inspect Verb = "inspect" // Node: report this node with every Status until told otherwise; -1 for none
	Follow  Verb = "follow"  // Packet: report this packet; 0 for none
	Watch   Verb = "watch"   // Span: report the last so many microseconds as a Sequence until told otherwise; 0 for none
	Painted Verb = "painted" // the last Picture is on the screen: the next one may come
)

// Command is one request of the page to the engine.
type Command struct {
	Verb   Verb    `cbor:"verb"`
	Run    *Run    `cbor:"run,omitempty"`
	At     int64   `cbor:"at,omitempty"` // microseconds of virtual time
	Play   bool    `cbor:"play,omitempty"`
	Speed  float64 `cbor:"speed,omitempty"` // virtual seconds per real second; 0 means as fast as it goes
	Do     string  `cbor:"do,omitempty"`
	Node   int     `cbor:"node,omitempty"`
	Packet uint64  `cbor:"packet,omitempty"`
	Span   int64   `cbor:"span,omitempty"` // microseconds of virtual time
}
