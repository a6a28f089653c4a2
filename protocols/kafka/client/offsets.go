package client

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The timestamps that ListOffsets takes for the ends of a partition.
const (
	atEnd   int64 = -1
	atStart int64 = -2
)

// pauseSource has a question about a source asked again later.
func (k *Consumer) pauseSource(s *source) {
	s.asking = false
	s.pausedUntil = k.client.now + k.client.retryPause(min(k.tries, 4))
	k.retryAt = min(k.retryAt, s.pausedUntil)
}

// resume begins to take the answers to questions that were asked together;
// false: there are none, and they will be asked again.
func (k *Consumer) resume(questions []question, err error) bool {
	if k.closed {
		return false
	}
	k.dirty = true
	for _, q := range questions {
		if !q.holds() {
			continue
		}
		q.source.asking = false
		if err != nil {
			k.pauseSource(q.source)
		}
	}
	if err != nil {
		k.tries++
		k.client.stale()
		return false
	}
	return true
}

// answerTo returns the source that an answer is about, and the leader's epoch
// that was asked; nil: it was not asked about, or it has moved since.
func answerTo(questions []question, topic string, partition int32) (*source, int32) {
	for i := range questions {
		if q := &questions[i]; q.source.partition == partition && q.source.topic.name == topic && q.holds() {
			q.asked = -1
			return q.source, q.epoch
		}
	}
	return nil, -1
}

// unanswered pauses the sources that an answer left out.
func (k *Consumer) unanswered(questions []question) {
	for _, q := range questions {
		if q.holds() {
			k.pauseSource(q.source)
		}
	}
}

// lookUp asks the coordinator what the group committed.
func (k *Consumer) lookUp() {
	if k.asking || k.coordinator == nil {
		return
	}
	var questions []question
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = k.config.Group
	req.RequireStable = k.config.ReadCommitted
	group := kmsg.NewOffsetFetchRequestGroup()
	group.Group = k.config.Group
	for _, s := range k.sources {
		if s.state != lookingUp || k.waits(s.pausedUntil) {
			continue
		}
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != s.topic.name {
			req.Topics = append(req.Topics, kmsg.OffsetFetchRequestTopic{Topic: s.topic.name})
			group.Topics = append(group.Topics, kmsg.OffsetFetchRequestGroupTopic{Topic: s.topic.name})
		}
		old, now := &req.Topics[len(req.Topics)-1], &group.Topics[len(group.Topics)-1]
		old.Partitions, now.Partitions = append(old.Partitions, s.partition), append(now.Partitions, s.partition)
		questions = append(questions, question{source: s, asked: s.asked})
	}
	if len(questions) == 0 {
		return
	}
	req.Groups = append(req.Groups, group)
	k.asking = true
	k.coordinate(mainLane, req, k.client.config.RequestTimeoutMicros, func(r kmsg.Response, err error) {
		k.asking = false
		resp, _ := r.(*kmsg.OffsetFetchResponse)
		if err == nil {
			err = offsetFetchError(resp)
			k.notice(err)
		}
		if !k.resume(questions, err) {
			return
		}
		if resp.Version < 8 {
			for _, t := range resp.Topics {
				for _, p := range t.Partitions {
					s, _ := answerTo(questions, t.Topic, p.Partition)
					k.lookedUp(s, p.Offset, p.LeaderEpoch, errorOf(p.ErrorCode))
				}
			}
		} else if len(resp.Groups) > 0 {
			for _, t := range resp.Groups[0].Topics {
				for _, p := range t.Partitions {
					s, _ := answerTo(questions, t.Topic, p.Partition)
					k.lookedUp(s, p.Offset, p.LeaderEpoch, errorOf(p.ErrorCode))
				}
			}
		}
		k.unanswered(questions)
	})
}

func offsetFetchError(resp *kmsg.OffsetFetchResponse) error {
	if resp.Version >= 8 {
		if len(resp.Groups) == 0 {
			return kerr.UnknownServerError
		}
		return errorOf(resp.Groups[0].ErrorCode)
	}
	return errorOf(resp.ErrorCode)
}

// lookedUp takes what is committed for a source.
func (k *Consumer) lookedUp(s *source, offset int64, epoch int32, err error) {
	switch {
	case s == nil:
	case err != nil: // a transaction has yet to say whether it commits an offset (KIP-447), or so
		k.pauseSource(s)
	case offset >= 0:
		s.committed, s.sent = offset, offset
		s.goTo(offset, epoch)
	default:
		k.astray(s)
	}
}

