package log

import (
	"flag"
	"fmt"
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/prototest"
	"math"
	"slices"
	"testing"
)

var seeds = flag.Int("seeds", 20, "how many random histories with compaction")

// replay is what one who reads all that is committed, from Start to End, knows
// at last: the latest value of each key, and which offsets told it.
func replay(t *testing.T, l *Log, now int64) (values map[string]string, offsets map[string][]int64) {
	values, offsets = map[string]string{}, map[string][]int64{}
	aborted := l.Aborted(l.Start(), l.End())
	for from := l.Start(); from < l.End(); {
		b, _, err := l.Read(now, from, 1<<20, math.MaxInt64)
		if err != nil || len(b) == 0 {
			t.Fatalf("read from %d of %d: %d bytes, %v", from, l.End(), len(b), err)
		}
		for len(b) > 0 {
			h, size, err := batch.Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			gone := h.Transactional() && slices.ContainsFunc(aborted, func(a Aborted) bool {
				return a.Producer == h.ProducerID && a.First <= h.BaseOffset && h.BaseOffset < a.Last
			})
			records, err := batch.Records(nil, b[:size], batch.DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				if h.Control() || gone {
					continue
				}
				key := string(r.Key)
				offsets[key] = append(offsets[key], h.BaseOffset+int64(r.OffsetDelta))
				if values[key] = string(r.Value); r.Value == nil {
					delete(values, key)
				}
			}
			from, b = h.Next(), b[size:]
		}
	}
	return values, offsets
}

func keyedBatch(r *prototest.Rand, ms int64, o batch.Options) []byte {
	var b batch.Builder
	o.Codec = batch.Codec(r.Below(5) * (r.Below(8) / 7))
	for range 1 + r.Below(4) {
		value := fmt.Appendf(nil, "%d", r.Below(1000))
		if r.Below(4) == 0 {
			value = nil
		}
		b.Add(ms, fmt.Appendf(nil, "key %d", r.Below(1+r.Below(400))), value, nil)
	}
	return b.Append(nil, o)
}

