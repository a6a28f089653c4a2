package smallcbor

import (
	"encoding/binary"
	"math"
	"reflect"
	"strings"

	"grapevine/protocols/cborhead"
)

// The types of items, as the upper three bits of the first byte say.
const (
	positive   = 0x00
	negative   = 0x20
	byteString = 0x40
	text       = 0x60
	array      = 0x80
	pairs      = 0xa0
	tag        = 0xc0
)

// Items that are whole in one byte, and the first bytes of floats.
const (
	no     = 0xf4
	yes    = 0xf5
	null   = 0xf6
	half   = 0xf9 // two bytes follow
	double = 0xfb // eight bytes follow
)

// The floats that are written in two bytes.
const (
	halfNaN    = 0x7e00
	halfInf    = 0x7c00
	halfNegInf = 0xfc00
)

// Append writes v behind b. It panics if there is in v what this package does
// not write.
func Append(b []byte, v any) []byte { return appendValue(b, reflect.ValueOf(v)) }

func appendText(b []byte, s string) []byte {
	return append(cborhead.Append(b, text, uint64(len(s))), s...)
}

func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, yes)
		}
		return append(b, no)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := v.Int()
		if n < 0 {
			return cborhead.Append(b, negative, uint64(^n))
		}
		return cborhead.Append(b, positive, uint64(n))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return cborhead.Append(b, positive, v.Uint())
	case reflect.Float64:
		return appendFloat(b, v.Float())
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Slice:
		return appendSlice(b, v)
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, null)
		}
		return appendValue(b, v.Elem())
	case reflect.Struct:
		return formOf(v.Type()).append(b, v)
	}
	panic("smallcbor: a value of the type " + v.Type().String())
}

func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return binary.BigEndian.AppendUint16(append(b, half), halfNaN)
	case math.IsInf(f, 1):
		return binary.BigEndian.AppendUint16(append(b, half), halfInf)
	case math.IsInf(f, -1):
		return binary.BigEndian.AppendUint16(append(b, half), halfNegInf)
	}
	return binary.BigEndian.AppendUint64(append(b, double), math.Float64bits(f))
}

func appendSlice(b []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(b, null)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return append(cborhead.Append(b, byteString, uint64(v.Len())), v.Bytes()...)
	}
	b = cborhead.Append(b, array, uint64(v.Len()))
	if v.Type().Elem().Kind() == reflect.Struct {
		f := formOf(v.Type().Elem()) // once for all of them: a picture has thousands of cells
		for i := range v.Len() {
			b = f.append(b, v.Index(i))
		}
		return b
	}
	for i := range v.Len() {
		b = appendValue(b, v.Index(i))
	}
	return b
}

// form is how a struct's values are written.
type form struct {
	array  bool
	fields []formField
}

type formField struct {
	index     int
	name      string // of an array's element: ""
	omitEmpty bool
}

func formOf(t reflect.Type) form {
	f := form{fields: make([]formField, 0, t.NumField())}
	for i := range t.NumField() {
		field := t.Field(i)
		name, option, _ := strings.Cut(field.Tag.Get("cbor"), ",")
		if option == "toarray" {
			f.array = true
			continue
		}
		f.fields = append(f.fields, formField{i, name, option == "omitempty"})
	}
	return f
}

func (f form) append(b []byte, v reflect.Value) []byte {
	if f.array {
		b = cborhead.Append(b, array, uint64(len(f.fields)))
		for _, field := range f.fields {
			b = appendValue(b, v.Field(field.index))
		}
		return b
	}
	n := 0
	for _, field := range f.fields {
		if !field.omitEmpty || !empty(v.Field(field.index)) {
			n++
		}
	}
	b = cborhead.Append(b, pairs, uint64(n))
	for _, field := range f.fields {
		if x := v.Field(field.index); !field.omitEmpty || !empty(x) {
			b = appendValue(appendText(b, field.name), x)
		}
	}
	return b
}

// empty says whether a value is what omitempty leaves out. A struct never is.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
