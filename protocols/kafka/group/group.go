package group

import (
	"bytes"
	"slices"

	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// group is a consumer group.
type group struct {
	id        string
	partition *partition // that keeps it
	state     State
	since     int64 // when the state began, in ms of the wall clock; -1: before this was written down

	generation   int32
	protocolType string // "consumer", "connect"; "": nobody has ever joined
	protocol     string // what this generation has agreed on
	leader       *member

	members []*member // in the order in which they came
	byID    map[string]*member
	static  map[string]*member // by instance id
	pending map[string]*member // ids given out by MEMBER_ID_REQUIRED; nothing is known of them but the id

	backers map[string]int // how many members support a protocol

	joining  int // members that wait for JoinGroup's answer
	unsynced int // members of this generation that have not sent SyncGroup

	// timer is when the gathering is over (PreparingRebalance), or by when all
	// must have synced (CompletingRebalance, Stable).
	timer       timers.Timer[due]
	initial     bool  // the gathering is the first one, which waits for newcomers
	newcomer    bool  // and one came since the timer was set
	initialEnds int64 // and this is when it ends at the latest

	offsets  map[position]offset
	unstable map[position]int // how many open transactions will write an offset there
	pledges  int              // their sum
}

// position is what an offset is committed for.
type position struct {
	topic     string
	partition int32
}

func (p position) compare(q position) int {
	if p.topic != q.topic {
		if p.topic < q.topic {
			return -1
		}
		return 1
	}
	return int(p.partition) - int(q.partition)
}

// member is a member of a group.
type member struct {
	group      *group
	id         string
	instance   *string // static membership
	clientID   string
	clientHost string

	sessionMicros   int64
	rebalanceMicros int64
	protocols       []kmsg.JoinGroupRequestProtocol // most wanted first
	assignment      []byte

	joining *kmsg.JoinGroupRequest // waits for the answer
	syncing *kmsg.SyncGroupRequest // waits for the answer
	token   uint64                 // of that request
	synced  bool                   // in this generation
	fresh   bool                   // has never had JoinGroup answered
	session timers.Timer[due]
}

// due is what a timer is for: a member's session, a group's timer, or a partition's expiry.
type due struct {
	member    *member
	group     *group
	partition *partition
}

func newGroup(id string, p *partition) *group {
	g := &group{id: id, partition: p, since: -1, byID: map[string]*member{}, static: map[string]*member{},
		pending: map[string]*member{}, backers: map[string]int{}, offsets: map[position]offset{}, unstable: map[position]int{}}
	g.timer.Of.group = g
	return g
}

func newMember(g *group, id string) *member {
	m := &member{group: g, id: id}
	m.session.Of.member = m
	return m
}

// add makes m a member of the group, the last one to have come.
func (g *group) add(m *member) {
	g.members = append(g.members, m)
	g.byID[m.id] = m
	g.count(m, 1)
	if m.instance != nil {
		g.static[*m.instance] = m
	}
	if g.leader == nil {
		g.leader = m
	}
}

// drop makes some members no members any more. What they wait for must have been answered.
func (g *group) drop(gone func(m *member) bool) {
	g.members = slices.DeleteFunc(g.members, func(m *member) bool {
		if !gone(m) {
			return false
		}
		delete(g.byID, m.id)
		g.count(m, -1)
		if m.instance != nil {
			delete(g.static, *m.instance)
		}
		if !m.synced && (g.state == CompletingRebalance || g.state == Stable) {
			g.unsynced--
		}
		if g.leader == m {
			g.leader = nil
		}
		return true
	})
	if g.leader == nil && len(g.members) > 0 {
		g.leader = g.members[0]
	}
}

// move changes the group's state as the table says.
func (g *group) move(in input, wall int64) {
	next := moves[g.state][in]
	if next == never {
		panic("group: " + g.state.String() + " cannot take this input")
	}
	if next != g.state {
		g.state, g.since = next, wall
	}
}

// supports says whether somebody with these protocols could be a member beside the others.
func (g *group) supports(protocolType string, protocols []kmsg.JoinGroupRequestProtocol) bool {
	if protocolType == "" || len(protocols) == 0 {
		return false
	}
	if len(g.members) == 0 {
		return true
	}
	return protocolType == g.protocolType && slices.ContainsFunc(protocols, func(p kmsg.JoinGroupRequestProtocol) bool {
		return g.backers[p.Name] == len(g.members)
	})
}

// count adds n to the backers of each of the member's protocols.
func (g *group) count(m *member, n int) {
	for i, p := range m.protocols {
		if slices.ContainsFunc(m.protocols[:i], func(earlier kmsg.JoinGroupRequestProtocol) bool { return earlier.Name == p.Name }) {
			continue
		}
		if g.backers[p.Name] += n; g.backers[p.Name] == 0 {
			delete(g.backers, p.Name)
		}
	}
}

// elect returns the protocol of the next generation: each member votes for the
// first of its protocols that all support, the most votes win, and between
// equals the one that the first member prefers. "": nobody is there.
func (g *group) elect() string {
	votes := map[string]int{}
	for _, m := range g.members {
		for _, p := range m.protocols {
			if g.backers[p.Name] == len(g.members) {
				votes[p.Name]++
				break
			}
		}
	}
	winner := ""
	if len(g.members) > 0 {
		for _, p := range g.members[0].protocols {
			if votes[p.Name] > votes[winner] {
				winner = p.Name
			}
		}
	}
	return winner
}

// rebalanceMicros is how long the slowest member may take to join again.
func (g *group) rebalanceMicros() int64 {
	longest := int64(0)
	for _, m := range g.members {
		longest = max(longest, m.rebalanceMicros)
	}
	return longest
}

// metadata is what the member says of itself in a protocol: its subscription.
func (m *member) metadata(protocol string) []byte {
	for _, p := range m.protocols {
		if p.Name == protocol {
			return p.Metadata
		}
	}
	return nil
}

// says tells whether these are the protocols that the member has already.
func (m *member) says(protocols []kmsg.JoinGroupRequestProtocol) bool {
	return slices.EqualFunc(m.protocols, protocols, func(a, b kmsg.JoinGroupRequestProtocol) bool {
		return a.Name == b.Name && bytes.Equal(a.Metadata, b.Metadata)
	})
}
