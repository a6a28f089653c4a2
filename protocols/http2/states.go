package http2

// Theory of operation. A stream carries one exchange: a message from the
// client (the request) and one back. Two tables say what may happen on it.
//
// The first is figure 2 of RFC 9113, section 5.1: which end may still send.
// HEADERS open a stream, each end's END_STREAM closes its half, RST_STREAM by
// either end closes both. We neither push nor let push, so the reserved states
// are not in it. A step that a state does not allow is the caller's fault when
// we were to send, and the peer's when it came: then the fault in the table
// says what it costs.
//
// The second is section 8.1: what a message is made of. A head, perhaps after
// interim ones; then DATA; then perhaps trailers, which end it. Each half of a
// stream goes through it by itself. A message of another shape is malformed.
//
// Conn.move takes a stream through the first, stage.next each half of it
// through the second. When a stream's state becomes Done, the Conn forgets it
// but for its number (memory.go).

// State is where a stream is in its life.
type State uint8

const (
	Idle State = iota
	Open
	HalfClosedLocal  // we have sent all
	HalfClosedRemote // the peer has
	Done             // "closed" in the RFC
)

var stateNames = [...]string{"idle", "open", "half-closed (local)", "half-closed (remote)", "closed"}

func (s State) String() string { return stateNames[s] }

// Step is something that moves a stream, seen from this end.
type Step uint8

const (
	SendHeaders Step = iota
	SendData
	SendEnd // END_STREAM, counted after the frame it is on
	ReceiveHeaders
	ReceiveData
	ReceiveEnd
	AnyReset // RST_STREAM, whoever sends it
	steps
)

var stepNames = [steps]string{"send HEADERS", "send DATA", "send END_STREAM", "receive HEADERS", "receive DATA", "receive END_STREAM", "RST_STREAM"}

func (s Step) String() string { return stepNames[s] }

// Fault is what a step costs in a state that does not allow it.
type Fault uint8

const (
	Allowed    Fault = iota
	Ours             // returned to the caller
	NotOpen          // the peer's: connection error PROTOCOL_ERROR
	AfterEnd         // the peer's: stream error STREAM_CLOSED
	AfterClose       // the peer's: connection error STREAM_CLOSED; late frames after our own RST_STREAM are forgiven
)

// Move is an entry of the table: the state after the step, or the fault.
type Move struct {
	To    State
	Fault Fault
}

// Moves is the table: Moves[state][step].
var Moves = [...][steps]Move{
	Idle: {
		SendHeaders: {To: Open}, SendData: {Fault: Ours}, SendEnd: {Fault: Ours},
		ReceiveHeaders: {To: Open}, ReceiveData: {Fault: NotOpen}, ReceiveEnd: {Fault: NotOpen},
		AnyReset: {Fault: NotOpen},
	},
	Open: {
		SendHeaders: {To: Open}, SendData: {To: Open}, SendEnd: {To: HalfClosedLocal},
		ReceiveHeaders: {To: Open}, ReceiveData: {To: Open}, ReceiveEnd: {To: HalfClosedRemote},
		AnyReset: {To: Done},
	},
	HalfClosedLocal: {
		SendHeaders: {Fault: Ours}, SendData: {Fault: Ours}, SendEnd: {Fault: Ours},
		ReceiveHeaders: {To: HalfClosedLocal}, ReceiveData: {To: HalfClosedLocal}, ReceiveEnd: {To: Done},
		AnyReset: {To: Done},
	},
	HalfClosedRemote: {
		SendHeaders: {To: HalfClosedRemote}, SendData: {To: HalfClosedRemote}, SendEnd: {To: Done},
		ReceiveHeaders: {Fault: AfterEnd}, ReceiveData: {Fault: AfterEnd}, ReceiveEnd: {Fault: AfterEnd},
		AnyReset: {To: Done},
	},
	Done: {
		SendHeaders: {Fault: Ours}, SendData: {Fault: Ours}, SendEnd: {Fault: Ours},
		ReceiveHeaders: {Fault: AfterClose}, ReceiveData: {Fault: AfterEnd}, ReceiveEnd: {Fault: AfterEnd},
		AnyReset: {To: Done},
	},
}

// stage is how far one half of a stream is in its message.
type stage uint8

const (
	atHead stage = iota
	atBody
	atEnd
)

// part is a part of a message.
type part uint8

const (
	interim part = iota
	head
	data
	trailers
	endPart // END_STREAM, counted after the frame it is on
	parts
)

// messages[stage][part] is the stage after the part; false where it is malformed.
var messages = [...][parts]struct {
	to stage
	ok bool
}{
	atHead: {interim: {atHead, true}, head: {atBody, true}},
	atBody: {data: {atBody, true}, trailers: {atBody, true}, endPart: {atEnd, true}},
	atEnd:  {},
}

func (s *stage) next(p part) (ok bool) {
	m := messages[*s][p]
	if m.ok {
		*s = m.to
	}
	return m.ok
}
