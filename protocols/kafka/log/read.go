package log

import (
	"grapevine/protocols/kafka/batch"
	"math"
	"sort"

	"github.com/twmb/franz-go/pkg/kerr"
)

// holder is the number of the segment that holds an offset, or would.
func (l *Log) holder(offset int64) int {
	return max(0, sort.Search(len(l.segments), func(i int) bool { return l.segments[i].base > offset })-1)
}

// Read returns whole batches from the one that holds offset from on, up to
// maxBytes but always the first, and only those that end below the offset
// below. It returns nothing at from == End or when below is reached, and at
// most what one segment holds. at is when the disk is done. OffsetOutOfRange:
// from is not within Start to End. KafkaStorageError: the disk's, or the bytes of
// a sealed segment are no batches any more. The bytes are the caller's.
func (l *Log) Read(now, from int64, maxBytes int, below int64) (batches []byte, at int64, err error) {
	l.settle(now)
	return l.read(now, from, maxBytes, below)
}

// Peek is Read for inspectors: in the Log it moves nothing, not even what is
// due. What it costs the disk is the Disk's affair.
func (l *Log) Peek(from int64, maxBytes int) (batches []byte, err error) {
	batches, _, err = l.read(0, from, maxBytes, math.MaxInt64)
	return batches, err
}

func (l *Log) read(now, from int64, maxBytes int, below int64) (batches []byte, at int64, err error) {
	if from < l.start || from > l.end {
		return nil, now, kerr.OffsetOutOfRange
	}
	if from >= min(l.end, below) {
		return nil, now, nil
	}
	i := l.holder(from)
	s := l.segments[i]
	r := reading{log: l, now: now, at: now, segment: s}
	position := s.index.position(uint32(from - s.base))
	// Between two entries of the index there may be as much to skip.
	most := max(int64(max(maxBytes, 0))+l.config.IndexIntervalBytes, batch.HeaderBytes)
	for {
		b, err := r.read(position, most)
		if err != nil {
			return nil, now, err
		}
		skip, take := r.choose(b, from, int64(maxBytes), below)
		position += skip
		switch {
		case take > 0:
			return b[skip : skip+take : skip+take], r.at, nil
		case skip > 0:
			// The batch wanted is not yet among what was read.
		case r.done:
			return nil, r.at, nil
		case int64(r.first.Bytes) > most:
			most = int64(r.first.Bytes)
		default: // a sealed segment's bytes are not what they were
			return nil, r.at, kerr.KafkaStorageError
		}
	}
}

// reading is one Read.
type reading struct {
	log     *Log
	now, at int64
	segment *segment
	first   batch.Header // the first batch to be taken, once it is known
	done    bool         // there is none
}

func (r *reading) read(position, most int64) ([]byte, error) {
	b := make([]byte, max(0, min(most, r.segment.bytes-position)))
	n, at, err := r.log.disk.ReadAt(r.now, r.segment.file, b, position)
	if err != nil {
		return nil, kerr.KafkaStorageError
	}
	r.at = max(r.at, at)
	return b[:n], nil
}

// choose says how many bytes to skip until the batch that holds from, and how
// many to take of those behind. When it takes none the batch is not whole in b.
func (r *reading) choose(b []byte, from, maxBytes, below int64) (skip, take int64) {
	r.first = batch.Header{}
	for {
		h, size, err := batch.Peek(b[min(skip+take, int64(len(b))):])
		if err != nil {
			return skip, take
		}
		switch whole := skip+take+int64(size) <= int64(len(b)); {
		case take == 0 && h.LastOffset() < from:
			skip += int64(size)
		case take == 0 && h.LastOffset() >= below:
			r.done = true
			return 0, 0
		case take == 0:
			if r.first = h; !whole {
				return skip, 0
			}
			take = int64(size)
		case !whole || take+int64(size) > maxBytes || h.LastOffset() >= below:
			return skip, take
		default:
			take += int64(size)
		}
	}
}

// OffsetForTime finds the first record with a timestamp of at least ms; false:
// there is none.
func (l *Log) OffsetForTime(now, ms int64) (offset, timestamp int64, ok bool) {
	for _, s := range l.segments {
		if s.latest.timestamp < ms {
			continue
		}
		position := int64(0)
		if last, known := s.index.before(ms); known {
			position = s.index.position(last)
		}
		l.visit(now, s, position, func(latest int64) bool { return latest >= ms }, func(o, t int64) bool {
			offset, timestamp, ok = o, t, t >= ms
			return ok
		})
		if ok {
			return offset, timestamp, true
		}
	}
	return 0, 0, false
}

// MaxTimestamp finds the first record with the latest timestamp; false: the
// log is empty.
func (l *Log) MaxTimestamp(now int64) (offset, timestamp int64, ok bool) {
	look := func(s *segment, position int64) {
		l.visit(now, s, position, func(latest int64) bool { return !ok || latest > timestamp }, func(o, t int64) bool {
			if !ok || t > timestamp {
				offset, timestamp, ok = o, t, true
			}
			return false
		})
	}
	var latest *segment
	for i, s := range l.segments {
		if s.base < l.start && (i+1 == len(l.segments) || l.segments[i+1].base > l.start) {
			look(s, s.index.position(uint32(l.start-s.base))) // the latest of it may be gone
		} else if s.base >= l.start && s.bytes > 0 && (latest == nil || s.latest.timestamp > latest.latest.timestamp) {
			latest = s
		}
	}
	if latest != nil {
		look(latest, latest.index.position(latest.latest.last))
	}
	return offset, timestamp, ok
}

// visit calls record for the records of a segment, from a position and the log
// start offset on, until it reports true; but only for batches whose latest
// timestamp is of interest.
func (l *Log) visit(now int64, s *segment, position int64, interesting func(latest int64) bool, record func(offset, timestamp int64) bool) {
	w := l.walk(now, s, s.bytes, position)
	var records []batch.Record
	for {
		h, ok, err := w.peek()
		if err != nil || !ok {
			return
		}
		if h.LastOffset() >= l.start && interesting(h.MaxTimestamp) {
			b, err := w.read(&h)
			if err != nil {
				return
			}
			// What its producer garbled is for its consumers to complain about.
			records, _ = batch.Records(records[:0], b, batch.DefaultLimits)
			for i := range records {
				timestamp := h.FirstTimestamp + records[i].TimestampDelta
				if h.LogAppendTime() {
					timestamp = h.MaxTimestamp
				}
				if offset := h.BaseOffset + int64(records[i].OffsetDelta); offset >= l.start && record(offset, timestamp) {
					return
				}
			}
		}
		w.skip(&h)
	}
}
