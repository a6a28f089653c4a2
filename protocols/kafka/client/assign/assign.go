package assign

import (
	"cmp"
	"slices"
	"strings"
)

// The assignors' names on the wire.
const (
	Range             = "range"
	RoundRobin        = "roundrobin"
	Sticky            = "sticky"
	CooperativeSticky = "cooperative-sticky"
)

// Partition names a partition.
type Partition struct {
	Topic     string
	Partition int32
}

// Topic is a topic and how many partitions it has.
type Topic struct {
	Name       string
	Partitions int32
}

// Member is a member of the group.
type Member struct {
	ID, InstanceID string
	Topics         []string // sorted
	Owned          []Partition
	Generation     int32 // in which it was given what it owns; -1: not known
}

// wants says whether the member subscribed to a topic.
func (m *Member) wants(topic string) bool {
	_, ok := slices.BinarySearch(m.Topics, topic)
	return ok
}

// Plan is who reads what: a list for each member, as the members are listed.
type Plan [][]Partition

// Assign works out the plan by an assignor; an unknown one is Range. Topics
// are sorted by name.
func Assign(protocol string, members []Member, topics []Topic) Plan {
	plan := make(Plan, len(members))
	order := inOrder(members)
	switch protocol {
	case RoundRobin:
		roundRobin(plan, members, order, topics)
	case Sticky:
		sticky(plan, members, order, topics)
	case CooperativeSticky:
		sticky(plan, members, order, topics)
		withhold(plan, members)
	default:
		byRange(plan, members, order, topics)
	}
	return plan
}

// inOrder returns the members' places, sorted: static ones first, by their
// instance, then the others by ID.
func inOrder(members []Member) []int {
	order := make([]int, len(members))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &members[a], &members[b]
		if (x.InstanceID == "") != (y.InstanceID == "") {
			return strings.Compare(y.InstanceID, x.InstanceID)
		}
		return cmp.Or(strings.Compare(x.InstanceID, y.InstanceID), strings.Compare(x.ID, y.ID), cmp.Compare(a, b))
	})
	return order
}

// byRange gives each subscriber of a topic a range of its partitions, the
// first ones one more if it does not come out even; each topic on its own, so
// that partition 0 of all topics goes to the same member.
func byRange(plan Plan, members []Member, order []int, topics []Topic) {
	for _, t := range topics {
		var takers []int
		for _, m := range order {
			if members[m].wants(t.Name) {
				takers = append(takers, m)
			}
		}
		next := int32(0)
		for i, m := range takers {
			n := t.Partitions / int32(len(takers))
			if int32(i) < t.Partitions%int32(len(takers)) {
				n++
			}
			for range n {
				plan[m] = append(plan[m], Partition{t.Name, next})
				next++
			}
		}
	}
}

// roundRobin deals all partitions of all topics out like cards.
func roundRobin(plan Plan, members []Member, order []int, topics []Topic) {
	turn := 0
	for _, t := range topics {
		for p := range t.Partitions {
			for range order {
				m := order[turn%len(order)]
				turn++
				if members[m].wants(t.Name) {
					plan[m] = append(plan[m], Partition{t.Name, p})
					break
				}
			}
		}
	}
}

// withhold takes out of a plan what another member still owns: it has to give
// that back first, and then there is another rebalance (KIP-429).
func withhold(plan Plan, members []Member) {
	owners := map[Partition][]int{}
	for i := range members {
		for _, p := range members[i].Owned {
			owners[p] = append(owners[p], i)
		}
	}
	for i := range plan {
		plan[i] = slices.DeleteFunc(plan[i], func(p Partition) bool {
			return slices.ContainsFunc(owners[p], func(owner int) bool { return owner != i })
		})
	}
}
