package group

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// DeleteGroups (key 42) and OffsetDelete (key 47)
//
// Behaviour: an administrator deletes groups that are Empty, or offsets
// (KIP-496): of an Empty group any, of one with consumers those of topics that
// nobody in it subscribes to. What open transactions will write goes too. It is
// answered when the tombstones are replicated.
//
// Versions: DeleteGroups 0-3, OffsetDelete 0.

func (c *Coordinator) deleteGroups(now int64, token uint64, req *kmsg.DeleteGroupsRequest) {
	resp := kmsg.NewPtrDeleteGroupsResponse()
	resp.SetVersion(req.Version)
	resp.Groups = make([]kmsg.DeleteGroupsResponseGroup, len(req.Groups))
	left := 1 // what the answer waits for: the tombstones, and the end of this loop
	done := func() {
		if left--; left == 0 {
			c.desk.Reply(token, resp)
		}
	}
	for i, id := range req.Groups {
		answer := &resp.Groups[i]
		answer.Group = id
		_, g, err := c.lookUp(id)
		switch {
		case err != nil:
			answer.ErrorCode = err.Code
		case g == nil || g.state == Dead:
			answer.ErrorCode = kerr.GroupIDNotFound.Code
		case g.state != Empty:
			answer.ErrorCode = kerr.NonEmptyGroup.Code
		default:
			left++
			c.delete(now, g, g.positions(), true, func(err *kerr.Error) {
				answer.ErrorCode = code(err)
				done()
			})
		}
	}
	done()
}

func (c *Coordinator) deleteOffsets(now int64, token uint64, req *kmsg.OffsetDeleteRequest) {
	resp := kmsg.NewPtrOffsetDeleteResponse()
	resp.SetVersion(req.Version)
	var g *group
	err := kerr.InvalidGroupID
	if req.Group != "" {
		_, g, err = c.lookUp(req.Group)
	}
	switch {
	case err != nil:
	case g == nil || g.state == Dead:
		err = kerr.GroupIDNotFound
	case g.state != Empty && g.protocolType != consumers:
		err = kerr.NonEmptyGroup
	}
	if err != nil {
		resp.ErrorCode = err.Code
		c.desk.Reply(token, resp)
		return
	}
	subscribed := g.subscribed()
	var gone []position
	for _, t := range req.Topics {
		topic := kmsg.OffsetDeleteResponseTopic{Topic: t.Topic}
		for _, p := range t.Partitions {
			answer := kmsg.OffsetDeleteResponseTopicPartition{Partition: p.Partition}
			at := position{t.Topic, p.Partition}
			_, committed := g.offsets[at]
			switch {
			case subscribed(t.Topic):
				answer.ErrorCode = kerr.GroupSubscribedToTopic.Code
			case committed || g.unstable[at] > 0:
				gone = append(gone, at)
			}
			topic.Partitions = append(topic.Partitions, answer)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	if len(gone) == 0 {
		c.desk.Reply(token, resp)
		return
	}
	c.delete(now, g, gone, false, func(err *kerr.Error) {
		resp.ErrorCode = code(err)
		if err != nil {
			resp.Topics = nil
		}
		c.desk.Reply(token, resp)
	})
}

// delete writes tombstones for offsets of a group, or for the whole group, and
// does what they say when they are replicated.
func (c *Coordinator) delete(now int64, g *group, gone []position, whole bool, done func(err *kerr.Error)) {
	if whole {
		g.move(deleting, c.config.Wall(now))
	}
	p, id := g.partition, g.id
	c.desk.Append(p.number, c.tombstones(now, g, gone, whole), func(now int64, err *kerr.Error) {
		if g := p.byID[id]; g != nil { // otherwise what was to be deleted is gone by now
			if err == nil {
				for _, at := range gone {
					g.take(at)
				}
			}
			if whole && g.state == Dead {
				c.bury(g, err == nil, c.config.Wall(now))
			}
		}
		done(err)
	})
}

// bury ends a group whose tombstone was to be written: it is forgotten, unless
// that failed, or offsets that were on their way have arrived since.
func (c *Coordinator) bury(g *group, written bool, wall int64) {
	g.move(undeletable, wall)
	if written {
		g.protocolType, g.generation = "", 0
	}
	if written && len(g.offsets)+g.pledges == 0 {
		c.forget(g)
	}
}

// consumers is the protocol type of consumer groups; others (Connect's) do not
// say what they subscribe to.
const consumers = "consumer"

// subscribed tells which topics the group's members read. If what they say is
// not to be understood: every one.
func (g *group) subscribed() func(topic string) bool {
	var topics []string
	for _, m := range g.members {
		var said kmsg.ConsumerMemberMetadata
		if said.ReadFrom(m.metadata(g.protocol)) != nil {
			return func(string) bool { return true }
		}
		topics = append(topics, said.Topics...)
	}
	slices.Sort(topics)
	return func(topic string) bool {
		_, found := slices.BinarySearch(topics, topic)
		return found
	}
}
