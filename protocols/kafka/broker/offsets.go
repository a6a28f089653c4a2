package broker

import (
	"slices"
	"sort"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ListOffsets (key 2), OffsetForLeaderEpoch (23), DeleteRecords (21)
//
// Behaviour: ListOffsets gives the log start offset, the end (for consumers the
// high watermark, or the last stable offset), the first offset with a timestamp
// that is not earlier (KIP-79), and the one with the latest timestamp
// (KIP-734). A leader whose high watermark has not reached the place where it
// took office answers OFFSET_NOT_AVAILABLE, lest offsets seem to go back
// (KIP-207). OffsetForLeaderEpoch says where an epoch ended here (KIP-320).
// DeleteRecords moves the log start offset (KIP-107), where the topic's
// cleanup.policy has "delete".
//
// Versions: ListOffsets 1 to 7, OffsetForLeaderEpoch 2 to 4, DeleteRecords 0 to 2.
//
// Not done: DeleteRecords does not wait until the followers have moved theirs.

const (
	latestTimestamp   = -1
	earliestTimestamp = -2
	maxTimestamp      = -3
)

func (b *Broker) handleListOffsets(now int64, k *call, r *kmsg.ListOffsetsRequest) {
	answer := r.ResponseKind().(*kmsg.ListOffsetsResponse)
	for i := range r.Topics {
		t := &r.Topics[i]
		topic := kmsg.ListOffsetsResponseTopic{Topic: t.Topic}
		for j := range t.Partitions {
			a := &t.Partitions[j]
			o := kmsg.NewListOffsetsResponseTopicPartition()
			o.Partition, o.Offset, o.Timestamp, o.LeaderEpoch = a.Partition, -1, -1, -1
			err := b.unknown(false, t.Topic, [16]byte{}, a.Partition)
			if p := b.lookup(t.Topic, [16]byte{}, a.Partition); p != nil {
				if err = p.checkLeader(a.CurrentLeaderEpoch); err == nil {
					err = p.listOffset(now, r, a, &o)
				}
			}
			if err != nil {
				o.ErrorCode = err.Code
			}
			topic.Partitions = append(topic.Partitions, o)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	b.respond(k, answer)
}

func (p *partition) listOffset(now int64, r *kmsg.ListOffsetsRequest, a *kmsg.ListOffsetsRequestTopicPartition, o *kmsg.ListOffsetsResponseTopicPartition) *kerr.Error {
	limit, _ := p.limit(r.ReplicaID != -1, r.IsolationLevel == 1)
	var offset, timestamp int64
	found := false
	switch {
	case a.Timestamp == earliestTimestamp:
		o.Offset = p.log.Start()
		o.LeaderEpoch = p.epochAt(o.Offset)
		return nil
	case a.Timestamp == latestTimestamp: // below
	case a.Timestamp == maxTimestamp:
		offset, timestamp, found = p.log.MaxTimestamp(now)
	case a.Timestamp < 0:
		return kerr.UnsupportedVersion
	default:
		offset, timestamp, found = p.log.OffsetForTime(now, a.Timestamp)
	}
	switch {
	case found && offset < limit:
		o.Offset, o.Timestamp, o.LeaderEpoch = offset, timestamp, p.epochAt(offset)
	case r.ReplicaID == -1 && p.highWatermark < p.epochStart: // the limit is not what it was under the former leader
		if r.Version >= 5 {
			return kerr.OffsetNotAvailable
		}
		return kerr.LeaderNotAvailable
	case a.Timestamp == latestTimestamp:
		o.Offset, o.LeaderEpoch = limit, p.leaderEpoch
	}
	return nil
}

// epochAt is the leader epoch of the record at an offset, -1: none is there.
func (p *partition) epochAt(offset int64) int32 {
	epochs := p.log.Epochs()
	i := sort.Search(len(epochs), func(i int) bool { return epochs[i].Start > offset })
	if i == 0 {
		return -1
	}
	return epochs[i-1].Epoch
}

func (b *Broker) handleOffsetForLeaderEpoch(k *call, r *kmsg.OffsetForLeaderEpochRequest) {
	answer := r.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
	for i := range r.Topics {
		t := &r.Topics[i]
		topic := kmsg.OffsetForLeaderEpochResponseTopic{Topic: t.Topic}
		for j := range t.Partitions {
			a := &t.Partitions[j]
			o := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
			o.Partition, o.LeaderEpoch, o.EndOffset = a.Partition, -1, -1
			err := b.unknown(false, t.Topic, [16]byte{}, a.Partition)
			if p := b.lookup(t.Topic, [16]byte{}, a.Partition); p != nil {
				if err = p.checkLeader(a.CurrentLeaderEpoch); err == nil {
					o.LeaderEpoch, o.EndOffset = p.log.EndOffsetFor(a.LeaderEpoch)
				}
			}
			if err != nil {
				o.ErrorCode = err.Code
			}
			topic.Partitions = append(topic.Partitions, o)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	b.respond(k, answer)
}

func (b *Broker) handleDeleteRecords(now int64, k *call, r *kmsg.DeleteRecordsRequest) {
	answer := r.ResponseKind().(*kmsg.DeleteRecordsResponse)
	for i := range r.Topics {
		t := &r.Topics[i]
		topic := kmsg.DeleteRecordsResponseTopic{Topic: t.Topic}
		for j := range t.Partitions {
			a := &t.Partitions[j]
			o := kmsg.NewDeleteRecordsResponseTopicPartition()
			o.Partition, o.LowWatermark = a.Partition, -1
			o.LowWatermark, o.ErrorCode = b.deleteRecords(now, t.Topic, a.Partition, a.Offset)
			topic.Partitions = append(topic.Partitions, o)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	b.respond(k, answer)
}

func (b *Broker) deleteRecords(now int64, topic string, number int32, to int64) (low int64, code int16) {
	p := b.lookup(topic, [16]byte{}, number)
	if p == nil {
		return -1, b.unknown(false, topic, [16]byte{}, number).Code
	}
	if err := p.checkLeader(-1); err != nil {
		return -1, err.Code
	}
	if p.internal != 0 {
		return -1, kerr.InvalidTopicException.Code
	}
	if !slices.Contains(b.cleanupPolicy(topic), "delete") {
		return -1, kerr.PolicyViolation.Code
	}
	if to == -1 {
		to = p.highWatermark
	}
	if to < 0 || to > p.highWatermark {
		return -1, kerr.OffsetOutOfRange.Code
	}
	if to > p.log.Start() {
		if err := p.deleteBefore(b, now, to); err != nil {
			return -1, asCode(err)
		}
	}
	return p.log.Start(), 0
}

// deleteBefore moves the log start offset.
func (p *partition) deleteBefore(b *Broker, now, to int64) error {
	from := p.log.Start()
	if err := p.log.DeleteBefore(now, to); err != nil {
		return err
	}
	p.started(b, from)
	return nil
}

// started tells that the log start offset has moved.
func (p *partition) started(b *Broker, from int64) {
	start := p.log.Start()
	b.tell(Event{Kind: Started, Topic: p.topic, Part: p.id.Partition, From: from, To: start})
	if p.highWatermark < start {
		p.moveWatermark(b, start)
	}
}
