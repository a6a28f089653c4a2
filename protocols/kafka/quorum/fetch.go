package quorum

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Behaviour, at the leader: Fetch of the metadata log as in KIP-595. The
// offset says that the follower has all before it. A log that went another way
// gets a diverging epoch. A fetch waits for new batches or, because it says
// what high watermark the follower knows (KIP-1166), for a higher one. Other
// nodes answer NOT_LEADER_OR_FOLLOWER and who leads.
//
// Versions: any; by topic ID from 13 on.
//
// Not done: sessions, snapshots, more than one partition in a request.

func (n *Node) handleFetch(token uint64, r *kmsg.FetchRequest) {
	in := fetchPartition(r)
	id := r.ReplicaID
	if r.Version >= 15 {
		id = r.ReplicaState.ID
	}
	resp := r.ResponseKind().(*kmsg.FetchResponse)
	resp.ErrorCode = n.clusterError(r.ClusterID)
	if resp.ErrorCode == 0 && in == nil {
		resp.ErrorCode = kerr.InvalidRequest.Code
	}
	if resp.ErrorCode != 0 {
		n.emit(Event{Kind: Reply, Token: token, Response: resp}, 0)
		return
	}
	wait := min(max(int64(r.MaxWaitMillis), 0)*1000, n.c.RequestMicros/2)
	stranger := replica{id: id} // one that is not remembered, and does not wait
	rep := &stranger
	if n.state == Leader && id >= 0 && id != n.c.Self {
		if known := n.replicaOf(id); known != nil {
			rep = known
		}
	}
	if rep.waits {
		n.sendFetched(rep) // it has given that one up
	}
	rep.waits, rep.token, rep.request, rep.until = true, token, r, n.now+wait
	if code, _ := n.judgeFetch(in); n.state == Leader && code == 0 {
		n.noteFetch(rep, in)
	}
	if rep.waits { // noteFetch may have answered it, with a new high watermark
		n.answerFetch(rep)
	}
	if stranger.waits {
		n.sendFetched(rep)
	}
}

// fetchPartition returns the one partition of the metadata log that is fetched; nil if
// it is another.
func fetchPartition(r *kmsg.FetchRequest) *kmsg.FetchRequestTopicPartition {
	if len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 || r.Topics[0].Partitions[0].Partition != 0 {
		return nil
	}
	t := &r.Topics[0]
	if r.Version >= 13 && t.TopicID != TopicID || r.Version < 13 && t.Topic != Topic {
		return nil
	}
	return &t.Partitions[0]
}

// judgeFetch says what is wrong with a fetch, or where the log of who fetches
// parts from ours.
func (n *Node) judgeFetch(p *kmsg.FetchRequestTopicPartition) (code int16, diverging kmsg.FetchResponseTopicPartitionDivergingEpoch) {
	diverging.Default()
	switch {
	case p.CurrentLeaderEpoch >= 0 && p.CurrentLeaderEpoch < n.epoch:
		return kerr.FencedLeaderEpoch.Code, diverging
	case p.CurrentLeaderEpoch > n.epoch:
		return kerr.UnknownLeaderEpoch.Code, diverging
	case n.state != Leader:
		return kerr.NotLeaderForPartition.Code, diverging
	case p.FetchOffset < n.log.Start() || p.LastFetchedEpoch < 0 && p.FetchOffset > n.log.End():
		return kerr.OffsetOutOfRange.Code, diverging
	case p.LastFetchedEpoch < 0:
		return 0, diverging
	}
	epoch, end := n.log.EndOffsetFor(p.LastFetchedEpoch)
	if epoch < 0 && n.log.LatestEpoch() >= 0 && p.LastFetchedEpoch > n.log.LatestEpoch() {
		epoch, end = n.log.LatestEpoch(), n.log.End()
	}
	if epoch != p.LastFetchedEpoch || end < p.FetchOffset {
		diverging.Epoch, diverging.EndOffset = epoch, max(end, n.log.Start())
	}
	return 0, diverging
}

