package sim

import (
	"fmt"
	"strings"
	"testing"
)

// talker is an App made of functions; nil ones do nothing. It writes down
// what it is told.
type talker struct {
	log      *[]string
	start    func(h *Host)
	opened   func(h *Host, s *Stream)
	data     func(h *Host, s *Stream)
	writable func(h *Host, s *Stream)
	closed   func(h *Host, s *Stream)
	wake     func(h *Host, t Timer)
	keeps    bool // leave to data what to read
}

func (a *talker) say(h *Host, s *Stream, format string, args ...any) {
	if a.log == nil {
		return
	}
	line := fmt.Sprintf("%v %s ", h.Now(), h.ctx.net.Name(h.Self()))
	if s != nil {
		line += fmt.Sprintf("stream %d ", s.ID())
	}
	*a.log = append(*a.log, line+fmt.Sprintf(format, args...))
}

func (a *talker) Start(h *Host) {
	if a.start != nil {
		a.start(h)
	}
}

func (a *talker) Opened(h *Host, s *Stream) {
	a.say(h, s, "opened")
	if a.opened != nil {
		a.opened(h, s)
	}
}

func (a *talker) Data(h *Host, s *Stream) {
	if a.data != nil {
		a.data(h, s)
	}
	if a.keeps {
		return
	}
	b := s.Read(1 << 20)
	end := ""
	if s.EOF() {
		end = " end"
	}
	if len(b) > 20 {
		a.say(h, s, "%dB%s", len(b), end)
	} else {
		a.say(h, s, "%q%s", b, end)
	}
}

func (a *talker) Writable(h *Host, s *Stream) {
	a.say(h, s, "writable")
	if a.writable != nil {
		a.writable(h, s)
	}
}

func (a *talker) Closed(h *Host, s *Stream) {
	a.say(h, s, "closed %v", s.Err())
	if a.closed != nil {
		a.closed(h, s)
	}
}

func (a *talker) Datagram(h *Host, from NodeID, fromPort, port uint16, payload []byte) {
	a.say(h, nil, "datagram %d:%d to %d %q", from, fromPort, port, payload)
}

func (a *talker) Wake(h *Host, t Timer) {
	if a.wake != nil {
		a.wake(h, t)
	}
}

// pair is a client that dials port 80 of a server, which listens there.
type pair struct {
	net            *Network
	hosts          *Hosts[*talker]
	log            []string
	client, server talker
	dialled        *Stream // by the client
	taken          *Stream // by the server
}

func newPair(link Link) *pair {
	p := &pair{net: New(1)}
	p.client.log, p.server.log = &p.log, &p.log
	p.client.start = func(h *Host) { p.dialled = h.Dial(1, 80) }
	p.server.start = func(h *Host) { h.Listen(80) }
	p.hosts = NewHosts(2, func(member int) *talker {
		if member == 0 {
			return &p.client
		}
		return &p.server
	})
	role := p.net.AddRole("host", 2, p.hosts)
	p.net.Connect(role, role, link)
	p.net.Journal.Keep(All)
	return p
}

// packets writes the segments that were sent.
func (p *pair) packets() []string {
	var lines []string
	for _, e := range events(p.net) {
		if e.Kind != KindSend {
			continue
		}
		b, _ := p.net.Journal.Payload(e.ID)
		g, ok := ParseSegment(b)
		if !ok {
			continue
		}
		lines = append(lines, fmt.Sprintf("%v %d %s %dB", e.At, e.Node, g.Flags, len(g.Data)))
	}
	return lines
}

func TestStreamStory(t *testing.T) {
	p := newPair(Link{Delay: 10 * Millisecond})
	p.client.opened = func(h *Host, s *Stream) { s.Write(1, []byte("hello")) }
	p.server.data = func(h *Host, s *Stream) {
		if s.Unread() > 0 {
			s.Write(2, []byte("good day"))
		}
		if s.EOF() {
			s.CloseWrite()
		}
	}
	p.client.data = func(h *Host, s *Stream) { s.CloseWrite() }
	play(p.net, 60*Second)
	same(t, "what the apps are told", p.log, strings.Split(`20ms host/0 stream 1 opened
30ms host/1 stream 1 opened
30ms host/1 stream 1 "hello"
40ms host/0 stream 1 "good day"
50ms host/1 stream 1 "" end
60ms host/0 stream 1 "" end
60ms host/0 stream 1 closed <nil>
70ms host/1 stream 1 closed <nil>`, "\n"))
	// Seven segments: every acknowledgement but the last has company.
	same(t, "what is on the wire", p.packets(), strings.Split(`0s 0 SYN 0B
10ms 1 SYN ACK 0B
20ms 0 ACK 5B
30ms 1 ACK 8B
40ms 0 FIN ACK 0B
50ms 1 FIN ACK 0B
60ms 0 ACK 0B`, "\n"))
}
