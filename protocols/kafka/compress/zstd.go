package compress

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Zstandard (RFC 8878): frames of blocks. A block's bytes are literals, coded
// by Huffman's method (zstd_huffman.go), and sequences, which say how many of
// them to take and what to copy from before, coded by finite state entropy
// (zstd_fse.go, zstd_sequences.go).
//
// Behaviour: read in whole, with content sizes and checksums, which are
// verified. Written as one frame with its content's size (zstd_write.go).
// Versions: the one of the RFC. Older formats have other magic numbers.
// Not done: dictionaries. Matches that reach from one block into another, and
// tables of a block's own for sequences, are read but not written; so what is
// written is some per cent larger than others' fastest level.

var errZstd = errors.New("kafka: records are not zstd, though their batch says so")

const (
	zstdMagic     = 0xfd2fb528
	zstdSkippable = 0x184d2a5 // without its last four bits
	zstdMaxBlock  = 128 << 10
)

// The types of blocks (section 3.1.1.2.2).
const (
	zstdRaw        = 0
	zstdRLE        = 1
	zstdCompressed = 2
)

// zstdReader reads frames. Its tables are those of the block before, which the
// next one may use again.
type zstdReader struct {
	out   []byte
	limit int
	// Of the frame.
	start      int // where it begins in out
	recent     [3]int
	huffman    huffmanTable
	tables     [3]fseTable // by kind of code
	hasHuffman bool
	// Of the block.
	buffer   []byte
	literals []byte // what is left of buffer
}

// unpack returns what the frames b say, at most limit bytes.
func (r *zstdReader) unpack(into, b []byte, limit int) ([]byte, error) {
	r.limit = limit
	r.out = slices.Grow(into, min(4*len(b), limit)) // a guess
	for len(b) > 0 {
		var err error
		if b, err = r.frame(b); err != nil {
			return nil, err
		}
	}
	out := r.out
	r.out = nil
	return out, nil
}

// frame reads a frame and returns what follows it (section 3.1.1).
func (r *zstdReader) frame(b []byte) (rest []byte, err error) {
	if len(b) < 5 {
		return nil, errZstd
	}
	magic := binary.LittleEndian.Uint32(b)
	if b = b[4:]; magic>>4 == zstdSkippable {
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return nil, errZstd
		}
		return b[4+binary.LittleEndian.Uint32(b):], nil
	}
	flags := b[0]
	single, summed := flags&(1<<5) != 0, flags&(1<<2) != 0
	if magic != zstdMagic || flags&(1<<3) != 0 || flags&3 != 0 { // another magic, a reserved bit, a dictionary
		return nil, errZstd
	}
	b = b[1:]
	if !single { // The window's size does not matter: all output is at hand.
		b = b[min(1, len(b)):]
	}
	sizeBytes := [...]int{0, 2, 4, 8}[flags>>6]
	if single && sizeBytes == 0 {
		sizeBytes = 1
	}
	if len(b) < sizeBytes {
		return nil, errZstd
	}
	var field [8]byte
	copy(field[:], b[:sizeBytes])
	size := binary.LittleEndian.Uint64(field[:])
	if sizeBytes == 2 {
		size += 256
	}
	if size > uint64(r.limit-len(r.out)) {
		return nil, ErrTooLarge
	}
	r.start, r.recent, r.hasHuffman = len(r.out), [3]int{1, 4, 8}, false
	for i := range r.tables {
		r.tables[i].log, r.tables[i].single = 0, false
	}
	if b, err = r.blocks(b[sizeBytes:]); err != nil {
		return nil, err
	}
	if sizeBytes > 0 && uint64(len(r.out)-r.start) != size {
		return nil, errZstd
	}
	if summed {
		if len(b) < 4 || binary.LittleEndian.Uint32(b) != uint32(xxh64(r.out[r.start:])) {
			return nil, errZstd
		}
		b = b[4:]
	}
	return b, nil
}

// blocks reads blocks up to the last of a frame (section 3.1.1.2).
func (r *zstdReader) blocks(b []byte) (rest []byte, err error) {
	for last := false; !last; {
		if len(b) < 3 {
			return nil, errZstd
		}
		head := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
		b = b[3:]
		last = head&1 != 0
		kind, size := head>>1&3, head>>3
		taken := size
		if kind == zstdRLE {
			taken = 1
		}
		if size > zstdMaxBlock || taken > len(b) {
			return nil, errZstd
		}
		switch kind {
		case zstdRaw, zstdRLE:
			if size > r.limit-len(r.out) {
				return nil, ErrTooLarge
			}
			if kind == zstdRaw {
				r.out = append(r.out, b[:size]...)
			} else {
				r.out = appendRun(r.out, b[0], size)
			}
		case zstdCompressed:
			if err := r.compressed(b[:size]); err != nil {
				return nil, err
			}
		default:
			return nil, errZstd
		}
		b = b[taken:]
	}
	return b, nil
}

// appendRun appends n times c.
func appendRun(dst []byte, c byte, n int) []byte {
	from := len(dst)
	dst = slices.Grow(dst, n)[:from+n]
	for i := range dst[from:] {
		dst[from+i] = c
	}
	return dst
}

// compressed reads a block of literals and sequences (section 3.1.1.3).
func (r *zstdReader) compressed(b []byte) error {
	b, ok := r.literalsSection(b)
	if !ok {
		return errZstd
	}
	r.literals = r.buffer
	return r.sequencesSection(b)
}

// The types of literals (section 3.1.1.3.1.1).
const (
	literalsRaw      = 0
	literalsRLE      = 1
	literalsHuffman  = 2
	literalsTreeless = 3 // by the tree of the block before
)

// literalsSection reads the literals and returns what follows them.
func (r *zstdReader) literalsSection(b []byte) (rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, false
	}
	kind, format := b[0]&3, b[0]>>2&3
	if kind == literalsRaw || kind == literalsRLE {
		head, shift := 1, 3
		switch format {
		case 1:
			head, shift = 2, 4
		case 3:
			head, shift = 3, 4
		}
		if len(b) < head {
			return nil, false
		}
		size := int(bitsAt(b[:head], shift, head*8-shift))
		b = b[head:]
		if size > zstdMaxBlock {
			return nil, false
		}
		if kind == literalsRLE {
			if len(b) == 0 {
				return nil, false
			}
			r.buffer = appendRun(r.buffer[:0], b[0], size)
			return b[1:], true
		}
		if len(b) < size {
			return nil, false
		}
		r.buffer = append(r.buffer[:0], b[:size]...)
		return b[size:], true
	}
	head := [...]int{3, 3, 4, 5}[format]
	width := [...]int{10, 10, 14, 18}[format]
	if len(b) < head {
		return nil, false
	}
	size, packed := int(bitsAt(b[:head], 4, width)), int(bitsAt(b[:head], 4+width, width))
	b = b[head:]
	if size > zstdMaxBlock || packed > len(b) {
		return nil, false
	}
	rest, b = b[packed:], b[:packed]
	if kind == literalsHuffman {
		if b, ok = r.huffman.read(b); !ok {
			return nil, false
		}
		r.hasHuffman = true
	}
	if !r.hasHuffman {
		return nil, false
	}
	r.buffer, ok = r.huffman.unpack(r.buffer[:0], b, size, format != 0)
	return rest, ok
}
