package batch

// Record is one record of a batch. A nil Key or Value is null, which is not
// the same as empty: a null value deletes the key in a compacted topic.
type Record struct {
	OffsetDelta    int32 // offset minus the batch's base offset
	TimestampDelta int64 // timestamp minus the batch's first, milliseconds
	Key, Value     []byte
	Headers        []RecordHeader
}

// RecordHeader is a name and a value that travel with a record (KIP-82).
type RecordHeader struct {
	Key   string
	Value []byte
}

// Options say what kind of batch a Builder makes.
type Options struct {
	Codec         Codec
	ProducerID    int64 // -1 for none
	ProducerEpoch int16
	BaseSequence  int32 // -1 without a producer id
	Transactional bool
	Control       bool
	BaseOffset    int64 // 0 from a producer
	LeaderEpoch   int32 // -1 from a producer
}

// NoProducer are the options of a plain producer's batch, uncompressed.
var NoProducer = Options{ProducerID: -1, ProducerEpoch: -1, BaseSequence: -1, LeaderEpoch: -1}

// Builder collects the records of one batch after the other. It copies what it
// is given, and encodes it once. Its zero value is ready.
type Builder struct {
	records []byte // encoded, from all that Add got
	count   int32
	first   int64 // timestamps, milliseconds
	max     int64
	last    int32 // the last record's offset delta
}

// Add appends a record with a timestamp in milliseconds since 1970. Its offset
// delta is the number of records before it; use AddAt for gaps.
func (b *Builder) Add(timestamp int64, key, value []byte, headers []RecordHeader) {
	panic("not built yet")
}

// AddAt is Add for a record at a place of its own: offset deltas must grow.
func (b *Builder) AddAt(offsetDelta int32, timestamp int64, key, value []byte, headers []RecordHeader) {
	panic("not built yet")
}

// Count is how many records were added since the last Build or Reset.
func (b *Builder) Count() int { return int(b.count) }

// Bytes is how large the batch is without compression, header included.
func (b *Builder) Bytes() int { return HeaderBytes + len(b.records) }

// Append appends the batch to dst, and makes the Builder empty. A batch that
// compression would make larger is compressed all the same, as the client
// asked for it.
func (b *Builder) Append(dst []byte, o Options) []byte { panic("not built yet") }

// Reset forgets the records.
func (b *Builder) Reset() { *b = Builder{records: b.records[:0]} }

// RecordBytes is an upper bound of what a record adds to a batch without
// compression: to see whether it fits before it is added.
func RecordBytes(key, value []byte, headers []RecordHeader) int { panic("not built yet") }
