package kafkaclient

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/client/assign"
)

// roll makes what the leader of a group is given of its members, in the order
// in which franz-go has them.
func roll(members []assign.Member) []kmsg.JoinGroupResponseMember {
	var wire []kmsg.JoinGroupResponseMember
	for i := range members {
		m := &members[i]
		meta := kmsg.NewConsumerMemberMetadata()
		meta.Version, meta.Topics, meta.Generation = 2, m.Topics, m.Generation
		for _, p := range m.Owned {
			if n := len(meta.OwnedPartitions); n == 0 || meta.OwnedPartitions[n-1].Topic != p.Topic {
				meta.OwnedPartitions = append(meta.OwnedPartitions, kmsg.ConsumerMemberMetadataOwnedPartition{Topic: p.Topic})
			}
			last := &meta.OwnedPartitions[len(meta.OwnedPartitions)-1]
			last.Partitions = append(last.Partitions, p.Partition)
		}
		meta.UserData = assign.AppendOwned(nil, m.Owned, m.Generation)
		one := kmsg.NewJoinGroupResponseMember()
		one.MemberID, one.ProtocolMetadata = m.ID, meta.AppendTo(nil)
		if m.InstanceID != "" {
			one.InstanceID = &m.InstanceID
		}
		wire = append(wire, one)
	}
	key := func(m kmsg.JoinGroupResponseMember) string {
		if m.InstanceID != nil {
			return "1" + *m.InstanceID
		}
		return "2" + m.MemberID
	}
	slices.SortFunc(wire, func(a, b kmsg.JoinGroupResponseMember) int { return strings.Compare(key(a), key(b)) })
	return wire
}

// theirs has franz-go work out a plan.
func theirs(t *testing.T, b kgo.GroupBalancer, members []assign.Member, topics []assign.Topic) assign.Plan {
	t.Helper()
	balancer, _, err := b.MemberBalancer(roll(members))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int32{}
	for _, topic := range topics {
		counts[topic.Name] = topic.Partitions
	}
	into, err := balancer.(kgo.GroupMemberBalancerOrError).BalanceOrError(counts)
	if err != nil {
		t.Fatal(err)
	}
	plan := make(assign.Plan, len(members))
	for _, a := range into.IntoSyncAssignment() {
		i := slices.IndexFunc(members, func(m assign.Member) bool { return m.ID == a.MemberID })
		var read kmsg.ConsumerMemberAssignment
		if err := read.ReadFrom(a.MemberAssignment); err != nil {
			t.Fatal(err)
		}
		for _, topic := range read.Topics {
			for _, p := range topic.Partitions {
				plan[i] = append(plan[i], assign.Partition{Topic: topic.Topic, Partition: p})
			}
		}
	}
	for i := range plan {
		sortParts(plan[i])
	}
	return plan
}

func sortParts(parts []assign.Partition) {
	slices.SortFunc(parts, func(a, b assign.Partition) int {
		if a.Topic != b.Topic {
			return int(a.Topic[1]) - int(b.Topic[1])
		}
		return int(a.Partition - b.Partition)
	})
}

// Range and round robin give what franz-go's give, partition for partition;
// the sticky ones as even a plan, by as few moves.
func TestAssignorsAgreeWithFranz(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 4))
	for trial := range 300 {
		equal := trial%2 == 0
		var topics []assign.Topic
		for i := range 1 + luck.IntN(4) {
			topics = append(topics, assign.Topic{Name: fmt.Sprintf("t%d", i), Partitions: 1 + luck.Int32N(8)})
		}
		members := make([]assign.Member, 1+luck.IntN(6))
		for i := range members {
			members[i] = assign.Member{ID: fmt.Sprintf("m%d", i), Generation: -1}
			if luck.IntN(3) == 0 {
				members[i].InstanceID = fmt.Sprintf("i%d-%d", luck.IntN(1000), i)
			}
			for _, topic := range topics {
				if equal || luck.IntN(3) > 0 {
					members[i].Topics = append(members[i].Topics, topic.Name)
				}
			}
		}
		for protocol, b := range map[string]kgo.GroupBalancer{assign.Range: kgo.RangeBalancer(), assign.RoundRobin: kgo.RoundRobinBalancer()} {
			ours, want := assign.Assign(protocol, members, topics), theirs(t, b, members, topics)
			for i := range ours {
				sortParts(ours[i])
				if !slices.Equal(ours[i], want[i]) {
					t.Fatalf("trial %d, %s, %s of %v:\n%v\nfranz-go's:\n%v", trial, protocol, members[i].ID, members, ours, want)
				}
			}
		}
		mine, other := slices.Clone(members), slices.Clone(members)
		for round := range int32(4) {
			ours, want := assign.Assign(assign.Sticky, mine, topics), theirs(t, kgo.StickyBalancer(), other, topics)
			if a, b := spread(ours), spread(want); a > b {
				t.Fatalf("trial %d: sum of squares %d, franz-go's %d", trial, a, b)
			}
			if a, b := moves(mine, ours), moves(other, want); equal && a > b {
				t.Fatalf("trial %d, round %d: %d moves, franz-go's %d", trial, round, a, b)
			}
			for i := range mine {
				mine[i].Owned, mine[i].Generation = ours[i], round
				other[i].Owned, other[i].Generation = want[i], round
			}
			if len(mine) > 1 {
				at := luck.IntN(len(mine))
				mine, other = slices.Delete(mine, at, at+1), slices.Delete(other, at, at+1)
			}
		}
	}
}

// spread is the less, the more even a plan is.
func spread(plan assign.Plan) (sum int) {
	for _, parts := range plan {
		sum += len(parts) * len(parts)
	}
	return sum
}

func moves(members []assign.Member, plan assign.Plan) (n int) {
	for i := range members {
		for _, p := range members[i].Owned {
			if !slices.Contains(plan[i], p) {
				n++
			}
		}
	}
	return n
}
