package sim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

var near = Link{Delay: 10 * Millisecond}

// What becomes of streams when something is in their way, as the apps hear it.
func TestStreamFates(t *testing.T) {
	greet := func(h *Host, s *Stream) { s.Write(1, []byte("hello")) }
	leave := func(h *Host, s *Stream) { s.CloseWrite() }
	abort := func(h *Host, s *Stream) { s.Abort() }
	leaveAtEnd := func(h *Host, s *Stream) {
		if s.finDone {
			s.CloseWrite()
		}
	}
	for _, c := range []struct {
		name   string
		set    func(p *pair)
		script string
		want   string
	}{
		{"nobody listens", func(p *pair) { p.server.start = nil }, "",
			"20ms host/0 stream 1 closed refused: nobody listens on that port"},
		{"nobody listens any more", func(p *pair) {
			p.server.start = func(h *Host) { h.Listen(80); h.Unlisten(80) }
		}, "", "20ms host/0 stream 1 closed refused: nobody listens on that port"},
		{"there is no such node", func(p *pair) { p.client.start = func(h *Host) { h.Dial(7, 80) } }, "",
			"31s host/0 stream 1 closed timed out: no acknowledgement after the last repetition"},
		{"the peer is down", func(p *pair) {}, "0s crash host/1",
			"31s host/0 stream 1 closed timed out: no acknowledgement after the last repetition"},
		{"a SYN is lost", func(p *pair) {
			p.client.start = func(h *Host) { h.After(5*Millisecond, 1) }
			p.client.wake = func(h *Host, _ Timer) { h.Dial(1, 80) }
		}, "1ms cut host/0 to host/1\n500ms heal", "1.025s host/0 stream 1 opened|1.035s host/1 stream 1 opened"},
		{"a SYN ACK is lost", func(p *pair) {}, "1ms cut host/1 to host/0\n500ms heal",
			"1.02s host/0 stream 1 opened|1.03s host/1 stream 1 opened"},
		{"the last ACK of the handshake is lost, and bytes stand in for it",
			func(p *pair) {
				p.client.wake = func(h *Host, _ Timer) { greet(h, p.dialled) }
				p.wakeClient(50 * Millisecond)
			},
			"15ms cut host/0 to host/1\n30ms heal",
			`20ms host/0 stream 1 opened|60ms host/1 stream 1 opened|60ms host/1 stream 1 "hello"`},
		{"half closed: the answer still comes", func(p *pair) {
			p.client.opened = func(h *Host, s *Stream) { greet(h, s); s.CloseWrite() }
			p.server.data = func(h *Host, s *Stream) { s.Write(1, []byte("bye")); s.CloseWrite() }
		}, "", `20ms host/0 stream 1 opened|30ms host/1 stream 1 opened|30ms host/1 stream 1 "hello" end|` +
			`40ms host/0 stream 1 "bye" end|40ms host/0 stream 1 closed <nil>|50ms host/1 stream 1 closed <nil>`},
		{"both close at once", func(p *pair) {
			p.client.opened = func(h *Host, s *Stream) { h.After(10*Millisecond, 1) }
			p.client.wake = func(h *Host, _ Timer) { p.dialled.CloseWrite() }
			p.server.opened = leave
		}, "", `20ms host/0 stream 1 opened|30ms host/1 stream 1 opened|40ms host/1 stream 1 "" end|40ms host/0 stream 1 "" end|` +
			`50ms host/0 stream 1 closed <nil>|50ms host/1 stream 1 closed <nil>`},
		{"one aborts", func(p *pair) {
			p.client.opened = greet
			p.server.data = func(h *Host, s *Stream) { s.Read(9); s.Abort() }
		}, "",
			`20ms host/0 stream 1 opened|30ms host/1 stream 1 opened|30ms host/1 stream 1 ""|40ms host/0 stream 1 closed reset by the peer`},
		{"both abort at once", func(p *pair) {
			p.client.wake = func(h *Host, _ Timer) { p.dialled.Abort() }
			p.wakeClient(30 * Millisecond)
			p.server.opened = abort
		}, "", `20ms host/0 stream 1 opened|30ms host/1 stream 1 opened`},
		{"aborted before it opens", func(p *pair) { p.client.start = func(h *Host) { h.Dial(1, 80).Abort() } }, "", ""},
		{"the last bytes are lost, and their repetition is not", func(p *pair) { p.client.opened = greet },
			"20ms cut host/0 to host/1\n30ms heal",
			`20ms host/0 stream 1 opened|230ms host/1 stream 1 opened|230ms host/1 stream 1 "hello"`},
		{"cut off for ever", func(p *pair) {
			p.client.wake = func(h *Host, _ Timer) { greet(h, p.dialled) }
			p.wakeClient(100 * Millisecond)
		}, "50ms cut host/0",
			"20ms host/0 stream 1 opened|30ms host/1 stream 1 opened|25.5s host/0 stream 1 closed timed out: no acknowledgement after the last repetition"},
		{"the server forgets all, and says so to the next bytes", func(p *pair) {
			p.client.wake = func(h *Host, _ Timer) { greet(h, p.dialled) }
			p.wakeClient(100 * Millisecond)
		}, "50ms crash host/1\n60ms restart host/1",
			"20ms host/0 stream 1 opened|30ms host/1 stream 1 opened|120ms host/0 stream 1 closed reset by the peer"},
		{"the client forgets all, and says so to the next bytes", func(p *pair) {
			p.server.opened = func(h *Host, s *Stream) {
				if p.taken == nil {
					p.taken = s
					h.After(100*Millisecond, 1)
				}
			}
			p.server.wake = func(h *Host, _ Timer) { greet(h, p.taken) }
		}, "50ms crash host/0\n60ms restart host/0",
			`20ms host/0 stream 1 opened|30ms host/1 stream 1 opened|80ms host/0 stream 1 opened|90ms host/1 stream 2 opened|` +
				`150ms host/1 stream 1 closed reset by the peer`},
		{"a peer that is gone is not missed by who is idle", func(p *pair) {}, "50ms crash host/1",
			"20ms host/0 stream 1 opened|30ms host/1 stream 1 opened"},
		{"paused for a while: what was sent meanwhile is repeated, and read once", func(p *pair) { p.client.opened = greet; p.server.data = leaveAtEnd },
			"25ms pause host/1\n3s resume host/1", `20ms host/0 stream 1 opened|3s host/1 stream 1 opened|3s host/1 stream 1 "hello"`},
		{"no room for another stream", func(p *pair) {
			p.hosts.Limits.Streams = 1
			p.client.start = func(h *Host) { h.Dial(1, 80); h.Dial(1, 80) }
		}, "", "1ms host/0 stream 2 closed too many streams at this host|20ms host/0 stream 1 opened|30ms host/1 stream 1 opened"},
		{"the server has room for one, and the other tries again", func(p *pair) {
			p.hosts.Limits.Backlog = 1
			p.client.start = func(h *Host) { h.Dial(1, 80); h.Dial(1, 80) }
		}, "", "20ms host/0 stream 1 opened|30ms host/1 stream 1 opened|1.02s host/0 stream 2 opened|1.03s host/1 stream 2 opened"},
		{"a node that dials itself", func(p *pair) {
			p.server.start = nil
			p.client.start = func(h *Host) { h.Listen(80); p.dialled = h.Dial(0, 80) }
			p.client.opened = func(h *Host, s *Stream) { greet(h, s); s.CloseWrite() }
		}, "", `20ms host/0 stream 1 opened|30ms host/0 stream 2 opened|30ms host/0 stream 2 "hello" end|` +
			`40ms host/0 stream 1 "hello" end|40ms host/0 stream 1 closed <nil>|50ms host/0 stream 2 closed <nil>`},
	} {
		p := newPair(near)
		c.set(p)
		schedule(t, p.net, c.script)
		play(p.net, 100*Second)
		want := strings.Split(c.want, "|")
		if c.want == "" {
			want = nil
		}
		same(t, c.name, p.log, want)
	}
}

