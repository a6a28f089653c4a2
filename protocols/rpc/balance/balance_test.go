package balance

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

func instances(weights ...uint32) []Instance {
	var list []Instance
	for i, w := range weights {
		list = append(list, Instance{ID: fmt.Sprintf("server/%d", i), Weight: w})
	}
	return list
}

func TestNobody(t *testing.T) {
	for name, got := range map[string]int{
		"random": Random(nil, 7), "round robin": RoundRobin(nil, 7), "least active": LeastActive(nil, nil, 7),
		"modulo": Modulo(nil, "k"), "ring": NewRing(nil, 10).Pick("k"),
	} {
		if got != -1 {
			t.Errorf("%s chooses %d of none", name, got)
		}
	}
}

func TestRandomKeepsToTheWeights(t *testing.T) {
	luck := rand.New(rand.NewSource(1))
	list := instances(5, 0, 4) // 0 counts as 1
	counts := make([]int, 3)
	for range 100_000 {
		counts[Random(list, luck.Uint64())]++
	}
	for i, want := range []int{50_000, 10_000, 40_000} {
		if counts[i] < want-700 || counts[i] > want+700 {
			t.Errorf("%d of 100000 calls to instance %d, expected about %d", counts[i], i, want)
		}
	}
	if Random(list, 0) != 0 || Random(list, 1<<64-1) != 2 {
		t.Error("the least luck is not the first, or the most not the last")
	}
}

func TestRoundRobin(t *testing.T) {
	for _, c := range []struct {
		weights []uint32
		want    []int
	}{
		{[]uint32{1, 1, 1}, []int{0, 1, 2, 0, 1, 2}},
		{[]uint32{3, 1}, []int{0, 1, 0, 0, 0, 1, 0, 0}},
		{[]uint32{1, 3, 2}, []int{0, 1, 2, 1, 2, 1, 0}},
		{[]uint32{0, 5000}, append([]int{0, 1}, slices.Repeat([]int{1}, 999)...)},
	} {
		for turn, want := range c.want {
			if got := RoundRobin(instances(c.weights...), uint64(turn)); got != want {
				t.Errorf("weights %v: call %d goes to %d, expected %d", c.weights, turn, got, want)
			}
		}
	}
}

func TestLeastActive(t *testing.T) {
	for _, c := range []struct {
		weights []uint32
		active  []int
		luck    uint64
		want    int
	}{
		{[]uint32{1, 1, 1}, []int{2, 1, 3}, 0, 1},
		{[]uint32{1, 1, 1}, []int{1, 1, 1}, 0, 0},
		{[]uint32{1, 1, 1}, []int{1, 1, 1}, 1<<64 - 1, 2},
		{[]uint32{1, 4}, []int{1, 3}, 0, 1}, // three of four is less than one of one
		{[]uint32{1, 4}, []int{1, 4}, 0, 0}, // equal
		{[]uint32{1, 1}, []int{-5, 0}, 1<<64 - 1, 1},
	} {
		if got := LeastActive(instances(c.weights...), c.active, c.luck); got != c.want {
			t.Errorf("%+v: chose %d", c, got)
		}
	}
}

// dumbPick is the ring's twin: it walks through every virtual node of every
// instance and keeps the nearest.
func dumbPick(list []Instance, virtual int, key string) int {
	at, best, distance := place(key, 0), -1, uint64(0)
	for i := range list {
		for v := range list[i].weight() * uint64(virtual) {
			d := place(list[i].ID, v+1) - at // clockwise, around zero
			if best < 0 || d < distance || d == distance && list[i].ID < list[best].ID {
				best, distance = i, d
			}
		}
	}
	return best
}

func TestRingAgainstItsTwin(t *testing.T) {
	luck := rand.New(rand.NewSource(2))
	for range 60 {
		list := instances(make([]uint32, 1+luck.Intn(8))...)
		for i := range list {
			list[i].Weight = uint32(luck.Intn(4))
		}
		luck.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		virtual := 1 + luck.Intn(40)
		ring := NewRing(list, virtual)
		for range 200 {
			key := fmt.Sprint("user", luck.Intn(100_000))
			if got, want := ring.Pick(key), dumbPick(list, virtual, key); got != want {
				t.Fatalf("%v, %d virtual nodes, key %s: %d, and the twin says %d", list, virtual, key, got, want)
			}
		}
		sum := 0
		for _, s := range ring.shares(len(list)) {
			sum += s
		}
		if sum < 1_000_000-len(list) || sum > 1_000_000+len(list) {
			t.Errorf("the shares come to %d", sum)
		}
	}
}

// One that leaves moves its own keys and nobody else's; by the remainder of a
// division nearly all move.
func TestWhatMoves(t *testing.T) {
	all := instances(1, 1, 1, 1)
	gone := slices.Delete(slices.Clone(all), 1, 2)
	before, after := NewRing(all, 160), NewRing(gone, 160)
	const keys = 20_000
	ringMoved, moduloMoved, own := 0, 0, 0
	for i := range keys {
		key := fmt.Sprint("user", i)
		was, is := all[before.Pick(key)].ID, gone[after.Pick(key)].ID
		own += btoi(was == "server/1")
		ringMoved += btoi(was != is)
		moduloMoved += btoi(all[Modulo(all, key)].ID != gone[Modulo(gone, key)].ID)
	}
	if ringMoved != own {
		t.Errorf("%d keys moved, but the one that left had %d", ringMoved, own)
	}
	// Measured on the circle itself, it is the same but for the keys' luck.
	share := moved(before, all, after, gone)
	if left := before.shares(4)[1]; left != share {
		t.Errorf("%d ppm of the circle moved; the one that left had %d", share, left)
	}
	if got := ringMoved * 1_000_000 / keys; got < share-10_000 || got > share+10_000 {
		t.Errorf("%d ppm of the keys moved, and %d ppm of the circle", got, share)
	}
	if share < 200_000 || share > 300_000 {
		t.Errorf("one of four had %d ppm of the circle", share)
	}
	if got := moduloMoved * 100 / keys; got < 70 || got > 80 {
		t.Errorf("by modulo %d %% of the keys moved, expected about three quarters", got)
	}
}

// More virtual nodes make fairer shares: from 1 to 160 of them.
func TestVirtualNodesEvenOut(t *testing.T) {
	spread := func(virtual int) int {
		list := instances(1, 1, 1, 1, 1)
		shares := NewRing(list, virtual).shares(5)
		return slices.Max(shares) - slices.Min(shares)
	}
	if one, many := spread(1), spread(160); many > 80_000 || one < 2*many {
		t.Errorf("shares differ by %d ppm with one virtual node, by %d with 160", one, many)
	}
	if r := NewRing(instances(slices.Repeat([]uint32{MaxWeight}, 5)...), MaxVirtual); len(r.points) > MaxPoints {
		t.Errorf("a ring of %d points", len(r.points))
	}
	heavy := NewRing(instances(3, 1), 100).shares(2)
	if heavy[0] < 680_000 || heavy[0] > 820_000 {
		t.Errorf("three quarters of the weight, %d ppm of the circle", heavy[0])
	}
}
