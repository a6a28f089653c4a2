package assign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/prototest"
)

// group is a group by luck: members with equal subscriptions or each with its
// own.
func group(luck *prototest.Rand, equal bool) ([]Member, []Topic) {
	var topics []Topic
	for i := range 1 + luck.Below(4) {
		topics = append(topics, Topic{fmt.Sprintf("t%d", i), int32(luck.Below(7))})
	}
	members := make([]Member, 1+luck.Below(6))
	for i := range members {
		members[i] = newcomer(luck, fmt.Sprintf("m%d", i), topics, equal)
	}
	return members, topics
}

func newcomer(luck *prototest.Rand, id string, topics []Topic, equal bool) Member {
	m := Member{ID: id, Generation: -1}
	if luck.Below(4) == 0 {
		m.InstanceID = "i" + id
	}
	for _, t := range topics {
		if equal || luck.Below(3) > 0 {
			m.Topics = append(m.Topics, t.Name)
		}
	}
	return m
}

// check holds a plan against what every plan must be: disjoint, whole, and
// only what was subscribed to.
func check(t *testing.T, members []Member, topics []Topic, plan Plan) {
	t.Helper()
	given := map[Partition]int{}
	for i, parts := range plan {
		for _, p := range parts {
			given[p]++
			if !members[i].wants(p.Topic) {
				t.Fatalf("%s got %v, which it does not want", members[i].ID, p)
			}
		}
	}
	for _, topic := range topics {
		want := 0
		if slices.ContainsFunc(members, func(m Member) bool { return m.wants(topic.Name) }) {
			want = 1
		}
		for p := range topic.Partitions {
			if n := given[Partition{topic.Name, p}]; n != want {
				t.Fatalf("%s-%d was given %d times, expected %d", topic.Name, p, n, want)
			}
		}
	}
}

func TestEveryPlanIsDisjointAndWhole(t *testing.T) {
	for seed := range uint64(500) {
		luck := prototest.NewRand(seed)
		members, topics := group(luck, seed%2 == 0)
		for _, protocol := range []string{Range, RoundRobin, Sticky, "unheard of"} {
			plan := Assign(protocol, members, topics)
			check(t, members, topics, plan)
			shuffled := slices.Clone(members)
			for i := range shuffled {
				j := luck.Below(i + 1)
				shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
			}
			again := Assign(protocol, shuffled, topics)
			for i, m := range members {
				j := slices.IndexFunc(shuffled, func(o Member) bool { return o.ID == m.ID })
				if !slices.Equal(plan[i], again[j]) {
					t.Fatalf("seed %d, %s: the order of the list changed the plan", seed, protocol)
				}
			}
		}
	}
}

// balanced says whether nobody could take a partition from somebody with two
// more, directly or by way of others: what the dumb twin finds by trying all
// single moves after all chains.
func balanced(members []Member, plan Plan) bool {
	for from := range plan {
		reach := map[int]bool{from: true}
		for grew := true; grew; {
			grew = false
			for giver := range plan {
				for taker := range plan {
					if reach[giver] && !reach[taker] && slices.ContainsFunc(plan[giver], func(p Partition) bool { return members[taker].wants(p.Topic) }) {
						reach[taker], grew = true, true
					}
				}
			}
		}
		for to := range plan {
			if reach[to] && len(plan[to]) <= len(plan[from])-2 {
				return false
			}
		}
	}
	return true
}

// Members come and go, and partitions are added: the plan stays balanced, and
// with equal subscriptions nothing moves that need not.
func TestStickyStaysBalancedAndMovesLittle(t *testing.T) {
	for seed := range uint64(300) {
		luck := prototest.NewRand(seed)
		equal := seed%3 != 0
		members, topics := group(luck, equal)
		for round := range int32(6) {
			plan := Assign(Sticky, members, topics)
			check(t, members, topics, plan)
			if !balanced(members, plan) {
				t.Fatalf("seed %d, round %d: not balanced: %v", seed, round, plan)
			}
			if moved, least := movedIn(members, plan), leastMoves(members, topics); equal && moved > least {
				t.Fatalf("seed %d, round %d: %d partitions moved, %d would have been enough: %v", seed, round, moved, least, plan)
			}
			for i := range members {
				members[i].Owned, members[i].Generation = plan[i], round
			}
			switch luck.Below(3) {
			case 0:
				members = append(members, newcomer(luck, fmt.Sprintf("n%d", round), topics, equal))
			case 1:
				if len(members) > 1 {
					at := luck.Below(len(members))
					members = slices.Delete(members, at, at+1)
				}
			case 2:
				topics[luck.Below(len(topics))].Partitions++
			}
		}
	}
}