// wakeClient sets a timer at the client's start.
func (p *pair) wakeClient(d Time) {
	start := p.client.start
	p.client.start = func(h *Host) { start(h); h.After(d, 1) }
}

// Writes of one moment share segments; a write too long for one is split.
func TestStreamSegments(t *testing.T) {
	p := newPair(near)
	p.client.opened = func(h *Host, s *Stream) {
		for range 100 {
			s.Write(1, []byte("twenty bytes, always"))
		}
		s.CloseWrite()
	}
	p.server.data = func(h *Host, s *Stream) { s.CloseWrite() }
	play(p.net, 10*Second)
	same(t, "what is on the wire", p.packets()[2:], []string{
		"20ms 0 ACK 1400B", "20ms 0 FIN ACK 600B",
		"30ms 1 FIN ACK 0B", "30ms 1 ACK 0B", "40ms 0 ACK 0B",
	})
}

// The kinds of the bytes are those of their segments; the stack's own
// segments, and repetitions, have marks.
func TestStreamMarks(t *testing.T) {
	p := newPair(near)
	p.hosts.Marks = Marks{Syn: 10, Ack: 11, Fin: 12, Rst: 13, Again: 14}
	p.hosts.Limits.SegmentBytes = 4
	p.client.opened = func(h *Host, s *Stream) {
		s.Write(1, []byte("a"))
		s.Write(2, []byte("bcdefg"))
		s.Write(3, []byte("h"))
		s.Write(4, []byte("ij"))
		h.After(100*Millisecond, 0)
	}
	p.client.wake = func(h *Host, _ Timer) { p.dialled.CloseWrite() }
	p.server.data = func(h *Host, s *Stream) {
		if s.Read(99); s.EOF() {
			s.Abort()
		}
	}
	schedule(t, p.net, "15ms cut host/0 to host/1\n40ms heal")
	play(p.net, 10*Second)
	kinds := ""
	for _, e := range events(p.net) {
		if e.Kind == KindSend {
			kinds += fmt.Sprintf(" %d:%d", e.Node, e.Code)
		}
	}
	if want := " 0:10 1:10 0:1 0:2 0:4 0:12 1:11 0:14 1:11 0:14 0:14 1:13"; kinds != want {
		t.Errorf("the kinds are%s, expected%s", kinds, want)
	}
}

