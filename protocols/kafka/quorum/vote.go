package quorum

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Behaviour: Vote, BeginQuorumEpoch and EndQuorumEpoch as in KIP-595, with the
// pre-vote of KIP-996. Each answer tells who leads which epoch, so that who is
// behind catches up.
//
// Versions: any; we send Vote 2, the others 1. Directory IDs are zero,
// endpoints empty: nodes know each other.
//
// Not done: voters that change (KIP-853).

// peer is another voter, as seen by a candidate or a leader.
type peer struct {
	id                int32
	asked             uint64 // the ID of the request that it has to answer, or 0
	due               int64  // when to give that up, or to ask (again)
	granted, rejected bool
}

func (p *peer) stop() { *p = peer{id: p.id, due: never} }

// canvass begins to ask all others what the state wants of them.
func (n *Node) canvass() {
	for i := range n.peers {
		n.peers[i].due = n.now
	}
	n.askPeers()
	n.countVotes()
}

// askPeers sends each other voter what is due.
func (n *Node) askPeers() {
	for i := range n.peers {
		p := &n.peers[i]
		if p.due > n.now {
			continue
		}
		p.asked = 0
		var r kmsg.Request
		switch {
		case n.err != nil:
		case n.state == Prospective || n.state == Candidate:
			if !p.granted && !p.rejected {
				r = n.voteRequest(p.id)
			}
		case n.state == Leader:
			r = n.beginRequest(p.id)
		case n.state == Resigned:
			r = n.endRequest()
		}
		if r == nil {
			p.due = never
			continue
		}
		n.asked++
		p.asked, p.due = n.asked, n.now+n.c.RequestMicros
		n.emit(Event{Kind: Request, ID: p.asked, To: p.id, Request: r}, 0)
	}
}

func (n *Node) voteRequest(to int32) kmsg.Request {
	r := kmsg.NewPtrVoteRequest()
	r.Version = 2
	r.ClusterID, r.VoterID = &n.c.ClusterID, to
	r.Topics = []kmsg.VoteRequestTopic{{Topic: Topic, Partitions: []kmsg.VoteRequestTopicPartition{{
		CandidateEpoch: n.epoch, CandidateID: n.c.Self,
		LastOffsetEpoch: n.log.LatestEpoch(), LastOffset: n.log.End(),
		PreVote: n.state == Prospective,
	}}}}
	return r
}

func (n *Node) beginRequest(to int32) kmsg.Request {
	r := kmsg.NewPtrBeginQuorumEpochRequest()
	r.Version = 1
	r.ClusterID, r.VoterID = &n.c.ClusterID, to
	r.Topics = []kmsg.BeginQuorumEpochRequestTopic{{Topic: Topic, Partitions: []kmsg.BeginQuorumEpochRequestTopicPartition{{
		LeaderID: n.c.Self, LeaderEpoch: n.epoch,
	}}}}
	return r
}

func (n *Node) endRequest() kmsg.Request {
	r := kmsg.NewPtrEndQuorumEpochRequest()
	r.Version = 1
	r.ClusterID = &n.c.ClusterID
	p := kmsg.EndQuorumEpochRequestTopicPartition{LeaderID: n.c.Self, LeaderEpoch: n.epoch, PreferredSuccessors: n.successors}
	for _, id := range n.successors {
		p.PreferredCandidates = append(p.PreferredCandidates, kmsg.EndQuorumEpochRequestTopicPartitionPreferredCandidate{CandidateID: id})
	}
	r.Topics = []kmsg.EndQuorumEpochRequestTopic{{Topic: Topic, Partitions: []kmsg.EndQuorumEpochRequestTopicPartition{p}}}
	return r
}

// answered takes the answer of a peer to what it was last asked.
func (n *Node) answered(p *peer, response kmsg.Response) {
	p.asked, p.due = 0, n.now+n.c.BackoffMicros
	switch r := response.(type) {
	case *kmsg.VoteResponse:
		if r.ErrorCode != 0 || len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
			return
		}
		answer := &r.Topics[0].Partitions[0]
		p.granted, p.rejected = answer.VoteGranted, !answer.VoteGranted
		p.due = never
		if !answer.VoteGranted {
			// It has a leader, perhaps. Whom one who would vote for us calls its
			// leader is hearsay: it has not heard of it for as long as we.
			n.found(answer.LeaderEpoch, answer.LeaderID)
		}
		n.countVotes()
	case *kmsg.BeginQuorumEpochResponse:
		p.due = n.now + n.c.FetchMicros/2
		if len(r.Topics) == 1 && len(r.Topics[0].Partitions) == 1 {
			answer := &r.Topics[0].Partitions[0]
			n.found(answer.LeaderEpoch, answer.LeaderID)
		}
	case *kmsg.EndQuorumEpochResponse:
		p.due = never
	}
}

// countVotes makes the next step of one who has a majority.
func (n *Node) countVotes() {
	votes := 1
	for i := range n.peers {
		if n.peers[i].granted {
			votes++
		}
	}
	switch {
	case votes < n.majority():
	case n.state == Prospective:
		n.become(preWin, n.epoch+1, nobody)
		n.voted = n.c.Self
		n.save()
		n.canvass()
	case n.state == Candidate:
		granting := []int32{n.c.Self}
		for i := range n.peers {
			if n.peers[i].granted {
				granting = append(granting, n.peers[i].id)
			}
		}
		n.become(win, n.epoch, n.c.Self)
		n.beginLeading(granting)
	}
}

