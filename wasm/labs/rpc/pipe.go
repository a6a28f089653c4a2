package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/wasm/sim"
)

// pipe carries the frames of one connection, over a stream or over datagrams.
type pipe struct {
	rpc.Transport
	stream *sim.Stream // nil over datagrams
	peer   sim.NodeID
	port   uint16 // the peer's, over datagrams
}

// send puts a frame on its way, marked by what it says.
func (p *pipe) send(h *sim.Host, slot uint32, frame []byte) error {
	err := p.Send(slot, frame)
	p.flush(h, kindOf(frame))
	return err
}

// flush hands on what the transport wrote, as far as the stream has room.
func (p *pipe) flush(h *sim.Host, kind uint8) {
	for b := p.Output(); len(b) > 0; b = p.Output() {
		if p.stream == nil {
			h.SendTo(p.peer, rpcPort, p.port, kind, b)
			p.Sent(len(b))
			continue
		}
		taken := p.stream.Write(kind, b)
		p.Sent(taken)
		if taken < len(b) {
			return // Writable goes on
		}
	}
}

// read takes what has arrived on the stream.
func (p *pipe) read(h *sim.Host) {
	for b := p.stream.Read(maxReadBytes); b != nil; b = p.stream.Read(maxReadBytes) {
		p.Receive(int64(h.Now()), b)
	}
}

// maxReadBytes is how much is taken out of a stream at once.
const maxReadBytes = 16 << 10

// The kinds of packets, in the order of the labs' tables.
const (
	kindRequest uint8 = iota
	kindAgain         // a request that was sent before
	kindReply
	kindError
	kindStream // of the transport's own: SYN, acknowledgements, settings
	kindCancel
)

// kindOf says what a frame is, for the eye.
func kindOf(frame []byte) uint8 {
	f, err := rpc.ReadFrame(frame)
	switch {
	case err != nil:
		return kindStream // an empty answer
	case f.Kind == rpc.Request && f.Attempt > 0:
		return kindAgain
	case f.Kind == rpc.Request:
		return kindRequest
	case f.Kind == rpc.Reply:
		return kindReply
	case f.Kind == rpc.Cancel:
		return kindCancel
	}
	return kindError
}
