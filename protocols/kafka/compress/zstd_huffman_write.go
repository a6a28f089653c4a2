package compress

import (
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	// maxWritten is the highest symbol of a tree that is written symbol by
	// symbol: literals with others are written as they are.
	maxWritten = 128
	// minLiterals are worth a tree.
	minLiterals = 64
	// maxOneStream are literals in one stream; more are in four.
	maxOneStream = 1023
)

// appendLiterals appends the literals' section, in the shortest of its forms
// that can be written.
func (w *zstdWriter) appendLiterals(dst, text []byte) []byte {
	var counts [256]int
	highest, kinds := 0, 0
	for _, c := range text {
		counts[c]++
	}
	for s, n := range counts {
		if n > 0 {
			highest = s
			kinds++
		}
	}
	if kinds == 1 && len(text) > 1 {
		return append(appendLiteralsHead(dst, literalsRLE, len(text)), text[0])
	}
	if kinds > 1 && highest <= maxWritten && len(text) >= minLiterals {
		before := len(dst)
		if dst = w.appendHuffman(dst, text, counts[:highest+1]); len(dst)-before < len(text) {
			return dst
		}
		dst = dst[:before]
	}
	return append(appendLiteralsHead(dst, literalsRaw, len(text)), text...)
}

// appendLiteralsHead is for literals without a tree.
func appendLiteralsHead(dst []byte, kind byte, size int) []byte {
	switch {
	case size < 1<<5:
		return append(dst, byte(size)<<3|kind)
	case size < 1<<12:
		return append(dst, byte(size)<<4|1<<2|kind, byte(size>>4))
	}
	return append(dst, byte(size)<<4|3<<2|kind, byte(size>>4), byte(size>>12))
}

// huffmanCode is a symbol's.
type huffmanCode struct {
	code uint
	bits uint8
}

// appendHuffman appends literals by a tree of their own.
func (w *zstdWriter) appendHuffman(dst, text []byte, counts []int) []byte {
	lengths := codeLengths(counts)
	longest := slices.Max(lengths)
	head := len(dst)
	// Four streams have 14 or 18 bits for their sizes, one has 10.
	format, headBytes, width := 0, 3, 10
	if len(text) > maxOneStream {
		format, headBytes, width = 2, 4, 14
	}
	if len(text) >= 1<<14 {
		format, headBytes, width = 3, 5, 18
	}
	dst = append(dst, make([]byte, headBytes)...)
	dst = appendTree(dst, lengths, longest)
	codes := codesOf(lengths, longest)
	if format == 0 {
		dst = w.appendStream(dst, text, codes)
	} else {
		jumps := len(dst)
		dst = append(dst, make([]byte, 6)...)
		part := (len(text) + 3) / 4
		for i := range 4 {
			at := len(dst)
			dst = w.appendStream(dst, text[i*part:min((i+1)*part, len(text))], codes)
			if i < 3 {
				binary.LittleEndian.PutUint16(dst[jumps+2*i:], uint16(len(dst)-at))
			}
		}
	}
	packed := len(dst) - head - headBytes
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], uint64(literalsHuffman|format<<2|len(text)<<4)|uint64(packed)<<(4+width))
	copy(dst[head:], word[:headBytes])
	if packed >= 1<<width {
		return append(dst, text...) // does not fit, so it is too long anyway
	}
	return dst
}

// appendStream appends text from its last byte to its first.
func (w *zstdWriter) appendStream(dst, text []byte, codes []huffmanCode) []byte {
	w.bits = bitWriter{b: dst}
	for i := len(text) - 1; i >= 0; i-- {
		c := codes[text[i]]
		w.bits.add(c.code, c.bits)
	}
	return w.bits.end()
}

// appendTree appends the weights of all symbols but the last, which follows.
func appendTree(dst []byte, lengths []uint8, longest uint8) []byte {
	last := len(lengths) - 1
	dst = append(dst, byte(127+last))
	for s := 0; s < last; s += 2 {
		two := weight(lengths[s], longest) << 4
		if s+1 < last {
			two |= weight(lengths[s+1], longest)
		}
		dst = append(dst, two)
	}
	return dst
}

func weight(length, longest uint8) uint8 {
	if length == 0 {
		return 0
	}
	return longest + 1 - length
}

// codesOf gives symbols their codes: the longest first, and alike by symbol.
func codesOf(lengths []uint8, longest uint8) []huffmanCode {
	codes := make([]huffmanCode, len(lengths))
	at := uint(0) // of 1<<longest
	for length := longest; length > 0; length-- {
		for s, l := range lengths {
			if l == length {
				codes[s] = huffmanCode{code: at >> (longest - length), bits: length}
				at += 1 << (longest - length)
			}
		}
	}
	return codes
}

// codeLengths are those of Huffman's code. Codes that come out too long come
// out shorter when counts differ less.
func codeLengths(counts []int) []uint8 {
	counts = slices.Clone(counts)
	for {
		if lengths := huffman(counts); slices.Max(lengths) <= maxHuffmanBits {
			return lengths
		}
		for s, n := range counts {
			if n > 0 {
				counts[s] = n/2 + 1
			}
		}
	}
}

// huffman joins the two rarest trees until one is left. At least two counts
// are above 0.
func huffman(counts []int) []uint8 {
	type tree struct{ count, parent int }
	var trees []tree
	symbols := make([]int, 0, len(counts))
	for s, n := range counts {
		if n > 0 {
			symbols = append(symbols, s)
		}
	}
	slices.SortStableFunc(symbols, func(a, b int) int { return cmp.Compare(counts[a], counts[b]) })
	for _, s := range symbols {
		trees = append(trees, tree{count: counts[s]})
	}
	// Leaves are sorted, and joined trees come in order: the rarest is the
	// first of one of the two queues.
	leaf, joined := 0, len(symbols)
	rarest := func() int {
		if leaf < len(symbols) && (joined == len(trees) || trees[leaf].count <= trees[joined].count) {
			leaf++
			return leaf - 1
		}
		joined++
		return joined - 1
	}
	for range len(symbols) - 1 {
		a := rarest()
		b := rarest()
		trees[a].parent, trees[b].parent = len(trees), len(trees)
		trees = append(trees, tree{count: trees[a].count + trees[b].count})
	}
	depths := make([]uint8, len(trees))
	for i := len(trees) - 2; i >= 0; i-- {
		depths[i] = depths[trees[i].parent] + 1
	}
	lengths := make([]uint8, len(counts))
	for i, s := range symbols {
		lengths[s] = depths[i]
	}
	return lengths
}
