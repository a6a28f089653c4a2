package rpc

import (
	"fmt"
	"math/bits"
)

// Call ID tables
//
// A pointer to a function means nothing in another process, so each function
// has a Call ID that means the same in all of them. Client and server each
// keep a table: the client's leads from a function to its Call ID, the
// server's from a Call ID to a function. The two may differ in size; entries
// for the same function must agree, or the wrong function is called.
//
// Both are hash tables with open addressing and linear probing: an entry lies
// in the bucket its key hashes to, or in the next free one. Nothing is ever
// deleted from a table: to change it, make another.

// ID is a Call ID: a number or a name.
type ID struct {
	Name   string // "" if the ID is a number
	Number uint32
}

// String writes the ID as the interface description does.
func (id ID) String() string {
	if id.Name != "" {
		return id.Name
	}
	return fmt.Sprint(id.Number)
}

// MaxNameBytes is the longest name of a function, and so of a Call ID.
const MaxNameBytes = 64

// Entry is one function in a table.
type Entry struct {
	Function string // "Counter.add"
	ID       ID
	// Signature is a hash of the function's name, parameters and result as
	// described: equal where the descriptions are.
	Signature uint32
}

// Key is what a table is searched by.
type Key uint8

// The keys.
const (
	ByFunction Key = iota // a client's table
	ByID                  // a server's
)

// Table is a Call ID table. NewTable makes one.
type Table struct {
	key     Key
	buckets []Entry // empty: no Function
	len     int
}

// MaxBuckets is the largest number of buckets a table may have.
const MaxBuckets = 1 << 16

// NewTable makes a table of so many buckets, a power of two up to MaxBuckets
// (0: the smallest that is at most half full), that holds the entries. It
// fails when they do not fit, a key comes twice, or a name is empty or longer
// than MaxNameBytes.
func NewTable(key Key, buckets int, entries ...Entry) (*Table, error) {
	if buckets == 0 {
		buckets = 1 << bits.Len(uint(max(2*len(entries)-1, 0)))
	}
	switch {
	case buckets < 0 || buckets > MaxBuckets || buckets&(buckets-1) != 0:
		return nil, fmt.Errorf("rpc: a table of %d buckets; expected a power of two up to %d", buckets, MaxBuckets)
	case len(entries) > buckets:
		return nil, fmt.Errorf("rpc: %d entries do not fit a table of %d buckets", len(entries), buckets)
	}
	t := &Table{key: key, buckets: make([]Entry, buckets)}
	for _, e := range entries {
		if n := len(e.Function); n == 0 || n > MaxNameBytes || len(e.ID.Name) > MaxNameBytes {
			return nil, fmt.Errorf("rpc: entry %q has a name of no or more than %d bytes", e.Function, MaxNameBytes)
		}
		at := t.search(e.Function, e.ID)
		if at.Found {
			return nil, fmt.Errorf("rpc: two entries for %s (ID %s)", e.Function, e.ID)
		}
		t.buckets[at.Bucket], t.len = e, t.len+1
	}
	return t, nil
}

// Lookup tells how a table was searched, for a picture: from bucket Home on,
// Probes buckets were looked at, and Bucket was the last of them. If Found, the
// entry lies there; otherwise that bucket is empty, or all of the table was
// searched.
type Lookup struct {
	Home, Bucket, Probes int
	Found                bool
}

// Function looks up an entry by its function's name; the table must be keyed so.
func (t *Table) Function(name string) (Entry, Lookup) { return t.found(t.search(name, ID{})) }

// ID looks up an entry by its Call ID; the table must be keyed so.
func (t *Table) ID(id ID) (Entry, Lookup) { return t.found(t.search("", id)) }

func (t *Table) found(l Lookup) (Entry, Lookup) {
	if !l.Found {
		return Entry{}, l
	}
	return t.buckets[l.Bucket], l
}

func (t *Table) search(function string, id ID) (l Lookup) {
	mask := len(t.buckets) - 1
	l.Home = int(t.hash(function, id)) & mask
	for l.Bucket = l.Home; ; l.Bucket = (l.Bucket + 1) & mask {
		l.Probes++
		e := &t.buckets[l.Bucket]
		l.Found = e.Function != "" && (t.key == ByFunction && e.Function == function || t.key == ByID && e.ID == id)
		if l.Found || e.Function == "" || l.Probes == len(t.buckets) {
			return l
		}
	}
}

// hash is FNV-1a over a name, and Fibonacci hashing (Knuth 6.4) of a number.
func (t *Table) hash(function string, id ID) uint32 {
	text := function
	if t.key == ByID {
		if text = id.Name; text == "" {
			return id.Number * 2654435769 >> 16
		}
	}
	h := hashText(text)
	return h ^ h>>16
}

func hashText(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}

// Signature hashes a function's line of an interface description, as
// "Counter.add(by int) int": what Entry.Signature holds.
func Signature(line string) uint32 { return hashText(line) }

// Key returns what the table is searched by.
func (t *Table) Key() Key { return t.key }

// Len returns how many entries the table has.
func (t *Table) Len() int { return t.len }

// Buckets returns how many buckets the table has.
func (t *Table) Buckets() int { return len(t.buckets) }

// Bucket returns what lies in a bucket, from 0; false if nothing does.
func (t *Table) Bucket(i int) (Entry, bool) { return t.buckets[i], t.buckets[i].Function != "" }
