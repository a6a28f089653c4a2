package compress

import "encoding/binary"

// Snappy and LZ4 are two spellings of one idea (LZ77): copy what was there
// before, from at most 64 KiB back, and write the rest as it is. Here is the
// idea; snappy.go and lz4.go spell it.
//
// Why not a library: the one for Snappy finds other matches in its assembly
// than in its Go, so that equal runs would have other bytes, and another
// digest, in a browser than natively.

// match is some bytes as they are, and behind them a copy of earlier ones. The
// last one of a text has length 0: nothing to copy.
type match struct {
	literals int
	distance int // 1 to maxDistance, back from where the copy begins
	length   int // at least minMatch
}

const (
	minMatch    = 4
	maxDistance = 1<<16 - 1
	tableBits   = 13
	// LZ4 wants the last match to begin 12 bytes before the end and to leave
	// 5 over (its "end of block conditions"); Snappy does not mind.
	tailBytes    = 12
	lastLiterals = 5
)

// finder finds matches by a table of where each hash of four bytes was last
// seen. A wrong entry costs a missed match, no more.
type finder struct {
	table   [1 << tableBits]uint32 // position + 1
	matches []match
}

// find returns what text is made of, valid until the next call.
func (f *finder) find(text []byte) []match {
	f.table = [1 << tableBits]uint32{}
	f.matches = f.matches[:0]
	done, at, misses := 0, 0, 0
	for at+tailBytes < len(text) {
		four := binary.LittleEndian.Uint32(text[at:])
		entry := &f.table[four*2654435761>>(32-tableBits)]
		before := int(*entry) - 1
		*entry = uint32(at + 1)
		if before < 0 || at-before > maxDistance || binary.LittleEndian.Uint32(text[before:]) != four {
			// What does not repeat is passed over in growing steps.
			misses++
			at += 1 + misses>>5
			continue
		}
		length := minMatch
		for at+length < len(text)-lastLiterals && text[before+length] == text[at+length] {
			length++
		}
		f.matches = append(f.matches, match{literals: at - done, distance: at - before, length: length})
		at += length
		done, misses = at, 0
	}
	f.matches = append(f.matches, match{literals: len(text) - done})
	return f.matches
}

// copyBack appends length bytes that begin distance back; they may overlap with
// those they make. The caller has checked distance and length.
func copyBack(dst []byte, distance, length int) []byte {
	for from := len(dst) - distance; length > 0; {
		n := min(length, len(dst)-from)
		dst = append(dst, dst[from:from+n]...)
		length -= n
	}
	return dst
}
