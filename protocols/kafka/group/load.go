package group

import (
	"bytes"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// loadLimits bound what one batch of __consumer_offsets may unfold to.
var loadLimits = batch.Limits{MaxBatchBytes: 64 << 20, MaxRecords: 1 << 20}

// Load reads batches of a partition that this broker now leads: whole ones, in
// order, from the log's start to its end as it was when the leadership began.
// (Not only to the high watermark: the new leader will commit what lies behind
// it.) Call it as often as needed, then Loaded. Until then, requests about its
// groups are answered COORDINATOR_LOAD_IN_PROGRESS. Records that make no sense,
// or are of groups of another kind, are passed over.
func (c *Coordinator) Load(now int64, partition int32, batches []byte) {
	p := c.startLoading(partition)
	desk.Read(batches, loadLimits, func(h batch.Header, b []byte) {
		if marker, ok := batch.ParseMarker(b); ok {
			p.settle(h.ProducerID, marker.Commit)
		}
	}, func(h batch.Header, r batch.Record) { c.loadRecord(now, p, h, r) })
}

func (c *Coordinator) startLoading(partition int32) *partition {
	if p := c.at(partition); p != nil && p.loading {
		return p
	}
	c.Unload(partition)
	c.partitions[partition] = newPartition(partition)
	return c.partitions[partition]
}

func (c *Coordinator) loadRecord(now int64, p *partition, h batch.Header, r batch.Record) {
	if len(r.Key) < 2 {
		return
	}
	switch version := int16(r.Key[0])<<8 | int16(r.Key[1]); version {
	case 0, offsetKeyVersion:
		var key kmsg.OffsetCommitKey
		if key.ReadFrom(r.Key) != nil {
			return
		}
		at := position{key.Topic, key.Partition}
		if r.Value == nil {
			if g := p.byID[key.Group]; g != nil {
				g.take(at)
			}
			return
		}
		var value kmsg.OffsetCommitValue
		if !known(r.Value) || value.ReadFrom(r.Value) != nil {
			return
		}
		o := offset{at: value.Offset, leaderEpoch: value.LeaderEpoch, metadata: value.Metadata, committed: value.CommitTimestamp, expires: -1, order: c.desk.Next()}
		if value.Version < 3 {
			o.leaderEpoch = -1
		}
		if value.Version == 1 {
			o.expires = value.ExpireTimestamp
		}
		if g := c.ensure(now, p, key.Group); h.Transactional() {
			g.pledged(h.ProducerID, at, o)
		} else {
			g.put(at, o)
		}
	case groupKeyVersion:
		var key kmsg.GroupMetadataKey
		if key.ReadFrom(r.Key) != nil {
			return
		}
		c.ensure(now, p, key.Group)
		p.stored[key.Group] = bytes.Clone(r.Value) // the last one counts
	}
}

// known says whether a value is of one of the versions 0 to 3. The later ones
// have tags, which nothing here needs, and kmsg takes their number on trust.
func known(value []byte) bool { return len(value) >= 2 && value[0] == 0 && value[1] <= 3 }

// Loaded says that all batches have been loaded (perhaps none), and that the
// coordinator may speak for the partition. (The leader's epoch, which the
// transaction coordinator needs, says nothing here.)
func (c *Coordinator) Loaded(now int64, partition int32, _ int32) {
	p := c.startLoading(partition)
	p.loading = false
	groups := p.groups
	p.groups = nil
	for _, g := range groups {
		var value kmsg.GroupMetadataValue
		if raw := p.stored[g.id]; known(raw) && value.ReadFrom(raw) == nil && value.Generation >= 0 {
			c.restore(now, g, &value)
		}
		if g.generation == 0 && len(g.members)+len(g.offsets)+g.pledges == 0 { // a tombstone was the last that was said
			delete(p.byID, g.id)
			c.groups--
			continue
		}
		p.groups = append(p.groups, g)
	}
	for _, m := range p.late {
		p.settle(m.producer, m.commit)
	}
	p.stored, p.late = nil, nil
}

// Marker says that a commit or abort marker of the producer, appended by this
// leader, is replicated in the partition: its pending offsets become the
// group's, or go. One for a partition that this broker does not lead is passed over.
func (c *Coordinator) Marker(now int64, partition int32, producerID int64, commit bool) {
	p := c.at(partition)
	switch {
	case p == nil:
	case p.loading: // it lies behind all that is being loaded
		p.late = append(p.late, marker{producerID, commit})
	default:
		p.settle(producerID, commit)
	}
}

// restore makes a group what its record says.
func (c *Coordinator) restore(now int64, g *group, value *kmsg.GroupMetadataValue) {
	g.protocolType, g.generation, g.since = value.ProtocolType, value.Generation, value.CurrentStateTimestamp
	g.protocol = orEmpty(value.Protocol)
	for _, stored := range value.Members {
		if g.byID[stored.MemberID] != nil || stored.InstanceID != nil && g.static[*stored.InstanceID] != nil {
			continue
		}
		m := newMember(g, stored.MemberID)
		m.instance, m.clientID, m.clientHost, m.synced = stored.InstanceID, stored.ClientID, stored.ClientHost, true
		m.sessionMicros = min(max(millis(stored.SessionTimeoutMillis), c.config.MinSessionMicros), c.config.MaxSessionMicros)
		m.rebalanceMicros = millis(stored.RebalanceTimeoutMillis)
		if stored.RebalanceTimeoutMillis < 0 {
			m.rebalanceMicros = m.sessionMicros
		}
		m.protocols = []kmsg.JoinGroupRequestProtocol{{Name: g.protocol, Metadata: stored.Subscription}}
		m.assignment = stored.Assignment
		g.add(m)
		if value.Leader != nil && *value.Leader == m.id {
			g.leader = m
		}
		c.watch(now, m)
	}
	if len(g.members) > 0 {
		g.state = Stable
	}
}
