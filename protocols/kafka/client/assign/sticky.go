package assign

import (
	"cmp"
	"slices"
	"strings"
)

// maxSteps bounds the search for a better balance: members times partitions.
// Beyond it, a plan is only as balanced as handing out to the least loaded makes it.
const maxSteps = 1 << 22

// balancer makes a sticky plan.
type balancer struct {
	members []Member
	order   []int
	wants   [][]bool // by member, by topic
	topics  []Topic
	parts   []part
	load    []int
	holds   [][]int // by member: its parts
}

// part is a partition and who has it.
type part struct {
	topic     int
	partition int32
	owner     int // -1: nobody
}

// sticky leaves everybody what they own, gives the rest to whoever has least,
// and then moves partitions until nobody who could take one has two fewer
// than who has it, directly or by way of others. Nothing moves that need not.
func sticky(plan Plan, members []Member, order []int, topics []Topic) {
	b := &balancer{members: members, order: order, topics: topics}
	b.load, b.holds = make([]int, len(members)), make([][]int, len(members))
	b.wants = make([][]bool, len(members))
	for i := range members {
		b.wants[i] = make([]bool, len(topics))
		for t := range topics {
			b.wants[i][t] = members[i].wants(topics[t].Name)
		}
	}
	starts := make([]int, len(topics))
	for t, topic := range topics {
		starts[t] = len(b.parts)
		for p := range topic.Partitions {
			b.parts = append(b.parts, part{t, p, -1})
		}
	}
	b.keepOwned(starts)
	b.handOut()
	if len(members)*len(b.parts) <= maxSteps {
		for b.improve() {
		}
	}
	for i := range b.parts {
		if p := &b.parts[i]; p.owner >= 0 {
			plan[p.owner] = append(plan[p.owner], Partition{topics[p.topic].Name, p.partition})
		}
	}
}

// keepOwned gives everybody what they own and still want. If two say that they
// own the same, the one of the later generation is right.
func (b *balancer) keepOwned(starts []int) {
	for _, m := range b.order {
		for _, own := range b.members[m].Owned {
			t, ok := slices.BinarySearchFunc(b.topics, own.Topic, func(t Topic, name string) int { return strings.Compare(t.Name, name) })
			if !ok || own.Partition < 0 || own.Partition >= b.topics[t].Partitions || !b.wants[m][t] {
				continue
			}
			p := &b.parts[starts[t]+int(own.Partition)]
			if p.owner < 0 || b.members[p.owner].Generation < b.members[m].Generation {
				p.owner = m
			}
		}
	}
	for i := range b.parts {
		if owner := b.parts[i].owner; owner >= 0 {
			b.load[owner]++
			b.holds[owner] = append(b.holds[owner], i)
		}
	}
}

// handOut gives what nobody has to whoever has least. What few can take goes
// first.
func (b *balancer) handOut() {
	takers := make([]int, len(b.topics))
	for t := range b.topics {
		for _, m := range b.order {
			if b.wants[m][t] {
				takers[t]++
			}
		}
	}
	var free []int
	for i := range b.parts {
		if b.parts[i].owner < 0 && takers[b.parts[i].topic] > 0 {
			free = append(free, i)
		}
	}
	slices.SortStableFunc(free, func(x, y int) int {
		return cmp.Compare(takers[b.parts[x].topic], takers[b.parts[y].topic])
	})
	for _, i := range free {
		least := -1
		for _, m := range b.order {
			if b.wants[m][b.parts[i].topic] && (least < 0 || b.load[m] < b.load[least]) {
				least = m
			}
		}
		b.give(i, least)
	}
}

// give moves a part to a member.
func (b *balancer) give(i, to int) {
	if from := b.parts[i].owner; from >= 0 {
		b.load[from]--
		at := slices.Index(b.holds[from], i)
		b.holds[from] = slices.Delete(b.holds[from], at, at+1)
	}
	b.parts[i].owner = to
	b.load[to]++
	b.holds[to] = append(b.holds[to], i)
}

// improve moves one partition from somebody to somebody with at least two
// fewer, if need be through others whose number stays the same; false: there
// is no such way, so that the plan is as balanced as can be.
func (b *balancer) improve() bool {
	heavy := slices.Clone(b.order)
	slices.SortStableFunc(heavy, func(x, y int) int { return cmp.Compare(b.load[y], b.load[x]) })
	for _, from := range heavy {
		if b.shift(from) {
			return true
		}
	}
	return false
}

// shift looks for the shortest such way from one member, to the least loaded.
func (b *balancer) shift(from int) bool {
	const unseen, root = -2, -1
	prev := make([]int, len(b.members)) // who gives
	with := make([]int, len(b.members)) // which part
	for i := range prev {
		prev[i] = unseen
	}
	prev[from] = root
	ring := []int{from}
	for len(ring) > 0 {
		best := -1
		var next []int
		for _, giver := range ring {
			seen := make([]bool, len(b.topics))
			for at := len(b.holds[giver]) - 1; at >= 0; at-- { // what came last goes first
				i := b.holds[giver][at]
				t := b.parts[i].topic
				if seen[t] {
					continue
				}
				seen[t] = true
				for _, taker := range b.order {
					if prev[taker] != unseen || !b.wants[taker][t] {
						continue
					}
					prev[taker], with[taker] = giver, i
					next = append(next, taker)
					if b.load[taker] <= b.load[from]-2 && (best < 0 || b.load[taker] < b.load[best]) {
						best = taker
					}
				}
			}
		}
		if best >= 0 {
			for to := best; to != from; to = prev[to] {
				b.give(with[to], to)
			}
			return true
		}
		ring = next
	}
	return false
}