// A reader that does not read holds the writer back: no more is sent than the
// window takes, and probes ask whether it is open again.
func TestStreamZeroWindow(t *testing.T) {
	for _, lost := range []bool{false, true} { // the news that the window is open
		p := newPair(near)
		p.hosts.Limits.ReceiveBytes, p.hosts.Limits.SendBytes = 5000, 8000
		offered, read := bytes.Repeat([]byte("0123456789"), 2000), []byte(nil)
		rest := offered
		write := func(h *Host, s *Stream) {
			for n := 1; n > 0 && len(rest) > 0; rest = rest[n:] {
				n = s.Write(1, rest)
			}
			if len(rest) == 0 {
				s.CloseWrite()
			}
		}
		p.client.opened, p.client.writable = write, write
		p.server.log = nil
		p.server.opened = func(h *Host, s *Stream) { p.taken = s; h.After(60*Second, 1) }
		most, open := 0, false
		p.server.wake = func(h *Host, _ Timer) { open = true; p.read(&read) }
		p.server.data = func(h *Host, s *Stream) {
			most = max(most, s.Unread())
			if open {
				p.read(&read)
			}
		}
		if lost {
			schedule(t, p.net, "59s cut host/1 to host/0\n61s heal")
		}
		p.server.keeps = true
		play(p.net, 59*Second)
		if p.dialled.State() != "ESTABLISHED" || p.taken.Unread() != 5000 || p.dialled.Unacknowledged() != 8000 {
			t.Fatalf("after a minute: %s, %d bytes unread, %d unacknowledged", p.dialled.State(), p.taken.Unread(), p.dialled.Unacknowledged())
		}
		probes := 0
		for _, line := range p.packets() {
			if strings.HasSuffix(line, " 0 ACK 0B") {
				probes++
			}
		}
		if probes < 6 || probes > 10 {
			t.Errorf("%d probes in a minute; expected them farther and farther apart", probes)
		}
		play(p.net, 200*Second)
		if !bytes.Equal(read, offered) || most > 5000 {
			t.Errorf("%d bytes were read of %d, %d at most waited", len(read), len(offered), most)
		}
	}
}

func (p *pair) read(into *[]byte) {
	for b := p.taken.Read(700); b != nil; b = p.taken.Read(700) {
		*into = append(*into, b...)
	}
	if p.taken.EOF() {
		p.taken.CloseWrite()
	}
}

