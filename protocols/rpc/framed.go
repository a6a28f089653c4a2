package rpc

import (
	"encoding/binary"
	"fmt"
)

// Frames on a stream
//
// Behaviour: before each frame its length, four bytes, the highest first.
// Half a frame waits for its other half.
//
//	stream = *( length frame )
//
// Versions: there is one.
//
// Not done: a way to find the next frame after a bad length; the connection is over then.
type framed struct {
	limits TransportLimits
	in     pipe
	given  int // bytes of the frame that Poll returned last
	out    pipe
	err    error
}

const lengthBytes = 4

func (s *framed) Receive(_ int64, b []byte) {
	if s.err != nil {
		return
	}
	s.settle()
	s.in.add(b...)
	s.check()
}

// settle drops what Poll returned last.
func (s *framed) settle() {
	s.in.drop(s.given)
	s.given = 0
}

// check looks at the next frame's length. A frame is refused before it is
// collected: this is what bounds the memory that a peer can take.
func (s *framed) check() {
	if b := s.in.rest(); len(b) >= lengthBytes {
		if n := binary.BigEndian.Uint32(b); n == 0 || uint64(n) > uint64(s.limits.MaxFrameBytes) {
			s.err = &PeerError{fmt.Sprintf("a frame's length is %d; expected 1 to maxFrameBytes, %d", n, s.limits.MaxFrameBytes)}
			s.in = pipe{}
		}
	}
}

func (s *framed) Poll() (uint32, []byte, bool) {
	s.settle()
	s.check()
	b := s.in.rest()
	if len(b) < lengthBytes {
		return 0, nil, false
	}
	end := lengthBytes + int(binary.BigEndian.Uint32(b))
	if len(b) < end {
		return 0, nil, false
	}
	s.given = end
	return 0, b[lengthBytes:end:end], true
}

func (s *framed) Send(_ uint32, frame []byte) error {
	switch {
	case len(frame) == 0:
		return nil
	case s.err != nil:
		return s.err
	case len(frame) > s.limits.MaxFrameBytes:
		return ErrTooLarge
	case s.out.len()+len(frame) > s.limits.MaxQueueBytes:
		return ErrFull
	}
	s.out.bytes = binary.BigEndian.AppendUint32(s.out.bytes, uint32(len(frame)))
	s.out.add(frame...)
	return nil
}

func (s *framed) Output() []byte  { return s.out.rest() }
func (s *framed) Sent(n int)      { s.out.drop(n) }
func (s *framed) Deadline() int64 { return 0 }
func (s *framed) Tick(int64)      {}
func (s *framed) Err() error      { return s.err }
