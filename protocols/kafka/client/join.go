package client

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/client/assign"
)

// maxTopicsOfGroup is how many topics a leader looks after.
const maxTopicsOfGroup = 10_000

// again makes the request of the present state again.
func (m *member) again() {
	switch m.state {
	case joining:
		m.join()
	case syncing:
		m.move(rebalance)
		m.join()
	}
}

// later has it made again after a pause.
func (m *member) later() {
	m.retryAt = m.k.client.now + m.k.client.retryPause(m.tries)
	m.tries++
}

// join sends JoinGroup.
func (m *member) join() {
	k := m.k
	m.beatAt, m.topics = math.MaxInt64, nil
	if m.asking || m.state != joining {
		return
	}
	m.retryAt = math.MaxInt64
	m.asking = true
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.MemberID, req.ProtocolType = k.config.Group, m.id, "consumer"
	req.SessionTimeoutMillis = int32(k.config.SessionMicros / 1000)
	req.RebalanceTimeoutMillis = int32(k.config.RebalanceMicros / 1000)
	if k.config.InstanceID != "" {
		req.InstanceID = &k.config.InstanceID
	}
	for _, a := range k.config.Assignors {
		req.Protocols = append(req.Protocols, kmsg.JoinGroupRequestProtocol{Name: string(a), Metadata: m.subscription(a)})
	}
	k.coordinate(joinLane, req, k.config.RebalanceMicros+5_000_000, func(r kmsg.Response, err error) {
		m.asking = false
		resp, _ := r.(*kmsg.JoinGroupResponse)
		if err == nil {
			err = errorOf(resp.ErrorCode)
		}
		switch {
		case k.closed || k.fatal != nil:
		case m.state != joining:
		case err == nil:
			m.joined(resp)
		default:
			m.notJoined(resp, err)
		}
	})
}

// subscription is what the leader is told of us.
func (m *member) subscription(a Assignor) []byte {
	meta := kmsg.NewConsumerMemberMetadata()
	meta.Version, meta.Topics, meta.Generation = 2, m.k.config.Topics, -1
	if a == CooperativeSticky {
		for _, tp := range m.k.owned() {
			if n := len(meta.OwnedPartitions); n == 0 || meta.OwnedPartitions[n-1].Topic != tp.Topic {
				meta.OwnedPartitions = append(meta.OwnedPartitions, kmsg.ConsumerMemberMetadataOwnedPartition{Topic: tp.Topic})
			}
			o := &meta.OwnedPartitions[len(meta.OwnedPartitions)-1]
			o.Partitions = append(o.Partitions, tp.Partition)
		}
		meta.Generation = m.lastOf
	}
	if a == StickyAssign {
		meta.UserData = assign.AppendOwned(nil, wireOwned(m.last), m.lastOf)
	}
	return meta.AppendTo(nil)
}

func wireOwned(partitions []TopicPartition) []assign.Partition {
	owned := make([]assign.Partition, len(partitions))
	for i, tp := range partitions {
		owned[i] = assign.Partition(tp)
	}
	return owned
}

func (m *member) notJoined(resp *kmsg.JoinGroupResponse, err error) {
	k := m.k
	if lostCoordinator(err) {
		k.coordinator.node = -1
	}
	switch {
	case err == kerr.MemberIDRequired && resp != nil && resp.MemberID != "" && resp.MemberID != m.id: // KIP-394: join again by that name
		m.id = resp.MemberID
		m.join()
	case err == kerr.UnknownMemberID || err == kerr.IllegalGeneration:
		m.id, m.generation = "", -1
		k.disown(k.owned(), Lost)
		m.later()
	case fatalGroupError(err):
		k.stop(err)
	default:
		m.later()
	}
}

// joined takes the answer to JoinGroup.
func (m *member) joined(resp *kmsg.JoinGroupResponse) {
	m.id, m.generation = resp.MemberID, resp.Generation
	leads := resp.LeaderID == resp.MemberID
	if leads {
		m.oversee(resp)
	}
	if !leads || resp.SkipAssignment {
		m.move(joined)
		m.sync(resp, nil)
		return
	}
	m.move(elected)
	m.roll = resp
	m.assign()
}

