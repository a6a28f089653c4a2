package log

import (
	"fmt"
	"grapevine/protocols/kafka/batch"
	"math"
	"strconv"
	"strings"
)

// segment is one file of batches and what is known of it.
type segment struct {
	file     string // of its batches
	base     int64  // its first offset
	next     int64  // the offset behind its last
	bytes    int64
	batches  int
	latest   timeEntry // the latest timestamp, and the last offset of the batch with it
	index    index
	bornAt   int64 // when it got its first batch in this life of the node
	state    sealing
	syncedAt int64  // while it is syncing: until when
	after    []byte // the snapshot that belongs behind it, to be written then
	safeAt   int64  // when that snapshot is safe, once this was asked for; 0: it was not
}

// sealing is where a segment is on its way to being sealed.
type sealing uint8

const (
	active  sealing = iota // the last one: batches are appended
	syncing                // nothing is appended any more; its bytes are being synced
	sealed                 // its indexes are written
)

// The kinds of files of a segment, by the ends of their names.
const (
	logFile      = ".log"
	placesFile   = ".index"
	timesFile    = ".timeindex"
	sealFile     = ".seal"
	snapshotFile = ".snapshot"
	cleanedFile  = ".cleaned"
)

// name is the name of one of a segment's files: 20 digits, so that names are
// in the order of the offsets.
func (l *Log) name(base int64, kind string) string {
	return fmt.Sprintf("%s/%020d%s", l.dir, base, kind)
}

// parseName reads a file's name.
func (l *Log) parseName(file string) (base int64, kind string, ok bool) {
	file, ok = strings.CutPrefix(file, l.dir+"/")
	if digits, kind, found := strings.Cut(file, "."); ok && found && len(digits) == 20 {
		base, err := strconv.ParseUint(digits, 10, 64) // takes no sign
		return int64(base), "." + kind, err == nil && base <= maxOffset
	}
	return 0, "", false
}

// maxOffset leaves room to add to an offset.
const maxOffset = math.MaxInt64 / 2

func (l *Log) newSegment(base int64) *segment {
	return &segment{file: l.name(base, logFile), base: base, next: base, latest: timeEntry{timestamp: -1}}
}

// add takes in a batch that is, or is about to be, at the segment's end.
func (s *segment) add(interval int64, h *batch.Header) {
	last := uint32(h.LastOffset() - s.base)
	if h.MaxTimestamp > s.latest.timestamp {
		s.latest = timeEntry{h.MaxTimestamp, last}
	}
	s.index.add(interval, last, uint32(s.bytes), int64(h.Bytes), s.latest)
	s.bytes += int64(h.Bytes)
	s.batches++
	s.next = h.Next()
}

// fits says whether a batch of so many bytes that ends with offset last may be
// appended behind others of size bytes. One that is alone always may.
func (s *segment) fits(size, bytes, last, segmentBytes int64) bool {
	size += s.bytes
	return size == 0 || size+bytes <= segmentBytes && last-s.base < math.MaxInt32
}
