package compress

import (
	"encoding/binary"
	"math/bits"
)

// xxHash with seed 0 (xxhash_spec.md): LZ4's checksums are of 32 bits, zstd's
// the lower half of 64.

const (
	prime1 uint32 = 2654435761
	prime2 uint32 = 2246822519
	prime3 uint32 = 3266489917
	prime4 uint32 = 668265263
	prime5 uint32 = 374761393

	long1 uint64 = 11400714785074694791
	long2 uint64 = 14029467366897019727
	long3 uint64 = 1609587929392839161
	long4 uint64 = 9650029242287828579
	long5 uint64 = 2870177450012600261
)

func xxh32(b []byte) uint32 {
	size, h := uint32(len(b)), prime5
	if len(b) >= 16 {
		one := prime1
		lanes := [4]uint32{one + prime2, prime2, 0, -one}
		for ; len(b) >= 16; b = b[16:] {
			for i := range lanes {
				lanes[i] = bits.RotateLeft32(lanes[i]+binary.LittleEndian.Uint32(b[4*i:])*prime2, 13) * prime1
			}
		}
		h = bits.RotateLeft32(lanes[0], 1) + bits.RotateLeft32(lanes[1], 7) + bits.RotateLeft32(lanes[2], 12) + bits.RotateLeft32(lanes[3], 18)
	}
	h += size
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h+binary.LittleEndian.Uint32(b)*prime3, 17) * prime4
	}
	for _, c := range b {
		h = bits.RotateLeft32(h+uint32(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>15) * prime2
	h = (h ^ h>>13) * prime3
	return h ^ h>>16
}

func xxh64(b []byte) uint64 {
	size, h := uint64(len(b)), long5
	if len(b) >= 32 {
		one := long1
		lanes := [4]uint64{one + long2, long2, 0, -one}
		for ; len(b) >= 32; b = b[32:] {
			for i := range lanes {
				lanes[i] = round64(lanes[i], binary.LittleEndian.Uint64(b[8*i:]))
			}
		}
		h = bits.RotateLeft64(lanes[0], 1) + bits.RotateLeft64(lanes[1], 7) + bits.RotateLeft64(lanes[2], 12) + bits.RotateLeft64(lanes[3], 18)
		for _, lane := range lanes {
			h = (h^round64(0, lane))*long1 + long4
		}
	}
	h += size
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^round64(0, binary.LittleEndian.Uint64(b)), 27)*long1 + long4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*long1, 23)*long2 + long3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*long5, 11) * long1
	}
	h = (h ^ h>>33) * long2
	h = (h ^ h>>29) * long3
	return h ^ h>>32
}

func round64(lane, word uint64) uint64 { return bits.RotateLeft64(lane+word*long2, 31) * long1 }
