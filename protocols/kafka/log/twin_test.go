package log

import (
	"bytes"
	"errors"
	"fmt"
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/prototest"
	"math"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
)

// twin is a log as dumb as can be: all batches there ever were, of which those
// that end before start are no longer to be read. Everything else is found by
// walking through them.
type twin struct {
	all        []kept
	start, end int64
	base       int64  // where it began
	began      *Epoch // an epoch without a batch so far
}

type kept struct {
	batch.Header
	b []byte
}

func (t *twin) add(b []byte) {
	for len(b) > 0 {
		h, size, err := batch.Parse(b)
		if err != nil {
			panic(err)
		}
		t.all = append(t.all, kept{h, bytes.Clone(b[:size])})
		t.end = h.Next()
		b = b[size:]
	}
}

// cut takes back what ends at or behind offset.
func (t *twin) cut(offset int64) {
	if offset >= t.end {
		return
	}
	t.began = nil
	for n := len(t.all); n > 0 && t.all[n-1].LastOffset() >= offset; n-- {
		t.all, t.end = t.all[:n-1], t.base
		if n > 1 {
			t.end = t.all[n-2].Next()
		}
	}
	t.start = min(t.start, t.end)
}

func (t *twin) epochs(base int64) (list []Epoch) {
	latest := int32(-1)
	for _, k := range t.all {
		if k.LeaderEpoch > latest {
			latest = k.LeaderEpoch
			list = append(list, Epoch{latest, k.BaseOffset})
		}
	}
	if t.began != nil && t.began.Epoch > latest {
		list = append(list, *t.began)
	}
	for len(list) > 1 && list[1].Start <= base {
		list = list[1:]
	}
	if len(list) > 0 {
		list[0].Start = max(list[0].Start, base)
	}
	return list
}

func (t *twin) endOffsetFor(base int64, epoch int32) (int32, int64) {
	list := t.epochs(base)
	if len(list) == 0 || epoch < 0 || epoch > list[len(list)-1].Epoch {
		return -1, -1
	}
	found, end := epoch, t.end
	for _, e := range slices.Backward(list) {
		if e.Epoch <= epoch {
			return e.Epoch, end
		}
		end = e.Start
	}
	return found, end
}

// walk plays all batches through and returns what comes of it.
func (t *twin) walk() (known map[int64]Producer, open map[int64]int64, decided []Aborted, aborted []Aborted) {
	known, open = map[int64]Producer{}, map[int64]int64{}
	for _, k := range t.all {
		if k.ProducerID < 0 {
			continue
		}
		p, ok := known[k.ProducerID]
		if !ok {
			p = Producer{ID: k.ProducerID, Epoch: -1, LastSequence: -1, CoordinatorEpoch: -1, TxnStart: -1}
		}
		if p.Epoch != k.ProducerEpoch {
			p.Epoch, p.LastSequence = k.ProducerEpoch, -1
		}
		p.LastTimestamp = k.MaxTimestamp
		if m, ok := batch.ParseMarker(k.b); ok {
			p.CoordinatorEpoch = m.CoordinatorEpoch
			if p.TxnStart >= 0 {
				a := Aborted{p.ID, p.TxnStart, k.BaseOffset}
				decided = append(decided, a)
				if !m.Commit {
					aborted = append(aborted, a)
				}
			}
			p.TxnStart = -1
		} else {
			p.LastSequence = k.LastSequence()
			if k.Transactional() && p.TxnStart < 0 {
				p.TxnStart = k.BaseOffset
			}
		}
		known[p.ID] = p
		open[p.ID] = p.TxnStart
	}
	return known, open, decided, aborted
}

func (t *twin) lastStable(highWatermark int64) int64 {
	_, open, decided, _ := t.walk()
	stable := highWatermark
	for _, first := range open {
		if first >= 0 {
			stable = min(stable, first)
		}
	}
	for _, d := range decided {
		if d.Last >= highWatermark {
			stable = min(stable, d.First)
		}
	}
	return max(stable, min(t.start, highWatermark))
}

func (t *twin) aborted(from, to int64) (found []Aborted) {
	_, _, _, all := t.walk()
	for _, a := range all {
		if a.Last >= from && a.Last >= t.start && a.First < to {
			found = append(found, a)
		}
	}
	return found
}

func (t *twin) producers() (list []Producer) {
	known, _, _, _ := t.walk()
	for _, p := range known {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Producer) int { return int(a.ID - b.ID) })
	return list
}

// forTime finds the first record of at least ms, or, with latest, the first
// with the latest timestamp.
func (t *twin) forTime(ms int64, latest bool) (offset, timestamp int64, ok bool) {
	timestamp = math.MinInt64
	for _, k := range t.all {
		records, err := batch.Records(nil, k.b, batch.DefaultLimits)
		if err != nil {
			panic(err)
		}
		for _, r := range records {
			o, at := k.BaseOffset+int64(r.OffsetDelta), k.FirstTimestamp+r.TimestampDelta
			if o < t.start || at < ms || ok && at <= timestamp {
				continue
			}
			if offset, timestamp, ok = o, at, true; !latest {
				return offset, timestamp, true
			}
		}
	}
	return offset, timestamp, ok
}

