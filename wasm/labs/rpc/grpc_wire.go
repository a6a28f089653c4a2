package rpc

import (
	"encoding/binary"

	"grapevine/protocols/grpc"
	"grapevine/wasm/sim"
)

// grpcWire carries one gRPC connection over a stream.
type grpcWire struct {
	conn   *grpc.Conn
	stream *sim.Stream
	track  *track // nil for programs outside

	kind   uint8 // of the bytes that the stream did not take
	marked int   // how many of Output they are
}

// listener is told what happens on a wire.
type listener interface {
	event(h *sim.Host, p *grpcWire, e grpc.Event)
}

// receive gives the connection what has arrived.
func (p *grpcWire) receive(h *sim.Host, to listener) {
	for b := p.stream.Read(maxReadBytes); b != nil; b = p.stream.Read(maxReadBytes) {
		p.conn.Receive(int64(h.Now()), b)
		p.poll(h, to)
	}
	if p.stream.EOF() {
		p.conn.Disconnected()
	}
	p.pump(h, to)
}

func (p *grpcWire) poll(h *sim.Host, to listener) {
	for e, ok := p.conn.Poll(); ok; e, ok = p.conn.Poll() {
		to.event(h, p, e)
	}
}

// pump tells what has happened and sends what there is to send, until all is
// done or the stream is full.
func (p *grpcWire) pump(h *sim.Host, to listener) {
	p.poll(h, to)
	for b := p.conn.Output(); len(b) > 0; b = p.conn.Output() {
		if p.marked == 0 {
			p.kind, p.marked = kindOfFrames(b), len(b)
		}
		n := p.stream.Write(p.kind, b[:p.marked])
		p.marked -= n
		p.conn.Sent(n)
		p.poll(h, to) // there may be room now for what had to wait
		if p.marked > 0 {
			return
		}
	}
	if p.conn.Closed() {
		p.stream.CloseWrite()
	}
}

// The kinds of packets, for the eye.
const (
	shopHeaders uint8 = iota
	shopMessage
	shopStatus
	shopControl
	shopGoodbye
	shopTransport
)

// kindOfFrames says what HTTP/2 frames, the first of them whole or the
// beginning of a connection, are mainly about: the end of something, or else
// the first that belongs to a call.
func kindOfFrames(b []byte) uint8 {
	const head = 9
	const preface = 24
	if len(b) >= preface && string(b[:4]) == "PRI " {
		b = b[preface:]
	}
	kind := shopControl
	for len(b) >= head {
		length := int(binary.BigEndian.Uint32(b[:4]) >> 8)
		switch frame, last := b[3], b[4]&1 == 1; {
		case frame == 3 || frame == 7: // RST_STREAM, GOAWAY
			return shopGoodbye
		case kind != shopControl:
		case frame == 0:
			kind = shopMessage
		case frame == 1 && last: // our requests always have a body
			kind = shopStatus
		case frame == 1:
			kind = shopHeaders
		}
		b = b[min(head+length, len(b)):]
	}
	return kind
}
