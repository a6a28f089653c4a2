package sim

import "fmt"

// Host is one node's stack for the length of one life: it turns packets into
// streams and datagrams. Its methods may be called only while the node runs.
type Host struct {
	ctx    *Ctx
	app    App
	shared *shared

	ports     map[uint16]bool    // those that listen; only looked up, never walked
	table     map[uint64]*Stream // by key; only looked up, never walked
	slots     []*Stream          // by Stream.slot, nil for free ones
	freeSlots []uint32
	live      int // slots taken
	halfOpen  int // streams in SYN-RECEIVED
	dialled   uint32
	lastID    uint32

	dirty     []*Stream // to be flushed, or with news for the app, when the app returns
	resting   []*Stream // in TIME-WAIT, the first to leave it first
	reaping   bool      // a timer for them is set
	stillborn []*Stream // dialled beyond a limit
}

// shared is what the hosts of a role have in common.
type shared struct {
	limits *Limits
	marks  *Marks
	shelf  shelf
	packet []byte // the one being written
}

func newHost(ctx *Ctx, app App, all *shared) *Host {
	return &Host{ctx: ctx, app: app, shared: all, ports: map[uint16]bool{}, table: map[uint64]*Stream{},
		dialled: uint32(draw(ctx.net.seed, keyStream, uint64(ctx.self), uint64(ctx.Epoch())))}
}

// Ctx is the node's context, valid during the call in which it is asked for.
func (h *Host) Ctx() *Ctx { return h.ctx }

// Now is the present.
func (h *Host) Now() Time { return h.ctx.net.now }

// Self is the node.
func (h *Host) Self() NodeID { return h.ctx.self }

// Member is the node's number within its role, from 0.
func (h *Host) Member() int { return h.ctx.member }

// Rand returns the next word of the node's own luck.
func (h *Host) Rand() uint64 { return h.ctx.Rand() }

// Note records something the node says about itself.
func (h *Host) Note(code uint16, value int64) { h.ctx.Note(code, value) }

// The stack's timers: this bit tells them from the app's. With it come a
// stream's slot and which of its two timers it is, or one of the host's own.
const (
	ownTimer  Timer = 1 << 31
	reapTimer Timer = 1<<32 - 1
	failTimer Timer = 1<<32 - 2
)

// After wakes the app d from now with t, unless the node crashes before. It
// panics for a t of 2^31 or more: those are the stack's own.
func (h *Host) After(d Time, t Timer) {
	if t >= ownTimer {
		panic(fmt.Sprintf("sim: timer %d: an app has those below %d", t, ownTimer))
	}
	h.ctx.After(d, t)
}

// Listen takes in streams on a port from now on. Streams to a port that does
// not listen are refused.
func (h *Host) Listen(port uint16) { h.ports[port] = true }

// Unlisten takes in no more streams on a port; those that are open stay.
func (h *Host) Unlisten(port uint16) { delete(h.ports, port) }

// Ports of an app that dials: the dynamic ones of RFC 6335.
const (
	firstDialPort = 49152
	dialPorts     = 1<<16 - firstDialPort
)

// Dial begins a stream to a port of a node. Bytes can be written at once; they
// go out when it is established. If the host has Limits.Streams already, or no
// port of its own left for this peer and port, the stream is Closed with
// ErrLimit a moment later.
func (h *Host) Dial(to NodeID, port uint16) *Stream {
	if h.makeRoom() {
		for range dialPorts {
			local := uint16(firstDialPort + h.dialled%dialPorts)
			h.dialled++
			if h.table[key(to, port, local)] == nil {
				return h.dial(to, port, local)
			}
		}
	}
	h.lastID++
	s := &Stream{host: h, id: h.lastID, peer: to, peerPort: port, told: true}
	if h.stillborn = append(h.stillborn, s); len(h.stillborn) == 1 {
		h.ctx.After(Millisecond, failTimer)
	}
	return s
}

func (h *Host) dial(to NodeID, port, local uint16) *Stream {
	s := h.add(to, port, local)
	s.told = true
	s.state = s.state.after(dials)
	s.begin()
	return s
}

