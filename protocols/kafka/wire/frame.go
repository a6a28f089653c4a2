package wire

import (
	"encoding/binary"
	"fmt"
)

// Conn names a connection of a machine that has many. The machine gives the
// names; 0 is no connection.
type Conn uint32

// MaxFrameBytes is the largest frame that a Reader takes unless it is told
// otherwise. (Kafka's socket.request.max.bytes is 100 MiB: more than a tab
// should hold for one message.)
const MaxFrameBytes = 16 << 20

const (
	sizeBytes     = 4
	keptBytes     = 256 << 10 // a buffer that grew beyond is given back once empty
	minFrameBytes = 4         // a response with nothing but its correlation id
)

// Reader cuts a connection's bytes into frames. Its zero value is ready.
type Reader struct {
	MaxFrameBytes int // 0 is the constant of that name

	buf  []byte
	next int // where the next frame's size begins in buf
}

// Receive takes bytes that arrived, in any pieces. It copies them.
func (r *Reader) Receive(b []byte) {
	if r.next > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.next:])]
		r.next = 0
	}
	if len(r.buf) == 0 && cap(r.buf) > keptBytes && len(b) < keptBytes {
		r.buf = nil
	}
	r.buf = append(r.buf, b...)
}

// Next returns the next whole frame, without its size. It is valid until the
// next Receive. An error is the peer's fault and ends the connection: what
// follows cannot be told apart any more.
func (r *Reader) Next() (frame []byte, ok bool, err error) {
	rest := r.buf[r.next:]
	if len(rest) < sizeBytes {
		return nil, false, nil
	}
	limit := r.MaxFrameBytes
	if limit == 0 {
		limit = MaxFrameBytes
	}
	size := int64(int32(binary.BigEndian.Uint32(rest)))
	if size < minFrameBytes || size > int64(limit) {
		return nil, false, fmt.Errorf("kafka: a frame of %d bytes came, expected %d to %d; is the peer speaking Kafka, without TLS?", size, minFrameBytes, limit)
	}
	if int64(len(rest)) < sizeBytes+size {
		return nil, false, nil
	}
	end := sizeBytes + int(size)
	r.next += end
	return rest[sizeBytes:end:end], true, nil
}

// Waiting is how many bytes wait for the rest of their frame.
func (r *Reader) Waiting() int { return len(r.buf) - r.next }
