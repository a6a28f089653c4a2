package quorum

import (
	"errors"
	"fmt"

	"grapevine/protocols/kafka/batch"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// fetch is the one that a follower has under way, or is about to make.
type fetch struct {
	id  uint64 // of the Request, or 0
	to  int32
	due int64 // when to give it up, or to make the next
}

// wants says whether this node fetches: followers do, and observers that look
// for the leader.
func (n *Node) wants() bool {
	return n.err == nil && (n.state == Follower || !n.voter && len(n.c.Voters) > 0)
}

// fetchAt is when fetchNext has something to do.
func (n *Node) fetchAt() int64 {
	switch {
	case !n.wants():
		return never
	case n.fetch.id == 0 && n.log.Durable(n.now) < n.log.End():
		return max(n.fetch.due, n.log.Deadline())
	}
	return n.fetch.due
}

// fetchNext makes the next fetch when it is time. To fetch from an offset is
// to say that all before it is safe here: so the disk comes first.
func (n *Node) fetchNext() {
	if !n.wants() || n.fetch.due > n.now {
		return
	}
	n.fetch.id = 0
	if n.log.Durable(n.now) < n.log.End() {
		n.timer = max(n.timer, n.log.Deadline()+n.c.FetchMicros) // a slow disk is not the leader's fault
		return
	}
	to := n.leader
	if to == nobody {
		to = n.c.Voters[n.c.Rand()%uint64(len(n.c.Voters))]
	}
	r := kmsg.NewPtrFetchRequest()
	r.Version = 17
	r.ClusterID = &n.c.ClusterID
	r.ReplicaState.ID = n.c.Self
	r.MaxWaitMillis = int32(n.c.FetchWaitMicros / 1000)
	r.MinBytes, r.MaxBytes = 1, maxReadBytes
	p := kmsg.NewFetchRequestTopicPartition()
	p.CurrentLeaderEpoch, p.FetchOffset, p.LastFetchedEpoch = n.epoch, n.log.End(), n.log.LatestEpoch()
	p.LogStartOffset, p.PartitionMaxBytes, p.HighWatermark = n.log.Start(), maxReadBytes, n.highWatermark
	t := kmsg.NewFetchRequestTopic()
	t.TopicID = TopicID
	t.Partitions = []kmsg.FetchRequestTopicPartition{p}
	r.Topics = []kmsg.FetchRequestTopic{t}
	n.asked++
	n.fetch = fetch{id: n.asked, to: to, due: n.now + n.c.RequestMicros}
	n.emit(Event{Kind: Request, ID: n.asked, To: to, Request: r}, 0)
}

// fetchAnswered takes the answer to the fetch; nil: there is none.
func (n *Node) fetchAnswered(r *kmsg.FetchResponse) {
	from := n.fetch.to
	n.fetch = fetch{due: n.now + n.c.BackoffMicros}
	if r == nil || r.ErrorCode != 0 || len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
		return
	}
	p := &r.Topics[0].Partitions[0]
	if p.ErrorCode != 0 {
		n.found(p.CurrentLeader.LeaderEpoch, p.CurrentLeader.LeaderID)
		if p.CurrentLeader.LeaderEpoch == n.epoch && p.CurrentLeader.LeaderID == nobody && from == n.leader {
			// It has forgotten in a crash, or resigned.
			n.become(headLeft, n.epoch, nobody)
			n.succeed([]int32{n.c.Self})
		}
		return
	}
	n.found(n.epoch, from) // only the leader of our epoch answers without an error
	if n.state != Follower || n.leader != from {
		return
	}
	var err error
	if p.DivergingEpoch.EndOffset >= 0 {
		err = n.cutOff(p.DivergingEpoch.Epoch, p.DivergingEpoch.EndOffset)
	} else {
		err = n.replicate(p.RecordBatches)
	}
	if err != nil || n.err != nil {
		return // theirs: ask again, later
	}
	n.fetched = true
	n.timer = n.now + n.c.FetchMicros
	n.fetch.due = n.now
	if p.DivergingEpoch.EndOffset < 0 {
		n.highWatermark = max(n.highWatermark, min(p.HighWatermark, n.log.End()))
	}
}

// cutOff takes back what the leader does not have: our log parts from the
// leader's at the end of an epoch, or before (KIP-595).
func (n *Node) cutOff(epoch int32, end int64) error {
	_, own := n.log.EndOffsetFor(epoch)
	to := max(min(own, end), n.log.Start())
	if to >= n.log.End() {
		return errors.New("kafka: the leader says that logs part where ours ends, and they do not")
	}
	if to < n.highWatermark {
		return fmt.Errorf("kafka: the leader wants the log cut to %d, below the high watermark %d", to, n.highWatermark)
	}
	cut, err := n.log.TruncateTo(n.now, to)
	if err != nil {
		n.fail(err)
		return err
	}
	n.tail.truncate(cut)
	// Batches are cut whole. One that the high watermark lies in, as no honest
	// leader says, is not committed, and may go.
	n.highWatermark = min(n.highWatermark, cut)
	return nil
}

// replicate appends what the leader has sent.
func (n *Node) replicate(b []byte) error {
	next, epoch := n.log.End(), n.log.LatestEpoch()
	for rest := b; len(rest) > 0; {
		h, size, err := batch.Parse(rest)
		if err != nil {
			return err
		}
		if h.BaseOffset != next || h.LeaderEpoch < epoch || h.LeaderEpoch > n.epoch {
			return fmt.Errorf("kafka: batch %d of epoch %d came where %d was expected, epoch %d to %d", h.BaseOffset, h.LeaderEpoch, next, epoch, n.epoch)
		}
		next, epoch = h.Next(), h.LeaderEpoch
		rest = rest[size:]
	}
	if len(b) == 0 {
		return nil
	}
	if err := n.log.Replicate(n.now, b); err != nil {
		n.fail(err)
		return err
	}
	n.tail.add(b)
	return nil
}

// nextOffset is the offset behind whole batches; from if there are none.
func nextOffset(b []byte, from int64) int64 {
	for len(b) > 0 {
		h, size, err := batch.Peek(b)
		if err != nil {
			panic("kafka: a batch in the log is none") // it was checked before it got there
		}
		from, b = h.Next(), b[size:]
	}
	return from
}
