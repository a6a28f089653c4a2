package grpc

import (
	"math"

	"grapevine/protocols/http2"
)

// Config says how a Conn behaves. A zero field stands for its default.
type Config struct {
	// MaxReceiveBytes is the longest message taken, as sent and unpacked.
	// Default 4 MiB. A longer one ends its call with RESOURCE_EXHAUSTED.
	MaxReceiveBytes int
	// MaxSendBytes is the longest message sent. Default 2^31-1.
	MaxSendBytes int
	// MaxQueuedBytes is how much of a call's messages may wait for the peer to
	// give credit; one message always may. Default 64 KiB.
	MaxQueuedBytes int
	// Authority is what a client calls the server (":authority"). Default "localhost".
	Authority string
	// UserAgent is what a client calls itself. Default "grpc-grapevine/1".
	UserAgent string
	// HTTP2 is for the connection below: windows, limits, keepalive.
	HTTP2 http2.Config

	_ struct{}
}

func (c Config) withDefaults() Config {
	if c.MaxReceiveBytes <= 0 {
		c.MaxReceiveBytes = 4 << 20
	}
	if c.MaxSendBytes <= 0 || c.MaxSendBytes > math.MaxInt32 {
		c.MaxSendBytes = math.MaxInt32
	}
	if c.MaxQueuedBytes <= 0 {
		c.MaxQueuedBytes = 64 << 10
	}
	if c.Authority == "" {
		c.Authority = "localhost"
	}
	if c.UserAgent == "" {
		c.UserAgent = "grpc-grapevine/1"
	}
	return c
}

// Conn is one end of a gRPC connection. Make one with NewClient or NewServer.
type Conn struct {
	http   *http2.Conn
	config Config
	client bool
	now    int64

	calls    []*Call // those that are not over, in no particular order
	byStream map[uint32]*Call
	next     int64 // the earliest deadline of calls, never if none

	events  []Event // made, not yet polled
	polled  int     // how many of them were
	reading *Call   // the one whose messages are being handed out
	chunk   []byte  // what http handed out for it: not copied
	resumed []*Call // those whose Hold ended

	fields  []http2.HeaderField // scratch
	scratch []byte
	packer  packer
}

const never = math.MaxInt64

// NewClient returns the end that calls.
func NewClient(config Config) *Conn { return newConn(config, true) }

// NewServer returns the end that is called.
func NewServer(config Config) *Conn { return newConn(config, false) }

func newConn(config Config, client bool) *Conn {
	c := &Conn{config: config.withDefaults(), client: client, byStream: map[uint32]*Call{}, next: never}
	if client {
		c.http = http2.NewClient(config.HTTP2)
	} else {
		c.http = http2.NewServer(config.HTTP2)
	}
	return c
}

// Receive takes bytes that came from the peer. What they mean comes out of Poll.
func (c *Conn) Receive(now int64, b []byte) {
	c.now = now
	if len(c.chunk) > 0 { // Poll was not drained; http reuses this memory
		c.reading.in = append(c.reading.in[:0], c.chunk...)
		c.reading.read, c.chunk = 0, nil
	}
	c.http.Receive(now, b)
}

// Output returns the bytes for the peer that the transport has not taken yet,
// valid until the next call of any other method.
func (c *Conn) Output() []byte { return c.http.Output() }

// Sent says that the transport took the first n bytes of Output.
func (c *Conn) Sent(n int) { c.http.Sent(n) }

// Deadline returns when Tick is to be called, if ever.
func (c *Conn) Deadline() (at int64, ok bool) {
	at, ok = c.http.Deadline()
	if !ok {
		at = never
	}
	at = min(at, c.next)
	return at, at != never
}

// Tick says that it is now: calls whose deadline is over end.
func (c *Conn) Tick(now int64) {
	c.now = now
	c.http.Tick(now)
	for c.next <= now {
		for i := 0; i < len(c.calls); i++ {
			if call := c.calls[i]; call.Deadline <= now {
				c.expire(call)
				i-- // the last call took its place
			}
		}
		c.findNext()
	}
}

func (c *Conn) findNext() {
	c.next = never
	for _, call := range c.calls {
		c.next = min(c.next, call.Deadline)
	}
}

// Disconnected says that the transport ended: nothing will come any more.
func (c *Conn) Disconnected() { c.http.Disconnected() }

// Shutdown ends the connection in good order: no new calls, those there are go on.
func (c *Conn) Shutdown() { c.http.GoAway(http2.NoError) }

// Closed reports whether the connection is over.
func (c *Conn) Closed() bool { return c.http.Closed() }

// Calls returns how many calls are not over.
func (c *Conn) Calls() int { return len(c.calls) }

// HTTP returns the connection below, for those who want to see its windows and
// states. What changes it is not to be called.
func (c *Conn) HTTP() *http2.Conn { return c.http }

