package strictcbor

import (
	"bytes"
	"errors"
	"testing"
)

type note struct {
	_    struct{} `cbor:",toarray"`
	By   int64
	Name string
	Tags [][]byte
}

var codec = New(Limits{Nesting: 4, ArrayElements: 16, MapPairs: 16})

// What is written is read, and a nil list is an empty one.
func TestRoundTrip(t *testing.T) {
	want := []byte{0x83, 7, 0x61, 'x', 0x80}
	b := codec.Must(note{By: 7, Name: "x"})
	if !bytes.Equal(b, want) {
		t.Fatalf("written as % x, expected % x", b, want)
	}
	var got note
	if err := codec.Unmarshal(b, &got); err != nil || got.By != 7 || got.Name != "x" || len(got.Tags) != 0 {
		t.Errorf("read as %+v, %v", got, err)
	}
	buf := bytes.NewBuffer([]byte{0xff})
	if err := codec.MarshalTo(buf, &got); err != nil || !bytes.Equal(buf.Bytes()[1:], want) {
		t.Errorf("written as % x, %v", buf.Bytes(), err)
	}
}

// There is one form of each value. What the library would take beyond it is
// refused as ErrForm.
func TestOneForm(t *testing.T) {
	for what, b := range map[string][]byte{
		"a longer number":   {0x83, 0x18, 7, 0x61, 'x', 0x80},
		"null for a number": {0x83, 0xf6, 0x61, 'x', 0x80},
		"null for a list":   {0x83, 7, 0x61, 'x', 0xf6},
	} {
		var got note
		if err := codec.Unmarshal(b, &got); !errors.Is(err, ErrForm) {
			t.Errorf("%s: % x is read as %+v, %v", what, b, got, err)
		}
	}
	for what, b := range map[string][]byte{
		"an element missing": {0x82, 7, 0x61, 'x'},
		"one too many":       {0x84, 7, 0x61, 'x', 0x80, 0},
		"something behind":   {0x83, 7, 0x61, 'x', 0x80, 0},
		"no UTF-8":           {0x83, 7, 0x61, 0xff, 0x80},
		"an indefinite list": {0x83, 7, 0x61, 'x', 0x9f, 0xff},
		"a tag":              {0x83, 0xc1, 7, 0x61, 'x', 0x80},
		"too long a list":    append([]byte{0x83, 7, 0x61, 'x', 0x91}, bytes.Repeat([]byte{0x40}, 17)...),
	} {
		var got note
		if codec.Unmarshal(b, &got) == nil {
			t.Errorf("%s: % x is read as %+v", what, b, got)
		}
	}
	for what, b := range map[string][]byte{"not a number": {0xf9, 0x7e, 0}, "a key twice": {0xa2, 1, 1, 1, 2}, "too deep": {0x81, 0x81, 0x81, 0x81, 0x81, 0}} {
		var got any
		if codec.Unmarshal(b, &got) == nil {
			t.Errorf("%s: % x is read as %v", what, b, got)
		}
	}
}
