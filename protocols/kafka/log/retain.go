package log

// Retain deletes the segments that are beyond the retention of the
// configuration and below the high watermark, and forgets producers that were
// idle for too long. It reports whether Start moved. To be called now and
// then: Kafka does every 5 minutes.
func (l *Log) Retain(now, highWatermark int64) (moved bool, err error) {
	l.settle(now)
	if err := l.dropBefore(now, l.start); err != nil {
		return false, err
	}
	l.LastStable(highWatermark) // forgets the transactions that are decided for good
	ms := l.config.Wall(now)
	l.producers.expire(ms - l.config.ProducerExpiryMicros/1000)
	if l.config.Compact && !l.config.DeleteToo {
		return false, nil
	}
	total := l.Bytes()
	offset := l.start
	for _, s := range l.segments {
		if s.next <= l.start {
			total -= s.bytes // as good as deleted
			continue
		}
		if s.bytes == 0 || s.next > highWatermark || !l.expired(s, now, ms) && total-s.bytes < l.config.RetentionBytes {
			break
		}
		total -= s.bytes
		offset = max(offset, s.next)
	}
	if offset <= l.start {
		return false, nil
	}
	if offset == l.end {
		if err := l.roll(now); err != nil {
			return false, err
		}
	}
	return true, l.DeleteBefore(now, offset)
}

// expired reports whether all records of a segment are too old.
func (l *Log) expired(s *segment, now, ms int64) bool {
	if s.latest.timestamp < 0 { // without timestamps its own age counts
		return now-s.bornAt > l.config.RetentionMicros
	}
	return ms-s.latest.timestamp > l.config.RetentionMicros/1000
}
