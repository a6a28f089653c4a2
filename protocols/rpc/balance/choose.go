package balance

import "math/bits"

// MaxWeight is the greatest weight that counts; a greater one counts as this.
const MaxWeight = 1000

// Instance is one that can be chosen.
type Instance struct {
	ID     string
	Weight uint32 // 0 counts as 1
}

func (i Instance) weight() uint64 { return uint64(min(max(i.Weight, 1), MaxWeight)) }

func total(list []Instance) uint64 {
	sum := uint64(0)
	for _, i := range list {
		sum += i.weight()
	}
	return sum
}

// below maps a random word onto [0, n).
func below(luck, n uint64) uint64 {
	hi, _ := bits.Mul64(luck, n)
	return hi
}

// Random chooses by luck, each instance as often as its weight says.
func Random(list []Instance, luck uint64) int {
	at := below(luck, total(list))
	for i := range list {
		if w := list[i].weight(); at < w {
			return i
		} else {
			at -= w
		}
	}
	return -1
}

// RoundRobin chooses by turns: turn is the number of the call, from 0. In a
// row of as many calls as the weights come to, each instance gets as many as
// its weight, and the heavy ones' turns are spread: weights 3 and 1 give
// 0 1 0 0, since in the n-th lap those with a weight of n and more have a turn.
func RoundRobin(list []Instance, turn uint64) int {
	if len(list) == 0 {
		return -1
	}
	turn %= total(list)
	for lap := uint64(1); ; lap++ {
		for i := range list {
			if list[i].weight() < lap {
				continue
			}
			if turn == 0 {
				return i
			}
			turn--
		}
	}
}

// LeastActive chooses the instance with the fewest open calls for its weight;
// among equals, luck decides by weight. active[i] are the calls open at list[i].
func LeastActive(list []Instance, active []int, luck uint64) int {
	var best []int
	var ties []Instance
	for i := range list {
		if len(best) > 0 {
			// active[i]/weight[i] against the best so far, without dividing
			mine := uint64(max(active[i], 0)) * list[best[0]].weight()
			least := uint64(max(active[best[0]], 0)) * list[i].weight()
			if mine > least {
				continue
			}
			if mine < least {
				best, ties = best[:0], ties[:0]
			}
		}
		best, ties = append(best, i), append(ties, list[i])
	}
	if len(best) == 0 {
		return -1
	}
	return best[Random(ties, luck)]
}

// Modulo gives every key to the instance whose number is the key's hash modulo
// the number of instances. Weights do not count.
func Modulo(list []Instance, key string) int {
	if len(list) == 0 {
		return -1
	}
	return int(place(key, 0) % uint64(len(list)))
}
