package pipeline

import "encoding/binary"

// The frame of this package: the length of what follows in four bytes,
// big-endian, and then that many bytes.

// LengthBytes is the size of a frame's length field.
const LengthBytes = 4

// DefaultFrameBytes is the largest frame, if nothing else was said.
const DefaultFrameBytes = 65_536

// FrameDecoder turns bytes into frames. It keeps what is not yet a whole one,
// whatever pieces it comes in: that is its only state, and what makes it one
// of each connection's own.
type FrameDecoder struct {
	// MaxFrameBytes is the longest frame that is taken, its length field not
	// counted; 0 for DefaultFrameBytes. A longer one breaks the pipeline before
	// any of it is kept.
	MaxFrameBytes int

	kept []byte
	read int // of kept, already passed on
}

// Name is "frame decoder".
func (d *FrameDecoder) Name() string { return "frame decoder" }

// Read keeps the bytes, and passes the first frame on if it is whole.
func (d *FrameDecoder) Read(c Context, m Message) {
	if d.read > 0 {
		d.kept = append(d.kept[:0], d.kept[d.read:]...)
		d.read = 0
	}
	d.kept = append(d.kept, m.Bytes...)
	size, known := d.size()
	if known && size > limitOf(d.MaxFrameBytes) {
		c.Fail(theirs("a frame of %d bytes; at most %d are taken", size, limitOf(d.MaxFrameBytes)))
		return
	}
	if !known || len(d.kept) < LengthBytes+size {
		return
	}
	d.read = LengthBytes + size
	c.Fire(Message{Bytes: d.kept[LengthBytes:d.read:d.read]})
	if len(d.kept) > d.read {
		c.Again()
	}
}

// Held returns the bytes of the unfinished frame, and how many it will have: the
// length field alone as long as that is not complete.
func (d *FrameDecoder) Held() (have, want int) {
	if have = len(d.kept) - d.read; have == 0 {
		return 0, 0
	}
	if have < LengthBytes {
		return have, LengthBytes
	}
	return have, LengthBytes + frameSize(d.kept[d.read:])
}

func (d *FrameDecoder) size() (int, bool) {
	if len(d.kept) < LengthBytes {
		return 0, false
	}
	return frameSize(d.kept), true
}

// frameSize reads a length field. It stays positive where int has 32 bits.
func frameSize(b []byte) int { return int(min(binary.BigEndian.Uint32(b), 1<<31-1-LengthBytes)) }

func limitOf(maxBytes int) int {
	if maxBytes == 0 {
		return DefaultFrameBytes
	}
	return maxBytes
}

// FrameEncoder puts its length before each message.
type FrameEncoder struct {
	MaxFrameBytes int // 0 for DefaultFrameBytes

	frame []byte
}

// Name is "frame encoder".
func (e *FrameEncoder) Name() string { return "frame encoder" }

// Write passes the frame on.
func (e *FrameEncoder) Write(c Context, m Message) {
	if len(m.Bytes) > limitOf(e.MaxFrameBytes) {
		c.Fail(ours("a message of %d bytes is written; the peer takes at most %d", len(m.Bytes), limitOf(e.MaxFrameBytes)))
		return
	}
	e.frame = AppendFrame(e.frame[:0], m.Bytes)
	c.Write(Message{Bytes: e.frame})
}

// AppendFrame appends a frame with these bytes to b.
func AppendFrame(b, message []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(message)))
	return append(b, message...)
}
