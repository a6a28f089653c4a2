package sim

// line is bytes that wait: they join at the end and leave at the front. Its
// memory comes from a shelf and goes back there when the line is empty, so
// that ten thousand idle streams hold none.
type line struct {
	buf  []byte
	head int // where the line begins in buf
}

func (l *line) len() int { return len(l.buf) - l.head }

// bytes is the whole line, valid until the line is used again.
func (l *line) bytes() []byte { return l.buf[l.head:] }

// grow makes the line n bytes longer; what they are is left to the caller.
func (l *line) grow(s *shelf, n int) {
	if l.buf == nil {
		l.buf = s.take(n)
	}
	length := l.len()
	if len(l.buf)+n > cap(l.buf) {
		// Moving up is worth it only if it makes at least as much room as it
		// moves bytes; else a line that stays nearly full would move at each turn.
		to := l.buf[:length]
		if l.head < length || length+n > cap(l.buf) {
			to = make([]byte, length, max(2*(length+n), minBufferBytes))
		}
		copy(to, l.bytes())
		l.buf, l.head = to, 0
	}
	l.buf = l.buf[:len(l.buf)+n]
}

// push joins b to the line.
func (l *line) push(s *shelf, b []byte) {
	l.grow(s, len(b))
	copy(l.buf[len(l.buf)-len(b):], b)
}

// place puts b at an offset of the line, beyond its end if need be.
func (l *line) place(s *shelf, offset int, b []byte) {
	if beyond := offset + len(b) - l.len(); beyond > 0 {
		l.grow(s, beyond)
	}
	copy(l.buf[l.head+offset:], b)
}

// pop takes n bytes off the front.
func (l *line) pop(n int) { l.head += n }

// free gives the memory back, and with it what is left in the line.
func (l *line) free(s *shelf) {
	if l.buf != nil {
		s.put(l.buf)
		*l = line{}
	}
}

const (
	minBufferBytes   = 2 << 10
	maxShelfBuffers  = 256
	maxShelvedBuffer = 256 << 10 // bytes; what is larger is left to the collector
)

// shelf keeps the buffers that no line needs now: the last one put there is
// the first one taken, because it is in the cache.
type shelf struct{ buffers [][]byte }

func (s *shelf) take(n int) []byte {
	if last := len(s.buffers) - 1; last >= 0 {
		b := s.buffers[last]
		s.buffers = s.buffers[:last]
		return b
	}
	return make([]byte, 0, max(n, minBufferBytes))
}

func (s *shelf) put(b []byte) {
	if poison {
		poisonBytes(b[:cap(b)])
	}
	if len(s.buffers) < maxShelfBuffers && cap(b) <= maxShelvedBuffer {
		s.buffers = append(s.buffers, b[:0])
	}
}
