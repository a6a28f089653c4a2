package group

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// SyncGroup (key 14)
//
// Behaviour: after JoinGroup, every member asks for its assignment. The
// leader's request brings everyone's; it is written to __consumer_offsets, and
// then all are answered. A member that the leader forgot gets an empty one. A
// second SyncGroup of a member while the first still waits takes its place; the
// first is answered REBALANCE_IN_PROGRESS.
//
// Versions: 0-5. From v3 with an instance id (KIP-345). From v5 (KIP-559) the
// protocol and its type must be the group's.

func (c *Coordinator) sync(now int64, token uint64, req *kmsg.SyncGroupRequest) {
	g, m, err := c.caller(req.Group, req.MemberID, req.InstanceID, req.Generation)
	if err == kerr.CoordinatorLoadInProgress {
		// What was going on here is lost, so start over. (Old clients do not
		// expect to hear of loading from this request.)
		err = kerr.RebalanceInProgress
	}
	if err == nil {
		err = c.checkSync(g, req)
	}
	if err == nil {
		err = syncAnswers[g.state]
	}
	if err != nil {
		resp := kmsg.NewPtrSyncGroupResponse()
		resp.SetVersion(req.Version)
		resp.ErrorCode = err.Code
		c.desk.Reply(token, resp)
		return
	}
	c.refuse(m, kerr.RebalanceInProgress) // what it waited for before
	if !m.synced {
		m.synced = true
		if g.unsynced--; g.unsynced == 0 {
			c.timers.Stop(&g.timer)
		}
	}
	m.token, m.syncing = token, req
	c.timers.Stop(&m.session)
	switch {
	case g.state == Stable:
		c.synced(now, m)
	case m == g.leader:
		c.assign(g, now, req)
	}
}

func (c *Coordinator) checkSync(g *group, req *kmsg.SyncGroupRequest) *kerr.Error {
	if req.Version >= 5 && (req.ProtocolType == nil || *req.ProtocolType != g.protocolType || req.Protocol == nil || *req.Protocol != g.protocol) {
		return kerr.InconsistentGroupProtocol
	}
	for _, a := range req.GroupAssignment {
		if len(a.MemberAssignment) > c.config.MaxMemberBytes {
			return kerr.InvalidRequest
		}
	}
	return nil
}

// assign writes the leader's assignment, then makes it everyone's.
func (c *Coordinator) assign(g *group, now int64, req *kmsg.SyncGroupRequest) {
	generation := g.generation
	assignment := make(map[string][]byte, len(g.members))
	for _, a := range req.GroupAssignment {
		if g.byID[a.MemberID] != nil {
			assignment[a.MemberID] = a.MemberAssignment
		}
	}
	c.desk.Append(g.partition.number, c.groupBatch(now, g, assignment), func(now int64, err *kerr.Error) {
		if g.state != CompletingRebalance || g.generation != generation {
			return // too late: they are joining again
		}
		if err != nil {
			for _, m := range g.members {
				if m.syncing != nil {
					c.refuse(m, err)
					c.watch(now, m)
				}
			}
			c.disturb(now, g)
			return
		}
		g.move(assigned, c.config.Wall(now))
		for _, m := range g.members {
			m.assignment = assignment[m.id]
			if m.syncing != nil {
				c.synced(now, m)
			}
		}
	})
}

// synced gives a member that waits for it its assignment.
func (c *Coordinator) synced(now int64, m *member) {
	resp := kmsg.NewPtrSyncGroupResponse()
	resp.SetVersion(m.syncing.Version)
	resp.ProtocolType, resp.Protocol = &m.group.protocolType, &m.group.protocol
	resp.MemberAssignment = m.assignment
	m.syncing = nil
	c.watch(now, m)
	c.desk.Reply(m.token, resp)
}

// caller returns the member that a request comes from, and its group. The
// error says why it is not heard: wrong coordinator, no member, another
// generation.
func (c *Coordinator) caller(id, memberID string, instance *string, generation int32) (*group, *member, *kerr.Error) {
	if id == "" {
		return nil, nil, kerr.InvalidGroupID
	}
	_, g, err := c.lookUp(id)
	switch {
	case err != nil:
		return nil, nil, err
	case g == nil:
		return nil, nil, kerr.UnknownMemberID
	case g.state == Dead:
		return nil, nil, kerr.CoordinatorNotAvailable
	}
	m, err := g.find(memberID, instance)
	if err == nil && generation != g.generation {
		err = kerr.IllegalGeneration
	}
	return g, m, err
}