// Ten thousand streams to one host open, speak and end; then nothing is left
// of them, and while they are idle they hold no buffers and set no timers.
func TestManyStreams(t *testing.T) {
	const many = 10_000
	p := newPair(Link{Delay: 10 * Millisecond, Jitter: 5 * Millisecond, Loss: 20_000})
	p.client.log, p.server.log = nil, nil
	p.net.Journal.Keep(Count)
	p.hosts.Limits.Backlog = many
	var dialled []*Stream
	ends := 0
	p.client.start = func(h *Host) {
		for range many {
			dialled = append(dialled, h.Dial(1, 80))
		}
		h.After(90*Second, 1)
	}
	p.client.opened = func(h *Host, s *Stream) { s.Write(1, []byte("hello")) }
	p.client.wake = func(h *Host, _ Timer) {
		for _, s := range dialled {
			s.CloseWrite()
		}
	}
	p.server.data = func(h *Host, s *Stream) {
		s.Read(5)
		if s.EOF() {
			s.CloseWrite()
		}
	}
	p.client.closed = func(h *Host, s *Stream) {
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		ends++
	}
	play(p.net, 80*Second)
	if left := p.net.slab.live; left != 1 {
		t.Errorf("%d events are on their way while all are idle, expected the app's timer", left)
	}
	for i := range 2 {
		held := 0
		p.hosts.Host(i).Streams(func(s *Stream) bool { held += cap(s.in.buf) + cap(s.out.buf); return true })
		if got := p.hosts.Host(i).live; got != many || held != 0 {
			t.Errorf("host %d has %d streams and %d bytes of buffers", i, got, held)
		}
	}
	play(p.net, 300*Second)
	for i := range 2 {
		if h := p.hosts.Host(i); h.live != 0 || len(h.table) != 0 {
			t.Errorf("host %d still has %d streams", i, h.live)
		}
	}
	if ends != many || len(p.hosts.shared.shelf.buffers) > maxShelfBuffers {
		t.Errorf("%d ended well; %d buffers are on the shelf", ends, len(p.hosts.shared.shelf.buffers))
	}
}

// Ports are taken in turn, and not twice for one peer and port.
func TestDialPorts(t *testing.T) {
	p := newPair(near)
	p.hosts.Limits.Streams = 1 << 17
	p.server.start = nil
	var last *Stream
	p.client.log = nil
	p.client.start = func(h *Host) {
		seen := map[uint16]bool{}
		for range dialPorts {
			s := h.Dial(1, 80)
			if s.LocalPort() < firstDialPort || seen[s.LocalPort()] {
				t.Fatalf("port %d is not free", s.LocalPort())
			}
			seen[s.LocalPort()] = true
		}
		if s := h.Dial(1, 81); s.LocalPort() < firstDialPort {
			t.Errorf("no port is left for another port of the peer")
		}
		last = h.Dial(1, 80)
	}
	play(p.net, 5*Millisecond)
	if last.Err() != ErrLimit {
		t.Errorf("one stream too many: %v", last.Err())
	}
}

func TestDatagrams(t *testing.T) {
	p := newPair(near)
	p.client.start = func(h *Host) {
		h.SendTo(1, 1000, 53, 3, []byte("who?"))
		h.SendTo(0, 1, 2, 0, nil)
		h.SendTo(1, 1, 2, 0, make([]byte, MaxDatagramBytes))
		h.Ctx().Send(1, 0, []byte("neither a segment nor a datagram"))
	}
	schedule(t, p.net, "1ms duplicate host/0 100%")
	play(p.net, Second)
	if len(p.log) != 3 {
		t.Fatalf("%q", p.log)
	}
	same(t, "datagrams", p.log[:2], []string{`10ms host/1 datagram 0:1000 to 53 "who?"`, `10ms host/0 datagram 0:1 to 2 ""`})
}

// Something outside can act at a node that is up, and what it does is journalled.
func TestDo(t *testing.T) {
	p := newPair(near)
	p.client.start = func(h *Host) { h.After(Forever, 0) }
	dial := func() bool {
		return p.net.Do(0, func(ctx *Ctx) {
			p.hosts.Act(ctx, func(h *Host, app *talker) { p.dialled = h.Dial(1, 80); p.dialled.Write(0, []byte("hi")) })
		})
	}
	if dial() {
		t.Error("it acts before the run has begun")
	}
	play(p.net, Second)
	if !dial() || p.net.Do(9, nil) {
		t.Error("it acts at nodes that there are, and at no others")
	}
	play(p.net, 2*Second)
	same(t, "what comes of it", p.log, []string{"1.02s host/0 stream 1 opened", "1.03s host/1 stream 1 opened", `1.03s host/1 stream 1 "hi"`})
	if e := events(p.net)[2]; e.Kind != KindOrder || e.Node != 0 || e.At != Second {
		t.Errorf("it is journalled as %+v", e)
	}
	schedule(t, p.net, "3s crash host/0\n4s restart host/0\n4s pause host/0")
	for _, at := range []Time{3 * Second, 4 * Second} {
		if play(p.net, at); dial() {
			t.Errorf("at %v it acts at a node that is down or paused", at)
		}
	}
}
