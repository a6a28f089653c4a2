package codec

import (
	"math/rand"
	"testing"
)

// In every format each byte of the example belongs to one field or to none.
func TestSizes(t *testing.T) {
	for i := range Formats {
		f := &Formats[i]
		b := f.Write(&Order, Example(&Order))
		fields, others := Sizes(&Order, f.Read(&Order, b).Field)
		sum := others
		for _, n := range fields {
			sum += n
		}
		if sum != len(b) || others < 0 {
			t.Errorf("%s: %v and %d, of %d bytes", f.ID, fields, others, len(b))
		}
		for j, n := range fields {
			if (n == 0) != (Order.Fields[j].Name == "note") {
				t.Errorf("%s: %d bytes for %s", f.ID, n, Order.Fields[j].Name)
			}
		}
	}
}

// Rounding by whole numbers, against the processor's own doubles.
func TestAsDoubles(t *testing.T) {
	luck := rand.New(rand.NewSource(1))
	for range 100_000 {
		n := luck.Uint64() >> luck.Intn(64)
		if n >= 1<<63 {
			n >>= 1 // so that the conversion back is defined
		}
		n |= 1 << luck.Intn(3)
		if got, want := toDouble(n), uint64(float64(n)); got != want {
			t.Fatalf("%d becomes %d, and as a double %d", n, got, want)
		}
		v := Value{Type: List, Items: []Value{{Type: Int, Bits: -n}, {Type: Uint, Bits: n}, {Type: Text, Text: "9007199254740993"}}}.AsDoubles()
		if int64(v.Items[0].Bits) != int64(float64(int64(-n))) || v.Items[1].Bits != toDouble(n) || v.Items[2].Text != "9007199254740993" {
			t.Fatalf("%d becomes %v", n, v)
		}
	}
	if got := toDouble(1<<64 - 1); got != 1<<64-1 {
		t.Errorf("the greatest number becomes %d", got)
	}
	if got := Example(&Order).AsDoubles().Items[0].Bits; got != 1<<53 {
		t.Errorf("2^53+1 becomes %d", got)
	}
}
