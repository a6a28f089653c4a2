package strictcbor

import (
	"bytes"
	"errors"

	"github.com/fxamacker/cbor/v2"
)

// Limits bound what a peer can send. A zero means the library's own limit.
type Limits struct {
	Nesting       int // of arrays and maps in one another, 4 at least
	ArrayElements int // in one array, 16 at least
	MapPairs      int // in one map, 16 at least
}

// Codec writes values, and reads those that keep to its limits.
type Codec struct {
	write cbor.UserBufferEncMode
	read  cbor.DecMode
}

// New makes a codec. It panics when a limit is too small for the library.
func New(l Limits) Codec {
	options := cbor.CoreDetEncOptions()
	options.NilContainers = cbor.NilContainerAsEmpty
	options.TagsMd = cbor.TagsForbidden
	write, err := options.UserBufferEncMode()
	if err != nil {
		panic(err)
	}
	read, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, UTF8: cbor.UTF8RejectInvalid, NaN: cbor.NaNDecodeForbidden,
		MaxNestedLevels: l.Nesting, MaxArrayElements: l.ArrayElements, MaxMapPairs: l.MapPairs,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return Codec{write, read}
}

// MarshalTo writes v behind what is in the buffer. An empty list is an empty
// array, also when it is nil. It fails for values that CBOR has no form for.
func (c Codec) MarshalTo(buf *bytes.Buffer, v any) error { return c.write.MarshalToBuffer(v, buf) }

// Must writes a message of the program's own, which is known to be right; it
// panics if it is not.
func (c Codec) Must(v any) []byte {
	b, err := c.write.Marshal(v)
	if err != nil {
		panic("strictcbor: " + err.Error())
	}
	return b
}

// ErrForm says that the bytes are CBOR, and not in the only form that is taken.
var ErrForm = errors.New("not in the shortest form (RFC 8949, section 4.2.1)")

// Unmarshal reads into the value that to points to what was written from one
// like it, and nothing else: no missing or further elements, no other type, no
// longer form of a number, no null for a value, no bytes behind it.
func (c Codec) Unmarshal(b []byte, to any) error {
	if err := c.read.Unmarshal(b, to); err != nil {
		return err
	}
	// The library also reads numbers written longer than need be, null for
	// nothing, and arrays that are too short: one comparison excludes them all.
	again, err := c.write.Marshal(to)
	if err == nil && !bytes.Equal(again, b) {
		err = ErrForm
	}
	return err
}
