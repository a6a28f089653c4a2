package grpc

import (
	"encoding/binary"
	"errors"
	"slices"

	"grapevine/protocols/http2"
)

// data takes a piece of a call's body. It is handed out by nextMessage.
func (c *Conn) data(call *Call, e http2.Event) {
	switch {
	case call.refused != "" || call.state == Over: // nobody reads it
		c.http.Consume(call.stream, len(e.Bytes))
		e.Bytes = nil
	case call.held:
		call.in = append(call.in, e.Bytes...)
		call.owed += len(e.Bytes)
	default:
		call.owed += len(e.Bytes)
		if call.reset(); len(call.in) > 0 {
			call.in = append(call.in, e.Bytes...)
		} else {
			c.chunk = e.Bytes
		}
		c.reading = call
	}
	if e.End {
		c.peerEnds(call, e)
	}
}

// credit lets the peer send n bytes more, as far as they are owed to it. It is
// given for each message when that is handed out: who holds the call after
// every message has at most the stream's window waiting.
func (c *Conn) credit(call *Call, n int) {
	n = min(n, call.owed)
	c.http.Consume(call.stream, n)
	call.owed -= n
}

// reset forgets what was read of in.
func (call *Call) reset() {
	if call.read == len(call.in) {
		call.in, call.read = call.in[:0], 0
	}
}

// peerEnds notes the peer's last word. It is told behind the last message.
func (c *Conn) peerEnds(call *Call, e http2.Event) {
	e.Bytes = nil
	if call.held {
		e.Fields = slices.Clone(e.Fields)
	}
	call.ended, call.end = true, e
	if !call.held {
		c.reading = call
	}
}

// nextMessage returns the next message of a call that came whole. Without one
// it keeps what is left for later.
func (c *Conn) nextMessage(call *Call) (Event, bool) {
	if call.index == gone {
		return Event{}, false
	}
	if call.held || call.state == Over || call.refused != "" {
		call.in = append(call.in, c.chunk...)
		if call.ended && !call.held {
			c.ended(call)
		} else if call.ended {
			call.end.Fields = slices.Clone(call.end.Fields)
		}
		return Event{}, false
	}
	rest := c.chunk
	if len(call.in) > 0 {
		rest = call.in[call.read:]
	}
	if len(rest) >= headBytes {
		size := int64(binary.BigEndian.Uint32(rest[1:]))
		if size > int64(c.config.MaxReceiveBytes) {
			c.abort(call, Errorf(ResourceExhausted, "a message of %d bytes, expected at most %d", size, c.config.MaxReceiveBytes))
			return Event{}, false
		}
		if whole := headBytes + int(size); len(rest) >= whole {
			if len(call.in) > 0 {
				call.read += whole
			} else {
				c.chunk = c.chunk[whole:]
			}
			c.credit(call, whole)
			return c.message(call, rest[0], rest[headBytes:whole])
		}
	}
	// Half a message gives credit at once: it may be longer than the window.
	// MaxReceiveBytes bounds what is collected.
	c.credit(call, call.owed)
	if len(call.in) == 0 {
		call.in = append(call.in, c.chunk...)
	} else { // what was handed out makes room for the rest of the message
		call.in = call.in[:copy(call.in, call.in[call.read:])]
	}
	call.read = 0
	if call.ended {
		c.ended(call)
	}
	return Event{}, false
}

// message makes the event for a message that came.
func (c *Conn) message(call *Call, flag byte, body []byte) (Event, bool) {
	kind := sendRequest
	if c.client {
		kind = sendResponse
	}
	if !call.state.take(kind) {
		c.abort(call, Errorf(Internal, "a message came in the state %q", call.state))
		return Event{}, false
	}
	switch {
	case flag == 1 && call.peerEncoding == Gzip:
		plain, err := c.packer.unpack(body, c.config.MaxReceiveBytes)
		if errors.Is(err, errLarge) {
			c.abort(call, Errorf(ResourceExhausted, "a message of more than %d bytes when unpacked", c.config.MaxReceiveBytes))
			return Event{}, false
		}
		if err != nil {
			c.abort(call, Errorf(Internal, "a message that cannot be unpacked: %v", err))
			return Event{}, false
		}
		body = plain
	case flag != 0:
		c.abort(call, Errorf(Internal, "a message with flag %d and grpc-encoding %q: expected 0 for a plain message, or 1 for one packed by gzip", flag, call.peerEncoding))
		return Event{}, false
	}
	return Event{Kind: Received, Call: call, Message: body}, true
}

// ended tells the peer's last word, now that all its messages were handed out.
func (c *Conn) ended(call *Call) {
	call.ended = false
	e := call.end
	call.end = http2.Event{}
	if call.state == Over {
		return
	}
	torn := len(call.in) > call.read && call.refused == ""
	if !c.client {
		switch {
		case call.refused != "":
			c.refuse(call)
		case torn:
			c.abort(call, Errorf(Internal, "the request ends inside a message"))
		case call.state.take(halfClose):
			c.emit(Event{Kind: HalfClosed, Call: call})
		}
		return
	}
	status, ok := readStatus(e.Fields)
	trailers, good := readMetadata(e.Fields)
	switch {
	case !ok && e.Kind == http2.Data:
		status = Errorf(Internal, "the server ended the stream without a status")
	case !ok:
		status = Errorf(Unknown, "the server's trailers have no grpc-status")
	case !good:
		status = Errorf(Internal, "the server's trailers have a binary value that is not base64")
	case torn && status.Code == OK:
		status = Errorf(Internal, "the response ends inside a message")
	}
	c.finished(call, status, trailers)
}
