package gossip

import (
	"fmt"

	"grapevine/protocols/field"
	"grapevine/protocols/field/shape"
)

// A multicast message on the wire: one CBOR array (RFC 8949, deterministic
// encoding).
//
//	parcel = [id, hops, body]
//	id   = 0..63             ; of the message; the source counts them from 0
//	hops = 0..65535          ; how many nodes it has passed, the source not counted
//	body = tstr .size (0..200)
//
// Behaviour: a node acts on the first copy that reaches it and drops the
// others. Not done: more than one source, acknowledgements, retransmission.

// Limits of a parcel.
const (
	MaxParcels   = 64 // ids: what a node has heard fits into one word
	maxHopsCount = 1<<16 - 1
)

// Parcel is one copy of a message under way.
type Parcel struct {
	_    struct{} `cbor:",toarray"`
	ID   uint64
	Hops uint64
	Body string
}

// Encode writes the parcel.
func (p *Parcel) Encode() []byte { return wire.Must(p) }

// DecodeParcel reads a parcel. Its errors are the peer's: drop the message.
func DecodeParcel(b []byte) (Parcel, error) {
	var p Parcel
	if len(b) > MaxMessageBytes {
		return p, fmt.Errorf("a parcel of %d bytes, expected at most %d", len(b), MaxMessageBytes)
	}
	if err := wire.Unmarshal(b, &p); err != nil {
		return Parcel{}, fmt.Errorf("parcel: %w", err)
	}
	switch {
	case p.ID >= MaxParcels:
		return Parcel{}, fmt.Errorf("parcel: its id is %d, expected 0 to %d", p.ID, MaxParcels-1)
	case p.Hops > maxHopsCount:
		return Parcel{}, fmt.Errorf("parcel: it has made %d hops, expected at most %d", p.Hops, maxHopsCount)
	case len(p.Body) > MaxValueBytes:
		return Parcel{}, fmt.Errorf("parcel: a body of %d bytes, expected at most %d", len(p.Body), MaxValueBytes)
	}
	return p, nil
}

var parcelShape = shape.Shape{Name: "parcel", Parts: []shape.Shape{{Name: "id"}, {Name: "hops"}, {Name: "body"}}}

// DissectParcel names every byte of a parcel.
func DissectParcel(b []byte) field.Field {
	if _, err := DecodeParcel(b); err != nil {
		return shape.Unread(b, err)
	}
	return parcelShape.Field(b)
}

// Heard is the messages that a node has heard, one bit each.
type Heard uint64

// Has reports whether the node has heard message id.
func (h Heard) Has(id uint64) bool { return h>>id&1 != 0 }

// Receive takes one copy as it came from the wire. It returns the copy that
// the node passes on, one hop further, and whether this was the first: only
// then is it to be passed on.
func (h *Heard) Receive(b []byte) (next Parcel, first bool, err error) {
	p, err := DecodeParcel(b)
	if err != nil || h.Has(p.ID) {
		return p, false, err
	}
	*h |= 1 << p.ID
	p.Hops = min(p.Hops+1, maxHopsCount)
	return p, true, nil
}
