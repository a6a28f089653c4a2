package sim

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"sort"
)

// EventID numbers the events of a run's journal from 1. 0 is no event: the
// cause of what the run began with.
type EventID uint64

// Kind says what an Event records.
type Kind uint8

// The kinds of events.
const (
	KindNone    Kind = iota
	KindStart        // Node starts or restarts
	KindSend         // Node sends a packet to Peer; Value is when it is due, Code the message kind
	KindCopy         // the network makes a second packet of one that Node sent to Peer; Value is when it is due
	KindDeliver      // a packet from Peer arrives at Node; Cause is its Send or Copy
	KindDrop         // a packet from Peer to Node dies; Cause is its Send or Copy, Why says why
	KindWake         // a timer of Node fires; Value is the Timer
	KindStale        // a timer set before Node's crash is thrown away
	KindNote         // Node says something about itself: Code and Value are its lab's
	KindCrash        // the script stops Node and its memory is gone
	KindPause        // the script holds Node still
	KindResume       // the script lets Node go on
	KindRule         // the script adds or lifts rules
	KindOrder        // the script gives an order of the lab's own: Node, or the whole lab
	KindRead         // Node reads from its disk; Value is when it is done (ParseDiskFile)
	KindWrite        // Node writes to its disk, or does something to a file; Value is when it need not wait any longer
	KindSync         // Node wants a file to be safe; Value is when it is
	KindDevice       // Node's disk does something because of Cause (ParseDiskWork); Value is when it is done
	KindLost         // a crash takes Size bytes from the end of a file on Node's disk; Value is what is left
	kinds
)

var kindNames = [kinds]string{"none", "start", "send", "copy", "deliver", "drop", "wake", "stale",
	"note", "crash", "pause", "resume", "rule", "order", "read", "write", "sync", "device", "lost"}

// String names the kind in lower case: "deliver".
func (k Kind) String() string { return kindNames[k] }

// Why says why a packet died.
type Why uint8

// The reasons.
const (
	Alive     Why = iota
	WhyLoss       // the link lost it
	WhyCut        // a rule cut the way
	WhyDown       // its receiver was down
	WhyFull       // the sender's buffer for the link was full
	WhyAbsent     // no such node
	whys
)

var whyNames = [whys]string{"", "loss", "cut", "down", "full", "absent"}

// String names the reason in lower case; "" for Alive.
func (w Why) String() string { return whyNames[w] }

// Event is one entry of the journal: fixed in size and free of pointers.
type Event struct {
	ID    EventID
	Cause EventID // the event that brought it about; 0 for none
	At    Time
	Value int64
	Node  NodeID
	Peer  NodeID // the other node, where there is one
	Size  uint32 // bytes of payload
	Sum   uint32 // a hash of the payload
	Code  uint16
	Kind  Kind
	Why   Why
}

// Level says how much of the journal is kept. All levels count and hash every
// event, so the digest does not depend on the level.
type Level uint8

// The levels.
const (
	Count  Level = iota // totals and digest only
	Follow              // the events of the nodes that Journal.Watch names
	All                 // every event
)

// Limits of what a journal keeps; beyond them the oldest are forgotten.
const (
	chunkEvents        = 1 << 12
	maxJournalEvents   = 1 << 21 // 112 MiB
	maxJournalPayloads = 1 << 26 // bytes of payloads
	maxChunkPayloads   = 1 << 20 // bytes: a chunk of long payloads has fewer events
)

// chunk is a run of kept events, with the payloads of those that sent one.
type chunk struct {
	events   []Event
	ends     []uint32 // where the payload of each event ends in payloads
	payloads []byte
}

func (c *chunk) full() bool {
	return len(c.events) == chunkEvents || len(c.payloads) >= maxChunkPayloads
}

// Journal is what happened. Views and checks read it; nothing else about the past exists.
type Journal struct {
	level   Level
	watched map[NodeID]bool // for Follow; only looked up, never walked
	total   EventID
	digest  uint64
	counts  [kinds]uint64
	bytes   uint64
	kept    []chunk // full but for the last; the oldest may have gone
	held    int     // bytes of payloads in kept
	// OnEvent, if set, sees every event as it is recorded, whatever the
	// level. The Event is valid until it returns.
	OnEvent func(*Event)
	seen    Event // what OnEvent sees
}

// Total is the number of events so far; the latest has this ID.
func (j *Journal) Total() uint64 { return uint64(j.total) }

// Count is the number of events of one kind so far.
func (j *Journal) Count(k Kind) uint64 { return j.counts[k] }

// Bytes is the number of payload bytes sent so far.
func (j *Journal) Bytes() uint64 { return j.bytes }

// Digest is the hash of every event so far, as 16 hexadecimal digits. Runs
// with equal digests did the same things at the same times with the same bytes.
func (j *Journal) Digest() string { return fmt.Sprintf("%016x", mix(j.digest+uint64(j.total))) }

// Level reports how much is kept.
func (j *Journal) Level() Level { return j.level }

// Keep sets how much is kept from now on; nodes is for Follow.
func (j *Journal) Keep(level Level, nodes ...NodeID) {
	j.level = level
	j.watched = make(map[NodeID]bool, len(nodes))
	for _, n := range nodes {
		j.watched[n] = true
	}
}

