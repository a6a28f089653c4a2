package compress

import (
	"encoding/binary"
	"errors"
	"slices"
)

// LZ4: the frame format of lz4_Frame_format.md (version 1.6) around blocks of
// lz4_Block_format.md.
//
// Behaviour: written as one frame of independent blocks of 64 KiB without
// checksums, as Java's client does. Read with checksums of header, blocks and
// content, linked blocks and the content's size.
// Versions: 01, the only one there is.
// Not done: dictionaries, several frames in a row, the legacy frame.

var errLZ4 = errors.New("kafka: records are not an LZ4 frame, though their batch says so")

const (
	lz4Magic     = 0x184d2204
	lz4Block     = 64 << 10
	lz4MaxBlock  = 4 << 20
	lz4Stored    = 1 << 31 // of a block's size: it is not compressed
	lz4Version   = 1 << 6  // of FLG
	lz4Separate  = 1 << 5
	lz4BlockSum  = 1 << 4
	lz4Size      = 1 << 3
	lz4Sum       = 1 << 2
	lz4Dict      = 1
	lz4Size64KiB = 4 << 4 // of BD
)

func (f *finder) appendLZ4(dst, text []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, lz4Magic)
	flags := [2]byte{lz4Version | lz4Separate, lz4Size64KiB}
	dst = append(dst, flags[0], flags[1], byte(xxh32(flags[:])>>8))
	for len(text) > 0 {
		block := text[:min(len(text), lz4Block)]
		text = text[len(block):]
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		dst = f.appendLZ4Block(dst, block)
		size := uint32(len(dst) - at - 4)
		if int(size) >= len(block) {
			dst = append(dst[:at+4], block...)
			size = uint32(len(block)) | lz4Stored
		}
		binary.LittleEndian.PutUint32(dst[at:], size)
	}
	return append(dst, 0, 0, 0, 0)
}

func (f *finder) appendLZ4Block(dst, text []byte) []byte {
	for _, m := range f.find(text) {
		token := len(dst)
		dst = append(dst, byte(min(m.literals, 15))<<4)
		dst = appendLZ4Length(dst, m.literals)
		dst = append(dst, text[:m.literals]...)
		text = text[m.literals+m.length:]
		if m.length == 0 {
			break
		}
		dst = append(dst, byte(m.distance), byte(m.distance>>8))
		dst[token] |= byte(min(m.length-minMatch, 15))
		dst = appendLZ4Length(dst, m.length-minMatch)
	}
	return dst
}

// appendLZ4Length appends what of a length did not fit into the token.
func appendLZ4Length(dst []byte, n int) []byte {
	if n < 15 {
		return dst
	}
	for n -= 15; n >= 255; n -= 255 {
		dst = append(dst, 255)
	}
	return append(dst, byte(n))
}

// unpackLZ4 appends what the frame b says to dst, at most limit bytes.
func unpackLZ4(dst, b []byte, limit int) ([]byte, error) {
	const smallest = 7 // magic, FLG, BD, header checksum
	if len(b) < smallest || binary.LittleEndian.Uint32(b) != lz4Magic {
		return nil, errLZ4
	}
	flags, head := b[4], 6
	if flags&lz4Size != 0 {
		head += 8
	}
	if flags>>6 != 1 || flags&lz4Dict != 0 || len(b) <= head || byte(xxh32(b[4:head])>>8) != b[head] {
		return nil, errLZ4
	}
	dst = slices.Grow(dst, min(4*len(b), limit)) // a guess
	start := len(dst)
	for b = b[head+1:]; ; {
		if len(b) < 4 {
			return nil, errLZ4
		}
		size := binary.LittleEndian.Uint32(b)
		stored := size&lz4Stored != 0
		n := int64(size &^ lz4Stored)
		if b = b[4:]; size == 0 {
			break
		}
		if n > lz4MaxBlock || n > int64(len(b)) {
			return nil, errLZ4
		}
		from, block := start, b[:n]
		if flags&lz4Separate != 0 {
			from = len(dst)
		}
		b = b[n:]
		if flags&lz4BlockSum != 0 {
			if len(b) < 4 || binary.LittleEndian.Uint32(b) != xxh32(block) {
				return nil, errLZ4
			}
			b = b[4:]
		}
		left, err := limit-(len(dst)-start), error(nil)
		if stored && len(block) > left {
			return nil, ErrTooLarge
		} else if stored {
			dst = append(dst, block...)
		} else if dst, err = unpackLZ4Block(dst, block, from, left); err != nil {
			return nil, err
		}
	}
	if flags&lz4Sum != 0 {
		if len(b) < 4 || binary.LittleEndian.Uint32(b) != xxh32(dst[start:]) {
			return nil, errLZ4
		}
		b = b[4:]
	}
	if len(b) > 0 {
		return nil, errLZ4
	}
	return dst, nil
}

// unpackLZ4Block appends a block's bytes, at most limit; its matches reach back
// to dst[from] at most.
func unpackLZ4Block(dst, b []byte, from, limit int) ([]byte, error) {
	end := len(dst) + limit
	for len(b) > 0 {
		token := b[0]
		n, rest, ok := lz4Length(b[1:], int(token>>4), limit)
		if !ok || n > len(rest) {
			return nil, errLZ4
		}
		if n > end-len(dst) {
			return nil, ErrTooLarge
		}
		dst = append(dst, rest[:n]...)
		if b = rest[n:]; len(b) == 0 {
			return dst, nil
		}
		if len(b) < 2 {
			return nil, errLZ4
		}
		distance := int(binary.LittleEndian.Uint16(b))
		n, b, ok = lz4Length(b[2:], int(token&15), limit)
		if !ok || distance == 0 || distance > len(dst)-from {
			return nil, errLZ4
		}
		if n += minMatch; n > end-len(dst) {
			return nil, ErrTooLarge
		}
		dst = copyBack(dst, distance, n)
	}
	return nil, errLZ4 // a block ends with literals
}

// lz4Length reads the rest of a length that began in a token. It stops reading
// where the length is beyond the limit.
func lz4Length(b []byte, n, limit int) (int, []byte, bool) {
	if n < 15 {
		return n, b, true
	}
	for i, c := range b {
		if n += int(c); c != 255 || n > limit {
			return n, b[i+1:], true
		}
	}
	return 0, nil, false
}
