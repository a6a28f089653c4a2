package log

import "fmt"

// Log is one partition's log. Its offsets run from Start to End, with gaps
// where compaction took records out.
type Log struct {
	disk   Disk
	dir    string
	config Config
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

// Open opens the log in dir and recovers what a crash has left: bytes behind
// the last whole batch are cut off, indexes that are missing or wrong are made
// anew. Its error is the disk's.
func Open(now int64, d Disk, dir string, c Config) (*Log, error) { panic("not built yet") }

// Configure changes the configuration, from the next call on.
func (l *Log) Configure(c Config) { panic("not built yet") }

// Start is the log start offset: nothing before it can be read.
func (l *Log) Start() int64 { panic("not built yet") }

// End is the log end offset: the next record's.
func (l *Log) End() int64 { panic("not built yet") }

// Durable is the end of what counts as durable: End with FlushNever. It never
// goes back but by TruncateTo and ResetTo.
func (l *Log) Durable(now int64) int64 { panic("not built yet") }

// Deadline is when Durable will move next; math.MaxInt64: not before another Append.
func (l *Log) Deadline() int64 { panic("not built yet") }

// Append is the leader's: it gives the batches the next offsets and the
// epoch, and copies them to the log: all or, with an error, none. The errors
// are kerr's, but for *Duplicate:
//
//   - CorruptMessage, UnsupportedForMessageFormat, MessageTooLarge: no batch, or one too big
//   - InvalidRecord: a record without a key where the log is compacted
//   - OutOfOrderSequenceNumber: batches of this producer are missing before it
//   - InvalidProducerEpoch: a later producer has the same id
//   - TransactionCoordinatorFenced: a marker of an old coordinator
//   - InvalidTxnState: data outside of a transaction while one is open
//   - KafkaStorageError: the disk's
func (l *Log) Append(now int64, batches []byte, epoch int32) (first, last int64, err error) {
	panic("not built yet")
}

// Replicate is the follower's: it appends batches with the offsets and epochs
// that the leader gave them. They must begin at or behind End (compaction
// leaves gaps); OffsetOutOfRange if not. The producers are not judged again.
func (l *Log) Replicate(now int64, batches []byte) error { panic("not built yet") }

// Read returns whole batches from the one that holds offset from on, up to
// maxBytes but always the first, and only those that end below the offset
// below. It returns nothing at from == End or when below is reached. at is
// when the disk is done. OffsetOutOfRange: from is not within Start to End.
// The bytes are the caller's.
func (l *Log) Read(now, from int64, maxBytes int, below int64) (batches []byte, at int64, err error) {
	panic("not built yet")
}

// OffsetForTime finds the first record with a timestamp of at least ms; false:
// there is none.
func (l *Log) OffsetForTime(now, ms int64) (offset, timestamp int64, ok bool) {
	panic("not built yet")
}

// MaxTimestamp finds the first record with the latest timestamp; false: the
// log is empty.
func (l *Log) MaxTimestamp(now int64) (offset, timestamp int64, ok bool) { panic("not built yet") }

// Epochs lists the leader epochs, in order. The caller must not change it.
func (l *Log) Epochs() []Epoch { panic("not built yet") }

// BeginEpoch says that what a leader appends from now on is of this epoch, so
// that its followers can ask about it before there is a batch of it. It has no
// effect for an epoch that is not later than the latest.
func (l *Log) BeginEpoch(epoch int32) { panic("not built yet") }

// LatestEpoch is the last of Epochs; -1: there is none.
func (l *Log) LatestEpoch() int32 { panic("not built yet") }

// EndOffsetFor finds the latest epoch here that is not later than this one,
// and where it ends: the start of the next, or End (KIP-101, KIP-279). It is
// -1, -1 when there is none, or when epoch is later than the latest.
func (l *Log) EndOffsetFor(epoch int32) (int32, int64) { panic("not built yet") }

// TruncateTo takes back everything from offset on; the whole batch, if offset
// lies within one. It returns the new End.
func (l *Log) TruncateTo(now, offset int64) (end int64, err error) { panic("not built yet") }

// ResetTo empties the log and lets it begin at offset: for a follower that is
// so far behind that its leader has deleted what it would need, or for one
// that was given a snapshot.
func (l *Log) ResetTo(now, offset int64) error { panic("not built yet") }

// DeleteBefore moves Start forward to offset and deletes the segments that
// lie before it. It is OffsetOutOfRange beyond End.
func (l *Log) DeleteBefore(now, offset int64) error { panic("not built yet") }

// Retain deletes the segments that are beyond the retention of the
// configuration and below the high watermark, and forgets producers that were
// idle for too long. It reports whether Start moved. To be called now and
// then: Kafka does every 5 minutes.
func (l *Log) Retain(now, highWatermark int64) (moved bool, err error) { panic("not built yet") }

// Compact begins to compact the sealed segments below the high watermark, if
// the configuration says so: of records with the same key the latest stays,
// with its offset; records of aborted transactions go; tombstones and markers
// go when they are old enough. It reports whether there was anything to do.
// To be called now and then: Kafka's cleaner looks every 15 seconds.
func (l *Log) Compact(now, highWatermark int64) (any bool, err error) { panic("not built yet") }

// LastStable is the last stable offset: no transaction is undecided below it,
// neither open here nor decided by a marker that is not below the high
// watermark (KIP-98).
func (l *Log) LastStable(highWatermark int64) int64 { panic("not built yet") }

// Aborted lists the aborted transactions that touch the offsets from up to,
// but not including, to; in the order of their markers.
func (l *Log) Aborted(from, to int64) []Aborted { panic("not built yet") }

// Producers lists what is known of producers, by id.
func (l *Log) Producers() []Producer { panic("not built yet") }

// Bytes is the size of all segments.
func (l *Log) Bytes() int64 { panic("not built yet") }

// Segments lists the segments, in order.
func (l *Log) Segments() []Segment { panic("not built yet") }
