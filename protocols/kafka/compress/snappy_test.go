package compress

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowSnappy reads a block byte for byte, as the format's description says.
func slowSnappy(b []byte) (text []byte, ok bool) {
	size, n := binary.Uvarint(b)
	b = b[n:]
	little := func(n int) (v int) {
		if n > len(b) {
			b, v = nil, -1
			return v
		}
		for i, c := range b[:n] {
			v |= int(c) << (8 * i)
		}
		b = b[n:]
		return v
	}
	for len(b) > 0 {
		tag := little(1)
		length, distance := tag>>2+1, 0
		switch tag & 3 {
		case snappyLiteral:
			if length > 60 {
				length = little(length-60) + 1
			}
			if length < 1 || length > len(b) {
				return nil, false
			}
			text = append(text, b[:length]...)
			b = b[length:]
			continue
		case snappyCopy1:
			length = tag>>2&7 + 4
			if distance = little(1); distance >= 0 {
				distance |= tag >> 5 << 8
			}
		case snappyCopy2:
			distance = little(2)
		case snappyCopy4:
			distance = little(4)
		}
		if distance < 1 || distance > len(text) {
			return nil, false
		}
		for range length {
			text = append(text, text[len(text)-distance])
		}
	}
	return text, uint64(len(text)) == size
}

// TestSnappyAgainstTwin reads elements of all kinds, in blocks that are right
// or nearly so.
func TestSnappyAgainstTwin(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	taken, refused := 0, 0
	for range 50_000 {
		var elements []byte
		size := 0
		for range 1 + luck.IntN(8) {
			far := 1 + luck.IntN(size+1+luck.IntN(8)/7)
			if luck.IntN(3) == 0 {
				far = min(far, 1+luck.IntN(70))
			}
			length := 1 + luck.IntN(64)
			switch kind := luck.IntN(4); kind {
			case snappyLiteral:
				if more := luck.IntN(5); more > 0 {
					length = 1 + luck.IntN(min(300, 1<<(8*more)))
					elements = append(elements, byte(59+more)<<2)
					elements = append(elements, binary.LittleEndian.AppendUint32(nil, uint32(length-1))[:more]...)
				} else {
					length = min(length, 60)
					elements = append(elements, byte(length-1)<<2)
				}
				for range length {
					elements = append(elements, byte(luck.IntN(256)))
				}
			case snappyCopy1:
				length, far = 4+length%8, min(far, 1<<11-1)
				elements = append(elements, byte(far>>8<<5|(length-4)<<2|kind), byte(far))
			case snappyCopy2:
				elements = binary.LittleEndian.AppendUint16(append(elements, byte((length-1)<<2|kind)), uint16(far))
			case snappyCopy4:
				elements = binary.LittleEndian.AppendUint32(append(elements, byte((length-1)<<2|kind)), uint32(far))
			}
			size += length
		}
		switch luck.IntN(8) {
		case 0:
			size = luck.IntN(size + 1)
		case 1:
			size += luck.IntN(70)
		case 2:
			elements = elements[:len(elements)-min(len(elements), luck.IntN(6))]
		case 3:
			elements[luck.IntN(len(elements))] = byte(luck.IntN(256))
		}
		block := slices.Clip(append(binary.AppendUvarint(nil, uint64(size)), elements...))

		before := []byte("before") // belongs to a block before
		got, err := unpackSnappyBlock(before, block, 1<<20)
		want, ok := slowSnappy(block)
		switch {
		case ok != (err == nil):
			t.Fatalf("%x: the twin takes it: %v, we say %v", block, ok, err)
		case ok && !bytes.Equal(got, append(before, want...)):
			t.Fatalf("%x: %x came, expected %x", block, got[len(before):], want)
		case ok:
			taken++
		default:
			refused++
		}
	}
	if taken < 5000 || refused < 5000 {
		t.Errorf("%d were taken and %d refused, expected thousands", taken, refused)
	}
}
