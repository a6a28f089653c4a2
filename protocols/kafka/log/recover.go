package log

import (
	"encoding/binary"
	"grapevine/protocols/kafka/batch"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Recovery. A crash may have taken the end of any file that was not synced,
// and a torn write may have left part of a batch. Of what is found, this holds:
//
//   - A sealed segment was synced before its seal was written, and the seal
//     knows its size and its indexes' checksums. It is not read.
//   - From the first segment on that has no seal that fits, everything is
//     read. Where a batch is not whole, or not what its CRC says, the file is
//     cut, and the segments behind it are deleted.
//   - A segment begins where the one before ends. If it begins later, bytes
//     between were lost, and it is deleted. If it begins earlier, it was
//     merged into the one before by compaction, and the crash came before
//     it was deleted.
//   - What the batches tell, of epochs and of producers, is known from the
//     snapshot of the first segment that is read, and from reading on.

// Open opens the log in dir and recovers what a crash has left: bytes behind
// the last whole batch are cut off, indexes that are missing or wrong are made
// anew. The error is the disk's, as kerr.KafkaStorageError.
func Open(now int64, d Disk, dir string, c Config) (*Log, error) {
	l := &Log{disk: d, dir: dir, config: c.withDefaults(), readyAt: now}
	bases, err := l.tidy(now)
	if err != nil {
		return nil, err
	}
	start, known := l.readStart(now)
	if len(bases) == 0 {
		if err := l.ResetTo(now, start); err != nil {
			return nil, err
		}
		return l, nil
	}
	if err := l.load(now, bases); err != nil {
		return nil, err
	}
	if known && start > l.end {
		if err := l.ResetTo(now, start); err != nil {
			return nil, err
		}
	}
	l.raise(max(start, l.segments[0].base))
	// What was read is there, but it was perhaps never synced.
	if l.flush.done = l.end; l.config.Flush == FlushEach {
		l.flush.done = l.segments[0].base
		l.beginFlush(now)
	}
	return l, nil
}

// tidy deletes what belongs to no segment, and lists the segments by base.
func (l *Log) tidy(now int64) (bases []int64, err error) {
	files := l.disk.List(l.dir + "/")
	for _, file := range files {
		if base, kind, ok := l.parseName(file); ok && kind == logFile {
			bases = append(bases, base)
		}
	}
	for _, file := range files {
		base, kind, ok := l.parseName(file)
		_, has := slices.BinarySearch(bases, base)
		if ok && (!has || kind == cleanedFile) {
			if err := l.disk.Delete(now, file); err != nil {
				return nil, kerr.KafkaStorageError
			}
		}
	}
	return bases, nil
}

// load makes the segments with these bases known: there is at least one. It
// deletes those that do not follow on the one before.
func (l *Log) load(now int64, bases []int64) error {
	l.segments, l.unsealed, l.txns, l.cleaning = nil, 0, txns{}, nil
	var decided []txns // of each sealed segment
	for i := 0; i+1 < len(bases); i++ {
		s, t, ok := l.readSealed(now, bases[i])
		if !ok {
			break
		}
		for i+2 < len(bases) && bases[i+1] < s.next {
			if err := l.deleteFiles(now, bases[i+1]); err != nil {
				return err
			}
			bases = slices.Delete(bases, i+1, i+2)
		}
		if bases[i+1] != s.next {
			break
		}
		l.segments = append(l.segments, s)
		decided = append(decided, t)
	}
	first := len(l.segments)
	for first > 0 && !l.restore(l.readSmall(now, l.name(bases[first], snapshotFile))) {
		first--
	}
	if first == 0 && !l.restore(l.readSmall(now, l.name(bases[0], snapshotFile))) {
		l.epochs, l.producers = nil, producers{}
	}
	l.segments = l.segments[:first]
	for _, t := range decided[:first] {
		l.txns.aborted = append(l.txns.aborted, t.aborted...)
		l.txns.decided = append(l.txns.decided, t.decided...)
	}
	l.end = bases[first]
	return l.scan(now, bases[first:])
}

// scan reads segments through.
func (l *Log) scan(now int64, bases []int64) error {
	for len(bases) > 0 {
		s, whole, err := l.scanOne(now, bases[0])
		if err != nil {
			return kerr.KafkaStorageError
		}
		l.segments = append(l.segments, s)
		bases = bases[1:]
		for len(bases) > 0 && (!whole || bases[0] != s.next) {
			merged := whole && bases[0] < s.next
			if err := l.deleteFiles(now, bases[0]); err != nil {
				return err
			}
			whole = merged
			bases = bases[1:]
		}
		if len(bases) > 0 {
			if err := l.retire(now, s); err != nil {
				return err
			}
			continue
		}
		for _, kind := range []string{placesFile, timesFile, sealFile} {
			if err := l.disk.Delete(now, l.name(s.base, kind)); err != nil {
				return kerr.KafkaStorageError
			}
		}
	}
	return nil
}

// scanOne reads a segment and cuts off what is not whole.
func (l *Log) scanOne(now, base int64) (s *segment, whole bool, err error) {
	s = l.newSegment(base)
	size, _ := l.disk.Size(s.file)
	s.bornAt = now
	w := l.walk(now, s, size, 0)
	for {
		h, ok, err := w.peek()
		if err != nil {
			return nil, false, err
		}
		if !ok || !follows(&h, l.end) {
			break
		}
		b, err := w.read(&h)
		if err != nil {
			return nil, false, err
		}
		if _, _, err := batch.Parse(b); err != nil {
			break
		}
		s.add(l.config.IndexIntervalBytes, &h)
		l.track(&h, b)
		w.skip(&h)
	}
	l.readyAt = max(l.readyAt, w.at)
	if s.bytes < size {
		return s, false, l.disk.Truncate(now, s.file, s.bytes)
	}
	return s, true, nil
}

// readSealed reads a segment's indexes and seal; false: they do not fit.
func (l *Log) readSealed(now, base int64) (*segment, txns, bool) {
	s := l.newSegment(base)
	size, _ := l.disk.Size(s.file)
	places := l.readSmall(now, l.name(base, placesFile))
	times := l.readSmall(now, l.name(base, timesFile))
	t, ok := s.parseSeal(l.readSmall(now, l.name(base, sealFile)), size, places, times)
	return s, t, ok
}

// readSmall reads a whole file; nil: there is none.
func (l *Log) readSmall(now int64, file string) []byte {
	size, ok := l.disk.Size(file)
	if !ok {
		return nil
	}
	b := make([]byte, size)
	n, at, err := l.disk.ReadAt(now, file, b, 0)
	if err != nil {
		return nil
	}
	l.readyAt = max(l.readyAt, at)
	return b[:n]
}

// startFile holds the log start offset, if it is not that of a segment.
func (l *Log) startFile() string { return l.dir + "/log-start-offset" }

func (l *Log) writeStart(now int64) {
	l.overwrite(now, l.startFile(), closed(binary.BigEndian.AppendUint64(make([]byte, 4), uint64(l.start))))
}

func (l *Log) readStart(now int64) (int64, bool) {
	r := opened(l.readSmall(now, l.startFile()))
	start := r.i64()
	if r.bad || start < 0 || start > maxOffset {
		return 0, false
	}
	return start, true
}

// deleteFiles deletes all files of a segment. The batches go first: what is
// left behind in a crash then belongs to nothing.
func (l *Log) deleteFiles(now, base int64) error {
	for _, kind := range []string{logFile, placesFile, timesFile, sealFile, snapshotFile} {
		if err := l.disk.Delete(now, l.name(base, kind)); err != nil {
			return kerr.KafkaStorageError
		}
	}
	return nil
}
