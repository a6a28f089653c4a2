package rpc

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"grapevine/protocols/field"
	"grapevine/protocols/prototest"
)

// library writes a frame as the CBOR library does, in preferred form.
func library(f Frame) []byte {
	elements := []any{uint(f.Kind), f.Call.Client, f.Call.Number}
	body := append([]byte{}, f.Body...)
	switch f.Kind {
	case Request:
		var id any = f.ID.Number
		if f.ID.Name != "" {
			id = f.ID.Name
		}
		elements = append(elements, f.Attempt, f.Boot, id, f.Signature, uint64(f.Budget), body)
	case Reply:
		elements = append(elements, f.Boot, body)
	case Failure:
		elements = append(elements, f.Boot, uint(f.Code), string(body))
	}
	return values.Must(elements)
}

// frames are frames at every edge of the encoding.
func frames() (out []Frame) {
	body := Raw{0x82, 0x01, 0x63, 'a', 'b', 'c'}
	for _, n := range []uint64{0, 1, 23, 24, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, math.MaxUint64} {
		key := CallKey{n, n / 2}
		out = append(out,
			Frame{Kind: Request, Call: key, Attempt: uint8(n), Boot: n, ID: ID{Number: uint32(n)}, Signature: uint32(n), Budget: int64(n / 2), Body: body},
			Frame{Kind: Request, Call: key, ID: ID{Name: "Counter.add"}, Body: bytes.Repeat([]byte{0xf6}, int(n%300))},
			Frame{Kind: Reply, Call: key, Boot: n, Body: body},
			Frame{Kind: Failure, Call: key, Boot: n, Code: Code(n%uint64(maxWireCode) + 1), Body: []byte("ärger")},
			Frame{Kind: Cancel, Call: key})
	}
	return append(out, Frame{Kind: Request, ID: ID{Name: strings.Repeat("n", MaxNameBytes)}})
}

func same(a, b Frame) bool {
	body := bytes.Equal(a.Body, b.Body)
	a.Body, b.Body = nil, nil
	return body && a.Kind == b.Kind && a.Attempt == b.Attempt && a.Code == b.Code && a.Call == b.Call && a.Boot == b.Boot && a.ID == b.ID &&
		a.Signature == b.Signature && a.Budget == b.Budget
}

// The writing by hand gives the library's bytes, and the reading takes them:
// whole, but not cut anywhere, nor with something behind.
func TestWire(t *testing.T) {
	for _, f := range frames() {
		b := AppendFrame(nil, f)
		if want := library(f); !bytes.Equal(b, want) {
			t.Fatalf("%+v is written as % x, by the library as % x", f, b, want)
		}
		got, err := ReadFrame(b)
		if err != nil || !same(got, f) {
			t.Fatalf("% x is read as %+v, %v; expected %+v", b, got, err, f)
		}
		prototest.Message(t, b, func(b []byte) error {
			if _, err := ReadFrame(b); err != nil {
				return err
			}
			return nil
		})
		if gap := field.Gaps(Dissect(b), len(b)); gap != "" {
			t.Fatalf("% x: %s", b, gap)
		}
		if len(b)-len(f.Body) > maxHeadBytes {
			t.Fatalf("a frame has %d bytes around its body, expected at most %d", len(b)-len(f.Body), maxHeadBytes)
		}
	}
}

// Each fault is told apart, in words that say what was expected.
func TestWireFaults(t *testing.T) {
	for _, c := range []struct {
		bytes []byte
		want  *FrameError
	}{
		{nil, errShort},
		{[]byte{0x83}, errShort},
		{[]byte{0x83, 3, 1}, errShort},
		{[]byte{0x83, 3, 1, 0x19, 1}, errShort},
		{[]byte{0x83, 3, 1, 1, 0}, errLong},
		{[]byte{0x83, 4, 1, 1}, errKind},                // unknown kind
		{[]byte{0x84, 3, 1, 1, 1}, errKind},             // one element too many
		{[]byte{0xa1, 3, 1}, errKind},                   // a map
		{[]byte{0x9f, 3, 1, 1, 0xff}, errKind},          // of indefinite length
		{[]byte{0x83, 3, 0x18, 7, 1}, errNumber},        // 7 in two bytes
		{[]byte{0x83, 3, 0x19, 0, 255, 1}, errNumber},   // 255 in three
		{[]byte{0x83, 3, 0x20, 1}, errNumber},           // negative
		{[]byte{0x83, 3, 0x1c, 1}, errNumber},           // reserved
		{[]byte{0x86, 2, 1, 1, 1, 0, 0x60}, errNumber},  // code 0
		{[]byte{0x86, 2, 1, 1, 1, 16, 0x60}, errNumber}, // a code that does not travel
		{[]byte{0x86, 2, 1, 1, 1, 1, 0x61, 0xff}, errText},
		{[]byte{0x86, 2, 1, 1, 1, 1, 0x79, 1, 1}, errText},
		{[]byte{0x86, 2, 1, 1, 1, 1, 0x41, 1}, errText}, // bytes, not text
		{[]byte{0x85, 1, 1, 1, 1, 0x61, 'a'}, errBytes},
		{[]byte{0x85, 1, 1, 1, 1, 0x5f, 0xff}, errBytes},
		{[]byte{0x85, 1, 1, 1, 1, 0x42, 1}, errShort},
		{[]byte{0x89, 0, 1, 1, 0, 0, 0x60, 0, 0, 0x40}, errID},
		{[]byte{0x89, 0, 1, 1, 0, 0, 0x40, 0, 0, 0x40}, errNumber},
		{[]byte{0x89, 0, 1, 1, 0x19, 1, 0, 0, 0, 0, 0, 0x40}, errNumber}, // attempt 256
	} {
		if _, err := ReadFrame(c.bytes); err != c.want {
			t.Errorf("% x: %v, expected %v", c.bytes, err, c.want)
		}
	}
}

// An error's text is cut where a letter ends.
func TestErrorTextIsCut(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 300), strings.Repeat("x", 255) + "ä", "bad \xff"} {
		f, err := ReadFrame(AppendFrame(nil, Frame{Kind: Failure, Code: Application, Body: []byte(text)}))
		if err != nil || len(f.Body) > MaxErrorBytes || !strings.HasPrefix(text, string(f.Body)) {
			t.Errorf("%.10q... comes out as %q, %v", text, f.Body, err)
		}
	}
}

// Whatever arrives, reading does not panic; what it takes, it writes again
// byte for byte, the library reads too, and the dissector covers.
func FuzzWire(f *testing.F) {
	for _, frame := range frames() {
		f.Add(AppendFrame(nil, frame))
	}
	f.Add([]byte{0x85, 1, 1, 1, 1, 0x43, 0x9f, 0x01, 0x18})
	f.Fuzz(func(t *testing.T, b []byte) {
		if gap := field.Gaps(Dissect(b), len(b)); gap != "" {
			t.Fatal(gap)
		}
		frame, err := ReadFrame(b)
		if err != nil {
			return
		}
		if again := AppendFrame(nil, frame); !bytes.Equal(again, b) {
			t.Fatalf("% x is written again as % x", b, again)
		}
		var any []any
		if err := cbor.Unmarshal(b, &any); err != nil {
			t.Fatalf("% x: the library says %v", b, err)
		}
	})
}
