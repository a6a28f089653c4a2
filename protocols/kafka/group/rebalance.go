package group

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// disturb begins a rebalance, or sees whether the one that is going on is over.
func (c *Coordinator) disturb(now int64, g *group) {
	before := g.state
	g.move(disturbed, c.config.Wall(now))
	switch before {
	case PreparingRebalance:
		c.gather(now, g)
		return
	case CompletingRebalance:
		for _, m := range g.members {
			if m.syncing != nil {
				c.refuse(m, kerr.RebalanceInProgress)
				c.watch(now, m)
			}
		}
	}
	g.unsynced = 0
	g.initial = before == Empty && c.config.InitialDelayMicros > 0
	if g.initial {
		g.newcomer = false
		g.initialEnds = now + max(g.rebalanceMicros(), c.config.InitialDelayMicros)
		c.timers.Set(&g.timer, now+c.config.InitialDelayMicros)
		return
	}
	c.timers.Set(&g.timer, now+g.rebalanceMicros())
	c.gather(now, g)
}

// gather ends a rebalance as soon as everybody has joined. (The first one of an
// empty group ends by its timer alone.)
func (c *Coordinator) gather(now int64, g *group) {
	if g.joining == len(g.members) && len(g.pending) == 0 && (!g.initial || len(g.members) == 0) {
		c.conclude(now, g)
	}
}

// groupDue is a group's timer: the gathering is over, or those who have not synced are.
func (c *Coordinator) groupDue(now int64, g *group) {
	switch {
	case g.state != PreparingRebalance:
		c.drop(g, func(m *member) bool { return !m.synced })
		c.disturb(now, g)
	case g.initial && g.newcomer && now < g.initialEnds:
		g.newcomer = false
		c.timers.Set(&g.timer, min(now+c.config.InitialDelayMicros, g.initialEnds))
	default:
		c.conclude(now, g)
	}
}

// conclude begins the next generation with those who have joined.
func (c *Coordinator) conclude(now int64, g *group) {
	c.drop(g, func(m *member) bool { return m.joining == nil && m.instance == nil })
	if len(g.members) > 0 && g.joining == 0 { // static members alone, who are all away: until one comes, or their sessions are over
		c.timers.Set(&g.timer, now+max(g.rebalanceMicros(), c.config.MinSessionMicros))
		return
	}
	c.timers.Stop(&g.timer)
	g.initial = false
	if g.generation++; g.generation == math.MaxInt32 {
		g.generation = 0 // -1 has a meaning
	}
	g.protocol = g.elect()
	wall := c.config.Wall(now)
	if len(g.members) == 0 {
		g.move(deserted, wall)
		// If this cannot be written, the last assignment stays: when it is
		// loaded, the sessions of its members run out.
		c.desk.Append(g.partition.number, c.groupBatch(now, g, nil), func(int64, *kerr.Error) {})
		return
	}
	g.move(gathered, wall)
	if g.leader.joining == nil {
		g.leader = g.members[slices.IndexFunc(g.members, func(m *member) bool { return m.joining != nil })]
	}
	g.unsynced = len(g.members)
	for _, m := range g.members {
		m.synced = false
		if m.joining != nil {
			c.joined(now, m)
		}
	}
	c.timers.Set(&g.timer, now+g.rebalanceMicros())
}

// leaves removes a member that left or fell silent, or an id that was given out.
func (c *Coordinator) leaves(now int64, m *member) {
	g := m.group
	if g.pending[m.id] == m {
		c.timers.Stop(&m.session)
		delete(g.pending, m.id)
		if g.state == PreparingRebalance {
			c.gather(now, g)
		}
		return
	}
	c.drop(g, func(other *member) bool { return other == m })
	c.disturb(now, g)
}

// drop removes some members, and answers what they wait for.
func (c *Coordinator) drop(g *group, gone func(m *member) bool) {
	for _, m := range g.members {
		if gone(m) {
			c.refuse(m, kerr.UnknownMemberID)
			c.timers.Stop(&m.session)
		}
	}
	g.drop(gone)
}

// watch begins a member's session anew.
func (c *Coordinator) watch(now int64, m *member) { c.timers.Set(&m.session, now+m.sessionMicros) }

// refuse answers what a member waits for by an error.
func (c *Coordinator) refuse(m *member, err *kerr.Error) {
	switch {
	case m.joining != nil:
		resp := joinResponse(m.joining, m.id)
		resp.ErrorCode = err.Code
		if err == kerr.UnknownMemberID {
			resp.MemberID = "" // to join as a new one
		}
		m.joining = nil
		m.group.joining--
		c.desk.Reply(m.token, resp)
	case m.syncing != nil:
		resp := kmsg.NewPtrSyncGroupResponse()
		resp.SetVersion(m.syncing.Version)
		resp.ErrorCode = err.Code
		m.syncing = nil
		c.desk.Reply(m.token, resp)
	}
}
