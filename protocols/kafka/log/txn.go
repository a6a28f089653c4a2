package log

import (
	"grapevine/protocols/kafka/batch"
	"slices"
	"sort"
)

// A transaction is open from its first batch in this log until its marker
// (KIP-98). Whoever reads what is committed may go up to the first offset that
// is undecided, and leaves out the batches of transactions that were aborted.

// span is a transaction's first offset and whose it is, or its last.
type openTxn struct{ first, producer int64 }

// decidedTxn is one with a marker; first to last, which is the marker's.
type decidedTxn struct{ first, last int64 }

// txns are the transactions of a log.
type txns struct {
	open    []openTxn    // by first
	decided []decidedTxn // by last; those of which the high watermark may not have passed the marker
	aborted []Aborted    // by Last
}

// begin notes the first offset of a transaction.
func (t *txns) begin(first, producer int64) { t.open = append(t.open, openTxn{first, producer}) }

// decide notes a marker at last, for a transaction that began at first.
func (t *txns) decide(first, last, producer int64, commit bool) {
	t.open = slices.DeleteFunc(t.open, func(o openTxn) bool { return o.producer == producer })
	t.decided = append(t.decided, decidedTxn{first, last})
	if !commit {
		t.aborted = append(t.aborted, Aborted{producer, first, last})
	}
}

// within returns those whose markers lie from offset from up to, but not
// including, to.
func (t *txns) within(from, to int64) ([]Aborted, []decidedTxn) {
	aborted := func(offset int64) int {
		return sort.Search(len(t.aborted), func(i int) bool { return t.aborted[i].Last >= offset })
	}
	decided := func(offset int64) int {
		return sort.Search(len(t.decided), func(i int) bool { return t.decided[i].last >= offset })
	}
	return t.aborted[aborted(from):aborted(to)], t.decided[decided(from):decided(to)]
}

// reopen fills open from what is known of the producers.
func (t *txns) reopen(list []*producer) {
	for _, p := range list {
		if p.open >= 0 {
			t.begin(p.open, p.id)
		}
	}
	sort.Slice(t.open, func(i, j int) bool { return t.open[i].first < t.open[j].first })
}

// LastStable is the last stable offset: no transaction is undecided below it,
// neither open here nor decided by a marker that is not below the high
// watermark (KIP-98).
func (l *Log) LastStable(highWatermark int64) int64 {
	t := &l.txns
	stable := highWatermark
	if len(t.open) > 0 {
		stable = min(stable, t.open[0].first)
	}
	passed := sort.Search(len(t.decided), func(i int) bool { return t.decided[i].last >= highWatermark })
	t.decided = append(t.decided[:0], t.decided[passed:]...)
	for _, d := range t.decided {
		stable = min(stable, d.first)
	}
	return max(stable, min(l.start, highWatermark))
}

// InTransaction reports whether a producer has a transaction open here, in its
// present epoch.
func (l *Log) InTransaction(producer int64, epoch int16) bool {
	p := l.producers.known(producer)
	return p.open >= 0 && p.epoch == epoch
}

// Aborted lists the aborted transactions that touch the offsets from up to,
// but not including, to; in the order of their markers.
func (l *Log) Aborted(from, to int64) []Aborted {
	var found []Aborted
	all := l.txns.aborted
	for i := sort.Search(len(all), func(i int) bool { return all[i].Last >= from }); i < len(all); i++ {
		if all[i].First < to {
			found = append(found, all[i])
		}
	}
	return found
}

// track learns from a batch that is in the log, whole in b if it is control.
func (l *Log) track(h *batch.Header, b []byte) {
	l.noteEpoch(h.LeaderEpoch, h.BaseOffset)
	l.end = h.Next()
	if h.ProducerID < 0 {
		return
	}
	if h.Control() {
		l.trackMarker(h, b)
		return
	}
	p := l.producers.get(h.ProducerID, l.config.MaxProducers)
	open := p.open
	p.take(h)
	if open < 0 && p.open >= 0 {
		l.txns.begin(p.open, p.id)
	}
}

func (l *Log) trackMarker(h *batch.Header, b []byte) {
	m, ok := batch.ParseMarker(b)
	if !ok {
		return
	}
	p := l.producers.get(h.ProducerID, l.config.MaxProducers)
	p.begin(h.ProducerEpoch)
	p.coordinator, p.timestamp = m.CoordinatorEpoch, h.MaxTimestamp
	if p.open >= 0 {
		l.txns.decide(p.open, h.BaseOffset, p.id, m.Commit)
		p.open = -1
	}
}
