package controller

import (
	"slices"

	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// placeTopic says who gets the partitions of a new topic: as the request says,
// or by place.
func (a *active) placeTopic(in *kmsg.CreateTopicsRequestTopic) (placement [][]int32, bad *refusal) {
	if len(in.ReplicaAssignment) > 0 {
		return a.assigned(in)
	}
	partitions, factor := int(in.NumPartitions), int(in.ReplicationFactor)
	if partitions == -1 {
		partitions = a.defaultOf("num.partitions")
	}
	if factor == -1 {
		factor = a.defaultOf("default.replication.factor")
	}
	switch {
	case partitions <= 0:
		return nil, refusef(kerr.InvalidPartitions, "Number of partitions was set to an invalid non-positive value.")
	case partitions > a.n.c.MaxPartitions:
		return nil, refusef(kerr.PolicyViolation, "Too many partitions: %d were asked for, at most %d are allowed", partitions, a.n.c.MaxPartitions)
	case factor <= 0:
		return nil, refusef(kerr.InvalidReplicationFactor, "Replication factor was set to an invalid non-positive value.")
	}
	return a.place(partitions, factor)
}

// place gives partitions to the brokers that live, in turn, from a lucky one
// on, or from the first. The others of a partition follow its first, at a distance that grows
// with each turn, so that not always the same two share partitions.
func (a *active) place(partitions, factor int) (placement [][]int32, bad *refusal) {
	var brokers []int32
	for _, b := range a.image.Brokers() {
		if b.Active() {
			brokers = append(brokers, b.ID)
		}
	}
	n := len(brokers)
	if factor > n {
		return nil, refusef(kerr.InvalidReplicationFactor, "Unable to replicate the partition %d time(s): The target replication factor of %d cannot be reached because only %d broker(s) are registered and active.", factor, factor, n)
	}
	luck := a.n.c.Rand()
	start, shift := int(luck%uint64(n)), int(luck>>32%uint64(n))
	if a.n.c.FromFirst {
		start, shift = 0, 0
	}
	for p := range partitions {
		first := (start + p) % n
		replicas := []int32{brokers[first]}
		turn := shift + p/n
		for r := range factor - 1 {
			replicas = append(replicas, brokers[(first+1+(turn+r)%(n-1))%n])
		}
		placement = append(placement, replicas)
	}
	return placement, nil
}

// assigned reads the assignment that a request makes.
func (a *active) assigned(in *kmsg.CreateTopicsRequestTopic) (placement [][]int32, bad *refusal) {
	switch {
	case in.ReplicationFactor != -1:
		return nil, refusef(kerr.InvalidRequest, "A manual partition assignment was specified, but replication factor was not set to -1.")
	case in.NumPartitions != -1:
		return nil, refusef(kerr.InvalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1.")
	}
	placement = make([][]int32, len(in.ReplicaAssignment))
	for _, one := range in.ReplicaAssignment {
		if one.Partition < 0 || int(one.Partition) >= len(placement) {
			return nil, refusef(kerr.InvalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence")
		}
		if placement[one.Partition] != nil {
			return nil, refusef(kerr.InvalidReplicaAssignment, "Found multiple manual partition assignments for partition %d", one.Partition)
		}
		placement[one.Partition] = append([]int32{}, one.Replicas...)
	}
	return placement, a.checkAssignment(placement, len(placement[0]))
}

// checkAssignment says what is wrong with partitions placed by hand.
func (a *active) checkAssignment(placement [][]int32, factor int) *refusal {
	for _, replicas := range placement {
		if len(replicas) != factor {
			return refusef(kerr.InvalidReplicaAssignment, "The manual partition assignment includes a partition with %d replica(s), but this is not consistent with previous partitions, which have %d replica(s).", len(replicas), factor)
		}
		if bad := a.checkReplicas(replicas); bad != nil {
			return bad
		}
		if !slices.ContainsFunc(replicas, func(b int32) bool { return a.image.Broker(b).Active() }) {
			return refusef(kerr.InvalidReplicaAssignment, "All brokers specified in the manual partition assignment %v are fenced or in controlled shutdown.", replicas)
		}
	}
	return nil
}

// checkReplicas says what is wrong with the replicas of one partition.
func (a *active) checkReplicas(replicas []int32) *refusal {
	switch {
	case len(replicas) == 0:
		return refusef(kerr.InvalidReplicaAssignment, "The manual partition assignment includes an empty replica list.")
	case repeats(replicas):
		return refusef(kerr.InvalidReplicaAssignment, "The manual partition assignment includes a broker more than once: %v", replicas)
	}
	for _, b := range replicas {
		if a.image.Broker(b) == nil {
			return refusef(kerr.InvalidReplicaAssignment, "The manual partition assignment includes broker %d, but no such broker is registered.", b)
		}
	}
	return nil
}

// Behaviour: ElectLeaders (KIP-183, KIP-460): the preferred leader, if it is
// in sync, or, unclean, any replica that lives of a partition without a
// leader. Without topics: all partitions, and only those are named where
// something was done or wrong. Versions: all.

func (a *active) electLeaders(r *kmsg.ElectLeadersRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.ElectLeadersResponse)
	resp.Topics = []kmsg.ElectLeadersResponseTopic{}
	if r.ElectionType != 0 && r.ElectionType != 1 {
		resp.ErrorCode = kerr.InvalidRequest.Code
		return resp
	}
	asked, all := r.Topics, r.Topics == nil
	if all {
		for _, t := range a.image.Topics() {
			topic := kmsg.ElectLeadersRequestTopic{Topic: t.Name}
			for i := range t.Partitions {
				topic.Partitions = append(topic.Partitions, int32(i))
			}
			asked = append(asked, topic)
		}
	}
	for _, in := range asked {
		out := kmsg.ElectLeadersResponseTopic{Topic: in.Topic}
		for _, p := range in.Partitions {
			one := kmsg.NewElectLeadersResponseTopicPartition()
			one.Partition = p
			if bad := a.electLeader(a.image.Topic(in.Topic), p, r.ElectionType == 1); bad != nil {
				one.ErrorCode, one.ErrorMessage = bad.code, bad.message
			}
			if !all || one.ErrorCode != kerr.ElectionNotNeeded.Code {
				out.Partitions = append(out.Partitions, one)
			}
		}
		if len(out.Partitions) > 0 {
			resp.Topics = append(resp.Topics, out)
		}
	}
	return resp
}

func (a *active) electLeader(t *meta.Topic, partition int32, unclean bool) *refusal {
	if t == nil || partition < 0 || int(partition) >= len(t.Partitions) {
		return refusef(kerr.UnknownTopicOrPartition, "This server does not host this topic-partition.")
	}
	p := &t.Partitions[partition]
	wish, wants := preferred, p.Replicas[0]
	if unclean {
		wish, wants = anyReplica, p.Leader
	}
	if p.Leader == wants && wants != nobody {
		return refusef(kerr.ElectionNotNeeded, "Leader election not needed for topic partition.")
	}
	a.change(t, int(partition), change{lost: nobody, elect: wish})
	p = &t.Partitions[partition]
	switch {
	case unclean && p.Leader == nobody:
		return refusef(kerr.EligibleLeadersNotAvailable, "No replica of the partition is alive.")
	case !unclean && p.Leader != wants:
		return refusef(kerr.PreferredLeaderNotAvailable, "Broker %d is not alive, or not in sync.", wants)
	}
	return nil
}
