package lab

import (
	"fmt"

	"grapevine/protocols/field"
	"grapevine/wasm/sim"
)

// Talk is what one side says to the other through a port: the bytes of one
// direction of a stream, or those of one datagram. World.Talk knows the
// protocol that is spoken there.
type Talk struct {
	Port       uint16 // the one that was dialled, or where the datagrams' server is
	FromClient bool   // from the one that dialled; false for the answers
	Datagram   bool
	// Client is the one that dialled, and ClientPort its own port: with Port,
	// they tell connections apart.
	Client     sim.NodeID
	ClientPort uint16
	// Heard is what the other side of a stream had said by then, from its first
	// byte on: an answer may not say what it answers. It is nil for datagrams.
	Heard func() []byte
}

// Dissect names the bytes that were said, from the first on. It must take any
// bytes: a stream is dissected up to the segment that somebody looks at, and
// may end in the middle of a frame. Offsets count from the first byte.
type Dissect func(said []byte) []field.Field

// Limits of what is put together again to dissect one segment.
const (
	maxTalkBytes  = 8 << 20
	maxTalkEvents = 200_000 // of the journal, back to the stream's beginning
)

// DissectPacket names every byte of a packet: by World.Dissect, or, for what
// hosts send, by the header and World.Talk. sent is the packet's Send or Copy,
// with which the journal is searched for what the stream has said before; its
// ID is 0 if the journal does not have it.
func (w *World) DissectPacket(sent sim.Event, kind uint8, payload []byte) field.Field {
	var root field.Field
	if g, ok := sim.ParseSegment(payload); ok && w.Talk != nil {
		root = w.dissectSegment(sent, g, payload)
	} else if d, ok := sim.ParseDatagram(payload); ok && w.Talk != nil {
		root = w.dissectDatagram(sent, d, payload)
	} else if w.Dissect != nil {
		return w.Dissect(kind, payload)
	} else {
		root = field.Field{Name: "payload", Length: len(payload)}
	}
	if field.Gaps(root, len(payload)) != "" {
		// The lab's dissector left something out: better no names than wrong ones.
		root.Children = nil
	}
	return root
}

func (w *World) dissectSegment(sent sim.Event, g sim.Segment, payload []byte) field.Field {
	root := field.Field{Name: "segment", Value: g.Flags.String(), Length: len(payload)}
	head := fields{}
	head.add("protocol", 1, "6, stream")
	head.add("flags", 1, g.Flags.String())
	head.add("source port", 2, fmt.Sprint(g.SourcePort))
	head.add("destination port", 2, fmt.Sprint(g.DestinationPort))
	head.add("sequence number", 4, fmt.Sprint(g.SequenceNumber))
	head.add("acknowledgement number", 4, fmt.Sprint(g.AcknowledgementNumber))
	head.add("window", 4, fmt.Sprint(g.Window))
	head.add("length", 2, fmt.Sprint(len(g.Data)))
	root.Children = append(root.Children, field.Field{Name: "segment header", Length: head.next, Children: head.list})
	if len(g.Data) == 0 {
		return root
	}
	data := field.Field{Name: "data", Offset: head.next, Length: len(g.Data)}
	dissect := w.speaks(sent, g.SourcePort, g.DestinationPort, false)
	if said, ok := w.said(sent, g); ok && dissect != nil {
		from := len(said) - len(g.Data)
		data.Name, data.Value = "stream", fmt.Sprintf("bytes %d to %d", from, len(said)-1)
		data.Children = within(dissect(said), from, len(said), head.next-from)
	}
	root.Children = append(root.Children, data)
	return root
}

func (w *World) dissectDatagram(sent sim.Event, d sim.Datagram, payload []byte) field.Field {
	root := field.Field{Name: "datagram", Length: len(payload)}
	head := fields{}
	head.add("protocol", 1, "17, datagram")
	head.add("zero", 1, "")
	head.add("source port", 2, fmt.Sprint(d.SourcePort))
	head.add("destination port", 2, fmt.Sprint(d.DestinationPort))
	head.add("length", 2, fmt.Sprint(len(payload)))
	root.Children = append(root.Children, field.Field{Name: "datagram header", Length: head.next, Children: head.list})
	if len(d.Data) == 0 {
		return root
	}
	data := field.Field{Name: "data", Offset: head.next, Length: len(d.Data)}
	if dissect := w.speaks(sent, d.SourcePort, d.DestinationPort, true); dissect != nil {
		data.Children = within(dissect(d.Data), 0, len(d.Data), head.next)
	}
	root.Children = append(root.Children, data)
	return root
}

