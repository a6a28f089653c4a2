package log

import (
	"slices"
	"sort"

	"github.com/twmb/franz-go/pkg/kerr"
)

// TruncateTo takes back everything from offset on; the whole batch, if offset
// lies within one. It returns the new End. Before the first segment it is
// ResetTo. After KafkaStorageError the log has to be opened anew.
func (l *Log) TruncateTo(now, offset int64) (end int64, err error) {
	l.settle(now)
	if offset >= l.end {
		return l.end, nil
	}
	if offset < l.segments[0].base {
		err := l.ResetTo(now, max(offset, 0))
		return l.end, err
	}
	i := l.holder(offset)
	position, err := l.locate(now, l.segments[i], offset)
	if err != nil {
		return l.end, err
	}
	if err := l.dropCleaning(now); err != nil {
		return l.end, err
	}
	for _, s := range l.segments[i+1:] {
		if err := l.deleteFiles(now, s.base); err != nil {
			return l.end, err
		}
	}
	if err := l.disk.Truncate(now, l.segments[i].file, position); err != nil {
		return l.end, kerr.KafkaStorageError
	}
	var bases []int64
	for _, s := range l.segments[:i+1] {
		bases = append(bases, s.base)
	}
	start, done := l.start, l.flush.done
	if err := l.load(now, bases); err != nil {
		return l.end, err
	}
	l.raise(min(start, l.end))
	if l.start < start {
		l.writeStart(now)
	}
	l.cleaned = min(l.cleaned, l.end)
	l.flush.done, l.flush.end = min(done, l.end), min(l.flush.end, l.end)
	for i := range l.flush.written {
		l.flush.written[i].end = min(l.flush.written[i].end, l.end)
	}
	l.beginFlush(now)
	return l.end, nil
}

// locate returns the position of the batch that holds an offset, or of the
// first behind it.
func (l *Log) locate(now int64, s *segment, offset int64) (int64, error) {
	w := l.walk(now, s, s.bytes, s.index.position(uint32(offset-s.base)))
	for {
		h, ok, err := w.peek()
		if err != nil {
			return 0, kerr.KafkaStorageError
		}
		if !ok || h.LastOffset() >= offset {
			return w.position, nil
		}
		w.skip(&h)
	}
}

// ResetTo empties the log and lets it begin at offset: for a follower that is
// so far behind that its leader has deleted what it would need, or for one
// that was given a snapshot. OffsetOutOfRange: offset is negative or above
// 2^62. After KafkaStorageError the log has to be opened anew.
func (l *Log) ResetTo(now, offset int64) error {
	if offset < 0 || offset > maxOffset {
		return kerr.OffsetOutOfRange
	}
	if err := l.dropCleaning(now); err != nil {
		return err
	}
	if err := l.replaceAll(now, offset); err != nil {
		return err
	}
	l.segments, l.unsealed = []*segment{l.newSegment(offset)}, 0
	l.start, l.end = offset, offset
	l.epochs, l.producers, l.txns = nil, producers{}, txns{}
	l.flush = flushing{done: offset}
	l.cleaned = 0
	return nil
}

// replaceAll leaves one empty segment on the disk. It begins with that, so that
// a crash on the way leaves either that or the front of what was.
func (l *Log) replaceAll(now, base int64) error {
	file := l.name(base, logFile)
	if _, ok := l.disk.Size(file); !ok {
		if _, err := l.disk.Append(now, file, nil); err != nil {
			return kerr.KafkaStorageError
		}
	} else if l.disk.Truncate(now, file, 0) != nil {
		return kerr.KafkaStorageError
	}
	for _, s := range slices.Backward(l.segments) {
		if s.base == base {
			continue
		}
		if err := l.deleteFiles(now, s.base); err != nil {
			return err
		}
	}
	for _, file := range []string{l.name(base, placesFile), l.name(base, timesFile), l.name(base, sealFile), l.name(base, snapshotFile), l.startFile()} {
		if l.disk.Delete(now, file) != nil {
			return kerr.KafkaStorageError
		}
	}
	return nil
}

// DeleteBefore moves Start forward to offset and deletes the segments that
// lie before it, those that are sealed at once, others with the next call or
// that of Retain. It is OffsetOutOfRange beyond End.
func (l *Log) DeleteBefore(now, offset int64) error {
	l.settle(now)
	if offset > l.end {
		return kerr.OffsetOutOfRange
	}
	if offset <= l.start {
		return nil
	}
	if err := l.dropBefore(now, offset); err != nil {
		return err
	}
	l.raise(offset)
	if l.start > l.segments[0].base {
		l.writeStart(now)
	}
	return nil
}

// dropBefore deletes the segments that end at or before offset, but none of
// which the snapshot behind it is not safe: producers would be forgotten in a
// crash. They go another time.
func (l *Log) dropBefore(now, offset int64) error {
	for len(l.segments) > 1 && l.segments[1].base <= offset {
		s := l.segments[0]
		if s.state != sealed {
			return nil
		}
		if s.safeAt == 0 {
			// Where there is none, nothing is to be waited for.
			s.safeAt, _ = l.disk.Sync(now, l.name(s.next, snapshotFile))
		}
		if s.safeAt > now {
			return nil
		}
		if err := l.dropCleaning(now); err != nil {
			return err
		}
		if err := l.deleteFiles(now, s.base); err != nil {
			return err
		}
		l.segments = slices.Delete(l.segments, 0, 1)
		l.raiseEpochs()
	}
	return nil
}

// raise moves the log start offset, and forgets what lies before it.
func (l *Log) raise(start int64) {
	l.start = start
	l.raiseEpochs()
	all := l.txns.aborted
	l.txns.aborted = all[sort.Search(len(all), func(i int) bool { return all[i].Last >= start }):]
}
