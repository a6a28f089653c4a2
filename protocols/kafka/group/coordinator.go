package group

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Coordinator is the group coordinator of a broker, for all partitions of
// __consumer_offsets that it leads.
type Coordinator struct {
	config Config
}

// New returns a Coordinator that leads nothing yet.
func New(config Config) *Coordinator { return &Coordinator{config: config} }

// PartitionFor returns which of the partitions of __consumer_offsets keeps the
// group: Java's String.hashCode, the sign bit off, modulo partitions. (Of
// __transaction_state and a transactional id the same.)
func PartitionFor(id string, partitions int32) int32 {
	var hash uint32
	unit := func(u uint32) { hash = hash*31 + u }
	for _, r := range id { // Java hashes UTF-16 units
		if r >= 0x10000 {
			unit(0xd800 + uint32(r-0x10000)>>10)
			r = 0xdc00 + (r-0x10000)&0x3ff
		}
		unit(uint32(r))
	}
	return int32(hash&0x7fffffff) % partitions
}

// Handle takes a request from a client. It must be of one of these kinds, and
// its version one that the broker offers: JoinGroup, SyncGroup, Heartbeat,
// LeaveGroup, OffsetCommit (to v9, by topic name), OffsetFetch (to v9),
// TxnOffsetCommit (to v4), DescribeGroups (to v5), ListGroups (to v5),
// DeleteGroups, OffsetDelete. Clients name themselves by clientID; host is
// where they are, for DescribeGroups. The request is the coordinator's to keep.
func (c *Coordinator) Handle(now int64, token uint64, clientID, host string, req kmsg.Request) {
	panic("not built yet")
}

// Poll returns the next event, until there is none.
func (c *Coordinator) Poll() (Event, bool) { return nil, false }

// Appended says that the batch of the Append with the id is replicated, or why not.
func (c *Coordinator) Appended(now int64, id uint64, err *kerr.Error) { panic("not built yet") }

// Load reads batches of a partition that this broker now leads, whole ones, in
// order; call it as often as needed, then Loaded. Until then, requests about its
// groups are answered COORDINATOR_LOAD_IN_PROGRESS. Records that make no sense are passed over.
func (c *Coordinator) Load(now int64, partition int32, batches []byte) { panic("not built yet") }

// Loaded says that all committed batches have been loaded (perhaps none), and
// that the coordinator may speak for the partition. The epoch is its leader's.
func (c *Coordinator) Loaded(now int64, partition int32, epoch int32) { panic("not built yet") }

// Unload forgets a partition: who waits gets NOT_COORDINATOR.
func (c *Coordinator) Unload(partition int32) { panic("not built yet") }

// Marker says that a commit or abort marker of the producer is replicated in
// the partition: its pending offsets become the group's, or go.
func (c *Coordinator) Marker(now int64, partition int32, producerID int64, commit bool) {
	panic("not built yet")
}

// Deadline returns when Tick is due next; math.MaxInt64: never.
func (c *Coordinator) Deadline() int64 { panic("not built yet") }

// Tick does what is due: sessions, rebalances, expiry. It costs nothing when nothing is due.
func (c *Coordinator) Tick(now int64) { panic("not built yet") }
