package batch

import (
	"encoding/binary"
	"math/bits"

	"grapevine/protocols/kafka/compress"
)

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
	ProducerEpoch int16 // -1 without a producer id
	BaseSequence  int32 // -1 without a producer id
	Transactional bool
	Control       bool
	BaseOffset    int64 // 0 from a producer
	LeaderEpoch   int32 // -1 from a producer
	// Packer keeps the tables of compression, up to 1 MB, for many Builders;
	// nil: the Builder has its own.
	Packer *compress.Packer
}

// NoProducer are the options of a plain producer's batch, uncompressed.
var NoProducer = Options{ProducerID: -1, ProducerEpoch: -1, BaseSequence: -1, LeaderEpoch: -1}

func (o Options) attributes() Attributes {
	a := Attributes(o.Codec) & codecMask
	if o.Transactional {
		a |= transactional
	}
	if o.Control {
		a |= control
	}
	return a
}

// Builder collects the records of one batch after the other. It copies what it
// is given, and encodes it once. Its zero value is ready.
type Builder struct {
	records []byte // encoded, of all that were added
	count   int32
	next    int32 // the lowest offset delta that the next record may have
	first   int64 // timestamps, milliseconds
	latest  int64
	packer  compress.Packer
}

// Add appends a record with a timestamp in milliseconds since 1970, at the
// offset that follows the last one's.
func (b *Builder) Add(timestamp int64, key, value []byte, headers []RecordHeader) {
	b.AddAt(b.next, timestamp, key, value, headers)
}

// AddAt is Add for a record at a place of its own, as compaction leaves them:
// offsetDelta must be above that of the record before.
func (b *Builder) AddAt(offsetDelta int32, timestamp int64, key, value []byte, headers []RecordHeader) {
	if offsetDelta < b.next {
		panic("batch: offset deltas must grow")
	}
	if b.count == 0 {
		b.first, b.latest = timestamp, timestamp
	}
	b.latest = max(b.latest, timestamp)
	b.next = offsetDelta + 1
	b.count++
	delta := timestamp - b.first
	dst := binary.AppendVarint(b.records, int64(bodyBytes(offsetDelta, delta, key, value, headers)))
	dst = append(dst, 0) // attributes: none are known
	dst = binary.AppendVarint(dst, delta)
	dst = binary.AppendVarint(dst, int64(offsetDelta))
	dst = appendBytes(dst, key)
	dst = appendBytes(dst, value)
	dst = binary.AppendVarint(dst, int64(len(headers)))
	for i := range headers {
		dst = binary.AppendVarint(dst, int64(len(headers[i].Key)))
		dst = append(dst, headers[i].Key...)
		dst = appendBytes(dst, headers[i].Value)
	}
	b.records = dst
}

// Count is how many records were added since the last Append or Reset.
func (b *Builder) Count() int { return int(b.count) }

// Bytes is how large the batch is without compression, header included.
func (b *Builder) Bytes() int { return HeaderBytes + len(b.records) }

// Append appends the batch to dst, and makes the Builder empty. The records
// are compressed even where that makes them larger: the topic's settings and
// the consumers may count on it.
func (b *Builder) Append(dst []byte, o Options) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, HeaderBytes)...)
	switch {
	case o.Codec == None:
		dst = append(dst, b.records...)
	case o.Packer != nil:
		dst = o.Packer.Pack(dst, o.Codec, b.records)
	default:
		dst = b.packer.Pack(dst, o.Codec, b.records)
	}
	b.finish(dst[start:], o)
	b.Reset()
	return dst
}

// finish writes the header of the batch, which is there but for it.
func (b *Builder) finish(h []byte, o Options) {
	SetOffset(h, o.BaseOffset, o.LeaderEpoch)
	binary.BigEndian.PutUint32(h[lengthAt:], uint32(len(h)-beforeLength))
	h[magicAt] = 2
	binary.BigEndian.PutUint16(h[attributesAt:], uint16(o.attributes()))
	binary.BigEndian.PutUint32(h[lastOffsetDeltaAt:], uint32(max(b.next-1, 0)))
	binary.BigEndian.PutUint64(h[firstTimestampAt:], uint64(b.first))
	binary.BigEndian.PutUint64(h[maxTimestampAt:], uint64(b.latest))
	binary.BigEndian.PutUint64(h[producerIDAt:], uint64(o.ProducerID))
	binary.BigEndian.PutUint16(h[producerEpochAt:], uint16(o.ProducerEpoch))
	binary.BigEndian.PutUint32(h[baseSequenceAt:], uint32(o.BaseSequence))
	binary.BigEndian.PutUint32(h[recordsAt:], uint32(b.count))
	setCRC(h)
}

// Reset forgets the records.
func (b *Builder) Reset() {
	b.records = b.records[:0]
	b.count, b.next, b.first, b.latest = 0, 0, 0, 0
}

// RecordBytes is the most that a record adds to a batch without compression:
// to see whether it fits before it is added.
func RecordBytes(key, value []byte, headers []RecordHeader) int {
	const head = 5 + 1 + 10 + 5 // length, attributes, timestamp, offset
	return head + contentBytes(key, value, headers)
}

// bodyBytes is the size of a record, without the length before it.
func bodyBytes(offsetDelta int32, timestampDelta int64, key, value []byte, headers []RecordHeader) int {
	return 1 + varintBytes(timestampDelta) + varintBytes(int64(offsetDelta)) + contentBytes(key, value, headers)
}

func contentBytes(key, value []byte, headers []RecordHeader) int {
	n := bytesBytes(key) + bytesBytes(value) + varintBytes(int64(len(headers)))
	for i := range headers {
		n += varintBytes(int64(len(headers[i].Key))) + len(headers[i].Key) + bytesBytes(headers[i].Value)
	}
	return n
}

// bytesBytes is the size of bytes that may be null, with their length.
func bytesBytes(b []byte) int {
	if b == nil {
		return 1
	}
	return varintBytes(int64(len(b))) + len(b)
}

func varintBytes(v int64) int {
	zigzag := uint64(v)<<1 ^ uint64(v>>63)
	return (bits.Len64(zigzag|1) + 6) / 7
}

// appendBytes appends bytes that may be null, with their length, -1 for null.
func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return append(dst, 1) // -1 in zigzag
	}
	return append(binary.AppendVarint(dst, int64(len(b))), b...)
}
