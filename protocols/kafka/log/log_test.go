package log

import (
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/prototest"
	"math"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
)

func open(t testing.TB, d Disk, c Config) *Log {
	t.Helper()
	l, err := Open(0, d, "t", c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *Log) mustAppend(t testing.TB, now int64, b []byte) {
	t.Helper()
	if _, _, err := l.Append(now, b, 0); err != nil {
		t.Fatal(err)
	}
}

// one is a batch of one record.
func one(ms int64, o batch.Options) []byte {
	var b batch.Builder
	b.Add(ms, []byte("key"), []byte("value"), nil)
	return b.Append(nil, o)
}

// TestOneSyncServesAllThatCameMeanwhile: with FlushEach there is one sync at a
// time, and Deadline says when Durable moves.
func TestOneSyncServesAllThatCameMeanwhile(t *testing.T) {
	d := &slow{Memory: NewMemory(), delay: 100, left: -1}
	l := open(t, d, Config{Flush: FlushEach})
	for now := range int64(10) {
		l.mustAppend(t, now, one(1, batch.NoProducer))
	}
	if l.Durable(99) != 0 || l.Deadline() != 100 || len(d.pending) != 1 {
		t.Errorf("durable up to %d, next at %d, %d syncs", l.Durable(99), l.Deadline(), len(d.pending))
	}
	if l.Durable(100) != 1 || l.Deadline() != 200 || len(d.pending) != 2 {
		t.Errorf("durable up to %d, next at %d, %d syncs", l.Durable(100), l.Deadline(), len(d.pending))
	}
	if l.Durable(200) != 10 || l.Deadline() != math.MaxInt64 {
		t.Errorf("durable up to %d, next at %d", l.Durable(200), l.Deadline())
	}
	l.Configure(Config{})
	l.mustAppend(t, 201, one(1, batch.NoProducer))
	if l.Durable(201) != 11 || l.Deadline() != math.MaxInt64 {
		t.Errorf("with FlushNever durable up to %d", l.Durable(201))
	}
	l.Configure(Config{Flush: FlushEach})
	if l.Durable(202) != 11 {
		t.Errorf("what was durable is no more: %d", l.Durable(202))
	}
}

// Inspectors see what there is, and what is due stays due.
func TestPeekMovesNothing(t *testing.T) {
	d := &slow{Memory: NewMemory(), delay: 100, left: -1}
	l := open(t, d, Config{Flush: FlushEach, SegmentBytes: 100})
	for now := range int64(3) {
		l.mustAppend(t, now, one(1, batch.NoProducer))
	}
	files, syncs := len(d.List("")), len(d.pending)
	for _, now := range []int64{3, 1000} {
		if b, err := l.Peek(1, 1000); err != nil || len(b) == 0 {
			t.Errorf("at %d: %d bytes, %v", now, len(b), err)
		}
		if l.PeekDurable() != 0 || len(d.List("")) != files || len(d.pending) != syncs {
			t.Errorf("at %d: durable up to %d, %d files, %d syncs", now, l.PeekDurable(), len(d.List("")), len(d.pending))
		}
	}
	if l.Durable(1000) != 1 || l.PeekDurable() != 1 {
		t.Errorf("durable up to %d, as inspectors see it %d", l.Durable(1000), l.PeekDurable())
	}
}

// busy is a Disk that takes what is appended 100 µs for each call.
type busy struct {
	*Memory
	until int64
}

func (d *busy) Append(now int64, file string, b []byte) (int64, error) {
	if len(b) > 0 {
		d.until = max(now, d.until) + 100
	}
	_, err := d.Memory.Append(now, file, b)
	return d.until, err
}

// TestWritesWaitForADiskWithoutCache: with FlushNever too, what the disk has
// not taken yet is not there.
func TestWritesWaitForADiskWithoutCache(t *testing.T) {
	l := open(t, &busy{Memory: NewMemory()}, Config{})
	for now := range int64(3) {
		l.mustAppend(t, now, one(1, batch.NoProducer))
	}
	for _, test := range []struct{ now, durable, deadline int64 }{{99, 0, 100}, {100, 1, 200}, {299, 2, 300}, {300, 3, math.MaxInt64}} {
		if got, next := l.Durable(test.now), l.Deadline(); got != test.durable || next != test.deadline {
			t.Errorf("at %d durable up to %d, next at %d, expected %d, %d", test.now, got, next, test.durable, test.deadline)
		}
	}
	l.mustAppend(t, 400, one(1, batch.NoProducer))
	if end, err := l.TruncateTo(410, 1); err != nil || l.Durable(500) != end || l.Deadline() != math.MaxInt64 {
		t.Errorf("%v: %d of %d is durable", err, l.Durable(500), end)
	}
}

func TestErrorsOfAppend(t *testing.T) {
	l := open(t, NewMemory(), Config{MaxBatchBytes: 200, MaxProducers: 4})
	good := one(1, batch.NoProducer)
	flipped := slices.Clone(good)
	flipped[len(flipped)-1] ^= 1
	old := slices.Clone(good)
	old[16] = 1
	gap := batch.Builder{}
	gap.AddAt(1, 1, nil, nil, nil)
	idempotent := batch.Options{ProducerID: 1}
	txn := func(id int64) []byte { return one(1, batch.Options{ProducerID: id, Transactional: true}) }
	for _, test := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, kerr.CorruptMessage},
		{"half", good[:len(good)-1], kerr.CorruptMessage},
		{"a flipped bit", flipped, kerr.CorruptMessage},
		{"a good one and half", append(slices.Clone(good), good[:20]...), kerr.CorruptMessage},
		{"format 1", old, kerr.UnsupportedForMessageFormat},
		{"too big", plainBatch(prototest.NewRand(3), 20), kerr.MessageTooLarge},
		{"fewer records than offsets", gap.Append(nil, batch.NoProducer), kerr.InvalidRecord},
		{"no sequence", one(1, batch.Options{ProducerID: 1, BaseSequence: -1}), kerr.InvalidRecord},
		{"first of a producer", one(1, idempotent), nil},
		{"the same", one(1, idempotent), &Duplicate{0, 0}},
		{"twice two in one, of which the last is wrong", append(one(1, batch.Options{ProducerID: 1, BaseSequence: 1}), one(1, batch.Options{ProducerID: 1, BaseSequence: 3})...), kerr.OutOfOrderSequenceNumber},
		{"two in one", append(one(1, batch.Options{ProducerID: 1, BaseSequence: 1}), one(1, batch.Options{ProducerID: 1, BaseSequence: 2})...), nil},
		{"a later epoch begins at 0", one(1, batch.Options{ProducerID: 1, ProducerEpoch: 1, BaseSequence: 3}), kerr.OutOfOrderSequenceNumber},
		{"a later epoch", one(1, batch.Options{ProducerID: 1, ProducerEpoch: 1}), nil},
		{"an earlier epoch", one(1, batch.Options{ProducerID: 1, BaseSequence: 3}), kerr.InvalidProducerEpoch},
		{"a transaction", txn(2), nil},
		{"data outside", one(1, batch.Options{ProducerID: 2, BaseSequence: 1}), kerr.InvalidTxnState},
		{"another transaction", txn(3), nil},
		{"one too many", txn(4), kerr.PolicyViolation},
		{"a marker", batch.AppendMarker(nil, batch.Marker{CoordinatorEpoch: 5}, 2, 0, 1), nil},
		{"an old coordinator's", batch.AppendMarker(nil, batch.Marker{CoordinatorEpoch: 4}, 2, 0, 1), kerr.TransactionCoordinatorFenced},
		{"an old producer's", batch.AppendMarker(nil, batch.Marker{CoordinatorEpoch: 5}, 1, 0, 1), kerr.InvalidProducerEpoch},
	} {
		before := l.End()
		first, last, err := l.Append(0, test.b, 0)
		if !sameError(err, test.want) {
			t.Errorf("%s: %v, expected %v", test.name, err, test.want)
		}
		if err == nil && (first != before || last != l.End()-1) || err != nil && l.End() != before {
			t.Errorf("%s: %d to %d, the end went from %d to %d", test.name, first, last, before, l.End())
		}
	}
}

