package txn

import (
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Coordinator is the transaction coordinator of a broker, for all partitions of
// __transaction_state that it leads. A partition keeps the transactional ids
// for which group.PartitionFor names it.
type Coordinator struct {
	config Config

	partitions   []*partition            // by number; nil: not led by this broker
	writing      map[uint64]*partition   // where each Append that is not reported yet went
	marking      map[uint64]*transaction // by the id of Markers
	transactions int                     // in all partitions
	ids          ids

	timers  timers.Heap[*transaction]
	builder batch.Builder
	events  []Event
	taken   int    // of the events
	order   uint64 // last number given to an Append or Markers
}

// New returns a Coordinator that leads nothing yet.
func New(config Config) *Coordinator {
	config = config.withDefaults()
	return &Coordinator{config: config, partitions: make([]*partition, config.Partitions), writing: map[uint64]*partition{}, marking: map[uint64]*transaction{}}
}

// Handle takes a request from a client. It must be of one of these kinds:
// InitProducerID (to v5), AddPartitionsToTxn (to v3), AddOffsetsToTxn (to v4),
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

// Poll returns the next event, until there is none.
func (c *Coordinator) Poll() (Event, bool) {
	if c.taken == len(c.events) {
		clear(c.events)
		c.events, c.taken = c.events[:0], 0
		return nil, false
	}
	c.taken++
	return c.events[c.taken-1], true
}

func (c *Coordinator) reply(token uint64, resp kmsg.Response) {
	c.events = append(c.events, Reply{Token: token, Resp: resp})
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
