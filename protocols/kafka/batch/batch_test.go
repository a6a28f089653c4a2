package batch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/compress"
)

var codecs = []Codec{None, Gzip, Snappy, LZ4, Zstd}

// sample is records of all kinds: null and empty, headers, times that go back.
func sample() (records []Record, times []int64) {
	const start = 1_700_000_000_000
	add := func(time int64, key, value []byte, headers ...RecordHeader) {
		records = append(records, Record{OffsetDelta: int32(len(records)), TimestampDelta: time, Key: key, Value: value, Headers: headers})
		times = append(times, start+time)
	}
	add(0, []byte("key"), []byte("value"))
	add(5, nil, []byte("no key"))
	add(-7, []byte("deleted"), nil)
	add(1000, []byte{}, []byte{}, RecordHeader{Key: "trace", Value: []byte("abc")}, RecordHeader{Key: ""}, RecordHeader{Key: "empty", Value: []byte{}})
	for i := range 50 {
		add(int64(i), fmt.Appendf(nil, "key %d", i%7), bytes.Repeat(fmt.Appendf(nil, "record %d of many ", i), i))
	}
	return records, times
}

func build(o Options) (b []byte, records []Record) {
	records, times := sample()
	var builder Builder
	for i, r := range records {
		builder.Add(times[i], r.Key, r.Value, r.Headers)
	}
	return builder.Append(nil, o), records
}

// slow is the dumb twin of Builder: kmsg's structs, one after the other.
func slow(records []Record, times []int64, o Options) []byte {
	batch := kmsg.RecordBatch{
		FirstOffset: o.BaseOffset, PartitionLeaderEpoch: o.LeaderEpoch, Magic: 2, Attributes: int16(o.attributes()),
		LastOffsetDelta: int32(len(records) - 1), FirstTimestamp: times[0], MaxTimestamp: times[0],
		ProducerID: o.ProducerID, ProducerEpoch: o.ProducerEpoch, FirstSequence: o.BaseSequence, NumRecords: int32(len(records)),
	}
	for i, r := range records {
		batch.MaxTimestamp = max(batch.MaxTimestamp, times[i])
		record := kmsg.Record{TimestampDelta64: r.TimestampDelta, OffsetDelta: r.OffsetDelta, Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			record.Headers = append(record.Headers, kmsg.Header{Key: h.Key, Value: h.Value})
		}
		body := record.AppendTo(nil)[1:] // behind a length of 0
		batch.Records = append(binary.AppendVarint(batch.Records, int64(len(body))), body...)
	}
	b := batch.AppendTo(nil)
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)-12))
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

