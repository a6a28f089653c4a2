package sim

import (
	"fmt"
	"strings"
	"testing"
)

// raw is a host whose peer is played by the test, segment by segment: the
// numbers below are beyond the first number of each side.
type raw struct {
	net    *Network
	hosts  *Hosts[*talker]
	log    []string
	app    talker
	got    []Segment
	t      *testing.T
	mine   uint32 // the peer's first number
	theirs uint32 // the host's, once known
}

func newRaw(t *testing.T) *raw {
	r := &raw{net: New(1), t: t, mine: 1<<32 - 3} // so that numbers wrap around
	r.app.log = &r.log
	r.hosts = NewHosts(1, func(int) *talker { return &r.app })
	a := r.net.AddRole("host", 1, r.hosts)
	b := r.net.AddRole("peer", 1, &actor{
		start: func(c *Ctx) { c.After(Forever, 0) },
		deliver: func(c *Ctx, p Packet) {
			g, ok := ParseSegment(p.Payload)
			if !ok {
				t.Fatalf("% x is no segment", p.Payload)
			}
			if g.Flags.Has(SYN) {
				r.theirs = g.SequenceNumber
			}
			r.got = append(r.got, g)
		}})
	r.net.Connect(a, b, Link{})
	r.net.Connect(b, a, Link{})
	return r
}

// say sends a segment from port 7 and returns what comes back within a
// microsecond, as "FLAGS sequence acknowledgement length".
func (r *raw) say(port uint16, flags Flags, seq, ack int, data string) string {
	g := Segment{SourcePort: 7, DestinationPort: port, Flags: flags, SequenceNumber: r.mine + uint32(seq), Window: 1000, Data: []byte(data)}
	if flags.Has(ACK) {
		g.AcknowledgementNumber = r.theirs + uint32(ack)
	}
	r.net.Do(1, func(c *Ctx) { c.Send(0, 0, g.Append(nil)) })
	return r.wait(1)
}

func (r *raw) wait(d Time) string {
	r.got = nil
	r.net.Advance(r.net.Now()+d, 10_000)
	var said []string
	for _, g := range r.got {
		seq, ack := int(int32(g.SequenceNumber-r.theirs)), "-"
		if g.Flags.Has(ACK) {
			ack = fmt.Sprint(int32(g.AcknowledgementNumber - r.mine))
		}
		if g.Flags == RST|ACK && g.SequenceNumber == 0 {
			seq = 0
		}
		said = append(said, fmt.Sprintf("%s %d %s %d", g.Flags, seq, ack, len(g.Data)))
	}
	return strings.Join(said, "|")
}

