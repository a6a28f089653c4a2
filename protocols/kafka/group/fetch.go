package group

import (
	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// OffsetFetch (key 9)
//
// Behaviour: tells how far groups have read, whoever asks; -1 where nothing is
// committed. No list of topics means all that there is. A client that requires
// stable offsets (KIP-447) is told UNSTABLE_OFFSET_COMMIT where an open
// transaction will write one or a commit is not replicated yet, and asks again.
//
// Versions: 0-9. v0 and v1 have no error of their own, so each partition gets
// it; from v2 all offsets of a group may be asked for. From v8 (KIP-709) many groups.
//
// Not done: members and epochs of KIP-848 (v9) mean nothing to a classic group;
// topic ids (v10).

func (c *Coordinator) fetch(token uint64, req *kmsg.OffsetFetchRequest) {
	resp := kmsg.NewPtrOffsetFetchResponse()
	resp.SetVersion(req.Version)
	if req.Version >= 8 {
		for _, g := range desk.Once(req.Groups, func(g *kmsg.OffsetFetchRequestGroup) string { return g.Group }) {
			answer := c.fetchGroup(g.Group, g.Topics, req.RequireStable)
			answer.Group = g.Group
			resp.Groups = append(resp.Groups, answer)
		}
		c.desk.Reply(token, resp)
		return
	}
	var topics []kmsg.OffsetFetchRequestGroupTopic
	if req.Topics != nil {
		topics = make([]kmsg.OffsetFetchRequestGroupTopic, len(req.Topics))
		for i, t := range req.Topics {
			topics[i].Topic, topics[i].Partitions = t.Topic, t.Partitions
		}
	}
	answer := c.fetchGroup(req.Group, topics, req.RequireStable)
	resp.ErrorCode = answer.ErrorCode
	if answer.ErrorCode != 0 && req.Version < 2 {
		answer.Topics = nowhere(topics, answer.ErrorCode)
	}
	resp.Topics = make([]kmsg.OffsetFetchResponseTopic, len(answer.Topics))
	for i, t := range answer.Topics {
		partitions := make([]kmsg.OffsetFetchResponseTopicPartition, len(t.Partitions))
		for j, p := range t.Partitions {
			partitions[j] = kmsg.OffsetFetchResponseTopicPartition{Partition: p.Partition, Offset: p.Offset, LeaderEpoch: p.LeaderEpoch,
				Metadata: p.Metadata, ErrorCode: p.ErrorCode}
		}
		resp.Topics[i] = kmsg.OffsetFetchResponseTopic{Topic: t.Topic, Partitions: partitions}
	}
	c.desk.Reply(token, resp)
}

// fetchGroup answers for one group; topics nil: all.
func (c *Coordinator) fetchGroup(id string, topics []kmsg.OffsetFetchRequestGroupTopic, stable bool) (answer kmsg.OffsetFetchResponseGroup) {
	_, g, err := c.lookUp(id)
	switch {
	case err != nil:
		answer.ErrorCode = err.Code
		return answer
	case topics == nil && g == nil:
		return answer
	case topics == nil:
		for _, at := range g.positions() {
			if last := len(topics) - 1; last >= 0 && topics[last].Topic == at.topic {
				topics[last].Partitions = append(topics[last].Partitions, at.partition)
			} else {
				topics = append(topics, kmsg.OffsetFetchRequestGroupTopic{Topic: at.topic, Partitions: []int32{at.partition}})
			}
		}
	}
	answer.Topics = nowhere(topics, 0)
	if g == nil {
		return answer
	}
	for _, t := range answer.Topics {
		for i := range t.Partitions {
			p := &t.Partitions[i]
			at := position{t.Topic, p.Partition}
			if stable && g.undecided(at) {
				p.ErrorCode = kerr.UnstableOffsetCommit.Code
			} else if o, found := g.offsets[at]; found {
				metadata := o.metadata
				p.Offset, p.LeaderEpoch, p.Metadata = o.at, o.leaderEpoch, &metadata
			}
		}
	}
	return answer
}

// nowhere answers that nothing is committed for these.
func nowhere(topics []kmsg.OffsetFetchRequestGroupTopic, errorCode int16) []kmsg.OffsetFetchResponseGroupTopic {
	answers := make([]kmsg.OffsetFetchResponseGroupTopic, len(topics))
	for i, t := range topics {
		partitions := make([]kmsg.OffsetFetchResponseGroupTopicPartition, len(t.Partitions))
		for j, p := range t.Partitions {
			partitions[j] = kmsg.OffsetFetchResponseGroupTopicPartition{Partition: p, Offset: -1, LeaderEpoch: -1, Metadata: new(string), ErrorCode: errorCode}
		}
		answers[i] = kmsg.OffsetFetchResponseGroupTopic{Topic: t.Topic, Partitions: partitions}
	}
	return answers
}
