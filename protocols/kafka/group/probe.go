package group

import "github.com/twmb/franz-go/pkg/kmsg"

// Look is a group as a lab shows it. What it holds is the coordinator's: not to
// be changed, and valid until the next call.
type Look struct {
	ID           string
	State        State
	Generation   int32
	ProtocolType string
	Protocol     string // that this generation uses; "": none
	Leader       string // member id
	Members      []MemberLook
}

// MemberLook is a member of a group.
type MemberLook struct {
	ID           string
	Instance     string // "": it is dynamic
	ClientID     string
	Subscription []byte // kmsg's ConsumerMemberMetadata, for a consumer
	Assignment   []byte // kmsg's ConsumerMemberAssignment, for a consumer
	Joining      bool   // waits for the answer to JoinGroup
	Syncing      bool   // waits for the answer to SyncGroup
}

// Partitions are those of a topic that a consumer was assigned.
func (m *MemberLook) Partitions(topic string) []int32 {
	var a kmsg.ConsumerMemberAssignment
	if a.ReadFrom(m.Assignment) != nil {
		return nil
	}
	for _, t := range a.Topics {
		if t.Topic == topic {
			return t.Partitions
		}
	}
	return nil
}

// Looks returns the groups of all partitions that are loaded.
func (c *Coordinator) Looks() []Look {
	var looks []Look
	for _, p := range c.partitions {
		if p == nil || p.loading {
			continue
		}
		for _, g := range p.groups {
			looks = append(looks, g.look())
		}
	}
	return looks
}

func (g *group) look() Look {
	l := Look{ID: g.id, State: g.state, Generation: g.generation, ProtocolType: g.protocolType, Protocol: g.protocol}
	if g.leader != nil {
		l.Leader = g.leader.id
	}
	for _, m := range g.members {
		l.Members = append(l.Members, MemberLook{ID: m.id, Instance: orEmpty(m.instance), ClientID: m.clientID, Subscription: m.metadata(g.protocol),
			Assignment: m.assignment, Joining: m.joining != nil, Syncing: m.syncing != nil})
	}
	return l
}

// Committed returns the offset that a group has committed for a partition; -1: none.
func (c *Coordinator) Committed(group, topic string, partition int32) int64 {
	if _, g, err := c.lookUp(group); err == nil && g != nil {
		if o, found := g.offsets[position{topic, partition}]; found {
			return o.at
		}
	}
	return -1
}
