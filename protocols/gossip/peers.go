package gossip

import "math/bits"

// Sight is whom a site knows.
type Sight uint8

// The sights.
const (
	Full       Sight = iota // everybody
	Partial                 // a fixed, random few
	Neighbours              // the nearest on a ring, half of them on either side
	Grid                    // left, right, above and below on a grid whose edges are joined
)

// View is whom each site knows, in an order of its own: Peer(self, 0),
// Peer(self, 1), ... are different sites in random order. Walking along them
// with a counter is how a site sends to nobody twice without remembering to
// whom it has sent: nothing is stored, however large the view. (The order is
// a permutation computed from the site's number; see shuffle.)
type View struct {
	Sight Sight
	Sites int    // how many there are, 2 at least
	Size  int    // Partial and Neighbours: peers of each site
	Seed  uint64 // of the orders and of the partial views
}

// Degree is how many peers a site has.
func (v *View) Degree() int {
	switch v.Sight {
	case Partial:
		return min(v.Size, v.Sites-1)
	case Neighbours:
		return min(v.Size&^1, (v.Sites-1)&^1)
	case Grid:
		return 4
	}
	return v.Sites - 1
}

// MinGridSites is the least number of sites for which a Grid's four
// neighbours are four different ones.
const MinGridSites = 9

// Peer returns the i-th peer of self, i in [0, Degree()).
func (v *View) Peer(self, i int) int {
	key := mix(v.Seed + uint64(self+1)*golden)
	offset := 0
	switch v.Sight {
	case Full, Partial:
		// A partial view is the beginning of an order of all.
		offset = 1 + shuffle(key, v.Sites-1, i)
	case Neighbours:
		offset = sideways(shuffle(key, v.Degree(), i), 1)
	case Grid:
		// Rows of about the square root of all, each leading into the next.
		if p := shuffle(key, 4, i); p < 2 {
			offset = sideways(p, 1)
		} else {
			offset = sideways(p-2, isqrt(v.Sites))
		}
	}
	return (self + offset + v.Sites) % v.Sites
}

// sideways turns 0, 1, 2, 3 into +step, -step, +2 steps, -2 steps.
func sideways(p, step int) int {
	if p&1 == 0 {
		return (p/2 + 1) * step
	}
	return -(p/2 + 1) * step
}

// golden is 2^64 divided by the golden ratio, odd: multiples of it lie far apart.
const golden = 0x9E3779B97F4A7C15

func isqrt(n int) int {
	r := 0
	for (r+1)*(r+1) <= n {
		r++
	}
	return r
}

// shuffle is the i-th element of a random-looking order of [0, n) named by
// key: a permutation, so no element comes twice. It is a Feistel network of
// four rounds (Luby and Rackoff 1988) on the next even number of bits, and
// what falls outside [0, n) is sent through again ("cycle walking", Black and
// Rogaway 2002), less than three times more on average.
func shuffle(key uint64, n, i int) int {
	half := (bits.Len(uint(max(n-1, 1))) + 1) / 2
	mask := uint64(1)<<half - 1
	x := uint64(i)
	for {
		left, right := x>>half, x&mask
		for round := range uint64(4) {
			left, right = right, left^mix(key+(right<<2|round)*golden)&mask
		}
		if x = left<<half | right; x < uint64(n) {
			return int(x)
		}
	}
}
