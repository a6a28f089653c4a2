package txn

import (
	"maps"
	"slices"

	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// DescribeTransactions (key 65) and ListTransactions (key 66), KIP-664
//
// Behaviour: what an administrator sees. An id that is being forgotten is not
// there any more. Filters of ListTransactions must all agree; names of states
// that there are not are told.
//
// Versions: DescribeTransactions 0, ListTransactions 0-1. From v1 (KIP-994)
// only transactions that have been running for longer than a duration.
//
// Not done: patterns of ids (ListTransactions v2).

func (c *Coordinator) describe(token uint64, req *kmsg.DescribeTransactionsRequest) {
	resp := kmsg.NewPtrDescribeTransactionsResponse()
	resp.SetVersion(req.Version)
	for _, id := range desk.OnceEach(req.TransactionalIDs) {
		answer := kmsg.NewDescribeTransactionsResponseTransactionState()
		answer.TransactionalID = id
		_, t, err := c.lookUp(id)
		if err == nil && t == nil {
			err = kerr.TransactionalIDNotFound
		}
		if answer.ErrorCode = code(err, false); err == nil {
			answer.State, answer.TimeoutMillis, answer.StartTimestamp = t.state.String(), t.timeoutMillis, t.started
			answer.ProducerID, answer.ProducerEpoch = t.producer, t.epoch
			for _, p := range t.partitions {
				if last := len(answer.Topics) - 1; last >= 0 && answer.Topics[last].Topic == p.Topic {
					answer.Topics[last].Partitions = append(answer.Topics[last].Partitions, p.Partition)
				} else {
					answer.Topics = append(answer.Topics, kmsg.DescribeTransactionsResponseTransactionStateTopic{Topic: p.Topic, Partitions: []int32{p.Partition}})
				}
			}
		}
		resp.TransactionStates = append(resp.TransactionStates, answer)
	}
	c.desk.Reply(token, resp)
}

func (c *Coordinator) list(now int64, token uint64, req *kmsg.ListTransactionsRequest) {
	resp := kmsg.NewPtrListTransactionsResponse()
	resp.SetVersion(req.Version)
	for _, name := range req.StateFilters {
		if !slices.Contains(stateNames[:], name) {
			resp.UnknownStateFilters = append(resp.UnknownStateFilters, name)
		}
	}
	wall := c.config.Wall(now)
	for _, p := range c.partitions {
		if p == nil {
			continue
		}
		if p.loading {
			resp.ErrorCode = kerr.CoordinatorLoadInProgress.Code
			resp.TransactionStates = nil
			break
		}
		for _, id := range slices.Sorted(maps.Keys(p.transactions)) {
			t := p.transactions[id]
			if (len(req.StateFilters) == 0 || slices.Contains(req.StateFilters, t.state.String())) &&
				(len(req.ProducerIDFilters) == 0 || slices.Contains(req.ProducerIDFilters, t.producer)) &&
				(req.Version < 1 || req.DurationFilterMillis < 0 || t.started >= 0 && wall-t.started > req.DurationFilterMillis) {
				resp.TransactionStates = append(resp.TransactionStates, kmsg.ListTransactionsResponseTransactionState{TransactionalID: id,
					ProducerID: t.producer, TransactionState: t.state.String()})
			}
		}
	}
	c.desk.Reply(token, resp)
}
