package txn

import (
	"slices"
	"sort"

	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// AddPartitionsToTxn (key 24) and AddOffsetsToTxn (key 25)
//
// Behaviour: before a producer writes to a partition in a transaction, or
// commits offsets of a group, it says so here, so that the coordinator knows
// where the marker must go. The first one begins the transaction. What is
// already part of it is answered at once. If one partition is unknown, none is
// added: the others are told OPERATION_NOT_ATTEMPTED.
//
// From v4 on AddPartitionsToTxn is the brokers' own, and names many
// transactions: the leader of a partition asks whether it is part of one
// (KIP-890, first part). INVALID_TXN_STATE: it is not.
//
// Versions: AddPartitionsToTxn 0-4, AddOffsetsToTxn 0-4. Before v2 (KIP-588)
// PRODUCER_FENCED is called INVALID_PRODUCER_EPOCH.
//
// Not done: adding partitions by v4, which is INVALID_REQUEST.

func (c *Coordinator) addPartitions(now int64, token uint64, req *kmsg.AddPartitionsToTxnRequest) {
	if req.Version >= 4 {
		c.verify(token, req)
		return
	}
	var partitions []Partition
	unknown := false
	for _, topic := range req.Topics {
		for _, p := range topic.Partitions {
			partitions = append(partitions, Partition{topic.Topic, p})
			unknown = unknown || !c.config.Exists(topic.Topic, p)
		}
	}
	answer := func(_ int64, err *kerr.Error) {
		resp := kmsg.NewPtrAddPartitionsToTxnResponse()
		resp.SetVersion(req.Version)
		for _, topic := range req.Topics {
			answers := kmsg.AddPartitionsToTxnResponseTopic{Topic: topic.Topic}
			for _, p := range topic.Partitions {
				err := err
				if unknown && !c.config.Exists(topic.Topic, p) {
					err = kerr.UnknownTopicOrPartition
				}
				answers.Partitions = append(answers.Partitions, kmsg.AddPartitionsToTxnResponseTopicPartition{Partition: p, ErrorCode: code(err, req.Version < 2)})
			}
			resp.Topics = append(resp.Topics, answers)
		}
		c.desk.Reply(token, resp)
	}
	if unknown {
		answer(now, kerr.OperationNotAttempted)
		return
	}
	c.add(now, req.TransactionalID, req.ProducerID, req.ProducerEpoch, partitions, answer)
}

// verify answers leaders who ask what is part of transactions.
func (c *Coordinator) verify(token uint64, req *kmsg.AddPartitionsToTxnRequest) {
	resp := kmsg.NewPtrAddPartitionsToTxnResponse()
	resp.SetVersion(req.Version)
	for i := range req.Transactions {
		asked := &req.Transactions[i]
		answer := kmsg.AddPartitionsToTxnResponseTransaction{TransactionalID: asked.TransactionalID}
		within, err := c.within(asked)
		for _, topic := range asked.Topics {
			answers := kmsg.AddPartitionsToTxnResponseTransactionTopic{Topic: topic.Topic}
			for _, p := range topic.Partitions {
				err := err
				if _, found := slices.BinarySearchFunc(within, Partition{topic.Topic, p}, Partition.compare); err == nil && !found {
					err = kerr.InvalidTxnState
				}
				answers.Partitions = append(answers.Partitions, kmsg.AddPartitionsToTxnResponseTransactionTopicPartition{Partition: p, ErrorCode: code(err, false)})
			}
			answer.Topics = append(answer.Topics, answers)
		}
		resp.Transactions = append(resp.Transactions, answer)
	}
	c.desk.Reply(token, resp)
}

// within returns the partitions of a producer's transaction.
func (c *Coordinator) within(asked *kmsg.AddPartitionsToTxnRequestTransaction) ([]Partition, *kerr.Error) {
	_, t, err := c.lookUp(asked.TransactionalID)
	switch {
	case err != nil:
		return nil, err
	case !asked.VerifyOnly:
		return nil, kerr.InvalidRequest
	case t == nil || t.producer != asked.ProducerID:
		return nil, kerr.InvalidProducerIDMapping
	case t.epoch != asked.ProducerEpoch:
		return nil, kerr.ProducerFenced
	case t.state == PrepareCommit || t.state == PrepareAbort:
		return nil, kerr.ConcurrentTransactions
	case t.state != Ongoing:
		return nil, nil
	}
	return t.partitions, nil
}

func (c *Coordinator) addOffsets(now int64, token uint64, req *kmsg.AddOffsetsToTxnRequest) {
	where := Partition{"__consumer_offsets", desk.PartitionFor(req.Group, c.config.OffsetsPartitions)}
	c.add(now, req.TransactionalID, req.ProducerID, req.ProducerEpoch, []Partition{where}, func(_ int64, err *kerr.Error) {
		resp := kmsg.NewPtrAddOffsetsToTxnResponse()
		resp.SetVersion(req.Version)
		resp.ErrorCode = code(err, req.Version < 2)
		c.desk.Reply(token, resp)
	})
}

// add makes partitions part of a producer's transaction.
func (c *Coordinator) add(now int64, id string, producer int64, epoch int16, partitions []Partition, done func(now int64, err *kerr.Error)) {
	t, err := c.producer(id, producer, epoch)
	if err == nil && moves[t.state][added] == never {
		err = kerr.ConcurrentTransactions
	}
	if err != nil {
		done(now, err)
		return
	}
	var all []Partition
	if t.state == Ongoing {
		all = t.partitions
	}
	all = slices.Concat(all, partitions)
	sort.Slice(all, func(i, j int) bool { return all[i].compare(all[j]) < 0 })
	all = slices.Compact(all)
	switch {
	case t.state == Ongoing && len(all) == len(t.partitions):
		done(now, nil)
		return
	case len(all) > c.config.MaxPartitions:
		done(now, kerr.InvalidRequest)
		return
	}
	next := t.after(added, c.config.Wall(now))
	next.partitions = all
	if t.state != Ongoing {
		next.started = next.updated
	}
	c.write(now, t, next, done)
}
