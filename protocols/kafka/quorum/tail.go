package quorum

import (
	"slices"

	"grapevine/protocols/kafka/batch"
)

// maxTailBytes is how much of the log's end is kept in memory. Nearly all
// reads are of what was just written: then they cost neither time nor a seek.
const maxTailBytes = 128 << 10

// tail is the last batches of the log.
type tail struct {
	start, end int64
	b          []byte
	batches    []tailBatch
}

type tailBatch struct {
	first int64 // offset
	at    int   // in b
}

// reset makes it the tail of a log that ends there, of which it knows nothing.
func (t *tail) reset(end int64) { *t = tail{start: end, end: end, b: t.b[:0], batches: t.batches[:0]} }

// add appends whole batches as they are in the log.
func (t *tail) add(b []byte) {
	for len(b) > 0 {
		h, size, err := batch.Peek(b)
		if err != nil || size > len(b) {
			panic("kafka: a batch in the log is none") // it was checked before it got there
		}
		t.batches = append(t.batches, tailBatch{h.BaseOffset, len(t.b)})
		t.b = append(t.b, b[:size]...)
		t.end = h.Next()
		b = b[size:]
	}
	if len(t.b) <= 2*maxTailBytes {
		return
	}
	i := 1
	for i < len(t.batches)-1 && len(t.b)-t.batches[i].at > maxTailBytes {
		i++
	}
	cut := t.batches[i].at
	t.start = t.batches[i].first
	t.b = append(t.b[:0], t.b[cut:]...)
	t.batches = slices.Delete(t.batches, 0, i)
	for i := range t.batches {
		t.batches[i].at -= cut
	}
}

// truncate forgets what lies at end or behind it.
func (t *tail) truncate(end int64) {
	if end <= t.start {
		t.reset(end)
		return
	}
	i := t.find(end)
	if i < len(t.batches) {
		t.b = t.b[:t.batches[i].at]
		t.batches = t.batches[:i]
	}
	t.end = min(t.end, end)
}

// find returns which batch is the first at an offset or behind it.
func (t *tail) find(offset int64) int {
	i, _ := slices.BinarySearchFunc(t.batches, offset, func(b tailBatch, offset int64) int {
		if b.first < offset {
			return -1
		}
		return 1
	})
	return i
}

// read returns the batches from one offset, where a batch begins, up to
// another, but no more than maxBytes unless it is one batch. ok says whether
// the tail goes back that far. They are valid until the tail changes.
func (t *tail) read(from, to int64, maxBytes int) (b []byte, ok bool) {
	if from < t.start {
		return nil, false
	}
	i, end := t.find(from), t.find(to)
	if to < t.end && (end == len(t.batches) || t.batches[end].first > to) {
		end-- // it ends behind to
	}
	if i >= end {
		return nil, true
	}
	at := func(i int) int {
		if i < len(t.batches) {
			return t.batches[i].at
		}
		return len(t.b)
	}
	for end > i+1 && at(end)-at(i) > maxBytes {
		end--
	}
	return t.b[at(i):at(end)], true
}
