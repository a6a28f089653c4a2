package smallcbor

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// message has a field of each kind that may be in a message.
type message struct {
	Name  string      `cbor:"name"`
	Bool  bool        `cbor:"bool,omitempty"`
	Int   int         `cbor:"int,omitempty"`
	Int64 int64       `cbor:"int64"`
	Small int8        `cbor:"small"`
	Byte  uint8       `cbor:"byte"`
	Uint  uint64      `cbor:"uint,omitempty"`
	Float float64     `cbor:"float"`
	Bytes []byte      `cbor:"bytes"`
	Words []string    `cbor:"words"`
	Cells []cell      `cbor:"cells,omitempty"`
	Self  *message    `cbor:"self,omitempty"`
	Self2 *message    `cbor:"self2"`
	Inner inner       `cbor:"inner,omitempty"`
	Parts []message   `cbor:"parts,omitempty"`
	Lists [][]float64 `cbor:"lists,omitempty"`
}

type inner struct {
	A uint32 `cbor:"a"`
}

type cell struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Look uint8
	Part inner
}

var messages = []message{
	{},
	{Name: "x", Bool: true, Int: -1, Int64: math.MinInt64, Small: -128, Byte: 255, Uint: math.MaxUint64, Float: 1.5, Bytes: []byte{}, Words: []string{}},
	{Name: "谣言", Int: 1 << 40, Int64: math.MaxInt64, Small: 127, Float: math.Inf(-1), Bytes: make([]byte, 300), Words: []string{"", "a long enough text to have its length in a byte of its own"}},
	{Float: math.Inf(1), Cells: []cell{{Name: "busy", Look: 2}, {Part: inner{A: math.MaxUint32}}}, Self: &message{Int: 24}, Self2: &message{}},
	{Float: math.Copysign(0, -1), Parts: []message{{Int: -24}, {Int: -25}, {Int: 65_536}}, Lists: [][]float64{{1}, nil, {}}},
}

// What is written is, byte for byte, what the library writes, and is read as
// what it was.
func TestAppend(t *testing.T) {
	for _, m := range messages {
		want, err := cbor.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		b := Append([]byte{1}, m)
		if !bytes.Equal(b[1:], want) {
			t.Errorf("%+v is written as\n%x, expected\n%x", m, b[1:], want)
		}
		var got message
		if err := Unmarshal(b[1:], &got); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%x is read as %+v, %v", want, got, err)
		}
		for i := range want[:min(len(want), 300)] {
			if Unmarshal(want[:i], new(message)) == nil {
				t.Errorf("the first %d bytes of %d are taken for a message", i, len(want))
			}
		}
	}
	if got, want := Append(nil, math.NaN()), []byte{0xf9, 0x7e, 0}; !bytes.Equal(got, want) {
		t.Errorf("NaN is written as %x", got)
	}
}

// A message of another version has other fields, and what should not be there
// is an error or, if it is at home in CBOR, passed over.
func TestUnmarshal(t *testing.T) {
	for what, b := range map[string][]byte{
		"an unknown name":     {0xa2, 0x61, 'z', 0x82, 0xa1, 1, 2, 0xd9, 0xd9, 0xf7, 0x43, 1, 2, 3, 0x61, 'a', 7},
		"the name again":      {0xa2, 0x61, 'a', 1, 0x61, 'a', 7},
		"a longer number":     {0xa1, 0x61, 'a', 0x1b, 0, 0, 0, 0, 0, 0, 0, 7},
		"null, then a number": {0xa2, 0x61, 'a', 0xf6, 0x61, 'a', 7},
	} {
		var got inner
		if err := Unmarshal(b, &got); err != nil || got.A != 7 {
			t.Errorf("%s: %x is read as %+v, %v", what, b, got, err)
		}
	}
	for what, b := range map[string][]byte{
		"nothing":            {},
		"something behind":   {0xa0, 0},
		"too great a number": {0xa1, 0x61, 'a', 0x1b, 0, 0, 0, 1, 0, 0, 0, 0},
		"a negative number":  {0xa1, 0x61, 'a', 0x20},
		"a text":             {0xa1, 0x61, 'a', 0x61, 'a'},
		"not UTF-8":          {0xa1, 0x61, 0xff, 1},
		"a number as key":    {0xa1, 1, 1},
		"an indefinite map":  {0xbf, 0x61, 'a', 1, 0xff},
		"an array":           {0x81, 1},
		"a map without end":  {0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x61, 'z', 0xa0},
		"the same, unknown":  {0xa1, 0x61, 'z', 0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x61, 'z', 0xa0},
		"too deep":           append(append([]byte{0xa1, 0x61, 'z'}, bytes.Repeat([]byte{0x81}, maxNesting)...), 0),
	} {
		var got inner
		if err := Unmarshal(b, &got); err == nil {
			t.Errorf("%s: %x is read as %+v", what, b, got)
		}
	}
}

// FuzzUnmarshal: whatever comes, there is no panic; what is read can be written
// and read again; and what the library makes something else of, or does not
// take, is nothing that we write.
func FuzzUnmarshal(f *testing.F) {
	for _, m := range messages {
		f.Add(Append(nil, m))
	}
	f.Add([]byte{0xa1, 0x61, 'z', 0xd9, 0xd9, 0xf7, 0x9f, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var got, again, theirs message
		if Unmarshal(b, &got) != nil {
			return
		}
		written := Append(nil, got)
		if err := Unmarshal(written, &again); err != nil || !bytes.Equal(Append(nil, again), written) {
			t.Fatalf("%x is read as %+v, and that as %+v, %v", b, got, again, err)
		}
		if err := cbor.Unmarshal(written, &theirs); err != nil || !bytes.Equal(Append(nil, theirs), written) {
			t.Fatalf("%x is read by the library as %+v, expected %+v: %v", written, theirs, got, err)
		}
	})
}
