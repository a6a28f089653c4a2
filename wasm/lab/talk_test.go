package lab

import (
	"bytes"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/wasm/sim"
)

const talkPort = 7

// chatter writes frames of a length byte and as many bytes, over a stream and
// by datagrams; the other end says each back.
type chatter struct {
	sim.Idle
	member int
	left   int
}

func (c *chatter) Start(h *sim.Host) {
	if c.member == 0 {
		h.Dial(1, talkPort)
		h.SendTo(1, 40_000, talkPort, 0, []byte{2, 'h', 'i'})
		return
	}
	h.Listen(talkPort)
}

func (c *chatter) Opened(_ *sim.Host, s *sim.Stream) {
	if c.member == 0 {
		c.left = 40
		c.Writable(nil, s)
	}
}

func (c *chatter) Writable(_ *sim.Host, s *sim.Stream) {
	for c.left > 0 && s.Room() > 256 {
		n := 5 * c.left
		s.Write(0, append([]byte{byte(n)}, make([]byte, n)...))
		if c.left--; c.left == 0 {
			s.CloseWrite()
		}
	}
}

func (c *chatter) Data(_ *sim.Host, s *sim.Stream) {
	s.Write(1, s.Read(1000))
	if s.EOF() {
		s.CloseWrite()
	}
}

func (c *chatter) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	if c.member == 1 {
		h.SendTo(from, port, fromPort, 0, payload)
	}
}

// chat dissects what chatters say.
func chat(said []byte) []field.Field {
	var out []field.Field
	for at := 0; at < len(said); {
		n := min(1+int(said[at]), len(said)-at)
		f := field.Field{Name: "frame", Offset: at, Length: n, Children: []field.Field{{Name: "size", Offset: at, Length: 1}}}
		if n > 1 {
			f.Children = append(f.Children, field.Field{Name: "body", Offset: at + 1, Length: n - 1})
		}
		out = append(out, f)
		at += n
	}
	return out
}

func talkWorld(link sim.Link) *World {
	n := sim.New(3)
	n.Journal.Keep(sim.All)
	hosts := sim.NewHosts(2, func(member int) *chatter { return &chatter{member: member} })
	hosts.Limits.SegmentBytes = 100
	role := n.AddRole("chatter", 2, hosts)
	n.Connect(role, role, link)
	return &World{Net: n, End: sim.Second, Talk: func(t Talk) Dissect {
		if t.Port != talkPort {
			return nil
		}
		return chat
	}}
}

// Every byte of every packet is named once, over a link that loses, doubles
// and reorders; and but for the cut ends each field is one of a frame's.
func TestPacketsOfStreams(t *testing.T) {
	w := talkWorld(sim.Link{Delay: 5 * sim.Millisecond, Jitter: 5 * sim.Millisecond, Loss: 100_000, Duplicate: 100_000})
	w.Net.Advance(60*sim.Second, 1_000_000)
	segments, earlier, datagrams, doubles := 0, 0, 0, 0
	w.Net.Journal.Walk(func(e *sim.Event) bool {
		if e.Kind != sim.KindSend && e.Kind != sim.KindCopy {
			return true
		}
		payload, _ := w.Net.Journal.Payload(e.ID)
		f := w.DissectPacket(*e, 0, payload)
		if gap := field.Gaps(f, len(payload)); gap != "" {
			t.Fatalf("packet %d: %s", e.ID, gap)
		}
		for cut := range payload {
			if gap := field.Gaps(w.DissectPacket(*e, 0, payload[:cut]), cut); gap != "" {
				t.Fatalf("packet %d cut to %d: %s", e.ID, cut, gap)
			}
		}
		if _, ok := sim.ParseDatagram(payload); ok {
			datagrams++
			if len(f.Children) != 2 || len(f.Children[1].Children) != 1 {
				t.Errorf("a datagram's fields: %+v", f)
			}
			return true
		}
		if e.Kind == sim.KindCopy {
			doubles++
		}
		if len(payload) == sim.SegmentHeaderBytes {
			return true
		}
		segments++
		frames := f.Children[1].Children
		if len(frames) == 0 {
			t.Fatalf("packet %d: no frames in %+v", e.ID, f)
		}
		if strings.HasPrefix(frames[0].Name, "… ") {
			earlier++
		}
		for i, frame := range frames {
			if i > 0 && frame.Name != "frame" && frame.Name != "frame …" {
				t.Errorf("packet %d: frame %d is called %q", e.ID, i, frame.Name)
			}
		}
		return true
	})
	if segments < 80 || earlier < 20 || earlier == segments || datagrams < 2 || doubles == 0 {
		t.Errorf("%d segments, %d began within a frame, %d datagrams, %d doubles: the test sees too little", segments, earlier, datagrams, doubles)
	}
}

// Without its stream's beginning, or its own place in the journal, a segment
// has a header and data.
func TestPacketsWithoutTheirPast(t *testing.T) {
	w := talkWorld(sim.Link{Delay: 5 * sim.Millisecond})
	w.Net.Advance(60*sim.Second, 1_000_000)
	var last sim.Event
	w.Net.Journal.Walk(func(e *sim.Event) bool {
		if e.Kind == sim.KindSend && e.Size > sim.SegmentHeaderBytes {
			last = *e
		}
		return last.ID == 0
	})
	payload, _ := w.Net.Journal.Payload(last.ID)
	for _, sent := range []sim.Event{{}, {ID: last.ID, Node: 1, Peer: 1}} {
		f := w.DissectPacket(sent, 0, payload)
		if gap := field.Gaps(f, len(payload)); gap != "" || f.Children[1].Name != "data" {
			t.Errorf("%s %+v", gap, f)
		}
	}
	w.Talk = func(Talk) Dissect { return func(said []byte) []field.Field { return chat(said)[1:] } }
	if f := w.DissectPacket(last, 0, payload); field.Gaps(f, len(payload)) != "" {
		t.Errorf("a dissector that leaves bytes out: %+v", f)
	}
}

// What is heard is what the other side has said: here the beginning of what it
// will say, for this side only says it back.
func TestHeard(t *testing.T) {
	w := talkWorld(sim.Link{Delay: 5 * sim.Millisecond, Loss: 100_000})
	most := 0
	w.Talk = func(talk Talk) Dissect {
		if talk.Port != talkPort {
			return nil
		}
		return func(said []byte) []field.Field {
			if talk.Datagram != (talk.Heard == nil) {
				t.Error("datagrams hear nothing, streams do")
			}
			if !talk.FromClient && talk.Heard != nil {
				heard := talk.Heard()
				if most = max(most, len(heard)); !bytes.HasPrefix(heard, said) {
					t.Errorf("%d bytes are said back, that are not those %d heard", len(said), len(heard))
				}
			}
			return chat(said)
		}
	}
	w.Net.Advance(60*sim.Second, 1_000_000)
	w.Net.Journal.Walk(func(e *sim.Event) bool {
		if e.Kind == sim.KindSend {
			payload, _ := w.Net.Journal.Payload(e.ID)
			w.DissectPacket(*e, 0, payload)
		}
		return true
	})
	if most < 4000 {
		t.Errorf("at most %d bytes are heard", most)
	}
}
