package txn

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Coordinator is the transaction coordinator of a broker, for all partitions of
// __transaction_state that it leads. A partition keeps the transactional ids
// for which group.PartitionFor names it.
type Coordinator struct {
	config Config
}

// New returns a Coordinator that leads nothing yet.
func New(config Config) *Coordinator { return &Coordinator{config: config} }

// Handle takes a request from a client (AddPartitionsToTxn v4 from a broker).
// It must be of one of these kinds, and its version one that the broker offers:
// InitProducerID (to v4), AddPartitionsToTxn (to v4), AddOffsetsToTxn (to v3),
// EndTxn (to v4), DescribeTransactions, ListTransactions (to v1). The request is the
// coordinator's to keep.
func (c *Coordinator) Handle(now int64, token uint64, clientID, host string, req kmsg.Request) {
	panic("not built yet")
}

// Poll returns the next event, until there is none.
func (c *Coordinator) Poll() (Event, bool) { return nil, false }

// Appended says that the batch of the Append with the id is replicated, or why not.
func (c *Coordinator) Appended(now int64, id uint64, err *kerr.Error) { panic("not built yet") }

// Marked says that a partition has the marker of Markers with the id, or why not.
func (c *Coordinator) Marked(now int64, id uint64, topic string, partition int32, err *kerr.Error) {
	panic("not built yet")
}

// IDs gives the coordinator a block of producer ids that nobody else has.
func (c *Coordinator) IDs(now int64, first int64, count int32) { panic("not built yet") }

// Load reads batches of a partition that this broker now leads, whole ones, in
// order; call it as often as needed, then Loaded. Until then, requests about its
// ids are answered COORDINATOR_LOAD_IN_PROGRESS. Records that make no sense are passed over.
func (c *Coordinator) Load(now int64, partition int32, batches []byte) { panic("not built yet") }

// Loaded says that all committed batches have been loaded (perhaps none), and
// that the coordinator may speak for the partition. What was prepared is
// completed. The epoch is the leader's; markers carry it as coordinator epoch.
func (c *Coordinator) Loaded(now int64, partition int32, epoch int32) { panic("not built yet") }

// Unload forgets a partition: who waits gets NOT_COORDINATOR.
func (c *Coordinator) Unload(partition int32) { panic("not built yet") }

// Deadline returns when Tick is due next; math.MaxInt64: never.
func (c *Coordinator) Deadline() int64 { panic("not built yet") }

// Tick does what is due: timeouts, retries, expiry. It costs nothing when nothing is due.
func (c *Coordinator) Tick(now int64) { panic("not built yet") }