// speaks asks who knows the talk between two ports: that of the side that was
// dialled is the one that the lab listens on.
func (w *World) speaks(sent sim.Event, source, destination uint16, datagram bool) Dissect {
	t := Talk{Port: destination, FromClient: true, Datagram: datagram, Client: sent.Node, ClientPort: source}
	if !datagram {
		t.Heard = func() []byte {
			first, pieces, begun := w.pieces(sent, sent.Peer, sent.Node, destination, source)
			if !begun {
				return nil
			}
			return assemble(first, pieces)
		}
	}
	if d := w.Talk(t); d != nil {
		return d
	}
	t.Port, t.FromClient, t.Client, t.ClientPort = source, false, sent.Peer, destination
	return w.Talk(t)
}

// said puts together what the sender of a segment has said on this stream up
// to the segment's end, from the journal. It reports false when the beginning
// is not there any more.
func (w *World) said(sent sim.Event, last sim.Segment) ([]byte, bool) {
	first, pieces, begun := w.pieces(sent, sent.Node, sent.Peer, last.SourcePort, last.DestinationPort)
	size := last.SequenceNumber - first + uint32(len(last.Data))
	if !begun || size > maxTalkBytes {
		return nil, false
	}
	said := assemble(first, pieces)
	if len(said) < int(size) {
		return nil, false
	}
	return said[:size], true
}

// piece is what one segment said.
type piece struct {
	at   uint32
	data []byte
}

// pieces are those that a node has sent to a peer on a stream until an event,
// and the number of the stream's first byte. It reports false when the
// beginning is not there any more.
func (w *World) pieces(until sim.Event, node, peer sim.NodeID, source, destination uint16) (first uint32, pieces []piece, begun bool) {
	walked := 0
	journal := &w.Net.Journal
	journal.Walk(func(e *sim.Event) bool {
		if until.ID == 0 || walked == maxTalkEvents {
			return false
		}
		walked++
		if e.ID > until.ID || e.Kind != sim.KindSend && e.ID != until.ID || e.Node != node || e.Peer != peer {
			return true
		}
		payload, _ := journal.Payload(e.ID)
		g, ok := sim.ParseSegment(payload)
		if !ok || g.SourcePort != source || g.DestinationPort != destination {
			return true
		}
		if g.Flags.Has(sim.SYN) {
			first, begun = g.SequenceNumber+1, true
			return false
		}
		pieces = append(pieces, piece{g.SequenceNumber, g.Data})
		return true
	})
	return first, pieces, begun
}

// assemble puts pieces together, up to the first byte that is missing.
func assemble(first uint32, pieces []piece) []byte {
	size := uint32(0)
	for _, p := range pieces {
		if end := p.at - first + uint32(len(p.data)); end > size && end <= maxTalkBytes {
			size = end
		}
	}
	said, have := make([]byte, size), make([]bool, size)
	for _, p := range pieces {
		for i, b := range p.data {
			if at := p.at - first + uint32(i); at < size && !have[at] {
				said[at], have[at] = b, true
			}
		}
	}
	for at, ok := range have {
		if !ok {
			return said[:at]
		}
	}
	return said
}

// within are the fields of a stream's bytes [from, to), moved by shift. What
// began before or goes on after is cut off there, and dots say so.
func within(list []field.Field, from, to, shift int) []field.Field {
	var out []field.Field
	for _, f := range list {
		begin, end := max(f.Offset, from), min(f.Offset+f.Length, to)
		if begin > end || begin == end && (f.Length > 0 || f.Offset == to) {
			continue
		}
		cut := f
		if begin > f.Offset {
			cut.Name = "… " + cut.Name
		}
		if end < f.Offset+f.Length {
			cut.Name += " …"
		}
		cut.Children = within(f.Children, from, to, shift)
		cut.Offset, cut.Length = begin+shift, end-begin
		out = append(out, cut)
	}
	return out
}

// fields is a list of fields that follow one another.
type fields struct {
	list []field.Field
	next int
}

func (f *fields) add(name string, length int, value string) {
	f.list = append(f.list, field.Field{Name: name, Value: value, Offset: f.next, Length: length})
	f.next += length
}
