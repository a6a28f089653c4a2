package wire

import (
	"encoding/binary"
	"reflect"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/schema"
)

// A body is one of kmsg's structures, whose fields stand in the order of its
// schema's: behind a Version in the outermost, before UnknownTags in each that
// can be tagged.
//
// kmsg has a writer and a reader for each of them, in generated code: 250 KB
// of a page's download for the APIs of our table. One writer and one reader
// for all, by the schema and reflection, are 10. They take about 20 ns a field;
// a request has tens of fields, and thousands of records, which are one. For
// this to stay so, nobody calls AppendTo or ReadFrom through an interface.

// behindVersion is where a body's first field is.
const behindVersion = 1

// appendBody appends a body in the version that it has.
func appendBody(dst []byte, body any, m *schema.Message, version int16) []byte {
	w := bodyWriter{b: dst, version: version, flexible: version >= m.Flexible}
	w.structure(reflect.ValueOf(body).Elem(), m.Fields, behindVersion)
	return w.b
}

type bodyWriter struct {
	b        []byte
	version  int16
	flexible bool
}

func (w *bodyWriter) structure(v reflect.Value, list []schema.Field, first int) {
	tagged := 0
	for i := range list {
		switch f := &list[i]; {
		case f.Tag >= 0:
			tagged++
		case f.In(w.version):
			w.field(v.Field(first+i), f)
		}
	}
	if w.flexible {
		w.tags(v, list, first, tagged)
	}
}

// tags writes the tagged fields that are not as they would be without.
func (w *bodyWriter) tags(v reflect.Value, list []schema.Field, first, tagged int) {
	count := v.Field(v.NumField() - 1).Field(0).Len() // of those that nobody knows
	if count == 0 && tagged == 0 {
		w.b = append(w.b, 0)
		return
	}
	for i := 0; tagged > 0 && i < len(list); i++ {
		if f := &list[i]; f.Tag >= 0 && !isDefault(v.Field(first+i), f) {
			count++
		}
	}
	w.b = binary.AppendUvarint(w.b, uint64(count))
	for tag := int16(0); int(tag) < tagged; tag++ {
		for i := range list {
			if f := &list[i]; f.Tag == tag && !isDefault(v.Field(first+i), f) {
				w.tag(v.Field(first+i), f)
			}
		}
	}
	w.b = unknownTags(v).AppendEach(w.b)
}

func (w *bodyWriter) tag(v reflect.Value, f *schema.Field) {
	w.b = binary.AppendUvarint(w.b, uint64(f.Tag))
	outer := w.b
	w.b = nil
	w.field(v, f)
	w.b = append(binary.AppendUvarint(outer, uint64(len(w.b))), w.b...)
}

// unknownTags are the last field of a structure.
func unknownTags(v reflect.Value) *kmsg.Tags {
	return v.Field(v.NumField() - 1).Addr().Interface().(*kmsg.Tags)
}

func isDefault(v reflect.Value, f *schema.Field) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.IsNil() || f.Null < 0 && v.Len() == 0
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int() == f.Default
	case reflect.Struct:
		for i := range f.Fields {
			if !isDefault(v.Field(i), &f.Fields[i]) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}

func (w *bodyWriter) field(v reflect.Value, f *schema.Field) {
	switch {
	case f.Array:
		w.array(v, f)
	case f.Kind == schema.Struct && v.Kind() == reflect.Pointer:
		if v.IsNil() {
			w.b = append(w.b, 0xff)
			return
		}
		w.b = append(w.b, 1)
		w.structure(v.Elem(), f.Fields, 0)
	case f.Kind == schema.Struct:
		w.structure(v, f.Fields, 0)
	default:
		w.value(v, f)
	}
}

func (w *bodyWriter) array(v reflect.Value, f *schema.Field) {
	count := v.Len()
	if v.IsNil() && f.Nullable(w.version) {
		w.length(-1, 4)
		return
	}
	w.length(count, 4)
	for i := range count {
		if e := v.Index(i); f.Kind == schema.Struct {
			w.structure(e, f.Fields, 0)
		} else {
			w.value(e, f)
		}
	}
}

// value writes a field, or an element, that is neither array nor structure.
func (w *bodyWriter) value(v reflect.Value, f *schema.Field) {
	switch f.Kind {
	case schema.Bool:
		n := byte(0)
		if v.Bool() {
			n = 1
		}
		w.b = append(w.b, n)
	case schema.Int8:
		w.b = append(w.b, byte(v.Int()))
	case schema.Int16:
		w.b = binary.BigEndian.AppendUint16(w.b, uint16(v.Int()))
	case schema.Uint16:
		w.b = binary.BigEndian.AppendUint16(w.b, uint16(v.Uint()))
	case schema.Int32:
		w.b = binary.BigEndian.AppendUint32(w.b, uint32(v.Int()))
	case schema.Int64:
		w.b = binary.BigEndian.AppendUint64(w.b, uint64(v.Int()))
	case schema.UUID:
		w.b = append(w.b, v.Addr().Interface().(*[16]byte)[:]...)
	case schema.String:
		w.text(v, f)
	default:
		b := v.Bytes()
		if b == nil && f.Nullable(w.version) {
			w.length(-1, 4)
			return
		}
		w.length(len(b), 4)
		w.b = append(w.b, b...)
	}
}

func (w *bodyWriter) text(v reflect.Value, f *schema.Field) {
	s := ""
	if v.Kind() != reflect.Pointer {
		s = v.String()
	} else if !v.IsNil() {
		s = v.Elem().String()
	} else if f.Nullable(w.version) {
		w.length(-1, 2)
		return
	}
	w.length(len(s), 2)
	w.b = append(w.b, s...)
}

// length writes a length, -1 for null, that takes prefix bytes or is compact.
func (w *bodyWriter) length(n, prefix int) {
	switch {
	case w.flexible:
		w.b = binary.AppendUvarint(w.b, uint64(n+1))
	case prefix == 2:
		w.b = binary.BigEndian.AppendUint16(w.b, uint16(n))
	default:
		w.b = binary.BigEndian.AppendUint32(w.b, uint32(n))
	}
}
