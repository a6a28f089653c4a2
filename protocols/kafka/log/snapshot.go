package log

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// Beside a segment's batches and indexes there are two small files, each with
// a CRC-32C in front. The seal says that the batches and the indexes are whole:
// a segment whose seal fits needs not be read at Open. The snapshot says what
// has to be known before the segment's first batch.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// closed puts the checksum in front of what follows the first 4 bytes of b.
func closed(b []byte) []byte {
	binary.BigEndian.PutUint32(b, checksum(b[4:]))
	return b
}

// reader reads fields; one too many makes it bad.
type reader struct {
	b   []byte
	bad bool
}

// opened begins to read what closed has made.
func opened(b []byte) *reader {
	if len(b) < 4 || binary.BigEndian.Uint32(b) != checksum(b[4:]) {
		return &reader{bad: true}
	}
	return &reader{b: b[4:]}
}

func (r *reader) take(n int) []byte {
	if len(r.b) < n {
		r.bad, r.b = true, nil
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) i64() int64 { return int64(binary.BigEndian.Uint64(r.take(8))) }
func (r *reader) i32() int32 { return int32(binary.BigEndian.Uint32(r.take(4))) }
func (r *reader) i16() int16 { return int16(binary.BigEndian.Uint16(r.take(2))) }

// count reads how many of each bytes follow.
func (r *reader) count(each int) int {
	n := r.i32()
	if n < 0 || int(n) > len(r.b)/each {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

const (
	abortedBytes = 24
	decidedBytes = 16
)

// appendSeal writes the seal of a segment with these index files, and with the
// transactions whose markers lie in it.
func (l *Log) appendSeal(dst []byte, s *segment, places, times []byte) []byte {
	b := append(dst, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint64(b, uint64(s.bytes))
	b = binary.BigEndian.AppendUint64(b, uint64(s.next))
	b = binary.BigEndian.AppendUint32(b, uint32(s.batches))
	b = binary.BigEndian.AppendUint64(b, uint64(s.latest.timestamp))
	b = binary.BigEndian.AppendUint32(b, s.latest.last)
	b = binary.BigEndian.AppendUint32(b, checksum(places))
	b = binary.BigEndian.AppendUint32(b, checksum(times))
	aborted, decided := l.txns.within(s.base, s.next)
	b = binary.BigEndian.AppendUint32(b, uint32(len(aborted)))
	for _, a := range aborted {
		b = binary.BigEndian.AppendUint64(b, uint64(a.Producer))
		b = binary.BigEndian.AppendUint64(b, uint64(a.First))
		b = binary.BigEndian.AppendUint64(b, uint64(a.Last))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(decided)))
	for _, d := range decided {
		b = binary.BigEndian.AppendUint64(b, uint64(d.first))
		b = binary.BigEndian.AppendUint64(b, uint64(d.last))
	}
	return closed(b)
}

// parseSeal makes known what the seal of a segment says; false: it is not this
// segment's, of so many bytes, or not whole.
func (s *segment) parseSeal(seal []byte, size int64, places, times []byte) (t txns, ok bool) {
	r := opened(seal)
	s.bytes, s.next, s.batches = r.i64(), r.i64(), int(r.i32())
	s.latest = timeEntry{r.i64(), uint32(r.i32())}
	whole := uint32(r.i32()) == checksum(places) && uint32(r.i32()) == checksum(times) && s.bytes == size
	for range r.count(abortedBytes) {
		t.aborted = append(t.aborted, Aborted{r.i64(), r.i64(), r.i64()})
	}
	for range r.count(decidedBytes) {
		t.decided = append(t.decided, decidedTxn{r.i64(), r.i64()})
	}
	s.index, s.state = parseIndex(places, times), sealed
	whole = whole && !r.bad && len(r.b) == 0 && s.next > s.base && s.next <= maxOffset
	return t, whole && s.index.within(s.bytes)
}

const (
	epochBytes       = 12
	minProducerBytes = 31
)

// snapshot writes what is known at the end of the log, but for an epoch that
// has no batch there.
func (l *Log) snapshot() []byte {
	epochs := l.epochs
	if n := len(epochs); n > 0 && epochs[n-1].Start >= l.end {
		epochs = epochs[:n-1]
	}
	b := make([]byte, 4, 64)
	b = binary.BigEndian.AppendUint32(b, uint32(len(epochs)))
	for _, e := range epochs {
		b = binary.BigEndian.AppendUint32(b, uint32(e.Epoch))
		b = binary.BigEndian.AppendUint64(b, uint64(e.Start))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(l.producers.list)))
	for _, p := range l.producers.list {
		b = binary.BigEndian.AppendUint64(b, uint64(p.id))
		b = binary.BigEndian.AppendUint16(b, uint16(p.epoch))
		b = binary.BigEndian.AppendUint32(b, uint32(p.coordinator))
		b = binary.BigEndian.AppendUint64(b, uint64(p.open))
		b = binary.BigEndian.AppendUint64(b, uint64(p.timestamp))
		b = append(b, byte(p.count))
		for _, r := range p.recent[:p.count] {
			b = binary.BigEndian.AppendUint32(b, uint32(r.sequence))
			b = binary.BigEndian.AppendUint32(b, uint32(r.delta))
			b = binary.BigEndian.AppendUint64(b, uint64(r.last))
			b = binary.BigEndian.AppendUint64(b, uint64(r.timestamp))
		}
	}
	return closed(b)
}

// restore makes what a snapshot says known, if it is whole.
func (l *Log) restore(snapshot []byte) bool {
	epochs, list, ok := parseSnapshot(snapshot)
	if ok {
		l.epochs, l.producers.list = epochs, list
		l.txns.open = nil
		l.txns.reopen(list)
	}
	return ok
}

// parseSnapshot reads what a snapshot says; false: it is not whole.
func parseSnapshot(snapshot []byte) (epochs []Epoch, list []*producer, ok bool) {
	r := opened(snapshot)
	for range r.count(epochBytes) {
		epochs = append(epochs, Epoch{r.i32(), r.i64()})
	}
	for range r.count(minProducerBytes) {
		p := producer{id: r.i64(), epoch: r.i16(), coordinator: r.i32(), open: r.i64(), timestamp: r.i64()}
		p.count = min(int(r.take(1)[0]), recentBatches)
		for i := range p.count {
			p.recent[i] = recentBatch{r.i32(), r.i32(), r.i64(), r.i64()}
		}
		list = append(list, &p)
	}
	inOrder := slices.IsSortedFunc(epochs, func(a, b Epoch) int { return cmp.Compare(a.Epoch, b.Epoch) }) &&
		slices.IsSortedFunc(list, func(a, b *producer) int { return cmp.Compare(a.id, b.id) })
	return epochs, list, !r.bad && len(r.b) == 0 && inOrder
}
