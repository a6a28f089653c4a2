package group

import (
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Coordinator is the group coordinator of a broker, for all partitions of
// __consumer_offsets that it leads.
type Coordinator struct {
	config Config

	partitions []*partition // by number; nil: not led by this broker
	groups     int          // in all partitions

	timers  timers.Heap[due]
	builder batch.Builder
	desk    desk.Desk // numbers what is written, and records that are loaded: what came later has the greater number
}

// New returns a Coordinator that leads nothing yet.
func New(config Config) *Coordinator {
	config = config.withDefaults()
	return &Coordinator{config: config, partitions: make([]*partition, config.Partitions)}
}

// Resize says how many partitions __consumer_offsets has: it was created with
// another number than Config's, or has grown, which gives groups to other
// partitions, where nothing is known of them.
func (c *Coordinator) Resize(partitions int32) {
	for number := partitions; int(number) < len(c.partitions); number++ {
		c.Unload(number)
	}
	c.partitions = slices.Grow(c.partitions, int(partitions))[:partitions]
}

// at returns a partition; nil: this broker does not lead it.
func (c *Coordinator) at(number int32) *partition {
	if int(number) >= len(c.partitions) {
		return nil
	}
	return c.partitions[number]
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

// Poll returns the next event, until there is none: a desk.Reply, or a
// desk.Append to __consumer_offsets.
func (c *Coordinator) Poll() (desk.Event, bool) { return c.desk.Poll() }

// Appended says that the batch of the desk.Append with the id is replicated, or
// why not. An id of a partition that was unloaded since is passed over.
func (c *Coordinator) Appended(now int64, id uint64, err *kerr.Error) {
	c.desk.Appended(now, id, told(err))
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
