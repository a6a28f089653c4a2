package rpc

// CallKey names a call everywhere: who calls, and which of its calls.
type CallKey struct{ Client, Number uint64 }

// Peer is where a server answers to: a connection (the caller's own number
// for it, or a node) and, on it, the transport's slot.
type Peer struct {
	Connection uint64
	Slot       uint32
}

// Step is what a machine did for a call.
type Step uint8

// The steps, in the order of a call that goes well: at the client, then at the
// server, then back at the client. With Steps off, a machine tells only those
// marked with a star.
const (
	Begun        Step = iota // client: the call entered the client stub
	LookedUp                 // both: Lookup says how the table was searched
	Marshalled               // both: Bytes of arguments, or of a result, were written
	Sent                     // both: a frame of Bytes went out, the first for this call
	Received                 // both: a frame of Bytes came in
	Execute                  // * server: Body holds the arguments; the caller is to execute, now or later
	Unmarshalled             // server: Bytes of arguments were read
	Executed                 // * server: the function was run and a reply is made; Err if it failed
	Returned                 // * client: the call is over: Body holds the result, or Err

	// What happens when something went wrong.
	Resent       // * client: a frame of Bytes went out again; Attempt says for the how-manieth time
	Late         // * client: a reply to a call that is over was thrown away
	Repeated     // * server: a duplicate, answered from the duplicate table; nothing was executed
	StillRunning // * server: a duplicate of a call that is being executed; it will be answered once
	Refused      // * server: not executed; Err was sent
	Stopped      // * server: cancelled (Err), or past its deadline; what Reply is told of it is not sent
	Forgotten    // * server: the duplicate table dropped a reply: it expired, or made room
	NotAFrame    // * both: bytes that are no frame came in and were dropped; Err's Text says why
	steps
)

// String names the step in lower case.
func (s Step) String() string {
	return [steps]string{"begun", "looked up", "marshalled", "sent", "received", "execute", "unmarshalled", "executed", "returned",
		"resent", "late", "repeated", "still running", "refused", "stopped", "forgotten", "not a frame"}[s]
}

// always are the steps told with Steps off.
var always = [steps]bool{Execute: true, Executed: true, Returned: true, Resent: true, Late: true, Repeated: true,
	StillRunning: true, Refused: true, Stopped: true, Forgotten: true, NotAFrame: true}

// Event is one step of one call. What its step has no use for is zero.
type Event struct {
	Step    Step
	Attempt uint8 // 0 for the first
	At      int64 // microseconds
	Call    CallKey
	// Execution numbers the executions of a server, from 1: what Reply wants.
	Execution uint64
	Function  string // "Counter.add"
	Bytes     int
	Lookup    Lookup
	Peer      Peer   // server: who asked
	Body      []byte // CBOR: arguments at Execute, the result at Returned
	Err       *Error
}

// events is a queue of them.
type events struct {
	queue []Event
	next  int
	all   bool // every step
}

func (q *events) add(e Event) {
	if q.all || always[e.Step] {
		q.queue = append(q.queue, e)
	}
}

func (q *events) poll() (Event, bool) {
	if q.next == len(q.queue) {
		q.queue, q.next = q.queue[:0], 0
		return Event{}, false
	}
	q.next++
	return q.queue[q.next-1], true
}
