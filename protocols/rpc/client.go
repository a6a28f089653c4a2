package rpc

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
	// of itself either way (default 10, none: -1), so that clients that failed together do not
	// come back together. Seed is the luck for that.
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

// Client is the client's network service: it sends calls, asks again, and
// matches replies.
type Client struct{ config ClientConfig }

// NewClient makes a client. It panics without a Table keyed ByFunction.
func NewClient(c ClientConfig) *Client { return &Client{c} }

// Call begins a call of a function ("Counter.add") with arguments that Marshal
// can write (generated stubs pass a struct) and returns its number. It fails when the
// table has no such function, MaxOutstanding calls wait, or the frame would
// be larger than MaxFrameBytes.
func (c *Client) Call(now int64, function string, arguments any) (number uint64, err error) {
	return c.CallBefore(now, 0, function, arguments)
}

// CallBefore is Call with a deadline of its own, an instant; 0: none.
func (c *Client) CallBefore(now, deadline int64, function string, arguments any) (number uint64, err error) {
	panic("not yet")
}

// Cancel ends a call: it returns with the error Cancelled, and the server is told.
func (c *Client) Cancel(now int64, number uint64) {}

// Receive takes one frame from a server.
func (c *Client) Receive(now int64, frame []byte) {}

// Resend asks again at once for all calls that wait: after a connection was
// lost and a new one is there. It counts as an attempt.
func (c *Client) Resend(now int64) {}

// Poll returns the next event.
func (c *Client) Poll() (Event, bool) { return Event{}, false }

// Output returns the next frame to send.
func (c *Client) Output() ([]byte, bool) { return nil, false }

// Deadline returns when Tick is due next; 0: not at all.
func (c *Client) Deadline() int64 { return 0 }

// Tick asks again, and gives up, where it is time to.
func (c *Client) Tick(now int64) {}

// Outstanding returns how many calls wait.
func (c *Client) Outstanding() int { return 0 }

// Waiting is a call that waits, for a picture.
type Waiting struct {
	Number   uint64
	Function string
	Attempts int
	Begun    int64
	Again    int64 // when the client asks again
	Deadline int64 // 0: none
}

// Waiting returns the i-th call that waits, the oldest first.
func (c *Client) Waiting(i int) Waiting { return Waiting{} }

// SetTable gives a running client another table, for calls that begin from now on.
func (c *Client) SetTable(t *Table) {}
