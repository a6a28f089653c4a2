package rpc

import "cmp"

// Transport carries frames over one connection (or, Datagram, over none): it
// turns frames into bytes and bytes into frames, and knows no call.
//
// A slot ties an answer to what it answers, where the transport needs that: on
// HTTP/2 it is the stream, on HTTP/1.1 the request's number on the connection,
// otherwise 0. A server sends an answer with the slot its request came with,
// and answers each slot once; an empty frame says that nothing is to be
// answered (HTTP then says 204, the others nothing). A client sends with slot 0.
//
// After Receive, Send and Tick, drain Poll and Output; what they return is valid until the
// next call of another method.
type Transport interface {
	// Receive takes bytes that arrived, in any pieces.
	Receive(now int64, b []byte)
	// Poll returns the next frame that is complete.
	Poll() (slot uint32, frame []byte, ok bool)
	// Send takes a frame to send. It fails when too much waits to be sent
	// already (ErrFull) or the connection is broken (Err).
	Send(slot uint32, frame []byte) error
	// Output returns the bytes for the peer that were not taken yet, none if
	// there are none; over datagrams, those of one packet. Sent says how many
	// of them were taken (of a packet: all, or it is lost).
	Output() []byte
	Sent(n int)
	// Deadline and Tick are the transport's own timers; 0 when it has none.
	Deadline() int64
	Tick(now int64)
	// Err says what the peer did wrong, or how the connection ended; the
	// caller then writes what Output still has, and closes the stream.
	Err() error
}

// Queued is how many frames a transport has taken that wait for their turn: on
// HTTP/1.1, a request until the one before it is answered.
func Queued(t Transport) int {
	if q, ok := t.(interface{ Queued() int }); ok {
		return q.Queued()
	}
	return 0
}

// Kind is a kind of transport.
type Kind uint8

// The kinds.
const (
	OverDatagram Kind = iota
	OverStream
	OverHTTP1
	OverHTTP2
)

// String names the kind.
func (k Kind) String() string { return [...]string{"datagram", "stream", "http/1.1", "http/2"}[k] }

// TransportLimits bound what a peer can make a transport keep, and how much
// waits to be sent. Zero values mean the defaults.
type TransportLimits struct {
	MaxFrameBytes int // default 65,536
	MaxQueueBytes int // in Output, or waiting for their turn; default 1 MiB
	MaxHeadBytes  int // of an HTTP/1.1 head; default 8,192
	MaxStreams    int // calls at once on HTTP/2, requests waiting on HTTP/1.1; default 100
}

func (l TransportLimits) withDefaults() TransportLimits {
	l.MaxFrameBytes = cmp.Or(l.MaxFrameBytes, defaultFrameBytes)
	l.MaxQueueBytes = cmp.Or(l.MaxQueueBytes, 1<<20)
	l.MaxHeadBytes = cmp.Or(l.MaxHeadBytes, 8192)
	l.MaxStreams = cmp.Or(l.MaxStreams, 100)
	return l
}

// NewClientTransport makes the client's end of a connection.
func NewClientTransport(kind Kind, limits TransportLimits) Transport {
	limits = limits.withDefaults()
	switch kind {
	case OverHTTP1:
		return newHTTP1Client(limits)
	case OverHTTP2:
		return newHTTP2(limits, false)
	case OverStream:
		return &framed{limits: limits}
	}
	return &datagram{limits: limits}
}

// NewServerTransport makes the server's end.
func NewServerTransport(kind Kind, limits TransportLimits) Transport {
	limits = limits.withDefaults()
	switch kind {
	case OverHTTP1:
		return newHTTP1Server(limits)
	case OverHTTP2:
		return newHTTP2(limits, true)
	case OverStream:
		return &framed{limits: limits}
	}
	return &datagram{limits: limits}
}

// PeerError says what the peer of a transport did wrong. The connection is
// then of no use: write what Output still has, and close it.
type PeerError struct{ text string }

func (e *PeerError) Error() string { return "rpc: " + e.text }

// pipe holds bytes until they are taken, from either side.
type pipe struct {
	bytes []byte
	from  int
}

func (p *pipe) rest() []byte { return p.bytes[p.from:] }

func (p *pipe) len() int { return len(p.bytes) - p.from }

// add puts bytes behind the others.
func (p *pipe) add(b ...byte) {
	if p.from > 0 && len(p.bytes)+len(b) > cap(p.bytes) {
		p.bytes, p.from = p.bytes[:copy(p.bytes, p.rest())], 0
	}
	p.bytes = append(p.bytes, b...)
}

// drop says that the first n bytes are done with.
func (p *pipe) drop(n int) {
	p.from += max(min(n, p.len()), 0)
	if p.from == len(p.bytes) {
		p.bytes, p.from = p.bytes[:0], 0
		if cap(p.bytes) > maxIdleBytes {
			p.bytes = nil
		}
	}
}

// maxIdleBytes is how large an empty buffer may be and be kept.
const maxIdleBytes = 1 << 17
