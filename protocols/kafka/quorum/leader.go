package quorum

import (
	"cmp"
	"slices"
	"sort"

	"grapevine/protocols/kafka/batch"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxObservers bounds whose fetches wait at a leader and are remembered.
const maxObservers = 1000

// leading is what a leader knows.
type leading struct {
	start    int64     // the offset of the LeaderChange that began the epoch
	replicas []replica // who fetches, by ID; all other voters are in it
}

// replica is one who fetches from the leader.
type replica struct {
	id        int32
	voter     bool
	end       int64 // it has all before this; -1: not known yet
	fetchedAt int64 // never before this epoch: when the epoch began
	caughtUp  int64 // when it last had all there was
	// Its fetch that waits for something new.
	waits   bool
	token   uint64
	request *kmsg.FetchRequest
	until   int64
}

// beginLeading is what a candidate does first when it has won.
func (n *Node) beginLeading(granting []int32) {
	n.lead.start = n.log.End()
	for i := range n.peers {
		n.peers[i].due = n.now
		n.lead.replicas = append(n.lead.replicas, replica{id: n.peers[i].id, voter: true, end: -1, fetchedAt: n.now, caughtUp: -1})
	}
	n.timer = n.checkAt()
	m := kmsg.LeaderChangeMessage{LeaderID: n.c.Self}
	for _, id := range n.c.Voters {
		m.Voters = append(m.Voters, kmsg.LeaderChangeMessageVoter{VoterID: id})
	}
	for _, id := range granting {
		m.GrantingVoters = append(m.GrantingVoters, kmsg.LeaderChangeMessageVoter{VoterID: id})
	}
	var b batch.Builder
	b.Add(n.c.Wall(n.now), []byte{0, 0, 0, 2}, m.AppendTo(nil), nil) // control record version 0, type 2: leader change
	o := batch.NoProducer
	o.Control = true
	n.askPeers()
	_, _ = n.append(b.Append(nil, o)) // an error has stopped the node
}

// append adds a batch to the leader's log and tells those who wait for it.
func (n *Node) append(b []byte) (last int64, err error) {
	first, last, err := n.log.Append(n.now, b, n.epoch)
	if err != nil {
		n.fail(err)
		return 0, kerr.KafkaStorageError
	}
	batch.SetOffset(b, first, n.epoch)
	n.tail.add(b)
	n.advanceHighWatermark()
	for i := range n.lead.replicas {
		n.answerFetch(&n.lead.replicas[i])
	}
	return last, nil
}

// advanceHighWatermark moves it over what a majority has, if the epoch's own
// beginning is among that.
func (n *Node) advanceHighWatermark() {
	ends := []int64{n.log.Durable(n.now)}
	for i := range n.lead.replicas {
		if r := &n.lead.replicas[i]; r.voter {
			ends = append(ends, r.end)
		}
	}
	slices.Sort(ends)
	end := ends[len(ends)-n.majority()]
	if end <= n.lead.start || end <= n.highWatermark {
		return
	}
	n.highWatermark = end
	for i := range n.lead.replicas {
		n.answerFetch(&n.lead.replicas[i])
	}
}

// Ready says whether this node leads and everything that was decided in
// earlier epochs has been handed out by Committed, so that it can decide more.
func (n *Node) Ready() bool {
	return n.state == Leader && n.highWatermark > n.lead.start && n.delivered == n.highWatermark
}

// checkAt is when the leader will resign if nobody fetches any more: one and a
// half fetch timeouts after a majority, with itself, was last there.
func (n *Node) checkAt() int64 {
	if len(n.peers) == 0 {
		return never
	}
	var times []int64
	for i := range n.lead.replicas {
		if r := &n.lead.replicas[i]; r.voter {
			times = append(times, r.fetchedAt)
		}
	}
	slices.Sort(times)
	return times[len(times)-(n.majority()-1)] + n.c.FetchMicros*3/2
}

// Resign gives up leadership, if this node has it, and asks the voter with
// the longest log to stand for election.
func (n *Node) Resign(now int64) {
	n.advance(now)
	var order []replica
	for _, r := range n.lead.replicas {
		if r.voter {
			order = append(order, r)
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return order[i].end > order[j].end })
	if !n.become(resign, n.epoch, nobody) {
		return
	}
	n.successors = nil
	for _, r := range order {
		n.successors = append(n.successors, r.id)
	}
	n.canvass()
}

// waitingUntil is when the next fetch has waited long enough.
func (l *leading) waitingUntil() int64 {
	at := int64(never)
	for i := range l.replicas {
		if r := &l.replicas[i]; r.waits {
			at = min(at, r.until)
		}
	}
	return at
}

// replicaOf finds one who fetches, or makes it known; nil if there are too many.
func (n *Node) replicaOf(id int32) *replica {
	i, ok := slices.BinarySearchFunc(n.lead.replicas, id, func(r replica, id int32) int { return cmp.Compare(r.id, id) })
	if !ok {
		if len(n.lead.replicas) >= maxObservers {
			return nil
		}
		n.lead.replicas = slices.Insert(n.lead.replicas, i, replica{id: id, end: -1, caughtUp: -1})
	}
	return &n.lead.replicas[i]
}

func (n *Node) handleDescribe(token uint64, r *kmsg.DescribeQuorumRequest) {
	resp := r.ResponseKind().(*kmsg.DescribeQuorumResponse)
	resp.ErrorCode = n.clusterError(nil)
	for _, t := range r.Topics {
		topic := kmsg.DescribeQuorumResponseTopic{Topic: t.Topic}
		for _, p := range t.Partitions {
			out := kmsg.NewDescribeQuorumResponseTopicPartition()
			out.Partition = p.Partition
			switch {
			case t.Topic != Topic || p.Partition != 0:
				out.ErrorCode = kerr.UnknownTopicOrPartition.Code
			case n.state != Leader:
				out.ErrorCode = kerr.NotLeaderForPartition.Code
			default:
				n.describe(&out)
			}
			topic.Partitions = append(topic.Partitions, out)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	n.emit(Event{Kind: Reply, Token: token, Response: resp}, 0)
}

func (n *Node) describe(out *kmsg.DescribeQuorumResponseTopicPartition) {
	out.LeaderID, out.LeaderEpoch, out.HighWatermark = n.leader, n.epoch, n.highWatermark
	self := kmsg.NewDescribeQuorumResponseTopicPartitionReplicaState()
	self.ReplicaID, self.LogEndOffset = n.c.Self, n.log.End()
	self.LastFetchTimestamp = n.c.Wall(n.now)
	self.LastCaughtUpTimestamp = self.LastFetchTimestamp
	out.CurrentVoters = append(out.CurrentVoters, self)
	for i := range n.lead.replicas {
		r := &n.lead.replicas[i]
		s := kmsg.NewDescribeQuorumResponseTopicPartitionReplicaState()
		s.ReplicaID, s.LogEndOffset = r.id, r.end
		if r.end >= 0 {
			s.LastFetchTimestamp = n.c.Wall(r.fetchedAt)
		}
		if r.caughtUp >= 0 {
			s.LastCaughtUpTimestamp = n.c.Wall(r.caughtUp)
		}
		if r.voter {
			out.CurrentVoters = append(out.CurrentVoters, s)
		} else {
			out.Observers = append(out.Observers, s)
		}
	}
	voters := out.CurrentVoters
	sort.Slice(voters, func(i, j int) bool { return voters[i].ReplicaID < voters[j].ReplicaID })
}
