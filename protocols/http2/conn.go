package http2

// Conn is one end of a connection. Make one with NewClient or NewServer.
type Conn struct{}

// NewClient returns the end that opens streams.
func NewClient(config Config) *Conn { return &Conn{} }

// NewServer returns the end that answers them.
func NewServer(config Config) *Conn { return &Conn{} }

// Receive takes bytes that came from the peer. They are copied. What they
// mean comes out of Poll.
func (c *Conn) Receive(now int64, b []byte) {}

// Poll returns the next event. Without one there is nothing more to do but to
// send Output.
func (c *Conn) Poll() (Event, bool) { return Event{}, false }

// Output returns the bytes for the peer that the transport has not taken yet.
// They are valid until the next call of any other method.
func (c *Conn) Output() []byte { return nil }

// Sent says that the transport took the first n bytes of Output.
func (c *Conn) Sent(n int) {}

// Deadline returns when Tick is to be called, if ever.
func (c *Conn) Deadline() (at int64, ok bool) { return 0, false }

// Tick says that it is now. Nothing happens before the Deadline.
func (c *Conn) Tick(now int64) {}

// Disconnected says that the transport has ended: nothing will come any more.
func (c *Conn) Disconnected() {}

// Closed reports whether the connection is over. The Closed event says why.
func (c *Conn) Closed() bool { return false }

// CanOpen reports whether Open would find room for a stream.
func (c *Conn) CanOpen() bool { return false }

// Open sends a request's head on a new stream, and returns its number. Errors:
// ErrClosed, ErrGoingAway, ErrTooManyStreams, ErrOutputFull, *Misuse.
func (c *Conn) Open(fields []HeaderField, end bool) (stream uint32, err error) { return 0, nil }

// SendHeaders sends a response's head (with :status; 1xx ones first, if any)
// or, with end, trailers. Errors: ErrStreamClosed, ErrOutputFull, *Misuse.
func (c *Conn) SendHeaders(stream uint32, fields []HeaderField, end bool) error { return nil }

// SendData sends as much of b as both windows and Output have room for, and
// returns how much that was. When it is all, and end is set, the stream's
// sending side ends with it. When it is less, Writable will come; offer the
// rest then. Errors: ErrStreamClosed, *Misuse.
func (c *Conn) SendData(stream uint32, b []byte, end bool) (taken int, err error) { return 0, nil }

// Consume says that n bytes of the stream's Data are done with: the peer may
// send as many more. What a stream that is over still owes was given back
// when it ended: for it, Consume does nothing.
func (c *Conn) Consume(stream uint32, n int) {}

// Reset ends a stream at once. Nothing more comes of it, not even an event.
// For a stream that is over it does nothing.
func (c *Conn) Reset(stream uint32, code Code) {}

// GoAway ends the connection: with NoError in good order, so that no new
// streams are taken, those there are may finish, and then Closed comes; with
// any other code at once.
func (c *Conn) GoAway(code Code) {}

// Ping asks the peer for a Pong with the number returned. At most 16 may be
// unanswered; more are not sent, and ok is false.
func (c *Conn) Ping() (number uint64, ok bool) { return 0, false }

// Streams returns how many streams are open, of both sides.
func (c *Conn) Streams() int { return 0 }

// SendWindow returns how many bytes the peer lets us send on a stream, and
// ReceiveWindow how many we let it send; for stream 0, on the connection.
// They can be negative (RFC 9113 section 6.9.2); 0 for a stream that is over.
func (c *Conn) SendWindow(stream uint32) int    { return 0 }
func (c *Conn) ReceiveWindow(stream uint32) int { return 0 }

// StreamState returns where the stream is in RFC 9113's figure 2.
func (c *Conn) StreamState(stream uint32) State { return 0 }

// State is a stream's state; states.go has the table.
type State uint8
