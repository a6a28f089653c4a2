package grpc

import (
	"strings"

	"grapevine/protocols/http2"
)

const contentType = "application/grpc"

// isGRPC says whether a content-type is gRPC's, with messages that are
// Protocol Buffers or not named.
func isGRPC(typ string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(typ), contentType)
	return ok && (rest == "" || rest[0] == ';' || rest == "+proto" || strings.HasPrefix(rest, "+proto;"))
}

// called takes a request's header fields.
func (c *Conn) called(e http2.Event) {
	call := &Call{Deadline: never, stream: e.Stream}
	var httpMethod, typ, timeout string
	for _, f := range e.Fields {
		switch f.Name {
		case ":method":
			httpMethod = f.Value
		case ":path":
			call.Method = f.Value
		case "content-type":
			typ = f.Value
		case "grpc-timeout":
			timeout = f.Value
		case "grpc-encoding":
			call.peerEncoding = f.Value
		}
	}
	switch {
	case httpMethod != "POST":
		call.refused = "405"
	case !isGRPC(typ):
		call.refused = "415"
	}
	if call.refused != "" {
		c.add(call)
		if e.End {
			c.peerEnds(call, e)
		}
		return
	}
	metadata, good := readMetadata(e.Fields)
	call.Metadata = metadata
	status := Status{}
	switch micros, ok := parseTimeout(timeout); {
	case timeout != "" && !ok:
		status = Errorf(Internal, "grpc-timeout %q: expected at most %d digits and one of the units H, M, S, m, u, n", timeout, maxTimeoutDigits)
	case timeout != "":
		call.Deadline = c.now + micros
	}
	if !good {
		status = Errorf(Internal, "metadata under a key that ends in -bin is not base64")
	}
	switch call.peerEncoding {
	case "", "identity":
	case Gzip:
		call.encoding = Gzip // who packs can unpack
	default:
		status = Errorf(Unimplemented, "grpc-encoding %q: this server knows identity and gzip", call.peerEncoding)
	}
	c.add(call)
	if status.Code != OK {
		call.Finish(status, Metadata{})
		return
	}
	c.emit(Event{Kind: Start, Call: call})
	if e.End {
		c.peerEnds(call, e)
	}
}

// SendHeader sends the initial metadata (server). Without it, the first
// message sends an empty one. Errors: ErrOver, *Misuse.
func (call *Call) SendHeader(m Metadata) error {
	if call.state == Over {
		return ErrOver
	}
	c := call.conn
	f, err := appendMetadata(call.head(c.fields[:0]), m)
	c.fields = f
	if err != nil {
		return err
	}
	if c.client || !call.state.take(sendHeader) {
		return misuse("in the state %q this cannot be sent; see the table in states.go", call.state)
	}
	if c.http.SendHeaders(call.stream, f, false) != nil {
		return ErrOver
	}
	return nil
}

// head adds the fields with which every response begins.
func (call *Call) head(f []http2.HeaderField) []http2.HeaderField {
	f = append(f,
		http2.HeaderField{Name: ":status", Value: "200"},
		http2.HeaderField{Name: "content-type", Value: contentType},
	)
	if call.encoding != "" {
		f = append(f, http2.HeaderField{Name: "grpc-encoding", Value: call.encoding})
	}
	if call.peerEncoding != "" {
		f = append(f, http2.HeaderField{Name: "grpc-accept-encoding", Value: Gzip})
	}
	return f
}

// Finish sends the status, behind all messages (server). Errors: ErrOver, *Misuse.
func (call *Call) Finish(status Status, trailers Metadata) error {
	if call.state == Over {
		return ErrOver
	}
	c := call.conn
	if c.client {
		return misuse("a client cannot finish a call; it may Cancel")
	}
	f := c.fields[:0]
	if !call.state.answered() {
		f = call.head(f)
	}
	f, err := appendMetadata(appendStatus(f, status), trailers)
	c.fields = f
	if err != nil {
		return err
	}
	// The state is Over from here on, but the call stays among the others
	// until the queue is sent.
	unread := call.state.requesting()
	call.state.take(finish)
	call.status, call.cutShort = status, unread
	if call.waiting {
		call.trailers = append([]http2.HeaderField(nil), f...)
		return nil
	}
	call.trailers = f
	c.sendTrailers(call)
	return nil
}

// sendTrailers ends the stream, and with it the call.
func (c *Conn) sendTrailers(call *Call) {
	err := c.http.SendHeaders(call.stream, call.trailers, true)
	switch {
	case err != nil: // no room for them: the peer asks and never reads
		c.http.Reset(call.stream, http2.InternalError)
	case call.cutShort: // the client need not send the rest (RFC 9113 section 8.1)
		c.http.Reset(call.stream, http2.NoError)
	}
	c.remove(call)
}

// refuse answers a request that is no gRPC, in words that a browser shows.
func (c *Conn) refuse(call *Call) {
	body := "This is a gRPC server. It takes POST requests of content-type " + contentType + ".\n"
	f := []http2.HeaderField{{Name: ":status", Value: call.refused}, {Name: "content-type", Value: "text/plain; charset=utf-8"}}
	if c.http.SendHeaders(call.stream, f, false) != nil {
		c.remove(call)
		return
	}
	if call.write([]byte(body), true); !call.waiting {
		c.remove(call)
	}
}
