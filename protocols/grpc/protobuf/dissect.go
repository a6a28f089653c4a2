package protobuf

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"grapevine/protocols/field"
)

// maxDissectDepth is how deep messages in messages are taken apart; what is
// deeper is shown as bytes.
const maxDissectDepth = 16

// shownRunes is how much of a long value is shown.
const shownRunes = 64

// Dissect names every byte of a message: whose type is known, by its fields'
// names; else (m is nil) by their numbers. Offsets begin at base. Bytes that
// cannot be read become a last field "not understood".
func (g *Registry) Dissect(b []byte, m *MessageType, base int) []field.Field {
	return g.fields(b, m, base, maxDissectDepth)
}

func (g *Registry) fields(b []byte, m *MessageType, base, depth int) []field.Field {
	var out []field.Field
	for at := 0; at < len(b); {
		f, n := g.field(b[at:], m, base+at, depth)
		if n == 0 {
			return append(out, leaf("not understood", fmt.Sprintf("%d bytes", len(b)-at), base+at, len(b)-at))
		}
		out = append(out, f)
		at += n
	}
	return out
}

func leaf(name, value string, offset, length int) field.Field {
	return field.Field{Name: name, Value: value, Offset: offset, Length: length}
}

// field names the first field in b, and says how long it is: 0 if it cannot be read.
func (g *Registry) field(b []byte, m *MessageType, offset, depth int) (field.Field, int) {
	number, wire, tag := protowire.ConsumeTag(b)
	if tag < 0 {
		return field.Field{}, 0
	}
	size := protowire.ConsumeFieldValue(number, wire, b[tag:])
	if size < 0 {
		return field.Field{}, 0
	}
	known := FieldType{Name: "field " + strconv.Itoa(int(number))}
	if m != nil {
		for _, f := range m.Fields {
			if f.Number == uint32(number) {
				known = f
			}
		}
	}
	value := b[tag : tag+size]
	f := field.Field{Name: known.Name, Offset: offset, Length: tag + size}
	f.Children = append(f.Children, leaf("tag", fmt.Sprintf("field %d, %s", number, wireNames[wire]), offset, tag))
	if wire != protowire.BytesType {
		f.Value = g.number(value, known, wire)
		f.Children = append(f.Children, leaf("value", f.Value, offset+tag, size))
		return f, tag + size
	}
	body, _ := protowire.ConsumeBytes(value)
	length := size - len(body)
	f.Children = append(f.Children, leaf("length", strconv.Itoa(len(body)), offset+tag, length))
	at := offset + tag + length
	switch {
	case len(body) == 0:
		f.Value = text(body, known.Kind)
	case known.Kind == KindMessage && depth > 0:
		f.Value = known.TypeName
		f.Children = append(f.Children, g.fields(body, g.Message(known.TypeName), at, depth-1)...)
	case known.Repeated && known.Kind != 0 && known.Kind != KindString && known.Kind != KindBytes && known.Kind != KindMessage:
		f.Value = "packed"
		f.Children = append(f.Children, g.packed(body, known, at)...)
	default:
		f.Value = text(body, known.Kind)
		f.Children = append(f.Children, leaf("value", f.Value, at, len(body)))
	}
	return f, tag + size
}

var wireNames = map[protowire.Type]string{
	protowire.VarintType: "varint", protowire.Fixed64Type: "8 bytes", protowire.BytesType: "length and bytes",
	protowire.StartGroupType: "group", protowire.Fixed32Type: "4 bytes",
}

// packed names the numbers of one packed field.
func (g *Registry) packed(b []byte, f FieldType, base int) []field.Field {
	wire := protowire.VarintType
	switch f.Kind {
	case KindFixed64, KindSfixed64, KindDouble:
		wire = protowire.Fixed64Type
	case KindFixed32, KindSfixed32, KindFloat:
		wire = protowire.Fixed32Type
	}
	var out []field.Field
	for at := 0; at < len(b); {
		n := protowire.ConsumeFieldValue(1, wire, b[at:])
		if n < 0 {
			return append(out, leaf("not understood", fmt.Sprintf("%d bytes", len(b)-at), base+at, len(b)-at))
		}
		out = append(out, leaf("value", g.number(b[at:at+n], f, wire), base+at, n))
		at += n
	}
	return out
}

// number writes a value that is no bytes.
func (g *Registry) number(b []byte, f FieldType, wire protowire.Type) string {
	switch wire {
	case protowire.VarintType:
		v, _ := protowire.ConsumeVarint(b)
		switch f.Kind {
		case KindBool:
			return strconv.FormatBool(v != 0)
		case KindEnum:
			return g.enumName(f.TypeName, int32(v))
		case KindInt32:
			return strconv.Itoa(int(int32(v)))
		case KindInt64:
			return strconv.FormatInt(int64(v), 10)
		case KindSint32, KindSint64:
			return strconv.FormatInt(protowire.DecodeZigZag(v), 10)
		}
		return strconv.FormatUint(v, 10)
	case protowire.Fixed32Type:
		v := binary.LittleEndian.Uint32(b)
		if f.Kind == KindSfixed32 {
			return strconv.Itoa(int(int32(v)))
		}
		return strconv.FormatUint(uint64(v), 10)
	case protowire.Fixed64Type:
		v := binary.LittleEndian.Uint64(b)
		if f.Kind == KindSfixed64 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatUint(v, 10)
	}
	return fmt.Sprintf("%d bytes", len(b))
}

// text writes bytes: as text if they are meant to be, or can be, else as hex.
func text(b []byte, kind Kind) string {
	readable := utf8.Valid(b)
	for _, r := range string(b[:min(len(b), 4*shownRunes)]) {
		readable = readable && (unicode.IsPrint(r) || kind == KindString)
	}
	more := ""
	if readable && kind != KindBytes {
		runes := []rune(string(b[:min(len(b), 4*shownRunes)]))
		if len(runes) > shownRunes || len(b) > 4*shownRunes {
			more = fmt.Sprintf("... (%d bytes)", len(b))
		}
		return strconv.Quote(string(runes[:min(len(runes), shownRunes)])) + more
	}
	if len(b) > shownRunes/2 {
		more = fmt.Sprintf("... (%d bytes)", len(b))
	}
	return fmt.Sprintf("%x", b[:min(len(b), shownRunes/2)]) + more
}