// reset asks leaders where their partitions begin, or end.
func (k *Consumer) reset() {
	k.each(resetting, func(n *node, sources []*source) {
		req := kmsg.NewPtrListOffsetsRequest()
		req.ReplicaID = -1
		if k.config.ReadCommitted {
			req.IsolationLevel = 1
		}
		var questions []question
		for _, s := range sources {
			if m := len(req.Topics); m == 0 || req.Topics[m-1].Topic != s.topic.name {
				t := kmsg.NewListOffsetsRequestTopic()
				t.Topic = s.topic.name
				req.Topics = append(req.Topics, t)
			}
			p := kmsg.NewListOffsetsRequestTopicPartition()
			p.Partition, p.CurrentLeaderEpoch, p.Timestamp = s.partition, s.topic.leads(s.partition).epoch, atEnd
			if k.config.Reset == ResetEarliest {
				p.Timestamp = atStart
			}
			t := &req.Topics[len(req.Topics)-1]
			t.Partitions = append(t.Partitions, p)
			s.asking = true
			questions = append(questions, question{s, s.asked, p.CurrentLeaderEpoch})
		}
		k.client.call(n, k.user, mainLane, req, k.client.config.RequestTimeoutMicros, func(r kmsg.Response, err error) {
			if !k.resume(questions, err) {
				return
			}
			for _, t := range r.(*kmsg.ListOffsetsResponse).Topics {
				for _, p := range t.Partitions {
					s, _ := answerTo(questions, t.Topic, p.Partition)
					switch err := errorOf(p.ErrorCode); {
					case s == nil:
					case err != nil || p.Offset < 0:
						k.mislead(s, err)
					default:
						s.goTo(p.Offset, -1)
						k.tries = 0
					}
				}
			}
			k.unanswered(questions)
		})
	})
}

// mislead takes an error of whom we thought the leader.
func (k *Consumer) mislead(s *source, err error) {
	if k.client.leaderErred(err) {
		k.client.stale()
	}
	k.pauseSource(s)
}

// validate asks new leaders where the epoch of the last record that was read
// ends in their logs: before that record, if it was lost with the old leader.
func (k *Consumer) validate() {
	k.each(validating, func(n *node, sources []*source) {
		req := kmsg.NewPtrOffsetForLeaderEpochRequest()
		req.ReplicaID = -1
		var questions []question
		for _, s := range sources {
			epoch := s.topic.leads(s.partition).epoch
			if epoch < 0 { // the broker is too old to know
				s.become(reading)
				continue
			}
			if m := len(req.Topics); m == 0 || req.Topics[m-1].Topic != s.topic.name {
				req.Topics = append(req.Topics, kmsg.OffsetForLeaderEpochRequestTopic{Topic: s.topic.name})
			}
			p := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
			p.Partition, p.CurrentLeaderEpoch, p.LeaderEpoch = s.partition, epoch, s.fetchEpoch
			t := &req.Topics[len(req.Topics)-1]
			t.Partitions = append(t.Partitions, p)
			s.asking = true
			questions = append(questions, question{s, s.asked, epoch})
		}
		if len(questions) == 0 {
			return
		}
		k.client.call(n, k.user, mainLane, req, k.client.config.RequestTimeoutMicros, func(r kmsg.Response, err error) {
			if err == kerr.UnsupportedVersion {
				for _, q := range questions {
					if q.holds() {
						q.source.become(reading)
					}
				}
				k.dirty = true
				return
			}
			if !k.resume(questions, err) {
				return
			}
			for _, t := range r.(*kmsg.OffsetForLeaderEpochResponse).Topics {
				for _, p := range t.Partitions {
					s, asked := answerTo(questions, t.Topic, p.Partition)
					switch err := errorOf(p.ErrorCode); {
					case s == nil:
					case err != nil:
						k.mislead(s, err)
					default:
						k.validated(s, p.LeaderEpoch, p.EndOffset, asked)
					}
				}
			}
			k.unanswered(questions)
		})
	})
}

// validated takes where an epoch ends in the leader's log.
func (k *Consumer) validated(s *source, epoch int32, end int64, leaderEpoch int32) {
	k.tries = 0
	s.leaderEpoch = max(s.leaderEpoch, leaderEpoch)
	switch {
	case end < 0 || epoch < 0: // it knows nothing of that epoch
		k.truncated(s, s.next)
		k.astray(s)
	case end < s.fetchAt:
		was := s.next
		s.goTo(min(s.next, end), -1)
		if was > end {
			s.done, s.doneEpoch = min(s.done, end), -1
			k.truncated(s, was)
		}
	default:
		s.become(reading)
	}
}

// truncated says that records which were read are gone.
func (k *Consumer) truncated(s *source, was int64) {
	k.emit(ConsumerEvent{Kind: Truncated, Partitions: []TopicPartition{{s.topic.name, s.partition}}, Offset: s.next, Was: was})
}
