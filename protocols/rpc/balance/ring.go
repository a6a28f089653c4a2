package balance

import (
	"cmp"
	"slices"
)

// A Ring is consistent hashing (Karger et al. 1997): keys and instances have
// places on a circle of 2^64, and a key belongs to the instance whose place
// comes first, clockwise, from the key's. When an instance leaves, its keys go
// to the next one, and no other key moves; when it comes back, it gets them
// back. One place each would make shares most unequal, and give all keys of one
// that leaves to a single neighbour: so each instance has many virtual nodes,
// in proportion to its weight.
type Ring struct {
	points []point // in order of their places
}

type point struct {
	at       uint64
	instance int
}

// The limits of a ring.
const (
	MaxVirtual = 1000    // virtual nodes of an instance for each unit of its weight
	MaxPoints  = 1 << 20 // of a whole ring; what is more is left out, evenly
)

// NewRing lays out a ring with so many virtual nodes for each unit of weight.
// Where an instance stands depends on its ID alone, so that everybody who knows
// of the same instances has the same ring.
func NewRing(list []Instance, virtual int) *Ring {
	virtual = min(max(virtual, 1), MaxVirtual)
	for virtual > 1 && total(list)*uint64(virtual) > MaxPoints {
		virtual /= 2
	}
	r := new(Ring)
	for i := range list {
		for v := range list[i].weight() * uint64(virtual) {
			r.points = append(r.points, point{place(list[i].ID, v+1), i})
		}
	}
	slices.SortFunc(r.points, func(a, b point) int {
		// Two in one place: the lower ID is first, in whatever order they are listed.
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(list[a.instance].ID, list[b.instance].ID))
	})
	return r
}

// Pick returns whose a key is: an index into the list the ring was made of, -1
// if that was empty.
func (r *Ring) Pick(key string) int { return r.owner(place(key, 0)) }

// owner is whose a place is: the first point at it or after it.
func (r *Ring) owner(at uint64) int {
	if len(r.points) == 0 {
		return -1
	}
	i, _ := slices.BinarySearchFunc(r.points, at, func(p point, at uint64) int { return cmp.Compare(p.at, at) })
	return r.points[i%len(r.points)].instance
}

// place is where a name stands on the circle: FNV-1a over its bytes and a
// number, then spread over all bits (the finalizer of SplitMix64). It does not
// withstand an opponent who chooses the keys.
func place(name string, number uint64) uint64 {
	const offset, prime = 0xcbf29ce484222325, 0x100000001b3
	h := uint64(offset)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	for range 4 {
		h = (h ^ number&0xff) * prime
		number >>= 8
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
