package sim

import (
	"testing"
)

// victim is an App that dials, listens and answers whatever comes.
type victim struct {
	Idle
	streams []*Stream
	told    map[*Stream]int // 1 opened, 2 closed
	t       *testing.T
}

func (v *victim) Start(h *Host) {
	v.told = map[*Stream]int{}
	h.Listen(80)
	for range 2 {
		v.streams = append(v.streams, h.Dial(1, 80))
	}
}

func (v *victim) Opened(h *Host, s *Stream) {
	if v.told[s] != 0 {
		v.t.Error("opened twice")
	}
	v.told[s] = 1
	if s.Incoming() {
		v.streams = append(v.streams, s)
	}
	s.Write(1, make([]byte, 100))
}

func (v *victim) alive(s *Stream) {
	if v.told[s] != 1 {
		v.t.Error("told of a stream that is not open")
	}
}

func (v *victim) Data(h *Host, s *Stream) {
	v.alive(s)
	s.Write(2, s.Read(50))
	if s.EOF() {
		s.CloseWrite()
	}
}

func (v *victim) Writable(h *Host, s *Stream) { v.alive(s); s.Write(3, make([]byte, 1000)) }
func (v *victim) Closed(h *Host, s *Stream) {
	if v.told[s] == 2 {
		v.t.Error("closed twice")
	}
	v.told[s] = 2
}

// within checks that a host keeps what its limits say, and no two books about it.
func within(t *testing.T, h *Host) {
	l := h.shared.limits
	live, halfOpen := 0, 0
	h.Streams(func(s *Stream) bool {
		live++
		if s.state == synReceived {
			halfOpen++
		}
		if h.table[key(s.peer, s.peerPort, s.localPort)] != s || s.state == closed {
			t.Errorf("a stream in %s is not in the table", s.State())
		}
		if s.out.len() > l.SendBytes || s.in.len() > l.ReceiveBytes || s.unread > s.in.len() || len(s.islands) > maxIslands ||
			cap(s.in.buf) > 4*l.ReceiveBytes+2*minBufferBytes || cap(s.out.buf) > 4*l.SendBytes+2*minBufferBytes {
			t.Errorf("%d to send in %d, %d to read of %d in %d, %d islands", s.out.len(), cap(s.out.buf), s.unread, s.in.len(), cap(s.in.buf), len(s.islands))
		}
		for i, l := range s.islands {
			from := s.rcvNxt
			if i > 0 {
				from = s.islands[i-1].to
			}
			if ahead(l.from, from) <= 0 || ahead(l.to, l.from) <= 0 || ahead(s.edge, l.to) < 0 {
				t.Errorf("islands %v beyond %d, up to %d", s.islands, s.rcvNxt, s.edge)
			}
		}
		if n := ahead(s.nxt, s.una); n < 0 || n > s.out.len()+1 {
			t.Errorf("%d numbers are out, of %d bytes", n, s.out.len())
		}
		return true
	})
	if live != h.live || live != len(h.table) || live > l.Streams || halfOpen != h.halfOpen || halfOpen > l.Backlog || len(h.dirty) != 0 {
		t.Errorf("%d streams, %d counted, %d in the table; %d half open, %d counted", live, h.live, len(h.table), halfOpen, h.halfOpen)
	}
}

// FuzzHost sends any segments in any order to a host, with numbers near those
// that it expects, while its app goes on: nothing panics, and its limits hold.
//
// Each nine bytes are a step: which stream, flags, how far the numbers are off,
// the window, how many bytes, how long until the next.
func FuzzHost(f *testing.F) {
	f.Add([]byte{0, byte(SYN | ACK), 0, 0, 1, 5, 0, 1, 0, 0, byte(ACK), 0, 0, 0, 5, 100, 1, 0, 0, byte(FIN | ACK), 0, 0, 0, 5, 0, 1, 0})
	f.Add([]byte{2, byte(SYN), 0, 0, 0, 1, 0, 1, 0, 2, byte(ACK), 0, 0, 1, 0, 0, 1, 0, 2, byte(ACK), 9, 0, 0, 0, 9, 200, 0, 2, byte(RST), 0, 0, 0, 0, 0, 1, 9})
	f.Add([]byte{0, byte(RST | ACK), 0, 0, 1, 5, 0, 1, 0, 1, byte(SYN), 0, 0, 1, 5, 0, 255, 255, 9, 255, 255, 255, 255, 255, 255, 255, 3})
	f.Add([]byte{0, byte(SYN | ACK), 0, 0, 1, 0, 0, 1, 0, 0, byte(ACK), 20, 0, 0, 0, 5, 1, 0, 0, byte(ACK), 10, 0, 0, 0, 5, 1, 0,
		0, byte(ACK), 0, 0, 0, 3, 200, 1, 1, 0, byte(ACK), 0, 0, 100, 3, 1, 1, 1, 0, byte(FIN | ACK), 254, 0, 1, 3, 1, 1, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		n := New(1)
		v := &victim{t: t}
		hosts := NewHosts(1, func(int) *victim { return v })
		hosts.Limits.Streams, hosts.Limits.Backlog, hosts.Limits.SegmentBytes = 4, 2, 64
		hosts.Limits.ReceiveBytes, hosts.Limits.SendBytes = 300, 400
		role := n.AddRole("host", 1, hosts)
		peer := n.AddRole("peer", 1, &actor{start: func(c *Ctx) { c.After(Forever, 0) }})
		n.Connect(peer, role, Link{Delay: 1})
		n.Advance(1, 1000)
		h := hosts.Host(0)
		steps = steps[:min(len(steps), 9*200)]
		for ; len(steps) >= 9; steps = steps[9:] {
			b := steps
			g := Segment{SourcePort: 80, DestinationPort: 80, Flags: Flags(b[1]) & (FIN | SYN | RST | ACK),
				SequenceNumber: uint32(int8(b[2])), AcknowledgementNumber: uint32(int8(b[4])), Window: uint32(b[5]) * uint32(b[5]), Data: make([]byte, b[6])}
			if which := int(b[0] % 8); which < len(v.streams) {
				s := v.streams[which]
				g.SourcePort, g.DestinationPort = s.peerPort, s.localPort
				g.SequenceNumber += s.rcvNxt
				g.AcknowledgementNumber += s.una
			} else {
				g.SourcePort = uint16(b[0])
				h.Streams(func(s *Stream) bool { // one that the app does not know yet
					if s.peerPort == g.SourcePort {
						g.AcknowledgementNumber += s.una
						g.SequenceNumber += s.rcvNxt
					}
					return true
				})
			}
			g.SequenceNumber += uint32(b[3]) << 24
			n.Do(1, func(ctx *Ctx) { ctx.Send(0, 0, g.Append(nil)) })
			n.Advance(n.Now()+1+Time(b[7])<<(b[8]%20), 1000)
			within(t, h)
			if b[8] >= 250 && len(v.streams) > 0 { // the app loses patience
				n.Do(0, func(ctx *Ctx) {
					hosts.Act(ctx, func(h *Host, v *victim) { v.streams[int(b[0])%len(v.streams)].Abort() })
				})
				within(t, h)
			}
			if t.Failed() {
				return
			}
		}
		n.Advance(n.Now()+3600*Second, 100_000)
		within(t, h)
		if h.halfOpen != 0 || len(h.resting) != 0 {
			t.Errorf("after an hour %d are half open, %d at rest", h.halfOpen, len(h.resting))
		}
	})
}
