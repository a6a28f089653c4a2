package rpc

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ClientConfig is what a client is made with. Zero values mean the defaults.
type ClientConfig struct {
	// ID tells this life of this client from all others.
	ID uint64
	// Table leads from functions to Call IDs; keyed ByFunction.
	Table     *Table
	Semantics Semantics
	// TimeoutMicros is how long the client waits for a reply before it asks
	// again (default 500,000). The wait doubles with each attempt, up to
	// MaxTimeoutMicros (default 8,000,000), and differs by up to JitterPercent
	// of itself either way (default 10; -1: none), so that clients that failed
	// together do not come back together. Seed is the luck for that.
	TimeoutMicros, MaxTimeoutMicros int64
	JitterPercent                   int
	Seed                            uint64
	// MaxAttempts is how often a call is sent at most (default 5).
	MaxAttempts int
	// DeadlineMicros is how long a call may take in all; 0: for ever.
	DeadlineMicros int64
	// MaxOutstanding is how many calls may wait at once (default 1024).
	MaxOutstanding int
	// MaxFrameBytes is the largest frame sent or taken (default 65,536).
	MaxFrameBytes int
	// Steps tells every step of a call, not only those that matter to the program.
	Steps bool
}

// Client is the client's network service: it sends calls to one server, asks
// again, and matches replies.
type Client struct {
	config ClientConfig
	last   uint64        // number of the latest call
	boot   uint64        // of the server, as last heard
	calls  []*clientCall // that wait, by number
	free   []*clientCall // to be used again
	next   int64         // no call has anything to do before this; 0: never
	args   bytes.Buffer
	out    outbox
	events events
}

// clientCall is a call that waits.
type clientCall struct {
	number    uint64
	entry     Entry
	arguments []byte
	boot      uint64 // of the life of the server that it is meant for
	state     clientState
	attempts  int
	begun     int64
	again     int64
	deadline  int64
}

// NewClient makes a client. It panics without a Table keyed ByFunction.
func NewClient(c ClientConfig) *Client {
	if c.Table == nil || c.Table.key != ByFunction {
		panic("rpc: a client needs a table keyed ByFunction")
	}
	c.TimeoutMicros = cmp.Or(c.TimeoutMicros, 500_000)
	c.MaxTimeoutMicros = max(cmp.Or(c.MaxTimeoutMicros, 8_000_000), c.TimeoutMicros)
	c.JitterPercent = min(max(cmp.Or(c.JitterPercent, 10), 0), 100)
	c.MaxAttempts = min(cmp.Or(c.MaxAttempts, 5), maxAttempts)
	if !c.Semantics.retries() {
		c.MaxAttempts = 1
	}
	c.MaxOutstanding = cmp.Or(c.MaxOutstanding, 1024)
	c.MaxFrameBytes = cmp.Or(c.MaxFrameBytes, defaultFrameBytes)
	return &Client{config: c, events: events{all: c.Steps}}
}

const (
	maxAttempts       = 255 // an attempt is numbered in a byte
	defaultFrameBytes = 65_536
)

// The caller's own faults.
var (
	// ErrFull says that no more calls, or frames, may wait.
	ErrFull = errors.New("rpc: as much waits already as may; try again when something has returned")
	// ErrTooLarge says that a frame would be larger than MaxFrameBytes.
	ErrTooLarge = errors.New("rpc: the frame would be larger than maxFrameBytes; send less, or raise the limit at both ends")
)

// Call begins a call of a function ("Counter.add") with arguments that Marshal
// can write (generated stubs pass a struct) and returns its number. It fails
// when the table has no such function, MaxOutstanding calls wait, or the frame
// would be larger than MaxFrameBytes.
func (c *Client) Call(now int64, function string, arguments any) (number uint64, err error) {
	if len(c.calls) >= c.config.MaxOutstanding {
		return 0, ErrFull
	}
	key := CallKey{c.config.ID, c.last + 1}
	c.events.add(Event{Step: Begun, At: now, Call: key, Function: function})
	entry, found := c.config.Table.Function(function)
	c.events.add(Event{Step: LookedUp, At: now, Call: key, Function: function, Lookup: found})
	if !found.Found {
		return 0, fmt.Errorf("rpc: the client's table has no function %q; give it one, and the server the same Call ID for it", function)
	}
	c.args.Reset()
	if err := marshal(&c.args, arguments); err != nil {
		return 0, fmt.Errorf("rpc: the arguments of %s cannot be written: %w", function, err)
	}
	if c.args.Len()+maxHeadBytes > c.config.MaxFrameBytes {
		return 0, ErrTooLarge
	}
	c.events.add(Event{Step: Marshalled, At: now, Call: key, Function: function, Bytes: c.args.Len()})
	deadline := int64(0)
	if c.config.DeadlineMicros > 0 {
		deadline = now + c.config.DeadlineMicros
	}
	c.last++
	w := c.spare()
	w.number, w.entry, w.boot, w.state, w.attempts, w.begun, w.deadline = c.last, entry, c.boot, asking, 0, now, deadline
	w.arguments = append(w.arguments[:0], c.args.Bytes()...)
	c.calls = append(c.calls, w)
	c.send(now, w)
	return w.number, nil
}