func TestSequencesWrap(t *testing.T) {
	l := open(t, NewMemory(), Config{})
	for _, sequence := range []int32{math.MaxInt32 - 1, math.MaxInt32, 0, 1} {
		l.mustAppend(t, 0, one(1, batch.Options{ProducerID: 1, BaseSequence: sequence}))
	}
}

func TestIdleProducersAreForgotten(t *testing.T) {
	l := open(t, NewMemory(), Config{MaxProducers: 8, ProducerExpiryMicros: 50_000})
	l.mustAppend(t, 0, one(0, batch.Options{ProducerID: 100, Transactional: true}))
	for id := range int64(20) {
		l.mustAppend(t, 0, one(id, batch.Options{ProducerID: id}))
		if n := len(l.Producers()); n > 8 {
			t.Fatalf("%d producers are known", n)
		}
	}
	ids := func() (list []int64) {
		for _, p := range l.Producers() {
			list = append(list, p.ID)
		}
		return list
	}
	if got := ids(); !slices.Contains(got, 100) || !slices.Contains(got, 19) || slices.Contains(got, 0) {
		t.Errorf("known are %v", got)
	}
	if _, err := l.Retain(65_000, 0); err != nil || !slices.Equal(ids(), []int64{15, 16, 17, 18, 19, 100}) {
		t.Errorf("at 65 ms those are known that wrote after 15, and the one with a transaction: %v, %v", ids(), err)
	}
	l.mustAppend(t, 0, one(0, batch.Options{ProducerID: 3, BaseSequence: 77})) // it may go on from anywhere
}

