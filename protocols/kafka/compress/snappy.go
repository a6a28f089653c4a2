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
	size, from := binary.Uvarint(b)
	if from <= 0 || size > 1<<32-1 {
		return nil, errSnappy
	}
	if size > uint64(limit) {
		return nil, ErrTooLarge
	}
	if size > uint64(len(b)-from)*snappyMaxCopy/3 {
		return nil, errSnappy // the densest copies would not make as much
	}
	at := len(dst)
	start, end := at, at+int(size)
	dst = slices.Grow(dst, int(size)+snappyMaxCopy)[:end+snappyMaxCopy] // room for copyMost
	for from < len(b) {
		tag := b[from]
		length, distance := int(tag>>2)+1, 0
		switch tag & 3 {
		case snappyLiteral:
			from++
			if more := length - 60; more > 0 { // bytes of the length follow
				if more > len(b)-from {
					return nil, errSnappy
				}
				length = 1
				for i, digit := range b[from : from+more] {
					length += int(digit) << (8 * i)
				}
				from += more
			}
			if length > end-at || length > len(b)-from {
				return nil, errSnappy
			}
			if length <= 16 && len(b)-from >= 16 {
				*(*[16]byte)(dst[at:]) = *(*[16]byte)(b[from:])
			} else {
				copy(dst[at:], b[from:from+length])
			}
			from += length
			at += length
			continue
		case snappyCopy1:
			if from += 2; from <= len(b) {
				length, distance = int(tag>>2&7)+4, int(tag>>5)<<8|int(b[from-1])
			}
		case snappyCopy2:
			if from += 3; from <= len(b) {
				distance = int(binary.LittleEndian.Uint16(b[from-2:]))
			}
		case snappyCopy4:
			if from += 5; from <= len(b) {
				distance = int(binary.LittleEndian.Uint32(b[from-4:]))
			}
		}
		if distance == 0 || distance > at-start || length > end-at {
			return nil, errSnappy
		}
		if distance >= 16 {
			copyMost((*[snappyMaxCopy]byte)(dst[at:]), (*[snappyMaxCopy]byte)(dst[at-distance:]))
		} else {
			copyBack(dst[:at], distance, length) // in place: there is room
		}
		at += length
	}
	if at != end {
		return nil, errSnappy
	}
	return dst[:end], nil
}

// copyMost copies as many bytes as an element can, whatever it asks for, from a
// distance of 16 at least. Sixteen bytes are moved by one instruction.
func copyMost(to, from *[snappyMaxCopy]byte) {
	*(*[16]byte)(to[0:]) = *(*[16]byte)(from[0:])
	*(*[16]byte)(to[16:]) = *(*[16]byte)(from[16:])
	*(*[16]byte)(to[32:]) = *(*[16]byte)(from[32:])
	*(*[16]byte)(to[48:]) = *(*[16]byte)(from[48:])
}
