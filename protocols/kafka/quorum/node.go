package quorum

import (
	"math"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/log"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Topic and TopicID are those of the metadata log, which has one partition, 0.
const Topic = "__cluster_metadata"

// TopicID is Kafka's reserved UUID of Topic.
var TopicID = [16]byte{15: 1}

const (
	dir          = Topic + "-0"
	nobody int32 = -1
	never        = math.MaxInt64

	maxBatchBytes = 8 << 20 // what is decided at once
)

// Config is what a Node is told when it starts. What is left at 0 has Kafka's
// default.
type Config struct {
	Self      int32
	Voters    []int32 // the same everywhere
	ClusterID string
	Rand      func() uint64
	Wall      func(now int64) (ms int64) // nil: now in ms

	ElectionMicros  int64 // 1 s: a candidate waits so long, and up to as much more
	FetchMicros     int64 // 2 s: a follower waits so long for the leader
	FetchWaitMicros int64 // 500 ms: a fetch waits so long for something new
	RequestMicros   int64 // 2 s: a request is given up, and made again
	BackoffMicros   int64 // 50 ms: before a request that failed is made again
	MaxLogBytes     int64 // 64 MiB
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		v  *int64
		to int64
	}{
		{&c.ElectionMicros, 1_000_000}, {&c.FetchMicros, 2_000_000}, {&c.FetchWaitMicros, 500_000},
		{&c.RequestMicros, 2_000_000}, {&c.BackoffMicros, 50_000}, {&c.MaxLogBytes, 64 << 20},
	} {
		if *d.v <= 0 {
			*d.v = d.to
		}
	}
	if c.Wall == nil {
		c.Wall = func(now int64) int64 { return now / 1000 }
	}
	c.Voters = slices.Sorted(slices.Values(c.Voters))
	return c
}

// A Node is one node's part in the quorum.
type Node struct {
	c       Config
	voter   bool
	disk    log.Disk
	log     *log.Log
	now     int64
	err     error
	state   State
	epoch   int32
	leader  int32 // in this epoch, or nobody
	voted   int32 // in this epoch, or nobody
	timer   int64 // when the state's time is out
	fetched bool  // the leader has answered a fetch since we follow it: it is no hearsay
	told    Event // the last Elected

	peers      []peer // the other voters, by ID
	fetch      fetch  // ours, as a follower or to find the leader
	lead       leading
	successors []int32 // whom a leader that resigned recommends
	asked      uint64  // the ID of the last Request

	highWatermark int64
	delivered     int64 // what Committed has handed out ends here
	tail          tail

	diskAt   int64 // when the disk is done with the state file and the log as read
	renameAt int64
	ready    []Event
	polled   int
	held     []heldEvent
}

// New starts a Node on a disk. An error is the disk's, or of what is on it.
func New(now int64, c Config, disk log.Disk) (*Node, error) {
	c = c.withDefaults()
	n := &Node{c: c, disk: disk, now: now, renameAt: never, told: Event{Node: nobody}}
	n.voter = slices.Contains(c.Voters, c.Self)
	for _, id := range c.Voters {
		if id != c.Self {
			n.peers = append(n.peers, peer{id: id, due: never})
		}
	}
	if err := n.load(); err != nil {
		return nil, err
	}
	var err error
	if n.log, err = log.Open(now, disk, dir, log.Config{Flush: log.FlushEach, MaxBatchBytes: maxBatchBytes, Wall: c.Wall}); err != nil {
		return nil, err
	}
	if last := n.log.LatestEpoch(); last > n.epoch {
		// The state file is behind only if it was lost: the log proves more.
		n.epoch, n.voted, n.leader = last, nobody, nobody
	}
	n.tail.reset(n.log.End())
	leader := n.leader
	n.leader = nobody
	n.state = Unattached
	n.restartTimer()
	if leader != nobody && leader != c.Self {
		n.found(n.epoch, leader)
	}
	if len(n.peers) == 0 && n.voter {
		n.timeOut()
	}
	n.settle()
	return n, nil
}

// State returns what this node is in its epoch.
func (n *Node) State() State { return n.state }

// Leader returns who leads the latest epoch that this node knows of, or -1.
func (n *Node) Leader() (node, epoch int32) { return n.leader, n.epoch }

// HighWatermark returns the end of what this node knows to be committed.
func (n *Node) HighWatermark() int64 { return n.highWatermark }

// End returns the end of this node's log.
func (n *Node) End() int64 { return n.log.End() }

// Crowded says that more than half of what the log may hold is used: who can
// do without more records should.
func (n *Node) Crowded() bool { return n.log.Bytes() > n.c.MaxLogBytes/2 }

// Err says why the node has stopped: its disk has failed. Nil if it has not.
func (n *Node) Err() error { return n.err }

// fail stops the node: it must not act on what it cannot keep.
func (n *Node) fail(err error) {
	if n.err == nil {
		n.err = err
	}
	n.held, n.renameAt = nil, never // what was not saved must not be told
	n.become(newEpoch, n.epoch, nobody)
	n.timer = never
}

// Handle takes a request of the quorum's: Vote, BeginQuorumEpoch,
// EndQuorumEpoch, Fetch or DescribeQuorum.
func (n *Node) Handle(now int64, token uint64, request kmsg.Request) {
	n.advance(now)
	switch r := request.(type) {
	case *kmsg.VoteRequest:
		n.handleVote(token, r)
	case *kmsg.BeginQuorumEpochRequest:
		n.handleBegin(token, r)
	case *kmsg.EndQuorumEpochRequest:
		n.handleEnd(token, r)
	case *kmsg.FetchRequest:
		n.handleFetch(token, r)
	case *kmsg.DescribeQuorumRequest:
		n.handleDescribe(token, r)
	}
	n.settle()
}

