package sim

import (
	"encoding/binary"
	"math/bits"
)

// cell names a place for one payload: the size class in the top four bits
// plus one, the place's number in the rest. 0 is no cell.
type cell uint32

const (
	minCellShift   = 5  // the smallest cell holds 32 bytes: up to shortBytes travel in their event
	maxCellShift   = 16 // the largest 65,536
	cellClasses    = maxCellShift - minCellShift + 1
	cellChunkBytes = 1 << 18
	cellIndexBits  = 28
)

// MaxPacketBytes is the largest payload of one packet: that of a UDP datagram
// over IPv4 (65,535 less 20 and 8 bytes of headers).
const MaxPacketBytes = 65507

// cells keeps the payloads of packets in flight in cells of 32, 64, ... 65,536
// bytes, each reused after delivery: a million packets make no garbage.
type cells struct {
	class [cellClasses]cellClass
}

type cellClass struct {
	chunks [][]byte
	free   uint32 // 1 + the number of the cell freed last; a free cell's first bytes hold the next
	used   uint32
}

// put copies payload into a cell of its own. An empty payload needs none.
func (c *cells) put(payload []byte) cell {
	if len(payload) == 0 {
		return 0
	}
	class := max(bits.Len(uint(len(payload)-1)), minCellShift) - minCellShift
	cl := &c.class[class]
	shift := class + minCellShift
	var index uint32
	if cl.free != 0 {
		index = cl.free - 1
		cl.free = binary.LittleEndian.Uint32(cl.bytes(index, shift))
	} else {
		index = cl.used
		cl.used++
		if int(index)<<shift/cellChunkBytes == len(cl.chunks) {
			cl.chunks = append(cl.chunks, make([]byte, cellChunkBytes))
		}
	}
	copy(cl.bytes(index, shift), payload)
	return cell(uint32(class+1)<<cellIndexBits | index)
}

// get returns the first size bytes of a cell: valid until it is freed.
func (c *cells) get(at cell, size int) []byte {
	if at == 0 {
		return nil
	}
	class := int(at>>cellIndexBits) - 1
	return c.class[class].bytes(uint32(at)&(1<<cellIndexBits-1), class+minCellShift)[:size:size]
}

// release gives a cell back.
func (c *cells) release(at cell) {
	if at == 0 {
		return
	}
	class := int(at>>cellIndexBits) - 1
	cl := &c.class[class]
	index := uint32(at) & (1<<cellIndexBits - 1)
	b := cl.bytes(index, class+minCellShift)
	if poison {
		poisonBytes(b)
	}
	binary.LittleEndian.PutUint32(b, cl.free)
	cl.free = index + 1
}

func (cl *cellClass) bytes(index uint32, shift int) []byte {
	offset := int(index) << shift
	chunk := cl.chunks[offset/cellChunkBytes]
	offset %= cellChunkBytes
	return chunk[offset : offset+1<<shift]
}

func (c *cells) save() cells {
	kept := *c
	for i := range kept.class {
		cl := &kept.class[i]
		chunks := make([][]byte, len(cl.chunks))
		for j, b := range cl.chunks {
			chunks[j] = append([]byte(nil), b...)
		}
		cl.chunks = chunks
	}
	return kept
}

// poisonBytes makes what should no longer be read look like nothing sent.
func poisonBytes(b []byte) {
	for i := range b {
		b[i] = 0xDB
	}
}
