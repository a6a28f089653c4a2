package batch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"grapevine/protocols/kafka/compress"
)

// Codec is how a batch's records are compressed: the lowest three bits of its
// attributes.
type Codec = compress.Codec

const (
	None   = compress.None
	Gzip   = compress.Gzip
	Snappy = compress.Snappy
	LZ4    = compress.LZ4
	Zstd   = compress.Zstd
)

// Attributes are the bits of a batch's header that say how to read it.
type Attributes uint16

const (
	codecMask     Attributes = 7
	logAppendTime Attributes = 1 << 3
	transactional Attributes = 1 << 4
	control       Attributes = 1 << 5
)

// HeaderBytes is the size of a batch's header, its records' count included.
const HeaderBytes = 61

// The places of the header's fields.
const (
	baseOffsetAt      = 0
	lengthAt          = 8
	leaderEpochAt     = 12
	magicAt           = 16
	crcAt             = 17
	attributesAt      = 21
	lastOffsetDeltaAt = 23
	firstTimestampAt  = 27
	maxTimestampAt    = 35
	producerIDAt      = 43
	producerEpochAt   = 51
	baseSequenceAt    = 53
	recordsAt         = 57

	beforeLength = 12 // bytes that the length does not count
)

var (
	// ErrShort says that b ends within the batch: there may be more to come.
	ErrShort = errors.New("kafka: a record batch ends too early")
	// ErrOldFormat is a message set of format 0 or 1, from before Kafka 0.11.
	ErrOldFormat = errors.New("kafka: records of format 0 or 1 came, expected 2 (Kafka 0.11 and later)")
	// ErrCorrupt is a batch whose bytes do not give its CRC.
	ErrCorrupt = errors.New("kafka: a record batch's CRC-32C is not that of its bytes")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Header is what a batch says of itself.
type Header struct {
	BaseOffset      int64 // of the first record
	LeaderEpoch     int32 // of the leader that appended it, -1 before
	Attributes      Attributes
	LastOffsetDelta int32 // the last record's offset is this much above BaseOffset
	FirstTimestamp  int64 // milliseconds since 1970
	MaxTimestamp    int64 // milliseconds since 1970, the latest of the records
	ProducerID      int64 // -1: neither idempotent nor transactional
	ProducerEpoch   int16
	BaseSequence    int32 // the first record's number within the partition, wrapping to 0 after 2^31-1
	Records         int32 // how many; fewer than offsets when compacted
	Bytes           int   // the whole batch's size, header included
}

// LastOffset is that of the batch's last record.
func (h Header) LastOffset() int64 { return h.BaseOffset + int64(h.LastOffsetDelta) }

// Next is the offset of what follows the batch.
func (h Header) Next() int64 { return h.LastOffset() + 1 }

// Codec is how the records are compressed.
func (h Header) Codec() Codec { return Codec(h.Attributes & codecMask) }

// LogAppendTime reports whether the timestamps are the broker's; MaxTimestamp
// is then that of all records.
func (h Header) LogAppendTime() bool { return h.Attributes&logAppendTime != 0 }

// Transactional reports whether the batch is part of a transaction.
func (h Header) Transactional() bool { return h.Attributes&transactional != 0 }

// Control reports whether the batch holds a marker or another record of the
// brokers, which no consumer shows.
func (h Header) Control() bool { return h.Attributes&control != 0 }

// LastSequence is the last record's sequence number.
func (h Header) LastSequence() int32 { return AddSequence(h.BaseSequence, h.LastOffsetDelta) }

// AddSequence adds to a sequence number, which wraps to 0 after 2^31-1.
func AddSequence(sequence, n int32) int32 {
	return int32((int64(sequence) + int64(n)) & 0x7fff_ffff)
}

// Parse reads and checks the header of the batch that b begins with: length,
// format, counts and CRC. The next batch begins at size. The records
// themselves are not looked at.
func Parse(b []byte) (h Header, size int, err error) {
	if h, size, err = Peek(b); err != nil {
		return h, size, err
	}
	if len(b) < size {
		return h, 0, ErrShort
	}
	if crc32.Checksum(b[attributesAt:size], castagnoli) != binary.BigEndian.Uint32(b[crcAt:]) {
		return h, 0, ErrCorrupt
	}
	return h, size, nil
}

// Peek is Parse without the CRC, for bytes that were checked before; only the
// header has to be there.
func Peek(b []byte) (h Header, size int, err error) {
	if len(b) <= magicAt {
		return h, 0, ErrShort
	}
	if magic := b[magicAt]; magic < 2 {
		return h, 0, ErrOldFormat
	} else if magic > 2 {
		return h, 0, fmt.Errorf("kafka: a record batch of format %d came, expected 2", magic)
	}
	length := int64(int32(binary.BigEndian.Uint32(b[lengthAt:])))
	if length < HeaderBytes-beforeLength {
		return h, 0, fmt.Errorf("kafka: a record batch of length %d came, expected at least %d", length, HeaderBytes-beforeLength)
	}
	if len(b) < HeaderBytes {
		return h, 0, ErrShort
	}
	size = beforeLength + int(length)
	h = Header{
		BaseOffset:      int64(binary.BigEndian.Uint64(b[baseOffsetAt:])),
		LeaderEpoch:     int32(binary.BigEndian.Uint32(b[leaderEpochAt:])),
		Attributes:      Attributes(binary.BigEndian.Uint16(b[attributesAt:])),
		LastOffsetDelta: int32(binary.BigEndian.Uint32(b[lastOffsetDeltaAt:])),
		FirstTimestamp:  int64(binary.BigEndian.Uint64(b[firstTimestampAt:])),
		MaxTimestamp:    int64(binary.BigEndian.Uint64(b[maxTimestampAt:])),
		ProducerID:      int64(binary.BigEndian.Uint64(b[producerIDAt:])),
		ProducerEpoch:   int16(binary.BigEndian.Uint16(b[producerEpochAt:])),
		BaseSequence:    int32(binary.BigEndian.Uint32(b[baseSequenceAt:])),
		Records:         int32(binary.BigEndian.Uint32(b[recordsAt:])),
		Bytes:           size,
	}
	if h.Records < 0 || h.LastOffsetDelta < 0 || int64(h.Records) > int64(h.LastOffsetDelta)+1 {
		return h, 0, fmt.Errorf("kafka: a record batch claims %d records in %d offsets", h.Records, int64(h.LastOffsetDelta)+1)
	}
	return h, size, nil
}

// CheckProduced says what a broker refuses with INVALID_RECORD in a batch that
// a producer sent and Parse took: gaps in the offsets, no records, a control
// batch, a producer id without a sequence.
func (h Header) CheckProduced() error {
	switch {
	case h.Records == 0 || h.Records != h.LastOffsetDelta+1:
		return fmt.Errorf("kafka: a producer's batch has %d records in %d offsets, expected as many and at least one", h.Records, int64(h.LastOffsetDelta)+1)
	case h.Control():
		return errors.New("kafka: a control batch came from a producer, expected from brokers only")
	case h.Codec() > Zstd:
		return fmt.Errorf("kafka: a producer's batch has %v, expected none, gzip, snappy, lz4 or zstd", h.Codec())
	case h.ProducerID >= 0 && (h.ProducerEpoch < 0 || h.BaseSequence < 0):
		return fmt.Errorf("kafka: a batch of producer %d has epoch %d and sequence %d, expected 0 or more", h.ProducerID, h.ProducerEpoch, h.BaseSequence)
	case h.ProducerID < 0 && h.Transactional():
		return errors.New("kafka: a transactional batch has no producer id; InitProducerId gives one")
	}
	return nil
}

// SetOffset gives a batch its offset and its leader's epoch, in place: both lie
// outside of what the CRC covers. b is at least HeaderBytes long.
func SetOffset(b []byte, base int64, epoch int32) {
	binary.BigEndian.PutUint64(b[baseOffsetAt:], uint64(base))
	binary.BigEndian.PutUint32(b[leaderEpochAt:], uint32(epoch))
}

// SetAppendTime gives all records of a batch the broker's time, in place, and
// the batch a new CRC: what a topic with message.timestamp.type=LogAppendTime
// does. b is one whole batch that Parse took.
func SetAppendTime(b []byte, ms int64) {
	attributes := Attributes(binary.BigEndian.Uint16(b[attributesAt:])) | logAppendTime
	binary.BigEndian.PutUint16(b[attributesAt:], uint16(attributes))
	binary.BigEndian.PutUint64(b[maxTimestampAt:], uint64(ms))
	setCRC(b)
}

// setCRC puts the CRC of one whole batch into its header.
func setCRC(b []byte) {
	binary.BigEndian.PutUint32(b[crcAt:], crc32.Checksum(b[attributesAt:], castagnoli))
}
