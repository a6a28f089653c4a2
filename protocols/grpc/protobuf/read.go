package protobuf

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Message is what the generator writes.
type Message interface {
	// Append adds the message's bytes to b.
	Append(b []byte) []byte
	// Merge reads b's fields over those that the message has. It keeps no
	// part of b.
	Merge(b []byte) error
}

// Unmarshal reads b into m, which must be empty: just made.
func Unmarshal(b []byte, m Message) error { return m.Merge(b) }

// MaxFields is how many fields one message may have, and how many items one
// packed field. Two bytes on the wire can become a hundred in memory, so a
// limit on bytes alone does not bound what a peer makes us hold.
const MaxFields = 1 << 16

// The wire types, as a tag has them in its lower three bits.
const (
	Varint  = uint32(protowire.VarintType)
	Fixed64 = uint32(protowire.Fixed64Type)
	Bytes   = uint32(protowire.BytesType)
	Fixed32 = uint32(protowire.Fixed32Type)
)

// What a peer can do wrong.
var (
	ErrTruncated = errors.New("protobuf: the message ends inside a field; is it whole, and of this type?")
	ErrText      = errors.New("protobuf: a string is not UTF-8")
	ErrManyItems = fmt.Errorf("protobuf: more than %d fields in one message", MaxFields)
	errNoField   = errors.New("protobuf: these bytes are no field: a number of 0, an unknown wire type, or a varint of more than 10 bytes")
)

// Reader goes through the fields of one message:
//
//	r := protobuf.Read(b)
//	for r.Next() {
//		switch r.Tag {
//		case 1<<3 | protobuf.Varint:
//			m.Count = r.Int32()
//		default:
//			m.Unknown = r.Keep(m.Unknown)
//		}
//	}
//	return r.Err()
//
// Each turn of the loop takes exactly one value, or keeps it. After the first
// fault Next is false, and values are zero.
type Reader struct {
	// Tag is the current field's number times 8 plus its wire type.
	Tag    uint32
	rest   []byte // what follows the tag
	whole  []byte // the field from its tag on
	fields int
	err    error
}

// Read starts at the beginning of a message.
func Read(b []byte) Reader { return Reader{rest: b} }

// Err is the first fault, nil if there was none.
func (r *Reader) Err() error { return r.err }

// Next goes to the next field.
func (r *Reader) Next() bool {
	if len(r.rest) == 0 || r.err != nil {
		return false
	}
	if r.fields++; r.fields > MaxFields {
		return r.fail(ErrManyItems)
	}
	if b := r.rest[0]; b < 0x80 && b >= 8 { // nearly always
		r.Tag, r.whole, r.rest = uint32(b), r.rest, r.rest[1:]
		return true
	}
	tag, n := protowire.ConsumeVarint(r.rest)
	if n < 0 {
		return r.fail(fault(n))
	}
	if tag>>3 == 0 || tag > math.MaxUint32 {
		return r.fail(errNoField)
	}
	r.Tag, r.whole, r.rest = uint32(tag), r.rest, r.rest[n:]
	return true
}

func (r *Reader) fail(err error) bool {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
	return false
}

// fault says in our words what protowire's negative length means.
func fault(n int) error {
	if protowire.ParseError(n) == protowire.ParseError(-1) {
		return ErrTruncated
	}
	return errNoField
}

// Uint64 takes a varint.
func (r *Reader) Uint64() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 { // nearly always
		v := r.rest[0]
		r.rest = r.rest[1:]
		return uint64(v)
	}
	v, n := protowire.ConsumeVarint(r.rest)
	if n < 0 {
		r.fail(fault(n))
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// Int64 takes a varint.
func (r *Reader) Int64() int64 { return int64(r.Uint64()) }

// Int32 takes a varint, of which the lower 32 bits count.
func (r *Reader) Int32() int32 { return int32(r.Uint64()) }

// Uint32 takes a varint, of which the lower 32 bits count.
func (r *Reader) Uint32() uint32 { return uint32(r.Uint64()) }

// Bool takes a varint.
func (r *Reader) Bool() bool { return r.Uint64() != 0 }

// shared takes bytes with their length before them. They are part of the message.
func (r *Reader) shared() []byte {
	size := r.Uint64()
	if size > uint64(len(r.rest)) {
		r.fail(ErrTruncated)
		return nil
	}
	b := r.rest[:size]
	r.rest = r.rest[size:]
	return b
}

// Bytes takes a copy of a field of bytes; nil if it is empty.
func (r *Reader) Bytes() []byte { return append([]byte(nil), r.shared()...) }

// Text takes a string.
func (r *Reader) Text() string {
	b := r.shared()
	if !utf8.Valid(b) {
		r.fail(ErrText)
		return ""
	}
	return string(b)
}

// Message takes a message over what m has.
func (r *Reader) Message(m Message) {
	if b := r.shared(); r.err == nil {
		if err := m.Merge(b); err != nil {
			r.fail(err)
		}
	}
}

// PackedInt32 takes many numbers in one field of bytes.
func (r *Reader) PackedInt32(into []int32) []int32 {
	items := Reader{rest: r.shared()}
	for len(items.rest) > 0 {
		if len(into) >= MaxFields {
			r.fail(ErrManyItems)
			return into
		}
		into = append(into, items.Int32())
	}
	if items.err != nil {
		r.fail(items.err)
	}
	return into
}

// Keep takes whatever the field holds and adds it, with its tag, to the
// unknown ones.
func (r *Reader) Keep(unknown []byte) []byte {
	n := protowire.ConsumeFieldValue(protowire.Number(r.Tag>>3), protowire.Type(r.Tag&7), r.rest)
	if n < 0 {
		r.fail(fault(n))
		return unknown
	}
	size := len(r.whole) - len(r.rest) + n
	r.rest = r.rest[n:]
	return append(unknown, r.whole[:size]...)
}
