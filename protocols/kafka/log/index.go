package log

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
)

// The indexes of a segment are sparse: an entry for every IndexIntervalBytes
// of batches. They are kept in memory, as Kafka has them mapped, and written
// when the segment is sealed.
// Offsets are less the segment's base, so that 4 bytes do.

// placeEntry says where a batch begins: the offset index.
type placeEntry struct {
	last     uint32 // the batch's last offset
	position uint32 // in bytes
}

// timeEntry says that no record up to an offset is later than a timestamp.
type timeEntry struct {
	timestamp int64  // ms
	last      uint32 // the last offset of the batch with it
}

// Bytes of an entry in a file; as in Kafka's.
const (
	placeBytes = 8
	timeBytes  = 12
)

// index is what is known of the inside of a segment.
type index struct {
	places []placeEntry
	times  []timeEntry
	behind int64 // bytes since the latest entry
}

// add takes in a batch that is about to be written at position; latest is the
// latest timestamp of the segment, that one included, and where it is.
func (x *index) add(interval int64, last, position uint32, size int64, latest timeEntry) {
	if x.behind >= interval {
		x.put(placeEntry{last, position}, latest)
		x.behind = 0
	}
	x.behind += size
}

// put adds entries, unless they say nothing new.
func (x *index) put(place placeEntry, latest timeEntry) {
	if n := len(x.places); n == 0 || x.places[n-1].last < place.last {
		x.places = append(x.places, place)
	}
	if n := len(x.times); n == 0 || x.times[n-1].timestamp < latest.timestamp {
		x.times = append(x.times, latest)
	}
}

// position is where to begin to look for the batch that holds an offset.
func (x *index) position(offset uint32) int64 {
	// A batch that ends below the offset may be followed by the one.
	if n := sort.Search(len(x.places), func(i int) bool { return x.places[i].last > offset }); n > 0 {
		return int64(x.places[n-1].position)
	}
	return 0
}

// before is the last offset of which it is known that no record up to it has
// a timestamp of ms or later; false: nothing is known.
func (x *index) before(ms int64) (uint32, bool) {
	n := sort.Search(len(x.times), func(i int) bool { return x.times[i].timestamp >= ms })
	if n == 0 {
		return 0, false
	}
	return x.times[n-1].last, true
}

func (x *index) appendPlaces(dst []byte) []byte {
	for _, e := range x.places {
		dst = binary.BigEndian.AppendUint32(dst, e.last)
		dst = binary.BigEndian.AppendUint32(dst, e.position)
	}
	return dst
}

func (x *index) appendTimes(dst []byte) []byte {
	for _, e := range x.times {
		dst = binary.BigEndian.AppendUint64(dst, uint64(e.timestamp))
		dst = binary.BigEndian.AppendUint32(dst, e.last)
	}
	return dst
}

// parseIndex reads both; that they are as they were written is for the seal to say.
func parseIndex(places, times []byte) (x index) {
	for ; len(places) >= placeBytes; places = places[placeBytes:] {
		x.places = append(x.places, placeEntry{binary.BigEndian.Uint32(places), binary.BigEndian.Uint32(places[4:])})
	}
	for ; len(times) >= timeBytes; times = times[timeBytes:] {
		x.times = append(x.times, timeEntry{int64(binary.BigEndian.Uint64(times)), binary.BigEndian.Uint32(times[8:])})
	}
	return x
}

// within reports whether all entries are of a file of so many bytes, and in order.
func (x *index) within(bytes int64) bool {
	for i, e := range x.places {
		if int64(e.position) >= bytes || i > 0 && e.last <= x.places[i-1].last {
			return false
		}
	}
	return slices.IsSortedFunc(x.times, func(a, b timeEntry) int { return cmp.Compare(a.timestamp, b.timestamp) })
}
