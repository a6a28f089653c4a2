package gossip

import "testing"

// Every view is a set of different others, the same whenever it is asked.
func TestViews(t *testing.T) {
	for _, v := range []View{
		{Sight: Full, Sites: 2}, {Sight: Full, Sites: 3}, {Sight: Full, Sites: 50}, {Sight: Full, Sites: 257},
		{Sight: Partial, Sites: 50, Size: 6}, {Sight: Partial, Sites: 3, Size: 6},
		{Sight: Neighbours, Sites: 50, Size: 6}, {Sight: Neighbours, Sites: 5, Size: 64}, {Sight: Neighbours, Sites: 4, Size: 7},
		{Sight: Grid, Sites: MinGridSites}, {Sight: Grid, Sites: 10}, {Sight: Grid, Sites: 50}, {Sight: Grid, Sites: 997},
	} {
		v.Seed = 7
		for self := range v.Sites {
			seen := map[int]bool{self: true}
			for i := range v.Degree() {
				p := v.Peer(self, i)
				if p < 0 || p >= v.Sites || seen[p] {
					t.Fatalf("%+v: peer %d of %d is %d: itself, seen before, or no site", v, i, self, p)
				}
				if p != v.Peer(self, i) {
					t.Fatalf("%+v: peer %d of %d changes", v, i, self)
				}
				seen[p] = true
			}
		}
	}
}

// Neighbours and grids are mutual: who knows me, I know.
func TestViewsAreMutual(t *testing.T) {
	for _, v := range []View{{Sight: Neighbours, Sites: 31, Size: 6}, {Sight: Grid, Sites: 31}} {
		knows := map[[2]int]bool{}
		for self := range v.Sites {
			for i := range v.Degree() {
				knows[[2]int{self, v.Peer(self, i)}] = true
			}
		}
		for self := range v.Sites {
			for i := range v.Degree() {
				if p := v.Peer(self, i); !knows[[2]int{p, self}] {
					t.Errorf("%+v: %d knows %d, but not the other way", v, self, p)
				}
			}
		}
	}
}

// The first peer is each other with equal chance: chi-squared over 49 cells
// stays below 95 but for one chance in ten thousand.
func TestViewsAreEven(t *testing.T) {
	const sites, orders = 50, 20_000
	var hits [sites]int
	for seed := range uint64(orders) {
		v := View{Sight: Full, Sites: sites, Seed: mix(seed)}
		hits[v.Peer(0, 0)]++
	}
	expected, chi := float64(orders)/(sites-1), 0.0
	for _, h := range hits[1:] {
		chi += (float64(h) - expected) * (float64(h) - expected) / expected
	}
	if chi > 95 {
		t.Errorf("chi-squared is %.0f", chi)
	}
}
