package compress

import (
	"encoding/binary"
	"math/bits"
)

// Huffman's code for literals (RFC 8878, section 4.2). A symbol's weight is 0
// if it does not occur, else one more for each bit that its code is shorter.

const maxHuffmanBits = 11

type huffmanTable struct {
	bits    int // of the longest code
	entries [1 << maxHuffmanBits]huffmanEntry
}

type huffmanEntry struct{ symbol, bits uint8 }

// read reads a tree, and returns what follows it (section 4.2.1).
func (h *huffmanTable) read(b []byte) (rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, false
	}
	var weights [256]uint8
	n, head := 0, int(b[0])
	if b = b[1:]; head >= 128 {
		n = head - 127
		if len(b) < (n+1)/2 {
			return nil, false
		}
		for i := range n {
			weights[i] = b[i/2] >> (4 * (1 - i&1)) & 15
		}
		rest = b[(n+1)/2:]
	} else {
		if len(b) < head {
			return nil, false
		}
		if n, ok = readWeights(weights[:255], b[:head]); !ok {
			return nil, false
		}
		rest = b[head:]
	}
	return rest, h.build(&weights, n)
}

// readWeights reads weights that are coded by two states in turn (section
// 4.2.1.2).
func readWeights(weights []uint8, b []byte) (n int, ok bool) {
	var counts [256]int16
	var t fseTable
	symbols, log, b, ok := readCounts(b, counts[:], 6)
	if !ok || !t.build(counts[:symbols], log) {
		return 0, false
	}
	r, ok := newBackBits(b)
	if !ok {
		return 0, false
	}
	states := [2]int{r.read(log), r.read(log)}
	if r.at < 0 {
		return 0, false
	}
	for turn := 0; n < len(weights); turn ^= 1 {
		e := t.entries[states[turn]]
		weights[n] = e.symbol
		n++
		states[turn] = int(e.base) + r.read(e.bits)
		if r.at < 0 { // nothing is left; the other state has its symbol yet
			if n == len(weights) {
				return 0, false
			}
			weights[n] = t.entries[states[turn^1]].symbol
			return n + 1, true
		}
	}
	return 0, false
}

// build makes the table of n weights, and of one more that follows from them.
func (h *huffmanTable) build(weights *[256]uint8, n int) bool {
	sum := 0
	for _, w := range weights[:n] {
		if w > maxHuffmanBits {
			return false
		}
		sum += 1 << w >> 1
	}
	if sum == 0 || n > 255 {
		return false
	}
	h.bits = bits.Len(uint(sum))
	left := 1<<h.bits - sum
	if h.bits > maxHuffmanBits || left&(left-1) != 0 {
		return false
	}
	weights[n] = uint8(bits.Len(uint(left)))
	at := 0
	for w := 1; w <= h.bits; w++ {
		for s, weight := range weights[:n+1] {
			if int(weight) != w {
				continue
			}
			for i := range 1 << (w - 1) {
				h.entries[at+i] = huffmanEntry{symbol: uint8(s), bits: uint8(h.bits + 1 - w)}
			}
			at += 1 << (w - 1)
		}
	}
	return at == 1<<h.bits
}

// unpack appends size literals, of one stream or of four (section 4.2.2).
func (h *huffmanTable) unpack(dst, b []byte, size int, four bool) ([]byte, bool) {
	if !four {
		return h.stream(dst, b, size)
	}
	const jump = 6
	part := (size + 3) / 4
	if len(b) < jump || 3*part > size {
		return dst, false
	}
	jumps := b[:jump]
	b = b[jump:]
	for i := range 4 {
		n := len(b)
		if i < 3 {
			n = int(binary.LittleEndian.Uint16(jumps[2*i:]))
		} else {
			part = size - 3*part
		}
		if n > len(b) {
			return dst, false
		}
		var ok bool
		if dst, ok = h.stream(dst, b[:n], part); !ok {
			return dst, false
		}
		b = b[n:]
	}
	return dst, true
}

func (h *huffmanTable) stream(dst, b []byte, size int) ([]byte, bool) {
	r, ok := newBackBits(b)
	if !ok {
		return dst, false
	}
	for range size {
		e := h.entries[bitsAt(b, r.at-h.bits, h.bits)]
		dst = append(dst, e.symbol)
		if r.at -= int(e.bits); r.at < 0 {
			return dst, false
		}
	}
	return dst, r.at == 0
}
