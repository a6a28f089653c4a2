package broker

import (
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Transactions are verified (KIP-890, first part)
//
// Behaviour: before the first batch of a transaction is appended to a
// partition, the transaction's coordinator is asked whether the partition is
// in it (AddPartitionsToTxn 4). Why: a producer sends a batch, hears nothing,
// gives up, and aborts; the marker is written; then the batch arrives, late.
// It would open a transaction that the coordinator knows nothing of. Nobody
// would end it, and what is committed could not be read beyond it; or the
// producer's next marker here would end it, and commit what was aborted.
//
// The answer may be late as well: a marker that was written meanwhile makes it
// void, and so does another leader epoch, even if it is ours again. Errors that pass are told as NOT_ENOUGH_REPLICAS, which every producer
// takes for a reason to try again.

// verification is a Produce that waits for a coordinator.
type verification struct {
	call    *call
	request *kmsg.ProduceRequest
	asked   kmsg.AddPartitionsToTxnRequestTransaction
	parts   []verifiedPart
}

// verifiedPart is one partition of it.
type verifiedPart struct {
	partition   *partition
	leaderEpoch int32 // of ours, when we asked
	guard       *guard
	err         *kerr.Error
}

// guard stands at a partition while a producer's transaction is verified, and
// goes when a marker of the producer's is written.
type guard struct{ users int }

// unverified returns what has to be verified of a Produce; nil: nothing.
func (b *Broker) unverified(k *call, r *kmsg.ProduceRequest) *verification {
	var v *verification
	for i := range r.Topics {
		t := &r.Topics[i]
		for j := range t.Partitions {
			h, _, err := batch.Peek(t.Partitions[j].Records)
			if err != nil || !h.Transactional() || h.Control() || h.ProducerID < 0 {
				continue
			}
			p := b.lookup(t.Topic, t.TopicID, t.Partitions[j].Partition)
			if p == nil || p.role != leading || p.log.InTransaction(h.ProducerID, h.ProducerEpoch) {
				continue
			}
			if v == nil {
				v = &verification{call: k, request: r}
				v.asked.ProducerID, v.asked.ProducerEpoch, v.asked.VerifyOnly = h.ProducerID, h.ProducerEpoch, true
			}
			v.add(p, &h)
		}
	}
	return v
}

// add has a partition verified.
func (v *verification) add(p *partition, h *batch.Header) {
	one := verifiedPart{partition: p, leaderEpoch: p.leaderEpoch}
	switch {
	case v.request.TransactionID == nil:
		one.err = kerr.TransactionalIDAuthorizationFailed
	case h.ProducerID != v.asked.ProducerID || h.ProducerEpoch != v.asked.ProducerEpoch: // one producer has one id
		one.err = kerr.InvalidProducerIDMapping
	default:
		if p.guards == nil {
			p.guards = map[int64]*guard{}
		}
		if one.guard = p.guards[h.ProducerID]; one.guard == nil {
			one.guard = &guard{}
			p.guards[h.ProducerID] = one.guard
		}
		one.guard.users++
		topics := &v.asked.Topics
		if n := len(*topics); n == 0 || (*topics)[n-1].Topic != p.topic {
			*topics = append(*topics, kmsg.AddPartitionsToTxnRequestTransactionTopic{Topic: p.topic})
		}
		last := &(*topics)[len(*topics)-1]
		last.Partitions = append(last.Partitions, p.id.Partition)
	}
	v.parts = append(v.parts, one)
}

// verify asks the coordinator.
func (b *Broker) verify(now int64, v *verification) {
	v.call.hold(true)
	for i := range v.request.Topics { // the bytes of the connection are not ours for so long
		for j := range v.request.Topics[i].Partitions {
			p := &v.request.Topics[i].Partitions[j]
			p.Records = slices.Clone(p.Records)
		}
	}
	coordinator := int32(-1)
	if id := v.request.TransactionID; id != nil {
		v.asked.TransactionalID = *id
		if t := b.image.Topic(txnTopicName); t != nil {
			coordinator = t.Partitions[desk.PartitionFor(*id, int32(len(t.Partitions)))].Leader
		}
	}
	r := kmsg.NewPtrAddPartitionsToTxnRequest()
	r.Version = 4
	r.Transactions = append(r.Transactions, v.asked)
	switch coordinator {
	case -1:
		b.verified(now, v, nil)
	case b.config.ID:
		b.txns.Handle(now, b.token(pending{verify: v}), b.clientID, "", r)
	default:
		b.ask(now, coordinator, forTxns, errand{what: errandVerify, verify: v}, r, b.config.Settings.RequestMicros)
	}
}

// verified takes the coordinator's answer, nil if there is none, and appends
// what may be appended.
func (b *Broker) verified(now int64, v *verification, answer kmsg.Response) {
	resp, _ := answer.(*kmsg.AddPartitionsToTxnResponse)
	producer := v.asked.ProducerID
	for i := range v.parts {
		one := &v.parts[i]
		p := one.partition
		if one.err == nil {
			one.err = verdict(resp, p)
		}
		if one.guard == nil {
			continue
		}
		switch {
		case one.err != nil:
		case p.leaderEpoch != one.leaderEpoch:
			one.err = kerr.NotEnoughReplicas
		case p.guards[producer] != one.guard && !p.log.InTransaction(producer, v.asked.ProducerEpoch):
			one.err = kerr.InvalidTxnState
		}
		if one.guard.users--; one.guard.users == 0 && p.guards[producer] == one.guard {
			delete(p.guards, producer)
		}
	}
	if k := v.call; !k.done { // its connection is still there
		k.hold(false)
		b.produceAll(now, k, v.request, v)
		b.soil(k.conn) // what is behind it may begin
	}
}

// verdict is what an answer says of a partition.
func verdict(resp *kmsg.AddPartitionsToTxnResponse, p *partition) *kerr.Error {
	if resp == nil {
		return kerr.NotEnoughReplicas
	}
	for i := range resp.Transactions {
		for _, t := range resp.Transactions[i].Topics {
			for _, one := range t.Partitions {
				if t.Topic != p.topic || one.Partition != p.id.Partition {
					continue
				}
				switch err := kerr.TypedErrorForCode(one.ErrorCode); err {
				case kerr.ConcurrentTransactions, kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator:
					return kerr.NotEnoughReplicas
				case kerr.ProducerFenced: // not an error of Produce
					return kerr.InvalidProducerEpoch
				default:
					return err
				}
			}
		}
	}
	return kerr.NotEnoughReplicas
}

// refusal says why nothing may be appended to a partition; nil: it may.
func (v *verification) refusal(p *partition) *kerr.Error {
	if v != nil {
		for i := range v.parts {
			if v.parts[i].partition == p {
				return v.parts[i].err
			}
		}
	}
	return nil
}
