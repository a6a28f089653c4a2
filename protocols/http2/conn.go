package http2

import (
	"slices"

	"golang.org/x/net/http2/hpack"
)

// Conn is one end of a connection. Make one with NewClient or NewServer.
type Conn struct {
	config Config
	server bool
	now    int64

	in      []byte // came and is not worked on yet: in[inStart:]
	inStart int
	out     []byte // waits to be sent: out[outStart:]
	outFrom int
	event   Event   // what the frame being handled gives
	pending []Event // what goes out before the next frame is looked at
	closed  bool

	prefaced bool // the client's preface came

	// Streams. live has those of the map in a fixed order.
	streams   map[uint32]*stream
	live      []*stream
	free      []*stream
	lastLocal uint32 // the highest that we opened, and that the peer did
	lastPeer  uint32
	openLocal int
	openPeer  int
	ended     memory // over by END_STREAM, or reset by the peer
	reset     memory // reset by us

	// Flow control of the connection; flow.go.
	sendWindow, receiveWindow, credit int
	blocked                           []uint32 // streams that want Writable, first come first served
	unblocked                         bool     // a window or Output has grown: look through blocked

	// Header compression, and the block being collected.
	encoder   *hpack.Encoder
	decoder   *hpack.Decoder
	fields    []HeaderField
	listBytes int
	block     []byte
	blockOn   frame // its HEADERS frame; stream 0: no block is open
	blockSelf bool  // it depends on itself
	conts     int

	// The peer's settings, and its acknowledgement of ours.
	peerSettled   bool // its first SETTINGS came
	peerStreams   int
	peerWindow    int
	peerListBytes int
	settled       bool // it acknowledged ours

	// Endings.
	goingAway   bool // we sent GOAWAY
	peerLeaving bool
	peerGoodbye *Error // its GOAWAY, when it was not NO_ERROR

	// Clocks and budgets.
	started    bool
	settingsAt int64
	heardAt    int64
	askedAt    int64 // when the PING went out that asks whether the peer is there
	asking     bool
	pings      []uint64
	pingNumber uint64
	resets     budget
	idle       budget
}

// stream is what is known of a stream that is not over.
type stream struct {
	id            uint32
	index         int // in live
	state         State
	sent, got     stage
	sendWindow    int
	receiveWindow int
	unconsumed    int   // handed out as Data and not consumed
	credit        int   // consumed and not yet given back to the peer
	declared      int64 // the content-length of what comes, -1 without
	bodyBytes     int64
	noBody        bool // what comes has none, whatever it declares
	blocked       bool
}

// NewClient returns the end that opens streams.
func NewClient(config Config) *Conn { return newConn(config, false) }

// NewServer returns the end that answers them.
func NewServer(config Config) *Conn { return newConn(config, true) }

func newConn(config Config, server bool) *Conn {
	config = config.withDefaults()
	c := &Conn{
		config:        config,
		server:        server,
		streams:       map[uint32]*stream{},
		sendWindow:    defaultWindowBytes,
		receiveWindow: config.ConnWindowBytes,
		peerStreams:   config.MaxStreams,
		peerWindow:    defaultWindowBytes,
		peerListBytes: maxWindowBytes,
		resets:        newBudget(config.MaxResets, config.ResetsPerSecond),
		idle:          newBudget(config.MaxIdleFrames, config.IdleFramesPerSecond),
	}
	c.decoder = hpack.NewDecoder(4096, c.collect)
	c.decoder.SetAllowedMaxDynamicTableSize(uint32(max(config.HeaderTableBytes, 4096)))
	c.encoder = hpack.NewEncoder((*outWriter)(c))
	c.encoder.SetMaxDynamicTableSizeLimit(uint32(config.HeaderTableBytes))
	if !server {
		c.out = append(c.out, preface...)
	}
	c.writeSettings()
	if grow := config.ConnWindowBytes - defaultWindowBytes; grow > 0 {
		c.writeWindowUpdate(0, grow)
	}
	return c
}

