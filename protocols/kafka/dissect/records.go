package dissect

import (
	"encoding/binary"
	"strconv"
	"strings"

	"grapevine/protocols/kafka/batch"
)

// records names a field that is record batches, which begin at content.
func (p *parts) records(name string, length, content, end int) {
	p.open(name, nil, false)
	p.leaf("length", strconv.Itoa(length), content)
	count := 0
	for p.at < end && p.batch(end) {
		count++
	}
	p.rest(end, "no record batch of format 2")
	p.stack[len(p.stack)-1].field.Value = plural(length, "byte") + ", " + batches(count)
	p.close()
}

func batches(n int) string {
	if n == 1 {
		return "1 batch"
	}
	return strconv.Itoa(n) + " batches"
}

// batchHeader are the fields of a batch's header, in the order of the protocol
// guide's "Record Batch".
var batchHeader = []struct {
	name string
	size int
}{
	{"base_offset", 8}, {"batch_length", 4}, {"partition_leader_epoch", 4}, {"magic", 1}, {"crc", 4}, {"attributes", 2},
	{"last_offset_delta", 4}, {"base_timestamp", 8}, {"max_timestamp", 8}, {"producer_id", 8}, {"producer_epoch", 2},
	{"base_sequence", 4}, {"records_count", 4},
}

// batch names the batch that begins here, all of it or what there is. It
// reports false, and names nothing, if there is none.
func (p *parts) batch(end int) bool {
	h, size, err := batch.Peek(p.b[p.at:end])
	if err != nil {
		return false
	}
	start, whole := p.at, p.at+size <= end
	stop := min(start+size, end)
	p.open("batch", nil, false)
	p.stack[len(p.stack)-1].field.Value = describe(h)
	if stop <= p.detail {
		p.at = stop
		p.close()
		return true
	}
	for _, f := range batchHeader {
		b := p.b[p.at : p.at+f.size]
		value := strconv.FormatInt(integer(b), 10)
		switch f.name {
		case "crc":
			value = strconv.FormatUint(uint64(binary.BigEndian.Uint32(b)), 16)
			if _, _, err := batch.Parse(p.b[start:stop]); err == batch.ErrCorrupt {
				value += ", which is wrong"
			}
		case "attributes":
			value = attributes(h)
		}
		p.leaf(f.name, value, p.at+f.size)
	}
	switch {
	case h.Codec() == batch.None:
		p.plain(h, stop)
	case whole:
		p.leaf("records", h.Codec().String()+", "+packed(p.b[start:stop]), stop)
	case p.at < stop:
		p.leaf("records", h.Codec().String()+", "+plural(stop-p.at, "byte")+" of them", stop)
	}
	p.close()
	return true
}

func describe(h batch.Header) string {
	value := plural(int(h.Records), "record") + " from offset " + strconv.FormatInt(h.BaseOffset, 10)
	if h.ProducerID >= 0 {
		value += ", producer " + strconv.FormatInt(h.ProducerID, 10)
	}
	return value
}

func attributes(h batch.Header) string {
	words := []string{strconv.Itoa(int(h.Attributes))}
	if h.Codec() != batch.None {
		words = append(words, h.Codec().String())
	}
	if h.LogAppendTime() {
		words = append(words, "append time")
	}
	if h.Transactional() {
		words = append(words, "transactional")
	}
	if h.Control() {
		words = append(words, "control")
	}
	return strings.Join(words, ", ")
}

// unpackLimits keep a look at a batch cheap.
var unpackLimits = batch.Limits{MaxBatchBytes: 1 << 20, MaxRecords: 10_000}

// packed says what compressed records are.
func packed(b []byte) string {
	var r batch.Reader
	r.Limits = unpackLimits
	_, raw, err := r.Unpack(b)
	if err != nil {
		return err.Error()
	}
	records, err := r.Records(nil, b)
	if err != nil {
		return err.Error()
	}
	value := plural(len(raw), "byte") + " unpacked"
	for i, record := range records {
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		if i == maxWords {
			return value + ", …"
		}
		value += separator + keyAndValue(record.Key, record.Value)
	}
	return value
}

