package wire

import (
	"encoding/binary"
	"reflect"

	"grapevine/protocols/kafka/schema"
)

// readBody fills a new body from bytes that the schema's walk went through
// without an error, to the end of the body. Bytes in it lie in b.
func readBody(b []byte, body any, m *schema.Message, version int16) {
	r := bodyReader{b: b, version: version, flexible: version >= m.Flexible}
	r.structure(reflect.ValueOf(body).Elem(), m.Fields, behindVersion)
}

// bodyReader reads what is there for sure, so it does not look.
type bodyReader struct {
	b        []byte
	version  int16
	flexible bool
}

func (r *bodyReader) structure(v reflect.Value, list []schema.Field, first int) {
	setDefaults(v, list, first)
	for i := range list {
		if f := &list[i]; f.Tag < 0 && f.In(r.version) {
			r.field(v.Field(first+i), f)
		}
	}
	if r.flexible {
		for range r.uvarint() {
			r.tag(v, list, first)
		}
	}
}

// setDefaults gives a new structure's fields what they are when they do not
// come.
func setDefaults(v reflect.Value, list []schema.Field, first int) {
	for i := range list {
		switch f := &list[i]; {
		case f.Kind == schema.Struct && !f.Array && v.Field(first+i).Kind() == reflect.Struct:
			setDefaults(v.Field(first+i), f.Fields, 0)
		case f.Default == 0:
		case f.Kind == schema.Bool:
			v.Field(first + i).SetBool(true)
		default:
			v.Field(first + i).SetInt(f.Default)
		}
	}
}

func (r *bodyReader) tag(v reflect.Value, list []schema.Field, first int) {
	tag := r.uvarint()
	content := r.take(int(r.uvarint()))
	for i := range list {
		if f := &list[i]; f.Tag >= 0 && uint64(f.Tag) == tag {
			inner := bodyReader{b: content, version: r.version, flexible: true}
			inner.field(v.Field(first+i), f)
			return
		}
	}
	unknownTags(v).Set(uint32(tag), content)
}

func (r *bodyReader) field(v reflect.Value, f *schema.Field) {
	switch {
	case f.Array:
		r.array(v, f)
	case f.Kind == schema.Struct && v.Kind() == reflect.Pointer:
		if int8(r.take(1)[0]) >= 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.structure(v.Elem(), f.Fields, 0)
		}
	case f.Kind == schema.Struct:
		r.structure(v, f.Fields, 0)
	default:
		r.value(v, f)
	}
}

func (r *bodyReader) array(v reflect.Value, f *schema.Field) {
	count := r.length(4)
	if count <= 0 && (f.Null < 0 || count < 0 && f.Nullable(r.version)) {
		v.SetZero() // Only where null means something else, empty is not nil.
		return
	}
	count = max(count, 0)
	if f.Kind == schema.Int32 {
		numbers := make([]int32, count)
		for i := range numbers {
			numbers[i] = int32(binary.BigEndian.Uint32(r.take(4)))
		}
		*v.Addr().Interface().(*[]int32) = numbers
		return
	}
	if count == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return
	}
	v.Grow(count) // one allocation less than MakeSlice
	v.SetLen(count)
	for i := range count {
		if e := v.Index(i); f.Kind == schema.Struct {
			r.structure(e, f.Fields, 0)
		} else {
			r.value(e, f)
		}
	}
}

// value reads a field, or an element, that is neither array nor structure.
func (r *bodyReader) value(v reflect.Value, f *schema.Field) {
	switch f.Kind {
	case schema.Bool:
		v.SetBool(r.take(1)[0] != 0)
	case schema.Int8:
		v.SetInt(int64(int8(r.take(1)[0])))
	case schema.Int16:
		v.SetInt(int64(int16(binary.BigEndian.Uint16(r.take(2)))))
	case schema.Uint16:
		v.SetUint(uint64(binary.BigEndian.Uint16(r.take(2))))
	case schema.Int32:
		v.SetInt(int64(int32(binary.BigEndian.Uint32(r.take(4)))))
	case schema.Int64:
		v.SetInt(int64(binary.BigEndian.Uint64(r.take(8))))
	case schema.UUID:
		copy(v.Addr().Interface().(*[16]byte)[:], r.take(16))
	case schema.String:
		r.text(v)
	default:
		if n := r.length(4); n >= 0 {
			v.SetBytes(r.take(n))
		} else if f.Null < 0 {
			v.SetBytes([]byte{})
		}
	}
}

func (r *bodyReader) text(v reflect.Value) {
	n := r.length(2)
	if n < 0 {
		v.SetZero()
		return
	}
	s := string(r.take(n))
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.ValueOf(&s))
	} else {
		v.SetString(s)
	}
}

// length reads a length, -1 for null.
func (r *bodyReader) length(prefix int) int {
	switch {
	case r.flexible:
		return int(r.uvarint()) - 1
	case prefix == 2:
		return int(int16(binary.BigEndian.Uint16(r.take(2))))
	}
	return int(int32(binary.BigEndian.Uint32(r.take(4))))
}

func (r *bodyReader) take(n int) []byte {
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *bodyReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	r.b = r.b[size:]
	return n
}