func TestRetention(t *testing.T) {
	fill := func(c Config) *Log {
		l := open(t, NewMemory(), c)
		for i := range int64(10) {
			l.mustAppend(t, 0, one(i*1000, batch.NoProducer))
		}
		return l
	}
	size := int64(len(one(0, batch.NoProducer)))
	for _, test := range []struct {
		name    string
		config  Config
		high    int64
		start   int64
		onDisk  int64
		atLeast bool
	}{
		{name: "without limits", config: Config{SegmentBytes: size}, high: 10},
		{name: "by size", config: Config{SegmentBytes: size, RetentionBytes: 3*size + 1}, high: 10, start: 6},
		{name: "by size, up to the high watermark", config: Config{SegmentBytes: size, RetentionBytes: 1}, high: 4, start: 4},
		{name: "by size never all", config: Config{SegmentBytes: size, RetentionBytes: 1}, high: 10, start: 9},
		{name: "by time", config: Config{SegmentBytes: 2 * size, RetentionMicros: 6_000_000}, high: 10, start: 4},
		{name: "by time all", config: Config{SegmentBytes: 100 * size, RetentionMicros: 1000}, high: 10, start: 10},
		{name: "compacted", config: Config{SegmentBytes: size, Compact: true, RetentionBytes: 1}, high: 10},
		{name: "compacted and deleted", config: Config{SegmentBytes: size, Compact: true, DeleteToo: true, RetentionBytes: 1}, high: 10, start: 9},
	} {
		l := fill(test.config)
		moved, err := l.Retain(10_000_000, test.high)
		if err != nil || moved != (test.start > 0) || l.Start() != test.start {
			t.Errorf("%s: moved %v to %d, expected %d (%v)", test.name, moved, l.Start(), test.start, err)
		}
		if segments := l.Segments(); segments[0].Base != l.Start() || l.End() != 10 {
			t.Errorf("%s: %+v", test.name, segments)
		}
		if again := open(t, l.disk, test.config); again.Start() != l.Start() || again.End() != 10 {
			t.Errorf("%s: opened again it goes from %d to %d", test.name, again.Start(), again.End())
		}
	}
}

func TestSegmentsEndByAge(t *testing.T) {
	l := open(t, NewMemory(), Config{SegmentMicros: 100})
	for now := range int64(10) {
		l.mustAppend(t, now*30, one(1, batch.NoProducer))
	}
	if n := len(l.Segments()); n != 3 {
		t.Errorf("in 270 µs there were %d segments: %+v", n, l.Segments())
	}
}

