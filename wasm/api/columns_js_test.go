package api

import (
	"bytes"
	"math"
	"syscall/js"
	"testing"

	"grapevine/protocols/cborhead"
)

// seen is a bulk message as JavaScript has it: in a buffer of its own.
type seen struct {
	t       *testing.T
	message []byte
	buffer  js.Value
}

func show(t *testing.T, frame any) seen {
	t.Helper()
	message := AppendBulk(nil, frame)
	array := js.Global().Get("Uint8Array").New(len(message))
	js.CopyBytesToJS(array, message)
	return seen{t, message, array.Get("buffer")}
}

// column views a column where it lies in the message. The browser throws where
// an offset does not suit the type, and the test fails.
func (s seen) column(name, array string, tag uint64, size, length int) js.Value {
	s.t.Helper()
	key := append(cborhead.Append(nil, 0x60, uint64(len(name))), name...)
	at := bytes.Index(s.message, key)
	if at < 0 {
		s.t.Fatalf("the message has no key %s", name)
	}
	at += len(key)
	for bytes.HasPrefix(s.message[at:], []byte{0xd9, 0xd9, 0xf7}) { // padding
		at += 3
	}
	head := cborhead.Append(cborhead.Append(nil, 0xc0, tag), 0x40, uint64(size*length))
	if !bytes.HasPrefix(s.message[at:], head) {
		s.t.Fatalf("column %s begins with % x, expected % x", name, s.message[at:at+len(head)], head)
	}
	if at += len(head); at%columnAlign != 0 {
		s.t.Errorf("column %s lies at byte %d, expected a multiple of %d", name, at, columnAlign)
	}
	return js.Global().Get(array).New(s.buffer, at, length)
}

func (s seen) uint32s(name string, want Uint32s) {
	s.t.Helper()
	got := s.column(name, "Uint32Array", 70, 4, len(want))
	for i, x := range want {
		if y := uint32(got.Index(i).Float()); y != x {
			s.t.Errorf("%s[%d] is %d in JavaScript, expected %d", name, i, y, x)
		}
	}
}

func (s seen) float64s(name string, want Float64s) {
	s.t.Helper()
	got := s.column(name, "Float64Array", 86, 8, len(want))
	for i, x := range want {
		if y := got.Index(i).Float(); math.Float64bits(y) != math.Float64bits(x) {
			s.t.Errorf("%s[%d] is %v in JavaScript, expected %v", name, i, y, x)
		}
	}
}

// TestColumnsInTheBrowser: the renderer reads a frame's columns where they lie,
// and finds the values that Go wrote, whatever stands before them.
func TestColumnsInTheBrowser(t *testing.T) {
	for nodes := range 12 { // each shifts what comes after by a byte
		p := Picture{Frame: "picture", Now: 1.5e6, States: make(Uint8s, nodes),
			ID: Float64s{1, 1 << 52, 3}, From: Uint32s{0, 7, math.MaxUint32}, To: Uint32s{5, 0, 1},
			Sent: Float64s{0, -1.25, math.Inf(1)}, Due: Float64s{math.SmallestNonzeroFloat64, math.MaxFloat64, 1e-9},
			Kind: Uint8s{1, 2, 255}, Lost: Uint8s{0, 1, 0}, CutFrom: Uint32s{}, CutTo: Uint32s{}}
		for i := range p.States {
			p.States[i] = StateDown | uint8(i)
		}
		s := show(t, p)
		s.float64s("id", p.ID)
		s.uint32s("from", p.From)
		s.uint32s("to", p.To)
		s.float64s("sent", p.Sent)
		s.float64s("due", p.Due)
		s.uint32s("cut_from", p.CutFrom)
		states := s.column("states", "Uint8Array", 64, 1, nodes)
		for i, x := range p.States {
			if y := states.Index(i).Int(); y != int(x) {
				t.Errorf("of %d nodes, the state of node %d is %d in JavaScript, expected %d", nodes, i, y, x)
			}
		}
	}
}
