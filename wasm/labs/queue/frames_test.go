package queue

import (
	"encoding/binary"
	"slices"
	"testing"
)

// The heads of frames are found however their bytes are split.
func TestFramesInAnyPieces(t *testing.T) {
	var b []byte
	var want []uint64
	for i, size := range []int{8, 20, 8, 100, 9} {
		frame := make([]byte, 4+size)
		binary.BigEndian.PutUint32(frame, uint32(size))
		binary.BigEndian.PutUint64(frame[4:], uint64(i)<<32|uint64(size))
		want = append(want, binary.BigEndian.Uint64(frame[4:]))
		b = append(b, frame...)
	}
	for step := 1; step <= len(b); step++ {
		var f frames
		var got []uint64
		for rest := b; len(rest) > 0; {
			n := min(step, len(rest))
			f.scan(rest[:n], func(head []byte) { got = append(got, binary.BigEndian.Uint64(head)) })
			rest = rest[n:]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("in pieces of %d: %x, expected %x", step, got, want)
		}
	}
}

// A size that no frame has is no harm.
func TestFramesTakeAnyBytes(t *testing.T) {
	var f frames
	f.scan([]byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, func([]byte) {})
	if f.have != 1 || f.left != 0 {
		t.Errorf("after two frames and a byte, %d bytes of a head, %d left", f.have, f.left)
	}
}
