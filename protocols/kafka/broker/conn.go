package broker

import (
	"maps"
	"slices"

	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Connections that others opened
//
// Behaviour: requests of a connection are answered in the order in which they
// came. Kafka begins a request when the one before it is answered; so do we,
// but for a Produce behind Produces, which is begun at once: what is pipelined
// waits for the same replicas at the same time. (Not behind one that waits for a
// transaction's coordinator, and has not been appended.) Behind bytes that are no
// request nothing is read any more; the connection ends when all that was
// begun before is answered. A client that comes before the broker was first
// unfenced is sent away like that, by the end of its connection: Kafka does not
// listen yet. So is one that comes from outside and speaks as brokers do among
// themselves.
//
// Not done: throttling (every answer says 0), idle connections are kept.

// conn is a connection, in either direction.
type conn struct {
	id       Conn
	listener int
	link     *link // of one that we dialled; nil otherwise

	in    wire.Reader
	held  []byte  // a request that was read and waits for its turn
	calls []*call // begun and not answered, in the order in which they came
	other int     // how many of them nothing may be begun behind
	bytes int     // of their requests

	out, taken []byte // answers that nobody took yet, and the buffer of those that were taken last
	counted    int    // of Broker.held
	inParts    bool   // what is taken is a part of something large
	told       bool   // that there is Output
	dirty      bool   // among Broker.dirtyConns
	full       bool   // more came than fits; Room is owed
	ending     bool   // what came is no request: it ends when all is answered
	closed     bool
}

// call is a request that was begun and is not yet answered on the wire.
type call struct {
	conn        *conn
	key         int16
	version     int16
	correlation int32
	bytes       int
	client      string
	token       uint64 // among Broker.pending; 0: none
	answer      kmsg.Response
	fetch       *fetchWait // that waits; nil: none
	forward     *forward   // to the active controller; nil: none
	alone       bool       // nothing may be begun behind it: counted in conn.other
	done        bool
	silent      bool // no answer is sent: acks=0
}

// Accept takes a new connection that came to a listener, and names it.
func (b *Broker) Accept(now int64, listener int) Conn {
	c := b.newConn(listener, nil)
	b.accepted++
	if b.accepted > b.config.Limits.MaxConns {
		b.hangup(now, c)
	}
	b.settle(now)
	return c.id
}

func (b *Broker) newConn(listener int, l *link) *conn {
	b.lastConn++
	c := &conn{id: b.lastConn, listener: listener, link: l, in: wire.Reader{MaxFrameBytes: b.config.Limits.MaxFrameBytes}}
	b.conns[c.id] = c
	return c
}

// Window is how many bytes Receive takes of a connection at this time. Who has
// more leaves them where they are until Room; what is given beyond the window
// ends the connection.
func (b *Broker) Window(conn Conn) int {
	c := b.conns[conn]
	if c == nil {
		return 0
	}
	window := max(b.config.Limits.windowBytes()-c.in.Waiting(), 0)
	if window == 0 {
		c.full = true
	}
	return window
}

func (l *Limits) windowBytes() int { return l.MaxFrameBytes + l.MaxInFlightBytes }

// Receive takes bytes of a connection. They are the caller's again afterwards.
func (b *Broker) Receive(now int64, conn Conn, bytes []byte) {
	c := b.conns[conn]
	if c == nil || c.closed || c.ending {
		return
	}
	b.stats.BytesIn += int64(len(bytes))
	c.in.Receive(bytes)
	if c.link != nil {
		b.readAnswers(now, c)
	} else {
		b.readRequests(now, c)
		if c.in.Waiting() > b.config.Limits.windowBytes() {
			b.hangup(now, c)
		}
		b.weigh(now, c)
	}
	b.settle(now)
}

// weigh counts what is kept for a connection that others opened. When it is too
// much for all of them together, whoever holds most is hung up on.
func (b *Broker) weigh(now int64, c *conn) {
	if b.count(c); b.held <= b.config.Limits.MaxHeldBytes {
		return
	}
	most := c
	for _, id := range slices.Sorted(maps.Keys(b.conns)) {
		if other := b.conns[id]; other.counted > most.counted {
			most = other
		}
	}
	most.out = nil
	if most.closed {
		b.count(most)
		delete(b.conns, most.id)
	} else {
		b.hangup(now, most)
	}
}

// count brings Broker.held up to date.
func (b *Broker) count(c *conn) {
	bytes := 0
	if c.link == nil {
		bytes = c.in.Waiting() + len(c.held) + c.bytes + len(c.out)
	}
	b.held += bytes - c.counted
	c.counted = bytes
}

// readRequests begins the requests that came and may begin.
func (b *Broker) readRequests(now int64, c *conn) {
	limits := &b.config.Limits
	for !c.closed && !c.ending && len(c.calls) < limits.MaxInFlight && c.bytes < limits.MaxInFlightBytes && len(c.out) < limits.MaxOutputBytes {
		frame := c.held
		if frame == nil {
			next, ok, err := c.in.Next()
			if err != nil {
				b.end(c)
				return
			}
			if !ok {
				break
			}
			frame = next
		}
		if produce := isProduce(frame); len(c.calls) > 0 && (!produce || c.other > 0) {
			if c.held == nil {
				c.held = slices.Clone(frame) // the next Receive moves what is in the Reader
			}
			return
		}
		c.held = nil
		b.begin(now, c, frame)
	}
	if c.full && !c.closed && !c.ending && c.in.Waiting() < limits.windowBytes() {
		c.full = false
		b.tell(Event{Kind: Room, Conn: c.id})
	}
}

func isProduce(frame []byte) bool { return len(frame) >= 2 && frame[0] == 0 && frame[1] == 0 }

// begin reads a request and hands it to whom it concerns.
func (b *Broker) begin(now int64, c *conn, frame []byte) {
	r, err := wire.ParseRequest(frame)
	if err != nil {
		if unsupported, ok := err.(*wire.UnsupportedVersion); ok {
			if out, ok := unsupported.Answer(c.out); ok {
				c.out = out
				b.soil(c)
				return
			}
		}
		b.end(c)
		return
	}
	if !b.open && !ofBroker(r.ClientID) || c.listener > 0 && wire.Find(r.Key).Internal {
		b.end(c)
		return
	}
	k := &call{conn: c, key: r.Key, version: r.Version, correlation: r.Correlation, client: r.ClientID, bytes: len(frame)}
	c.calls = append(c.calls, k)
	c.bytes += k.bytes
	k.hold(k.key != keyProduce)
	b.stats.Requests++
	b.stats.RequestsByKey[k.key]++
	b.dispatch(now, k, r.Body)
}

// hold says whether nothing may be begun behind a call.
func (k *call) hold(alone bool) {
	if alone != k.alone {
		k.alone = alone
		if alone {
			k.conn.other++
		} else {
			k.conn.other--
		}
	}
}

// respond answers a call, which may happen once.
func (b *Broker) respond(k *call, answer kmsg.Response) {
	if k.done {
		return
	}
	k.done, k.answer = true, answer
	if k.token != 0 {
		delete(b.pending, k.token)
		k.token = 0
	}
	b.soil(k.conn)
}

// soil remembers that a connection has something to do.
func (b *Broker) soil(c *conn) {
	if !c.dirty && !c.closed {
		c.dirty = true
		b.dirtyConns = append(b.dirtyConns, c)
	}
}

// flush puts the answers that are ready into the output, in order, and begins
// what had to wait for them.
func (b *Broker) flush(now int64, c *conn) {
	n := 0
	for ; n < len(c.calls) && c.calls[n].done; n++ {
		k := c.calls[n]
		c.bytes -= k.bytes
		k.hold(false)
		if !k.silent {
			k.answer.SetVersion(k.version)
			c.out = wire.AppendResponse(c.out, k.correlation, k.answer)
		}
	}
	c.calls = slices.Delete(c.calls, 0, n)
	if c.link == nil {
		b.readRequests(now, c)
		b.weigh(now, c)
	}
	b.offer(c)
	if c.ending && len(c.calls) == 0 {
		b.hangup(now, c)
	}
}

// offer tells of output, once until it is taken.
func (b *Broker) offer(c *conn) {
	if len(c.out) > 0 && !c.told && !c.closed {
		c.told = true
		b.tell(Event{Kind: Send, Conn: c.id})
	}
}

// Output takes what is to be sent on a connection; of much it is a part, and
// Send tells of the next one. The bytes are valid until the next call of Output
// for the same connection.
func (b *Broker) Output(conn Conn) []byte {
	c := b.conns[conn]
	if c == nil || len(c.out) == 0 {
		return nil
	}
	full := len(c.out) >= b.config.Limits.MaxOutputBytes
	if len(c.out) > partBytes {
		c.taken, c.out, c.inParts = c.out[:partBytes:partBytes], c.out[partBytes:], true
		b.tell(Event{Kind: Send, Conn: c.id})
	} else {
		if c.inParts {
			c.taken, c.out, c.inParts = nil, slices.Clone(c.out), false // and lets go of what the parts lay in
		}
		c.out, c.taken = c.taken[:0], c.out
		c.told = false
	}
	b.stats.BytesOut += int64(len(c.taken))
	b.count(c)
	switch {
	case c.closed && len(c.out) == 0:
		delete(b.conns, conn)
	case full && len(c.out) < b.config.Limits.MaxOutputBytes:
		b.soil(c) // it may be read from again
	}
	return c.taken
}

// partBytes is how much Output gives at once.
const partBytes = 256 << 10

// Closed says that a connection is no more, or that it could not be opened. A
// name that the broker does not know (any more) is passed over.
func (b *Broker) Closed(now int64, conn Conn) {
	if c := b.conns[conn]; c != nil {
		c.out = nil
		if !c.closed {
			b.forget(now, c)
		}
		b.count(c)
		delete(b.conns, conn)
		b.settle(now)
	}
}

// end closes a connection when all that was begun is answered.
func (b *Broker) end(c *conn) {
	c.ending = true
	b.soil(c)
}

// hangup closes a connection. Its output can still be taken, until Closed.
func (b *Broker) hangup(now int64, c *conn) {
	if !c.closed {
		b.offer(c)
		b.forget(now, c)
		b.tell(Event{Kind: Hangup, Conn: c.id})
	}
}

// forget drops what depends on a connection. Records that it has sent stay.
func (b *Broker) forget(now int64, c *conn) {
	c.closed = true
	if len(c.out) == 0 || c.link != nil {
		delete(b.conns, c.id)
	}
	if c.link != nil {
		b.linkClosed(now, c.link)
		return
	}
	b.accepted--
	calls := c.calls
	c.in, c.held, c.calls, c.bytes = wire.Reader{}, nil, nil, 0
	b.count(c)
	for _, k := range calls {
		if k.done {
			continue
		}
		k.done = true
		if k.fetch != nil {
			b.dropFetch(k.fetch)
		}
		if k.forward != nil {
			b.dropForward(k.forward)
		}
		if k.token != 0 {
			delete(b.pending, k.token)
			b.node.Gone(now, k.token)
			k.token = 0
		}
	}
}