// verdict is what a leader has to say to a batch of a producer.
func (t *twin) verdict(h batch.Header) error {
	known, _, _, _ := t.walk()
	p, ok := known[h.ProducerID]
	if !ok {
		return nil
	}
	if h.ProducerEpoch < p.Epoch {
		return kerr.InvalidProducerEpoch
	}
	if p.TxnStart >= 0 && !h.Transactional() {
		return kerr.InvalidTxnState
	}
	if h.ProducerEpoch > p.Epoch {
		if h.BaseSequence != 0 {
			return kerr.OutOfOrderSequenceNumber
		}
		return nil
	}
	next, count := int32(0), 0
	for _, k := range slices.Backward(t.all) {
		if k.ProducerID != p.ID || k.Control() {
			continue
		}
		if k.ProducerEpoch != p.Epoch || count == 5 {
			break
		}
		if count == 0 {
			next = batch.AddSequence(k.LastSequence(), 1)
		}
		count++
		if k.BaseSequence == h.BaseSequence && k.LastOffsetDelta == h.LastOffsetDelta {
			return &Duplicate{k.BaseOffset, k.LastOffset()}
		}
	}
	if h.BaseSequence != next {
		return kerr.OutOfOrderSequenceNumber
	}
	return nil
}

// compare asks the log everything and compares it with the twin.
func (t *twin) compare(l *Log, r *prototest.Rand, now, highWatermark int64) error {
	if l.Start() != t.start || l.End() != t.end {
		return fmt.Errorf("the log goes from %d to %d, expected %d to %d", l.Start(), l.End(), t.start, t.end)
	}
	base := l.segments[0].base
	if got, want := l.Epochs(), t.epochs(base); !slices.Equal(got, want) {
		return fmt.Errorf("epochs %v, expected %v", got, want)
	}
	for range 3 {
		epoch := int32(r.Below(12)) - 1
		e, end := l.EndOffsetFor(epoch)
		if we, wend := t.endOffsetFor(base, epoch); e != we || end != wend {
			return fmt.Errorf("epoch %d ends as %d at %d, expected %d at %d", epoch, e, end, we, wend)
		}
	}
	if got, want := l.LastStable(highWatermark), t.lastStable(highWatermark); got != want {
		return fmt.Errorf("last stable offset %d for %d, expected %d", got, highWatermark, want)
	}
	if got, want := l.Producers(), t.producers(); !slices.Equal(got, want) {
		return fmt.Errorf("producers\n%v, expected\n%v", got, want)
	}
	size := int(t.end - t.start)
	for range 3 {
		from := t.start + int64(r.Below(size+1))
		if err := t.compareRead(l, now, from, r.Below(3000), from+int64(r.Below(size+2))); err != nil {
			return err
		}
		to := from + int64(r.Below(size+1))
		if got, want := l.Aborted(from, to), t.aborted(from, to); !slices.Equal(got, want) {
			return fmt.Errorf("aborted from %d to %d: %v, expected %v", from, to, got, want)
		}
		ms := int64(r.Below(2000))
		o, at, ok := l.OffsetForTime(now, ms)
		if wo, wat, wok := t.forTime(ms, false); ok != wok || ok && (o != wo || at != wat) {
			return fmt.Errorf("time %d is at %d (%d, %v), expected %d (%d, %v)", ms, o, at, ok, wo, wat, wok)
		}
	}
	o, at, ok := l.MaxTimestamp(now)
	if wo, wat, wok := t.forTime(math.MinInt64, true); ok != wok || ok && (o != wo || at != wat) {
		return fmt.Errorf("the latest is at %d (%d, %v), expected %d (%d, %v)", o, at, ok, wo, wat, wok)
	}
	return nil
}

func (t *twin) compareRead(l *Log, now, from int64, maxBytes int, below int64) error {
	got, _, err := l.Read(now, from, maxBytes, below)
	if err != nil {
		return fmt.Errorf("read from %d: %w", from, err)
	}
	i := slices.IndexFunc(t.all, func(k kept) bool { return k.LastOffset() >= from })
	rest := got
	for ; i >= 0 && i < len(t.all) && t.all[i].LastOffset() < below; i++ {
		k := &t.all[i]
		if len(rest) == 0 {
			ends := slices.ContainsFunc(l.Segments(), func(s Segment) bool { return s.Base == k.BaseOffset || s.Base == t.all[max(i, 1)-1].Next() })
			const skipped = 1000 // at most, to the batch wanted
			if len(got) == 0 || len(got)+k.Bytes+skipped <= maxBytes && !ends {
				return fmt.Errorf("read from %d, %d bytes below %d: ended after %d bytes before %d, where there was room for %d more", from, maxBytes, below, len(got), k.BaseOffset, k.Bytes)
			}
			return nil
		}
		if !bytes.HasPrefix(rest, k.b) {
			return fmt.Errorf("read from %d: other bytes at %d than what was appended", from, k.BaseOffset)
		}
		if rest = rest[k.Bytes:]; len(got)-len(rest) > max(maxBytes, k.Bytes) {
			return fmt.Errorf("read from %d: more than %d bytes", from, maxBytes)
		}
	}
	if len(rest) > 0 {
		return fmt.Errorf("read from %d: %d bytes too many", from, len(rest))
	}
	return nil
}

// testing of errors: a Duplicate is the same by its offsets.
func sameError(a, b error) bool {
	var da, db *Duplicate
	if errors.As(a, &da) && errors.As(b, &db) {
		return *da == *db
	}
	return errors.Is(a, b) && errors.Is(b, a)
}

func TestTwinFindsADifference(t *testing.T) {
	w := &twin{}
	w.add(plainBatch(prototest.NewRand(1), 3))
	l, _ := Open(0, NewMemory(), "t", Config{})
	if w.compare(l, prototest.NewRand(1), 0, 0) == nil {
		t.Error("an empty log is said to have a batch")
	}
}
