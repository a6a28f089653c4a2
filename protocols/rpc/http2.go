package rpc

import (
	"fmt"

	"grapevine/protocols/http2"
)

// Frames over HTTP/2 (RFC 9113)
//
// Behaviour: each frame has a stream of its own: a POST to /rpc, its body the
// frame; the answer's body is the frame that answers it, with status 200; or
// there is none, with 204. Calls do not wait for each other, except where the
// stream of bytes below has lost something.
//
// Versions: HTTP/2 with prior knowledge alone.
//
// Not done: RST_STREAM for a call that is cancelled (it is said in a frame, as
// on the other transports).
type overHTTP2 struct {
	conn   *http2.Conn
	server bool
	limits TransportLimits
	// streams has those of open exchanges; it is never looped over.
	streams map[uint32]*exchange2
	free    []*exchange2
	ready   []*exchange2 // whose frame has come, to be given out by Poll
	given   *exchange2   // what Poll returned last
	queue   pipe         // client: frames that wait for a stream to be free
	queued  []int        // their lengths
	unsent  int          // bytes held back by flow control, over all streams
	err     error
}

// exchange2 is one stream.
type exchange2 struct {
	stream  uint32
	in      []byte // the peer's body
	out     []byte // what flow control holds back
	refused bool   // the peer's message is not ours, and was answered
	given   bool   // server: its frame was given out, and an answer is due
}

var (
	requestFields = []http2.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/rpc"},
		{Name: ":authority", Value: "rpc"}, {Name: "content-type", Value: contentTypeRPC}}
	okFields    = []http2.HeaderField{{Name: ":status", Value: "200"}, {Name: "content-type", Value: contentTypeRPC}}
	emptyFields = []http2.HeaderField{{Name: ":status", Value: "204"}}
)

func newHTTP2(l TransportLimits, server bool) *overHTTP2 {
	config := http2.Config{MaxStreams: l.MaxStreams, MaxOutputBytes: l.MaxQueueBytes, MaxHeaderListBytes: l.MaxHeadBytes}
	t := &overHTTP2{server: server, limits: l, streams: map[uint32]*exchange2{}}
	if server {
		t.conn = http2.NewServer(config)
	} else {
		t.conn = http2.NewClient(config)
	}
	return t
}

func (t *overHTTP2) Receive(now int64, b []byte) { t.conn.Receive(now, b) }
func (t *overHTTP2) Output() []byte              { return t.conn.Output() }
func (t *overHTTP2) Sent(n int)                  { t.conn.Sent(n) }
func (t *overHTTP2) Err() error                  { return t.err }
func (t *overHTTP2) Tick(now int64)              { t.conn.Tick(now) }

func (t *overHTTP2) Deadline() int64 {
	at, ok := t.conn.Deadline()
	if !ok {
		return 0
	}
	return max(at, 1)
}

func (t *overHTTP2) Poll() (slot uint32, frame []byte, ok bool) {
	t.settle()
	for e, ok := t.conn.Poll(); ok; e, ok = t.conn.Poll() {
		t.handle(e)
	}
	t.sendQueued()
	if len(t.ready) == 0 {
		return 0, nil, false
	}
	x := t.ready[0]
	t.ready = t.ready[:copy(t.ready, t.ready[1:])]
	t.given = x
	if t.server {
		slot = x.stream
	}
	return slot, x.in, true
}

// settle is done with what Poll returned last: at the client the exchange is
// over, at the server its answer is to come.
func (t *overHTTP2) settle() {
	if t.given != nil && !t.server {
		t.spare(t.given)
	} else if t.given != nil {
		t.given.in = t.given.in[:0]
	}
	t.given = nil
}

func (t *overHTTP2) handle(e http2.Event) {
	if e.Kind == http2.Closed {
		t.err = &PeerError{"the HTTP/2 connection is over"}
		if e.Err != nil {
			t.err = e.Err
		}
		clear(t.streams)
		return
	}
	x := t.streams[e.Stream]
	if x == nil && t.server && e.Kind == http2.Headers {
		x = t.open(e.Stream)
	}
	if x == nil {
		if e.Kind == http2.Data {
			t.conn.Consume(e.Stream, len(e.Bytes))
		}
		return
	}
	switch e.Kind {
	case http2.Headers:
		t.judge(x, e.Fields)
	case http2.Data:
		t.conn.Consume(e.Stream, len(e.Bytes))
		if x.refused {
			break
		}
		if len(x.in)+len(e.Bytes) > t.limits.MaxFrameBytes {
			t.refuse(x, "413")
			break
		}
		x.in = append(x.in, e.Bytes...)
	case http2.Writable:
		t.push(x)
	case http2.Reset:
		t.close(x)
		return
	}
	if e.End && t.streams[e.Stream] == x {
		t.ended(x)
	}
}

