package compress

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
)

// Snappy: the block format of google/snappy's format_description.txt.
//
// Behaviour: written as one bare block, which Java, librdkafka and Go read.
// Read bare, or in the framing of snappy-java (xerial), which Java and some
// others send: a head of 16 bytes, then blocks with 4 bytes of size each.
// Versions: the framing's are not looked at; there was only ever one.
// Not done: the other framing, framing_format.txt, which Kafka does not use.

var errSnappy = errors.New("kafka: records are not Snappy, though their batch says so")

// The kinds of an element, its lowest two bits.
const (
	snappyLiteral = 0
	snappyCopy1   = 1 // distance of 11 bits
	snappyCopy2   = 2 // distance of 16 bits
	snappyCopy4   = 3 // distance of 32 bits
)

const (
	snappyMaxCopy = 64
	xerialHead    = 16
)

var xerialMagic = []byte("\x82SNAPPY\x00")

func (f *finder) appendSnappy(dst, text []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	for _, m := range f.find(text) {
		dst = appendSnappyLiteral(dst, text[:m.literals])
		text = text[m.literals+m.length:]
		for left := m.length; left > 0; {
			n := min(left, snappyMaxCopy)
			dst = append(dst, byte(n-1)<<2|snappyCopy2, byte(m.distance), byte(m.distance>>8))
			left -= n
		}
	}
	return dst
}

func appendSnappyLiteral(dst, b []byte) []byte {
	switch n := len(b) - 1; {
	case n < 0:
		return dst
	case n < 60:
		dst = append(dst, byte(n)<<2|snappyLiteral)
	case n < 1<<8:
		dst = append(dst, 60<<2|snappyLiteral, byte(n))
	case n < 1<<16:
		dst = append(dst, 61<<2|snappyLiteral, byte(n), byte(n>>8))
	default:
		dst = append(dst, 63<<2|snappyLiteral, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	return append(dst, b...)
}

// unpackSnappy appends what b says to dst, at most limit bytes.
func unpackSnappy(dst, b []byte, limit int) ([]byte, error) {
	if !bytes.HasPrefix(b, xerialMagic) || len(b) < xerialHead {
		return unpackSnappyBlock(dst, b, limit)
	}
	b = b[xerialHead:]
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, errSnappy
		}
		size := int64(binary.BigEndian.Uint32(b))
		if size > int64(len(b)-4) {
			return nil, errSnappy
		}
		before := len(dst)
		var err error
		if dst, err = unpackSnappyBlock(dst, b[4:4+size], limit); err != nil {
			return nil, err
		}
		limit -= len(dst) - before
		b = b[4+size:]
	}
	return dst, nil
}

func unpackSnappyBlock(dst, b []byte, limit int) ([]byte, error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > 1<<32-1 {
		return nil, errSnappy
	}
	if size > uint64(limit) {
		return nil, ErrTooLarge
	}
	b = b[n:]
	dst = slices.Grow(dst, min(int(size), len(b)*snappyMaxCopy/3))
	start, end := len(dst), len(dst)+int(size)
	for len(b) > 0 {
		tag, distance, length := b[0], 0, 0
		switch tag & 3 {
		case snappyLiteral:
			length, n = int(tag>>2), 1
			if length >= 60 {
				more := length - 59
				if len(b) < 1+more {
					return nil, errSnappy
				}
				length, n = 0, 1+more
				for i := more; i > 0; i-- {
					length = length<<8 | int(b[i])
				}
			}
			length++
			if length > len(b)-n || length > end-len(dst) {
				return nil, errSnappy
			}
			dst = append(dst, b[n:n+length]...)
			b = b[n+length:]
			continue
		case snappyCopy1:
			if n = 2; len(b) >= n {
				length, distance = int(tag>>2&7)+4, int(tag>>5)<<8|int(b[1])
			}
		case snappyCopy2:
			if n = 3; len(b) >= n {
				length, distance = int(tag>>2)+1, int(binary.LittleEndian.Uint16(b[1:]))
			}
		case snappyCopy4:
			if n = 5; len(b) >= n {
				length, distance = int(tag>>2)+1, int(binary.LittleEndian.Uint32(b[1:]))
			}
		}
		if distance == 0 || distance > len(dst)-start || length > end-len(dst) {
			return nil, errSnappy
		}
		dst = copyBack(dst, distance, length)
		b = b[n:]
	}
	if len(dst) != end {
		return nil, errSnappy
	}
	return dst, nil
}
