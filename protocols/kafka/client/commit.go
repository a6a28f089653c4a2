package client

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commits are a consumer's: one is under way at a time, so that they arrive in
// order. While the group is between two generations they wait: the old one's
// would be refused, and a member of a cooperative group goes on working on what
// it keeps.
type commits struct {
	k       *Consumer
	queue   queue[[]Offset]
	asking  bool
	retryAt int64
	tries   int
	auto    int64 // when to commit by ourselves
}

func (c *commits) init(k *Consumer) {
	c.k, c.retryAt, c.auto = k, math.MaxInt64, math.MaxInt64
	if k.config.AutoCommitMicros > 0 {
		c.auto = k.client.now + k.config.AutoCommitMicros
	}
}

// Commit commits offsets, or, if there are none, the positions of all that was
// taken. Committed or CommitFailed comes. Between two generations of the group
// only what is ours can be committed, once the next one has begun: what was
// given back may be another's, and gets REBALANCE_IN_PROGRESS at once.
func (k *Consumer) Commit(now int64, offsets []Offset) error {
	k.client.enter(now)
	switch {
	case k.closed:
		return ErrClosed
	case k.fatal != nil:
		return k.fatal
	case k.config.Group == "":
		return &Misuse{"offsets are committed for a Group: give it a name"}
	}
	if offsets = slices.Clone(offsets); len(offsets) == 0 {
		for _, s := range k.sources {
			if s.next >= 0 {
				offsets = append(offsets, Offset{Topic: s.topic.name, Partition: s.partition, Offset: s.next, LeaderEpoch: s.epoch})
			}
		}
	}
	if k.member.between() && slices.ContainsFunc(offsets, func(o Offset) bool { return k.source(o.Topic, o.Partition) == nil }) {
		return kerr.RebalanceInProgress
	}
	if len(offsets) > 0 {
		k.commits.queue.push(offsets)
		k.commits.send()
	}
	return nil
}

// commitDone commits what has been worked on, as far as that is news.
func (k *Consumer) commitDone() {
	var offsets []Offset
	for _, s := range k.sources {
		if s.done >= 0 && s.done != s.sent {
			offsets = append(offsets, Offset{Topic: s.topic.name, Partition: s.partition, Offset: s.done, LeaderEpoch: s.doneEpoch})
			s.sent = s.done
		}
	}
	if len(offsets) > 0 {
		k.commits.queue.push(offsets)
		k.commits.send()
	}
}

// idle says whether nothing is being committed.
func (c *commits) idle() bool { return !c.asking && c.queue.empty() }

func (c *commits) deadline() int64 { return min(c.retryAt, c.auto) }

func (c *commits) tick() {
	now := c.k.client.now
	if c.retryAt <= now {
		c.retryAt = math.MaxInt64
		c.send()
	}
	if c.auto <= now {
		c.auto = now + c.k.config.AutoCommitMicros
		if c.idle() {
			c.k.commitDone()
		}
	}
}

// send sends the oldest commit.
func (c *commits) send() {
	if c.asking || c.queue.empty() || c.retryAt != math.MaxInt64 || c.k.member.between() {
		return
	}
	k := c.k
	offsets := *c.queue.first()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation, req.MemberID = k.config.Group, k.member.generation, k.member.id
	if k.config.InstanceID != "" {
		req.InstanceID = &k.config.InstanceID
	}
	for i := range offsets {
		o := &offsets[i]
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != o.Topic {
			req.Topics = append(req.Topics, kmsg.OffsetCommitRequestTopic{Topic: o.Topic})
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, kmsg.OffsetCommitRequestTopicPartition{
			Partition: o.Partition, Offset: o.Offset, LeaderEpoch: o.LeaderEpoch, Metadata: &o.Metadata,
		})
	}
	c.asking = true
	k.coordinate(mainLane, req, k.client.config.RequestTimeoutMicros, func(r kmsg.Response, err error) {
		c.asking = false
		if resp, ok := r.(*kmsg.OffsetCommitResponse); ok && err == nil {
			err = commitError(resp)
			k.notice(err)
		}
		c.answered(err)
	})
}

func commitError(resp *kmsg.OffsetCommitResponse) error {
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			if err := errorOf(p.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}

// answered ends a commit, or has it made again.
func (c *commits) answered(err error) {
	k := c.k
	if k.closed || c.queue.empty() {
		return
	}
	if mayPass(err) && c.tries < maxCommitTries {
		c.retryAt = k.client.now + k.client.retryPause(c.tries)
		c.tries++
		return
	}
	c.tries = 0
	offsets, _ := c.queue.pop()
	for _, o := range offsets {
		s := k.source(o.Topic, o.Partition)
		switch {
		case s == nil:
		case err == nil:
			s.committed = o.Offset
		case s.sent == o.Offset:
			s.sent = -1
		}
	}
	if err == nil {
		k.emit(ConsumerEvent{Kind: Committed, Offsets: offsets})
	} else {
		k.emit(ConsumerEvent{Kind: CommitFailed, Offsets: offsets, Err: err})
	}
	if err == kerr.IllegalGeneration || err == kerr.UnknownMemberID || err == kerr.FencedInstanceID {
		c.giveUp(err)
	}
	c.send()
	k.member.committed()
}

// giveUp ends all commits that are not under way: their generation is over.
func (c *commits) giveUp(err error) {
	var underWay []Offset
	if c.asking {
		underWay, _ = c.queue.pop()
	}
	for offsets, ok := c.queue.pop(); ok; offsets, ok = c.queue.pop() {
		c.k.emit(ConsumerEvent{Kind: CommitFailed, Offsets: offsets, Err: err})
	}
	if c.asking {
		c.queue.push(underWay)
	}
	c.retryAt, c.tries = math.MaxInt64, 0
}

// maxCommitTries is how often a commit is made again. Later ones cover it.
const maxCommitTries = 20