func TestBuilderAgainstTwin(t *testing.T) {
	records, times := sample()
	for _, o := range []Options{NoProducer, {ProducerID: 7, ProducerEpoch: 2, BaseSequence: 1 << 30, Transactional: true, BaseOffset: 1 << 40, LeaderEpoch: 9}} {
		got, _ := build(o)
		want := slow(records, times, o)
		for at := range want {
			if len(got) != len(want) || got[at] != want[at] {
				t.Fatalf("%+v: %d bytes, want %d; other from byte %d on:\n%x\n%x", o, len(got), len(want), at, got[:at+1], want[:at+1])
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, c := range codecs {
		o := Options{Codec: c, ProducerID: 77, ProducerEpoch: 3, BaseSequence: 1<<31 - 2, Transactional: true, LeaderEpoch: -1}
		b, want := build(o)
		SetOffset(b, 1000, 4)
		h, size, err := Parse(append(b, "trailing"...))
		if err != nil || size != len(b) {
			t.Fatalf("%v: size %d of %d, %v", c, size, len(b), err)
		}
		wantHeader := Header{BaseOffset: 1000, LeaderEpoch: 4, Attributes: Attributes(c) | transactional, LastOffsetDelta: 53,
			FirstTimestamp: 1_700_000_000_000, MaxTimestamp: 1_700_000_001_000, ProducerID: 77, ProducerEpoch: 3, BaseSequence: 1<<31 - 2,
			Records: 54, Bytes: size}
		if h != wantHeader {
			t.Errorf("%v: got %+v\nwant %+v", c, h, wantHeader)
		}
		if h.LastOffset() != 1053 || h.Next() != 1054 || h.LastSequence() != 51 || h.Codec() != c || !h.Transactional() || h.Control() || h.LogAppendTime() {
			t.Errorf("%v: the header's meaning is wrong", c)
		}
		if err := h.CheckProduced(); err != nil {
			t.Error(err)
		}
		var r Reader
		for range 2 { // the tables are used again
			got, err := r.Records(nil, b)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%v: %v\ngot  %v\nwant %v", c, err, got, want)
			}
		}
	}
}

func TestEveryPrefixIsShort(t *testing.T) {
	b, _ := build(NoProducer)
	for cut := range b {
		if _, _, err := Parse(b[:cut]); err != ErrShort {
			t.Fatalf("%d bytes: %v", cut, err)
		}
	}
}

func TestEveryFlippedBit(t *testing.T) {
	b, _ := build(NoProducer)
	for at := crcAt; at < len(b); at++ {
		b[at] ^= 1
		if _, _, err := Parse(b); err == nil {
			t.Fatalf("a bit of byte %d is wrong, and nobody saw it", at)
		}
		b[at] ^= 1
	}
}

func TestSetAppendTime(t *testing.T) {
	b, _ := build(NoProducer)
	SetAppendTime(b, 5)
	if h, _, err := Parse(b); err != nil || !h.LogAppendTime() || h.MaxTimestamp != 5 {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestRefused(t *testing.T) {
	var old [40]byte
	if _, _, err := Parse(old[:]); err != ErrOldFormat {
		t.Error(err)
	}
	change := func(at int, to ...byte) []byte {
		b, _ := build(NoProducer)
		copy(b[at:], to)
		return b
	}
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{change(magicAt, 3), "format 3"},
		{change(lengthAt, 0, 0, 0, 48), "length 48"},
		{change(lengthAt, 0xff), "length -"},
		{change(recordsAt, 0xff), "claims"},
		{change(lastOffsetDeltaAt, 0xff), "claims"},
		{change(recordsAt, 1), "claims"},
		{change(crcAt, 1), "CRC"},
	} {
		if _, _, err := Parse(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, expected %q", err, c.want)
		}
	}
	for _, o := range []Options{
		{Control: true, ProducerID: -1}, {ProducerID: 1, BaseSequence: -1}, {ProducerID: -1, Transactional: true}, {Codec: 5, ProducerID: -1},
	} {
		var builder Builder
		builder.Add(1, nil, nil, nil)
		if h, _, err := Parse(builder.Append(nil, o)); err != nil || h.CheckProduced() == nil {
			t.Errorf("%+v: %v, and a broker takes it", o, err)
		}
	}
	var builder Builder
	builder.AddAt(3, 1, nil, nil, nil)
	if h, _, err := Parse(builder.Append(nil, NoProducer)); err != nil || h.CheckProduced() == nil {
		t.Errorf("%v, and a broker takes a gap", err)
	}
}

func TestGapsAndNothing(t *testing.T) {
	var b Builder
	b.AddAt(3, 10, []byte("a"), nil, nil)
	b.AddAt(9, 11, []byte("b"), nil, nil)
	records, err := Records(nil, b.Append(nil, NoProducer), Limits{})
	if err != nil || len(records) != 2 || records[0].OffsetDelta != 3 || records[1].OffsetDelta != 9 {
		t.Errorf("%v %v", records, err)
	}
	empty := b.Append(nil, NoProducer)
	h, _, err := Parse(empty)
	if records, err2 := Records(nil, empty, Limits{}); err != nil || err2 != nil || len(records) != 0 || h.LastOffsetDelta != 0 {
		t.Errorf("%v %v %v", records, err, err2)
	}
}

func TestSizes(t *testing.T) {
	records, times := sample()
	var b Builder
	for i, r := range records {
		before := b.Bytes()
		b.Add(times[i], r.Key, r.Value, r.Headers)
		if got, most := b.Bytes()-before, RecordBytes(r.Key, r.Value, r.Headers); got > most || got+18 < most {
			t.Errorf("record %d takes %d bytes, RecordBytes says %d", i, got, most)
		}
	}
	if size := b.Bytes(); size != len(b.Append(nil, NoProducer)) {
		t.Errorf("Bytes says %d", size)
	}
}

func TestLimits(t *testing.T) {
	for _, c := range codecs {
		b, records := build(Options{Codec: c, ProducerID: -1, BaseSequence: -1})
		_, raw, err := new(Reader).Unpack(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Records(nil, b, Limits{MaxBatchBytes: len(raw), MaxRecords: len(records)}); err != nil {
			t.Errorf("%v: exactly the limits: %v", c, err)
		}
		if _, err := Records(nil, b, Limits{MaxBatchBytes: len(raw) - 1}); !errors.Is(err, compress.ErrTooLarge) {
			t.Errorf("%v: one byte less: %v", c, err)
		}
		if _, err := Records(nil, b, Limits{MaxRecords: len(records) - 1}); err == nil {
			t.Errorf("%v: one record less is not refused", c)
		}
	}
}

func TestMarkers(t *testing.T) {
	for _, want := range []Marker{{Commit: true, CoordinatorEpoch: 5}, {CoordinatorEpoch: 1 << 20}} {
		b := AppendMarker(nil, want, 9, 2, 1234)
		h, _, err := Parse(b)
		if err != nil || !h.Control() || !h.Transactional() || h.ProducerID != 9 || h.ProducerEpoch != 2 || h.Records != 1 {
			t.Errorf("%+v %v", h, err)
		}
		if got, ok := ParseMarker(b); !ok || got != want {
			t.Errorf("got %v %v, want %v", got, ok, want)
		}
		records, _ := Records(nil, b, Limits{})
		var key kmsg.ControlRecordKey
		var value kmsg.EndTxnMarker
		if key.ReadFrom(records[0].Key) != nil || value.ReadFrom(records[0].Value) != nil ||
			(key.Type == kmsg.ControlRecordKeyTypeCommit) != want.Commit || value.CoordinatorEpoch != want.CoordinatorEpoch {
			t.Errorf("kmsg reads %v and %v", key, value)
		}
	}
	leader := AppendControl(nil, ControlLeaderChange, []byte{0, 0}, 1, NoProducer)
	if kind, value, ok := ParseControl(leader); !ok || kind != ControlLeaderChange || len(value) != 2 {
		t.Error("a leader change is not read back")
	}
	if _, ok := ParseMarker(leader); ok {
		t.Error("a leader change is taken for a marker")
	}
	plain, _ := build(NoProducer)
	if _, ok := ParseMarker(plain); ok {
		t.Error("a plain batch is taken for a marker")
	}
}

func TestSequencesWrap(t *testing.T) {
	for _, c := range [][3]int32{{0, 1, 1}, {1<<31 - 1, 1, 0}, {1<<31 - 1, 2, 1}, {1<<31 - 5, 4, 1<<31 - 1}} {
		if got := AddSequence(c[0], c[1]); got != c[2] {
			t.Errorf("%d + %d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

// TestSkimAgainstReadRecord gives both records that are nearly right: numbers of
// one to three bytes, lengths of what skim may take for one, sizes that are one
// off or negative, an end that comes early.
func TestSkimAgainstReadRecord(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	digits := []byte{0, 0, 1, 2, 2, 3, 4, 0x7e}
	var b []byte
	number := func() int64 {
		at := len(b)
		for range luck.IntN(3) {
			b = append(b, 0x80|digits[luck.IntN(len(digits))])
		}
		b = append(b, digits[luck.IntN(len(digits))])
		v, n := binary.Varint(b[at:])
		if n > 2 && luck.IntN(2) == 0 {
			skims, _ := short(b, at)
			return int64(skims>>1) - 1 // the third byte is taken for one of the value
		}
		return v
	}
	skimmed, refused := 0, 0
	for range 200_000 {
		b = append(b[:0], byte(luck.IntN(2))) // attributes
		number()                              // timestamp
		number()                              // offset
		for range 2 {                         // key and value
			b = append(b, make([]byte, max(0, min(number(), 20_000)))...)
		}
		b = append(b, byte(luck.IntN(8)/7)) // headers
		size := int64(len(b) + (luck.IntN(3)-1)*luck.IntN(2))
		if luck.IntN(8) == 0 {
			size = ^size
		}
		b = append(binary.AppendVarint(nil, size), b...)
		b = append(b, make([]byte, 20)...)[:len(b)-1+luck.IntN(22)]
		if luck.IntN(8) == 0 {
			b = b[:luck.IntN(min(20, len(b)))]
		}

		skims, offset := skim(b)
		var record Record
		rest, _, err := readRecord(b, &record, nil)
		switch {
		case skims == 0 && err != nil:
			refused++
		case skims > 0 && (err != nil || len(b)-len(rest) != skims || record.OffsetDelta != offset):
			t.Fatalf("skim says %d bytes, offset %d of %.40x, readRecord %d bytes, offset %d, %v", skims, offset, b, len(b)-len(rest), record.OffsetDelta, err)
		case skims > 0:
			skimmed++
		}
	}
	if skimmed < 5000 || refused < 5000 {
		t.Errorf("%d were skimmed and %d refused, expected thousands", skimmed, refused)
	}
}

func FuzzRecords(f *testing.F) {
	for _, c := range codecs {
		var b Builder
		b.Add(5, nil, []byte("value"), nil)
		b.Add(7, []byte("key"), nil, []RecordHeader{{Key: "k", Value: []byte("v")}})
		f.Add(b.Append(nil, Options{Codec: c, ProducerID: 1}))
	}
	f.Add(AppendMarker(nil, Marker{Commit: true}, 1, 1, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, size, err := Parse(b)
		if size > len(b) || err == nil && size < HeaderBytes {
			t.Fatalf("size %d of %d", size, len(b))
		}
		// Wrong bytes behind a right CRC are the ones to fear.
		if _, n, e := Peek(b); e == nil && n <= len(b) {
			setCRC(b[:n])
			if _, _, err := Parse(b); err != nil {
				t.Fatal(err)
			}
		}
		reader := Reader{Limits: Limits{MaxBatchBytes: 1 << 16, MaxRecords: 1000}}
		records, err := reader.Records(nil, b)
		if checked := reader.Check(b); (checked == nil) != (err == nil) {
			t.Errorf("Check says %v, Records %v", checked, err)
		}
		if err != nil {
			if len(records) > 0 {
				t.Error("records and an error")
			}
			return
		}
		h, _, _ := Peek(b)
		if len(records) != int(h.Records) {
			t.Errorf("%d records, %d promised", len(records), h.Records)
		}
		var builder Builder
		for _, r := range records {
			builder.AddAt(r.OffsetDelta, r.TimestampDelta, r.Key, r.Value, r.Headers)
		}
		ParseMarker(b)
	})
}

// hundred is a builder's work: 160 records of 100 bytes.
func hundred(b *Builder, value []byte) {
	for i := range 160 {
		b.Add(1_700_000_000_000+int64(i), nil, value, nil)
	}
}

func BenchmarkBuild(b *testing.B) {
	value := bytes.Repeat([]byte("v"), 100)
	for _, c := range codecs {
		b.Run(c.String(), func(b *testing.B) {
			var builder Builder
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				hundred(&builder, value)
				dst = builder.Append(dst[:0], Options{Codec: c, ProducerID: -1})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/160, "ns/record")
		})
	}
}

func BenchmarkRecords(b *testing.B) {
	for _, c := range codecs {
		b.Run(c.String(), func(b *testing.B) {
			var builder Builder
			for i := range 160 {
				builder.Add(int64(i), nil, bytes.Repeat(fmt.Appendf(nil, "%d", i%10), 100), nil)
			}
			packed := builder.Append(nil, Options{Codec: c, ProducerID: -1})
			var r Reader
			var records []Record
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Parse(packed); err != nil {
					b.Fatal(err)
				}
				var err error
				if records, err = r.Records(records[:0], packed); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/160, "ns/record")
		})
	}
}

func TestNoAllocationPerRecord(t *testing.T) {
	var builder Builder
	var r Reader
	var dst []byte
	var records []Record
	value := bytes.Repeat([]byte("v"), 100)
	allocations := testing.AllocsPerRun(20, func() {
		hundred(&builder, value)
		dst = builder.Append(dst[:0], NoProducer)
		records, _ = r.Records(records[:0], dst)
	})
	if allocations > 0 {
		t.Errorf("%v allocations for a batch built and read, expected none", allocations)
	}
}
