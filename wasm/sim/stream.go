package sim

import "errors"

// Why a stream failed.
var (
	ErrRefused = errors.New("refused: nobody listens on that port")
	ErrReset   = errors.New("reset by the peer")
	ErrTimeout = errors.New("timed out: no acknowledgement after the last repetition")
	ErrLimit   = errors.New("too many streams at this host")
)

// Stream is one end of an ordered byte pipe between two nodes. What one end
// writes, the other reads: once, in order; or the stream fails.
type Stream struct {
	// Label and User are the app's own.
	Label int
	User  any

	host      *Host
	id        uint32
	slot      uint32 // its place in host.slots
	peer      NodeID
	peerPort  uint16
	localPort uint16
	state     state
	incoming  bool
	told      bool // the app knows of it
	queued    bool // in host.dirty
	news      notice
	err       error

	sender
	receiver
	timing
}

// notice is what the app is still to be told.
type notice uint8

const (
	newsOpened notice = 1 << iota
	newsData
	newsWritable
	newsClosed
)

// ID numbers the streams of a host's life from 1.
func (s *Stream) ID() uint32 { return s.id }

// Peer is the node at the other end.
func (s *Stream) Peer() NodeID { return s.peer }

// PeerPort is the port at the other end.
func (s *Stream) PeerPort() uint16 { return s.peerPort }

// LocalPort is the port at this end.
func (s *Stream) LocalPort() uint16 { return s.localPort }

// Incoming reports whether the peer dialled.
func (s *Stream) Incoming() bool { return s.incoming }

// Write takes as many bytes as the send buffer has room for, and says how
// many; if that is not all, App.Writable tells when to go on. The bytes are
// copied. kind marks, for the eye, the segments that begin with them. Nothing
// is taken after CloseWrite, or when the stream is over.
func (s *Stream) Write(kind uint8, b []byte) (taken int) {
	taken = min(len(b), s.Room())
	if taken > 0 {
		s.out.push(&s.host.shared.shelf, b[:taken])
		s.mark(kind)
		s.touch()
	}
	s.blocked = s.blocked || taken < len(b)
	return taken
}

// Room is how many bytes Write would take now.
func (s *Stream) Room() int {
	if !s.state.takes() || s.finishing {
		return 0
	}
	return s.host.shared.limits.SendBytes - s.out.len()
}

// Read takes up to max bytes out of what has arrived, nil if there is
// nothing. They are valid until the method of the app that asked returns.
// What is read makes room in the window.
func (s *Stream) Read(max int) []byte {
	n := min(max, s.unread)
	if n <= 0 {
		return nil
	}
	b := s.in.bytes()[:n:n]
	s.in.pop(n)
	s.unread -= n
	s.touch()
	return b
}

// Unread is how many bytes have arrived and not been read.
func (s *Stream) Unread() int { return s.unread }

// Stuck is how many bytes have arrived that cannot be read yet, because some
// before them are missing.
func (s *Stream) Stuck() (bytes int) {
	for _, l := range s.islands {
		bytes += int(l.to - l.from)
	}
	return bytes
}

// EOF reports whether the peer has closed its side and everything was read.
func (s *Stream) EOF() bool { return s.unread == 0 && s.finDone }

// CloseWrite ends this side's bytes: a FIN follows the last of them. Reading
// goes on until the peer does the same.
func (s *Stream) CloseWrite() {
	if s.state.takes() && !s.finishing {
		s.finishing = true
		s.touch()
	}
}

// Abort ends the stream at once, with an RST to the peer. What was not yet
// sent or read is lost, and App.Closed is not called.
func (s *Stream) Abort() {
	s.news, s.told = 0, false
	if s.state == closed || s.state == timeWait {
		return
	}
	if s.state != synSent { // a peer that never answered has nothing to reset
		s.send(s.nxt, RST|ACK, nil, s.host.shared.marks.Rst)
	}
	s.end()
}

// Err says why the stream failed, once App.Closed was called; nil if it did
// not.
func (s *Stream) Err() error { return s.err }

// State is the name of the stream's state as in RFC 9293: "ESTABLISHED".
func (s *Stream) State() string { return stateNames[s.state] }

// Unacknowledged is how many bytes were written and not acknowledged.
func (s *Stream) Unacknowledged() int { return s.out.len() }

// touch has the stream flushed when the app returns.
func (s *Stream) touch() {
	if !s.queued {
		s.queued = true
		s.host.dirty = append(s.host.dirty, s)
	}
}

// fail ends the stream for a reason that the app will hear.
func (s *Stream) fail(why error) {
	s.err, s.news = why, 0
	if s.told {
		s.news = newsClosed
	}
	s.end()
}

// end forgets the stream, and what it held. (What the app may just be reading
// is freed by flush.)
func (s *Stream) end() {
	s.host.forget(s)
	s.state = s.state.after(ends)
	s.unread, s.islands = 0, nil
	s.out.free(&s.host.shared.shelf)
	s.touch()
}