// TestCompactionKeepsWhatReadersLearn: whatever is written, compacted and
// lost in crashes, a reader of the whole log ends with the same values.
func TestCompactionKeepsWhatReadersLearn(t *testing.T) {
	compactions, merged := 0, false
	for seed := range uint64(*seeds) {
		r := prototest.NewRand(seed)
		d := &slow{Memory: NewMemory(), delay: int64(r.Below(2) * 40_000), left: -1}
		c := Config{SegmentBytes: int64(300 + r.Below(1000)), IndexIntervalBytes: 100, Compact: true, DirtyPercent: 1 + r.Below(50),
			Flush: FlushEach, TombstoneMicros: int64(r.Below(2) * 500_000), ProducerExpiryMicros: 1 << 60, MaxCleanKeys: r.Below(2) * (1 + r.Below(60))}
		open := func(now int64) *Log {
			l, err := Open(now, d, "__consumer_offsets-3", c)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		now := int64(5_000_000)
		l := open(now)
		for range 200 {
			now += int64(r.Below(20_000))
			o := batch.NoProducer
			if r.Below(2) == 0 {
				o.ProducerID, o.ProducerEpoch, o.Transactional = int64(1+r.Below(3)), 0, true
				o.BaseSequence = 0
				for _, p := range l.Producers() {
					if p.ID == o.ProducerID {
						o.BaseSequence = p.LastSequence + 1
					}
				}
			}
			b := keyedBatch(r, now/1000, o)
			if o.ProducerID > 0 && r.Below(3) == 0 {
				b = batch.AppendMarker(nil, batch.Marker{Commit: r.Below(2) == 0}, o.ProducerID, 0, now/1000)
			}
			if _, _, err := l.Append(now, b, 1); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if r.Below(8) > 0 {
				continue
			}
			for range 3 { // until all is durable
				now += 41_000
				l.Durable(now)
			}
			values, _ := replay(t, l, now)
			producers, end, stable, segments := l.Producers(), l.End(), l.LastStable(l.End()), len(l.Segments())
			begun, err := l.Compact(now, l.End())
			if err != nil {
				t.Fatal(err)
			}
			if begun {
				compactions++
			}
			how := "compacted"
			if now += int64(r.Below(60_000)); r.Below(2) == 0 {
				how = "compacted and crashed"
				if d.left = r.Below(12); d.left > 0 { // in the middle of replacing
					l.Durable(now)
				}
				d.crash(now, r)
				l = open(now)
			} else {
				l.Durable(now)
			}
			merged = merged || len(l.Segments()) < segments
			after, _ := replay(t, l, now)
			if fmt.Sprint(after) != fmt.Sprint(values) || l.End() != end || l.LastStable(l.End()) != stable {
				t.Fatalf("seed %d, %s: readers of %d (stable %d) know\n%v, before of %d (%d)\n%v", seed, how, l.End(), l.LastStable(l.End()), after, end, stable, values)
			}
			for i, p := range l.Producers() { // coordinators' epochs go with their markers
				if want := producers[i]; p.ID != want.ID || p.Epoch != want.Epoch || p.LastSequence != want.LastSequence || p.TxnStart != want.TxnStart {
					t.Fatalf("seed %d, %s: producer %+v, expected %+v", seed, how, p, want)
				}
			}
		}
	}
	if compactions < 30 || !merged {
		t.Errorf("%d compactions, merged %v", compactions, merged)
	}
}

// TestCompactionLeavesOneRecordAKey looks at what a compaction is for.
func TestCompactionLeavesOneRecordAKey(t *testing.T) {
	wall := int64(1_000_000)
	c := Config{SegmentBytes: 1000, Compact: true, Wall: func(int64) int64 { return wall }}
	l, err := Open(0, NewMemory(), "t", c)
	if err != nil {
		t.Fatal(err)
	}
	var b batch.Builder
	put := func(key, value string) {
		var v []byte
		if value != "" {
			v = []byte(value)
		}
		b.Add(wall, []byte(key), v, nil)
		if _, _, err := l.Append(0, b.Append(nil, batch.NoProducer), 0); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		put("a", fmt.Sprint(i))
		put("b", fmt.Sprint(i))
		put(fmt.Sprint("c", i%3), "")
	}
	compact := func() map[string][]int64 {
		t.Helper()
		if begun, err := l.Compact(0, l.End()); err != nil || !begun {
			t.Fatal(begun, err)
		}
		_, offsets := replay(t, l, 0)
		active := l.last().base
		for key, list := range offsets {
			offsets[key] = slices.DeleteFunc(list, func(o int64) bool { return o >= active })
		}
		return offsets
	}
	before := l.Bytes()
	offsets := compact()
	if again, err := l.Compact(0, l.End()); again || err != nil {
		t.Error("what is compacted is compacted again", err)
	}
	for _, key := range []string{"a", "b", "c0", "c1", "c2"} {
		if len(offsets[key]) != 1 {
			t.Errorf("key %s is there at %v", key, offsets[key])
		}
	}
	if l.Bytes() > before/5 || l.Start() != 0 || l.segments[0].base != 0 {
		t.Errorf("%d bytes of %d are left from %d on", l.Bytes(), before, l.Start())
	}
	wall += 24*3600*1000 + 1 // the tombstones are old now
	for range 100 {
		put("a", "later")
	}
	offsets = compact()
	if len(offsets["c0"])+len(offsets["c1"])+len(offsets["c2"]) != 0 || len(offsets["b"]) != 1 {
		t.Errorf("a day later there are %v", offsets)
	}
	b.Add(0, nil, []byte("no key"), nil)
	if _, _, err := l.Append(0, b.Append(nil, batch.NoProducer), 0); err == nil {
		t.Error("a record without a key was taken")
	}
}

// TestCompactionTakesAbortedRecords and, when it is old, their marker.
func TestCompactionTakesAbortedRecords(t *testing.T) {
	wall := int64(1000)
	l, err := Open(0, NewMemory(), "t", Config{SegmentBytes: 2000, SegmentMicros: 1, Compact: true, DirtyPercent: 1, Wall: func(int64) int64 { return wall }})
	if err != nil {
		t.Fatal(err)
	}
	now := int64(0)
	add := func(b []byte) {
		now++
		if _, _, err := l.Append(now, b, 0); err != nil {
			t.Fatal(err)
		}
	}
	for sequence, commit := range []bool{false, true} {
		var b batch.Builder
		b.Add(wall, []byte{'k', byte(sequence)}, []byte("value"), nil)
		add(b.Append(nil, batch.Options{ProducerID: 1, BaseSequence: int32(sequence), Transactional: true}))
		add(batch.AppendMarker(nil, batch.Marker{Commit: commit}, 1, 0, wall))
	}
	for range 3 {
		add(keyedBatch(prototest.NewRand(1), wall, batch.NoProducer))
		if _, err := l.Compact(now, l.End()); err != nil {
			t.Fatal(err)
		}
	}
	first := l.txns.aborted
	if _, offsets := replay(t, l, 0); !slices.Equal(offsets["k\x01"], []int64{2}) || len(first) != 1 {
		t.Errorf("the committed record is at %v, and %v is aborted", offsets["k\x01"], first)
	}
	b, _, _ := l.Read(now, 0, 1, math.MaxInt64)
	if h, _, err := batch.Parse(b); err != nil || !h.Control() && h.Records > 0 {
		t.Errorf("aborted records are still there: %+v, %v", h, err)
	}
	wall += 24*3600*1000 + 1
	for range 3 {
		add(keyedBatch(prototest.NewRand(1), wall, batch.NoProducer))
		if _, err := l.Compact(now, l.End()); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.txns.aborted) != 0 {
		t.Errorf("the index still has %v, of which neither records nor marker are left", l.txns.aborted)
	}
}
