package controller

import (
	"slices"

	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Behaviour: AlterPartitionReassignments and ListPartitionReassignments
// (KIP-455). Replicas that come are added to those there are and copy like any
// follower; when they are all in sync, those that go are dropped
// (completeReassignment). Null replicas take a reassignment back.
//
// Versions: all.
//
// Not done: throttling.

func (a *active) reassign(r *kmsg.AlterPartitionAssignmentsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.AlterPartitionAssignmentsResponse)
	resp.AllowReplicationFactorChange = r.AllowReplicationFactorChange
	for _, in := range r.Topics {
		out := kmsg.NewAlterPartitionAssignmentsResponseTopic()
		out.Topic = in.Topic
		for i := range in.Partitions {
			one := kmsg.NewAlterPartitionAssignmentsResponseTopicPartition()
			one.Partition = in.Partitions[i].Partition
			if bad := a.reassignOne(a.image.Topic(in.Topic), &in.Partitions[i], r.AllowReplicationFactorChange); bad != nil {
				one.ErrorCode, one.ErrorMessage = bad.code, bad.message
			}
			out.Partitions = append(out.Partitions, one)
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}

func (a *active) reassignOne(t *meta.Topic, in *kmsg.AlterPartitionAssignmentsRequestTopicPartition, anyFactor bool) *refusal {
	if t == nil || in.Partition < 0 || int(in.Partition) >= len(t.Partitions) {
		return refusef(kerr.UnknownTopicOrPartition, "This server does not host this topic-partition.")
	}
	p := &t.Partitions[in.Partition]
	before := minus(p.Replicas, p.Adding) // of a reassignment that is under way
	target := in.Replicas
	if target == nil {
		if len(p.Adding)+len(p.Removing) == 0 {
			return refusef(kerr.NoReassignmentInProgress, "No partition reassignment is in progress.")
		}
		target = before
	} else if bad := a.checkReplicas(target); bad != nil {
		return bad
	} else if !anyFactor && len(target) != len(before) {
		return refusef(kerr.InvalidReplicationFactor, "The replication factor is changed from %d to %d", len(before), len(target))
	}
	c := change{replicas: union(target, before), adding: noneOr(minus(target, before)), removing: noneOr(minus(before, target)), lost: nobody}
	if len(only(p.ISR, func(b int32) bool { return slices.Contains(c.replicas, b) })) == 0 {
		// All that is in sync was added by the reassignment that this one replaces.
		return refusef(kerr.InvalidReplicaAssignment, "No replica that is in sync would be left.")
	}
	a.change(t, int(in.Partition), c)
	return nil
}

// noneOr makes a list that is given of one that may be nil.
func noneOr(list []int32) []int32 { return append([]int32{}, list...) }

func (a *active) listReassignments(r *kmsg.ListPartitionReassignmentsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.ListPartitionReassignmentsResponse)
	list := func(t *meta.Topic, wanted func(partition int32) bool) {
		out := kmsg.NewListPartitionReassignmentsResponseTopic()
		out.Topic = t.Name
		for i := range t.Partitions {
			p := &t.Partitions[i]
			if len(p.Adding)+len(p.Removing) == 0 || !wanted(int32(i)) {
				continue
			}
			one := kmsg.NewListPartitionReassignmentsResponseTopicPartition()
			one.Partition, one.Replicas, one.AddingReplicas, one.RemovingReplicas = int32(i), p.Replicas, p.Adding, p.Removing
			out.Partitions = append(out.Partitions, one)
		}
		if len(out.Partitions) > 0 {
			resp.Topics = append(resp.Topics, out)
		}
	}
	if r.Topics == nil {
		for _, t := range a.image.Topics() {
			list(t, func(int32) bool { return true })
		}
	}
	for _, in := range r.Topics {
		if t := a.image.Topic(in.Topic); t != nil {
			list(t, func(p int32) bool { return slices.Contains(in.Partitions, p) })
		}
	}
	return resp
}
