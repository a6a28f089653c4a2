package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"
)

// identify asks for the ID and the epoch, or for the next epoch.
func (t *txn) identify() {
	p := t.p
	req := kmsg.NewPtrInitProducerIDRequest()
	req.TransactionalID = &p.config.TransactionalID
	req.TransactionTimeoutMillis = int32(p.config.TransactionTimeoutMicros / 1000)
	if t.state == bumping && !t.forgotten {
		req.ProducerID, req.ProducerEpoch = p.identity.id, p.identity.epoch
	}
	t.request(t.coordinator, req, func(r kmsg.Response) error {
		return errorOf(r.(*kmsg.InitProducerIDResponse).ErrorCode)
	}, func(r kmsg.Response) {
		resp := r.(*kmsg.InitProducerIDResponse)
		first := t.state == initializing
		t.move(gotIdentity)
		t.bump, t.forgotten = false, false
		p.identity.id, p.identity.epoch = resp.ProducerID, resp.ProducerEpoch
		for _, name := range p.names() {
			for _, g := range p.topics[name].targets {
				if g != nil {
					g.series.broken = false
				}
			}
		}
		kind := TxnAborted
		if first {
			kind = Initialized
		}
		p.emit(ProducerEvent{Kind: kind, Partition: -1, Offset: -1})
	})
}

// addPartitions tells the coordinator of partitions that will have records.
func (t *txn) addPartitions() {
	p := t.p
	req := kmsg.NewPtrAddPartitionsToTxnRequest()
	req.TransactionalID = p.config.TransactionalID
	req.ProducerID, req.ProducerEpoch = p.identity.id, p.identity.epoch
	adding := t.adding
	for _, g := range adding {
		at := -1
		for i := range req.Topics {
			if req.Topics[i].Topic == g.topic.meta.name {
				at = i
			}
		}
		if at < 0 {
			at = len(req.Topics)
			req.Topics = append(req.Topics, kmsg.AddPartitionsToTxnRequestTopic{Topic: g.topic.meta.name})
		}
		req.Topics[at].Partitions = append(req.Topics[at].Partitions, g.partition)
	}
	t.unsure = true
	t.request(t.coordinator, req, func(r kmsg.Response) error {
		t.unsure = false
		for _, topic := range r.(*kmsg.AddPartitionsToTxnResponse).Topics {
			for _, partition := range topic.Partitions {
				if err := errorOf(partition.ErrorCode); err != nil {
					return err
				}
			}
		}
		return nil
	}, func(kmsg.Response) {
		t.touched = true
		t.adding = t.adding[min(len(adding), len(t.adding)):] // an Abort has emptied it
		for _, g := range adding {
			g.inTxn = true
			t.added = append(t.added, g)
			p.ready(g)
		}
	})
}

// sendOffsets tells the transaction's coordinator of a group, and then the
// group's of the offsets.
func (t *txn) sendOffsets(o *groupOffsets) {
	switch {
	case !o.added:
		t.addOffsets(o)
	case o.coordinator.node < 0:
		t.find(o.coordinator)
	default:
		t.commitOffsets(o)
	}
}

func (t *txn) addOffsets(o *groupOffsets) {
	req := kmsg.NewPtrAddOffsetsToTxnRequest()
	req.TransactionalID = t.p.config.TransactionalID
	req.ProducerID, req.ProducerEpoch = t.p.identity.id, t.p.identity.epoch
	req.Group = o.group.Group
	t.unsure = true
	t.request(t.coordinator, req, func(r kmsg.Response) error {
		t.unsure = false
		return errorOf(r.(*kmsg.AddOffsetsToTxnResponse).ErrorCode)
	}, func(kmsg.Response) { t.touched, o.added = true, true })
}

func (t *txn) commitOffsets(o *groupOffsets) {
	req := kmsg.NewPtrTxnOffsetCommitRequest()
	req.TransactionalID = t.p.config.TransactionalID
	req.ProducerID, req.ProducerEpoch = t.p.identity.id, t.p.identity.epoch
	req.Group, req.MemberID, req.Generation = o.group.Group, o.group.Member, o.group.Generation
	if o.group.InstanceID != "" {
		req.InstanceID = &o.group.InstanceID
	}
	for i := range o.offsets {
		from := &o.offsets[i]
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != from.Topic {
			req.Topics = append(req.Topics, kmsg.TxnOffsetCommitRequestTopic{Topic: from.Topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, kmsg.TxnOffsetCommitRequestTopicPartition{
			Partition: from.Partition, Offset: from.Offset, LeaderEpoch: from.LeaderEpoch, Metadata: &from.Metadata,
		})
	}
	t.request(o.coordinator, req, func(r kmsg.Response) error {
		for _, topic := range r.(*kmsg.TxnOffsetCommitResponse).Topics {
			for _, partition := range topic.Partitions {
				if err := errorOf(partition.ErrorCode); err != nil {
					return err
				}
			}
		}
		return nil
	}, func(kmsg.Response) {
		if len(t.offsets) > 0 && t.offsets[0] == o {
			t.offsets = t.offsets[1:]
		}
	})
}

// end tells the coordinator to commit or to abort.
func (t *txn) end() {
	if !t.touched {
		t.bump = t.bump || t.unsure // a new epoch ends whatever there may be
		t.ended()
		return
	}
	req := kmsg.NewPtrEndTxnRequest()
	req.TransactionalID = t.p.config.TransactionalID
	req.ProducerID, req.ProducerEpoch = t.p.identity.id, t.p.identity.epoch
	req.Commit = t.state == committing
	t.request(t.coordinator, req, func(r kmsg.Response) error {
		return errorOf(r.(*kmsg.EndTxnResponse).ErrorCode)
	}, func(kmsg.Response) { t.ended() })
}

// ended clears the books for the next transaction.
func (t *txn) ended() {
	kind := TxnAborted
	if t.state == committing {
		kind = TxnCommitted
	}
	in := ended
	if t.state == aborting && t.bump {
		in = doubt
	}
	t.move(in)
	for _, g := range t.added {
		g.inTxn = false
	}
	t.added, t.adding, t.offsets, t.touched, t.unsure, t.err = nil, nil, nil, false, false, nil
	if in == ended {
		t.p.emit(ProducerEvent{Kind: kind, Partition: -1, Offset: -1})
	}
	t.proceed()
}
