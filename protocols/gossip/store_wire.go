package gossip

import (
	"errors"
	"fmt"

	"grapevine/protocols/strictcbor"
)

// The messages by which two nodes compare their stores: CBOR (RFC 8949)
// arrays that begin with the message's type.
//
//	message  = sums / checksum / digest / want / entries
//	sums     = [0, flow, [+ node]]          ; hashes of a tree's nodes (tree.go)
//	checksum = [1, flow, hash]              ; the hash of the whole store
//	digest   = [2, flow, [+ span], [* head]] ; all that the sender has within the spans
//	want     = [3, [+ key]]                 ; send me these
//	entries  = [4, flow, span, [* entry]]   ; take these
//
//	flow  = 0..3           ; 1: the sender gives what is newer with it,
//	                       ; 2: it takes what is newer with the receiver, 3: both
//	span  = [lo, hi]       ; uint32, both included; spans ascend, and so do nodes; no key comes twice
//	node  = [lo, level, [16*16 hash]]       ; of its children; level 0 (the root) to 7
//	head  = [key, counter, writer]
//	entry = [key, value, counter, writer]
//	key = tstr .size (1..32), value = tstr .size (0..200), counter = 1..2^64-1, writer = uint32, hash = uint64
//
// in the deterministic encoding of RFC 8949, section 4.2.1, and no other.
//
// Behaviour: every message can be acted on by itself, so that a lost, doubled
// or late one does no harm. In entries whose flow has 2, the list is all that
// the sender has within the span.
// Versions: this is the first; an unknown type is an error.
// Not done: acknowledgements (the next exchange makes good what was lost),
// deletion (a death certificate would be one more kind of entry).

// Flow says which way news is to go between the two nodes of an exchange,
// seen from the sender of a message.
type Flow uint8

// The flows: push, pull, and their sum, push-pull.
const (
	Give Flow = 1
	Take Flow = 2
)

// back is the same flow seen from the other node.
func (f Flow) back() Flow { return f>>1 | f&1<<1 }

// Letter is the type of a message between stores.
type Letter uint8

// The letters.
const (
	Sums Letter = iota
	Checksum
	Digest
	Want
	Entries
	letters
)

var letterNames = [letters]string{"sums", "checksum", "digest", "want", "entries"}

// String names the letter as the comment above does.
func (l Letter) String() string { return letterNames[l] }

const (
	// MessageBytes is what a message is kept to, so that it fits one Ethernet
	// frame; what is more goes into further messages. Keys that share one
	// place are not parted, so a message can be somewhat longer.
	MessageBytes = 1200
	// MaxMessageBytes is the longest that is read.
	MaxMessageBytes = 4096
)

// Head is a key and the version of its value.
type Head struct {
	_       struct{} `cbor:",toarray"`
	Key     string
	Counter uint64
	Writer  uint32
}

// wireEntry is an Entry in a message.
type wireEntry struct {
	_       struct{} `cbor:",toarray"`
	Key     string
	Value   string
	Counter uint64
	Writer  uint32
}

type wireSpan struct {
	_      struct{} `cbor:",toarray"`
	Lo, Hi uint32
}

// treeNode holds the hashes of one node's children.
type treeNode struct {
	_      struct{} `cbor:",toarray"`
	Lo     uint32
	Level  uint8
	Hashes [treeWidth]uint64
}

type sumsMessage struct {
	_     struct{} `cbor:",toarray"`
	Type  Letter
	Flow  Flow
	Nodes []treeNode
}

type checksumMessage struct {
	_    struct{} `cbor:",toarray"`
	Type Letter
	Flow Flow
	Hash uint64
}

type digestMessage struct {
	_     struct{} `cbor:",toarray"`
	Type  Letter
	Flow  Flow
	Spans []wireSpan
	Heads []Head
}

type wantMessage struct {
	_    struct{} `cbor:",toarray"`
	Type Letter
	Keys []string
}

type entriesMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Flow    Flow
	Span    wireSpan
	Entries []wireEntry
}

// wire holds the messages to one form, and a peer to what they can hold.
var wire = strictcbor.New(strictcbor.Limits{Nesting: 4 + 1, ArrayElements: MaxMessageBytes})

// decode reads one of the messages above, a pointer to which it returns.
// Its errors are the peer's: say what came, and drop the message.
func decode(b []byte) (any, error) {
	if len(b) > MaxMessageBytes {
		return nil, fmt.Errorf("a message of %d bytes, expected at most %d", len(b), MaxMessageBytes)
	}
	if len(b) < 2 || b[0]&0xe0 != 0x80 {
		return nil, errors.New("not a message between stores: expected a CBOR array that begins with a type")
	}
	var m interface{ check() error }
	switch Letter(b[1]) {
	case Sums:
		m = new(sumsMessage)
	case Checksum:
		m = new(checksumMessage)
	case Digest:
		m = new(digestMessage)
	case Want:
		m = new(wantMessage)
	case Entries:
		m = new(entriesMessage)
	default:
		return nil, fmt.Errorf("a message of type %#x, expected 0 to %d", b[1], letters-1)
	}
	err := wire.Unmarshal(b, m)
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%v: %w", Letter(b[1]), err)
	}
	return m, nil
}
