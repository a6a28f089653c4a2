package cborhead

import (
	"bytes"
	"math"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// A head written by hand is the library's.
func TestAppend(t *testing.T) {
	for _, n := range []uint64{0, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64} {
		want, err := cbor.Marshal(n)
		if got := Append(nil, 0x00, n); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d is written as % x, expected % x, %v", n, got, want, err)
		}
	}
}
