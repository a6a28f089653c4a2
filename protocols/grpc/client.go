package grpc

import (
	"strings"

	"grapevine/protocols/http2"
)

// Options are what a call may have beside its method.
type Options struct {
	Metadata Metadata
	// TimeoutMicros is how long the call may take; 0 for no limit. The server
	// is told.
	TimeoutMicros int64
	// Encoding is Gzip to have the messages packed, "" to send them as they are.
	Encoding string
}

// Call begins a call (client); then send its messages. Errors: *Misuse, and
// those of http2.Conn.Open.
func (c *Conn) Call(now int64, method string, o Options) (*Call, error) {
	if !c.client {
		return nil, misuse("a server cannot call")
	}
	if !strings.HasPrefix(method, "/") || !printable(method) {
		return nil, misuse("method %q: expected /package.Service/Method", method)
	}
	if o.Encoding != "" && o.Encoding != Gzip {
		return nil, misuse("encoding %q: expected %q or none", o.Encoding, Gzip)
	}
	c.now = now
	call := &Call{Method: method, Metadata: o.Metadata, Deadline: never, encoding: o.Encoding}
	f := append(c.fields[:0],
		http2.HeaderField{Name: ":method", Value: "POST"},
		http2.HeaderField{Name: ":scheme", Value: "http"},
		http2.HeaderField{Name: ":path", Value: method},
		http2.HeaderField{Name: ":authority", Value: c.config.Authority},
		http2.HeaderField{Name: "content-type", Value: contentType},
		http2.HeaderField{Name: "user-agent", Value: c.config.UserAgent},
		http2.HeaderField{Name: "te", Value: "trailers"},
		http2.HeaderField{Name: "grpc-accept-encoding", Value: Gzip},
	)
	if o.TimeoutMicros > 0 {
		call.Deadline = now + min(o.TimeoutMicros, never-now)
		f = append(f, http2.HeaderField{Name: "grpc-timeout", Value: formatTimeout(o.TimeoutMicros)})
	}
	if o.Encoding != "" {
		f = append(f, http2.HeaderField{Name: "grpc-encoding", Value: o.Encoding})
	}
	f, err := appendMetadata(f, o.Metadata)
	c.fields = f
	if err != nil {
		return nil, err
	}
	if call.stream, err = c.http.Open(f, false); err != nil {
		return nil, err
	}
	c.add(call)
	return call, nil
}

// answered takes the response's header fields: initial metadata, or, when the
// stream ends with them, everything there is.
func (c *Conn) answered(call *Call, e http2.Event) {
	status, ok := readStatus(e.Fields)
	code, typ := http2.Value(e.Fields, ":status"), http2.Value(e.Fields, "content-type")
	if code != "200" && !ok {
		c.refusedBy(call, e.End, Errorf(ofHTTP(code), "the server answered with HTTP status %s", code))
		return
	}
	if !isGRPC(typ) && !(ok && e.End) {
		c.refusedBy(call, e.End, Errorf(Unknown, "the server answered with content-type %q, expected %s", typ, contentType))
		return
	}
	if e.End {
		trailers, good := readMetadata(e.Fields)
		switch {
		case !ok:
			status = Errorf(Unknown, "the server's trailers have no grpc-status")
		case !good:
			status = Errorf(Internal, "the server's trailers have a binary value that is not base64")
		}
		c.finished(call, status, trailers)
		return
	}
	metadata, good := readMetadata(e.Fields)
	if !good || !call.state.take(sendHeader) {
		c.abort(call, Errorf(Internal, "the server's metadata has a binary value that is not base64"))
		return
	}
	call.peerEncoding = http2.Value(e.Fields, "grpc-encoding")
	c.emit(Event{Kind: Header, Call: call, Metadata: metadata})
}

// refusedBy ends a call that something answered which speaks no gRPC.
func (c *Conn) refusedBy(call *Call, ended bool, status Status) {
	if ended {
		c.finished(call, status, nil)
		return
	}
	c.abort(call, status)
}

// finished ends a call by the server's word. A request that is still going on
// is broken off: nobody reads it.
func (c *Conn) finished(call *Call, status Status, trailers Metadata) {
	if call.state.requesting() || call.waiting {
		c.http.Reset(call.stream, http2.NoError)
	}
	c.over(call, status, trailers)
}
