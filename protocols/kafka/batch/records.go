package batch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"grapevine/protocols/kafka/compress"
)

// Limits bound what a batch may unfold to. 0 is the value of DefaultLimits.
type Limits struct {
	MaxBatchBytes int // of all records, decompressed
	MaxRecords    int
}

// DefaultLimits suit a consumer in a tab.
var DefaultLimits = Limits{MaxBatchBytes: 16 << 20, MaxRecords: 1 << 20}

// minRecordBytes is the smallest record: seven numbers of one byte each.
const minRecordBytes = 7

// maxCheckedBytes is how much memory a Reader keeps for the next Check.
const maxCheckedBytes = 2 << 20

var errRecord = errors.New("kafka: the records of a batch end too early, or go on too long")

// Reader reads records, and keeps the tables that decompression needs from
// batch to batch. Its zero value is ready.
type Reader struct {
	Limits   Limits
	unpacker compress.Unpacker
	checked  []byte // the last batch that Check has unpacked, for its memory
}

// Records is Reader.Records for a batch now and then.
func Records(dst []Record, b []byte, l Limits) ([]Record, error) {
	r := Reader{Limits: l}
	return r.Records(dst, b)
}

// Records appends the records of one whole batch, which Parse took, to dst.
// Their keys and values lie in b, or, when the batch is compressed, in memory
// of their own that is not used again. With an error, dst is as it was.
func (r *Reader) Records(dst []Record, b []byte) ([]Record, error) {
	h, rest, err := r.Unpack(b)
	if err != nil {
		return dst, err
	}
	before := len(dst)
	dst = slices.Grow(dst, int(h.Records))
	var headers []RecordHeader // of all records, one behind the other
	next := int32(0)
	for range h.Records {
		dst = append(dst, Record{})
		record := &dst[len(dst)-1]
		if rest, headers, err = readRecord(rest, record, headers); err != nil {
			return dst[:before], err
		}
		if next, err = h.follow(record, next); err != nil {
			return dst[:before], err
		}
	}
	if len(rest) > 0 {
		return dst[:before], errRecord
	}
	return dst, nil
}

// Check reads the records of one whole batch to their end, and says what is
// wrong with them: others will have to read what a broker takes.
func (r *Reader) Check(b []byte) error {
	h, rest, err := r.unpack(r.checked, b)
	if err != nil {
		return err
	}
	if h.Codec() != None && cap(rest) <= maxCheckedBytes {
		r.checked = rest
	}
	var record Record
	var headers []RecordHeader
	next := int32(0)
	for range h.Records {
		var size int
		if size, record.OffsetDelta = skim(rest); size > 0 {
			rest = rest[size:]
		} else if rest, headers, err = readRecord(rest, &record, headers[:0]); err != nil {
			return err
		}
		if next, err = h.follow(&record, next); err != nil {
			return err
		}
	}
	if len(rest) > 0 {
		return errRecord
	}
	return nil
}

// follow checks that a record's offset is next or behind it, and returns what
// is next then.
func (h *Header) follow(record *Record, next int32) (int32, error) {
	if record.OffsetDelta < next || record.OffsetDelta > h.LastOffsetDelta {
		return 0, fmt.Errorf("kafka: a record's offset is %d above its batch's, expected %d to %d", record.OffsetDelta, next, h.LastOffsetDelta)
	}
	return record.OffsetDelta + 1, nil
}

// Unpack returns the header of a whole batch and its records, encoded, after
// decompression.
func (r *Reader) Unpack(b []byte) (h Header, records []byte, err error) { return r.unpack(nil, b) }

func (r *Reader) unpack(into, b []byte) (h Header, records []byte, err error) {
	h, size, err := Peek(b)
	if err != nil {
		return h, nil, err
	}
	if len(b) < size {
		return h, nil, ErrShort
	}
	maxBytes, maxRecords := r.Limits.MaxBatchBytes, r.Limits.MaxRecords
	if maxBytes == 0 {
		maxBytes = DefaultLimits.MaxBatchBytes
	}
	if maxRecords == 0 {
		maxRecords = DefaultLimits.MaxRecords
	}
	if int(h.Records) > maxRecords {
		return h, nil, fmt.Errorf("kafka: a batch of %d records came, expected at most %d", h.Records, maxRecords)
	}
	if records = b[HeaderBytes:size:size]; h.Codec() != None {
		if records, err = r.unpacker.Unpack(into, h.Codec(), records, maxBytes); err != nil {
			return h, nil, err
		}
	} else if len(records) > maxBytes {
		return h, nil, compress.ErrTooLarge
	}
	if len(records)/minRecordBytes < int(h.Records) {
		return h, nil, errRecord
	}
	return h, records, nil
}

