package txn

import (
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Coordinator is the transaction coordinator of a broker, for all partitions of
// __transaction_state that it leads. A partition keeps the transactional ids
// for which desk.PartitionFor names it.
type Coordinator struct {
	config Config

	partitions   []*partition            // by number; nil: not led by this broker
	marking      map[uint64]*transaction // by the id of Markers
	transactions int                     // in all partitions
	ids          ids

	timers  timers.Heap[*transaction]
	builder batch.Builder
	desk    desk.Desk
}

// New returns a Coordinator that leads nothing yet.
func New(config Config) *Coordinator {
	config = config.withDefaults()
	return &Coordinator{config: config, partitions: make([]*partition, config.Partitions), marking: map[uint64]*transaction{}}
}

// Resize says how many partitions __transaction_state has, and __consumer_offsets:
// they were created with other numbers than Config's, or have grown, which
// gives ids to other partitions, where nothing is known of them.
func (c *Coordinator) Resize(partitions, offsets int32) {
	for number := partitions; int(number) < len(c.partitions); number++ {
		c.Unload(number)
	}
	c.partitions = slices.Grow(c.partitions, int(partitions))[:partitions]
	c.config.OffsetsPartitions = offsets
}

// at returns a partition; nil: this broker does not lead it.
func (c *Coordinator) at(number int32) *partition {
	if int(number) >= len(c.partitions) {
		return nil
	}
	return c.partitions[number]
}

// Handle takes a request from a client. It must be of one of these kinds:
// InitProducerID (to v5), AddPartitionsToTxn (to v4), AddOffsetsToTxn (to v4),
// EndTxn (to v4), DescribeTransactions, ListTransactions (to v1). The request is
// the coordinator's to keep. (Who the client is, and where, says nothing here.)
func (c *Coordinator) Handle(now int64, token uint64, _, _ string, req kmsg.Request) {
	switch req := req.(type) {
	case *kmsg.InitProducerIDRequest:
		c.initProducer(now, token, req)
	case *kmsg.AddPartitionsToTxnRequest:
		c.addPartitions(now, token, req)
	case *kmsg.AddOffsetsToTxnRequest:
		c.addOffsets(now, token, req)
	case *kmsg.EndTxnRequest:
		c.end(now, token, req)
	case *kmsg.DescribeTransactionsRequest:
		c.describe(token, req)
	case *kmsg.ListTransactionsRequest:
		c.list(now, token, req)
	default:
		panic("txn: a request that is not for the transaction coordinator")
	}
}

// Poll returns the next event, until there is none: a desk.Reply, a desk.Append
// to __transaction_state, Markers, or NeedIDs.
func (c *Coordinator) Poll() (desk.Event, bool) { return c.desk.Poll() }

// Appended says that the batch of the desk.Append with the id is replicated, or
// why not. An id of a partition that was unloaded since is passed over.
func (c *Coordinator) Appended(now int64, id uint64, err *kerr.Error) {
	c.desk.Appended(now, id, told(err))
}

// Deadline returns when Tick is due next; math.MaxInt64: never.
func (c *Coordinator) Deadline() int64 { return c.timers.Deadline() }

// Tick does what is due: timeouts, retries, expiry. It costs nothing when nothing is due.
func (c *Coordinator) Tick(now int64) {
	for {
		t, ok := c.timers.Due(now)
		if !ok {
			return
		}
		c.due(now, t.Of)
	}
}
