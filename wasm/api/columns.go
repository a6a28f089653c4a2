package api

import (
	"encoding/binary"
	"math"
	"reflect"

	"grapevine/protocols/cborhead"
	"grapevine/wasm/api/smallcbor"
)

// The bulk columns of a frame. Each is written as an RFC 8746 typed array:
// a tag that names the element type, around a byte string.
type (
	Uint8s   []uint8   // tag 64
	Uint32s  []uint32  // tag 70, little endian
	Float64s []float64 // tag 86, little endian
)

// columnAlign is the alignment of every column's first byte within its
// message: the size of the largest element.
const columnAlign = 8

// AppendBulk appends frame, a Scene, Picture or Series, to buf as one CBOR map
// and returns the extended buffer. buf must be empty (it may have capacity to
// reuse), because columns are aligned relative to the message's first byte.
//
// Alignment without copying needs padding, and CBOR has no padding of its own:
// tag 55799 ("this is CBOR", RFC 8949 section 3.4.6) means nothing more inside
// a message, is three bytes long, and up to seven of them reach any alignment.
func AppendBulk(buf []byte, frame any) []byte {
	if len(buf) != 0 {
		panic("api: AppendBulk got a buffer that is not empty")
	}
	return appendStruct(buf, reflect.Indirect(reflect.ValueOf(frame)))
}

func appendStruct(buf []byte, v reflect.Value) []byte {
	t := v.Type()
	buf = cborhead.Append(buf, 0xa0, uint64(t.NumField()))
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("cbor")
		buf = cborhead.Append(buf, 0x60, uint64(len(name)))
		buf = appendValue(append(buf, name...), v.Field(i))
	}
	return buf
}

func appendValue(buf []byte, v reflect.Value) []byte {
	switch column := v.Interface().(type) {
	case Uint8s:
		return append(appendColumnHead(buf, 64, len(column)), column...)
	case Uint32s:
		buf = appendColumnHead(buf, 70, 4*len(column))
		for _, x := range column {
			buf = binary.LittleEndian.AppendUint32(buf, x)
		}
		return buf
	case Float64s:
		buf = appendColumnHead(buf, 86, 8*len(column))
		for _, x := range column {
			buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(x))
		}
		return buf
	case []Curve:
		buf = cborhead.Append(buf, 0x80, uint64(len(column)))
		for i := range column {
			buf = appendStruct(buf, reflect.ValueOf(column[i]))
		}
		return buf
	}
	return smallcbor.Append(buf, v.Interface())
}

// appendColumnHead writes the head of a typed array of size bytes so that the
// bytes after it are aligned.
func appendColumnHead(buf []byte, tag uint64, size int) []byte {
	head := cborhead.Append(cborhead.Append(nil, 0xc0, tag), 0x40, uint64(size))
	for (len(buf)+len(head))%columnAlign != 0 {
		buf = append(buf, 0xd9, 0xd9, 0xf7)
	}
	return append(buf, head...)
}
