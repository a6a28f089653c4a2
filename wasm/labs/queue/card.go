package queue

import (
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/broker"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func (w *cluster) card(node sim.NodeID) lab.Card {
	switch role, i := w.split(node); role {
	case 'p':
		if s := w.senders.Member(i); s != nil && s.producer != nil {
			return lab.Card{Rows: w.senderRows(s)}
		}
	case 'b':
		if b := w.houses.Member(i); b != nil && b.broker != nil {
			return lab.Card{Rows: w.plan.shelf(w, b)}
		}
	case 't':
		if t := w.tables.Member(i); t != nil && t.table != nil {
			return lab.Card{Rows: w.tableRows(t.table)}
		}
	case 'c':
		if r := w.readers.Member(i); r != nil {
			return lab.Card{Rows: w.readerRows(r)}
		}
	}
	return lab.Card{}
}

// keyColors tell keys apart, as far as the palette goes.
var keyColors = [...]string{"push", "pull", "reply", "data", "warn"}

func keyColor(key int32) string {
	if key < 0 {
		return "idle"
	}
	return keyColors[int(key)%len(keyColors)]
}

// shown is how many cells a strip of records has.
const shown = 12

// kept is one record of a log.
type kept struct {
	offset int64
	number int // in the ledger; -1: from outside, or a marker

	producer int64
	marker   marker
}

// marker says how a transaction ended, if it is no record but says that.
type marker uint8

const (
	noMarker marker = iota
	commitMarker
	abortMarker
)

func markerOf(h batch.Header, b []byte) marker {
	m, ok := batch.ParseMarker(b)
	switch {
	case !h.Control() || !ok:
		return noMarker
	case m.Commit:
		return commitMarker
	}
	return abortMarker
}

// tail are the last records of a replica's log, at most shown.
func (b *house) tail(p *broker.PartitionState) []kept { return b.window(p, b.end(p)-shown, shown) }

// window are the records of a replica's log from an offset on, at most so many.
// Looking is not the broker's doing: it costs no time and moves nothing.
func (b *house) window(p *broker.PartitionState, from, most int64) []kept {
	at := topicPart{p.Topic, p.Part}
	if b.windows == nil {
		b.windows = map[topicPart]*windowOf{}
	}
	t := b.windows[at]
	if t == nil {
		t = &windowOf{}
		b.windows[at] = t
	}
	from = max(from, p.Start)
	if end := b.end(p); t.from != from || t.end != end || t.bytes != p.Bytes || t.epoch != p.LeaderEpoch {
		*t = windowOf{from: from, end: end, bytes: p.Bytes, epoch: p.LeaderEpoch, records: t.records[:0]}
		b.look(p, from, min(end, from+most), func(r kept) { t.records = append(t.records, r) })
	}
	return t.records
}

type topicPart struct {
	topic string
	part  int32
}

// windowOf is what window found when the log was as it says.
type windowOf struct {
	from, end int64
	bytes     int64
	epoch     int32
	records   []kept
}

// look calls see for each record of a replica's log in a range of offsets.
func (b *house) look(p *broker.PartitionState, from, below int64, see func(kept)) {
	log := b.broker.Log(p.Topic, p.Part)
	if log == nil {
		return
	}
	b.disk.looking = true
	defer func() { b.disk.looking = false }()
	var records []batch.Record
	for from < below {
		bytes, err := log.Peek(from, maxLookBytes)
		if err != nil || len(bytes) == 0 {
			return
		}
		for len(bytes) > 0 {
			h, n, err := batch.Parse(bytes)
			if err != nil {
				return
			}
			if records, err = batch.Records(records[:0], bytes[:n], batch.Limits{}); err != nil {
				return
			}
			for i := range records {
				r := kept{offset: h.BaseOffset + int64(records[i].OffsetDelta), number: -1, producer: h.ProducerID, marker: markerOf(h, bytes[:n])}
				if number, ok := b.w.ledger.number(records[i].Value); ok && !h.Control() {
					r.number = number
				}
				if r.offset >= from && r.offset < below {
					see(r)
				}
			}
			from = h.LastOffset() + 1
			bytes = bytes[n:]
		}
	}
}

// maxLookBytes is how much of a log is looked at at once.
const maxLookBytes = 1 << 20
