package http2

import "golang.org/x/net/http2/hpack"

// HeaderField is one header field. A pseudo-header's name begins with a colon;
// names are in lower case. A Sensitive one is kept out of the compression's
// tables, its own and those on the way (RFC 7541 section 7.1.3).
type HeaderField = hpack.HeaderField

// Value returns the value of the first field with that name, "" without one.
func Value(fields []HeaderField, name string) string {
	for i := range fields {
		if fields[i].Name == name {
			return fields[i].Value
		}
	}
	return ""
}

// Kind is the kind of an Event.
type Kind uint8

const (
	// Headers: a request came in (server), or the final response to ours
	// (client). Fields, End.
	Headers Kind = iota + 1
	// Interim: a 1xx response before the final one. Fields.
	Interim
	// Data: bytes of a body. Bytes, perhaps none; End. Owes a Consume.
	Data
	// Trailers: fields behind a body. Fields; End is always true.
	Trailers
	// Reset: the stream is over before its time. Code says why; Err is nil
	// when the peer wished it, and says what was wrong when it is our answer
	// to the peer's fault. A stream that the peer's GOAWAY left out comes with
	// RefusedStream: nothing was done for it, it may be tried anew elsewhere.
	Reset
	// Writable: there is room again for a stream whose SendData took less
	// than it was offered.
	Writable
	// Settings: the peer's settings came, or changed: CanOpen may be true now.
	Settings
	// Pong: the peer answered our Ping. Number is what Ping returned.
	Pong
	// GoAway: the peer takes no more streams of ours. Streams up to Stream
	// go on; those above come as Reset. Code, and Bytes: its words.
	GoAway
	// Closed is the last event: the connection is over, and all its streams
	// with it, without a Reset for each. Err is nil after a GOAWAY in good
	// order, else an *Error (what the peer did wrong, or its GOAWAY),
	// ErrDisconnected or ErrTimeout.
	Closed
)

var kindNames = [...]string{"", "headers", "interim", "data", "trailers", "reset", "writable", "settings", "pong", "goaway", "closed"}

func (k Kind) String() string { return kindNames[min(int(k), len(kindNames)-1)] }

// Event is something that happened. Fields and Bytes are valid until the next
// call of Poll or Receive; the strings within Fields may be kept.
type Event struct {
	Kind   Kind
	End    bool // the peer sends no more on this stream
	Stream uint32
	Code   Code
	Fields []HeaderField
	Bytes  []byte
	Number uint64
	Err    error
}