// What a host answers to single segments, by RFC 9293 section 3.10.7.
func TestStreamAnswers(t *testing.T) {
	type step struct {
		flags    Flags
		seq, ack int
		data     string
		want     string
	}
	hello := []step{{SYN, 0, 0, "", "SYN ACK 0 1 0"}, {ACK, 1, 1, "", ""}}
	closes := func(h *Host, s *Stream) { s.CloseWrite() }
	for _, c := range []struct {
		name  string
		set   func(r *raw)
		steps []step
		log   string
	}{
		{"no stream: what acknowledges is told that it is wrong", nil, []step{{ACK, 5, 9, "x", "RST 9 - 0"}, {FIN | ACK, 5, 9, "", "RST 9 - 0"}}, ""},
		{"no stream: what does not is acknowledged", nil, []step{{FIN, 5, 0, "xy", "RST ACK 0 8 0"}, {0, 5, 0, "", "RST ACK 0 5 0"}}, ""},
		{"no stream: an RST is not answered", nil, []step{{RST, 5, 0, "", ""}, {RST | ACK, 5, 0, "", ""}}, ""},
		{"a SYN said twice", nil, []step{hello[0], hello[0], hello[1]}, "opened"},
		{"a SYN of another stream", nil, []step{hello[0], {SYN, 50, 0, "", "ACK 1 1 0"}}, ""},
		{"a handshake that acknowledges what was not said", nil, []step{hello[0], {ACK, 1, 7, "", "RST 7 - 0"}, hello[1]}, "opened"},
		{"a handshake beyond the window", nil, []step{hello[0], {ACK, 70_000, 1, "", ""}, {ACK, 0, 1, "", ""}, hello[1]}, "opened"},
		{"an RST ends a handshake, in silence", nil, []step{hello[0], {RST, 1, 0, "", ""}, {ACK, 1, 1, "", "RST 1 - 0"}}, ""},
		{"bytes with the last of the handshake", nil, []step{hello[0], {ACK, 1, 1, "hey", ""}}, `opened|"hey"`},
		{"bytes said twice, and beyond a gap", nil, append(hello[:2:2], step{ACK, 1, 1, "abc", ""}, step{ACK, 1, 1, "abc", "ACK 1 4 0"},
			step{ACK, 6, 1, "fg", "ACK 1 4 0"}, step{ACK, 2, 1, "bcde", "ACK 1 8 0"}), `opened|"abc"|"defg"`},
		{"bytes beyond two gaps", nil, append(hello[:2:2], step{ACK, 6, 1, "f", "ACK 1 1 0"}, step{ACK, 3, 1, "c", "ACK 1 1 0"},
			step{ACK, 2, 1, "bcdef", "ACK 1 1 0"}, step{ACK, 1, 1, "a", "ACK 1 7 0"}), `opened|"abcdef"`},
		{"a FIN beyond a gap", nil, append(hello[:2:2], step{FIN | ACK, 4, 1, "d", "ACK 1 1 0"}, step{ACK, 9, 1, "late", "ACK 1 1 0"},
			step{ACK, 1, 1, "abc", "ACK 1 6 0"}, step{FIN | ACK, 4, 1, "d", "ACK 1 6 0"}), `opened|"abcd" end`},
		{"bytes beyond the window", func(r *raw) { r.app.keeps, r.hosts.Limits.ReceiveBytes = true, 4 },
			append(hello[:2:2], step{ACK, 1, 1, "abcdef", "ACK 1 5 0"}, step{ACK, 5, 1, "ef", "ACK 1 5 0"}), "opened"},
		{"an RST must be exact", nil, append(hello[:2:2], step{RST, 2, 0, "", "ACK 1 1 0"}, step{RST, 0, 0, "", ""}, step{RST, 70_000, 0, "", ""},
			step{RST, 1, 0, "", ""}), "opened|closed reset by the peer"},
		{"a SYN in the middle", nil, append(hello[:2:2], step{SYN, 9, 0, "", "ACK 1 1 0"}), "opened"},
		{"bytes without an acknowledgement", nil, append(hello[:2:2], step{0, 1, 0, "abc", ""}), "opened"},
		{"an acknowledgement of what was not sent", nil, append(hello[:2:2], step{ACK, 1, 2, "abc", ""}), "opened"},
		{"a probe of the window", nil, append(hello[:2:2], step{ACK, 0, 1, "", "ACK 1 1 0"}), "opened"},
		{"it closes; TIME-WAIT answers, and gives way to a later stream", func(r *raw) { r.app.opened = closes }, []step{
			hello[0], {ACK, 1, 1, "", "FIN ACK 1 1 0"}, {FIN | ACK, 1, 2, "", "ACK 2 2 0"}, {FIN | ACK, 1, 2, "", "ACK 2 2 0"},
			{RST, 2, 0, "", ""}, {ACK, 2, 2, "", ""}, {SYN, 1, 0, "", ""}, {SYN, 100, 0, "", "SYN ACK 0 101 0"}}, `opened|"" end|closed <nil>`},
	} {
		r := newRaw(t)
		r.app.start = func(h *Host) { h.Listen(80) }
		if c.set != nil {
			c.set(r)
		}
		r.wait(1)
		for i, s := range c.steps {
			if got := r.say(80, s.flags, s.seq, s.ack, s.data); got != s.want {
				t.Errorf("%s, segment %d: the answer is %q, expected %q", c.name, i+1, got, s.want)
			}
		}
		var told []string
		for _, line := range r.log {
			told = append(told, strings.SplitN(line, " ", 5)[4])
		}
		if got := strings.Join(told, "|"); got != c.log {
			t.Errorf("%s: the app hears %q, expected %q", c.name, got, c.log)
		}
	}
}

// What a host that dials makes of the answers.
func TestDialAnswers(t *testing.T) {
	for _, c := range []struct {
		name     string
		flags    Flags
		ack      int
		want     string
		then     string
		repeated string
	}{
		{"an answer to another SYN", SYN | ACK, 9, "RST 9 - 0", "", "SYN 0 - 0"},
		{"a reset of another SYN", RST | ACK, 9, "", "", "SYN 0 - 0"},
		{"a reset that acknowledges nothing", RST, 0, "", "", "SYN 0 - 0"},
		{"a refusal", RST | ACK, 1, "", "closed refused: nobody listens on that port", ""},
		{"a SYN at the same time", SYN, 0, "RST ACK 0 1 0", "", "SYN 0 - 0"},
		{"an acknowledgement alone", ACK, 1, "", "", "SYN 0 - 0"},
		{"the answer", SYN | ACK, 1, "ACK 1 1 0", "opened", ""},
	} {
		r := newRaw(t)
		var s *Stream
		r.app.start = func(h *Host) { s = h.Dial(1, 7) }
		if got := r.wait(1); got != "SYN 0 - 0" {
			t.Fatalf("it dials with %q", got)
		}
		if got := r.say(s.LocalPort(), c.flags, 0, c.ack, ""); got != c.want {
			t.Errorf("%s: the answer is %q, expected %q", c.name, got, c.want)
		}
		if got := r.wait(Second); got != c.repeated {
			t.Errorf("%s: a second later comes %q, expected %q", c.name, got, c.repeated)
		}
		if got := strings.Join(r.log, "|"); !strings.HasSuffix(got, c.then) || (c.then == "") != (got == "") {
			t.Errorf("%s: the app hears %q, expected %q", c.name, got, c.then)
		}
	}
}

