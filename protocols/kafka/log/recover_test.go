package log

import (
	"bytes"
	"fmt"
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/prototest"
	"math"
	"strings"
	"testing"
)

// readAll returns all batches of a log, checked.
func readAll(t testing.TB, l *Log) []kept {
	all, err := tryReadAll(t, l)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func tryReadAll(t testing.TB, l *Log) (all []kept, err error) {
	for from := l.Start(); from < l.End(); {
		b, _, err := l.Read(0, from, 1000, math.MaxInt64)
		if err != nil {
			return all, err
		}
		if len(b) == 0 {
			t.Fatalf("read from %d of %d: nothing", from, l.End())
		}
		for len(b) > 0 {
			h, size, err := batch.Parse(b)
			if err != nil {
				return all, err
			}
			if h.LastOffset() < from {
				return all, fmt.Errorf("at %d: %+v", from, h)
			}
			all = append(all, kept{h, bytes.Clone(b[:size])})
			from, b = h.Next(), b[size:]
		}
	}
	return all, nil
}

// filled is a log with some sealed segments and its disk.
func filled(t testing.TB, c Config) (*Log, *Memory) {
	d := NewMemory()
	l, err := Open(0, d, "t", c)
	if err != nil {
		t.Fatal(err)
	}
	r := prototest.NewRand(5)
	for i := range 20 {
		o := batch.Options{ProducerID: 9, BaseSequence: int32(i), Transactional: true}
		if _, _, err := l.Append(0, someBatch(r, 1, o), int32(i/8)); err != nil {
			t.Fatal(err)
		}
		if i%5 == 4 {
			if _, _, err := l.Append(0, batch.AppendMarker(nil, batch.Marker{Commit: i < 10}, 9, 0, 7), int32(i/8)); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.settle(0)
	return l, d
}

// TestCutAtEveryByte: whatever is left of the last segment, what is whole in
// it is found, and only that.
func TestCutAtEveryByte(t *testing.T) {
	for _, segmentBytes := range []int64{1 << 20, 700} {
		l, d := filled(t, Config{SegmentBytes: segmentBytes})
		all := readAll(t, l)
		file := l.name(l.last().base, logFile)
		whole := bytes.Clone(d.Contents(file))
		files := map[string][]byte{}
		for _, name := range d.List("") {
			files[name] = bytes.Clone(d.Contents(name))
		}
		for n := range len(whole) + 1 {
			d := NewMemory()
			for name, b := range files {
				d.Put(name, b)
			}
			d.Put(file, append(bytes.Clone(whole[:n]), "garbage"[:n%8]...))
			l, err := Open(0, d, "t", Config{SegmentBytes: segmentBytes})
			if err != nil {
				t.Fatal(err)
			}
			got := readAll(t, l)
			if rest := n - len(d.Contents(file)); rest < 0 || rest > 200 {
				t.Fatalf("of %d bytes %d are left", n, len(d.Contents(file)))
			}
			for i := range got {
				if !bytes.Equal(got[i].b, all[i].b) {
					t.Fatalf("cut at %d: batch %d is another", n, i)
				}
			}
			if _, err := l.TruncateTo(0, l.End()-1); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestSealedSegmentsAreNotRead: reading again is for those without a seal.
func TestSealedSegmentsAreNotRead(t *testing.T) {
	c := Config{SegmentBytes: 700, IndexIntervalBytes: 100}
	l, d := filled(t, c)
	want := fmt.Sprint(l.Segments(), l.Epochs(), l.Producers(), l.Aborted(0, 100), l.LastStable(3), l.LastStable(100))
	segments := l.Segments()
	for i := range segments {
		kinds := []string{placesFile, timesFile, sealFile}
		if !segments[i].Sealed {
			kinds = []string{snapshotFile, ""}
		}
		base := segments[i].Base
		for _, kind := range kinds {
			d2 := &counting{Memory: NewMemory()}
			for _, name := range d.List("") {
				d2.Put(name, d.Contents(name))
			}
			if kind != "" {
				name := l.name(base, kind)
				if b := d2.Contents(name); len(b) > 0 {
					b[len(b)/2] ^= 1
				} else {
					t.Fatalf("no file %s", name)
				}
			}
			l2, err := Open(0, d2, "t", c)
			if err != nil {
				t.Fatal(err)
			}
			l2.settle(0)
			if got := fmt.Sprint(l2.Segments(), l2.Epochs(), l2.Producers(), l2.Aborted(0, 100), l2.LastStable(3), l2.LastStable(100)); got != want {
				t.Errorf("%s of segment %d is wrong: got\n%s, expected\n%s", kind, i, got, want)
			}
			if whole := d2.logs > 1; whole != (kind != "") {
				t.Errorf("%s of segment %d is wrong: %d segments were read", kind, i, d2.logs)
			}
			for _, name := range d.List("") {
				if !bytes.Equal(d2.Contents(name), d.Contents(name)) {
					t.Errorf("%s of segment %d was wrong: %s is other than before", kind, i, name)
				}
			}
		}
	}
}

// counting counts the segments that are read.
type counting struct {
	*Memory
	logs int
}

func (d *counting) ReadAt(now int64, file string, b []byte, offset int64) (int, int64, error) {
	if strings.HasSuffix(file, logFile) && offset == 0 {
		d.logs++
	}
	return d.Memory.ReadAt(now, file, b, offset)
}

// FuzzRecovery opens logs from any bytes in any files: it must not panic, and
// what is recovered must be recovered alike, and take more.
func FuzzRecovery(f *testing.F) {
	l, d := filled(f, Config{SegmentBytes: 700})
	var seed []byte
	for _, name := range d.List("") {
		seed = append(seed, fmt.Sprintf("%s\x00%s\xff\xfe\xff", strings.TrimPrefix(name, "t/"), d.Contents(name))...)
	}
	f.Add(seed)
	f.Add(bytes.Replace(seed, []byte(".seal"), []byte(".lost"), -1))
	f.Add(bytes.Replace(seed, []byte(".snapshot"), []byte(".lost"), 1))
	f.Add(seed[:len(seed)*2/3])
	f.Add([]byte("00000000000000000000.log\x00\xff\xfe\xff00000000000000000005.log\x00abc\xff\xfe\xfflog-start-offset\x00"))
	_ = l
	f.Fuzz(func(t *testing.T, input []byte) {
		d := NewMemory()
		for file := range bytes.SplitSeq(input, []byte("\xff\xfe\xff")) {
			if name, content, ok := bytes.Cut(file, []byte{0}); ok {
				d.Put("t/"+string(name), content)
			}
		}
		l, err := Open(0, d, "t", Config{SegmentBytes: 700, Compact: len(input)%2 == 0})
		if err != nil {
			t.Fatal(err)
		}
		// Sealed segments are not looked at before they are read.
		all, rotten := tryReadAll(t, l)
		l.OffsetForTime(0, 3)
		l.MaxTimestamp(0)
		l.LastStable(l.End())
		l.Aborted(l.Start(), l.End())
		again, err := Open(0, d, "t", Config{SegmentBytes: 700})
		if err != nil || again.Start() != l.Start() || again.End() != l.End() {
			t.Fatalf("opened again it goes from %d to %d, before from %d to %d (%v)", again.Start(), again.End(), l.Start(), l.End(), err)
		}
		if more, err := tryReadAll(t, again); len(more) != len(all) || (err == nil) != (rotten == nil) {
			t.Fatalf("opened again it has %d batches (%v), before %d (%v)", len(more), err, len(all), rotten)
		}
		if fmt.Sprint(again.Epochs(), again.Producers()) != fmt.Sprint(l.Epochs(), l.Producers()) {
			t.Fatalf("opened again it knows %v %v, before %v %v", again.Epochs(), again.Producers(), l.Epochs(), l.Producers())
		}
		if _, _, err := again.Append(0, keyedBatch(prototest.NewRand(1), 5, batch.NoProducer), 1000); err != nil && again.End() < maxOffset-10 {
			t.Fatal(err)
		}
		if _, err := again.Compact(0, again.End()); err != nil {
			t.Fatal(err)
		}
		if _, err := again.TruncateTo(0, (again.Start()+again.End())/2); err != nil {
			t.Fatal(err)
		}
		if _, err := tryReadAll(t, again); err != nil && rotten == nil {
			t.Fatal(err)
		}
	})
}
