package broker

import (
	"slices"

	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The in-sync set
//
// Theory of operation: a leader knows from a follower's Fetch what it has. A
// follower that has not had everything at any time within replica.lag.time.max.ms
// is to leave the in-sync set; one that has all below the high watermark, and
// all that was there when the leader took office, is to join it. The leader
// proposes, the controller decides (KIP-497): it knows whether the leader is
// still that, by epochs, and whether a follower is in a life that it may count
// on (KIP-903). Until the image brings the decision, either may be true, so the
// high watermark waits for the members of both sets.
//
// The answer to a proposal would tell of the decision, and Kafka takes it from
// there. But a change of min.insync.replicas that was decided before may still
// be on its way, and a set that is too small by that must not move the high
// watermark: whoever just left it may be elected (KIP-966). The image has all
// decisions in their order.

// followerState is what a leader knows of a follower.
type followerState struct {
	id         int32
	epoch      int64 // of its broker, as its Fetch said
	end        int64 // its log end offset; -1: it has not come yet
	caughtUpAt int64 // when it last had everything
	fetchedAt  int64 // when it last came, and
	endThen    int64 // the leader's log end offset at that time
	refusedAt  int64 // when the controller would not let it join
}

// ineligibleMicros is how long a follower that the controller refused is not
// proposed again.
const ineligibleMicros = 1_000_000

// keepFollowers makes the list of followers that of the replicas.
func (p *partition) keepFollowers(b *Broker) {
	same := len(p.followers)+1 == len(p.replicas)
	for i := range p.followers {
		same = same && slices.Contains(p.replicas, p.followers[i].id)
	}
	if same {
		return
	}
	old := p.followers
	p.followers = nil
	for _, id := range p.replicas {
		if id == b.config.ID {
			continue
		}
		i := slices.IndexFunc(old, func(f followerState) bool { return f.id == id })
		if i < 0 {
			p.followers = append(p.followers, followerState{id: id, epoch: -1, end: -1, refusedAt: -ineligibleMicros})
		} else {
			p.followers = append(p.followers, old[i])
		}
	}
}

func (p *partition) follower(id int32) *followerState {
	for i := range p.followers {
		if p.followers[i].id == id {
			return &p.followers[i]
		}
	}
	return nil
}

// fetched takes note of a follower's Fetch: it has everything before from.
func (p *partition) fetched(b *Broker, now int64, f *followerState, epoch, from int64) {
	if epoch >= 0 && epoch < f.epoch {
		return // from a former life, and it was under way for long
	}
	if f.epoch != epoch { // another life: what it had in the former may be gone
		f.epoch, f.end, f.fetchedAt, f.endThen = epoch, -1, 0, 0
	}
	end := p.log.End()
	if from >= end {
		f.caughtUpAt = now
	} else if from >= f.endThen && f.fetchedAt > f.caughtUpAt {
		f.caughtUpAt = f.fetchedAt
	}
	f.fetchedAt, f.endThen = now, end
	if f.end != from {
		f.end = from
		b.touch(p)
	}
	if p.proposed == nil && !slices.Contains(p.isr, f.id) && p.mayJoin(b, f) && now-f.refusedAt >= ineligibleMicros {
		p.propose(b, append(slices.Clone(p.isr), f.id))
	}
}

// mayJoin reports whether a follower has what a member of the in-sync set must have.
func (p *partition) mayJoin(b *Broker, f *followerState) bool {
	broker := b.image.Broker(f.id)
	return f.end >= p.highWatermark && f.end >= p.epochStart && broker.Active() && (f.epoch == broker.Epoch || f.epoch == -1)
}

// watchLag wakes the leader when the first member of the in-sync set that has
// not everything will have lagged for too long.
func (p *partition) watchLag(b *Broker) {
	if p.lag.IsSet() || len(p.isr) < 2 {
		return
	}
	first, end := int64(0), p.log.End()
	for i := range p.followers {
		if f := &p.followers[i]; f.end < end && slices.Contains(p.isr, f.id) {
			if at := f.caughtUpAt + b.config.Settings.ReplicaLagMicros + 1; first == 0 || at < first {
				first = at
			}
		}
	}
	if first != 0 {
		b.timers.Set(&p.lag, first)
	}
}

// lagging is a partition with a follower that may have lagged for too long.
type lagging struct{ *partition }

func (l lagging) ring(b *Broker, now int64) {
	p := l.partition
	if p.role != leading {
		return
	}
	if p.proposed == nil {
		end := p.log.End()
		left := slices.DeleteFunc(slices.Clone(p.isr), func(id int32) bool {
			f := p.follower(id)
			return f != nil && f.end < end && now-f.caughtUpAt > b.config.Settings.ReplicaLagMicros
		})
		if len(left) < len(p.isr) {
			p.propose(b, left)
		} else {
			p.watchLag(b)
			return
		}
	}
	b.timers.Set(&p.lag, now+retryMicros) // to look again when the controller has decided
}

// propose asks the controller for another in-sync set.
func (p *partition) propose(b *Broker, members []int32) {
	p.proposed = members
	if !p.asking {
		p.asking = true
		b.altering = append(b.altering, p)
	}
}

// alteration is the request for all in-sync sets that should be others.
func (b *Broker) alteration() kmsg.Request {
	b.altering = append(b.altering, b.alterAsked...) // the last attempt failed, if there are any
	b.alterAsked = b.alterAsked[:0]
	b.altering = slices.DeleteFunc(b.altering, func(p *partition) bool {
		p.asking = p.role == leading && p.proposed != nil
		return !p.asking
	})
	if len(b.altering) == 0 || !b.active {
		return nil
	}
	slices.SortFunc(b.altering, comparePartitions)
	r := kmsg.NewPtrAlterPartitionRequest()
	r.BrokerID, r.BrokerEpoch = b.config.ID, b.epoch
	for _, p := range b.altering {
		if n := len(r.Topics); n == 0 || r.Topics[n-1].TopicID != p.id.Topic {
			r.Topics = append(r.Topics, kmsg.AlterPartitionRequestTopic{Topic: p.topic, TopicID: p.id.Topic})
		}
		t := &r.Topics[len(r.Topics)-1]
		a := kmsg.NewAlterPartitionRequestTopicPartition()
		a.Partition, a.LeaderEpoch, a.PartitionEpoch = p.id.Partition, p.leaderEpoch, p.partitionEpoch
		for _, id := range p.proposed {
			member := kmsg.NewAlterPartitionRequestTopicPartitionNewEpochISR()
			member.BrokerID, member.BrokerEpoch = id, b.epoch
			if f := p.follower(id); f != nil {
				member.BrokerEpoch = f.epoch
			}
			a.NewEpochISR = append(a.NewEpochISR, member)
		}
		t.Partitions = append(t.Partitions, a)
		p.askedAt = p.partitionEpoch
	}
	b.altering, b.alterAsked = b.alterAsked, b.altering
	return r
}

// altered takes what the controller decided.
func (b *Broker) altered(now int64, r *kmsg.AlterPartitionResponse) {
	for _, p := range b.alterAsked {
		if p.asking = p.role == leading && p.proposed != nil && p.partitionEpoch != p.askedAt; p.asking {
			b.altering = append(b.altering, p) // proposed since
		}
	}
	b.alterAsked = b.alterAsked[:0]
	for i := range r.Topics {
		t := &r.Topics[i]
		for j := range t.Partitions {
			a := &t.Partitions[j]
			p := b.partitions[meta.PartitionID{Topic: t.TopidID, Partition: a.Partition}]
			if p == nil || p.role != leading || p.proposed == nil || p.partitionEpoch != p.askedAt {
				continue
			}
			// What was decided, and what most errors hint at, comes with the image.
			if a.ErrorCode == kerr.IneligibleReplica.Code || a.ErrorCode == kerr.OperationNotAttempted.Code {
				for _, id := range p.proposed {
					if f := p.follower(id); f != nil {
						f.refusedAt = now
					}
				}
				p.proposed = nil
			}
		}
	}
}

// insyncChanged is called when a leader's in-sync set is another one.
func (p *partition) insyncChanged(b *Broker) {
	b.tell(Event{Kind: InSync, Topic: p.topic, Part: p.id.Partition, Epoch: p.partitionEpoch, Replicas: p.isr})
	b.touch(p)
	p.watchLag(b)
}
