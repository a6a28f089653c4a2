package client

import "grapevine/protocols/kafka/batch"

// Reset says where to begin in a partition that has no valid position.
type Reset uint8

// The policies.
const (
	ResetLatest   Reset = iota // at its end
	ResetEarliest              // at its start
	ResetNone                  // nowhere: OutOfRange comes, and the caller must SeekTo
)

// TopicPartition names a partition.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// Offset is a position: of the next record, not of the last one.
type Offset struct {
	Topic       string
	Partition   int32
	Offset      int64
	LeaderEpoch int32  // of the record before it; -1: not known
	Metadata    string // kept beside a committed offset
}

// GroupMetadata says which member of which generation commits offsets (KIP-447).
type GroupMetadata struct {
	Group, Member, InstanceID string
	Generation                int32
}

// Assignor says who gets which partitions; see package assign.
type Assignor string

// The assignors, by their names on the wire.
const (
	Range             Assignor = "range"
	RoundRobinAssign  Assignor = "roundrobin"
	StickyAssign      Assignor = "sticky"
	CooperativeSticky Assignor = "cooperative-sticky" // moves partitions without stopping the others (KIP-429)
)

// ConsumerConfig is what a Consumer is made with. Of the numbers, 0 means the
// default. Say Group and Topics to share topics with the group's other
// members, or Assign to read those partitions alone (with Group, offsets are
// committed all the same).
type ConsumerConfig struct {
	Group      string
	InstanceID string // static membership (KIP-345): a restart is no rebalance
	Topics     []string
	Assign     []TopicPartition
	// Assignors, best first. All eager, or cooperative ones: not both. Range by default.
	Assignors []Assignor

	Reset              Reset
	ReadCommitted      bool  // skip what was aborted, and wait for what is open
	AutoCommitMicros   int64 // 0: the caller commits
	FetchMinBytes      int32 // 1
	FetchMaxBytes      int32 // of a Fetch; 50 MiB
	PartitionMaxBytes  int32 // of a Fetch, from one partition; 1 MiB
	FetchMaxWaitMicros int64 // how long the broker may wait for FetchMinBytes; 500 ms
	SessionMicros      int64 // without heartbeats for so long, a member is thought dead; 45 s
	HeartbeatMicros    int64 // 3 s
	RebalanceMicros    int64 // how long a rebalance waits for a member; MaxPollMicros
	MaxPollMicros      int64 // how long the work on what was taken may last; 5 min
	Rack               string
}

// ConsumerEventKind says what happened.
type ConsumerEventKind uint8

// Events of a Consumer.
const (
	Assigned      ConsumerEventKind = iota + 1 // Partitions are ours now, besides those that were
	Revoked                                    // Partitions are no longer ours; a Commit before the next Tick still counts
	Lost                                       // as Revoked, but others may have them already: a commit is of no use
	Ready                                      // Take has something
	Committed                                  // Offsets
	CommitFailed                               // Err
	Truncated                                  // Partitions[0] lost records that were read: now at Offset, was at Was (KIP-320)
	OutOfRange                                 // Partitions[0] has no position, and Reset is ResetNone: SeekTo
	Joined                                     // the group has a new generation; Leader: we assigned
	ConsumerFatal                              // Err: fenced, or refused for good
)

// ConsumerEvent is what happened at a Consumer.
type ConsumerEvent struct {
	Kind        ConsumerEventKind
	Partitions  []TopicPartition
	Offsets     []Offset
	Offset, Was int64
	Generation  int32
	Leader      bool
	Err         error
}

// Record is a record that was read.
type Record struct {
	Offset      int64
	Timestamp   int64 // ms
	LeaderEpoch int32
	Key, Value  []byte // nil: null
	Headers     []batch.RecordHeader
}

// Records are records of one partition, by offset. There may be gaps.
type Records struct {
	Topic     string
	Partition int32
	Records   []Record
}

// Position is what is known of a partition that is read.
type Position struct {
	Topic         string
	Partition     int32
	Offset        int64 // of the next record that Take gives; -1: not known yet
	Committed     int64 // -1: nothing
	HighWatermark int64 // as of the last fetch; -1: not known yet
	LastStable    int64
	Start         int64
	Buffered      int // records fetched and not taken
	Paused        bool
}

// Consumer reads records. Make one with Client.NewConsumer.
type Consumer struct {
	client *Client
	config ConsumerConfig
}

// NewConsumer returns a consumer. Errors: *Misuse, for a configuration that
// contradicts itself.
func (c *Client) NewConsumer(now int64, config ConsumerConfig) (*Consumer, error) {
	panic("not built yet")
}

// Take returns up to maxRecords of one partition. It says that all that was
// taken before has been worked on: that is what is committed. False: nothing
// is there, and the consumer is idle.
func (k *Consumer) Take(now int64, maxRecords int) (Records, bool) { panic("not built yet") }

// Commit commits offsets, or, if there are none, the positions of all that was
// taken before the last Take. Committed or CommitFailed comes.
func (k *Consumer) Commit(now int64, offsets []Offset) error { panic("not built yet") }

// SeekTo goes to an offset; ours, if it has been assigned.
func (k *Consumer) SeekTo(now int64, topic string, partition int32, offset int64) error {
	panic("not built yet")
}

// Pause stops the fetching of partitions, and keeps what was fetched.
func (k *Consumer) Pause(now int64, partitions ...TopicPartition) { panic("not built yet") }

// Resume goes on.
func (k *Consumer) Resume(now int64, partitions ...TopicPartition) { panic("not built yet") }

// Close commits (with AutoCommitMicros), leaves the group (unless InstanceID
// is set) and ends.
func (k *Consumer) Close(now int64) { panic("not built yet") }

// Positions returns what is known of the partitions that are read, by topic
// and partition.
func (k *Consumer) Positions() []Position { panic("not built yet") }

// Group returns the membership, for Producer.SendOffsets.
func (k *Consumer) Group() GroupMetadata { panic("not built yet") }

// Poll returns what happened next.
func (k *Consumer) Poll() (ConsumerEvent, bool) { panic("not built yet") }
