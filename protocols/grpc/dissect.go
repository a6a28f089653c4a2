package grpc

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"grapevine/protocols/field"
	"grapevine/protocols/grpc/protobuf"
	"grapevine/protocols/http2"
)

// Dissector names the bytes of a connection.
type Dissector struct {
	// Registry knows the messages. Without it, or for a method that is not in
	// it, fields are shown by their numbers.
	Registry *protobuf.Registry
	// Method tells which path a stream's request had. A response does not say
	// it, and without it its fields have no names. May be nil.
	Method func(stream uint32) string
}

// Dissect names every byte of one direction of a connection, from its
// beginning: HTTP/2's frames, and within their data gRPC's messages. A message
// that is spread over frames, or packed, is shown without its fields.
func (d Dissector) Dissect(said []byte, fromClient bool) []field.Field {
	frames := http2.Dissect(said)
	talks := map[uint64]*talk{}
	for i := range frames {
		f := &frames[i]
		stream, ok := streamOf(f)
		if !ok {
			continue
		}
		t := talks[stream]
		if t == nil {
			t = &talk{dissector: d, fromClient: fromClient}
			talks[stream] = t
			if !fromClient && d.Method != nil {
				t.path = d.Method(uint32(stream))
			}
		}
		for j := range f.Children {
			switch part := &f.Children[j]; part.Name {
			case ":path":
				t.path = valueOf(part)
			case "grpc-encoding":
				t.encoding = valueOf(part)
			case "data":
				if f.Name == "DATA" && len(part.Children) == 0 {
					part.Children = t.data(said[part.Offset:part.Offset+part.Length], part.Offset)
				}
			}
		}
	}
	return frames
}

// valueOf is a header field's value without the note, in parentheses, on how
// it was compressed.
func valueOf(part *field.Field) string {
	if note := strings.LastIndex(part.Value, " ("); note >= 0 {
		return part.Value[:note]
	}
	return part.Value
}

// streamOf reads a frame's stream.
func streamOf(f *field.Field) (uint64, bool) {
	for _, part := range f.Children {
		if part.Name == "stream" {
			stream, err := strconv.ParseUint(part.Value, 10, 31)
			return stream, err == nil && stream != 0
		}
	}
	return 0, false
}

// talk is what is known of one direction of a stream.
type talk struct {
	dissector  Dissector
	fromClient bool
	path       string
	encoding   string
	head       []byte // of the message under way
	size       int    // of its body; known when the head is whole
	seen       int    // of its body
}

// data names the bytes of a piece of the body.
func (t *talk) data(b []byte, offset int) []field.Field {
	var out []field.Field
	for len(b) > 0 {
		begun := len(t.head) > 0 || len(b) < headBytes
		if n := min(headBytes-len(t.head), len(b)); n > 0 {
			t.head = append(t.head, b[:n]...)
			if len(t.head) == headBytes {
				t.size = int(binary.BigEndian.Uint32(t.head[1:]))
			}
			if begun {
				out = append(out, leaf("message head", fmt.Sprintf("%d of %d bytes", n, headBytes), offset, n))
				b, offset = b[n:], offset+n
				if len(t.head) < headBytes {
					return out
				}
			}
		}
		if !begun && len(b)-headBytes >= t.size {
			whole := headBytes + t.size
			out = append(out, t.message(b[:whole], offset))
			b, offset = b[whole:], offset+whole
			t.next()
			continue
		}
		if !begun {
			out = append(out, t.heads(offset)...)
			b, offset = b[headBytes:], offset+headBytes
		}
		n := min(t.size-t.seen, len(b))
		if n > 0 {
			out = append(out, leaf("part of a message", fmt.Sprintf("bytes %d to %d of %d", t.seen, t.seen+n, t.size), offset, n))
		}
		t.seen += n
		b, offset = b[n:], offset+n
		if t.seen == t.size {
			t.next()
		}
	}
	return out
}

// next begins the next message.
func (t *talk) next() { t.head, t.size, t.seen = t.head[:0], 0, 0 }

func leaf(name, value string, offset, length int) field.Field {
	return field.Field{Name: name, Value: value, Offset: offset, Length: length}
}

// heads names the flag and the length before a message.
func (t *talk) heads(offset int) []field.Field {
	flag := "0: as it is"
	if t.head[0] != 0 {
		flag = strings.TrimSpace(fmt.Sprintf("%d: packed %s", t.head[0], t.encoding))
	}
	return []field.Field{leaf("flag", flag, offset, 1), leaf("length", strconv.Itoa(t.size), offset+1, headBytes-1)}
}

// message names the bytes of a whole message.
func (t *talk) message(b []byte, offset int) field.Field {
	f := field.Field{Name: "message", Offset: offset, Length: len(b), Children: t.heads(offset)}
	body, at := b[headBytes:], offset+headBytes
	if t.head[0] != 0 {
		if len(body) > 0 {
			f.Children = append(f.Children, leaf("packed message", fmt.Sprintf("%d bytes", len(body)), at, len(body)))
		}
		return f
	}
	if m := t.dissector.Registry.Method(t.path); m != nil {
		f.Value = m.Input
		if !t.fromClient {
			f.Value = m.Output
		}
	}
	f.Children = append(f.Children, t.dissector.Registry.Dissect(body, t.dissector.Registry.Message(f.Value), at)...)
	return f
}
