package balance

import (
	"math/bits"
	"slices"
)

// Measured on the circle itself, shares do not depend on the luck of keys.

// shares returns how much of the circle belongs to each of n instances, in
// parts per million.
func (r *Ring) shares(n int) []int {
	halves := make([]uint64, n)
	for i, p := range r.points {
		halves[p.instance] += half(r.points[(i+len(r.points)-1)%len(r.points)].at, p.at, len(r.points))
	}
	parts := make([]int, n)
	for i := range halves {
		parts[i] = ppm(halves[i])
	}
	return parts
}

// moved measures how much of the circle, in parts per million, changes hands
// from one ring to another. before and after are the instances that the rings
// were made of.
func moved(before *Ring, was []Instance, after *Ring, is []Instance) int {
	// Between two neighbouring points of both rings together, all places have
	// one owner in each.
	var cuts []uint64
	for _, p := range before.points {
		cuts = append(cuts, p.at)
	}
	for _, p := range after.points {
		cuts = append(cuts, p.at)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var part uint64
	for i, at := range cuts {
		if was[before.owner(at)].ID != is[after.owner(at)].ID {
			part += half(cuts[(i+len(cuts)-1)%len(cuts)], at, len(cuts))
		}
	}
	return ppm(part)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// half is half the way, clockwise, from one of so many points to the next: half,
// because the whole circle would not go into 64 bits.
func half(from, to uint64, points int) uint64 {
	if points == 1 {
		return 1 << 63
	}
	return (to - from) >> 1
}

// ppm turns a part of 2^63 into parts per million, rounded.
func ppm(part uint64) int {
	hi, lo := bits.Mul64(part, 2_000_000)
	return int(hi + lo>>63)
}