// readRecord reads the record that b begins with, and returns what follows it.
// Its headers are appended to those of the records before.
func readRecord(b []byte, r *Record, headers []RecordHeader) ([]byte, []RecordHeader, error) {
	size, b, ok := varint(b)
	if !ok || size < minRecordBytes-1 || size > int64(len(b)) {
		return nil, nil, errRecord
	}
	rest := b[size:]
	b = b[1:size:size] // without the attributes, of which none are known
	var offset, count int64
	if r.TimestampDelta, b, ok = varint(b); !ok {
		return nil, nil, errRecord
	}
	if offset, b, ok = varint(b); !ok || offset != int64(int32(offset)) {
		return nil, nil, errRecord
	}
	r.OffsetDelta = int32(offset)
	if r.Key, b, ok = bytesOf(b); !ok {
		return nil, nil, errRecord
	}
	if r.Value, b, ok = bytesOf(b); !ok {
		return nil, nil, errRecord
	}
	if count, b, ok = varint(b); !ok || count < 0 || count > int64(len(b)/2) {
		return nil, nil, errRecord
	}
	first := len(headers)
	for range count {
		var h RecordHeader
		var key []byte
		if key, b, ok = bytesOf(b); !ok || key == nil {
			return nil, nil, errRecord
		}
		h.Key = string(key)
		if h.Value, b, ok = bytesOf(b); !ok {
			return nil, nil, errRecord
		}
		headers = append(headers, h)
	}
	if count > 0 {
		r.Headers = headers[first:len(headers):len(headers)]
	}
	if len(b) > 0 {
		return nil, nil, errRecord
	}
	return rest, headers, nil
}

// varint reads a number.
func varint(b []byte) (int64, []byte, bool) {
	if len(b) > 1 {
		if zigzag, n := short(b, 0); zigzag <= maxShort {
			return int64(zigzag>>1) ^ -int64(zigzag&1), b[n:], true
		}
	}
	v, n := binary.Varint(b)
	if n <= 0 {
		return 0, nil, false
	}
	return v, b[n:], true
}

// bytesOf reads bytes with their length: nil for -1, null.
func bytesOf(b []byte) (value, rest []byte, ok bool) {
	n, b, ok := varint(b)
	if !ok || n < -1 || n > int64(len(b)) {
		return nil, nil, false
	}
	if n < 0 {
		return nil, b, true
	}
	return b[:n:n], b[n:], true
}

// skim is readRecord for records as most are: without headers, and without a
// number of more than two bytes. It returns the record's size and its offset
// delta; a size of 0 says that the record is of another kind, or none. It is
// there for speed: a broker reads every record that it takes.
func skim(b []byte) (size int, offsetDelta int32) {
	if len(b) < 16 {
		return 0, 0
	}
	length, at := short(b, 0)
	size = at + length>>1
	timestamp, at := short(b, at+1) // behind the attributes
	offset, at := short(b, at)
	key, at := short(b, at)
	if key == minusOne {
		key = 0
	}
	if at += key >> 1; at > len(b)-4 {
		return 0, 0
	}
	value, at := short(b, at)
	if value == minusOne {
		value = 0
	}
	at += value >> 1 // the number of headers is here, and ends the record
	if (length|timestamp|offset|key|value) > maxShort || (length|offset|key|value)&1 != 0 || at != size-1 || size > len(b) || b[at] != 0 {
		return 0, 0
	}
	return size, int32(offset >> 1)
}

// What short returns is in zigzag: twice the number, and odd below 0.
const (
	minusOne = 1 // the length of null
	maxShort = 1<<14 - 1
)

// short reads a number of one byte or two. More than maxShort says that it is
// longer.
func short(b []byte, at int) (zigzag, next int) {
	zigzag = int(b[at])
	if zigzag < 0x80 {
		return zigzag, at + 1
	}
	return zigzag&0x7f | int(b[at+1])<<7, at + 2
}
