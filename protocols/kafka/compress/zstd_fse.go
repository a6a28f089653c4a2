package compress

import (
	"encoding/binary"
	"math/bits"
)

// Finite state entropy (RFC 8878, section 4.1): a code whose table's states
// stand for symbols, more of them for the frequent ones; the next state is
// made of the bits that follow. It is read from the end of its bytes to their
// beginning.

// bitsAt is the number that the n bits from bit at on are, n at most 56, in
// bytes that are one number with the least first. Bits outside of b are 0.
func bitsAt(b []byte, at, n int) uint64 {
	if at < 0 {
		if n += at; n <= 0 {
			return 0
		}
		return bitsAt(b, 0, n) << -at
	}
	var word uint64
	if first := at >> 3; first+8 <= len(b) {
		word = binary.LittleEndian.Uint64(b[first:])
	} else if first < len(b) {
		for i, c := range b[first:] {
			word |= uint64(c) << (8 * i)
		}
	}
	return word >> (at & 7) & (1<<n - 1)
}

// backBits reads bits from the end. The highest 1 of the last byte marks the
// end and is not one of them.
type backBits struct {
	b  []byte
	at int // how many are left; below 0: more were read than there are
}

func newBackBits(b []byte) (backBits, bool) {
	if len(b) == 0 || b[len(b)-1] == 0 {
		return backBits{}, false
	}
	return backBits{b, len(b)*8 - 9 + bits.Len8(b[len(b)-1])}, true
}

func (r *backBits) read(n uint8) int {
	r.at -= int(n)
	return int(bitsAt(r.b, r.at, int(n)))
}

const maxTableLog = 9

// fseTable is what there is to know of each state.
type fseTable struct {
	log     uint8 // 0: there is no table, unless it is for one symbol
	single  bool  // one symbol takes no bits
	entries [1 << maxTableLog]fseEntry
}

type fseEntry struct {
	symbol uint8
	bits   uint8  // to read for the next state
	base   uint16 // to add to them
}

// readCounts reads the probabilities of symbols, and returns what follows
// (section 4.1.1). -1 stands for "less than 1".
func readCounts(b []byte, counts []int16, maxLog uint8) (n int, log uint8, rest []byte, ok bool) {
	log = uint8(bitsAt(b, 0, 4)) + 5
	if log > maxLog {
		return 0, 0, nil, false
	}
	at, left := 4, 1<<log
	for left > 0 {
		if n == len(counts) || at > len(b)*8 {
			return 0, 0, nil, false
		}
		width := bits.Len(uint(left + 1))
		value := int(bitsAt(b, at, width))
		low := 1<<(width-1) - 1
		threshold := 1<<width - 1 - (left + 1)
		at += width
		if value&low < threshold {
			value &= low
			at--
		} else if value > low {
			value -= threshold
		}
		counts[n] = int16(value - 1)
		n++
		if value == 0 {
			left--
		} else {
			left -= value - 1
		}
		for repeat := uint64(3); value == 1 && repeat == 3; {
			repeat = bitsAt(b, at, 2)
			at += 2
			for range repeat {
				if n == len(counts) {
					return 0, 0, nil, false
				}
				counts[n] = 0
				n++
			}
			if at > len(b)*8 {
				return 0, 0, nil, false
			}
		}
	}
	if used := (at + 7) >> 3; left == 0 && used <= len(b) {
		return n, log, b[used:], true
	}
	return 0, 0, nil, false
}

// spread gives each state its symbol, by the probabilities.
func spread(symbols []uint8, counts []int16) bool {
	size := len(symbols)
	high, at := size, 0
	for s, c := range counts {
		if c < 0 {
			high--
			symbols[high] = uint8(s)
		}
	}
	for s, c := range counts {
		for range max(c, 0) {
			symbols[at] = uint8(s)
			for at = (at + size>>1 + size>>3 + 3) & (size - 1); at >= high; {
				at = (at + size>>1 + size>>3 + 3) & (size - 1)
			}
		}
	}
	return at == 0
}

// build makes the table of probabilities that add up to 1<<log.
func (t *fseTable) build(counts []int16, log uint8) bool {
	var symbols [1 << maxTableLog]uint8
	var next [256]uint16
	size := 1 << log
	t.log, t.single = log, false
	if !spread(symbols[:size], counts) {
		return false
	}
	for s, c := range counts {
		next[s] = uint16(max(c, -c))
	}
	for i, s := range symbols[:size] {
		state := next[s]
		next[s]++
		width := log - uint8(bits.Len16(state)-1)
		t.entries[i] = fseEntry{symbol: s, bits: width, base: state<<width - uint16(size)}
	}
	return true
}

// one makes the table of a single symbol.
func (t *fseTable) one(symbol uint8) {
	t.log, t.single = 0, true
	t.entries[0] = fseEntry{symbol: symbol}
}
