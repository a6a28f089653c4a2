package registry

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"grapevine/protocols/strictcbor"
)

// The messages: CBOR (RFC 8949) arrays that begin with the message's type.
//
//	register   = [0, request, service, instance, lease]   ; list me for so long
//	heartbeat  = [1, request, service, id, life]          ; I am alive: the same lease again
//	deregister = [2, request, service, id, life]          ; I leave
//	lookup     = [3, request, service, version]           ; who is there? I know this version
//	watch      = [4, request, service, version, lease]    ; and tell me of every change for so long
//	granted    = [5, request, lease]                      ; to register and heartbeat
//	unknown    = [6, request]                             ; to heartbeat: nobody is listed by that name
//	removed    = [7, request]                             ; to deregister
//	listing    = [8, request, service, version, young, [* instance]]
//	same       = [9, request, service, version, young]    ; what you know is the newest
//	up         = [10, service, version, instance]         ; one change, from the version before
//	down       = [11, service, version, id, why]          ; likewise
//	refused    = [12, request, refusal]
//
//	instance = [id, life, address, weight, [* [key, value]]]
//	version  = [epoch, counter]   ; of one service's list; [0, 0] for no knowledge
//	why      = 0 (its lease ended) / 1 (it left)
//	refusal  = 0 (too many services) / 1 (the list is full) / 2 (too many watches) / 3 (a younger life is listed)
//	request, lease, life, epoch, counter = uint; lease in microseconds; weight = 1..MaxWeight
//	service, id, address, key, value = tstr of 1 to Max...Bytes; a value may be empty
//
// in the deterministic encoding of RFC 8949, section 4.2.1, and no other.
//
// Behaviour: a request is answered once for each time it arrives, and can
// arrive twice: nothing gets worse. Changes are not acknowledged; see client.go
// for how a lost one is noticed.
// Versions: this is the first; an unknown type is an error.
// Not done: authentication (who may register), namespaces, and more than one
// registry (a replicated one answers as one would).

// Letter is the type of a message.
type Letter uint8

// The letters.
const (
	Register Letter = iota
	Heartbeat
	Deregister
	Lookup
	Watch
	Granted
	Unknown
	Removed
	List
	Same
	Up
	Down
	Refused
	letters
)

var letterNames = [letters]string{"register", "heartbeat", "deregister", "lookup", "watch",
	"granted", "unknown", "removed", "listing", "same", "up", "down", "refused"}

// String names the letter as the comment above does.
func (l Letter) String() string { return letterNames[l] }

// LetterOf returns the type of a message that one of the machines sent.
func LetterOf(message []byte) Letter { return Letter(message[1]) }

// The limits of what a message holds.
const (
	MaxNameBytes    = 48 // of a service, an id, an address, a metadata key
	MaxValueBytes   = 96 // of a metadata value
	MaxPairs        = 8  // of metadata
	MaxWeight       = 100
	MaxMessageBytes = 16 << 10
	maxListed       = 1024 // instances in one listing
)

// Pair is one piece of metadata.
type Pair struct {
	_          struct{} `cbor:",toarray"`
	Key, Value string
}

// Instance is one process that offers a service.
type Instance struct {
	_  struct{} `cbor:",toarray"`
	ID string
	// Life tells the lives of a process apart that restarts under its old ID;
	// a later life has a greater number.
	Life     uint64
	Address  string // where to call it; the protocol does not look inside
	Weight   uint32 // its share of the load, 1 to MaxWeight
	Metadata []Pair
}

// Version says how new one service's list is.
type Version struct {
	_       struct{} `cbor:",toarray"`
	Epoch   uint64   // of the registry: one that forgot everything comes back with a greater one
	Counter uint64   // changes of the list in this epoch
}

// After reports whether v is newer than w.
func (v Version) After(w Version) bool {
	return v.Epoch > w.Epoch || v.Epoch == w.Epoch && v.Counter > w.Counter
}

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Epoch, v.Counter) }

// Why says why an instance is no longer listed.
type Why uint8

// The reasons.
const (
	Ended Why = iota // its lease ended
	Left             // it deregistered
	whys
)

// String names the reason.
func (w Why) String() string { return [...]string{"its lease ended", "it left"}[w] }

// Refusal says why the registry did not do what it was asked.
type Refusal uint8

// The refusals.
const (
	TooManyServices Refusal = iota
	ListFull
	TooManyWatches
	Outlived
	refusals
)

// String says the refusal in a few words.
func (r Refusal) String() string {
	return [...]string{"too many services", "the service's list is full", "too many watches", "a younger life of this instance is listed"}[r]
}

type registerMessage struct {
	_        struct{} `cbor:",toarray"`
	Type     Letter
	Request  uint64
	Service  string
	Instance Instance
	Lease    int64
}

// aboutMessage is heartbeat and deregister.
type aboutMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Request uint64
	Service string
	ID      string
	Life    uint64
}

type lookupMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Request uint64
	Service string
	Version Version
}

type watchMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Request uint64
	Service string
	Version Version
	Lease   int64
}

type grantedMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Request uint64
	Lease   int64
}

// plainMessage is unknown and removed.
type plainMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Request uint64
}

type listingMessage struct {
	_         struct{} `cbor:",toarray"`
	Type      Letter
	Request   uint64
	Service   string
	Version   Version
	Young     bool
	Instances []Instance
}

type sameMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Request uint64
	Service string
	Version Version
	Young   bool
}

type upMessage struct {
	_        struct{} `cbor:",toarray"`
	Type     Letter
	Service  string
	Version  Version
	Instance Instance
}

type downMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Service string
	Version Version
	ID      string
	Why     Why
}

type refusedMessage struct {
	_       struct{} `cbor:",toarray"`
	Type    Letter
	Request uint64
	Refusal Refusal
}

// wire holds the messages to one form, and a peer to what they can hold.
var wire = strictcbor.New(strictcbor.Limits{Nesting: 5, ArrayElements: maxListed})

// decode reads one of the messages above, a pointer to which it returns. Its
// errors are the peer's: say what came, and drop the message.
func decode(b []byte) (any, error) {
	if len(b) > MaxMessageBytes {
		return nil, fmt.Errorf("a message of %d bytes, expected at most %d", len(b), MaxMessageBytes)
	}
	if len(b) < 2 || b[0]&0xe0 != 0x80 {
		return nil, errors.New("not a registry's message: expected a CBOR array that begins with a type")
	}
	if b[1] >= byte(letters) {
		return nil, fmt.Errorf("a message of type %#x, expected 0 to %d", b[1], letters-1)
	}
	m := emptyMessage(Letter(b[1]))
	err := wire.Unmarshal(b, m)
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%v: %w", Letter(b[1]), err)
	}
	return m, nil
}

// checked is a message that can say what is wrong with it.
type checked interface{ check() error }

func emptyMessage(l Letter) checked {
	switch l {
	case Register:
		return new(registerMessage)
	case Heartbeat, Deregister:
		return new(aboutMessage)
	case Lookup:
		return new(lookupMessage)
	case Watch:
		return new(watchMessage)
	case Granted:
		return new(grantedMessage)
	case List:
		return new(listingMessage)
	case Same:
		return new(sameMessage)
	case Up:
		return new(upMessage)
	case Down:
		return new(downMessage)
	case Refused:
		return new(refusedMessage)
	}
	return new(plainMessage)
}

// checkName wants 1 to MaxNameBytes bytes of UTF-8.
func checkName(what, s string) error {
	if len(s) < 1 || len(s) > MaxNameBytes || !utf8.ValidString(s) {
		return fmt.Errorf("%s of %d bytes, expected 1 to %d of UTF-8", what, len(s), MaxNameBytes)
	}
	return nil
}

// checkLease wants a time that can be added to any other without overflow.
func checkLease(lease int64) error {
	if lease < 1 || lease > MaxLeaseMicros {
		return fmt.Errorf("a lease of %d microseconds, expected 1 to %d", lease, int64(MaxLeaseMicros))
	}
	return nil
}

// Check says what keeps an instance from being registered.
func (i *Instance) Check() error {
	if err := errors.Join(checkName("an id", i.ID), checkName("an address", i.Address)); err != nil {
		return err
	}
	if i.Weight < 1 || i.Weight > MaxWeight {
		return fmt.Errorf("a weight of %d, expected 1 to %d", i.Weight, MaxWeight)
	}
	if len(i.Metadata) > MaxPairs {
		return fmt.Errorf("%d pairs of metadata, expected at most %d", len(i.Metadata), MaxPairs)
	}
	for _, p := range i.Metadata {
		if err := checkName("a metadata key", p.Key); err != nil {
			return err
		}
		if len(p.Value) > MaxValueBytes || !utf8.ValidString(p.Value) {
			return fmt.Errorf("a metadata value of %d bytes, expected at most %d of UTF-8", len(p.Value), MaxValueBytes)
		}
	}
	return nil
}

func (m *registerMessage) check() error {
	return errors.Join(checkName("a service", m.Service), m.Instance.Check(), checkLease(m.Lease))
}

func (m *aboutMessage) check() error {
	return errors.Join(checkName("a service", m.Service), checkName("an id", m.ID))
}

func (m *lookupMessage) check() error { return checkName("a service", m.Service) }

func (m *watchMessage) check() error {
	return errors.Join(checkName("a service", m.Service), checkLease(m.Lease))
}

func (m *grantedMessage) check() error { return checkLease(m.Lease) }

func (m *plainMessage) check() error { return nil }

func (m *listingMessage) check() error {
	if err := checkName("a service", m.Service); err != nil {
		return err
	}
	for i := range m.Instances {
		if err := m.Instances[i].Check(); err != nil {
			return err
		}
		if i > 0 && m.Instances[i].ID <= m.Instances[i-1].ID {
			return fmt.Errorf("instance %q is not above the one before, %q", m.Instances[i].ID, m.Instances[i-1].ID)
		}
	}
	return nil
}

func (m *sameMessage) check() error { return checkName("a service", m.Service) }

func (m *upMessage) check() error {
	return errors.Join(checkName("a service", m.Service), m.Instance.Check())
}

func (m *downMessage) check() error {
	if m.Why >= whys {
		return fmt.Errorf("the reason is %d, expected 0 to %d", m.Why, whys-1)
	}
	return errors.Join(checkName("a service", m.Service), checkName("an id", m.ID))
}

func (m *refusedMessage) check() error {
	if m.Refusal >= refusals {
		return fmt.Errorf("the refusal is %d, expected 0 to %d", m.Refusal, refusals-1)
	}
	return nil
}