func (n *Node) handleVote(token uint64, r *kmsg.VoteRequest) {
	resp := r.ResponseKind().(*kmsg.VoteResponse)
	resp.ErrorCode = n.clusterError(r.ClusterID)
	if resp.ErrorCode == 0 && (len(r.Topics) != 1 || r.Topics[0].Topic != Topic || len(r.Topics[0].Partitions) != 1 || r.Topics[0].Partitions[0].Partition != 0) {
		resp.ErrorCode = kerr.InvalidRequest.Code
	}
	if resp.ErrorCode == 0 {
		p := kmsg.NewVoteResponseTopicPartition()
		p.ErrorCode, p.VoteGranted = n.judge(&r.Topics[0].Partitions[0])
		p.LeaderID, p.LeaderEpoch = n.leader, n.epoch
		resp.Topics = []kmsg.VoteResponseTopic{{Topic: Topic, Partitions: []kmsg.VoteResponseTopicPartition{p}}}
	}
	n.emit(Event{Kind: Reply, Token: token, Response: resp}, 0)
}

// judge decides about a candidate.
func (n *Node) judge(r *kmsg.VoteRequestTopicPartition) (code int16, granted bool) {
	switch {
	case !n.voter || r.CandidateID == n.c.Self || !slices.Contains(n.c.Voters, r.CandidateID):
		return kerr.InconsistentVoterSet.Code, false
	case r.CandidateEpoch < n.epoch:
		return kerr.FencedLeaderEpoch.Code, false
	}
	n.later(r.CandidateEpoch)
	last := n.log.LatestEpoch()
	behind := r.LastOffsetEpoch < last || r.LastOffsetEpoch == last && r.LastOffset < n.log.End()
	switch {
	case behind:
		return 0, false
	case r.PreVote:
		return 0, n.state != Leader && !(n.state == Follower && n.fetched)
	case n.voted == r.CandidateID:
		return 0, true // the answer was lost
	case n.voted != nobody || n.leader != nobody:
		return 0, false
	}
	granted = n.become(grant, n.epoch, nobody)
	if granted {
		n.voted = r.CandidateID
		n.save()
	}
	return 0, granted && n.err == nil
}

func (n *Node) handleBegin(token uint64, r *kmsg.BeginQuorumEpochRequest) {
	resp := r.ResponseKind().(*kmsg.BeginQuorumEpochResponse)
	resp.ErrorCode = n.clusterError(r.ClusterID)
	if resp.ErrorCode == 0 && (len(r.Topics) != 1 || r.Topics[0].Topic != Topic || len(r.Topics[0].Partitions) != 1 || r.Topics[0].Partitions[0].Partition != 0) {
		resp.ErrorCode = kerr.InvalidRequest.Code
	}
	if resp.ErrorCode == 0 {
		in := &r.Topics[0].Partitions[0]
		n.found(in.LeaderEpoch, in.LeaderID)
		out := kmsg.NewBeginQuorumEpochResponseTopicPartition()
		out.ErrorCode = n.leaderError(in.LeaderID, in.LeaderEpoch)
		out.LeaderID, out.LeaderEpoch = n.leader, n.epoch
		resp.Topics = []kmsg.BeginQuorumEpochResponseTopic{{Topic: Topic, Partitions: []kmsg.BeginQuorumEpochResponseTopicPartition{out}}}
	}
	n.emit(Event{Kind: Reply, Token: token, Response: resp}, 0)
}

// leaderError says what is wrong with one who says that it leads an epoch, or led.
func (n *Node) leaderError(leader, epoch int32) int16 {
	switch {
	case !slices.Contains(n.c.Voters, leader):
		return kerr.InconsistentVoterSet.Code
	case epoch < n.epoch:
		return kerr.FencedLeaderEpoch.Code
	case epoch > n.epoch || n.leader != nobody && n.leader != leader:
		return kerr.InvalidRequest.Code
	}
	return 0
}

func (n *Node) handleEnd(token uint64, r *kmsg.EndQuorumEpochRequest) {
	resp := r.ResponseKind().(*kmsg.EndQuorumEpochResponse)
	resp.ErrorCode = n.clusterError(r.ClusterID)
	if resp.ErrorCode == 0 && (len(r.Topics) != 1 || r.Topics[0].Topic != Topic || len(r.Topics[0].Partitions) != 1 || r.Topics[0].Partitions[0].Partition != 0) {
		resp.ErrorCode = kerr.InvalidRequest.Code
	}
	if resp.ErrorCode == 0 {
		in := &r.Topics[0].Partitions[0]
		if slices.Contains(n.c.Voters, in.LeaderID) {
			n.later(in.LeaderEpoch)
		}
		out := kmsg.NewEndQuorumEpochResponseTopicPartition()
		out.ErrorCode = n.leaderError(in.LeaderID, in.LeaderEpoch)
		if out.ErrorCode == 0 && n.state == Follower && n.become(headLeft, n.epoch, nobody) {
			n.succeed(in.PreferredSuccessors)
		}
		out.LeaderID, out.LeaderEpoch = n.leader, n.epoch
		resp.Topics = []kmsg.EndQuorumEpochResponseTopic{{Topic: Topic, Partitions: []kmsg.EndQuorumEpochResponseTopicPartition{out}}}
	}
	n.emit(Event{Kind: Reply, Token: token, Response: resp}, 0)
}

// succeed lets voters stand for election one after the other, whose log is
// longest first, so that one is elected before the next tries.
func (n *Node) succeed(order []int32) {
	if i := slices.Index(order, n.c.Self); i >= 0 && n.voter {
		wait := int64(i) * n.c.ElectionMicros / 4
		n.timer = min(n.timer, n.now+wait+int64(n.c.Rand()%uint64(n.c.ElectionMicros/8+1)))
	}
}
