package log

import (
	"errors"
	"fmt"
	"grapevine/protocols/kafka/batch"
	"math"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Log is one partition's log. Its offsets run from Start to End, with gaps
// where compaction took records out.
type Log struct {
	disk   Disk
	dir    string
	config Config

	segments   []*segment // in order, each beginning where the one before ends; the last is the active one
	start, end int64
	epochs     []Epoch
	producers  producers
	txns       txns
	flush      flushing
	unsealed   int   // segments that are syncing
	readyAt    int64 // when Open was done reading
	cleaning   *cleaning
	cleaned    int64 // offsets below were compacted since Open

	// Reused by one call after the other.
	buffer  []byte
	headers []batch.Header
}

// Epoch is where the batches of a leader epoch begin.
type Epoch struct {
	Epoch int32
	Start int64
}

// Segment is one file of batches, for inspectors.
type Segment struct {
	Base, Next   int64 // its first offset, and the offset behind its last
	Bytes        int64
	Batches      int
	MaxTimestamp int64 // ms; -1 when empty
	Sealed       bool  // its indexes are on the disk, and nothing is appended any more
}

// Aborted is a transaction that was given up: records of this producer from
// First to Last are not for those who read what is committed.
type Aborted struct {
	Producer    int64
	First, Last int64 // Last is the offset of the marker
}

// Producer is what is known of one that has an id, for DescribeProducers and
// for inspectors.
type Producer struct {
	ID               int64
	Epoch            int16
	LastSequence     int32 // -1: none yet in this epoch
	LastTimestamp    int64 // ms
	CoordinatorEpoch int32 // of the last marker; -1: none
	TxnStart         int64 // the first offset of its transaction that is open; -1: none
}

// Duplicate is Append's error for a batch that is in the log already: its
// producer tried again. It is answered like a success, with these offsets.
type Duplicate struct {
	First, Last int64
}

func (d *Duplicate) Error() string {
	return fmt.Sprintf("these records are in the log already, from %d to %d", d.First, d.Last)
}

// Configure changes the configuration, from the next call on.
func (l *Log) Configure(c Config) { l.config = c.withDefaults() }

// Start is the log start offset: nothing before it can be read.
func (l *Log) Start() int64 { return l.start }

// End is the log end offset: the next record's.
func (l *Log) End() int64 { return l.end }

// ReadyAt is when the disk is done with what Open had to read: a broker that
// starts is not ready before.
func (l *Log) ReadyAt() int64 { return l.readyAt }

func (l *Log) last() *segment { return l.segments[len(l.segments)-1] }

// Append is the leader's: it gives the batches the next offsets and the
// epoch, and copies them to the log. The errors are kerr's, but for
// *Duplicate, and nothing was appended, but for what KafkaStorageError says:
//
//   - CorruptMessage, UnsupportedForMessageFormat, MessageTooLarge: no batch, or one too big
//   - InvalidRecord: the counts of a batch are wrong, or a record has no key where the log is compacted
//   - OutOfOrderSequenceNumber: batches of this producer are missing before it
//   - InvalidProducerEpoch: a later producer has the same id
//   - TransactionCoordinatorFenced: a marker of an old coordinator
//   - InvalidTxnState: data outside of a transaction while one is open
//   - PolicyViolation: too many transactions are open
//   - KafkaStorageError: the disk's; of several segments' worth some may be appended
//
// Control batches are taken too: that a client may not send one is for the
// broker to see. Compressed records are not unpacked, unless the log is compacted.
func (l *Log) Append(now int64, batches []byte, epoch int32) (first, last int64, err error) {
	l.settle(now)
	if err := l.parse(batches); err != nil {
		return 0, 0, err
	}
	if err := l.judge(batches); err != nil {
		return 0, 0, err
	}
	l.buffer = append(l.buffer[:0], batches...)
	next, at := l.end, 0
	for i := range l.headers {
		h := &l.headers[i]
		batch.SetOffset(l.buffer[at:], next, epoch)
		h.BaseOffset, h.LeaderEpoch = next, epoch
		next = h.Next()
		at += h.Bytes
	}
	first = l.end
	if err := l.write(now, l.buffer); err != nil {
		return 0, 0, err
	}
	return first, l.end - 1, nil
}

// Replicate is the follower's: it appends batches with the offsets and epochs
// that the leader gave them. They must begin at or behind End (compaction
// leaves gaps); OffsetOutOfRange if not. The producers are not judged again. A
// follower that begins at the leader's log start offset may be given a batch
// that begins before.
func (l *Log) Replicate(now int64, batches []byte) error {
	l.settle(now)
	if err := l.parse(batches); err != nil {
		return err
	}
	if h := &l.headers[0]; h.BaseOffset < l.end && h.LastOffset() >= l.end && l.Bytes() == 0 && h.BaseOffset >= 0 {
		start := l.start
		if err := l.ResetTo(now, h.BaseOffset); err != nil {
			return err
		}
		l.start = start
	}
	next := l.end
	for i := range l.headers {
		h := &l.headers[i]
		if !follows(h, next) {
			return kerr.OffsetOutOfRange
		}
		next = h.Next()
	}
	return l.write(now, batches)
}

// follows reports whether a batch may come when the next offset is next: in
// order, and with a gap no larger than compaction leaves.
func follows(h *batch.Header, next int64) bool {
	return h.BaseOffset >= next && h.BaseOffset-next <= math.MaxInt32 && h.LastOffset() <= maxOffset
}

// parse checks each of the batches, into l.headers.
func (l *Log) parse(batches []byte) error {
	l.headers = l.headers[:0]
	for rest := batches; len(rest) > 0 || len(l.headers) == 0; {
		h, size, err := batch.Parse(rest)
		switch {
		case errors.Is(err, batch.ErrOldFormat):
			return kerr.UnsupportedForMessageFormat
		case errors.Is(err, batch.ErrShort), errors.Is(err, batch.ErrCorrupt):
			return kerr.CorruptMessage
		case err != nil:
			return kerr.InvalidRecord
		}
		l.headers = append(l.headers, h)
		rest = rest[size:]
	}
	return nil
}

// write appends batches whose headers are in l.headers.
func (l *Log) write(now int64, batches []byte) error {
	for headers := l.headers; len(headers) > 0; {
		s := l.last()
		if s.bytes > 0 && now-s.bornAt >= l.config.SegmentMicros {
			if err := l.roll(now); err != nil {
				return err
			}
			continue
		}
		count, size := 0, int64(0)
		for i := range headers {
			if h := &headers[i]; s.fits(size, int64(h.Bytes), h.LastOffset(), l.config.SegmentBytes) {
				count, size = count+1, size+int64(h.Bytes)
			} else {
				break
			}
		}
		if count == 0 {
			if err := l.roll(now); err != nil {
				return err
			}
			continue
		}
		at, err := l.disk.Append(now, s.file, batches[:size])
		if err != nil {
			return kerr.KafkaStorageError
		}
		if s.bytes == 0 {
			s.bornAt = now
		}
		for i := range headers[:count] {
			h := &headers[i]
			s.add(l.config.IndexIntervalBytes, h)
			l.track(h, batches[:h.Bytes])
			batches = batches[h.Bytes:]
		}
		headers = headers[count:]
		l.noteWritten(now, at)
	}
	return nil
}

// Bytes is the size of all segments.
func (l *Log) Bytes() (total int64) {
	for _, s := range l.segments {
		total += s.bytes
	}
	return total
}

// Segments lists the segments, in order.
func (l *Log) Segments() []Segment {
	list := make([]Segment, len(l.segments))
	for i, s := range l.segments {
		list[i] = Segment{s.base, s.next, s.bytes, s.batches, s.latest.timestamp, s.state == sealed}
	}
	return list
}