// maxHeadBytes is the most that a frame has around its body.
const maxHeadBytes = 1 + 1 + 9 + 9 + 2 + 9 + 2 + MaxNameBytes + 5 + 9 + 5

// spare returns a call to fill in.
func (c *Client) spare() *clientCall {
	if n := len(c.free); n > 0 {
		w := c.free[n-1]
		c.free = c.free[:n-1]
		return w
	}
	return new(clientCall)
}

// send sends a call, for the first time or again, and sets its wait.
func (c *Client) send(now int64, w *clientCall) {
	f := Frame{Kind: Request, Attempt: uint8(w.attempts), Call: CallKey{c.config.ID, w.number}, Boot: w.boot,
		ID: w.entry.ID, Signature: w.entry.Signature, Body: w.arguments}
	if w.deadline > 0 {
		f.Budget = max(w.deadline-now, 1)
	}
	step := Sent
	if w.attempts > 0 {
		step = Resent
	}
	n := c.out.add(Peer{}, f)
	c.events.add(Event{Step: step, At: now, Call: f.Call, Attempt: f.Attempt, Function: w.entry.Function, Bytes: n})
	w.attempts++
	c.wait(now, w)
}

// wait sets when the call is asked for again.
func (c *Client) wait(now int64, w *clientCall) {
	w.again = now + c.config.waitMicros(w.number, w.attempts)
	c.next = earlier(c.next, earlier(w.again, w.deadline))
}

// waitMicros is how long the client waits after it has sent a call so many
// times: TimeoutMicros * 2^(attempts-1), at most MaxTimeoutMicros, give or take
// up to JitterPercent of it. The luck depends on Seed, call and attempt alone.
func (c *ClientConfig) waitMicros(number uint64, attempts int) int64 {
	wait := c.TimeoutMicros
	for i := 1; i < attempts && wait < c.MaxTimeoutMicros; i++ {
		wait *= 2
	}
	wait = min(wait, c.MaxTimeoutMicros)
	spread := wait / 100 * int64(c.JitterPercent)
	if spread == 0 {
		return wait
	}
	luck := mix(mix(mix(c.Seed)+number) + uint64(attempts))
	return max(wait-spread+int64(luck%uint64(2*spread+1)), 1)
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014), which turns
// any counter into bits that pass for random.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Cancel ends a call: it returns with the error Cancelled, and the server is told.
func (c *Client) Cancel(now int64, number uint64) {
	if i, ok := c.find(number); ok {
		c.move(now, i, cancelled, nil, &Error{Code: Cancelled})
	}
}

// Receive takes one frame from the server.
func (c *Client) Receive(now int64, frame []byte) {
	f, fault := readFrameOf(frame, c.config.MaxFrameBytes)
	if fault == nil && (f.Kind != Reply && f.Kind != Failure || f.Call.Client != c.config.ID) {
		fault = errNotForMe
	}
	if fault != nil {
		c.events.add(Event{Step: NotAFrame, At: now, Bytes: len(frame), Err: &Error{Text: fault.text}})
		return
	}
	c.boot = max(c.boot, f.Boot)
	i, waits := c.find(f.Call.Number)
	if !waits || f.Kind == Failure && f.Code == Restarted && c.calls[i].boot >= f.Boot {
		// The second is the answer to an attempt made before the boot was known.
		c.events.add(Event{Step: Late, At: now, Call: f.Call, Bytes: len(frame)})
		return
	}
	w := c.calls[i]
	c.events.add(Event{Step: Received, At: now, Call: f.Call, Function: w.entry.Function, Bytes: len(frame)})
	if f.Kind == Reply {
		c.move(now, i, gotReply, f.Body, nil)
		return
	}
	err, input := &Error{f.Code, string(f.Body)}, gotReply
	more := w.attempts < c.config.MaxAttempts
	switch {
	case codes[f.Code].again && more:
		input = gotBusy
	case f.Code == Restarted && w.boot == 0 && f.Boot != 0:
		input, w.boot = gotBoot, f.Boot
	}
	c.move(now, i, input, nil, err)
}

