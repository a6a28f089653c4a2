package gossip

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
)

// Limits of a store. A write or an entry beyond one of them is refused.
const (
	MaxKeyBytes   = 32
	MaxValueBytes = 200
	MaxStoreKeys  = 10_000
	maxSamePlace  = 4 // keys whose hashes agree in 32 bits: they cannot be told apart by ranges
)

// Version orders the values that a key has had. A writer takes the counter of
// the value it knows and adds one, so a value that was written in the
// knowledge of another always wins against it. Two writes that did not know of
// each other can have equal counters: then the greater writer wins. The rule
// is arbitrary, and it is the same everywhere, which is all that matters:
// every node that has seen both keeps the same one.
//
// (Demers et al. 1987, section 1.1, order by timestamps of synchronised clocks
// instead; a counter needs no clock and shows what was known.)
type Version struct {
	Counter uint64
	// Writer is one life of a node, so that a node which has forgotten what
	// it wrote cannot make the same version again: see NewWriter.
	Writer uint32
}

// NewWriter is the writer that a node (below 65,536) is in one of its lives
// (0 is the first; they are told apart up to 65,535).
func NewWriter(node, life int) uint32 { return uint32(life&0xffff)<<16 | uint32(node&0xffff) }

// Compare is negative when v is older than w, and positive when it is newer.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Counter, w.Counter), cmp.Compare(v.Writer, w.Writer))
}

// String writes "2 by 7", for the second life of node 7 "2 by 7'1".
func (v Version) String() string {
	s := strconv.FormatUint(v.Counter, 10) + " by " + strconv.Itoa(int(v.Writer&0xffff))
	if life := v.Writer >> 16; life > 0 {
		s += "'" + strconv.Itoa(int(life))
	}
	return s
}

// Entry is a key and the newest of its values that a node knows of.
type Entry struct {
	Key     string
	Value   string
	Version Version

	place uint32 // of the key: see Place
	sum   uint64 // of key, value and version
}

// Outcome says what a store did with an entry that was offered to it.
type Outcome uint8

// The outcomes.
const (
	Kept    Outcome = iota // the store has this one or a newer one
	Took                   // it was news
	Settled                // it was written at the same time as the store's own, and won
	Refused                // it breaks a limit of the store
)

// Store is one node's copy of the database: the newest known value of every
// key. The zero Store is empty and ready. Copy one with Clone, not by assignment.
type Store struct {
	// NoTies leaves out the second half of the conflict rule: of two values
	// with equal counters each node keeps the one it saw first. It is here to
	// show why the rule is needed.
	NoTies bool

	entries []Entry // in order of place, then key
	shared  bool    // with a clone: copy the entries before changing them
}

// Len is the number of keys.
func (s *Store) Len() int { return len(s.entries) }

// Clone returns an independent copy. It is cheap: the entries are copied when
// one of the two changes.
func (s *Store) Clone() Store {
	s.shared = true
	return *s
}

// own makes the entries the store's alone.
func (s *Store) own() {
	if s.shared {
		s.entries, s.shared = slices.Clone(s.entries), false
	}
}

// Get returns the entry of a key, if there is one.
func (s *Store) Get(key string) (Entry, bool) {
	if i, found := s.find(Place(key), key); found {
		return s.entries[i], true
	}
	return Entry{}, false
}

// Entries returns a copy of all entries in order of their keys: shorter keys
// first, so that k2 comes before k10.
func (s *Store) Entries() []Entry {
	all := slices.Clone(s.entries)
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(len(a.Key), len(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	return all
}

// Write gives a key a new value, one version above what this node knows. It
// returns the entry, and false if that would break a limit.
func (s *Store) Write(key, value string, writer uint32) (Entry, bool) {
	old, _ := s.Get(key)
	e := Entry{Key: key, Value: value, Version: Version{old.Version.Counter + 1, writer}}
	out := s.Merge(e)
	return e, out == Took
}

// Merge offers an entry to the store, which takes it if it is news. The
// order in which entries come makes no difference in the end, and neither
// does an entry that comes twice: the law that lets exchanges be lost,
// repeated and reordered at will. (With NoTies it does not hold.)
func (s *Store) Merge(e Entry) Outcome {
	if e.Key == "" || len(e.Key) > MaxKeyBytes || len(e.Value) > MaxValueBytes || e.Version.Counter == 0 {
		return Refused
	}
	e.place = Place(e.Key)
	e.sum = sumEntry(&e)
	i, found := s.find(e.place, e.Key)
	if !found {
		if len(s.entries) >= MaxStoreKeys || s.crowded(i, e.place) {
			return Refused
		}
		s.own()
		s.entries = slices.Insert(s.entries, i, e)
		return Took
	}
	mine := s.entries[i].Version
	if !s.beats(e.Version, mine) {
		return Kept
	}
	s.own()
	s.entries[i] = e
	if e.Version.Counter == mine.Counter {
		return Settled
	}
	return Took
}

// beats reports whether a value of version v replaces one of version w.
func (s *Store) beats(v, w Version) bool {
	if s.NoTies {
		return v.Counter > w.Counter
	}
	return v.Compare(w) > 0
}

// newer reports whether the store would take a value of this version for the key.
func (s *Store) newer(key string, v Version) bool {
	mine, found := s.Get(key)
	return !found || s.beats(v, mine.Version)
}

func (s *Store) find(place uint32, key string) (int, bool) {
	return sort.Find(len(s.entries), func(i int) int {
		e := &s.entries[i]
		return cmp.Or(cmp.Compare(place, e.place), cmp.Compare(key, e.Key))
	})
}

// crowded reports whether the entries around index i, where one of this
// place would go, already have as many of that place as there may be.
func (s *Store) crowded(i int, place uint32) bool {
	count := 0
	for j := i; j < len(s.entries) && s.entries[j].place == place; j++ {
		count++
	}
	for j := i - 1; j >= 0 && s.entries[j].place == place; j-- {
		count++
	}
	return count >= maxSamePlace
}
