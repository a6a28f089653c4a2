package codec

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"grapevine/protocols/field"
)

// Protocol Buffers, as proto3 has it (protobuf.dev/programming-guides/encoding).
//
// Behaviour: fields in the order of their numbers; zero, false, "" and empty
// lists are not written unless the field is optional; lists of numbers are
// packed, and read either way. What has an unknown number, or a wire type that
// the field's type does not have, is skipped as unknown, as the specification
// asks. Of a field that comes twice the last counts.
// Versions: there is one wire format.
// Not done: groups, fixed-size numbers, merging of a structure that comes twice.

func writeProtobuf(s *Schema, v Value) []byte {
	s.check(v)
	return appendMessage(nil, s, v)
}

func appendMessage(b []byte, s *Schema, v Value) []byte {
	for last := 0; ; {
		next := -1 // the field with the next higher number
		for i := range s.Fields {
			if n := s.Fields[i].Number; n > last && (next < 0 || n < s.Fields[next].Number) {
				next = i
			}
		}
		if next < 0 {
			return b
		}
		d, item := &s.Fields[next], v.Items[next]
		last = d.Number
		if item.Type != Absent && (d.Optional || !item.isZero() || d.Type == Struct) {
			b = appendField(b, d, item)
		}
	}
}

func appendField(b []byte, d *Def, v Value) []byte {
	number := protowire.Number(d.Number)
	switch {
	case d.Type == Struct:
		b = protowire.AppendTag(b, number, protowire.BytesType)
		return protowire.AppendBytes(b, appendMessage(nil, d.Struct, v))
	case d.Type == Text:
		b = protowire.AppendTag(b, number, protowire.BytesType)
		return protowire.AppendString(b, v.Text)
	case d.Type == List && isNumber(d.Of):
		var packed []byte
		for _, item := range v.Items {
			packed = protowire.AppendVarint(packed, toVarint(item))
		}
		b = protowire.AppendTag(b, number, protowire.BytesType)
		return protowire.AppendBytes(b, packed)
	case d.Type == List:
		for _, item := range v.Items {
			b = appendField(b, d.element(), item)
		}
		return b
	}
	b = protowire.AppendTag(b, number, protowire.VarintType)
	return protowire.AppendVarint(b, toVarint(v))
}

func isNumber(t Type) bool { return t == Uint || t == Int || t == Sint || t == Bool }

// toVarint is the number that is written for a value.
func toVarint(v Value) uint64 {
	if v.Type == Sint {
		return protowire.EncodeZigZag(int64(v.Bits))
	}
	return v.Bits
}

func fromVarint(t Type, n uint64) Value {
	v := Value{Type: t, Bits: n}
	switch t {
	case Sint:
		v.Bits = uint64(protowire.DecodeZigZag(n))
	case Bool:
		v.Bits = min(n, 1)
	}
	return v
}

func readProtobuf(s *Schema, b []byte) Reading {
	return read(s, b, func(r *reader) (Value, field.Field) {
		v, parts := r.message(s, len(b), maxDepth)
		return v, r.close(field.Field{Name: s.Name, Children: parts})
	})
}

// message reads fields up to an offset.
func (r *reader) message(s *Schema, end, depth int) (Value, []field.Field) {
	v := empty(s)
	var parts []field.Field
	if depth == 0 {
		r.stop("structures within structures, more than %d deep", maxDepth)
	}
	for r.at < end && !r.broken {
		number, wire, n := protowire.ConsumeTag(r.b[r.at:end])
		if n < 0 {
			r.stop("expected a tag, a field's number and wire type: %v", protowire.ParseError(n))
			break
		}
		f := field.Field{Name: fmt.Sprintf("unknown field %d", number), Offset: r.at}
		i := s.byNumber(uint64(number))
		tag := r.leaf("tag", fmt.Sprintf("field %d, %s", number, wireName(wire)), r.at+n)
		f.Children = append(f.Children, tag)
		if i < 0 {
			r.unknown++
			f.Children = append(f.Children, r.skip(number, wire, end)...)
		} else {
			d := &s.Fields[i]
			if f.Name = d.Name; d.Type == List && wire == protowire.BytesType && !isNumber(d.Of) {
				f.Name += "[" + strconv.Itoa(len(v.Items[i].Items)) + "]"
			}
			f.Children = append(f.Children, r.value(d, &v.Items[i], number, wire, end, depth)...)
		}
		parts = append(parts, r.close(f))
	}
	return v, parts
}