// SendTo sends a datagram of at most MaxDatagramBytes; it panics above. kind
// is for the eye only.
func (h *Host) SendTo(to NodeID, fromPort, toPort uint16, kind uint8, payload []byte) {
	d := Datagram{SourcePort: fromPort, DestinationPort: toPort, Data: payload}
	h.shared.packet = d.Append(h.shared.packet[:0])
	h.ctx.Send(to, kind, h.shared.packet)
}

// Streams calls visit for every stream of the host, always in the same order,
// until it returns false: for inspectors.
func (h *Host) Streams(visit func(*Stream) bool) {
	for _, s := range h.slots {
		if s != nil && !visit(s) {
			return
		}
	}
}

func (h *Host) send(to NodeID, kind uint8, g *Segment) {
	h.shared.packet = g.Append(h.shared.packet[:0])
	h.ctx.Send(to, kind, h.shared.packet)
}

func key(peer NodeID, peerPort, localPort uint16) uint64 {
	return uint64(peer)<<32 | uint64(peerPort)<<16 | uint64(localPort)
}

// deliver takes in a packet. What is neither a segment nor a datagram is lost.
func (h *Host) deliver(p Packet) {
	if d, ok := ParseDatagram(p.Payload); ok {
		h.app.Datagram(h, p.From, d.SourcePort, d.DestinationPort, d.Data)
		return
	}
	g, ok := ParseSegment(p.Payload)
	if !ok {
		return
	}
	s := h.table[key(p.From, g.SourcePort, g.DestinationPort)]
	opens := g.Flags&(SYN|ACK|RST|FIN) == SYN
	if s != nil && s.state == timeWait && opens && ahead(g.SequenceNumber, s.rcvNxt) > 0 {
		// A new stream with the same ports, surely later than the old one.
		h.forget(s)
		s.state = s.state.after(forgotten)
		s = nil
	}
	switch {
	case s != nil:
		s.arrive(&g)
	case opens && h.ports[g.DestinationPort]:
		h.accept(p.From, &g)
	default:
		h.refuse(p.From, &g)
	}
}

// accept takes in a stream, unless there are too many: then the SYN is lost,
// and the peer tries again.
func (h *Host) accept(from NodeID, g *Segment) {
	if h.halfOpen >= h.shared.limits.Backlog || !h.makeRoom() {
		return
	}
	s := h.add(from, g.SourcePort, g.DestinationPort)
	s.incoming = true
	s.state = s.state.after(synCame)
	s.rcvNxt = g.SequenceNumber + 1
	s.edge = s.rcvNxt
	h.halfOpen++
	s.begin()
}

// refuse answers a segment for which there is no stream (RFC 9293 section 3.10.7.1).
func (h *Host) refuse(from NodeID, g *Segment) {
	if g.Flags.Has(RST) {
		return
	}
	r := Segment{SourcePort: g.DestinationPort, DestinationPort: g.SourcePort, Flags: RST}
	if g.Flags.Has(ACK) {
		r.SequenceNumber = g.AcknowledgementNumber
	} else {
		r.Flags |= ACK
		r.AcknowledgementNumber = g.SequenceNumber + uint32(len(g.Data))
		if g.Flags.Has(SYN) {
			r.AcknowledgementNumber++
		}
		if g.Flags.Has(FIN) {
			r.AcknowledgementNumber++
		}
	}
	h.send(from, h.shared.marks.Rst, &r)
}

// begin sends a new stream's SYN. Its first number follows the clock, so that
// it is beyond those of an earlier stream with the same ports (RFC 6528).
func (s *Stream) begin() {
	h := s.host
	luck := draw(h.ctx.net.seed, keyStream, uint64(h.ctx.self)<<32|uint64(s.peer), uint64(s.localPort)<<16|uint64(s.peerPort))
	s.una = uint32(luck) + uint32(h.Now()/4)
	s.nxt = s.una + 1
	s.rto = h.shared.limits.InitialRTO
	s.timedAt, s.timed = h.Now()+1, s.nxt
	s.sendSyn()
	s.touch()
}

