package codec

import (
	"math"
	"strconv"

	"github.com/fxamacker/cbor/v2"

	"grapevine/protocols/field"
	"grapevine/protocols/field/shape"
)

// CBOR (RFC 8949), in three styles: a structure is a map from its fields' names
// to their values, a map from their numbers, or an array of the values in the
// order in which the schema declares them.
//
// Behaviour: written in the deterministic encoding of section 4.2.1. In a map
// what is absent is left out; in an array it is null, as it must hold its place,
// but for those at the end. Zeros are written. Read is any form of definite
// length; an element with an unknown key, or beyond the schema's end, is skipped;
// a value that is not of the field's type is an error.
// Versions: there is one.
// Not done: tags, floats and byte strings, which no type of ours needs.

type cborStyle struct{ by Key }

var named, numbered, positional = cborStyle{ByName}, cborStyle{ByNumber}, cborStyle{ByPosition}

var cborEncoder, cborDecoder = func() (cbor.EncMode, cbor.DecMode) {
	e, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	d, err := cbor.DecOptions{
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, DupMapKey: cbor.DupMapKeyEnforcedAPF,
		UTF8: cbor.UTF8RejectInvalid, MaxNestedLevels: maxDepth,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return e, d
}()

func (c cborStyle) write(s *Schema, v Value) []byte {
	s.check(v)
	b, err := cborEncoder.Marshal(c.plain(&Def{Type: Struct, Struct: s}, v))
	if err != nil {
		panic("codec: " + err.Error())
	}
	return b
}

// plain turns a value into what the library writes.
func (c cborStyle) plain(d *Def, v Value) any {
	switch v.Type {
	case Uint:
		return v.Bits
	case Int, Sint:
		return int64(v.Bits)
	case Bool:
		return v.Bits != 0
	case Text:
		return v.Text
	case List:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = c.plain(d.element(), item)
		}
		return list
	case Struct:
		if c.by == ByPosition {
			var list []any
			for i, item := range v.Items {
				list = append(list, c.plain(&d.Struct.Fields[i], item))
			}
			for len(list) > 0 && list[len(list)-1] == nil {
				list = list[:len(list)-1]
			}
			return append([]any{}, list...)
		}
		fields := map[any]any{}
		for i, item := range v.Items {
			if f := &d.Struct.Fields[i]; item.Type == Absent {
				continue
			} else if c.by == ByName {
				fields[f.Name] = c.plain(f, item)
			} else {
				fields[f.Number] = c.plain(f, item)
			}
		}
		return fields
	}
	return nil
}

func (c cborStyle) read(s *Schema, b []byte) Reading {
	return read(s, b, func(r *reader) (Value, field.Field) {
		// The library says whether the bytes are CBOR; after that, the walk need
		// not look twice.
		var anything any
		if err := cborDecoder.Unmarshal(b, &anything); err != nil {
			r.stop("%v", err)
			return empty(s), field.Field{Name: s.Name}
		}
		v, f := c.item(r, &Def{Name: s.Name, Type: Struct, Struct: s})
		if v.Type != Struct {
			v = empty(s)
		}
		return v, f
	})
}

