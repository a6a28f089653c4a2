package group

import (
	"grapevine/protocols/kafka/batch"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// What is written to __consumer_offsets, as Kafka does: records whose key says
// by its version what they are. A null value (a tombstone) takes back what the
// key names. Offsets that a transaction will commit lie in transactional
// batches of its producer, and count from the commit marker on.

const (
	offsetKeyVersion = 1 // 0 is the same; values v3, or v1 when the client says when they expire
	groupKeyVersion  = 2 // values v3
)

// offset is a committed offset.
type offset struct {
	at          int64
	leaderEpoch int32
	metadata    string
	committed   int64  // ms of the wall clock
	expires     int64  // ms of the wall clock; -1: as KIP-211 says
	order       uint64 // of two, the one with the greater order is the later one in the log
}

// placed is an offset and what it is for.
type placed struct {
	position
	offset
}

func offsetKey(group string, p position) []byte {
	key := kmsg.OffsetCommitKey{Version: offsetKeyVersion, Group: group, Topic: p.topic, Partition: p.partition}
	return key.AppendTo(nil)
}

func groupKey(group string) []byte {
	key := kmsg.GroupMetadataKey{Version: groupKeyVersion, Group: group}
	return key.AppendTo(nil)
}

// offsetsBatch makes a batch of offsets that a group commits.
func (c *Coordinator) offsetsBatch(now int64, group string, offsets []placed, o batch.Options) []byte {
	wall := c.config.Wall(now)
	for _, p := range offsets {
		value := kmsg.OffsetCommitValue{Version: 3, Offset: p.at, LeaderEpoch: p.leaderEpoch, Metadata: p.metadata,
			CommitTimestamp: p.committed, ExpireTimestamp: p.expires}
		if p.expires >= 0 {
			value.Version = 1
		}
		c.builder.Add(wall, offsetKey(group, p.position), value.AppendTo(nil), nil)
	}
	return c.builder.Append(nil, o)
}

// groupBatch makes a batch of one record: what a group is, with an assignment
// for each member (nil: those that they have).
func (c *Coordinator) groupBatch(now int64, g *group, assignment map[string][]byte) []byte {
	value := kmsg.GroupMetadataValue{Version: 3, ProtocolType: g.protocolType, Generation: g.generation, CurrentStateTimestamp: g.since}
	if len(g.members) > 0 {
		value.Protocol, value.Leader = &g.protocol, &g.leader.id
	}
	for _, m := range g.members {
		stored := kmsg.GroupMetadataValueMember{MemberID: m.id, InstanceID: m.instance, ClientID: m.clientID, ClientHost: m.clientHost,
			RebalanceTimeoutMillis: int32(m.rebalanceMicros / 1000), SessionTimeoutMillis: int32(m.sessionMicros / 1000),
			Subscription: m.metadata(g.protocol), Assignment: m.assignment}
		if assignment != nil {
			stored.Assignment = assignment[m.id]
		}
		value.Members = append(value.Members, stored)
	}
	c.builder.Add(c.config.Wall(now), groupKey(g.id), value.AppendTo(nil), nil)
	return c.builder.Append(nil, batch.NoProducer)
}

// tombstones makes a batch that takes back offsets of a group, and the group too if so said.
func (c *Coordinator) tombstones(now int64, g *group, offsets []position, whole bool) []byte {
	wall := c.config.Wall(now)
	for _, p := range offsets {
		c.builder.Add(wall, offsetKey(g.id, p), nil, nil)
	}
	if whole {
		c.builder.Add(wall, groupKey(g.id), nil, nil)
	}
	return c.builder.Append(nil, batch.NoProducer)
}