// record numbers, counts, hashes and perhaps keeps e, with the payload that
// it put on its way, if any.
func (j *Journal) record(e Event, payload []byte) EventID {
	j.total++
	e.ID = j.total
	j.counts[e.Kind]++
	// Multilinear within the event, chained between events: one dependent
	// multiplication an event instead of six.
	h := uint64(e.At)*0x9E3779B97F4A7C15 +
		uint64(e.Cause)*0xC2B2AE3D27D4EB4F +
		uint64(e.Value)*0x165667B19E3779F9 +
		(uint64(e.Node)<<32|uint64(e.Peer))*0xD6E8FEB86659FD93 +
		(uint64(e.Size)<<32|uint64(e.Sum))*0xA0761D6478BD642F +
		(uint64(e.Kind)<<24|uint64(e.Why)<<16|uint64(e.Code))*0xE7037ED1A0B428DB
	j.digest = (bits.RotateLeft64(j.digest, 23) ^ h ^ h>>29) * golden
	if j.level == All || j.level == Follow && (j.watched[e.Node] || j.watched[e.Peer]) {
		j.keep(&e, payload)
	}
	if j.OnEvent != nil {
		j.seen = e // e itself would move to the heap, at every event
		j.OnEvent(&j.seen)
	}
	return e.ID
}

func (j *Journal) keep(e *Event, payload []byte) {
	if n := len(j.kept); n == 0 || j.kept[n-1].full() {
		for len(j.kept) > 1 && (len(j.kept) >= maxJournalEvents/chunkEvents || j.held > maxJournalPayloads) {
			j.held -= len(j.kept[0].payloads)
			j.kept = append(j.kept[:0], j.kept[1:]...)
		}
		j.kept = append(j.kept, chunk{events: make([]Event, 0, chunkEvents), ends: make([]uint32, 0, chunkEvents)})
	}
	c := &j.kept[len(j.kept)-1]
	c.payloads = append(c.payloads, payload...)
	c.events = append(c.events, *e)
	c.ends = append(c.ends, uint32(len(c.payloads)))
	j.held += len(payload)
}

// find returns the chunk and the place in it of a kept event.
func (j *Journal) find(id EventID) (*chunk, int) {
	n := sort.Search(len(j.kept), func(i int) bool { return j.kept[i].events[0].ID > id }) - 1
	if n < 0 {
		return nil, 0
	}
	c := &j.kept[n]
	i := sort.Search(len(c.events), func(i int) bool { return c.events[i].ID >= id })
	if i == len(c.events) || c.events[i].ID != id {
		return nil, 0
	}
	return c, i
}

// Find returns the event with this ID, if it was kept and not yet forgotten.
func (j *Journal) Find(id EventID) (Event, bool) {
	c, i := j.find(id)
	if c == nil {
		return Event{}, false
	}
	return c.events[i], true
}

// Payload returns the bytes that a kept Send or Copy put on its way. The
// caller must not change them.
func (j *Journal) Payload(id EventID) ([]byte, bool) {
	c, i := j.find(id)
	if c == nil {
		return nil, false
	}
	start := uint32(0)
	if i > 0 {
		start = c.ends[i-1]
	}
	return c.payloads[start:c.ends[i]], true
}

// Walk calls visit for the kept events, newest first, until it returns false.
func (j *Journal) Walk(visit func(*Event) bool) {
	for n := len(j.kept) - 1; n >= 0; n-- {
		events := j.kept[n].events
		for i := len(events) - 1; i >= 0; i-- {
			if !visit(&events[i]) {
				return
			}
		}
	}
}

// save keeps the totals; the events themselves stay where they are, and load
// forgets those that came after.
func (j *Journal) save() Journal {
	kept := *j
	kept.kept = nil
	return kept
}

func (j *Journal) load(kept *Journal) {
	j.total, j.digest, j.counts, j.bytes = kept.total, kept.digest, kept.counts, kept.bytes
	for n := len(j.kept) - 1; n >= 0; n-- {
		c := &j.kept[n]
		left := sort.Search(len(c.events), func(i int) bool { return c.events[i].ID > j.total })
		j.held -= len(c.payloads)
		if left > 0 {
			c.events, c.ends = c.events[:left], c.ends[:left]
			c.payloads = c.payloads[:c.ends[left-1]]
			j.held += len(c.payloads)
			return
		}
		j.kept = j.kept[:n]
	}
}

// sum hashes a payload for its event.
func sum(payload []byte) uint32 {
	h := uint64(len(payload)) * golden
	for ; len(payload) >= 8; payload = payload[8:] {
		h = (h ^ binary.LittleEndian.Uint64(payload)) * 0xBF58476D1CE4E5B9
		h ^= h >> 29
	}
	var rest uint64
	switch n := len(payload); {
	case n >= 4: // two halves that may overlap
		rest = uint64(binary.LittleEndian.Uint32(payload)) | uint64(binary.LittleEndian.Uint32(payload[n-4:]))<<32
	case n > 0:
		rest = uint64(payload[0]) | uint64(payload[n/2])<<8 | uint64(payload[n-1])<<16
	}
	h = (h ^ rest) * 0x94D049BB133111EB
	return uint32(h >> 32)
}
