package http2

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// raw writes a peer's bytes by hand, right or wrong.
type raw struct {
	b   []byte
	enc *hpack.Encoder
	buf bytes.Buffer
}

// newRaw begins as a client does, or as a server.
func newRaw(client bool) *raw {
	r := &raw{}
	r.enc = hpack.NewEncoder(&r.buf)
	if client {
		r.b = append(r.b, preface...)
	}
	return r.frame(frameSettings, 0, 0, nil)
}

func (r *raw) frame(kind frameType, flags byte, stream uint32, payload []byte) *raw {
	r.b = append(appendFrameHeader(r.b, len(payload), kind, flags, stream), payload...)
	return r
}

func (r *raw) block(fields ...HeaderField) []byte {
	r.buf.Reset()
	for _, f := range fields {
		r.enc.WriteField(f)
	}
	return bytes.Clone(r.buf.Bytes())
}

func (r *raw) headers(stream uint32, end bool, fields ...HeaderField) *raw {
	flags := byte(flagEndHeaders)
	if end {
		flags |= flagEndStream
	}
	return r.frame(frameHeaders, flags, stream, r.block(fields...))
}

func (r *raw) data(stream uint32, end bool, b string) *raw {
	var flags byte
	if end {
		flags = flagEndStream
	}
	return r.frame(frameData, flags, stream, []byte(b))
}

func (r *raw) number(kind frameType, stream uint32, n uint32) *raw {
	return r.frame(kind, 0, stream, binary.BigEndian.AppendUint32(nil, n))
}

func (r *raw) setting(id settingID, value uint32) *raw {
	return r.frame(frameSettings, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(nil, uint16(id)), value))
}

// take returns what was written since the last take.
func (r *raw) take() []byte {
	b := r.b
	r.b = nil
	return b
}

// tell gives a machine bytes and tells its events, a line each; consecutive
// DATA of a stream as one, because its pieces follow the pieces that came.
func tell(c *Conn, pieces ...[]byte) string {
	var s strings.Builder
	for _, b := range pieces {
		c.Receive(0, b)
		s.WriteString(events(c))
	}
	return s.String()
}

func events(c *Conn) string {
	var s strings.Builder
	for e, ok := c.Poll(); ok; e, ok = c.Poll() {
		fmt.Fprintf(&s, "%s %d", e.Kind, e.Stream)
		if e.Code != 0 {
			fmt.Fprintf(&s, " %s", e.Code)
		}
		if e.Fields != nil {
			fmt.Fprintf(&s, " %s", text(e.Fields))
		}
		if e.Kind == Data || e.Kind == GoAway {
			fmt.Fprintf(&s, " %q", e.Bytes)
		}
		if e.End {
			s.WriteString(" end")
		}
		if e.Err != nil {
			fmt.Fprintf(&s, " [%v]", e.Err)
		}
		s.WriteString("\n")
	}
	return s.String()
}

// said reads a machine's output and takes it away: a line for each frame.
func said(c *Conn) string {
	var s strings.Builder
	b := bytes.TrimPrefix(c.Output(), []byte(preface))
	for len(b) > 0 {
		f, n := readFrameHeader(b)
		f.payload = b[frameHeaderBytes : frameHeaderBytes+n]
		b = b[frameHeaderBytes+n:]
		fmt.Fprintf(&s, "%s", f.kind)
		if f.stream != 0 {
			fmt.Fprintf(&s, " %d", f.stream)
		}
		switch f.kind {
		case frameReset:
			fmt.Fprintf(&s, " %s", Code(binary.BigEndian.Uint32(f.payload)))
		case frameGoAway:
			fmt.Fprintf(&s, " %d %s", binary.BigEndian.Uint32(f.payload), Code(binary.BigEndian.Uint32(f.payload[4:])))
		case frameWindowUpdate:
			fmt.Fprintf(&s, " %d", binary.BigEndian.Uint32(f.payload))
		case frameData:
			fmt.Fprintf(&s, " %q", f.payload)
		}
		if f.has(flagAck) {
			s.WriteString(map[frameType]string{frameSettings: " ack", framePing: " ack", frameData: " end", frameHeaders: " end"}[f.kind])
		}
		s.WriteString("\n")
	}
	c.Sent(len(c.Output()))
	return s.String()
}
