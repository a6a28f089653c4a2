package batch

import (
	"reflect"
	"testing"
)

func TestRewriteKeepsAllButRecords(t *testing.T) {
	for codec := None; codec <= Zstd; codec++ {
		var b Builder
		for i := range 4 {
			b.Add(int64(100-i), []byte{byte(i)}, []byte("value"), []RecordHeader{{"h", nil}})
		}
		whole := b.Append(nil, Options{Codec: codec, ProducerID: 7, ProducerEpoch: 2, BaseSequence: 40, Transactional: true, BaseOffset: 1000, LeaderEpoch: 3})
		want, _, _ := Parse(whole)
		records, err := Records(nil, whole, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, some := range [][]Record{records, records[1:3], nil} {
			got := Rewrite([]byte("before"), want, some)[len("before"):]
			h, size, err := Parse(got)
			if err != nil || size != len(got) {
				t.Fatalf("%v, %d records: %v, %d of %d bytes", codec, len(some), err, size, len(got))
			}
			if h.BaseOffset != 1000 || h.LeaderEpoch != 3 || h.LastOffset() != 1003 || h.LastSequence() != want.LastSequence() ||
				h.Attributes != want.Attributes || h.ProducerID != 7 || h.ProducerEpoch != 2 || int(h.Records) != len(some) {
				t.Errorf("%v, %d records: %+v", codec, len(some), h)
			}
			back, err := Records(nil, got, Limits{})
			if err != nil || len(back) != len(some) {
				t.Fatal(err, len(back))
			}
			for i := range back {
				back[i].TimestampDelta += h.FirstTimestamp - want.FirstTimestamp
				if !reflect.DeepEqual(back[i], some[i]) {
					t.Errorf("%v: got %+v, expected %+v", codec, back[i], some[i])
				}
			}
		}
		SetAppendTime(whole, 555)
		want, _, _ = Parse(whole)
		if h, _, err := Parse(Rewrite(nil, want, records[2:])); err != nil || !h.LogAppendTime() || h.MaxTimestamp != 555 {
			t.Errorf("%v: the broker's time is gone: %+v, %v", codec, h, err)
		}
	}
}