// maxIdleBufferBytes is how large an empty buffer may be and be kept.
const maxIdleBufferBytes = 1 << 18

// Receive takes bytes that came from the peer. They are copied. What they
// mean comes out of Poll.
func (c *Conn) Receive(now int64, b []byte) {
	c.pass(now)
	if c.closed || len(b) == 0 {
		return
	}
	c.heardAt, c.asking = c.now, false
	if c.inStart > 0 {
		c.in = c.in[:copy(c.in, c.in[c.inStart:])]
		c.inStart = 0
	}
	if len(c.in) == 0 && cap(c.in) > maxIdleBufferBytes && len(b) < maxIdleBufferBytes {
		c.in = nil
	}
	c.in = append(c.in, b...)
}

// Poll returns the next event. Without one there is nothing more to do but to
// send Output.
func (c *Conn) Poll() (Event, bool) {
	for len(c.pending) == 0 {
		if c.finish(); c.closed {
			break
		}
		f, ok, fault := c.nextFrame()
		if fault == nil && !ok {
			if e, ok := c.nextWritable(); ok {
				return e, true
			}
			break
		}
		c.event.Kind = 0
		if fault == nil {
			fault = c.handle(&f)
		}
		if fault != nil {
			c.punish(fault)
		} else if c.event.Kind != 0 {
			return c.event, true
		}
	}
	if len(c.pending) == 0 {
		return Event{}, false
	}
	e := c.pending[0]
	c.pending = c.pending[:copy(c.pending, c.pending[1:])]
	return e, true
}

// nextFrame takes the next whole frame out of what came in.
func (c *Conn) nextFrame() (f frame, ok bool, fault *Error) {
	b := c.in[c.inStart:]
	if c.server && !c.prefaced {
		for i := range min(len(b), len(preface)) {
			if b[i] != preface[i] {
				return f, false, connError(ProtocolError, "the connection does not begin with HTTP/2's preface: byte %d is %q, not %q", i, b[i], preface[i])
			}
		}
		if len(b) < len(preface) {
			return f, false, nil
		}
		c.prefaced = true
		c.inStart += len(preface)
		b = b[len(preface):]
	}
	if len(b) < frameHeaderBytes {
		return f, false, nil
	}
	f, n := readFrameHeader(b)
	if !c.peerSettled && (f.kind != frameSettings || f.has(flagAck)) {
		return f, false, connError(ProtocolError, "the first frame is %s; SETTINGS must come first (RFC 9113 section 3.4)", f.kind)
	}
	if n > c.config.MaxFrameBytes {
		return f, false, connError(FrameSizeError, "%s of %d bytes; MAX_FRAME_SIZE is %d", f.kind, n, c.config.MaxFrameBytes)
	}
	if len(b) < frameHeaderBytes+n {
		return f, false, nil
	}
	f.payload = b[frameHeaderBytes : frameHeaderBytes+n]
	c.inStart += frameHeaderBytes + n
	return f, true, nil
}

// Output returns the bytes for the peer that the transport has not taken yet.
// They are valid until the next call of any other method.
func (c *Conn) Output() []byte { return c.out[c.outFrom:] }

// Sent says that the transport took the first n bytes of Output.
func (c *Conn) Sent(n int) {
	c.outFrom = min(c.outFrom+max(n, 0), len(c.out))
	switch {
	case c.outFrom == len(c.out):
		c.out, c.outFrom = c.out[:0], 0
		if cap(c.out) > maxIdleBufferBytes {
			c.out = nil
		}
	case c.outFrom > len(c.out)/2:
		c.out = c.out[:copy(c.out, c.out[c.outFrom:])]
		c.outFrom = 0
	}
	c.unblocked = true
}

// outputBytes is how much waits to be sent.
func (c *Conn) outputBytes() int { return len(c.out) - c.outFrom }

// Closed reports whether the connection is over. The Closed event says why.
func (c *Conn) Closed() bool { return c.closed }

