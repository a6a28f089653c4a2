package batch

// Rewrite appends the batch of header h with no records but these, which are
// some of its own, or none: what compaction does. Everything else stays: the
// offsets that the batch takes, its producer and sequence, its codec.
func Rewrite(dst []byte, h Header, records []Record) []byte {
	b := Builder{first: h.FirstTimestamp, latest: h.MaxTimestamp}
	for i := range records {
		r := &records[i]
		b.AddAt(r.OffsetDelta, h.FirstTimestamp+r.TimestampDelta, r.Key, r.Value, r.Headers)
	}
	b.next = h.LastOffsetDelta + 1
	start := len(dst)
	dst = b.Append(dst, Options{Codec: h.Codec(), ProducerID: h.ProducerID, ProducerEpoch: h.ProducerEpoch, BaseSequence: h.BaseSequence,
		Transactional: h.Transactional(), Control: h.Control(), BaseOffset: h.BaseOffset, LeaderEpoch: h.LeaderEpoch})
	if h.LogAppendTime() {
		SetAppendTime(dst[start:], h.MaxTimestamp)
	}
	return dst
}