// The timeout follows the round trips as RFC 6298 says, within its limits, and
// doubles with each repetition.
func TestRTO(t *testing.T) {
	hosts := NewHosts(1, func(int) *talker { return nil })
	s := &Stream{host: &Host{shared: &shared{limits: &hosts.Limits}}}
	check := func(what string, want Time) {
		if s.calm(); s.RTO() != want {
			t.Errorf("%s: %v, expected %v", what, s.RTO(), want)
		}
	}
	check("before the first round trip", Second)
	s.measured(400 * Millisecond)
	check("after one of 400ms: that and four times half of it", 1200*Millisecond)
	s.measured(400 * Millisecond)
	check("after two: 400 and four times 150", Second)
	for range 100 {
		s.measured(400 * Millisecond)
	}
	if s.calm(); s.RTO() < 400*Millisecond || s.RTO() > 401*Millisecond {
		t.Errorf("after many: %v, expected 400ms", s.RTO())
	}
	for range 100 {
		s.measured(0)
	}
	check("after many of nothing", 200*Millisecond)
	s.measured(3600 * Second)
	check("after one of an hour", 60*Second)

	// Karn: the time since a repeated segment says nothing of the round trip.
	p := newPair(near)
	p.client.wake = func(h *Host, _ Timer) { p.dialled.Write(0, []byte("x")) }
	p.wakeClient(100 * Millisecond)
	schedule(t, p.net, "50ms cut host/0 to host/1\n2s heal")
	play(p.net, 10*Second)
	if got := p.dialled.srtt >> 3; got != 20*Millisecond || p.dialled.RTO() != 200*Millisecond || p.dialled.Unacknowledged() != 0 {
		t.Errorf("a round trip of %v and a timeout of %v, after %d repeats", got, p.dialled.RTO(), p.dialled.Repeats())
	}

	p = newPair(near)
	schedule(t, p.net, "1ms cut host/1 to host/0")
	play(p.net, 20*Second)
	same(t, "the client's SYNs", p.packets(), []string{"0s 0 SYN 0B", "10ms 1 SYN ACK 0B", "1s 0 SYN 0B", "1.01s 1 SYN ACK 0B", "1.01s 1 SYN ACK 0B",
		"3s 0 SYN 0B", "3.01s 1 SYN ACK 0B", "3.01s 1 SYN ACK 0B", "7s 0 SYN 0B", "7.01s 1 SYN ACK 0B", "7.01s 1 SYN ACK 0B", "15s 0 SYN 0B", "15.01s 1 SYN ACK 0B", "15.01s 1 SYN ACK 0B"})
	if p.dialled.Repeats() != 4 || p.dialled.Peer() != 1 || p.dialled.PeerPort() != 80 {
		t.Errorf("%d repeats to %d:%d", p.dialled.Repeats(), p.dialled.Peer(), p.dialled.PeerPort())
	}
}

// orderly is a talker that takes orders.
type orderly struct{ talker }

func (o *orderly) Accepts(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("expected one word")
	}
	return nil
}

func (o *orderly) Order(h *Host, args []string) {
	s := h.Dial(h.Self(), 80)
	s.Write(0, []byte(args[0]))
}

func TestHostsTakeOrders(t *testing.T) {
	var log []string
	n := New(1)
	hosts := NewHosts(1, func(int) *orderly {
		return &orderly{talker{log: &log, start: func(h *Host) { h.Listen(80); h.Note(1, 2) }}}
	})
	n.AddRole("o", 1, hosts)
	n.AddRole("t", 1, NewHosts(1, func(int) *talker { return &talker{} }))
	for text, want := range map[string]string{"send t/0 hi": "these nodes take no orders", "send o/0": "expected one word"} {
		if _, err := n.ParseAction(0, text); err == nil || err.Error() != want {
			t.Errorf("%s: %v, expected %s", text, err, want)
		}
	}
	schedule(t, n, "1ms send o/0 hi")
	play(n, 5*Millisecond)
	same(t, "what an order does", log, []string{"1ms o/0 stream 1 opened", "1ms o/0 stream 2 opened", `1ms o/0 stream 2 "hi"`})
	if hosts.Member(0).log != &log || n.Journal.Count(KindNote) != 1 {
		t.Error("the member is not the one that ran")
	}
}
