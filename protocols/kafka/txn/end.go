package txn

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// EndTxn (key 26), and the markers that follow from it (WriteTxnMarkers, key 27)
//
// Behaviour: a producer commits or aborts its transaction. It is answered as
// soon as that is decided, which is when PrepareCommit or PrepareAbort is
// replicated. Then every partition of the transaction gets a marker: Markers
// asks for all of them, and after RetryMicros, doubled with each failure up to
// 32 times, for those that failed. A partition that is no more needs none. When
// all have it, CompleteCommit or CompleteAbort is written, in the same way
// until it succeeds. Asked again, the same answer is given.
//
// Versions: 0-4. Before v2 (KIP-588) PRODUCER_FENCED is called
// INVALID_PRODUCER_EPOCH.
//
// Not done: an epoch for each transaction (v5, KIP-890).

func (c *Coordinator) end(now int64, token uint64, req *kmsg.EndTxnRequest) {
	answer := func(_ int64, err *kerr.Error) {
		resp := kmsg.NewPtrEndTxnResponse()
		resp.SetVersion(req.Version)
		resp.ErrorCode = code(err, req.Version < 2)
		c.desk.Reply(token, resp)
	}
	in, which := aborted, 0
	if req.Commit {
		in, which = committed, 1
	}
	t, err := c.producer(req.TransactionalID, req.ProducerID, req.ProducerEpoch)
	switch {
	case err != nil:
		answer(now, err)
	case moves[t.state][in] == never:
		answer(now, endAnswers[t.state][which])
	default:
		c.prepare(now, t, in, answer)
	}
}

// prepare writes how the transaction ends, and then has it marked.
func (c *Coordinator) prepare(now int64, t *transaction, in input, done func(now int64, err *kerr.Error)) {
	c.write(now, t, t.after(in, c.config.Wall(now)), func(now int64, err *kerr.Error) {
		done(now, err)
		if err == nil {
			c.prepared(now, t)
		}
	})
}

// prepared begins to mark the partitions of a transaction that has been decided.
func (c *Coordinator) prepared(now int64, t *transaction) {
	t.markers = c.desk.Next()
	c.marking[t.markers] = t
	t.left, t.failures = t.partitions, 0
	c.mark(now, t)
}

// mark asks for the markers that are left, and ends the transaction if there are none.
func (c *Coordinator) mark(now int64, t *transaction) {
	t.left = slices.DeleteFunc(slices.Clone(t.left), func(p Partition) bool { return !c.config.Exists(p.Topic, p.Partition) })
	if len(t.left) == 0 {
		c.complete(now, t)
		return
	}
	t.awaited = slices.Clone(t.left)
	c.desk.Say(Markers{ID: t.markers, ProducerID: t.producer, ProducerEpoch: t.epoch, Commit: t.state == PrepareCommit,
		CoordinatorEpoch: t.partition.epoch, Partitions: t.left})
}

// Marked says that a partition has the marker of Markers with the id, or why
// not. One that was not asked for is passed over.
func (c *Coordinator) Marked(now int64, id uint64, topic string, partition int32, err *kerr.Error) {
	t := c.marking[id]
	if t == nil {
		return
	}
	at := Partition{topic, partition}
	i, found := slices.BinarySearchFunc(t.awaited, at, Partition.compare)
	if !found {
		return
	}
	t.awaited = slices.Delete(t.awaited, i, i+1)
	if err == nil || err == kerr.UnsupportedForMessageFormat {
		t.left = slices.DeleteFunc(slices.Clone(t.left), func(p Partition) bool { return p == at })
	}
	switch {
	case len(t.awaited) > 0:
	case len(t.left) > 0:
		c.retry(now, t)
	default:
		c.complete(now, t)
	}
}

// complete writes that all partitions have the marker.
func (c *Coordinator) complete(now int64, t *transaction) {
	next := t.after(marked, c.config.Wall(now))
	next.partitions = nil
	c.write(now, t, next, func(now int64, err *kerr.Error) {
		if err != nil {
			c.retry(now, t)
			return
		}
		delete(c.marking, t.markers)
	})
}

// retry tries again in a while what has failed.
func (c *Coordinator) retry(now int64, t *transaction) {
	c.timers.Set(&t.timer, now+c.config.RetryMicros<<min(t.failures, 5))
	t.failures++
}
