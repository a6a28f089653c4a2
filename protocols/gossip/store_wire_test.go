package gossip

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"grapevine/protocols/field"
	"grapevine/protocols/prototest"
)

// samples returns a message of every type, and the shortest and longest ones.
func samples() [][]byte {
	_, b := pair(rand.New(rand.NewSource(4)), 200, 20)
	var all [][]byte
	for _, r := range []*Replica{new(Replica), b} {
		for _, method := range methods {
			for _, flow := range flows {
				r.Open(flow, method)
				for o, ok := r.Output(); ok; o, ok = r.Output() {
					all = append(all, o.Bytes)
				}
			}
		}
	}
	b.sendWant([]string{"k1", strings.Repeat("k", MaxKeyBytes)})
	b.sendSums(Give, []treeNode{b.Store.children(0, 1), b.Store.children(0xf0000000, 2), b.Store.children(0xfffffff0, 7)})
	for o, ok := b.Output(); ok; o, ok = b.Output() {
		all = append(all, o.Bytes)
	}
	return all
}

// TestDecodeWholeSplitTrailing: a message is read when it is whole, and never
// when a byte is missing or one too many.
func TestDecodeWholeSplitTrailing(t *testing.T) {
	seen := map[Letter]bool{}
	for _, b := range samples() {
		seen[Letter(b[1])] = true
		prototest.Message(t, b, func(b []byte) error {
			_, err := decode(b)
			return err
		})
	}
	if len(seen) != int(letters) {
		t.Errorf("only the types %v were tried", seen)
	}
}

func TestDecodeRefuses(t *testing.T) {
	e := func(v any) []byte {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	long := strings.Repeat("k", MaxKeyBytes+1)
	type list = []any
	span, hashes := list{0, 1}, slices.Repeat(list{0}, treeWidth)
	for _, c := range []struct {
		bytes []byte
		want  string
	}{
		{nil, "CBOR array"},
		{[]byte{0x60, 0x00}, "CBOR array"},
		{e(list{9}), "type 0x9"},
		{e(list{1, 4, 5}), "flow is 4"},
		{e(list{1, 1}), "checksum"},
		{e(list{1, 1, 5, 6}), "checksum"},
		{e(list{1, 1, nil}), "shortest form"},
		{[]byte{0x83, 0x01, 0x01, 0x18, 0x05}, "shortest form"},
		{[]byte{0x9f, 0x01, 0x01, 0x05, 0xff}, "array"},
		{e(list{0, 1, list{}}), "no node"},
		{e(list{0, 1, list{list{0, 8, hashes}}}), "level 8"},
		{e(list{0, 1, list{list{1, 0, hashes}}}), "begins at place 1"},
		{e(list{0, 1, list{list{0, 0, list{1, 2}}}}), "shortest form"},
		{e(list{0, 1, list{list{0, 0, hashes}, list{0, 1, hashes}}}), "not above the one before"},
		{e(list{3, list{"k", "k"}}), "comes twice"},
		{e(list{2, 1, list{}, list{}}), "no span"},
		{e(list{2, 1, list{list{5, 4}}, list{}}), "span 5 to 4"},
		{e(list{2, 1, list{span, span}, list{}}), "not above the one before"},
		{e(list{2, 1, list{span}, list{list{"", 1, 1}}}), "key of 0 bytes"},
		{e(list{2, 1, list{span}, list{list{long, 1, 1}}}), "key of 33 bytes"},
		{e(list{2, 1, list{span}, list{list{"k", 0, 1}}}), "version 0"},
		{e(list{3, list{}}), "no key"},
		{e(list{3, list{long}}), "key of 33 bytes"},
		{e(list{4, 0, list{2, 1}, list{}}), "ends before it begins"},
		{e(list{4, 0, span, list{list{"k", strings.Repeat("v", MaxValueBytes+1), 1, 1}}}), "value of 201 bytes"},
		{e(list{4, 0, span, list{list{"k", "\xff", 1, 1}}}), "UTF-8"},
		{make([]byte, MaxMessageBytes+1), "4097 bytes"},
	} {
		_, err := decode(c.bytes)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%x: error %v, expected one with %q", c.bytes, err, c.want)
		}
		if gap := field.Gaps(DissectExchange(c.bytes), len(c.bytes)); gap != "" {
			t.Errorf("%x: %s", c.bytes, gap)
		}
		var r Replica
		if err := r.Receive(c.bytes); err == nil {
			t.Errorf("%x: received without an error", c.bytes)
		} else if _, said := r.Output(); said {
			t.Errorf("%x: an answer to what was not understood", c.bytes)
		}
	}
}