// TestFollowerBeginsWithinABatch: the leader's log start offset may lie in the
// middle of the first batch that it has.
func TestFollowerBeginsWithinABatch(t *testing.T) {
	l := open(t, NewMemory(), Config{})
	if err := l.ResetTo(0, 105); err != nil {
		t.Fatal(err)
	}
	b := plainBatch(prototest.NewRand(1), 10)
	batch.SetOffset(b, 100, 2)
	if err := l.Replicate(0, b); err != nil || l.Start() != 105 || l.End() != 110 {
		t.Errorf("%v: from %d to %d", err, l.Start(), l.End())
	}
	if got, _, err := l.Read(0, 105, 1, math.MaxInt64); err != nil || len(got) != len(b) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	for _, offset := range []int64{-5, 0, 109, 111 + math.MaxInt32, math.MaxInt64 - 3} {
		batch.SetOffset(b, offset, 2)
		if err := l.Replicate(0, b); err != kerr.OffsetOutOfRange {
			t.Errorf("a batch at %d behind 110: %v", offset, err)
		}
	}
	for _, from := range []int64{-1, 0, 104, 111} {
		if _, _, err := l.Read(0, from, 1, math.MaxInt64); err != kerr.OffsetOutOfRange {
			t.Errorf("read from %d: %v", from, err)
		}
	}
	if err := l.DeleteBefore(0, 111); err != kerr.OffsetOutOfRange {
		t.Error(err)
	}
	if err := l.ResetTo(0, -1); err != kerr.OffsetOutOfRange {
		t.Error(err)
	}
}

// TestDeletedRecordsStayDeleted also when the log start offset is not a segment's.
func TestDeletedRecordsStayDeleted(t *testing.T) {
	d := NewMemory()
	l := open(t, d, Config{})
	for range 5 {
		l.mustAppend(t, 0, one(1, batch.NoProducer))
	}
	if err := l.DeleteBefore(0, 3); err != nil {
		t.Fatal(err)
	}
	if l = open(t, d, Config{}); l.Start() != 3 {
		t.Errorf("it starts at %d", l.Start())
	}
	if end, err := l.TruncateTo(0, 2); err != nil || end != 2 || l.Start() != 2 {
		t.Errorf("%v: from %d to %d", err, l.Start(), end)
	}
	if l = open(t, d, Config{}); l.Start() != 2 || l.End() != 2 {
		t.Errorf("it goes from %d to %d", l.Start(), l.End())
	}
}

// BenchmarkAppend is a producer's batch of 100 records of 100 bytes.
func BenchmarkAppend(b *testing.B) {
	var builder batch.Builder
	for range 100 {
		builder.Add(1, nil, make([]byte, 100), nil)
	}
	one := builder.Append(nil, batch.NoProducer)
	l := open(b, NewMemory(), Config{SegmentBytes: 16 << 20})
	b.ReportAllocs()
	for now := int64(0); b.Loop(); now++ {
		if _, _, err := l.Append(now, one, 0); err != nil {
			b.Fatal(err)
		}
		if now%1000 == 999 {
			if err := l.ResetTo(now, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/record")
}

// BenchmarkReadTail is what a consumer does that keeps up.
func BenchmarkReadTail(b *testing.B) {
	l := open(b, NewMemory(), Config{})
	for range 1000 {
		l.mustAppend(b, 0, one(1, batch.NoProducer))
	}
	b.ReportAllocs()
	for b.Loop() {
		if got, _, err := l.Read(0, l.End()-1, 1<<20, math.MaxInt64); err != nil || len(got) == 0 {
			b.Fatal(err)
		}
	}
}

// A leader that appended nothing leaves no epoch behind: what it copies later
// may be of an epoch before, and is not to be taken for its own.
func TestEpochWithoutABatch(t *testing.T) {
	l, err := Open(0, NewMemory(), "t-0", Config{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(offset int64, epoch int32) []byte {
		var b batch.Builder
		b.Add(1, nil, []byte("x"), nil)
		o := batch.NoProducer
		o.BaseOffset, o.LeaderEpoch = offset, epoch
		return b.Append(nil, o)
	}
	if err := l.Replicate(0, at(0, 6)); err != nil {
		t.Fatal(err)
	}
	l.BeginEpoch(7)
	for offset, epoch := range []int32{6, 6, 8} {
		if err := l.Replicate(0, at(int64(offset)+1, epoch)); err != nil {
			t.Fatal(err)
		}
	}
	if want := []Epoch{{6, 0}, {8, 3}}; !slices.Equal(l.Epochs(), want) {
		t.Errorf("epochs %v, expected %v", l.Epochs(), want)
	}
	if epoch, end := l.EndOffsetFor(7); epoch != 6 || end != 3 {
		t.Errorf("epoch 7 ends as %d at %d", epoch, end)
	}
}
