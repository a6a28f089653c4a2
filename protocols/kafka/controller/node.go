package controller

import (
	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Config is what a Node is told when it starts. All of a cluster are told the
// same, but for Self and Rand. Times left at 0 are Kafka's defaults.
type Config struct {
	Self      int32
	Voters    []int32 // node IDs; one of them leads
	ClusterID string
	Rand      func() uint64 // luck: election timeouts, IDs, where placement starts
	Wall      func(now int64) (ms int64)

	ElectionMicros  int64 // 1 s; a candidate waits so long, and up to as much more
	FetchMicros     int64 // 2 s without the leader's answer make a follower a candidate
	SessionMicros   int64 // 9 s without a heartbeat fence a broker
	HeartbeatMicros int64 // 2 s

	// Static are the settings of the brokers' own configuration, under the
	// names of meta.BrokerConfigs: what is not among them has its default.
	Static []meta.Setting
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
type Node struct{}

// New starts a Node, or starts it again, on the files below "__cluster_metadata-0/"
// and the file "quorum-state" of disk. An error is the disk's.
func New(now int64, config Config, disk log.Disk) (*Node, error) { panic("not built yet") }

// Handles says whether Handle answers requests of this API.
func Handles(key int16) bool { panic("not built yet") }

// Handle takes a request: one of the quorum's own (Vote, BeginQuorumEpoch,
// EndQuorumEpoch, Fetch of __cluster_metadata, DescribeQuorum) or one for the
// active controller. The request must not change afterwards.
func (n *Node) Handle(now int64, token uint64, request kmsg.Request) { panic("not built yet") }

// Gone forgets a token: its connection has ended, and nobody waits for the
// Reply any more. It may still come.
func (n *Node) Gone(now int64, token uint64) { panic("not built yet") }

// Received takes the answer to the Request with that ID; nil: there is none.
func (n *Node) Received(now int64, id uint64, response kmsg.Response) { panic("not built yet") }

// Poll returns the next event, until there is none.
func (n *Node) Poll() (Event, bool) { panic("not built yet") }

// Image returns what is committed, as far as this node knows. It is read only
// and changes with the Node.
func (n *Node) Image() *meta.Image { panic("not built yet") }

// Leader returns who leads the quorum, as far as this node knows, or -1: the
// active controller.
func (n *Node) Leader() (node, epoch int32) { panic("not built yet") }

// Tick lets time pass. It is cheap before the Deadline.
func (n *Node) Tick(now int64) { panic("not built yet") }

// Deadline returns when Tick is next due; math.MaxInt64: never.
func (n *Node) Deadline() int64 { panic("not built yet") }

// MinInsync returns how many members the in-sync set of a partition must have
// for the high watermark to move and for acks=all to be taken: the topic's
// min.insync.replicas, but no more than there are replicas.
func (n *Node) MinInsync(id meta.PartitionID) int { panic("not built yet") }

// TopicSetting returns the value of a topic's configuration entry: the
// topic's own, that of all brokers, the static one, or the default.
func (n *Node) TopicSetting(topic, name string) string { panic("not built yet") }
