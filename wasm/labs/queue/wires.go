package queue

import (
	"encoding/binary"
	"slices"

	"grapevine/protocols/kafka/wire"
	"grapevine/wasm/sim"
)

// machine is what a broker and a client have in common: a process with
// connections, in bytes and time.
type machine interface {
	Receive(now int64, c wire.Conn, b []byte)
	Closed(now int64, c wire.Conn)
	Output(c wire.Conn) []byte
	Tick(now int64)
	Deadline() int64
}

// wires join a machine's connections with the streams of its node. An app
// that embeds them has the methods of a sim.App that are about streams.
type wires struct {
	machine machine
	accept  func(now int64, port uint16) wire.Conn // names a connection that came in
	window  func(c wire.Conn) int                  // how much the machine takes of a connection now; nil: anything
	opened  func(now int64, c wire.Conn)           // says that one that was dialled stands; nil: the machine does not ask
	settle  func(h *sim.Host)                      // hands on what the machine says
	keeps   bool                                   // the machine keeps its output until there is room for it
	kinds   func(peer sim.NodeID, api int16, answer bool) uint8
	byConn  map[wire.Conn]*cable // only looked up
	armed   sim.Time             // when the timer for the machine is due; 0: none is set
}

// cable is one connection.
type cable struct {
	conn    wire.Conn
	stream  *sim.Stream
	rest    []byte // what the stream has not taken yet
	owed    bool   // the machine has more
	closing bool   // the machine has given it up; what rests is still sent
	in      frames
	asked   []question // by the peer, not answered yet
	left    int        // bytes of the frame that is being written
	kind    uint8      // of that frame
}

// question is a request, as its answer is recognised.
type question struct {
	correlation int32
	api         int16
}

// timerMachine wakes an app for its machine; an app's own timers follow it.
const (
	timerMachine sim.Timer = iota
	timersOwn
)

func (w *wires) Opened(h *sim.Host, s *sim.Stream) {
	if s.Incoming() {
		w.join(w.accept(int64(h.Now()), s.LocalPort()), s)
	} else if k, ok := s.User.(*cable); ok && w.opened != nil {
		w.opened(int64(h.Now()), k.conn)
	}
	w.settle(h)
}

func (w *wires) Data(h *sim.Host, s *sim.Stream) {
	w.receive(h, s)
	w.settle(h)
}

func (w *wires) Writable(h *sim.Host, s *sim.Stream) {
	w.writable(h, s)
	w.settle(h)
}

func (w *wires) Closed(h *sim.Host, s *sim.Stream) {
	w.lost(h, s)
	w.settle(h)
}

func (*wires) Datagram(*sim.Host, sim.NodeID, uint16, uint16, []byte) {}

// dial opens a connection that the machine has named.
func (w *wires) dial(h *sim.Host, c wire.Conn, to sim.NodeID, port uint16) {
	w.join(c, h.Dial(to, port))
}

// join makes a stream carry a connection.
func (w *wires) join(c wire.Conn, s *sim.Stream) {
	k := &cable{conn: c, stream: s}
	s.User = k
	if w.byConn == nil {
		w.byConn = map[wire.Conn]*cable{}
	}
	w.byConn[c] = k
}

// maxReadBytes is how much is taken out of a stream at once; maxRestBytes is
// how much may wait for room in a stream before nothing more is read from it.
const (
	maxReadBytes = 64 << 10
	maxRestBytes = 1 << 20
)

// receive hands the machine what has arrived. What arrives at a connection that
// it has given up is answered by a reset, as a system does when the process has
// closed it: or else its peer would write on until no more fits.
func (w *wires) receive(h *sim.Host, s *sim.Stream) {
	k, ok := s.User.(*cable)
	if !ok {
		return
	}
	if w.byConn[k.conn] != k && s.Unread() > 0 && s.Unacknowledged() == 0 {
		s.Abort()
		return
	}
	for len(k.rest) < maxRestBytes && w.byConn[k.conn] == k && !k.closing {
		most := maxReadBytes
		if w.window != nil {
			most = min(most, w.window(k.conn))
		}
		if most <= 0 {
			return // until there is room
		}
		b := s.Read(most)
		if b == nil {
			break
		}
		k.in.scan(b, func(head []byte) {
			if s.Incoming() && len(k.asked) < maxQuestions {
				k.asked = append(k.asked, question{int32(binary.BigEndian.Uint32(head[4:])), int16(binary.BigEndian.Uint16(head))})
			}
		})
		w.machine.Receive(int64(h.Now()), k.conn, b)
	}
	if s.EOF() && s.Unread() == 0 {
		w.lost(h, s)
		s.CloseWrite()
	}
}