// oversee has the leader look after all topics of the group. How many
// partitions of each were given out is not known yet.
func (m *member) oversee(resp *kmsg.JoinGroupResponse) {
	m.topics = nil
	for i := range resp.Members {
		var meta kmsg.ConsumerMemberMetadata
		if meta.ReadFrom(resp.Members[i].ProtocolMetadata) == nil {
			m.topics = append(m.topics, meta.Topics...)
		}
	}
	slices.Sort(m.topics)
	m.topics = slices.Compact(m.topics)
	m.topics = m.topics[:min(len(m.topics), maxTopicsOfGroup)]
	for _, name := range m.topics {
		m.k.client.topic(name)
	}
	m.counts = slices.Repeat([]int{-1}, len(m.topics))
}

// assign says who reads what, once it is known what there is.
func (m *member) assign() {
	c := m.k.client
	var topics []assign.Topic
	m.counts = m.counts[:0]
	for _, name := range m.topics {
		t := c.topic(name)
		if t.err == nil && len(t.partitions) == 0 {
			return // refreshed comes
		}
		m.counts = append(m.counts, len(t.partitions))
		topics = append(topics, assign.Topic{Name: name, Partitions: int32(len(t.partitions))})
	}
	resp := m.roll
	m.roll = nil
	protocol := ""
	if resp.Protocol != nil {
		protocol = *resp.Protocol
	}
	members := make([]assign.Member, len(resp.Members))
	for i := range resp.Members {
		members[i] = assign.ReadMember(&resp.Members[i])
	}
	m.move(assigned)
	m.sync(resp, assign.Encode(members, assign.Assign(protocol, members, topics)))
}

// sync sends SyncGroup, with the assignment if we are the leader.
func (m *member) sync(joined *kmsg.JoinGroupResponse, assignment []kmsg.SyncGroupRequestGroupAssignment) {
	k := m.k
	m.asking = true
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.Generation, req.MemberID = k.config.Group, m.generation, m.id
	protocolType := "consumer"
	req.ProtocolType, req.Protocol = &protocolType, joined.Protocol
	if k.config.InstanceID != "" {
		req.InstanceID = &k.config.InstanceID
	}
	req.GroupAssignment = assignment
	k.coordinate(joinLane, req, k.client.config.RequestTimeoutMicros, func(r kmsg.Response, err error) {
		m.asking = false
		resp, _ := r.(*kmsg.SyncGroupResponse)
		if err == nil {
			err = errorOf(resp.ErrorCode)
		}
		switch {
		case k.closed || k.fatal != nil:
		case m.state != syncing:
			m.join()
		case err == nil:
			m.tries = 0
			m.synced(resp, joined.LeaderID == m.id)
		default:
			m.notSynced(err)
		}
	})
}

func (m *member) notSynced(err error) {
	k := m.k
	if lostCoordinator(err) {
		k.coordinator.node = -1
	}
	switch {
	case err == kerr.RebalanceInProgress:
		m.move(rebalance)
		m.join()
	case err == kerr.UnknownMemberID || err == kerr.IllegalGeneration:
		m.expel()
	case fatalGroupError(err):
		k.stop(err)
	default:
		m.later()
	}
}

// synced takes the assignment.
func (m *member) synced(resp *kmsg.SyncGroupResponse, leader bool) {
	k := m.k
	var assignment kmsg.ConsumerMemberAssignment
	if len(resp.MemberAssignment) > 0 && assignment.ReadFrom(resp.MemberAssignment) != nil {
		m.later() // the leader wrote what nobody can read
		return
	}
	var mine []TopicPartition
	for _, t := range assignment.Topics {
		if _, ok := slices.BinarySearch(k.config.Topics, t.Topic); !ok {
			continue // we did not ask for it
		}
		for _, p := range t.Partitions {
			if p >= 0 {
				mine = append(mine, TopicPartition{t.Topic, p})
			}
		}
	}
	owned := k.owned()
	added := without(mine, owned)
	revoked := without(owned, mine)
	m.last, m.lastOf = mine, m.generation
	m.move(synced)
	m.heard, m.beatAt = k.client.now, k.client.now+k.config.HeartbeatMicros
	k.emit(ConsumerEvent{Kind: Joined, Generation: m.generation, Leader: leader})
	k.own(added)
	k.emit(ConsumerEvent{Kind: Assigned, Partitions: added})
	k.commits.send()
	if len(revoked) > 0 { // another member gets them once we have given them back
		m.rejoin(revoked)
		return
	}
	m.watch()
}

// without returns what is in a and not in b, in a's order.
func without(a, b []TopicPartition) []TopicPartition {
	has := make(map[TopicPartition]bool, len(b))
	for _, tp := range b {
		has[tp] = true
	}
	var rest []TopicPartition
	for _, tp := range a {
		if !has[tp] {
			rest = append(rest, tp)
			has[tp] = true
		}
	}
	return rest
}
