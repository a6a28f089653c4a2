package group

import (
	"math"

	"grapevine/protocols/kafka/batch"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// OffsetCommit (key 8) and TxnOffsetCommit (key 28)
//
// Behaviour: a member of the present generation, or anybody while the group is
// Empty, says how far the group has read. It is answered when that is
// replicated. In a transaction the offsets count from its commit marker on, and
// who is not a member may commit too, if it claims no generation. A commit
// keeps a member's session alive. What is wrong with one partition does not
// keep the others from being committed: UNKNOWN_TOPIC_OR_PARTITION,
// OFFSET_METADATA_TOO_LARGE, INVALID_COMMIT_OFFSET_SIZE (too many offsets).
//
// Versions: OffsetCommit 0-9, TxnOffsetCommit 0-5. OffsetCommit v0 and
// TxnOffsetCommit before v3 (KIP-447) claim no generation. OffsetCommit v1 says
// when each offset was committed, v2 to v4 for how long they are kept; since v5
// (KIP-211) that is the group's affair. Instance ids from v7 and v3.
//
// Not done: topic ids (OffsetCommit v10, TxnOffsetCommit v6); groups that join
// a transaction by their first commit (KIP-890, second part).

func (c *Coordinator) commit(now int64, token uint64, req *kmsg.OffsetCommitRequest) {
	resp := kmsg.NewPtrOffsetCommitResponse()
	resp.SetVersion(req.Version)
	claim := claim{group: req.Group, generation: req.Generation, member: req.MemberID, instance: req.InstanceID}
	g, m, err := c.committer(now, claim, false)
	if m != nil && err == nil && m.joining == nil && m.syncing == nil {
		c.watch(now, m)
	}
	wall := c.config.Wall(now)
	expires := int64(-1)
	if req.RetentionTimeMillis >= 0 {
		expires = wall + min(req.RetentionTimeMillis, math.MaxInt64-wall)
	}
	var accepted []placed
	var codes []*int16 // where the error of each goes
	for _, t := range req.Topics {
		topic := kmsg.OffsetCommitResponseTopic{Topic: t.Topic, Partitions: make([]kmsg.OffsetCommitResponseTopicPartition, len(t.Partitions))}
		for i, p := range t.Partitions {
			o := placed{position{t.Topic, p.Partition}, offset{at: p.Offset, leaderEpoch: p.LeaderEpoch, metadata: orEmpty(p.Metadata), committed: wall, expires: expires}}
			if p.Timestamp >= 0 {
				o.committed = p.Timestamp
			}
			partErr := err
			if partErr == nil {
				partErr = c.acceptable(g, o, len(accepted))
			}
			topic.Partitions[i] = kmsg.OffsetCommitResponseTopicPartition{Partition: p.Partition, ErrorCode: code(partErr)}
			if partErr == nil {
				accepted = append(accepted, o)
				codes = append(codes, &topic.Partitions[i].ErrorCode)
			}
		}
		resp.Topics = append(resp.Topics, topic)
	}
	c.store(now, token, resp, g, accepted, codes, batch.NoProducer)
}

func (c *Coordinator) pledge(now int64, token uint64, req *kmsg.TxnOffsetCommitRequest) {
	resp := kmsg.NewPtrTxnOffsetCommitResponse()
	resp.SetVersion(req.Version)
	claim := claim{group: req.Group, generation: req.Generation, member: req.MemberID, instance: req.InstanceID}
	var g *group
	err := kerr.InvalidProducerIDMapping
	if req.ProducerID >= 0 && req.ProducerEpoch >= 0 {
		g, _, err = c.committer(now, claim, true)
	}
	if err == kerr.CoordinatorLoadInProgress && req.Version < 2 { // old clients do not know it here
		err = kerr.CoordinatorNotAvailable
	}
	wall := c.config.Wall(now)
	var accepted []placed
	var codes []*int16
	for _, t := range req.Topics {
		topic := kmsg.TxnOffsetCommitResponseTopic{Topic: t.Topic, Partitions: make([]kmsg.TxnOffsetCommitResponseTopicPartition, len(t.Partitions))}
		for i, p := range t.Partitions {
			o := placed{position{t.Topic, p.Partition}, offset{at: p.Offset, leaderEpoch: p.LeaderEpoch, metadata: orEmpty(p.Metadata), committed: wall, expires: -1}}
			partErr := err
			if partErr == nil {
				partErr = c.acceptable(g, o, len(accepted))
			}
			topic.Partitions[i] = kmsg.TxnOffsetCommitResponseTopicPartition{Partition: p.Partition, ErrorCode: code(partErr)}
			if partErr == nil {
				accepted = append(accepted, o)
				codes = append(codes, &topic.Partitions[i].ErrorCode)
			}
		}
		resp.Topics = append(resp.Topics, topic)
	}
	c.store(now, token, resp, g, accepted, codes, batch.Options{ProducerID: req.ProducerID, ProducerEpoch: req.ProducerEpoch,
		BaseSequence: -1, LeaderEpoch: -1, Transactional: true})
}

// store writes the offsets that were accepted, and answers when that is done.
// codes are where in the response the error of each goes.
func (c *Coordinator) store(now int64, token uint64, resp kmsg.Response, g *group, accepted []placed, codes []*int16, o batch.Options) {
	if len(accepted) == 0 {
		c.desk.Reply(token, resp)
		return
	}
	p, id := g.partition, g.id
	data := c.offsetsBatch(now, id, accepted, o)
	for _, entry := range accepted {
		p.coming[pledgeKey{id, entry.position}]++
	}
	var order uint64
	order = c.desk.Append(p.number, data, func(now int64, err *kerr.Error) {
		for _, entry := range accepted {
			p.arrived(pledgeKey{id, entry.position})
		}
		for _, errorCode := range codes {
			*errorCode = code(err)
		}
		if err == nil {
			g := c.ensure(now, p, id) // it may have expired in between
			for _, entry := range accepted {
				entry.order = order
				if o.Transactional {
					g.pledged(o.ProducerID, entry.position, entry.offset)
				} else {
					g.put(entry.position, entry.offset)
				}
			}
		}
		c.desk.Reply(token, resp)
	})
}

// claim is what a committer says it is.
type claim struct {
	group      string
	generation int32 // -1: none
	member     string
	instance   *string
}

// committer returns the group for which somebody may commit, made anew if need
// be, and the member if it is one.
func (c *Coordinator) committer(now int64, who claim, transactional bool) (*group, *member, *kerr.Error) {
	if len(who.group) > c.config.MaxIDBytes || transactional && who.group == "" {
		return nil, nil, kerr.InvalidGroupID
	}
	p, g, err := c.lookUp(who.group)
	anybody := who.generation < 0 && who.member == "" && who.instance == nil
	switch {
	case err != nil:
		return nil, nil, err
	case g == nil && who.generation >= 0:
		return nil, nil, kerr.IllegalGeneration
	case g == nil && c.groups >= c.config.MaxGroups:
		return nil, nil, kerr.CoordinatorNotAvailable
	case g == nil: // it uses the offsets alone, and assigns partitions by itself
		return c.ensure(now, p, who.group), nil, nil
	case g.state == Dead:
		return nil, nil, kerr.CoordinatorNotAvailable
	case g.state == Empty && who.generation < 0, anybody && transactional:
		return g, nil, nil
	}
	m, err := g.find(who.member, who.instance)
	switch {
	case err != nil:
		return nil, nil, err
	case who.generation != g.generation:
		return nil, nil, kerr.IllegalGeneration
	case !transactional:
		err = commitAnswers[g.state]
	}
	return g, m, err
}

// acceptable says what is wrong with an offset; others of the same request come with it.
func (c *Coordinator) acceptable(g *group, o placed, others int) *kerr.Error {
	_, known := g.offsets[o.position]
	switch {
	case !c.config.Exists(o.topic, o.partition):
		return kerr.UnknownTopicOrPartition
	case len(o.metadata) > c.config.MaxMetadataBytes:
		return kerr.OffsetMetadataTooLarge
	case !known && len(g.offsets)+g.pledges+others >= c.config.MaxOffsets:
		return kerr.InvalidCommitOffsetSize
	}
	return nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