// room reads on at a connection of which the machine had enough for a while.
func (w *wires) room(h *sim.Host, c wire.Conn) {
	if k := w.byConn[c]; k != nil {
		w.receive(h, k.stream)
	}
}

// maxQuestions bounds what is kept to colour the answers.
const maxQuestions = 1000

// lost tells the machine that a connection is over, once.
func (w *wires) lost(h *sim.Host, s *sim.Stream) {
	if k, ok := s.User.(*cable); ok && w.byConn[k.conn] == k {
		delete(w.byConn, k.conn)
		w.machine.Closed(int64(h.Now()), k.conn)
	}
}

// hangup closes a connection that the machine has given up.
func (w *wires) hangup(c wire.Conn) {
	if k := w.byConn[c]; k != nil {
		k.closing = true
		w.finish(k)
	}
}

// finish closes a connection that was given up, once nothing rests.
func (w *wires) finish(k *cable) {
	if k.closing && len(k.rest) == 0 && !k.owed && w.byConn[k.conn] == k {
		delete(w.byConn, k.conn)
		k.stream.CloseWrite()
	}
}

// send puts what the machine has for a connection on its way.
func (w *wires) send(c wire.Conn) {
	k := w.byConn[c]
	if k != nil && w.keeps && len(k.rest) > 0 {
		k.owed = true
		return
	}
	b := w.machine.Output(c)
	if k == nil {
		return
	}
	k.owed = false
	if len(k.rest) > 0 {
		k.rest = append(k.rest, b...)
	} else if n := w.write(k, b); n < len(b) {
		k.rest = append(k.rest, b[n:]...)
	}
	w.finish(k)
}

// writable goes on with what a stream had no room for.
func (w *wires) writable(h *sim.Host, s *sim.Stream) {
	k, ok := s.User.(*cable)
	if !ok {
		return
	}
	n := w.write(k, k.rest)
	if k.rest = slices.Delete(k.rest, 0, n); len(k.rest) > 0 {
		return
	}
	if k.owed {
		w.send(k.conn)
	}
	w.finish(k)
	if s.Unread() > 0 && len(k.rest) == 0 {
		w.receive(h, s)
	}
}

// write hands bytes to the stream, each stretch marked by the frame it is of.
func (w *wires) write(k *cable, b []byte) (taken int) {
	for taken < len(b) {
		if k.left == 0 { // machines give whole frames
			k.left = 4 + int(binary.BigEndian.Uint32(b[taken:]))
			k.kind = w.kindOf(k, b[taken+4:])
		}
		n := k.stream.Write(k.kind, b[taken:min(taken+k.left, len(b))])
		taken, k.left = taken+n, k.left-n
		if n == 0 {
			break
		}
	}
	return taken
}

// kindOf says what a frame is, by the first bytes behind its size.
func (w *wires) kindOf(k *cable, head []byte) uint8 {
	if !k.stream.Incoming() {
		return w.kinds(k.stream.Peer(), int16(binary.BigEndian.Uint16(head)), false)
	}
	correlation := int32(binary.BigEndian.Uint32(head))
	for i, q := range k.asked {
		if q.correlation == correlation {
			// What was asked before and has no answer never gets one: acks=0.
			k.asked = slices.Delete(k.asked, 0, i+1)
			return w.kinds(k.stream.Peer(), q.api, true)
		}
	}
	return kindOther
}

// arm sets the timer for what the machine waits for.
func (w *wires) arm(h *sim.Host) {
	at := sim.Time(w.machine.Deadline())
	if at >= sim.Forever || w.armed != 0 && w.armed <= at {
		return
	}
	w.armed = max(at, h.Now())
	h.After(w.armed-h.Now(), timerMachine)
}

// tick lets the machine act, now that its timer is due.
func (w *wires) tick(h *sim.Host) {
	if w.armed <= h.Now() {
		w.armed = 0
	}
	w.machine.Tick(int64(h.Now()))
}
