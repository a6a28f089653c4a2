package compress

import (
	"encoding/binary"
	"math/bits"
)

// zstdWriter writes frames. Sequences are written by the predefined tables,
// literals by a Huffman code of each block's own.
type zstdWriter struct {
	encoders [3]fseEncoder // by kind of code
	literals []byte
	matches  []match
	bits     bitWriter
	recent   int // the last distance
	short    [2][maxShort]uint8
}

// maxShort bounds the lengths whose codes are looked up.
const maxShort = 256

func newZstdWriter() *zstdWriter {
	w := &zstdWriter{}
	for kind := range w.encoders {
		w.encoders[kind].build(codeTables[kind].counts, codeTables[kind].log)
	}
	for i, kind := range [...]int{literalLength, matchLength} {
		for code, base := range codeTables[kind].base {
			for length := base; length < maxShort; length++ {
				w.short[i][length] = uint8(code)
			}
		}
	}
	return w
}

// append appends text as one frame with its size.
func (w *zstdWriter) append(dst, text []byte, f *finder) []byte {
	const singleSegment, size4 = 1 << 5, 2 << 6
	dst = binary.LittleEndian.AppendUint32(dst, zstdMagic)
	dst = append(dst, size4|singleSegment)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(text)))
	w.recent = 1
	for first := true; first || len(text) > 0; first = false {
		block := text[:min(len(text), zstdMaxBlock)]
		text = text[len(block):]
		head := len(dst)
		recent := w.recent
		dst = w.block(append(dst, 0, 0, 0), block, f.find(block))
		kind, size := zstdCompressed, len(dst)-head-3
		if size >= len(block) {
			kind, size, w.recent = zstdRaw, len(block), recent
			dst = append(dst[:head+3], block...)
		}
		word := size<<3 | kind<<1
		if len(text) == 0 {
			word |= 1
		}
		dst[head], dst[head+1], dst[head+2] = byte(word), byte(word>>8), byte(word>>16)
	}
	return dst
}

// block appends a compressed block, that may be larger than its text.
func (w *zstdWriter) block(dst, text []byte, matches []match) []byte {
	w.literals, w.matches = w.literals[:0], w.matches[:0]
	passed := 0 // literals since the last sequence
	for _, m := range matches {
		taken := m.literals
		if !worth(m) {
			taken += m.length
		}
		w.literals = append(w.literals, text[:taken]...)
		text = text[m.literals+m.length:]
		if passed += taken; worth(m) {
			w.matches = append(w.matches, match{literals: passed, distance: m.distance, length: m.length})
			passed = 0
		}
	}
	dst = w.appendLiterals(dst, w.literals)
	return w.appendSequences(dst, w.matches)
}

// worth reports whether a match is shorter as a sequence, which takes 14 bits
// and those of its distance, than as literals of some 5 bits each.
func worth(m match) bool { return 5*m.length > 14+bits.Len(uint(m.distance)) }

// sequence is a match in codes, with what is added to their values.
type sequence struct {
	codes [3]uint8
	extra [3]int
}

func (w *zstdWriter) sequence(m match) (s sequence) {
	s.codes[literalLength], s.extra[literalLength] = w.length(literalLength, m.literals)
	s.codes[matchLength], s.extra[matchLength] = w.length(matchLength, m.length)
	value := m.distance + 3
	if m.distance == w.recent && m.literals > 0 {
		value = 1 // as the last time
	}
	w.recent = m.distance
	code := bits.Len(uint(value)) - 1
	s.codes[offset], s.extra[offset] = uint8(code), value-1<<code
	return s
}

// length is a length's code: looked up, or where codes double, counted.
func (w *zstdWriter) length(kind, n int) (code uint8, extra int) {
	switch {
	case n < maxShort:
		code = w.short[kind/matchLength][n]
	case kind == literalLength:
		code = uint8(bits.Len(uint(n)) + 18)
	default:
		code = uint8(bits.Len(uint(n-3)) + 35)
	}
	return code, n - codeTables[kind].base[code]
}

// appendSequences appends the sequences' section. They are written from the
// last to the first, for a reader that begins at the end.
func (w *zstdWriter) appendSequences(dst []byte, matches []match) []byte {
	switch n := len(matches); {
	case n == 0:
		return append(dst, 0)
	case n < 128:
		dst = append(dst, byte(n))
	case n < longCount:
		dst = append(dst, byte(n>>8)+128, byte(n))
	default:
		dst = append(dst, 255, byte(n-longCount), byte((n-longCount)>>8))
	}
	dst = append(dst, modePredefined)
	sequences := make([]sequence, len(matches))
	for i, m := range matches {
		sequences[i] = w.sequence(m)
	}
	w.bits = bitWriter{b: dst}
	order := [...]int{offset, matchLength, literalLength} // in which states are written
	var states [3]uint
	for i := len(sequences) - 1; i >= 0; i-- {
		s := &sequences[i]
		for _, kind := range order {
			if e := &w.encoders[kind]; i == len(sequences)-1 {
				states[kind] = e.begin(s.codes[kind])
			} else {
				states[kind] = e.next(&w.bits, states[kind], s.codes[kind])
			}
		}
		w.bits.add(uint(s.extra[literalLength]), codeTables[literalLength].extra[s.codes[literalLength]])
		w.bits.add(uint(s.extra[matchLength]), codeTables[matchLength].extra[s.codes[matchLength]])
		w.bits.add(uint(s.extra[offset]), s.codes[offset])
	}
	for _, kind := range [...]int{matchLength, offset, literalLength} {
		w.bits.add(states[kind], codeTables[kind].log)
	}
	return w.bits.end()
}

// bitWriter appends bits, the least first.
type bitWriter struct {
	b    []byte
	word uint64
	n    uint8 // bits in word
}

// add appends n bits, at most 32.
func (w *bitWriter) add(value uint, n uint8) {
	w.word |= uint64(value) << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.b = append(w.b, byte(w.word))
		w.word >>= 8
	}
}

// end appends the 1 that marks the end.
func (w *bitWriter) end() []byte {
	w.add(1, 1)
	if w.n > 0 {
		w.b = append(w.b, byte(w.word))
	}
	return w.b
}

// fseEncoder is a table to write by: for each symbol, which state follows
// which, and how many bits of the one before are written.
type fseEncoder struct {
	states  []uint16
	symbols []fseSymbol
	log     uint8
}

type fseSymbol struct {
	count uint // of its states
	first int  // of them in states
}

func (e *fseEncoder) build(counts []int16, log uint8) {
	size := 1 << log
	symbols := make([]uint8, size)
	spread(symbols, counts)
	e.log = log
	e.states = make([]uint16, 0, size)
	for s, c := range counts {
		e.symbols = append(e.symbols, fseSymbol{count: uint(max(c, -c)), first: len(e.states)})
		for state, symbol := range symbols {
			if int(symbol) == s {
				e.states = append(e.states, uint16(state))
			}
		}
	}
}

// begin is a state for the last symbol, which nothing follows.
func (e *fseEncoder) begin(symbol uint8) uint {
	return uint(e.states[e.symbols[symbol].first])
}

// next writes what a reader in the state of symbol needs to get to state, and
// returns that state: one of the symbol's states reads few bits, the others one
// more, and each has its range of states that it leads to.
func (e *fseEncoder) next(w *bitWriter, state uint, symbol uint8) uint {
	s := &e.symbols[symbol]
	full := state + 1<<e.log
	width := uint8(0)
	for full>>width >= 2*s.count {
		width++
	}
	w.add(full&(1<<width-1), width)
	return uint(e.states[s.first+int(full>>width-s.count)])
}
