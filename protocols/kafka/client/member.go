package client

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// member is a consumer's membership of its group.
type member struct {
	k          *Consumer
	state      memberState
	id         string
	generation int32 // -1: none
	asking     bool  // JoinGroup or SyncGroup is under way
	parting    bool  // LeaveGroup is
	retryAt    int64
	tries      int

	beatAt  int64 // when the next heartbeat is due
	beating bool
	heard   int64 // when the last one was answered

	revoke []TopicPartition // when preparing: what is to be given back
	told   bool             // Revoked was said: the caller has until the next Tick
	last   []TopicPartition // of the last assignment, for the sticky assignor
	lastOf int32            // its generation

	roll   *kmsg.JoinGroupResponse // when assigning: who is in the group
	counts []int                   // what the leader knew of the topics' partitions; -1: nothing
	topics []string                // those topics
}

func (m *member) init(k *Consumer) {
	m.k, m.generation, m.lastOf = k, -1, -1
	m.retryAt, m.beatAt = math.MaxInt64, math.MaxInt64
	if len(k.config.Topics) > 0 {
		m.move(enrol)
		m.join()
	}
}

// move changes the state; false: that changes nothing.
func (m *member) move(in memberInput) bool {
	next := memberMoves[m.state][in]
	if next == stay {
		return false
	}
	m.state = next
	return true
}

// between says whether the member is on its way from one generation to the next.
func (m *member) between() bool {
	return m.state == joining || m.state == assigning || m.state == syncing
}

func (m *member) cooperative() bool { return m.k.config.Assignors[0] == CooperativeSticky }

// coordinate sends a request to the group's coordinator, once it is known.
func (k *Consumer) coordinate(lane lane, req kmsg.Request, timeout int64, done func(kmsg.Response, error)) {
	c, co := k.client, k.coordinator
	send := func(err error) {
		if err != nil {
			done(nil, err)
			return
		}
		c.call(c.broker(co.node), k.user, lane, req, timeout, func(r kmsg.Response, err error) {
			if lostCoordinator(err) {
				co.node = -1
			}
			done(r, err)
		})
	}
	if co.node < 0 || c.broker(co.node) == nil {
		c.find(co, send)
		return
	}
	send(nil)
}

// notice takes what an answer says of the membership.
func (k *Consumer) notice(err error) {
	if k.closed || k.fatal != nil {
		return
	}
	if lostCoordinator(err) {
		k.coordinator.node = -1
	}
	switch err {
	case kerr.RebalanceInProgress:
		k.member.rejoin(k.member.leavingOut(nil))
	case kerr.IllegalGeneration, kerr.UnknownMemberID:
		k.member.expel()
	case kerr.FencedInstanceID:
		k.stop(err)
	}
}

// leavingOut returns what has to be given back before joining again, beside
// what another member is to have.
func (m *member) leavingOut(others []TopicPartition) []TopicPartition {
	if m.cooperative() {
		return others
	}
	return m.k.owned()
}

// rejoin begins to join again.
func (m *member) rejoin(revoke []TopicPartition) {
	if m.state == stable && m.move(rebalance) {
		m.revoke = revoke
		m.prepare()
	} else if m.move(rebalance) {
		m.join()
	}
}

// prepare does what is to be done before joining again, as far as it can be
// done now.
func (m *member) prepare() {
	k := m.k
	switch {
	case m.state != preparing:
	case len(m.revoke) > 0 && k.taken != nil: // rested comes
	case len(m.revoke) > 0:
		if k.config.AutoCommitMicros > 0 {
			k.commitDone()
		}
		m.told = true
		revoke := m.revoke
		m.revoke = nil
		k.disown(revoke, Revoked)
	case m.told || !k.commits.idle(): // tick or committed comes
	default:
		m.move(released)
		m.join()
	}
}

// rested is told that the work on what was taken is over.
func (m *member) rested() {
	if m.move(rested) {
		m.join()
	}
	m.prepare()
}

// committed is told that a commit is over.
func (m *member) committed() {
	m.prepare()
	if m.state == leaving {
		m.leave()
	}
}

// expel is told that the coordinator knows nothing of this member.
func (m *member) expel() {
	m.id, m.generation = "", -1
	m.k.commits.giveUp(kerr.UnknownMemberID)
	m.k.disown(m.k.owned(), Lost)
	m.k.workBy = math.MaxInt64
	if m.move(expelled) {
		m.join()
	}
}

// close begins to leave.
func (m *member) close() {
	k := m.k
	if k.fatal != nil {
		k.end()
		return
	}
	if k.config.AutoCommitMicros > 0 {
		k.commitDone()
	}
	m.beatAt, m.retryAt = math.MaxInt64, math.MaxInt64
	m.move(closing)
	k.commits.send()
	m.leave()
}

