package queue

import "encoding/binary"

// frames finds the heads of the frames in bytes that come in any pieces.
type frames struct {
	head [12]byte // size, and what of the header tells frames apart
	have int      // of head
	left int      // bytes of the frame behind its head
}

// scan calls seen with the first eight bytes behind the size of every frame
// that begins in b, as soon as they are there.
func (f *frames) scan(b []byte, seen func(head []byte)) {
	for len(b) > 0 {
		if f.left > 0 {
			n := min(f.left, len(b))
			f.left -= n
			b = b[n:]
			continue
		}
		n := copy(f.head[f.have:], b)
		f.have += n
		b = b[n:]
		if f.have == len(f.head) {
			f.have = 0
			f.left = max(int(int32(binary.BigEndian.Uint32(f.head[:])))-8, 0)
			seen(f.head[4:])
		}
	}
}
