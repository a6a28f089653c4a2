package grpc

import (
	"encoding/binary"

	"grapevine/protocols/http2"
)

// Call is one call, as one of its two ends sees it.
type Call struct {
	// Method is the path: "/grapevine.shop.v1.Shop/Price".
	Method string
	// Metadata is what the client sent along.
	Metadata Metadata
	// Deadline is when the call ends with DEADLINE_EXCEEDED: virtual time in
	// microseconds; math.MaxInt64 for never.
	Deadline int64
	// User is the caller's own.
	User any

	conn   *Conn
	stream uint32
	index  int // in conn.calls
	state  State

	// What came and was not handed out: the beginning of a message, or, when
	// the call is held, any number of them.
	in    []byte
	read  int // how much of it was handed out
	owed  int // bytes that came, for which the peer has not got credit
	held  bool
	ended bool        // the peer sends no more
	end   http2.Event // its last word

	// What was sent and waits for credit; then the trailers.
	queue     []byte
	sent      int  // how much of it was
	waiting   bool // for http's Writable
	queueEnds bool // the stream's sending side ends with the queue
	trailers  []http2.HeaderField
	cutShort  bool // the call was finished before the request was complete

	status       Status // as far as this end knows, when the state is Over
	encoding     string // of what this end sends
	peerEncoding string // of what it receives
	refused      string // the HTTP status for a request that is no gRPC
}

// State returns where the call is.
func (call *Call) State() State { return call.state }

// Stream returns the number of the call's HTTP/2 stream.
func (call *Call) Stream() uint32 { return call.stream }

// Status returns how the call ended; before it is Over, the zero Status. At a
// server it is what Finish was given, unless the call broke off before the
// client could be told.
func (call *Call) Status() Status { return call.status }

// Queued returns how many bytes wait for the peer's credit.
func (call *Call) Queued() int { return len(call.queue) - call.sent }

// Unread returns how many bytes have come and wait: for the rest of their
// message, or for Resume.
func (call *Call) Unread() int { return len(call.in) - call.read }

// Message is anything that can write itself behind b: a generated message, or Raw.
type Message interface{ Append(b []byte) []byte }

// Raw is a message's bytes.
type Raw []byte

// Append adds r to b.
func (r Raw) Append(b []byte) []byte { return append(b, r...) }

// Send sends a message. Errors: ErrOver, ErrFull, ErrTooLong, *Misuse.
func (call *Call) Send(m Message) error { return call.send(m, false) }

// SendLast sends a message and half-closes: the whole request, if it is unary (client).
func (call *Call) SendLast(m Message) error { return call.send(m, true) }

// CloseSend says that the client sends no more. Errors: ErrOver, *Misuse.
func (call *Call) CloseSend() error {
	if err := call.may(halfClose); err != nil {
		return err
	}
	return call.write(nil, true)
}

// Cancel ends the call at once (client; a server may finish it). Finished
// comes, with CANCELLED.
func (call *Call) Cancel() {
	if call.state == Over {
		return
	}
	c := call.conn
	c.http.Reset(call.stream, http2.Cancel)
	c.over(call, Errorf(Canceled, "this end cancelled the call"), nil)
}

// Hold keeps messages back, and the credit for them: the peer can send no more
// than the stream's window. Resume hands them out.
func (call *Call) Hold() { call.held = true }

// Resume ends Hold. What was kept back comes out of Poll.
func (call *Call) Resume() {
	if !call.held || call.state == Over {
		return
	}
	call.held = false
	call.conn.resumed = append(call.conn.resumed, call)
}

// may moves the call's state for something that our caller wants to send.
func (call *Call) may(m move) error {
	if call.state == Over {
		return ErrOver
	}
	if ours := m == sendRequest || m == halfClose; ours != call.conn.client {
		return misuse("only the other end of a call does this")
	}
	if !call.state.take(m) {
		return misuse("in the state %q this cannot be sent; see the table in states.go", call.state)
	}
	return nil
}

// headBytes is how long a message's head is: a flag, 1 for packed, and the length.
const headBytes = 5

func (call *Call) send(m Message, last bool) error {
	c := call.conn
	if call.Queued() > c.config.MaxQueuedBytes && call.state != Over {
		return ErrFull
	}
	if !c.client {
		if last {
			return misuse("SendLast is the client's; a server sends, and then finishes")
		}
		if call.state == Begun || call.state == Asked {
			if err := call.SendHeader(nil); err != nil {
				return err
			}
		}
	}
	before := call.state
	kind := sendResponse
	if c.client {
		kind = sendRequest
	}
	if err := call.may(kind); err != nil {
		return err
	}
	b := append(c.scratch[:0], 0, 0, 0, 0, 0)
	b = m.Append(b)
	c.scratch = b
	if len(b)-headBytes > c.config.MaxSendBytes {
		call.state = before
		return ErrTooLong
	}
	if call.encoding == Gzip && len(b) > headBytes {
		// What does not get shorter goes as it is.
		if packed := c.packer.pack(b[headBytes:]); len(packed) < len(b)-headBytes {
			b = append(b[:headBytes], packed...)
			b[0] = 1
		}
	}
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)-headBytes))
	if last {
		call.state.take(halfClose)
	}
	return call.write(b, last)
}

// write sends b, or as much as the peer has given credit for; the rest waits.
func (call *Call) write(b []byte, end bool) error {
	if call.waiting {
		call.queue = append(call.queue, b...)
		call.queueEnds = call.queueEnds || end
		return nil
	}
	taken, err := call.conn.http.SendData(call.stream, b, end)
	if err != nil {
		return ErrOver // the peer was faster: its event waits in Poll
	}
	if taken < len(b) {
		call.queue = append(call.queue, b[taken:]...)
		call.waiting, call.queueEnds = true, end
	}
	return nil
}

// flush sends what waits, now that there is credit.
func (c *Conn) flush(call *Call) {
	if !call.waiting {
		return
	}
	taken, err := c.http.SendData(call.stream, call.queue[call.sent:], call.queueEnds)
	call.sent += taken
	if err != nil || call.sent < len(call.queue) {
		return
	}
	call.queue, call.sent, call.waiting = call.queue[:0], 0, false
	switch {
	case call.trailers != nil:
		c.sendTrailers(call)
	case call.refused != "":
		c.remove(call)
	case !call.queueEnds:
		c.emit(Event{Kind: Writable, Call: call})
	}
}
