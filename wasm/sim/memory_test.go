package sim

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Cells hold what was put into them while others come and go, and are reused.
func TestCells(t *testing.T) {
	luck := rand.New(rand.NewPCG(5, 5))
	var c cells
	type held struct {
		at   cell
		want []byte
	}
	var live []held
	for range 20_000 {
		if len(live) > 300 || len(live) > 0 && luck.IntN(2) == 0 {
			i := luck.IntN(len(live))
			h := live[i]
			if got := c.get(h.at, len(h.want)); !bytes.Equal(got, h.want) {
				t.Fatalf("a cell of %d bytes has changed", len(h.want))
			}
			c.release(h.at)
			live[i] = live[len(live)-1]
			live = live[:len(live)-1]
			continue
		}
		want := make([]byte, luck.IntN(1<<luck.IntN(14)))
		for i := range want {
			want[i] = byte(luck.Uint32())
		}
		live = append(live, held{c.put(want), want})
	}
	for class := range c.class {
		// At most 301 were ever live: no class ever needed more cells.
		if used := c.class[class].used; used > 301 {
			t.Errorf("cells of %d bytes: %d were made for at most 301 payloads at a time", 1<<(class+minCellShift), used)
		}
	}
	for _, h := range live {
		if got := c.get(h.at, len(h.want)); !bytes.Equal(got, h.want) {
			t.Fatalf("a cell of %d bytes has changed", len(h.want))
		}
	}
}

// A saved copy of the cells and the slab is a copy.
func TestSavedMemoryIsApart(t *testing.T) {
	var c cells
	at := c.put([]byte("before"))
	kept := c.save()
	copy(c.get(at, 6), "after!")
	c.release(at)
	if got := string(kept.get(at, 6)); got != "before" {
		t.Errorf("the copy holds %q", got)
	}
	var s slab
	i, e := s.alloc()
	e.at = 5
	saved := s.save()
	s.release(i)
	if saved.at(i).at != 5 || saved.live != 1 {
		t.Error("the copy of the slab has changed")
	}
}

// The slab gives out each place once at a time, never 0, the one freed last first.
func TestSlab(t *testing.T) {
	var s slab
	out := map[uint32]bool{}
	for range 3 * slabChunk {
		i, e := s.alloc()
		if i == 0 || out[i] {
			t.Fatalf("place %d is given out, again or at all", i)
		}
		out[i] = true
		*e = event{at: Time(i), what: isTimer}
	}
	for i := uint32(1); i <= 3*slabChunk; i++ {
		if s.at(i).at != Time(i) {
			t.Fatalf("place %d holds the event of %d", i, s.at(i).at)
		}
	}
	used := s.used
	s.release(77)
	s.release(5000)
	for _, want := range []uint32{5000, 77} {
		if i, e := s.alloc(); i != want || e.what != 0 || e.at != 0 {
			t.Errorf("place %d with %+v, expected %d, empty", i, *e, want)
		}
	}
	if s.used != used || s.live != 3*slabChunk {
		t.Errorf("%d places are used and %d live, expected %d and %d", s.used, s.live, used, 3*slabChunk)
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]Time{"0": 0, "0s": 0, "1us": 1, "1µs": 1, "1.5s": 1500 * Millisecond, "2m30s": 150 * Second, "20ms": 20 * Millisecond, "1h": 3600 * Second} {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; expected %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "ms", "-1s", "0.5us", "1ns", "1e3s", "300000h30000000h", "9999999h", "NaN", "1 s"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%q is read as %d µs", text, got)
		}
	}
	for at, want := range map[Time]string{0: "0s", 1: "1µs", 1500: "1.5ms", 61 * Second: "1m1s", Forever: "forever", -5: "-5µs"} {
		if got := at.String(); got != want {
			t.Errorf("%d is written %q, expected %q", int64(at), got, want)
		}
		if back, err := ParseTime(want); at >= 0 && at < Forever && (err != nil || back != at) {
			t.Errorf("%q is read back as %d, %v", want, back, err)
		}
	}
}