// leave leaves, once all is committed. A static member is expected back.
func (m *member) leave() {
	k := m.k
	switch {
	case m.parting || !k.commits.idle():
		return
	case m.id == "" || k.config.InstanceID != "":
		m.left()
		return
	}
	m.parting = true
	k.coordinate(mainLane, m.leaveRequest(), k.client.config.RequestTimeoutMicros, func(kmsg.Response, error) { m.left() })
}

func (m *member) left() {
	if m.move(hasLeft) {
		m.k.end()
	}
}

func (m *member) leaveRequest() kmsg.Request {
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = m.k.config.Group, m.id
	one := kmsg.NewLeaveGroupRequestMember()
	one.MemberID = m.id
	req.Members = append(req.Members, one)
	return req
}

func (m *member) deadline() int64 {
	at := min(m.retryAt, m.beatAt)
	if m.told {
		at = m.k.client.now
	}
	if m.state == stable || m.state == preparing {
		at = min(at, m.k.workBy)
	}
	return at
}

func (m *member) tick() {
	now := m.k.client.now
	if m.told {
		m.told = false
		m.prepare()
	}
	if (m.state == stable || m.state == preparing) && m.k.workBy <= now {
		m.overstay()
	}
	if m.retryAt <= now {
		m.retryAt = math.MaxInt64
		m.again()
	}
	if m.beatAt <= now {
		m.beat()
	}
}

// overstay leaves the group, since the work takes too long: the others should
// have the partitions.
func (m *member) overstay() {
	k := m.k
	if !m.move(tooSlow) {
		return
	}
	m.beatAt = math.MaxInt64
	if k.config.InstanceID == "" && m.id != "" {
		k.coordinate(mainLane, m.leaveRequest(), k.client.config.RequestTimeoutMicros, func(kmsg.Response, error) {})
		m.id = ""
	}
	m.generation = -1
	k.disown(k.owned(), Lost)
	k.workBy = math.MaxInt64
}

// beat sends a heartbeat.
func (m *member) beat() {
	k, now := m.k, m.k.client.now
	m.beatAt = math.MaxInt64
	if m.state != stable && m.state != preparing {
		return
	}
	m.beatAt = now + k.config.HeartbeatMicros
	if m.heard+k.config.SessionMicros <= now { // whoever it is, it does not answer
		m.heard = now
		k.coordinator.node = -1
	}
	if m.beating {
		return
	}
	m.beating = true
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.Generation, req.MemberID = k.config.Group, m.generation, m.id
	if k.config.InstanceID != "" {
		req.InstanceID = &k.config.InstanceID
	}
	k.coordinate(mainLane, req, min(k.client.config.RequestTimeoutMicros, k.config.SessionMicros), func(r kmsg.Response, err error) {
		m.beating = false
		if resp, ok := r.(*kmsg.HeartbeatResponse); ok && err == nil && req.Generation == m.generation {
			m.heard = k.client.now
			k.notice(errorOf(resp.ErrorCode))
		}
		if err != nil && m.beatAt != math.MaxInt64 {
			m.beatAt = min(m.beatAt, k.client.now+k.client.retryPause(0))
		}
	})
}

// refreshed goes on with what waited for the metadata.
func (m *member) refreshed() {
	switch m.state {
	case assigning:
		m.assign()
	case stable:
		m.watch()
	}
}

// watch has the leader call for a new assignment when there are other
// partitions than those that it gave out. A static leader that came back gave
// out nothing: for it, what there is now counts (KIP-814).
func (m *member) watch() {
	for i, name := range m.topics {
		n := len(m.k.client.topic(name).partitions)
		if m.counts[i] < 0 && n > 0 {
			m.counts[i] = n
		}
		if m.counts[i] >= 0 && m.counts[i] != n {
			m.rejoin(m.leavingOut(nil))
			return
		}
	}
}

// halt is the end after an error.
func (m *member) halt() {
	m.beatAt, m.retryAt, m.told = math.MaxInt64, math.MaxInt64, false
	m.move(closing)
	m.move(hasLeft)
}

// fatalGroupError says whether an error means that the group will never have us.
func fatalGroupError(err error) bool {
	return slices.Contains([]error{kerr.InconsistentGroupProtocol, kerr.InvalidSessionTimeout, kerr.InvalidGroupID,
		kerr.GroupAuthorizationFailed, kerr.GroupMaxSizeReached, kerr.FencedInstanceID, kerr.UnsupportedVersion}, err)
}
