package rpc

import (
	"bytes"
	"testing"
)

type testArguments struct {
	_    struct{} `cbor:",toarray"`
	By   int64
	Name string
	Tags [][]byte
}

// What Marshal writes, Unmarshal takes, and no other bytes for the same value.
func TestUnmarshalIsStrict(t *testing.T) {
	value := testArguments{By: 7, Name: "x", Tags: [][]byte{{1}, nil}}
	b, err := Marshal(&value)
	if want := []byte{0x83, 7, 0x61, 'x', 0x82, 0x41, 1, 0x40}; err != nil || !bytes.Equal(b, want) {
		t.Fatalf("written as % x, %v; expected % x", b, err, want)
	}
	var got testArguments
	if err := Unmarshal(b, &got); err != nil || got.By != 7 || got.Name != "x" || len(got.Tags) != 2 {
		t.Fatalf("read as %+v, %v", got, err)
	}
	for what, bad := range map[string][]byte{
		"nothing":               {},
		"an element missing":    {0x82, 7, 0x61, 'x'},
		"one too many":          {0x84, 7, 0x61, 'x', 0x80, 0},
		"something behind":      {0x83, 7, 0x61, 'x', 0x80, 0},
		"a longer number":       {0x83, 0x18, 7, 0x61, 'x', 0x80},
		"null for a number":     {0x83, 0xf6, 0x61, 'x', 0x80},
		"null for a list":       {0x83, 7, 0x61, 'x', 0xf6},
		"a float":               {0x83, 0xf9, 0x47, 0, 0x61, 'x', 0x80},
		"bytes for text":        {0x83, 7, 0x41, 'x', 0x80},
		"text that is no UTF-8": {0x83, 7, 0x61, 0xff, 0x80},
		"an indefinite list":    {0x83, 7, 0x61, 'x', 0x9f, 0xff},
		"a tag":                 {0x83, 0xc1, 7, 0x61, 'x', 0x80},
		"a huge list":           {0x83, 7, 0x61, 'x', 0x9a, 0xff, 0xff, 0xff, 0xff},
		"too deep":              append(bytes.Repeat([]byte{0x81}, 100), 0),
	} {
		var got testArguments
		if err := Unmarshal(bad, &got); err == nil {
			t.Errorf("%s (% x) is read as %+v", what, bad, got)
		}
	}
}

// Raw goes out as it is.
func TestRaw(t *testing.T) {
	if b, err := Marshal(Raw{0xff, 0}); err != nil || !bytes.Equal(b, []byte{0xff, 0}) {
		t.Fatalf("% x, %v", b, err)
	}
}

// No bytes can do worse than be refused; what is taken is written the same.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte{0x83, 7, 0x61, 'x', 0x82, 0x41, 1, 0x40})
	f.Add([]byte{0x83, 0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x60, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		var value testArguments
		if Unmarshal(b, &value) != nil {
			return
		}
		if again, err := Marshal(&value); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("% x is written again as % x, %v", b, again, err)
		}
	})
}