// Disconnected says that the transport has ended: nothing will come any more.
func (c *Conn) Disconnected() {
	if c.closed {
		return
	}
	var err error = ErrDisconnected
	if c.peerGoodbye != nil {
		err = c.peerGoodbye
	} else if c.peerLeaving && len(c.streams) == 0 {
		err = nil
	}
	c.close(err)
}

// GoAway ends the connection: with NoError in good order, so that no new
// streams are taken, those there are may finish, and then Closed comes; with
// any other code at once.
func (c *Conn) GoAway(code Code) {
	switch {
	case c.closed:
	case code != NoError:
		c.writeGoAway(code, "")
		c.close(nil)
	case !c.goingAway:
		c.goingAway = true
		c.writeGoAway(code, "")
	}
}

// finish closes a connection that was leaving and has nothing left to do.
func (c *Conn) finish() {
	if c.closed || len(c.streams) > 0 || !c.goingAway && (c.server || !c.peerLeaving) {
		return
	}
	if c.peerGoodbye != nil {
		c.close(c.peerGoodbye)
	} else {
		c.close(nil)
	}
}

func (c *Conn) close(err error) {
	c.closed = true
	c.in, c.inStart, c.block = nil, 0, nil
	clear(c.streams)
	c.live, c.free, c.blocked = nil, nil, nil
	c.openLocal, c.openPeer = 0, 0
	c.pending = append(c.pending, Event{Kind: Closed, Err: err})
}

// Streams returns how many streams are open, of both sides.
func (c *Conn) Streams() int { return len(c.streams) }

// StreamState returns where the stream is in RFC 9113's figure 2.
func (c *Conn) StreamState(stream uint32) State {
	if s := c.streams[stream]; s != nil {
		return s.state
	}
	if stream == 0 || stream > c.last(stream) {
		return Idle
	}
	return Done
}

// isLocal reports whether the stream is one of those that we may open. Server
// streams, the even ones, nobody opens: push is refused.
func (c *Conn) isLocal(stream uint32) bool { return (stream%2 == 1) != c.server }

// last is the highest stream opened so far by the side that may open this one.
func (c *Conn) last(stream uint32) uint32 {
	if c.isLocal(stream) {
		return c.lastLocal
	}
	return c.lastPeer
}

// addStream makes a stream that an end has just opened with HEADERS.
func (c *Conn) addStream(id uint32, by Step) *stream {
	var s *stream
	if n := len(c.free); n > 0 {
		s, c.free = c.free[n-1], c.free[:n-1]
	} else {
		s = new(stream)
	}
	window := c.config.StreamWindowBytes
	if !c.settled {
		// The peer may not have read our SETTINGS yet.
		window = max(window, defaultWindowBytes)
	}
	*s = stream{id: id, index: len(c.live), state: Moves[Idle][by].To, sendWindow: c.peerWindow, receiveWindow: window, declared: -1}
	c.streams[id] = s
	c.live = append(c.live, s)
	if c.isLocal(id) {
		c.lastLocal = id
		c.openLocal++
	} else {
		c.lastPeer = id
		c.openPeer++
	}
	return s
}

// move takes a step that the table allows, and forgets the stream when it is over.
func (c *Conn) move(s *stream, step Step) {
	s.state = Moves[s.state][step].To
	if s.state == Done {
		c.ended.add(s.id, maxEndedRemembered)
		c.resets.give(1)
		c.remove(s)
	}
}

// maxFreeStreams are kept for new streams to use.
const maxFreeStreams = 128

// remove forgets a stream, and gives back to the connection's window what it
// still owes.
func (c *Conn) remove(s *stream) {
	c.giveCredit(s.unconsumed)
	if s.blocked {
		c.blocked = slices.DeleteFunc(c.blocked, func(id uint32) bool { return id == s.id })
	}
	delete(c.streams, s.id)
	last := len(c.live) - 1
	c.live[s.index] = c.live[last]
	c.live[s.index].index = s.index
	c.live[last] = nil
	c.live = c.live[:last]
	if c.isLocal(s.id) {
		c.openLocal--
	} else {
		c.openPeer--
	}
	if len(c.free) < maxFreeStreams {
		c.free = append(c.free, s)
	}
}
