package sim

// content is a file's bytes, in chunks so that growing copies little.
type content struct {
	chunks [][]byte // all full but the last
	size   int64
}

const contentChunk = 64 << 10

// writeAt writes over what is at offset, at most the size, and behind the end.
func (c *content) writeAt(b []byte, offset int64) {
	c.size = max(c.size, offset+int64(len(b)))
	for len(b) > 0 {
		i, at := int(offset/contentChunk), int(offset%contentChunk)
		if i == len(c.chunks) {
			var chunk []byte // the first grows as it is needed: most files are small
			if i > 0 {
				chunk = make([]byte, 0, contentChunk)
			}
			c.chunks = append(c.chunks, chunk)
		}
		n := min(len(b), contentChunk-at)
		over := copy(c.chunks[i][at:], b[:n])
		c.chunks[i] = append(c.chunks[i], b[over:n]...)
		b, offset = b[n:], offset+int64(n)
	}
}

// readAt fills b as far as there is something.
func (c *content) readAt(b []byte, offset int64) int {
	b = b[:min(int64(len(b)), c.size-offset)]
	n := 0
	for n < len(b) {
		at := offset + int64(n)
		n += copy(b[n:], c.chunks[at/contentChunk][at%contentChunk:])
	}
	return n
}

func (c *content) truncate(size int64) {
	c.size = size
	c.chunks = c.chunks[:(size+contentChunk-1)/contentChunk]
	if rest := size % contentChunk; rest > 0 {
		last := len(c.chunks) - 1
		c.chunks[last] = c.chunks[last][:rest]
	}
}

// saved is a copy of what was at a place.
type saved struct {
	offset int64
	bytes  []byte
}

// saved returns what is there, of a range, to be put back in a crash.
func (f *file) saved(offset, length int64) []saved {
	length = min(length, f.size-offset)
	if length <= 0 {
		return nil
	}
	b := make([]byte, length)
	f.readAt(b, offset)
	return []saved{{offset, b}}
}

// restore puts back what a saved piece holds of the bytes from offset from on.
func (f *file) restore(s saved, from int64) {
	skip := max(0, from-s.offset)
	if skip >= int64(len(s.bytes)) {
		return
	}
	if end := min(s.offset+int64(len(s.bytes)), f.size); s.offset+skip < end {
		f.writeAt(s.bytes[skip:end-s.offset], s.offset+skip)
	}
}
