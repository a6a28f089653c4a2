package sim

import "errors"

// Why a stream failed.
var (
	ErrRefused = errors.New("refused: nobody listens on that port")
	ErrReset   = errors.New("reset by the peer")
	ErrTimeout = errors.New("timed out: no acknowledgement after the last repetition")
	ErrLimit   = errors.New("too many streams at this host")
)

// Stream is one end of an ordered byte pipe between two nodes.
type Stream struct {
	// Label and User are the app's own.
	Label int
	User  any

	host *Host
	err  error
}

// ID numbers the streams of a host's life from 1.
func (s *Stream) ID() uint32 { return 0 }

// Peer is the node at the other end.
func (s *Stream) Peer() NodeID { return Nobody }

// PeerPort is the port at the other end.
func (s *Stream) PeerPort() uint16 { return 0 }

// LocalPort is the port at this end.
func (s *Stream) LocalPort() uint16 { return 0 }

// Incoming reports whether the peer dialled.
func (s *Stream) Incoming() bool { return false }

// Write takes as many bytes as the send buffer has room for, and says how
// many; if that is not all, App.Writable tells when to go on. The bytes are
// copied. kind marks, for the eye, the segments that begin with them. Nothing
// is taken after CloseWrite, or when the stream is over.
func (s *Stream) Write(kind uint8, b []byte) (taken int) { return 0 }

// Room is how many bytes Write would take now.
func (s *Stream) Room() int { return 0 }

// Read takes up to max bytes out of what has arrived, nil if there is
// nothing. They are valid until the next call of Read, and until the app
// returns. What is read makes room in the window.
func (s *Stream) Read(max int) []byte { return nil }

// Unread is how many bytes have arrived and not been read.
func (s *Stream) Unread() int { return 0 }

// EOF reports whether the peer has closed its side and everything was read.
func (s *Stream) EOF() bool { return false }

// CloseWrite ends this side's bytes: a FIN follows the last of them. Reading
// goes on until the peer does the same.
func (s *Stream) CloseWrite() {}

// Abort ends the stream at once, with an RST to the peer. What was not yet
// sent or read is lost, and App.Closed is not called.
func (s *Stream) Abort() {}

// Err says why the stream failed, once App.Closed was called; nil if it did
// not.
func (s *Stream) Err() error { return s.err }

// State is the name of the stream's state as in RFC 9293: "ESTABLISHED".
func (s *Stream) State() string { return "CLOSED" }

// Unacknowledged is how many bytes were written and not acknowledged.
func (s *Stream) Unacknowledged() int { return 0 }
