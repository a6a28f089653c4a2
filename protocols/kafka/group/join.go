package group

import (
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// JoinGroup (key 11)
//
// Behaviour: a new member gets an id and waits for the rebalance it causes; a
// member that knows its id takes part in the rebalance that is going on, causes
// one if it is the leader or has changed, and is told the present generation
// otherwise. The leader's answer lists all members. A second JoinGroup of a
// member while the first still waits takes its place; the first is answered
// REBALANCE_IN_PROGRESS.
//
// Versions: 0-9. Before v1 the rebalance timeout is the session timeout. From
// v4 (KIP-394) a new dynamic member is given its id by MEMBER_ID_REQUIRED
// first, so that one that retries does not leave ghosts behind. From v5
// (KIP-345) an instance id makes a member static: a new life of it takes the
// place of the old one, without a rebalance if the group is Stable and would
// choose the same protocol. From v9 (KIP-814) such a leader is told that it is
// one, and to skip the assignment; before, it is not told.
//
// Not done: reasons (v8, KIP-800) are not kept.

// newMemberMicros is how long a new member may wait for its first JoinGroup's
// answer; its client is expected to ask again before.
const newMemberMicros = 5 * 60_000_000

func (c *Coordinator) join(now int64, token uint64, clientID, host string, req *kmsg.JoinGroupRequest) {
	refuse := func(memberID string, err *kerr.Error) {
		resp := joinResponse(req, memberID)
		resp.ErrorCode = err.Code
		c.desk.Reply(token, resp)
	}
	if err := c.checkJoin(req); err != nil {
		refuse(req.MemberID, err)
		return
	}
	p, g, err := c.lookUp(req.Group)
	if err != nil {
		refuse(req.MemberID, err)
		return
	}
	if g == nil {
		if req.MemberID != "" {
			refuse(req.MemberID, kerr.UnknownMemberID)
			return
		}
		if c.groups >= c.config.MaxGroups {
			refuse("", kerr.CoordinatorNotAvailable)
			return
		}
		g = c.ensure(now, p, req.Group)
	}

	isNew := req.MemberID == ""
	old := (*member)(nil) // the static member whose place this one takes
	if isNew && req.InstanceID != nil {
		old = g.static[*req.InstanceID]
	}
	switch {
	case g.state == Dead:
		refuse(req.MemberID, kerr.CoordinatorNotAvailable)
	case isNew && old == nil && len(g.members)+len(g.pending) >= c.config.MaxMembers:
		refuse("", kerr.GroupMaxSizeReached)
	case !g.supports(req.ProtocolType, req.Protocols):
		refuse(req.MemberID, kerr.InconsistentGroupProtocol)
	case old != nil:
		c.replaceStatic(now, old, c.newID(g, clientID, req.InstanceID), token, clientID, host, req)
	case isNew && req.InstanceID == nil && req.Version >= 4:
		m := newMember(g, c.newID(g, clientID, nil))
		g.pending[m.id] = m
		c.timers.Set(&m.session, now+millis(req.SessionTimeoutMillis))
		refuse(m.id, kerr.MemberIDRequired)
	case isNew:
		m := newMember(g, c.newID(g, clientID, req.InstanceID))
		c.enter(now, m, token, clientID, host, req)
	case g.pending[req.MemberID] != nil && req.InstanceID == nil:
		m := g.pending[req.MemberID]
		delete(g.pending, m.id)
		c.enter(now, m, token, clientID, host, req)
	default:
		m, err := g.find(req.MemberID, req.InstanceID)
		if err != nil {
			refuse(req.MemberID, err)
			return
		}
		c.rejoin(now, m, token, req)
	}
}

// checkJoin looks at what can be seen of a JoinGroup without its group.
func (c *Coordinator) checkJoin(req *kmsg.JoinGroupRequest) *kerr.Error {
	timeout := millis(req.SessionTimeoutMillis)
	size := 0
	longID := len(req.MemberID) > c.config.MaxIDBytes || len(req.ProtocolType) > c.config.MaxIDBytes
	for _, p := range req.Protocols {
		size += len(p.Name) + len(p.Metadata)
		longID = longID || len(p.Name) > c.config.MaxIDBytes
	}
	if req.InstanceID != nil {
		longID = longID || *req.InstanceID == "" || len(*req.InstanceID) > c.config.MaxIDBytes/2 // a member id holds it
	}
	switch {
	case req.Group == "" || len(req.Group) > c.config.MaxIDBytes:
		return kerr.InvalidGroupID
	case timeout < c.config.MinSessionMicros || timeout > c.config.MaxSessionMicros:
		return kerr.InvalidSessionTimeout
	case longID || size > c.config.MaxMemberBytes || len(req.Protocols) > c.config.MaxProtocols:
		return kerr.InvalidRequest
	}
	return nil
}

// newID makes a member id that no member has: who it is for, and luck.
func (c *Coordinator) newID(g *group, clientID string, instance *string) string {
	name := clientID
	if instance != nil {
		name = *instance
	} else if limit := c.config.MaxIDBytes / 2; len(name) > limit {
		name = strings.ToValidUTF8(name[:limit], "")
	}
	for {
		const digits = "0123456789abcdef"
		id := append([]byte(name), "-00000000-0000-0000-0000-000000000000"...)
		var luck uint64
		left := 0
		for i := len(name) + 1; i < len(id); i++ {
			if id[i] == '-' {
				continue
			}
			if left == 0 {
				luck, left = c.config.Rand(), 16
			}
			id[i] = digits[luck&15]
			luck >>= 4
			left--
		}
		if g.byID[string(id)] == nil && g.pending[string(id)] == nil {
			return string(id)
		}
	}
}

// enter makes m a member, and lets it wait for the rebalance that this is cause for.
func (c *Coordinator) enter(now int64, m *member, token uint64, clientID, host string, req *kmsg.JoinGroupRequest) {
	g := m.group
	m.clientID, m.clientHost, m.fresh = clientID, host, true
	m.instance = req.InstanceID
	m.learn(req)
	if len(g.members) == 0 {
		g.protocolType = req.ProtocolType
	}
	g.add(m)
	g.newcomer = true
	c.await(m, token, req)
	c.timers.Set(&m.session, now+newMemberMicros)
	c.disturb(now, g)
}

// rejoin is a member's JoinGroup that is not its first.
func (c *Coordinator) rejoin(now int64, m *member, token uint64, req *kmsg.JoinGroupRequest) {
	g := m.group
	changed := !m.says(req.Protocols)
	switch {
	case g.state == PreparingRebalance,
		changed,
		// The leader knows of more than the group: new partitions of a topic, say.
		g.state == Stable && m == g.leader:
		m.learn(req)
		c.await(m, token, req)
		c.disturb(now, g)
	default: // its last answer got lost, or it was told to rejoin for nothing
		c.await(m, token, req)
		c.joined(now, m)
	}
}

// replaceStatic gives a static member's place to a new life of it.
func (c *Coordinator) replaceStatic(now int64, m *member, id string, token uint64, clientID, host string, req *kmsg.JoinGroupRequest) {
	g := m.group
	wasLeader, oldID := g.leader == m, m.id
	c.refuse(m, kerr.FencedInstanceID)
	delete(g.byID, m.id)
	m.id = id
	g.byID[id] = m
	m.clientID, m.clientHost = clientID, host
	m.learn(req)
	c.await(m, token, req)
	if g.state != Stable || g.elect() != g.protocol {
		c.disturb(now, g)
		return
	}
	generation := g.generation
	c.desk.Append(g.partition.number, c.groupBatch(now, g, nil), func(now int64, err *kerr.Error) {
		if m.token != token || m.joining == nil || g.state != Stable || g.generation != generation {
			return // it waits for a rebalance now, or is gone
		}
		if err != nil { // the client comes again without an id, and takes its own place
			c.refuse(m, err)
			c.watch(now, m)
			return
		}
		resp := c.joinedResponse(m)
		switch {
		case req.Version >= 9:
			resp.SkipAssignment = wasLeader
		case wasLeader: // it would assign, which a stable group does not want
			resp.LeaderID, resp.Members = oldID, nil
		}
		c.answerJoin(now, m, resp)
	})
}

// find returns the member with an id, which a static one must go by. The error
// says what is wrong with it: unknown, or replaced by a new life.
func (g *group) find(id string, instance *string) (*member, *kerr.Error) {
	if instance != nil {
		switch m := g.static[*instance]; {
		case m == nil:
			return nil, kerr.UnknownMemberID
		case m.id != id:
			return nil, kerr.FencedInstanceID
		}
	}
	if m := g.byID[id]; m != nil {
		return m, nil
	}
	return nil, kerr.UnknownMemberID
}

// learn takes over what a member says about itself.
func (m *member) learn(req *kmsg.JoinGroupRequest) {
	isMember := m.group.byID[m.id] == m
	if isMember {
		m.group.count(m, -1)
	}
	m.protocols = req.Protocols
	if isMember {
		m.group.count(m, 1)
	}
	m.sessionMicros = millis(req.SessionTimeoutMillis)
	m.rebalanceMicros = millis(req.RebalanceTimeoutMillis)
	if req.RebalanceTimeoutMillis < 0 { // v0
		m.rebalanceMicros = m.sessionMicros
	}
}

// await lets a JoinGroup wait until the members are gathered.
func (c *Coordinator) await(m *member, token uint64, req *kmsg.JoinGroupRequest) {
	c.refuse(m, kerr.RebalanceInProgress) // what it waited for before
	m.token, m.joining = token, req
	m.group.joining++
	if !m.fresh {
		c.timers.Stop(&m.session)
	}
}

// joined tells a member that waits of the present generation.
func (c *Coordinator) joined(now int64, m *member) { c.answerJoin(now, m, c.joinedResponse(m)) }

func (c *Coordinator) answerJoin(now int64, m *member, resp *kmsg.JoinGroupResponse) {
	m.joining = nil
	m.group.joining--
	m.fresh = false
	c.watch(now, m)
	c.desk.Reply(m.token, resp)
}

// joinedResponse is what a member that waits is told of the present generation.
func (c *Coordinator) joinedResponse(m *member) *kmsg.JoinGroupResponse {
	g := m.group
	resp := joinResponse(m.joining, m.id)
	resp.Generation, resp.LeaderID = g.generation, g.leader.id
	resp.ProtocolType, resp.Protocol = &g.protocolType, &g.protocol
	if m != g.leader {
		return resp
	}
	resp.Members = make([]kmsg.JoinGroupResponseMember, len(g.members))
	for i, other := range g.members {
		resp.Members[i] = kmsg.JoinGroupResponseMember{MemberID: other.id, InstanceID: other.instance, ProtocolMetadata: other.metadata(g.protocol)}
	}
	return resp
}

func joinResponse(req *kmsg.JoinGroupRequest, memberID string) *kmsg.JoinGroupResponse {
	resp := kmsg.NewPtrJoinGroupResponse()
	resp.SetVersion(req.Version)
	resp.MemberID = memberID
	return resp
}

// millis turns a client's milliseconds into microseconds.
func millis(ms int32) int64 { return int64(ms) * 1000 }
