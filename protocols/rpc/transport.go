package rpc

// Transport carries frames over one connection (or, Datagram, over none): it
// turns frames into bytes and bytes into frames, and knows no call.
//
// A slot ties an answer to what it answers, where the transport needs that: on
// HTTP/2 it is the stream, on HTTP/1.1 the request's number on the connection,
// otherwise 0. A server sends an answer with the slot its request came with,
// and answers each slot once; an empty frame says that nothing is to be
// answered (HTTP then says 204, the others nothing). A client sends with slot 0.
//
// Mutate once, then drain Poll and Output; what they return is valid until the
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

// Kind names a transport as the labs' parameters do.
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

// TransportLimits bound what a peer can make a transport keep. Zero values mean the defaults.
type TransportLimits struct {
	MaxFrameBytes int // default 65,536
	MaxQueueBytes int // frames waiting to be written; default 1 MiB
	MaxHeadBytes  int // of an HTTP/1.1 head; default 8,192
	MaxStreams    int // HTTP/2: calls at once; HTTP/1.1: requests waiting; default 100
}

// NewClientTransport makes the client's end of a connection.
func NewClientTransport(kind Kind, limits TransportLimits) Transport { return nil }

// NewServerTransport makes the server's end.
func NewServerTransport(kind Kind, limits TransportLimits) Transport { return nil }