// makeRoom reports whether the host can have one more stream. One in
// TIME-WAIT has to give way.
func (h *Host) makeRoom() bool {
	for h.live >= h.shared.limits.Streams && len(h.resting) > 0 {
		h.release()
	}
	return h.live < h.shared.limits.Streams
}

func (h *Host) add(peer NodeID, peerPort, localPort uint16) *Stream {
	h.lastID++
	s := &Stream{host: h, id: h.lastID, peer: peer, peerPort: peerPort, localPort: localPort}
	if last := len(h.freeSlots) - 1; last >= 0 {
		s.slot = h.freeSlots[last]
		h.freeSlots = h.freeSlots[:last]
	} else {
		s.slot = uint32(len(h.slots))
		h.slots = append(h.slots, nil)
	}
	h.slots[s.slot] = s
	h.table[key(peer, peerPort, localPort)] = s
	h.live++
	return s
}

// forget takes a stream out of the host: no packet and no timer finds it.
func (h *Host) forget(s *Stream) {
	if s.state == synReceived {
		h.halfOpen--
	}
	delete(h.table, key(s.peer, s.peerPort, s.localPort))
	h.slots[s.slot] = nil
	h.freeSlots = append(h.freeSlots, s.slot)
	h.live--
}

// rest lets a stream wait out its TIME-WAIT. All wait equally long, so one
// timer is enough for them.
func (h *Host) rest(s *Stream) {
	s.restsUntil = h.Now() + h.shared.limits.Linger
	h.resting = append(h.resting, s)
	if !h.reaping {
		h.reaping = true
		h.ctx.After(h.shared.limits.Linger, reapTimer)
	}
}

// release ends the TIME-WAIT of the stream that is longest in it.
func (h *Host) release() {
	s := h.resting[0]
	h.resting[0] = nil
	h.resting = h.resting[1:]
	if s.state == timeWait { // if not, a new one has taken its ports before
		h.forget(s)
		s.state = s.state.after(forgotten)
	}
}

// reap ends all TIME-WAITs that are due. It looks once a second at most.
func (h *Host) reap() {
	now := h.Now()
	for len(h.resting) > 0 && h.resting[0].restsUntil <= now {
		h.release()
	}
	if h.reaping = len(h.resting) > 0; h.reaping {
		h.ctx.After(max(h.resting[0].restsUntil-now, Second), reapTimer)
	}
}

// wake hands a timer to the stack, or to the app if it is the app's.
func (h *Host) wake(t Timer) {
	switch {
	case t < ownTimer:
		h.app.Wake(h, t)
	case t == reapTimer:
		h.reap()
	case t == failTimer:
		for _, s := range h.stillborn {
			if s.told { // and not aborted since
				s.err, s.news = ErrLimit, newsClosed
				s.touch()
			}
		}
		h.stillborn = nil
	default:
		slot, ack := (t&^ownTimer)>>1, t&1 == 1
		if s := h.slots[slot]; s == nil {
			return
		} else if ack {
			s.wakeAck()
		} else {
			s.wakeRTO()
		}
	}
}

// drain tells the app what is new, and then sends what there is to send,
// until all is quiet. News come only from packets and timers, so it ends.
func (h *Host) drain() {
	for i := 0; i < len(h.dirty); i++ {
		s := h.dirty[i]
		h.tell(s)
		s.queued = false
		s.flush()
	}
	clear(h.dirty)
	h.dirty = h.dirty[:0]
}

// tell calls the app for each piece of news. An Abort on the way ends it.
func (h *Host) tell(s *Stream) {
	if s.news&newsOpened != 0 {
		s.news &^= newsOpened
		h.app.Opened(h, s)
	}
	if s.news&newsData != 0 {
		s.news &^= newsData
		h.app.Data(h, s)
	}
	if s.news&newsWritable != 0 {
		s.news &^= newsWritable
		h.app.Writable(h, s)
	}
	if s.news&newsClosed != 0 {
		s.news &^= newsClosed
		h.app.Closed(h, s)
	}
}