// Poll returns the next event. Without one there is nothing more to do but to
// send Output.
func (c *Conn) Poll() (Event, bool) {
	for {
		if c.polled < len(c.events) {
			e := c.events[c.polled]
			c.events[c.polled] = Event{}
			c.polled++
			return e, true
		}
		c.events, c.polled = c.events[:0], 0
		if c.reading != nil {
			if e, ok := c.nextMessage(c.reading); ok {
				return e, true
			}
			c.reading, c.chunk = nil, nil
			continue // it may have made events
		}
		if len(c.resumed) > 0 {
			c.reading, c.resumed = c.resumed[0], c.resumed[1:]
			continue
		}
		e, ok := c.http.Poll()
		if !ok {
			return Event{}, false
		}
		c.handle(e)
	}
}

func (c *Conn) emit(e Event) { c.events = append(c.events, e) }

// handle turns what happened below to what it means for a call.
func (c *Conn) handle(e http2.Event) {
	call := c.byStream[e.Stream]
	switch e.Kind {
	case http2.Headers:
		if c.client && call != nil {
			c.answered(call, e)
		} else if !c.client {
			c.called(e)
		}
	case http2.Data:
		if call == nil {
			c.http.Consume(e.Stream, len(e.Bytes))
			break
		}
		c.data(call, e)
	case http2.Trailers:
		if call != nil {
			c.peerEnds(call, e)
		}
	case http2.Reset:
		if call != nil {
			c.wasReset(call, e)
		}
	case http2.Writable:
		if call != nil {
			c.flush(call)
		}
	case http2.Settings:
		c.emit(Event{Kind: Ready})
	case http2.GoAway:
		c.emit(Event{Kind: GoingAway, Status: Status{Code: Unavailable, Message: e.Code.String() + " " + string(e.Bytes)}})
	case http2.Closed:
		c.lost(e.Err)
	}
}

// add makes a call one of those that are not over.
func (c *Conn) add(call *Call) {
	call.conn, call.index = c, len(c.calls)
	c.calls = append(c.calls, call)
	c.byStream[call.stream] = call
	c.next = min(c.next, call.Deadline)
}

// gone is the index of a call that was removed.
const gone = -1

// remove forgets a call that is over.
func (c *Conn) remove(call *Call) {
	call.state = Over
	call.queue, call.in, call.trailers = nil, nil, nil
	call.sent, call.read = 0, 0
	last := c.calls[len(c.calls)-1]
	c.calls[call.index], last.index = last, call.index
	c.calls[len(c.calls)-1] = nil
	c.calls = c.calls[:len(c.calls)-1]
	delete(c.byStream, call.stream)
	call.index = gone
	if call.Deadline == c.next {
		c.findNext()
	}
}

// over ends a call with a status that this end made up, and tells.
func (c *Conn) over(call *Call, status Status, trailers Metadata) {
	if call.index == gone {
		return
	}
	// Of a call that its server has finished, only the sending remained; of one
	// that was refused nobody heard.
	silent := call.state == Over || call.refused != ""
	call.status = status
	c.remove(call)
	if silent {
		return
	}
	kind := Cancelled
	if c.client {
		kind = Finished
	}
	c.emit(Event{Kind: kind, Call: call, Status: status, Metadata: trailers})
}

// wasReset ends a call that the peer has reset, or that http has because of
// what the peer did.
func (c *Conn) wasReset(call *Call, e http2.Event) {
	status := Errorf(ofReset(e.Code), "the stream was reset: %v", e.Code)
	if e.Err != nil {
		status.Message = e.Err.Error()
	}
	if e.Code == http2.Cancel && c.now >= call.Deadline {
		status = Errorf(DeadlineExceeded, "the stream was reset after the deadline")
	}
	c.over(call, status, nil)
}

// lost ends everything, because the connection has.
func (c *Conn) lost(err error) {
	status := Errorf(Unavailable, "the connection is closed")
	if err != nil {
		status.Message = err.Error()
	}
	for len(c.calls) > 0 {
		c.over(c.calls[0], status, nil)
	}
	c.emit(Event{Kind: Closed, Err: err})
}

// expire ends a call whose deadline is over. Both ends do so by themselves:
// the client must not wait for a server that may be gone, the server must not
// work for a client that is.
func (c *Conn) expire(call *Call) {
	c.abort(call, Errorf(DeadlineExceeded, "the deadline is over"))
}

// abort ends a call by this end's decision, and tells both our caller and the peer.
func (c *Conn) abort(call *Call, status Status) {
	if !c.client && !call.waiting && call.state != Over && call.refused == "" {
		c.emit(Event{Kind: Cancelled, Call: call, Status: status})
		call.Finish(status, nil)
		return
	}
	// A server in the middle of a message cannot put a status behind it.
	c.http.Reset(call.stream, http2.Cancel)
	c.over(call, status, nil)
}