// TestWireSizes holds the sizes that decide where messages are cut against
// what the library writes.
func TestWireSizes(t *testing.T) {
	for _, v := range []uint64{0, 23, 24, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, 1<<64 - 1} {
		if got, want := uintBytes(v), len(wire.Must(v)); got != want {
			t.Errorf("uintBytes(%d) is %d, the library writes %d", v, got, want)
		}
	}
	for i := range 40 {
		e := Entry{Key: strings.Repeat("k", i+1), Value: strings.Repeat("v", 5*i), Version: Version{1 << i, 1 << (i % 32)}}
		got := entryBytes(&e)
		want := len(wire.Must(wireEntry{Key: e.Key, Value: e.Value, Counter: e.Version.Counter, Writer: e.Version.Writer}))
		if got != want {
			t.Errorf("entryBytes is %d, the library writes %d", got, want)
		}
	}
}

// FuzzReceive: no bytes bring a replica down, what it accepts it would have
// written itself, and its answers are within their limits.
func FuzzReceive(f *testing.F) {
	for _, b := range samples() {
		f.Add(b)
	}
	_, full := pair(rand.New(rand.NewSource(5)), 30, 5)
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Replica{Store: full.Store.Clone()}
		before := r.Store.Sum()
		err := r.Receive(b)
		if gap := field.Gaps(DissectExchange(b), len(b)); gap != "" {
			t.Fatal(gap)
		}
		if err != nil && r.Store.Sum() != before {
			t.Fatal("an error, and yet the store has changed")
		}
		for o, ok := r.Output(); ok; o, ok = r.Output() {
			if len(o.Bytes) > MaxMessageBytes {
				t.Fatalf("an answer of %d bytes", len(o.Bytes))
			}
			if _, err := decode(o.Bytes); err != nil {
				t.Fatalf("it answers %x, which cannot be read: %v", o.Bytes, err)
			}
		}
	})
}

func TestParcel(t *testing.T) {
	for _, p := range []Parcel{{}, {ID: 63, Hops: 65535, Body: strings.Repeat("b", MaxValueBytes)}, {ID: 3, Hops: 2, Body: "news"}} {
		b := p.Encode()
		got, err := DecodeParcel(b)
		if err != nil || got != p {
			t.Errorf("%v came back as %v, %v", p, got, err)
		}
		if gap := field.Gaps(DissectParcel(b), len(b)); gap != "" {
			t.Error(gap)
		}
		prototest.Message(t, b, func(b []byte) error {
			_, err := DecodeParcel(b)
			return err
		})
	}
	for _, bad := range []Parcel{{ID: 64}, {Hops: 65536}, {Body: strings.Repeat("b", MaxValueBytes+1)}} {
		if _, err := DecodeParcel(bad.Encode()); err == nil {
			t.Errorf("read %.40s", fmt.Sprint(bad))
		}
	}
	var h Heard
	b := (&Parcel{ID: 5, Hops: 1, Body: "x"}).Encode()
	if next, first, err := h.Receive(b); err != nil || !first || next.Hops != 2 || !h.Has(5) || h.Has(4) {
		t.Error(next, first, err, h)
	}
	if _, first, err := h.Receive(b); err != nil || first {
		t.Error("the second copy counts as the first")
	}
}

func FuzzParcel(f *testing.F) {
	f.Add((&Parcel{}).Encode())
	f.Add((&Parcel{ID: 63, Hops: 65535, Body: "body"}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Heard
		next, first, err := h.Receive(b)
		if first != (err == nil) {
			t.Fatal("the first copy of a message must be new, and only that", next, first, err)
		}
		if gap := field.Gaps(DissectParcel(b), len(b)); gap != "" {
			t.Fatal(gap)
		}
	})
}
