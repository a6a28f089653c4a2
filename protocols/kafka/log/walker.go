package log

import "grapevine/protocols/kafka/batch"

// walker reads the batches of a segment, front to back.
type walker struct {
	disk     Disk
	now      int64
	file     string
	size     int64 // of the file, as far as it is to be read
	position int64 // of the next batch
	at       int64 // when the disk is done with what was read so far
	buffer   []byte
	from     int64 // the place of buffer in the file
}

const chunkBytes = 64 << 10

func (l *Log) walk(now int64, s *segment, size, position int64) *walker {
	return &walker{disk: l.disk, now: now, file: s.file, size: size, position: position, at: now}
}

// need makes n bytes from position on available, as far as there are so many.
// It reads more, but never past the end.
func (w *walker) need(n int64) ([]byte, error) {
	n = min(n, w.size-w.position)
	if have := w.from + int64(len(w.buffer)); w.position < w.from || w.position+n > have {
		want := min(max(n, chunkBytes), w.size-w.position)
		if int64(cap(w.buffer)) < want {
			w.buffer = make([]byte, want)
		}
		w.buffer, w.from = w.buffer[:want], w.position
		got, at, err := w.disk.ReadAt(w.now, w.file, w.buffer, w.position)
		if err != nil {
			return nil, err
		}
		w.buffer, w.at = w.buffer[:got], max(w.at, at)
	}
	b := w.buffer[w.position-w.from:]
	return b[:min(n, int64(len(b)))], nil
}

// peek returns the next batch's header; false: there is no further whole
// batch. The error is the disk's.
func (w *walker) peek() (batch.Header, bool, error) {
	b, err := w.need(batch.HeaderBytes)
	if err != nil {
		return batch.Header{}, false, err
	}
	h, size, err := batch.Peek(b)
	return h, err == nil && int64(size) <= w.size-w.position, nil
}

// read returns the bytes of the batch that peek has shown, valid until the
// next call.
func (w *walker) read(h *batch.Header) ([]byte, error) { return w.need(int64(h.Bytes)) }

// skip goes behind it.
func (w *walker) skip(h *batch.Header) { w.position += int64(h.Bytes) }
