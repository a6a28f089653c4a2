package log

import (
	"grapevine/protocols/kafka/batch"
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Compaction. Sealed segments are written anew without what nobody needs any
// more, into files beside them. When those are safe they take the place of the
// old ones, in settle: a new file by one Rename, after which the others that
// were merged into it are deleted. A crash on the way leaves old files or new
// ones, and recovery sees which.
//
// Batches keep their offsets, and producers their last batch, if need be
// without records. So does each segment: that is how a segment always ends
// where the next begins, and recovery sees when one has lost its end.

// maxCleanKeyBytes bounds the keys that one compaction keeps in mind, as
// Config.MaxCleanKeys does.
const maxCleanKeyBytes = 64 << 20

// cleaning is a compaction under way.
type cleaning struct {
	at   int64 // when the new files are safe
	done int64 // what cleaned will be
	new  []cleanSegment
}

// cleanSegment is a new segment and those whose place it takes.
type cleanSegment struct {
	segment *segment
	aborted []Aborted // of the old ones, those whose markers are gone
	old     []*segment
}

// Compact begins to compact the sealed segments below the high watermark, if
// the configuration says so: of records with the same key the latest stays,
// with its offset; records of aborted transactions go, and those without a
// key; tombstones and markers go when their timestamps are old enough. It
// reports whether there was anything to do. To be called now and then: Kafka's
// cleaner looks every 15 seconds.
func (l *Log) Compact(now, highWatermark int64) (begun bool, err error) {
	l.settle(now)
	stable := l.LastStable(highWatermark)
	if !l.config.Compact || l.cleaning != nil {
		return false, nil
	}
	var ready []*segment
	total, dirty := int64(0), int64(0)
	for _, s := range l.segments {
		if s.state != sealed || s.next > stable {
			break
		}
		ready = append(ready, s)
		total += s.bytes
		if s.next > l.cleaned {
			dirty += s.bytes
		}
	}
	if dirty == 0 || dirty*100 < total*int64(l.config.DirtyPercent) {
		return false, nil
	}
	c := cleaner{log: l, now: now, segments: ready, kept: map[int64]bool{},
		old: l.config.Wall(now) - l.config.TombstoneMicros/1000}
	if err := c.run(); err != nil {
		c.abandon()
		return false, kerr.KafkaStorageError
	}
	l.cleaning = &c.result
	l.settle(now)
	return true, nil
}

// replace puts the new segments in the place of the old ones.
func (l *Log) replace(now int64) {
	c := l.cleaning
	l.cleaning = nil
	for i := range c.new {
		if !l.replaceOne(now, &c.new[i]) {
			return // the others stay as they were
		}
	}
	l.cleaned = c.done
}

func (l *Log) replaceOne(now int64, n *cleanSegment) bool {
	base := n.segment.base
	if l.disk.Delete(now, l.name(base, sealFile)) != nil || l.disk.Rename(now, l.name(base, cleanedFile), n.segment.file) != nil {
		return false
	}
	for _, s := range n.old[1:] {
		if l.deleteFiles(now, s.base) != nil {
			break // recovery does it
		}
	}
	l.txns.aborted = slices.DeleteFunc(l.txns.aborted, func(a Aborted) bool { return slices.Contains(n.aborted, a) })
	i := slices.Index(l.segments, n.old[0])
	l.segments = slices.Replace(l.segments, i, i+len(n.old), n.segment)
	l.seal(now, n.segment)
	return true
}

// dropCleaning gives up a compaction, because its segments are about to go.
func (l *Log) dropCleaning(now int64) error {
	if l.cleaning == nil {
		return nil
	}
	for _, n := range l.cleaning.new {
		if l.disk.Delete(now, l.name(n.segment.base, cleanedFile)) != nil {
			return kerr.KafkaStorageError
		}
	}
	l.cleaning = nil
	return nil
}

// cleaner is one compaction.
type cleaner struct {
	log      *Log
	now      int64
	segments []*segment
	old      int64 // tombstones and markers before this go, ms
	result   cleaning

	latest  map[string]int64 // the last offset of each key; only looked up, never walked
	kept    map[int64]bool   // producers of whose present transaction a batch was kept; likewise
	before  map[int64]bool   // producers whose transaction was open before the segment that is being made; likewise
	records []batch.Record
	out     []byte
}

const writeBytes = 1 << 20

func (c *cleaner) run() error {
	if err := c.learn(); err != nil {
		return err
	}
	l := c.log
	for rest := c.segments; len(rest) > 0; {
		group := 1
		for bytes := rest[0].bytes; group < len(rest); group++ {
			bytes += rest[group].bytes
			if bytes > l.config.SegmentBytes || rest[group].next-rest[0].base >= math.MaxInt32 {
				break
			}
		}
		if err := c.rewrite(rest[:group]); err != nil {
			return err
		}
		rest = rest[group:]
	}
	return nil
}

// learn finds the last offset of each key in what was not compacted yet. Where
// there are too many keys it stops, at result.done; what follows stays as it
// is. A tombstone among it may be the only word against a value before it.
func (c *cleaner) learn() error {
	c.latest = map[string]int64{}
	bytes := 0
	for _, s := range c.segments {
		if s.next <= c.log.cleaned {
			c.result.done = s.next
			continue
		}
		w := c.log.walk(c.now, s, s.bytes, 0)
		for {
			h, ok, err := w.peek()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			b, err := w.read(&h)
			if err != nil {
				return err
			}
			if h.BaseOffset >= c.log.cleaned && !h.Control() && !c.aborted(&h) {
				c.records, _ = batch.Records(c.records[:0], b, batch.DefaultLimits)
				for i := range c.records {
					r := &c.records[i]
					if bytes += len(r.Key); len(c.latest) >= c.log.config.MaxCleanKeys || bytes > maxCleanKeyBytes {
						c.result.done = max(h.BaseOffset, c.log.cleaned)
						return nil
					}
					c.latest[string(r.Key)] = h.BaseOffset + int64(r.OffsetDelta)
				}
			}
			w.skip(&h)
		}
		c.result.done = s.next
	}
	return nil
}

// aborted reports whether a batch is part of a transaction that was given up.
func (c *cleaner) aborted(h *batch.Header) bool {
	return h.Transactional() && slices.ContainsFunc(c.log.Aborted(h.BaseOffset, h.BaseOffset+1), func(a Aborted) bool {
		return a.Producer == h.ProducerID
	})
}

// rewrite makes one segment of several.
func (c *cleaner) rewrite(group []*segment) error {
	l := c.log
	n := cleanSegment{segment: l.newSegment(group[0].base), old: group}
	file := l.name(n.segment.base, cleanedFile)
	if err := l.disk.Delete(c.now, file); err != nil {
		return err
	}
	c.result.new = append(c.result.new, n)
	me := &c.result.new[len(c.result.new)-1]
	c.before = map[int64]bool{}
	for _, p := range l.producersAt(c.now, n.segment.base) {
		c.before[p.id] = p.open >= 0
	}
	before := int64(0)
	for _, s := range group {
		before += s.bytes
		if err := c.copy(me, s, file); err != nil {
			return err
		}
	}
	if err := c.flush(file, 0); err != nil {
		return err
	}
	if len(group) == 1 && me.segment.bytes == before {
		c.result.new = c.result.new[:len(c.result.new)-1] // nothing was to be done
		return l.disk.Delete(c.now, file)
	}
	at, err := l.disk.Sync(c.now, file)
	c.result.at = max(c.result.at, at)
	return err
}

// copy writes what is to stay of one segment.
func (c *cleaner) copy(n *cleanSegment, s *segment, file string) error {
	w := c.log.walk(c.now, s, s.bytes, 0)
	for {
		h, ok, err := w.peek()
		if err != nil || !ok {
			return err
		}
		b, err := w.read(&h)
		if err != nil {
			return err
		}
		from := len(c.out)
		if h.BaseOffset < c.result.done {
			c.clean(n, &h, b, h.Next() == s.next)
		} else {
			c.out = append(c.out, b...)
		}
		if len(c.out) > from {
			h, _, _ := batch.Peek(c.out[from:])
			n.segment.add(c.log.config.IndexIntervalBytes, &h)
			if err := c.flush(file, writeBytes); err != nil {
				return err
			}
		}
		w.skip(&h)
	}
}

// flush writes what is ready, if it is more than so much.
func (c *cleaner) flush(file string, most int) error {
	if len(c.out) <= most && most > 0 {
		return nil
	}
	_, err := c.log.disk.Append(c.now, file, c.out)
	c.out = c.out[:0]
	return err
}

// clean appends to c.out what is to stay of a batch.
func (c *cleaner) clean(n *cleanSegment, h *batch.Header, b []byte, lastOfSegment bool) {
	if h.Control() {
		// A marker says how the batches before it ended, as long as there are
		// any; and it ends what the snapshot before the segment has as open,
		// should a crash have the segment read through before it is sealed.
		if c.kept[h.ProducerID] || c.before[h.ProducerID] || h.MaxTimestamp >= c.old || lastOfSegment || h.ProducerID < 0 || c.log.isLatest(h) {
			c.out = append(c.out, b...)
		} else {
			n.aborted = append(n.aborted, c.log.abortedBy(h)...)
		}
		c.kept[h.ProducerID], c.before[h.ProducerID] = false, false
		return
	}
	stay, err := []batch.Record(nil), error(nil)
	if !c.aborted(h) {
		if c.records, err = batch.Records(c.records[:0], b, batch.DefaultLimits); err != nil {
			c.records = nil
		}
		stay = c.records[:0]
		for _, r := range c.records {
			if c.stays(h, &r) {
				stay = append(stay, r)
			}
		}
	}
	switch {
	case err != nil || len(stay) > 0 && len(stay) == int(h.Records):
		c.out = append(c.out, b...) // as it came, garbled ones as well
	case len(stay) > 0 || lastOfSegment || c.log.isLatest(h):
		c.out = batch.Rewrite(c.out, *h, stay)
	default:
		return
	}
	if h.Transactional() {
		c.kept[h.ProducerID] = true
	}
}

func (c *cleaner) stays(h *batch.Header, r *batch.Record) bool {
	if r.Key == nil || r.Value == nil && h.FirstTimestamp+r.TimestampDelta < c.old {
		return false
	}
	latest, known := c.latest[string(r.Key)]
	return !known || latest <= h.BaseOffset+int64(r.OffsetDelta)
}

// isLatest reports whether a batch is the latest of its producer, which tells
// the sequence that comes next; or a marker that alone tells of its epoch.
func (l *Log) isLatest(h *batch.Header) bool {
	if h.ProducerID < 0 {
		return false
	}
	p := l.producers.known(h.ProducerID)
	if h.Control() {
		return p.count == 0 && p.epoch == h.ProducerEpoch
	}
	return p.count > 0 && p.recent[p.count-1].last == h.LastOffset()
}

// abortedBy returns the transaction that a marker aborted.
func (l *Log) abortedBy(h *batch.Header) []Aborted {
	return slices.DeleteFunc(l.Aborted(h.BaseOffset, h.BaseOffset+1), func(a Aborted) bool { return a.Last != h.BaseOffset })
}

// producersAt lists the producers that are known before a segment.
func (l *Log) producersAt(now, base int64) []*producer {
	file := l.name(base, snapshotFile)
	size, _ := l.disk.Size(file)
	b := make([]byte, size)
	if n, _, err := l.disk.ReadAt(now, file, b, 0); err == nil {
		if _, list, ok := parseSnapshot(b[:n]); ok {
			return list
		}
	}
	return nil
}

// abandon deletes what was written.
func (c *cleaner) abandon() {
	for _, n := range c.result.new {
		_ = c.log.disk.Delete(c.now, c.log.name(n.segment.base, cleanedFile)) // or the next Open does
	}
}