// movedIn counts the partitions that have another owner than before.
func movedIn(members []Member, plan Plan) (n int) {
	for i := range members {
		for _, p := range members[i].Owned {
			if !slices.Contains(plan[i], p) {
				n++
			}
		}
	}
	return n
}

// leastMoves is how many have to move when all want the same: what is above
// each one's share, the larger shares going to those who have most.
func leastMoves(members []Member, topics []Topic) (n int) {
	total := 0
	for _, t := range topics {
		total += int(t.Partitions)
	}
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, func(a, b Member) int { return cmp.Compare(len(b.Owned), len(a.Owned)) })
	for i, m := range sorted {
		share := total / len(members)
		if i < total%len(members) {
			share++
		}
		n += max(0, len(m.Owned)-share)
	}
	return n
}

// With cooperative-sticky nobody is given what another still owns. Once all
// have given back what they had to, the next plan is whole and balanced; with
// different subscriptions it may take a few more.
func TestCooperativeInSteps(t *testing.T) {
	for seed := range uint64(300) {
		luck := prototest.NewRand(seed)
		equal := seed%2 == 0
		members, topics := group(luck, equal)
		old := members[:len(members)/2+1] // these were there alone before
		for i, parts := range Assign(Sticky, old, topics) {
			old[i].Owned, old[i].Generation = parts, 0
		}
		for round := int32(1); ; round++ {
			plan := Assign(CooperativeSticky, members, topics)
			given := 0
			for i := range plan {
				given += len(plan[i])
				for _, p := range plan[i] {
					for j := range members {
						if i != j && slices.Contains(members[j].Owned, p) {
							t.Fatalf("seed %d: %v went from %s to %s at once", seed, p, members[j].ID, members[i].ID)
						}
					}
				}
			}
			moved := movedIn(members, plan)
			for i := range members {
				members[i].Owned, members[i].Generation = plan[i], round
			}
			if moved == 0 && given == whole(members, topics) {
				check(t, members, topics, plan)
				if !balanced(members, plan) {
					t.Fatalf("seed %d: not balanced: %v", seed, plan)
				}
				break
			}
			if equal && round > 1 || round > 5 {
				t.Fatalf("seed %d: round %d, and still something moves", seed, round)
			}
		}
	}
}

// whole is how many partitions somebody wants.
func whole(members []Member, topics []Topic) (n int) {
	for _, topic := range topics {
		if slices.ContainsFunc(members, func(m Member) bool { return m.wants(topic.Name) }) {
			n += int(topic.Partitions)
		}
	}
	return n
}

func TestOfTwoOwnersTheLaterOneIsRight(t *testing.T) {
	topics := []Topic{{"t", 2}}
	both := []Partition{{"t", 0}, {"t", 1}}
	members := []Member{
		{ID: "a", Topics: []string{"t"}, Owned: both, Generation: 3},
		{ID: "b", Topics: []string{"t"}, Owned: both[:1], Generation: 4},
	}
	plan := Assign(Sticky, members, topics)
	if fmt.Sprint(plan) != "[[{t 1}] [{t 0}]]" {
		t.Error(plan)
	}
}

func TestExamples(t *testing.T) {
	topics := []Topic{{"t0", 3}, {"t1", 3}}
	members := []Member{{ID: "c0", Topics: []string{"t0", "t1"}}, {ID: "c1", Topics: []string{"t0", "t1"}}}
	for protocol, want := range map[string]string{ // those of the Javadoc of Java's assignors
		Range:      "t0-0 t0-1 t1-0 t1-1 | t0-2 t1-2",
		RoundRobin: "t0-0 t0-2 t1-1 | t0-1 t1-0 t1-2",
	} {
		if got := written(Assign(protocol, members, topics)); got != want {
			t.Errorf("%s: %s, expected %s", protocol, got, want)
		}
	}
	members = []Member{{ID: "c0", Topics: []string{"t0"}}, {ID: "c1", Topics: []string{"t0", "t1"}}, {ID: "c2", Topics: []string{"t0", "t1", "t2"}}}
	topics = []Topic{{"t0", 1}, {"t1", 2}, {"t2", 3}}
	for protocol, want := range map[string]string{
		RoundRobin: "t0-0 | t1-0 | t1-1 t2-0 t2-1 t2-2",
		Sticky:     "t0-0 | t1-0 t1-1 | t2-0 t2-1 t2-2",
	} {
		if got := written(Assign(protocol, members, topics)); got != want {
			t.Errorf("%s: %s, expected %s", protocol, got, want)
		}
	}
}

func written(plan Plan) string {
	var lists []string
	for _, parts := range plan {
		var names []string
		for _, p := range parts {
			names = append(names, fmt.Sprintf("%s-%d", p.Topic, p.Partition))
		}
		lists = append(lists, strings.Join(names, " "))
	}
	return strings.Join(lists, " | ")
}