// item reads one item for a field.
func (c cborStyle) item(r *reader, d *Def) (Value, field.Field) {
	head, ok := shape.ReadHead(r.b, r.at)
	if !ok {
		r.stop("expected an item")
		return Value{}, field.Field{Name: d.Name, Offset: r.at}
	}
	compound := shape.Map
	if d.Type == List || d.Type == Struct && c.by == ByPosition {
		compound = shape.Array
	}
	switch {
	case head.Major == shape.Simple && head.Value == shape.Null && (d.Optional || c.by == ByPosition):
		return Value{}, r.leaf(d.Name, "none", head.End)
	case (d.Type == Struct || d.Type == List) && int(head.Major) == compound:
		f := field.Field{Name: d.Name, Offset: r.at}
		f.Children = append(f.Children, r.leaf(map[int]string{shape.Map: "map", shape.Array: "array"}[compound], "of "+strconv.FormatUint(head.Value, 10), head.End))
		v := Value{Type: List}
		if d.Type == Struct {
			v = empty(d.Struct)
		}
		for i := range int(head.Value) {
			if r.broken {
				break
			}
			f.Children = append(f.Children, c.element(r, d, i, &v)...)
		}
		return v, r.close(f)
	}
	v := scalar(head, r.b, d.Type)
	if v.Type == Absent {
		r.fail("%s is %s, expected %s", d.Name, majorName(head), d.Kind())
		return v, r.other(d.Name + ", of another type")
	}
	end := head.End
	if v.Type != Text {
		return v, r.leaf(d.Name, v.String(), end)
	}
	f := field.Field{Name: d.Name, Offset: r.at}
	f.Children = append(f.Children, r.leaf("text", "of "+strconv.FormatUint(head.Value, 10)+" bytes", end))
	if v.Text != "" {
		f.Children = append(f.Children, r.leaf("value", v.String(), end+len(v.Text)))
	}
	return v, r.close(f)
}

// element reads the i-th element of a list or a structure into it: for a
// structure in a map, a key and a value.
func (c cborStyle) element(r *reader, d *Def, i int, into *Value) []field.Field {
	if d.Type == List {
		of := d.element()
		of.Name += "[" + strconv.Itoa(i) + "]"
		v, f := c.item(r, of)
		if v.Type == Absent && r.err == nil {
			r.fail("%s is null, expected %s", of.Name, of.Kind())
		}
		into.Items = append(into.Items, v)
		return []field.Field{f}
	}
	at := i
	var parts []field.Field
	name := "item " + strconv.Itoa(i)
	if c.by != ByPosition {
		head, _ := shape.ReadHead(r.b, r.at)
		at = -1
		switch {
		case c.by == ByName && head.Major == shape.Text:
			name = string(r.b[head.End : head.End+int(head.Value)])
			at = d.Struct.byName(name)
		case c.by == ByNumber && head.Major == shape.Unsigned:
			name = strconv.FormatUint(head.Value, 10)
			at = d.Struct.byNumber(head.Value)
		}
		key := shape.Shape{Name: "key"}
		f, end := key.FieldAt(r.b, r.at)
		r.at = end
		if at >= 0 {
			f.Name = "key of " + d.Struct.Fields[at].Name
		}
		parts = append(parts, f)
	}
	if at < 0 || at >= len(d.Struct.Fields) {
		r.unknown++
		return append(parts, r.other("unknown field "+name))
	}
	v, f := c.item(r, &d.Struct.Fields[at])
	into.Items[at] = v
	return append(parts, f)
}

// other names an item that is not read.
func (r *reader) other(name string) field.Field {
	s := shape.Shape{Name: name}
	f, end := s.FieldAt(r.b, r.at)
	r.at = end
	return f
}

// scalar reads a number, a Bool or a Text; Absent if the item is of another type.
func scalar(head shape.Head, b []byte, t Type) Value {
	switch {
	case t == Uint && head.Major == shape.Unsigned,
		(t == Int || t == Sint) && head.Major == shape.Unsigned && head.Value <= math.MaxInt64:
		return Value{Type: t, Bits: head.Value}
	case (t == Int || t == Sint) && head.Major == shape.Negative && head.Value <= math.MaxInt64:
		return Value{Type: t, Bits: ^head.Value}
	case t == Bool && head.Major == shape.Simple && (head.Value == shape.False || head.Value == shape.True):
		return Value{Type: t, Bits: head.Value - shape.False}
	case t == Text && head.Major == shape.Text:
		return Value{Type: t, Text: string(b[head.End : head.End+int(head.Value)])}
	}
	return Value{}
}

func majorName(h shape.Head) string {
	switch {
	case h.Major == shape.Simple && h.Value == shape.Null:
		return "null"
	case h.Major == shape.Simple && (h.Value == shape.False || h.Value == shape.True):
		return "a bool"
	}
	return [...]string{"a positive number", "a negative number", "a byte string", "a text", "an array", "a map", "a tag", "a simple value"}[h.Major]
}
