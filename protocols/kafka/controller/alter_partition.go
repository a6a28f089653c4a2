package controller

import (
	"slices"

	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Behaviour: AlterPartition as in KIP-497: the leader of a partition asks for
// another in-sync set. Members must be able to lead (KIP-841) and, from version
// 3 on, be in the life that the leader has heard of (KIP-903).
//
// Versions: 2 and 3, by topic ID.

func (a *active) alterPartition(r *kmsg.AlterPartitionRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.AlterPartitionResponse)
	if resp.ErrorCode = brokerError(a.image.Broker(r.BrokerID), r.BrokerEpoch); resp.ErrorCode != 0 {
		return resp
	}
	for i := range r.Topics {
		in := &r.Topics[i]
		out := kmsg.NewAlterPartitionResponseTopic()
		out.TopidID = in.TopicID
		for j := range in.Partitions {
			out.Partitions = append(out.Partitions, a.alterOne(r.BrokerID, a.image.TopicByID(in.TopicID), &in.Partitions[j]))
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}

func (a *active) alterOne(broker int32, t *meta.Topic, in *kmsg.AlterPartitionRequestTopicPartition) kmsg.AlterPartitionResponseTopicPartition {
	out := kmsg.NewAlterPartitionResponseTopicPartition()
	out.Partition = in.Partition
	isr := slices.Clone(in.NewISR)
	for _, m := range in.NewEpochISR {
		isr = append(isr, m.BrokerID)
	}
	if out.ErrorCode = a.alterError(broker, t, in, isr); out.ErrorCode != 0 {
		return out
	}
	p := &t.Partitions[in.Partition]
	epoch := p.LeaderEpoch
	a.change(t, int(in.Partition), change{isr: isr, lost: nobody, recovered: in.LeaderRecoveryState == 0})
	p = &t.Partitions[in.Partition]
	if p.LeaderEpoch != epoch {
		out.ErrorCode = kerr.NewLeaderElected.Code // a reassignment is complete
		return out
	}
	out.LeaderID, out.LeaderEpoch, out.ISR, out.PartitionEpoch = p.Leader, p.LeaderEpoch, p.ISR, p.PartitionEpoch
	if p.Recovering {
		out.LeaderRecoveryState = 1
	}
	return out
}

// alterError says why a leader may not have that in-sync set.
func (a *active) alterError(broker int32, t *meta.Topic, in *kmsg.AlterPartitionRequestTopicPartition, isr []int32) int16 {
	if t == nil {
		return kerr.UnknownTopicID.Code
	}
	if in.Partition < 0 || int(in.Partition) >= len(t.Partitions) {
		return kerr.UnknownTopicOrPartition.Code
	}
	p := &t.Partitions[in.Partition]
	switch {
	case in.LeaderEpoch > p.LeaderEpoch || in.PartitionEpoch > p.PartitionEpoch:
		return kerr.NotController.Code // it knows more than we do
	case in.LeaderEpoch < p.LeaderEpoch:
		return kerr.FencedLeaderEpoch.Code
	case p.Leader != broker:
		return kerr.InvalidRequest.Code
	case in.PartitionEpoch < p.PartitionEpoch:
		return kerr.InvalidUpdateVersion.Code
	case !slices.Contains(isr, broker) || len(minus(isr, p.Replicas)) > 0 || repeats(isr):
		return kerr.InvalidRequest.Code
	case in.LeaderRecoveryState == 1 && (len(isr) > 1 || !p.Recovering) || in.LeaderRecoveryState > 1 || in.LeaderRecoveryState < 0:
		return kerr.InvalidRequest.Code
	}
	for _, id := range isr {
		if !a.image.Broker(id).Active() {
			return kerr.IneligibleReplica.Code
		}
	}
	for _, m := range in.NewEpochISR {
		if m.BrokerEpoch >= 0 && m.BrokerEpoch != a.image.Broker(m.BrokerID).Epoch {
			return kerr.IneligibleReplica.Code
		}
	}
	return 0
}

// repeats says whether a list has something twice.
func repeats(list []int32) bool {
	for i, v := range list {
		if slices.Contains(list[:i], v) {
			return true
		}
	}
	return false
}
