package session

import (
	"fmt"

	"grapevine/protocols/field"
	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Limits of one inspection.
const (
	maxRecent = 30
	maxCauses = 24
	// maxWalked bounds how far back the journal is searched for a node's events.
	maxWalked = 100_000
)

func (s *Session) inspection() api.Inspection {
	in := api.Inspection{Frame: "inspection", Now: int64(s.play.Now())}
	if s.node >= 0 {
		in.Node = s.nodeReport(sim.NodeID(s.node))
	}
	if s.packet != 0 {
		in.Packet = s.packetReport(sim.EventID(s.packet))
	}
	return in
}

func (s *Session) nodeReport(node sim.NodeID) *api.NodeReport {
	w := s.play.World
	r := &api.NodeReport{Node: int(node), Name: w.Net.Name(node), Health: "up"}
	switch {
	case !w.Net.Up(node):
		r.Health = "crashed"
	case w.Net.Paused(node):
		r.Health = "paused"
	}
	if w.Inspect != nil && w.Net.Up(node) {
		r.Facts = facts(w.Inspect(node))
	}
	walked := 0
	w.Net.Journal.Walk(func(e *sim.Event) bool {
		// In a stack of protocols timers are many, and say nothing by themselves.
		if e.Node == node && (e.Kind != sim.KindWake || w.Talk == nil) {
			r.Recent = append(r.Recent, s.eventReport(e))
		}
		walked++
		return len(r.Recent) < maxRecent && walked < maxWalked
	})
	return r
}

func facts(in []lab.Fact) []api.Fact {
	var out []api.Fact
	for _, f := range in {
		out = append(out, api.Fact{Label: text(f.Label), Value: text(f.Value), Parts: facts(f.Parts)})
	}
	return out
}

// deaths says why a packet died.
var deaths = [...]api.Text{
	sim.WhyLoss:   {En: "lost on the way", Zh: "途中丢失"},
	sim.WhyCut:    {En: "the link is cut", Zh: "连接被切断"},
	sim.WhyDown:   {En: "the receiver has crashed", Zh: "接收方已崩溃"},
	sim.WhyFull:   {En: "the sender's buffer is full", Zh: "发送方的缓冲区已满"},
	sim.WhyAbsent: {En: "there is no such node", Zh: "没有这个节点"},
}

// eventReport puts an event into words.
func (s *Session) eventReport(e *sim.Event) api.EventReport {
	w := s.play.World
	r := api.EventReport{ID: uint64(e.ID), Cause: uint64(e.Cause), At: int64(e.At), Node: w.Net.Name(e.Node), Kind: e.Kind.String()}
	switch e.Kind {
	case sim.KindSend, sim.KindCopy:
		r.Packet = uint64(e.ID)
		r.Text = s.packetText(e, "→", byteCount(e.Size))
	case sim.KindDeliver:
		r.Packet = uint64(e.Cause)
		r.Text = s.packetText(e, "←", byteCount(e.Size))
	case sim.KindDrop:
		r.Packet = uint64(e.Cause)
		r.Text = s.packetText(e, "←", deaths[e.Why])
	case sim.KindNote:
		if w.Say != nil {
			r.Text = text(w.Say(e))
		}
	}
	return r
}

// packetText is a packet's kind, the other end, and something about it.
func (s *Session) packetText(e *sim.Event, arrow string, about api.Text) api.Text {
	kind, peer := s.kindName(uint8(e.Code)), s.play.World.Net.Name(e.Peer)
	return api.Text{
		En: kind.En + " " + arrow + " " + peer + ", " + about.En,
		Zh: kind.Zh + " " + arrow + " " + peer + "，" + about.Zh,
	}
}

func byteCount(n uint32) api.Text {
	return api.Text{En: fmt.Sprintf("%d bytes", n), Zh: fmt.Sprintf("%d 字节", n)}
}

func (s *Session) kindName(kind uint8) api.Text {
	if int(kind) < len(s.play.Lab.Kinds) {
		return text(s.play.Lab.Kinds[kind].Name)
	}
	return api.Text{En: fmt.Sprintf("kind %d", kind), Zh: fmt.Sprintf("第 %d 类", kind)}
}

// packetReport says what became of a packet. It knows those still in flight,
// and those whose events the journal kept.
func (s *Session) packetReport(id sim.EventID) *api.PacketReport {
	w := s.play.World
	n := w.Net
	r := &api.PacketReport{Packet: uint64(id), State: "unknown", Bytes: s.bytesInFlight}
	kind := uint8(0)
	known := false
	var sent sim.Event
	n.Flights(func(f sim.Flight) bool {
		if f.ID != id {
			return true
		}
		known, kind, r.State = true, f.Kind, "flying"
		r.From, r.To, r.Sent, r.Due = n.Name(f.From), n.Name(f.To), int64(f.Sent), int64(f.Due)
		return false
	})
	if e, ok := n.Journal.Find(id); ok {
		sent = e
		if !known {
			known, kind, r.State = true, uint8(e.Code), "delivered"
			r.From, r.To, r.Sent, r.Due = n.Name(e.Node), n.Name(e.Peer), int64(e.At), e.Value
			if end, ok := s.endOf(&e); ok && end.Kind == sim.KindDrop {
				r.State, r.Why, r.Due = "dropped", deaths[end.Why], int64(end.At)
			}
		}
		if b, ok := n.Journal.Payload(id); ok {
			r.Bytes = append([]byte{}, b...)
		}
	}
	if !known {
		return r
	}
	r.Kind = s.kindName(kind)
	if r.Bytes != nil {
		r.Field = s.dissected.of(w, sent, kind, r.Bytes)
	}
	for cause := id; cause != 0 && len(r.Causes) < maxCauses; {
		e, ok := n.Journal.Find(cause)
		if !ok {
			break
		}
		r.Causes = append(r.Causes, s.eventReport(&e))
		cause = e.Cause
	}
	return r
}

// dissection keeps the fields of the packet that is followed: reported ten
// times a second, it does not change.
type dissection struct {
	sent  sim.Event
	world *lab.World
	field field.Field
}

func (d *dissection) of(w *lab.World, sent sim.Event, kind uint8, payload []byte) field.Field {
	if sent.ID == 0 || d.sent != sent || d.world != w {
		*d = dissection{sent, w, w.DissectPacket(sent, kind, payload)}
	}
	return d.field
}

// endOf finds how a sent packet ended: at its due time, or later if its
// receiver was paused.
func (s *Session) endOf(sent *sim.Event) (sim.Event, bool) {
	var end sim.Event
	found, walked := false, 0
	s.play.World.Net.Journal.Walk(func(e *sim.Event) bool {
		walked++
		if e.Cause == sent.ID && (e.Kind == sim.KindDeliver || e.Kind == sim.KindDrop) {
			end, found = *e, true
		}
		return !found && e.ID > sent.ID && walked < maxWalked
	})
	return end, found
}