func keyAndValue(key, value []byte) string {
	text := "null"
	if value != nil {
		text = show(value)
	}
	if key == nil {
		return text
	}
	return show(key) + "=" + text
}

// plain names the records of a batch that is not compressed, up to stop. Those
// that lie too far back are one field.
func (p *parts) plain(h batch.Header, stop int) {
	passed, from := 0, p.at
	for p.at < stop {
		n, head := binary.Varint(p.b[p.at:stop])
		if head <= 0 || n < 0 || n > int64(stop-p.at-head) {
			break
		}
		end := p.at + head + int(n)
		if end > p.detail {
			break
		}
		passed++
		p.at = end
	}
	if end := p.at; passed > 0 {
		p.at = from
		p.leaf("records", plural(passed, "record"), end)
	}
	for p.at < stop {
		p.record(h, stop)
	}
}

// record names the record that begins here, all of it or what there is.
func (p *parts) record(h batch.Header, stop int) {
	p.open("record", nil, false)
	size, ok := p.varint("length", stop)
	if ok && size > 0 && p.at < stop {
		stop = p.at + int(min(size, int64(stop-p.at)))
		p.leaf("attributes", strconv.Itoa(int(p.b[p.at])), p.at+1)
		p.content(h, stop)
	}
	p.rest(stop, "no record")
	p.close()
}

// content names a record's parts behind its attributes.
func (p *parts) content(h batch.Header, stop int) {
	if _, ok := p.varint("timestamp_delta", stop); !ok {
		return
	}
	delta, ok := p.varint("offset_delta", stop)
	if !ok {
		return
	}
	key, ok := p.bytes("key", stop)
	if !ok {
		return
	}
	value, ok := p.bytes("value", stop)
	if !ok {
		return
	}
	p.headers(stop)
	text := keyAndValue(key, value)
	if h.Control() {
		text = control(key)
	}
	p.stack[len(p.stack)-1].field.Value = "offset " + strconv.FormatInt(h.BaseOffset+delta, 10) + ": " + text
}

// headers names a record's headers.
func (p *parts) headers(stop int) {
	count, ok := p.varint("headers_count", stop)
	for range count {
		if !ok || p.at == stop {
			return
		}
		p.open("header", nil, false)
		key, ok1 := p.bytes("header_key", stop)
		value, ok2 := p.bytes("header_value", stop)
		if ok = ok1 && ok2; ok {
			p.stack[len(p.stack)-1].field.Value = keyAndValue(key, value)
		}
		p.close()
	}
}

// control says what a control record's key means (KIP-98, KIP-595).
func control(key []byte) string {
	if len(key) < 4 {
		return "control record"
	}
	switch int16(binary.BigEndian.Uint16(key[2:])) {
	case batch.ControlAbort:
		return "abort marker"
	case batch.ControlCommit:
		return "commit marker"
	case batch.ControlLeaderChange:
		return "leader change"
	}
	return "control record"
}

// varint names a number of a record.
func (p *parts) varint(name string, stop int) (int64, bool) {
	n, size := binary.Varint(p.b[p.at:stop])
	if size <= 0 {
		return 0, false
	}
	p.leaf(name, strconv.FormatInt(n, 10), p.at+size)
	return n, true
}

// bytes names bytes of a record, with their length: nil for null.
func (p *parts) bytes(name string, stop int) ([]byte, bool) {
	n, size := binary.Varint(p.b[p.at:stop])
	if size <= 0 || n < -1 || n > int64(stop-p.at-size) {
		return nil, false
	}
	if n < 0 {
		p.leaf(name, "null", p.at+size)
		return nil, true
	}
	content := p.at + size
	b := p.b[content : content+int(n)]
	p.leaf(name, show(b), content+int(n))
	return b, true
}
