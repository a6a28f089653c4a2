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
// Versions: AddPartitionsToTxn 0-3, AddOffsetsToTxn 0-4. Before v2 (KIP-588)
// PRODUCER_FENCED is called INVALID_PRODUCER_EPOCH.
//
// Not done: many transactions in one request, and verification by the leaders
// of the partitions (AddPartitionsToTxn v4, KIP-890).

func (c *Coordinator) addPartitions(now int64, token uint64, req *kmsg.AddPartitionsToTxnRequest) {
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