// value reads what follows a tag into the field's value.
func (r *reader) value(d *Def, into *Value, number protowire.Number, wire protowire.Type, end, depth int) []field.Field {
	of := d.Type
	if d.Type == List {
		of = d.Of
	}
	var got Value
	var parts []field.Field
	switch {
	case wire == protowire.VarintType && isNumber(of):
		n, size := protowire.ConsumeVarint(r.b[r.at:end])
		if size < 0 {
			r.stop("expected a number: %v", protowire.ParseError(size))
			return nil
		}
		got = fromVarint(of, n)
		parts = []field.Field{r.leaf("value", got.String(), r.at+size)}
	case wire == protowire.BytesType && (of == Text || of == Struct || d.Type == List):
		stop, length := r.length(end)
		parts = append(parts, length...)
		switch {
		case r.broken:
			return parts
		case of == Text:
			got = Value{Type: Text, Text: string(r.b[r.at:stop])}
			if !utf8.ValidString(got.Text) {
				r.fail("the text of %s is not UTF-8", d.Name)
			}
			parts = append(parts, r.leaf("value", got.String(), stop))
		case of == Struct:
			var inner []field.Field
			got, inner = r.message(d.Struct, stop, depth-1)
			parts = append(parts, inner...)
		default:
			return append(parts, r.packed(d, into, stop)...)
		}
	default:
		r.unknown++
		return r.skip(number, wire, end)
	}
	if d.Type == List {
		*into = Value{Type: List, Items: append(into.Items, got)}
	} else {
		*into = got
	}
	return parts
}

// length reads the length of what follows, and says where that ends.
func (r *reader) length(end int) (int, []field.Field) {
	n, size := protowire.ConsumeVarint(r.b[r.at:end])
	if size < 0 {
		r.stop("expected a length: %v", protowire.ParseError(size))
		return 0, nil
	}
	if n > uint64(end-r.at-size) {
		r.stop("a length of %d, but only %d bytes are left", n, end-r.at-size)
		return 0, nil
	}
	stop := r.at + size + int(n)
	return stop, []field.Field{r.leaf("length", strconv.FormatUint(n, 10), r.at+size)}
}

// packed reads a list of numbers.
func (r *reader) packed(d *Def, into *Value, stop int) []field.Field {
	var parts []field.Field
	into.Type = List
	for r.at < stop {
		n, size := protowire.ConsumeVarint(r.b[r.at:stop])
		if size < 0 {
			r.stop("expected a number of the list %s: %v", d.Name, protowire.ParseError(size))
			break
		}
		item := fromVarint(d.Of, n)
		parts = append(parts, r.leaf(d.Name+"["+strconv.Itoa(len(into.Items))+"]", item.String(), r.at+size))
		into.Items = append(into.Items, item)
	}
	return parts
}

// skip passes over a value that no field is there for.
func (r *reader) skip(number protowire.Number, wire protowire.Type, end int) []field.Field {
	size := protowire.ConsumeFieldValue(number, wire, r.b[r.at:end])
	if size < 0 || wire == protowire.StartGroupType || wire == protowire.EndGroupType {
		r.stop("expected a value of the wire type %s", wireName(wire))
		return nil
	}
	return []field.Field{r.leaf("skipped", fmt.Sprintf("%x", r.b[r.at:r.at+min(size, 32)]), r.at+size)}
}

func wireName(t protowire.Type) string {
	switch t {
	case protowire.VarintType:
		return "varint"
	case protowire.BytesType:
		return "length-delimited"
	case protowire.Fixed32Type:
		return "32 bits"
	case protowire.Fixed64Type:
		return "64 bits"
	}
	return "wire type " + strconv.Itoa(int(t)&math.MaxInt8)
}
