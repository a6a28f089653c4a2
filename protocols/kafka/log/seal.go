package log

import (
	"math"

	"github.com/twmb/franz-go/pkg/kerr"
)

// flushing is what makes Durable move.
type flushing struct {
	done int64 // offsets below are durable
	// With FlushEach, one sync at a time, which serves all that was appended
	// before it began.
	under bool  // it is under way
	end   int64 // it makes offsets below this durable
	at    int64 // when
	// With FlushNever, writes that the disk has not taken yet.
	written []written
}

// written says when the disk will have taken all that lies below an offset.
type written struct{ end, at int64 }

// Durable is the end of what counts as durable: what was synced, or, with
// FlushNever, what the disk has taken, which is at once if it has a cache. It
// never goes back but by TruncateTo and ResetTo.
func (l *Log) Durable(now int64) int64 {
	l.settle(now)
	return l.flush.done
}

// PeekDurable is Durable for inspectors: as of the last call that took the
// time, for it moves nothing.
func (l *Log) PeekDurable() int64 { return l.flush.done }

// Deadline is when Durable will move next; math.MaxInt64: not before another Append.
func (l *Log) Deadline() int64 {
	switch f := &l.flush; {
	case f.under:
		return f.at
	case len(f.written) > 0:
		return f.written[0].at
	}
	return math.MaxInt64
}

// noteWritten takes note of when the disk will have taken all up to End.
func (l *Log) noteWritten(now, at int64) {
	switch f := &l.flush; {
	case l.config.Flush == FlushEach:
		l.beginFlush(now)
	case at <= now && len(f.written) == 0 && !f.under:
		f.done = l.end
	default:
		f.written = append(f.written, written{l.end, at})
	}
}

// beginFlush begins a sync of what is not durable yet, unless one is under way.
func (l *Log) beginFlush(now int64) {
	f := &l.flush
	if l.config.Flush == FlushNever || f.under || f.done >= l.end {
		return
	}
	at, err := l.disk.Sync(now, l.last().file)
	if err != nil {
		return // the next Append tries again; until then nothing more is durable
	}
	for _, s := range l.segments {
		if s.state == syncing {
			at = max(at, s.syncedAt)
		}
	}
	f.under, f.end, f.at = true, l.end, at
}

// settle does what was to be done when the disk is done.
func (l *Log) settle(now int64) {
	f := &l.flush
	for f.under && f.at <= now {
		f.under, f.done = false, max(f.done, f.end)
		l.beginFlush(now)
	}
	for len(f.written) > 0 && f.written[0].at <= now {
		f.done = max(f.done, f.written[0].end)
		f.written = append(f.written[:0], f.written[1:]...)
		l.beginFlush(now) // if it is FlushEach by now
	}
	if l.unsealed > 0 {
		for _, s := range l.segments {
			if s.state == syncing && s.syncedAt <= now {
				l.seal(now, s)
				l.unsealed--
			}
		}
	}
	if l.cleaning != nil && l.cleaning.at <= now {
		l.replace(now)
	}
}

// roll ends the active segment and begins the next.
func (l *Log) roll(now int64) error {
	if err := l.retire(now, l.last()); err != nil {
		return err
	}
	s := l.newSegment(l.end)
	if _, err := l.disk.Append(now, s.file, nil); err != nil {
		return kerr.KafkaStorageError
	}
	l.segments = append(l.segments, s)
	return nil
}

// retire lets a segment wait for its bytes to be safe. What is known now is
// what is known behind it.
func (l *Log) retire(now int64, s *segment) error {
	if s.state == syncing {
		return nil // the new segment's file could not be made the last time
	}
	at, err := l.disk.Sync(now, s.file)
	if err != nil {
		return kerr.KafkaStorageError
	}
	s.state, s.syncedAt, s.after = syncing, at, l.snapshot()
	l.unsealed++
	return nil
}

// seal writes a segment's indexes, its seal and the snapshot behind it. Where
// the disk refuses, the next Open has to read the segment.
func (l *Log) seal(now int64, s *segment) {
	places, times := s.index.appendPlaces(nil), s.index.appendTimes(nil)
	l.overwrite(now, l.name(s.base, placesFile), places)
	l.overwrite(now, l.name(s.base, timesFile), times)
	l.overwrite(now, l.name(s.base, sealFile), l.appendSeal(nil, s, places, times))
	if s.after != nil {
		l.overwrite(now, l.name(s.next, snapshotFile), s.after)
	}
	s.state, s.after = sealed, nil
}

// overwrite makes a small file anew. It need not be safe: it is checked when
// it is read, and can be done without.
func (l *Log) overwrite(now int64, file string, b []byte) {
	if l.disk.Delete(now, file) != nil {
		return
	}
	if _, err := l.disk.Append(now, file, b); err == nil {
		_, _ = l.disk.Sync(now, file)
	}
}
