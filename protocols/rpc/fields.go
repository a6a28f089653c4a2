package rpc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"

	"grapevine/protocols/field"
	"grapevine/protocols/field/shape"
)

func sayKind(v uint64) string { return fmt.Sprintf("%d (%v)", v, FrameKind(v)) }
func sayHex(v uint64) string  { return fmt.Sprintf("%08x", v) }
func sayCode(v uint64) string { return fmt.Sprintf("%d (%v)", v, Code(v)) }
func sayBoot(v uint64) string { return orWords(v, "not known yet") }
func sayBudget(v uint64) string {
	if v == 0 {
		return "0 (for ever)"
	}
	return fmt.Sprintf("%d µs", v)
}

func orWords(v uint64, zero string) string {
	if v == 0 {
		return "0 (" + zero + ")"
	}
	return strconv.FormatUint(v, 10)
}

var (
	kindShape = shape.Shape{Name: "kind", Say: sayKind}
	bootShape = shape.Shape{Name: "boot", Say: sayBoot}
)

// frameShapes are the frames of wire.go, by kind.
var frameShapes = [frameKinds]shape.Shape{
	Request: {Name: "request", Parts: []shape.Shape{kindShape, {Name: "client"}, {Name: "number"}, {Name: "attempt"}, bootShape, {Name: "call ID"},
		{Name: "signature", Say: sayHex}, {Name: "budget", Say: sayBudget}, {Name: "arguments"}}},
	Reply:   {Name: "reply", Parts: []shape.Shape{kindShape, {Name: "client"}, {Name: "number"}, bootShape, {Name: "result"}}},
	Failure: {Name: "error", Parts: []shape.Shape{kindShape, {Name: "client"}, {Name: "number"}, bootShape, {Name: "code", Say: sayCode}, {Name: "text"}}},
	Cancel:  {Name: "cancel", Parts: []shape.Shape{kindShape, {Name: "client"}, {Name: "number"}}},
}

var (
	argumentsShape = shape.Shape{Name: "arguments", Each: &shape.Shape{Name: "argument"}}
	resultShape    = shape.Shape{Name: "result"}
)

// Dissect names every byte of a frame. Bytes that are no frame come out as one
// field that says why.
func Dissect(b []byte) field.Field {
	frame, err := ReadFrame(b)
	if err != nil {
		return shape.Unread(b, err)
	}
	f := frameShapes[frame.Kind].Field(b)
	f.Value = fmt.Sprintf("call %d of client %d", frame.Call.Number, frame.Call.Client)
	switch frame.Kind {
	case Request:
		openBody(&f, b, &argumentsShape, len(frame.Body))
	case Reply:
		openBody(&f, b, &resultShape, len(frame.Body))
	}
	return f
}

// openBody shows the CBOR inside a frame's last element, a byte string of size bytes.
func openBody(f *field.Field, b []byte, s *shape.Shape, size int) {
	last := &f.Children[len(f.Children)-1]
	at := len(b) - size
	if size == 0 || at <= last.Offset {
		return
	}
	inner, end := s.FieldAt(b, at)
	last.Value = ""
	last.Children = []field.Field{{Name: "byte string", Value: fmt.Sprintf("of %d", size), Offset: last.Offset, Length: at - last.Offset}, inner}
	if end < len(b) {
		last.Children = append(last.Children, field.Field{Name: "not understood", Value: fmt.Sprintf("%d bytes", len(b)-end), Offset: end, Length: len(b) - end})
	}
}

// DissectStream names every byte of what one side has said over a transport,
// from the first on: of a connection, or of one datagram. It takes any bytes;
// what it ends in the middle of becomes a last field that says so.
func DissectStream(kind Kind, said []byte) []field.Field {
	switch kind {
	case OverStream:
		return dissectFramed(said)
	case OverHTTP1:
		return dissectHTTP1(said)
	case OverHTTP2:
		return dissectHTTP2(said)
	}
	if len(said) == 0 {
		return nil
	}
	return []field.Field{Dissect(said)}
}

func dissectFramed(said []byte) (out []field.Field) {
	for at := 0; at < len(said); {
		rest := said[at:]
		if len(rest) < lengthBytes {
			return append(out, field.Field{Name: "length", Value: "half of it", Offset: at, Length: len(rest)})
		}
		n := uint64(binary.BigEndian.Uint32(rest))
		f := field.Field{Name: "framed", Offset: at, Children: []field.Field{{Name: "length", Value: strconv.FormatUint(n, 10), Offset: at, Length: lengthBytes}}}
		body := rest[lengthBytes:]
		if uint64(len(body)) > n {
			body = body[:n]
		}
		switch {
		case uint64(len(body)) < n && len(body) > 0:
			f.Children = append(f.Children, field.Field{Name: "frame", Value: fmt.Sprintf("%d bytes of %d", len(body), n), Offset: at + lengthBytes, Length: len(body)})
		case len(body) > 0:
			f.Children = append(f.Children, shifted(Dissect(body), at+lengthBytes))
		}
		f.Length = lengthBytes + len(body)
		out = append(out, f)
		at += f.Length
	}
	return out
}

func dissectHTTP1(said []byte) (out []field.Field) {
	for at := 0; at < len(said); {
		rest := said[at:]
		size := bytes.Index(rest, emptyLine) + len(emptyLine)
		if size < len(emptyLine) {
			return append(out, field.Field{Name: "head", Value: "a part of it", Offset: at, Length: len(rest)})
		}
		f := field.Field{Name: "request", Offset: at}
		if bytes.HasPrefix(rest, []byte("HTTP/")) {
			f.Name = "response"
		}
		length := 0
		for i, begin := 0, 0; begin < size; i++ {
			line, _, _ := bytes.Cut(rest[begin:size], crlf)
			name, value, found := bytes.Cut(line, []byte(":"))
			part := field.Field{Name: string(name), Value: string(bytes.Trim(value, " \t")), Offset: at + begin, Length: len(line) + len(crlf)}
			switch {
			case len(line) == 0:
				part.Name = "empty line"
			case i == 0 || !found:
				part.Name, part.Value = "line", string(line)
			case is(name, "content-length"):
				length = max(readLength([]byte(part.Value)), 0)
			}
			f.Children = append(f.Children, part)
			begin += part.Length
		}
		body := rest[size:min(size+length, len(rest))]
		switch {
		case len(body) < length && len(body) > 0:
			f.Children = append(f.Children, field.Field{Name: "body", Value: fmt.Sprintf("%d bytes of %d", len(body), length), Offset: at + size, Length: len(body)})
		case len(body) > 0:
			f.Children = append(f.Children, shifted(Dissect(body), at+size))
		}
		f.Length = size + len(body)
		out = append(out, f)
		at += f.Length
	}
	return out
}

// shifted moves a field to a place further back.
func shifted(f field.Field, by int) field.Field {
	f.Offset += by
	children := make([]field.Field, 0, len(f.Children))
	for _, c := range f.Children {
		children = append(children, shifted(c, by))
	}
	if f.Children = children; len(children) == 0 {
		f.Children = nil
	}
	return f
}
