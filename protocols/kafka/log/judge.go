package log

import (
	"grapevine/protocols/kafka/batch"

	"github.com/twmb/franz-go/pkg/kerr"
)

// judge checks what a leader is about to append, whose headers are in
// l.headers. It changes nothing.
func (l *Log) judge(batches []byte) error {
	var seen []producer // as they will be behind the batches judged so far
	for i := range l.headers {
		h := &l.headers[i]
		b := batches[:h.Bytes]
		batches = batches[h.Bytes:]
		if h.Bytes > l.config.MaxBatchBytes {
			return kerr.MessageTooLarge
		}
		if h.Records != h.LastOffsetDelta+1 || h.LastOffsetDelta < 0 {
			return kerr.InvalidRecord
		}
		if l.config.Compact && !h.Control() && !allKeyed(b) {
			return kerr.InvalidRecord
		}
		if h.ProducerID < 0 {
			continue
		}
		if h.BaseSequence < 0 && !h.Control() && !h.Transactional() {
			return kerr.InvalidRecord
		}
		p := l.among(&seen, h.ProducerID)
		if h.Control() {
			m, ok := batch.ParseMarker(b)
			if !ok {
				return kerr.InvalidRecord
			}
			if err := p.checkMarker(h, m); err != nil {
				return err
			}
			p.begin(h.ProducerEpoch)
			p.coordinator, p.open = m.CoordinatorEpoch, -1
			continue
		}
		if err := p.check(h); err != nil {
			return err
		}
		if h.Transactional() && p.open < 0 && len(l.txns.open) >= l.config.MaxProducers/2 {
			return kerr.PolicyViolation // no room would be left for producers to forget
		}
		p.take(h)
	}
	return nil
}

// among returns a producer of those seen, where it is put if need be.
func (l *Log) among(seen *[]producer, id int64) *producer {
	for i := range *seen {
		if (*seen)[i].id == id {
			return &(*seen)[i]
		}
	}
	*seen = append(*seen, l.producers.known(id))
	return &(*seen)[len(*seen)-1]
}

// allKeyed reports whether each record of a batch has a key.
func allKeyed(b []byte) bool {
	records, err := batch.Records(nil, b, batch.DefaultLimits)
	for i := range records {
		if records[i].Key == nil {
			return false
		}
	}
	return err == nil
}