// Received takes the answer to a Request; nil: there is none.
func (n *Node) Received(now int64, id uint64, response kmsg.Response) {
	n.advance(now)
	if id == n.fetch.id && id != 0 {
		r, _ := response.(*kmsg.FetchResponse)
		n.fetchAnswered(r)
	} else if i := slices.IndexFunc(n.peers, func(p peer) bool { return p.asked == id && id != 0 }); i >= 0 {
		n.answered(&n.peers[i], response)
	}
	n.settle()
}

// Tick lets time pass. It is cheap before the Deadline.
func (n *Node) Tick(now int64) {
	n.advance(now)
	if now >= n.timer {
		n.timeOut()
	}
	n.askPeers()
	for i := range n.lead.replicas {
		n.answerFetch(&n.lead.replicas[i]) // some have waited long enough
	}
	n.settle()
}

// settle does what any change may have made possible.
func (n *Node) settle() {
	if n.state == Leader {
		n.advanceHighWatermark() // the disk may have done its part
	}
	n.fetchNext()
}

// advance moves the time, and lets out what the disk is done with.
func (n *Node) advance(now int64) {
	n.now = now
	n.saved()
	n.release()
}

// Deadline returns when Tick is next due; math.MaxInt64: never.
func (n *Node) Deadline() int64 {
	at := min(n.timer, n.renameAt, n.fetchAt())
	if len(n.held) > 0 {
		at = min(at, n.held[0].at)
	}
	for i := range n.peers {
		at = min(at, n.peers[i].due)
	}
	if n.state == Leader {
		at = min(at, n.lead.waitingUntil())
		if n.log.Durable(n.now) < n.log.End() {
			at = min(at, n.log.Deadline())
		}
	}
	return at
}

// become changes state, epoch and leader, and forgets what belongs to those
// before. Moves that the table does not have are not made. Whoever brings a
// new epoch saves.
func (n *Node) become(m move, epoch, leader int32) bool {
	to := transitions[n.state][m]
	if to == stays {
		return false
	}
	waiting := n.lead.replicas
	n.lead, n.fetch = leading{}, fetch{}
	for i := range n.peers {
		n.peers[i].stop()
	}
	if epoch > n.epoch {
		n.epoch, n.voted = epoch, nobody
	}
	n.state, n.leader, n.fetched = to, leader, false
	n.restartTimer()
	for i := range waiting {
		n.answerFetch(&waiting[i]) // no leader any more
	}
	if e := (Event{Kind: Elected, Node: leader, Epoch: n.epoch}); e.Node != n.told.Node || e.Epoch != n.told.Epoch {
		n.told = e
		n.emit(e, 0)
	}
	return true
}

// restartTimer gives a state its time.
func (n *Node) restartTimer() {
	switch {
	case !n.voter && n.state != Follower:
		n.timer = never
	case n.state == Follower:
		n.timer = n.now + n.c.FetchMicros
	case n.state != Leader:
		n.timer = n.now + n.c.ElectionMicros + int64(n.c.Rand()%uint64(n.c.ElectionMicros))
	}
}

// timeOut makes the move of the state whose time is out.
func (n *Node) timeOut() {
	switch {
	case !n.voter:
		n.become(headLeft, n.epoch, nobody)
	case n.state == Leader:
		n.Resign(n.now)
	default:
		n.become(timeOut, n.epoch, nobody)
		n.canvass()
	}
}

// later takes over an epoch that is later than ours.
func (n *Node) later(epoch int32) {
	if epoch > n.epoch {
		n.become(newEpoch, epoch, nobody)
		n.save()
	}
}

// found takes over who leads an epoch, if that is news.
func (n *Node) found(epoch, leader int32) {
	known := slices.Contains(n.c.Voters, leader)
	switch {
	case epoch < n.epoch || !known && leader != nobody:
	case leader == nobody || leader == n.c.Self:
		n.later(epoch) // we lead nothing that we do not know of
	case epoch > n.epoch || n.leader == nobody && n.state != Leader:
		if n.become(foundHead, epoch, leader) {
			n.save()
		}
	}
}

// clusterError says why no request can be answered, or not this one; 0: it can.
func (n *Node) clusterError(cluster *string) int16 {
	switch {
	case n.err != nil:
		return kerr.KafkaStorageError.Code
	case cluster != nil && *cluster != n.c.ClusterID:
		return kerr.InconsistentClusterID.Code
	}
	return 0
}

// majority is how many voters decide.
func (n *Node) majority() int { return len(n.c.Voters)/2 + 1 }

// Propose appends records, as one batch, to the log of the leader. When
// Committed hands out the offset last, they are decided; when this node ceases
// to lead before that, nobody knows. Errors: NotLeaderForPartition;
// RecordListTooLarge beyond maxBatchBytes; KafkaStorageError if the log is at
// its limit or the disk has failed.
func (n *Node) Propose(now int64, values [][]byte) (last int64, err error) {
	n.advance(now)
	if n.state != Leader {
		return 0, kerr.NotLeaderForPartition
	}
	if n.log.Bytes() > n.c.MaxLogBytes {
		return 0, kerr.KafkaStorageError
	}
	var b batch.Builder
	ms := n.c.Wall(now)
	for _, v := range values {
		b.Add(ms, nil, v, nil)
	}
	if b.Bytes() > maxBatchBytes {
		return 0, kerr.RecordListTooLarge
	}
	last, err = n.append(b.Append(nil, batch.NoProducer))
	n.settle()
	return last, err
}
