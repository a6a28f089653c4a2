package controller

import (
	"cmp"
	"slices"
	"sort"
	"strconv"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/quorum"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Config is what a Node is told when it starts. All of a cluster are told the
// same, but for Self and Rand. Times left at 0 are Kafka's defaults.
type Config struct {
	Self      int32
	Voters    []int32 // node IDs; one of them leads
	ClusterID string
	Rand      func() uint64              // luck: election timeouts, IDs, where placement starts
	FromFirst bool                       // placement starts with the first broker, whatever luck says
	Wall      func(now int64) (ms int64) // nil: now in ms

	ElectionMicros  int64 // 1 s; a candidate waits so long, and up to as much more
	FetchMicros     int64 // 2 s without the leader's answer make a follower a candidate
	SessionMicros   int64 // 9 s without a heartbeat fence a broker
	HeartbeatMicros int64 // 2 s

	MaxPartitions int // 2,000 in the cluster: a new one costs its brokers a sync, and more at once would keep a disk busy for minutes
	MaxBrokers    int // 1,000

	// Static are the settings of the brokers' own configuration, under the
	// names of meta.Keys(meta.BrokerKind): what is not among them has its default.
	Static []meta.Setting
}

func (c Config) withDefaults() Config {
	if c.SessionMicros <= 0 {
		c.SessionMicros = 9_000_000
	}
	if c.HeartbeatMicros <= 0 {
		c.HeartbeatMicros = 2_000_000
	}
	if c.MaxPartitions <= 0 {
		c.MaxPartitions = 2000
	}
	if c.MaxBrokers <= 0 {
		c.MaxBrokers = 1_000
	}
	c.Static = slices.Clone(c.Static)
	sort.Slice(c.Static, func(i, j int) bool { return c.Static[i].Name < c.Static[j].Name })
	return c
}

// Kind is the kind of an Event.
type Kind uint8

// The kinds of events.
const (
	Reply   Kind = iota + 1 // Response answers Token
	Request                 // send Request to node To; Received(ID) takes the answer
	Leader                  // Node leads the quorum in Epoch, as far as we know; -1: nobody
	Changed                 // the committed image has changed: Delta
)

// An Event is what a Node wants done or known.
type Event struct {
	Kind     Kind
	Token    uint64
	Response kmsg.Response
	ID       uint64
	To       int32
	Request  kmsg.Request
	Node     int32
	Epoch    int32
	Delta    meta.Delta
}

// A Node is one node's part in the rule of its cluster.
type Node struct {
	c      Config
	now    int64
	quorum *quorum.Node
	image  meta.Image // what is committed
	bad    error      // the first record that made no sense
	active *active    // nil: another node is the active controller, or none
	ready  []Event
	polled int

	minInsync, unclean *meta.Key
	records            []batch.Record // for reading batches
}

// New starts a Node, or starts it again, on the files below "__cluster_metadata-0/"
// and the file "quorum-state" of disk. An error is the disk's.
func New(now int64, c Config, disk log.Disk) (*Node, error) {
	c = c.withDefaults()
	q, err := quorum.New(now, quorum.Config{
		Self: c.Self, Voters: c.Voters, ClusterID: c.ClusterID, Rand: c.Rand, Wall: c.Wall,
		ElectionMicros: c.ElectionMicros, FetchMicros: c.FetchMicros,
	}, disk)
	if err != nil {
		return nil, err
	}
	n := &Node{
		c: c, now: now, quorum: q,
		minInsync: meta.FindKey(meta.TopicKind, "min.insync.replicas"),
		unclean:   meta.FindKey(meta.TopicKind, "unclean.leader.election.enable"),
	}
	n.settle()
	return n, nil
}

// Handle takes a request: one of the quorum's own (Vote, BeginQuorumEpoch,
// EndQuorumEpoch, Fetch of __cluster_metadata, DescribeQuorum) or one for the
// active controller. The request must not change afterwards.
func (n *Node) Handle(now int64, token uint64, request kmsg.Request) {
	n.now = now
	switch request.(type) {
	case *kmsg.VoteRequest, *kmsg.BeginQuorumEpochRequest, *kmsg.EndQuorumEpochRequest, *kmsg.FetchRequest, *kmsg.DescribeQuorumRequest:
		n.quorum.Handle(now, token, request)
	default:
		n.quorum.Tick(now)
		n.settle() // whoever has lost its leadership by now does not decide
		if n.active == nil {
			n.reply(token, notHere(request))
		} else {
			n.active.handle(token, request)
		}
	}
	n.settle()
}

// Gone forgets a token: its connection has ended, and nobody waits for the
// Reply any more. It may still come.
func (n *Node) Gone(now int64, token uint64) {
	if n.active != nil {
		n.active.waiting = slices.DeleteFunc(n.active.waiting, func(w waiting) bool { return w.token == token })
	}
}

// Received takes the answer to the Request with that ID; nil: there is none.
func (n *Node) Received(now int64, id uint64, response kmsg.Response) {
	n.now = now
	n.quorum.Received(now, id, response)
	n.settle()
}

// Tick lets time pass. It is cheap before the Deadline.
func (n *Node) Tick(now int64) {
	n.now = now
	n.quorum.Tick(now)
	if n.active != nil {
		n.active.expireSessions()
	}
	n.settle()
}

// Deadline returns when Tick is next due; math.MaxInt64: never.
func (n *Node) Deadline() int64 {
	at := n.quorum.Deadline()
	if n.active != nil {
		at = min(at, n.active.sessionsUntil())
	}
	return at
}

// Resign gives up the leadership of the quorum, if this node has it: for one
// that is about to shut down.
func (n *Node) Resign(now int64) {
	n.now = now
	n.quorum.Resign(now)
	n.settle()
}

// Poll returns the next event, until there is none.
func (n *Node) Poll() (Event, bool) {
	if n.polled < len(n.ready) {
		e := n.ready[n.polled]
		n.polled++
		return e, true
	}
	clear(n.ready)
	n.ready, n.polled = n.ready[:0], 0
	return Event{}, false
}

// settle takes what the quorum has to say and what it has decided, and becomes
// the active controller, or ceases to be.
func (n *Node) settle() {
	for e, ok := n.quorum.Poll(); ok; e, ok = n.quorum.Poll() {
		switch e.Kind {
		case quorum.Reply:
			if r, ok := e.Response.(*kmsg.DescribeQuorumResponse); ok {
				n.addNodes(r)
			}
			n.reply(e.Token, e.Response)
		case quorum.Request:
			n.ready = append(n.ready, Event{Kind: Request, ID: e.ID, To: e.To, Request: e.Request})
		case quorum.Elected:
			n.ready = append(n.ready, Event{Kind: Leader, Node: e.Node, Epoch: e.Epoch})
		}
	}
	moved := false
	for b, ok := n.quorum.Committed(n.now); ok; b, ok = n.quorum.Committed(n.now) {
		n.apply(b)
		moved = true
	}
	if moved {
		if d := n.image.Delta(); !d.Empty() {
			n.ready = append(n.ready, Event{Kind: Changed, Delta: d})
		}
	}
	if n.active != nil {
		n.active.settle()
	} else if n.quorum.Ready() {
		n.activate()
	}
}

// maxRecords bounds the records of one batch of the metadata log.
const maxRecords = 1 << 20

// apply adds what the quorum has decided to the image.
func (n *Node) apply(batches []byte) {
	for len(batches) > 0 {
		h, size, err := batch.Peek(batches)
		if err == nil && !h.Control() {
			n.records, err = batch.Records(n.records[:0], batches[:size], batch.Limits{MaxBatchBytes: size, MaxRecords: maxRecords})
			for _, r := range n.records {
				record, parseErr := meta.Parse(r.Value)
				if parseErr == nil {
					parseErr = n.image.Apply(h.BaseOffset+int64(r.OffsetDelta), record)
				}
				err = cmp.Or(err, parseErr)
			}
		}
		if n.bad == nil && err != nil {
			n.bad = err // all nodes pass over it alike
		}
		n.image.Skip(h.Next())
		batches = batches[size:]
	}
}

func (n *Node) reply(token uint64, response kmsg.Response) {
	n.ready = append(n.ready, Event{Kind: Reply, Token: token, Response: response})
}

// addNodes completes what the quorum says of itself by where its nodes are.
func (n *Node) addNodes(r *kmsg.DescribeQuorumResponse) {
	for _, t := range r.Topics {
		for _, p := range t.Partitions {
			for _, v := range p.CurrentVoters {
				node := kmsg.DescribeQuorumResponseNode{NodeID: v.ReplicaID}
				if b := n.image.Broker(v.ReplicaID); b != nil {
					for _, l := range b.Listeners {
						node.Listeners = append(node.Listeners, kmsg.DescribeQuorumResponseNodeListener{Name: l.Name, Host: l.Host, Port: l.Port})
					}
				}
				r.Nodes = append(r.Nodes, node)
			}
		}
	}
}

// Image returns what is committed, as far as this node knows. It is read only
// and changes with the Node.
func (n *Node) Image() *meta.Image { return &n.image }

// Leader returns who leads the quorum, as far as this node knows, or -1: the
// active controller.
func (n *Node) Leader() (node, epoch int32) { return n.quorum.Leader() }

// Active says whether this node is the active controller.
func (n *Node) Active() bool { return n.active != nil }

// Quorum returns this node's part in the quorum, for inspectors. It is read only.
func (n *Node) Quorum() *quorum.Node { return n.quorum }

// Err says why the node has stopped, or what in the log made no sense; nil.
func (n *Node) Err() error { return cmp.Or(n.quorum.Err(), n.bad) }

// MinInsync returns how many members the in-sync set of a partition must have
// for the high watermark to move and for acks=all to be taken: the topic's
// min.insync.replicas, but no more than there are replicas.
func (n *Node) MinInsync(id meta.PartitionID) int {
	t, p := n.image.TopicByID(id.Topic), n.image.Partition(id)
	if p == nil {
		return 1
	}
	return min(n.minInsyncOf(&n.image, t.Name), len(p.Replicas))
}

// minInsyncOf is alike for all brokers: no one's own setting is in it.
func (n *Node) minInsyncOf(m *meta.Image, topic string) int {
	v, err := strconv.Atoi(m.Value(n.minInsync, topic, nobody, n.c.Static))
	if err != nil || v < 1 {
		return 1
	}
	return v
}

// TopicSetting returns the value of a topic's configuration entry: the
// topic's own, this broker's, that of all brokers, the static one, or the
// default. It is empty for an entry that there is not.
func (n *Node) TopicSetting(topic, name string) string {
	k := meta.FindKey(meta.TopicKind, name)
	if k == nil {
		return ""
	}
	return n.image.Value(k, topic, n.c.Self, n.c.Static)
}