// judge looks at a message's head.
func (t *overHTTP2) judge(x *exchange2, fields []http2.HeaderField) {
	switch {
	case !t.server:
		if status := http2.Value(fields, ":status"); status != "200" && status != "204" {
			x.refused = true
			t.err = &PeerError{fmt.Sprintf("the server answered with status %.20q; expected 200 or 204", status)}
		}
	case http2.Value(fields, ":path") != "/rpc":
		t.refuse(x, "404")
	case http2.Value(fields, ":method") != "POST":
		t.refuse(x, "405")
	case http2.Value(fields, "content-type") != contentTypeRPC:
		t.refuse(x, "415")
	}
}

// refuse answers a request that is none of ours; of the client's faults, a
// response that is too long ends its exchange.
func (t *overHTTP2) refuse(x *exchange2, status string) {
	x.refused = true
	if t.server {
		_ = t.conn.SendHeaders(x.stream, []http2.HeaderField{{Name: ":status", Value: status}}, true)
		return
	}
	t.conn.Reset(x.stream, http2.Cancel)
	t.close(x)
}

// ended is called when the peer has sent all of its message.
func (t *overHTTP2) ended(x *exchange2) {
	switch {
	case x.refused || !t.server && len(x.in) == 0:
		t.close(x)
	case t.server:
		x.given = true
		t.ready = append(t.ready, x)
	default:
		if len(x.out) > 0 { // answered before the request was all sent
			t.conn.Reset(x.stream, http2.NoError)
			t.unsent -= len(x.out)
			x.out = x.out[:0]
		}
		delete(t.streams, x.stream)
		t.ready = append(t.ready, x)
	}
}

func (t *overHTTP2) Send(slot uint32, frame []byte) error {
	t.settle()
	switch {
	case t.err != nil:
		return t.err
	case len(frame) > t.limits.MaxFrameBytes:
		return ErrTooLarge
	case t.unsent+t.queue.len()+len(frame) > t.limits.MaxQueueBytes:
		return ErrFull
	case t.server:
		return t.answer(slot, frame)
	}
	t.queue.add(frame...)
	t.queued = append(t.queued, len(frame))
	t.sendQueued()
	return nil
}

// answer sends a server's response.
func (t *overHTTP2) answer(slot uint32, frame []byte) error {
	x := t.streams[slot]
	if x == nil || !x.given {
		return fmt.Errorf("rpc: no request waits in slot %d; each is answered once, or its stream was reset", slot)
	}
	x.given = false
	if len(frame) == 0 {
		err := t.conn.SendHeaders(slot, emptyFields, true)
		t.close(x)
		return err
	}
	if err := t.conn.SendHeaders(slot, okFields, false); err != nil {
		t.conn.Reset(slot, http2.InternalError)
		t.close(x)
		return err
	}
	t.write(x, frame)
	return nil
}

// sendQueued opens streams for a client's frames that wait, while it may.
func (t *overHTTP2) sendQueued() {
	for len(t.queued) > 0 && t.err == nil && t.conn.CanOpen() {
		stream, err := t.conn.Open(requestFields, false)
		if err != nil {
			return
		}
		n := t.queued[0]
		t.queued = t.queued[:copy(t.queued, t.queued[1:])]
		t.write(t.open(stream), t.queue.rest()[:n])
		t.queue.drop(n)
	}
}

// write sends as much of a body as flow control lets through, and keeps the rest.
func (t *overHTTP2) write(x *exchange2, body []byte) {
	taken, err := t.conn.SendData(x.stream, body, true)
	if err != nil {
		t.conn.Reset(x.stream, http2.InternalError)
		t.close(x)
		return
	}
	x.out = append(x.out[:0], body[taken:]...)
	t.unsent += len(x.out)
	if len(x.out) == 0 && t.server {
		t.close(x)
	}
}

// push goes on with a body that was held back.
func (t *overHTTP2) push(x *exchange2) {
	if len(x.out) > 0 {
		t.unsent -= len(x.out)
		t.write(x, x.out)
	}
}

func (t *overHTTP2) open(stream uint32) *exchange2 {
	x := new(exchange2)
	if n := len(t.free); n > 0 {
		x, t.free = t.free[n-1], t.free[:n-1]
	}
	x.stream = stream
	t.streams[stream] = x
	return x
}

// close forgets an exchange. One that Poll still has to return stays with it.
func (t *overHTTP2) close(x *exchange2) {
	t.unsent -= len(x.out)
	x.out = x.out[:0]
	if t.streams[x.stream] == x {
		delete(t.streams, x.stream)
	}
	if x == t.given {
		return
	}
	for i, r := range t.ready {
		if r == x {
			t.ready = append(t.ready[:i], t.ready[i+1:]...)
			break
		}
	}
	t.spare(x)
}

// spare keeps an exchange for another stream.
func (t *overHTTP2) spare(x *exchange2) {
	if len(t.free) < t.limits.MaxStreams && cap(x.in) <= maxSpareBytes && cap(x.out) <= maxSpareBytes {
		*x = exchange2{in: x.in[:0], out: x.out[:0]}
		t.free = append(t.free, x)
	}
}
