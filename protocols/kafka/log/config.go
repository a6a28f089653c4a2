package log

import "math"

// Flush says when what was appended counts as durable.
type Flush uint8

// The ways to flush.
const (
	FlushNever Flush = iota // when the disk has taken it: the system writes it back when it likes, as Kafka has it by default
	FlushEach               // when it was synced, which begins at once; one sync at a time, for all that came meanwhile
)

// Config is how a Log behaves; it can change while it is open. The zero value
// keeps everything, in segments of Kafka's size.
type Config struct {
	SegmentBytes       int64 // the most in a segment, unless one batch is bigger; 0: 1 GiB (segment.bytes)
	SegmentMicros      int64 // the oldest that a segment gets before the next begins; 0: any age (segment.ms)
	IndexIntervalBytes int64 // bytes of batches between two entries of an index; 0: 4096 (index.interval.bytes)
	MaxBatchBytes      int   // the most in one batch; 0: 1 MiB and 12 bytes (max.message.bytes)

	RetentionBytes  int64 // segments beyond these are deleted, the oldest first; 0: any number; negative: none is kept (retention.bytes)
	RetentionMicros int64 // segments whose records are all older are deleted; 0: any age; negative: none is kept (retention.ms)
	Compact         bool  // keep the latest record of each key (cleanup.policy=compact)
	DeleteToo       bool  // with Compact: the two retentions count as well (cleanup.policy=compact,delete)
	DirtyPercent    int   // compaction waits until so much of what is sealed is new; 0: 50 (min.cleanable.dirty.ratio)
	TombstoneMicros int64 // how long a compacted log keeps a tombstone or a marker; 0: a day; negative: not at all (delete.retention.ms)

	MaxCleanKeys         int   // keys that one compaction keeps in mind, what lies behind them is for the next; 0: 1,048,576
	MaxProducers         int   // producers known at a time, beyond them the idlest is forgotten; 0: 10,000
	ProducerExpiryMicros int64 // how long an idle producer is known; 0: a day (producer.id.expiration.ms)

	Flush Flush
	// Wall tells what a client's clock showed at now, in ms since 1970:
	// retention compares it with the records' timestamps. nil: now in ms.
	Wall func(now int64) (ms int64)
}

const dayMicros = 24 * 3600 * 1_000_000

// withDefaults fills in what is 0.
func (c Config) withDefaults() Config {
	set := func(v *int64, to int64) {
		if *v <= 0 {
			*v = to
		}
	}
	set(&c.SegmentBytes, 1<<30)
	set(&c.SegmentMicros, math.MaxInt64)
	set(&c.IndexIntervalBytes, 4096)
	set(&c.ProducerExpiryMicros, dayMicros)
	orNothing := func(v *int64, to int64) {
		if *v == 0 {
			*v = to
		}
		*v = max(*v, 0)
	}
	orNothing(&c.RetentionBytes, math.MaxInt64)
	orNothing(&c.RetentionMicros, math.MaxInt64)
	orNothing(&c.TombstoneMicros, dayMicros)
	c.SegmentBytes = min(c.SegmentBytes, math.MaxInt32) // positions in an index have 4 bytes
	if c.MaxBatchBytes <= 0 {
		c.MaxBatchBytes = 1<<20 + 12
	}
	if c.DirtyPercent <= 0 {
		c.DirtyPercent = 50
	}
	if c.MaxCleanKeys <= 0 {
		c.MaxCleanKeys = 1 << 20
	}
	if c.MaxProducers <= 0 {
		c.MaxProducers = 10_000
	}
	if c.Wall == nil {
		c.Wall = func(now int64) int64 { return now / 1000 }
	}
	return c
}