var errNotForMe = &FrameError{"it is not for this client: no reply or error, or one for another client's call"}

// readFrameOf reads a frame of at most so many bytes.
func readFrameOf(b []byte, maxBytes int) (Frame, *FrameError) {
	if len(b) > maxBytes {
		return Frame{}, errFrameSize
	}
	return ReadFrame(b)
}

// move lets something happen to the i-th call that waits. body and err are
// what it returns with, if it does.
func (c *Client) move(now int64, i int, input clientInput, body []byte, err *Error) {
	w := c.calls[i]
	m := clientMoves[w.state][input]
	w.state = m.next
	key := CallKey{c.config.ID, w.number}
	switch m.do {
	case ask:
		c.send(now, w)
	case tellAndReturn:
		c.out.add(Peer{}, Frame{Kind: Cancel, Call: key})
		fallthrough
	case returns:
		c.events.add(Event{Step: Returned, At: now, Call: key, Function: w.entry.Function, Attempt: uint8(w.attempts - 1), Body: body, Bytes: len(body), Err: err})
		c.calls = slices.Delete(c.calls, i, i+1)
		if cap(w.arguments) > maxSpareBytes {
			w.arguments = nil
		}
		c.free = append(c.free, w)
		if len(c.calls) == 0 {
			c.next = 0
		}
	}
}

// maxSpareBytes is what a buffer may keep between two uses.
const maxSpareBytes = 4096

func (c *Client) find(number uint64) (int, bool) {
	return slices.BinarySearchFunc(c.calls, number, func(w *clientCall, n uint64) int { return cmp.Compare(w.number, n) })
}

// Resend asks again at once for all calls that wait: after a connection was
// lost and a new one is there. It counts as an attempt.
func (c *Client) Resend(now int64) {
	for i, w := range c.calls {
		if w.attempts < c.config.MaxAttempts {
			c.move(now, i, lostTouch, nil, nil)
		}
	}
}

// Tick asks again, and gives up, where it is time to.
func (c *Client) Tick(now int64) {
	for i := 0; i < len(c.calls); {
		w, waiting := c.calls[i], len(c.calls)
		switch {
		case w.deadline > 0 && now >= w.deadline:
			c.move(now, i, tooLate, nil, &Error{Code: Expired})
		case now < w.again:
		case w.attempts < c.config.MaxAttempts:
			c.move(now, i, waitOver, nil, nil)
		default:
			c.move(now, i, spent, nil, &Error{Code: Unanswered})
		}
		if len(c.calls) == waiting {
			i++
		}
	}
	c.next = 0
	for _, w := range c.calls {
		c.next = earlier(c.next, earlier(w.again, w.deadline))
	}
}

// Deadline returns when Tick is due next; 0: not at all. There may then turn
// out to be nothing to do.
func (c *Client) Deadline() int64 { return c.next }

// Poll returns the next event.
func (c *Client) Poll() (Event, bool) { return c.events.poll() }

// Output returns the next frame to send.
func (c *Client) Output() ([]byte, bool) {
	_, frame, ok := c.out.take()
	return frame, ok
}

// SetTable gives a running client another table, for calls that begin from now on.
func (c *Client) SetTable(t *Table) { c.config.Table = t }

// Outstanding returns how many calls wait.
func (c *Client) Outstanding() int { return len(c.calls) }

// Waiting is a call that waits, for a picture.
type Waiting struct {
	Number   uint64
	Function string
	Attempts int
	Busy     bool // the server said so: the client pauses
	Begun    int64
	Again    int64 // when the client asks again
	Deadline int64 // 0: none
}

// Waiting returns the i-th call that waits, the oldest first.
func (c *Client) Waiting(i int) Waiting {
	w := c.calls[i]
	return Waiting{w.number, w.entry.Function, w.attempts, w.state == pausing, w.begun, w.again, w.deadline}
}