// noteFetch learns from a fetch how far its sender is.
func (n *Node) noteFetch(r *replica, in *kmsg.FetchRequestTopicPartition) {
	r.fetchedAt = n.now
	if i := slices.IndexFunc(n.peers, func(p peer) bool { return p.id == r.id }); i >= 0 {
		n.peers[i].due = n.now + n.c.FetchMicros/2
		n.timer = n.checkAt()
	}
	if _, diverging := n.judgeFetch(in); diverging.EndOffset >= 0 {
		return
	}
	r.end = in.FetchOffset
	if r.end == n.log.End() {
		r.caughtUp = n.now
	}
	if r.voter {
		n.advanceHighWatermark()
	}
}

// answerFetch answers one who waits, if there is something to say.
func (n *Node) answerFetch(r *replica) {
	if !r.waits {
		return
	}
	in := fetchPartition(r.request)
	code, diverging := n.judgeFetch(in)
	known := in.HighWatermark
	if known == math.MaxInt64 {
		known = -1 // it does not say: better once too often
	}
	if code != 0 || diverging.EndOffset >= 0 || in.FetchOffset < n.log.End() || known < n.highWatermark || r.until <= n.now {
		n.sendFetched(r)
	}
}

// sendFetched answers one who waits, now.
func (n *Node) sendFetched(r *replica) {
	in := fetchPartition(r.request)
	resp := r.request.ResponseKind().(*kmsg.FetchResponse)
	p := kmsg.NewFetchResponseTopicPartition()
	p.ErrorCode, p.DivergingEpoch = n.judgeFetch(in)
	p.HighWatermark, p.LastStableOffset, p.LogStartOffset = n.highWatermark, n.highWatermark, n.log.Start()
	at := int64(0)
	if p.ErrorCode != 0 {
		p.CurrentLeader.LeaderID, p.CurrentLeader.LeaderEpoch = n.leader, n.epoch
	} else if p.DivergingEpoch.EndOffset < 0 {
		p.RecordBatches, at = n.read(in.FetchOffset, n.log.End(), int(max(in.PartitionMaxBytes, 1)))
		p.RecordBatches = slices.Clone(p.RecordBatches)
	}
	t := kmsg.NewFetchResponseTopic()
	t.Topic, t.TopicID = r.request.Topics[0].Topic, r.request.Topics[0].TopicID
	t.Partitions = []kmsg.FetchResponseTopicPartition{p}
	resp.Topics = []kmsg.FetchResponseTopic{t}
	r.waits, r.request = false, nil
	n.emit(Event{Kind: Reply, Token: r.token, Response: resp}, at)
}

// read returns batches of the log, and when the disk has read them. They are
// valid until the log changes.
func (n *Node) read(from, to int64, maxBytes int) (b []byte, at int64) {
	if b, ok := n.tail.read(from, to, maxBytes); ok {
		return b, 0
	}
	b, at, err := n.log.Read(n.now, from, maxBytes, to)
	if err != nil {
		n.fail(err)
		return nil, 0
	}
	return b, at
}

// maxReadBytes is how much of the log is read, or asked for, at a time.
const maxReadBytes = 1 << 20

// Committed returns the next batches that are committed, in the order of the
// log, until there are none: metadata records and, in control batches, what
// is the quorum's own. They are valid until the Node is called again.
func (n *Node) Committed(now int64) (batches []byte, ok bool) {
	n.advance(now)
	if n.delivered >= n.highWatermark || n.err != nil {
		return nil, false
	}
	b, at := n.read(n.delivered, n.highWatermark, maxReadBytes)
	n.diskAt = max(n.diskAt, at)
	n.delivered = nextOffset(b, n.delivered)
	return b, len(b) > 0
}

// IsFetch says whether a Fetch is for the metadata log.
func IsFetch(r *kmsg.FetchRequest) bool { return fetchPartition(r) != nil }
