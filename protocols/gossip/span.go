package gossip

import "sort"

// A key's place is the hash that says where it stands among all keys. Stores
// are kept in that order, so a span of places is a slice of the store, however
// the keys are called, and two nodes that hold different keys still mean the
// same by a span: the shape of the hash tree (tree.go) does not depend on what
// is in it.

// Span is the places from Lo to Hi, both included.
type Span struct{ Lo, Hi uint32 }

// everything is the span of all places.
var everything = Span{0, 1<<32 - 1}

// Has reports whether a place is in the span.
func (s Span) Has(place uint32) bool { return s.Lo <= place && place <= s.Hi }

// Place is where a key stands: the upper half of its hash.
func Place(key string) uint32 { return uint32(mix(hashString(fnvOffset, key)) >> 32) }

// within returns the entries of a span, in order of place. They are the
// store's own: not to be changed, nor kept.
func (s *Store) within(span Span) []Entry {
	lo := sort.Search(len(s.entries), func(i int) bool { return s.entries[i].place >= span.Lo })
	n := sort.Search(len(s.entries)-lo, func(i int) bool { return s.entries[lo+i].place > span.Hi })
	return s.entries[lo : lo+n]
}

// Sum is the hash of everything in the store. Equal stores have equal sums;
// different ones have different sums but for one chance in 2^64.
func (s *Store) Sum() uint64 { return s.sum(everything) }

// sum adds up the hashes of a span's entries, modulo 2^64. So a span's hash
// is the sum of the hashes of its parts, and 0 means that nothing is in it.
// (An opponent could find entries that add up alike; nodes that trust one
// another need no stronger hash.)
func (s *Store) sum(span Span) uint64 {
	var total uint64
	for _, e := range s.within(span) {
		total += e.sum
	}
	return total
}

const (
	fnvOffset = 0xcbf29ce484222325
	fnvPrime  = 0x100000001b3
)

// hashString continues FNV-1a over a string and its length.
func hashString(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return (h ^ uint64(len(s))) * fnvPrime
}

func hashWord(h, word uint64) uint64 {
	return mix(h ^ word*fnvPrime)
}

// mix spreads every bit over all (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func sumEntry(e *Entry) uint64 {
	h := hashString(hashString(fnvOffset, e.Key), e.Value)
	return hashWord(hashWord(h, e.Version.Counter), uint64(e.Version.Writer))
}
