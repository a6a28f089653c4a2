package group

import (
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Coordinator is the group coordinator of a broker, for all partitions of
// __consumer_offsets that it leads.
type Coordinator struct {
	config Config

	partitions []*partition          // by number; nil: not led by this broker
	writing    map[uint64]*partition // where each Append that is not reported yet went
	groups     int                   // in all partitions

	timers  timers.Heap[due]
	builder batch.Builder
	events  []Event
	taken   int    // of the events
	order   uint64 // last number given to an Append, or to a record that was loaded: what came later has the greater one
}

// New returns a Coordinator that leads nothing yet.
func New(config Config) *Coordinator {
	config = config.withDefaults()
	return &Coordinator{config: config, partitions: make([]*partition, config.Partitions), writing: map[uint64]*partition{}}
}

// PartitionFor returns which of the partitions of __consumer_offsets keeps the
// group: Java's String.hashCode, without its sign, modulo partitions. (Of
// __transaction_state and a transactional id the same.)
func PartitionFor(id string, partitions int32) int32 {
	var hash int32
	for _, r := range id { // Java hashes UTF-16 units
		if r >= 0x10000 {
			hash = hash*31 + 0xd800 + (r-0x10000)>>10
			r = 0xdc00 + (r-0x10000)&0x3ff
		}
		hash = hash*31 + r
	}
	if hash = max(hash, -hash); hash < 0 { // the least number has no opposite
		return 0
	}
	return hash % partitions
}

// Handle takes a request from a client. It must be of one of these kinds, in
// any version that names topics by name: JoinGroup, SyncGroup, Heartbeat,
// LeaveGroup, OffsetCommit (to v9), OffsetFetch (to v9), TxnOffsetCommit (to
// v5), DescribeGroups, ListGroups, DeleteGroups, OffsetDelete. Clients name
// themselves by clientID; host is where they are, for DescribeGroups. The
// request is the coordinator's to keep.
func (c *Coordinator) Handle(now int64, token uint64, clientID, host string, req kmsg.Request) {
	switch req := req.(type) {
	case *kmsg.JoinGroupRequest:
		c.join(now, token, clientID, host, req)
	case *kmsg.SyncGroupRequest:
		c.sync(now, token, req)
	case *kmsg.HeartbeatRequest:
		c.heartbeat(now, token, req)
	case *kmsg.LeaveGroupRequest:
		c.leave(now, token, req)
	case *kmsg.OffsetCommitRequest:
		c.commit(now, token, req)
	case *kmsg.TxnOffsetCommitRequest:
		c.pledge(now, token, req)
	case *kmsg.OffsetFetchRequest:
		c.fetch(token, req)
	case *kmsg.DescribeGroupsRequest:
		c.describe(token, req)
	case *kmsg.ListGroupsRequest:
		c.list(token, req)
	case *kmsg.DeleteGroupsRequest:
		c.deleteGroups(now, token, req)
	case *kmsg.OffsetDeleteRequest:
		c.deleteOffsets(now, token, req)
	default:
		panic("group: a request that is not for the group coordinator")
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

// Tick does what is due: sessions, rebalances, expiry. It costs nothing when nothing is due.
func (c *Coordinator) Tick(now int64) {
	for {
		t, ok := c.timers.Due(now)
		if !ok {
			return
		}
		switch {
		case t.Of.member != nil:
			c.leaves(now, t.Of.member)
		case t.Of.group != nil:
			c.groupDue(now, t.Of.group)
		default:
			c.expire(now, t.Of.partition)
		}
	}
}
