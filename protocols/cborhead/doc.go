// Package cborhead writes the heads of CBOR's items (RFC 8949, section 3), for
// messages that are written by hand because they are sent by the million.
package cborhead

// Append writes the head of an item behind b, in its shortest form. major
// is the first byte without its lower five bits: 0x00 for a positive number,
// 0x40 bytes, 0x60 text, 0x80 an array, 0xa0 a map, 0xc0 a tag.
func Append(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return append(b, major|25, byte(n>>8), byte(n))
	case n < 1<<32:
		return append(b, major|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, major|27, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}
