package api

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"grapevine/protocols/strictcbor"
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
func AppendBulk(buf []byte, frame any) ([]byte, error) {
	if len(buf) != 0 {
		return nil, fmt.Errorf("api: AppendBulk got a buffer with %d bytes, expected an empty one", len(buf))
	}
	return appendStruct(buf, reflect.Indirect(reflect.ValueOf(frame)))
}

func appendStruct(buf []byte, v reflect.Value) ([]byte, error) {
	t := v.Type()
	buf = strictcbor.AppendHead(buf, 0xa0, uint64(t.NumField()))
	var err error
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("cbor")
		buf = strictcbor.AppendHead(buf, 0x60, uint64(len(name)))
		buf = append(buf, name...)
		if buf, err = appendValue(buf, v.Field(i)); err != nil {
			return nil, fmt.Errorf("api: frame field %q: %w", name, err)
		}
	}
	return buf, nil
}

func appendValue(buf []byte, v reflect.Value) ([]byte, error) {
	switch column := v.Interface().(type) {
	case Uint8s:
		return append(appendColumnHead(buf, 64, len(column)), column...), nil
	case Uint32s:
		buf = appendColumnHead(buf, 70, 4*len(column))
		for _, x := range column {
			buf = binary.LittleEndian.AppendUint32(buf, x)
		}
		return buf, nil
	case Float64s:
		buf = appendColumnHead(buf, 86, 8*len(column))
		for _, x := range column {
			buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(x))
		}
		return buf, nil
	case []Curve:
		buf = strictcbor.AppendHead(buf, 0x80, uint64(len(column)))
		var err error
		for i := range column {
			if buf, err = appendStruct(buf, reflect.ValueOf(column[i])); err != nil {
				return nil, err
			}
		}
		return buf, nil
	}
	b, err := cbor.Marshal(v.Interface())
	return append(buf, b...), err
}

// appendColumnHead writes the head of a typed array of size bytes so that the
// bytes after it are aligned.
func appendColumnHead(buf []byte, tag uint64, size int) []byte {
	head := strictcbor.AppendHead(strictcbor.AppendHead(nil, 0xc0, tag), 0x40, uint64(size))
	for (len(buf)+len(head))%columnAlign != 0 {
		buf = append(buf, 0xd9, 0xd9, 0xf7)
	}
	return append(buf, head...)
}
