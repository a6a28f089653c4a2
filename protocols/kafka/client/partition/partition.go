package partition

import "encoding/binary"

// ForKey returns the partition, 0 to n-1, of a key. n must be positive.
func ForKey(key []byte, n int32) int32 {
	return int32(Murmur2(key)&0x7fffffff) % n // by its low 31 bits: the absolute value of math.MinInt32 is negative
}

// Murmur2 is Austin Appleby's hash of 2008 with the seed that Java's client
// gave it.
func Murmur2(key []byte) uint32 {
	const (
		seed = 0x9747b28c
		m    = 0x5bd1e995
		r    = 24
	)
	h := seed ^ uint32(len(key))
	for len(key) >= 4 {
		k := binary.LittleEndian.Uint32(key) * m
		k ^= k >> r
		h = h*m ^ k*m
		key = key[4:]
	}
	switch len(key) {
	case 3:
		h ^= uint32(key[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(key[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(key[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}
