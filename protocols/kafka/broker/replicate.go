package broker

import (
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Following
//
// Theory of operation: a broker has one fetcher for each broker that leads
// partitions it follows, and a fetcher has one Fetch under way, for all of
// those partitions. It waits at the leader until one of them has something
// new. What it says of a partition, "I have all before this offset", must stay
// true, so with FlushEach it is asked again only when what came is synced.
//
// A follower also says the epoch of its last batch (not one that it led without
// a batch: that is nobody's history). The leader knows where that
// epoch ended in its own log. If the follower's goes on beyond, or the leader
// never had the epoch, the answer has no records but the place where the two
// may still have agreed (KIP-595); the follower cuts off what is behind, and
// asks again, perhaps several times, from a lower epoch each. It never cuts at
// its own high watermark: that may be older than what others count on (KIP-101).
//
// Not done: fetch sessions (KIP-227), a throttle for reassignments.

const (
	replicaAnswerBytes = 10 << 20 // replica.fetch.response.max.bytes
	fetchPauseMicros   = 100_000  // after an error of a partition
)

// followed is what a follower needs to follow.
type followed struct {
	partition *partition
	fetcher   *fetcher // nil: it does not follow
	syncing   bool     // what came is not synced yet
	paused    bool
	timer     timers.Timer[alarm] // ends the pause
}

// fetcher copies from one broker.
type fetcher struct {
	node       int32
	partitions []*partition // by topic and number
	syncing    int          // of them
	first      int          // whose turn it is to be first
	busy       bool         // a Fetch is under way
	dirty      bool         // among Broker.dirtyFetchers
	request    kmsg.FetchRequest
	timer      timers.Timer[alarm] // ends a pause of all
}

func (f *fetcher) ring(b *Broker, _ int64) { b.dirtyFetcher(f) }

// resuming is a partition whose pause is over.
type resuming struct{ *partition }

func (r resuming) ring(b *Broker, _ int64) {
	r.fetch.paused = false
	if r.fetch.fetcher != nil {
		b.dirtyFetcher(r.fetch.fetcher)
	}
}

// follow begins to copy from the leader.
func (p *partition) follow(b *Broker, now int64) {
	p.role = following
	p.followers = p.followers[:0]
	f := b.fetchers[p.leader]
	if f == nil {
		f = &fetcher{node: p.leader}
		f.timer.Of = f
		b.fetchers[p.leader] = f
	}
	i, _ := slices.BinarySearchFunc(f.partitions, p, comparePartitions)
	f.partitions = slices.Insert(f.partitions, i, p)
	p.fetch.fetcher = f
	b.tell(Event{Kind: Follows, Topic: p.topic, Part: p.id.Partition, Node: p.leader, Epoch: p.leaderEpoch})
	p.awaitSync(b, now)
	b.dirtyFetcher(f)
}

// stopFollowing ends it. An answer that is under way will be passed over.
func (p *partition) stopFollowing(b *Broker) {
	f := p.fetch.fetcher
	if f == nil {
		return
	}
	if i, ok := slices.BinarySearchFunc(f.partitions, p, comparePartitions); ok {
		f.partitions = slices.Delete(f.partitions, i, i+1)
	}
	p.synced(b)
	b.timers.Stop(&p.fetch.timer)
	p.fetch.fetcher, p.fetch.paused = nil, false
	p.role = idle
}

// awaitSync keeps the partition from being fetched until all of it is synced.
func (p *partition) awaitSync(b *Broker, now int64) {
	if !p.fetch.syncing && p.log.Durable(now) < p.log.End() {
		p.fetch.syncing = true
		p.fetch.fetcher.syncing++
		b.touch(p)
	}
}

func (p *partition) synced(b *Broker) {
	if p.fetch.syncing {
		p.fetch.syncing = false
		p.fetch.fetcher.syncing--
		b.dirtyFetcher(p.fetch.fetcher)
	}
}

func (p *partition) pause(b *Broker, now int64) {
	p.fetch.paused = true
	b.timers.Set(&p.fetch.timer, now+fetchPauseMicros)
}

func (b *Broker) dirtyFetcher(f *fetcher) {
	if !f.dirty {
		f.dirty = true
		b.dirtyFetchers = append(b.dirtyFetchers, f)
	}
}

// send asks for what is new, unless that is under way. It waits for those that
// are syncing, which takes less time than the leader may take to answer.
func (f *fetcher) send(b *Broker, now int64) {
	f.dirty = false
	if f.busy || f.syncing > 0 || f.timer.IsSet() || len(f.partitions) == 0 {
		return
	}
	r := &f.request
	topics := r.Topics[:0]
	*r = kmsg.NewFetchRequest()
	r.ReplicaState.ID, r.ReplicaState.Epoch = b.config.ID, b.epoch
	r.MaxWaitMillis = int32(b.config.Settings.ReplicaFetchWaitMicros / 1000)
	r.MinBytes, r.MaxBytes = 1, replicaAnswerBytes
	n := len(f.partitions)
	f.first = (f.first + 1) % n
	for i := range n {
		p := f.partitions[(f.first+i)%n]
		if p.fetch.paused {
			continue
		}
		if k := len(topics); k == 0 || topics[k-1].TopicID != p.id.Topic {
			if k < cap(topics) {
				topics = topics[:k+1]
				topics[k] = kmsg.FetchRequestTopic{Topic: p.topic, TopicID: p.id.Topic, Partitions: topics[k].Partitions[:0]}
			} else {
				topics = append(topics, kmsg.FetchRequestTopic{Topic: p.topic, TopicID: p.id.Topic})
			}
		}
		t := &topics[len(topics)-1]
		a := kmsg.NewFetchRequestTopicPartition()
		a.Partition, a.CurrentLeaderEpoch = p.id.Partition, p.leaderEpoch
		a.FetchOffset, a.LastFetchedEpoch, a.LogStartOffset = p.log.End(), p.epochAt(p.log.End()-1), p.log.Start()
		a.PartitionMaxBytes = b.config.Settings.ReplicaFetchBytes
		t.Partitions = append(t.Partitions, a)
	}
	r.Topics = topics
	if len(topics) == 0 {
		return
	}
	f.busy = true
	b.ask(now, f.node, forReplicas, errand{what: errandFetch, fetcher: f}, r, b.config.Settings.ReplicaFetchWaitMicros+b.config.Settings.RequestMicros)
}

// received takes the answer, nil: there is none.
func (f *fetcher) received(b *Broker, now int64, request *kmsg.FetchRequest, response *kmsg.FetchResponse) {
	f.busy = false
	if response == nil || response.ErrorCode != 0 {
		b.timers.Set(&f.timer, now+fetchPauseMicros)
		return
	}
	b.dirtyFetcher(f)
	for i := range response.Topics {
		if i >= len(request.Topics) || request.Topics[i].TopicID != response.Topics[i].TopicID {
			return // answers of ours are in the request's order
		}
		asked, answers := request.Topics[i].Partitions, response.Topics[i].Partitions
		for j := range answers {
			if j >= len(asked) || asked[j].Partition != answers[j].Partition {
				return
			}
			p := f.find(request.Topics[i].Topic, asked[j].Partition)
			if p == nil || p.id.Topic != request.Topics[i].TopicID || p.leaderEpoch != asked[j].CurrentLeaderEpoch || p.log.End() != asked[j].FetchOffset {
				continue // it follows another by now
			}
			p.copied(b, now, &answers[j])
		}
	}
}

func (f *fetcher) find(topic string, number int32) *partition {
	key := partition{topic: topic}
	key.id.Partition = number
	if i, ok := slices.BinarySearchFunc(f.partitions, &key, comparePartitions); ok {
		return f.partitions[i]
	}
	return nil
}

// copied takes what the leader sent of a partition.
func (p *partition) copied(b *Broker, now int64, r *kmsg.FetchResponseTopicPartition) {
	var err error
	switch {
	case r.ErrorCode == kerr.OffsetOutOfRange.Code && r.LogStartOffset >= 0:
		// All of ours is of no use: before the leader's start, or of epochs
		// that it has never heard of.
		err = p.restart(b, now, r.LogStartOffset)
	case r.ErrorCode != 0:
		p.pause(b, now)
		return
	case r.DivergingEpoch.EndOffset >= 0 && r.DivergingEpoch.Epoch >= 0:
		err = p.converge(b, now, r.DivergingEpoch.Epoch, r.DivergingEpoch.EndOffset)
	default:
		err = p.extend(b, now, r)
	}
	if err != nil {
		p.fail(b, err)
		p.pause(b, now)
		return
	}
	p.awaitSync(b, now)
}

// extend appends what came.
func (p *partition) extend(b *Broker, now int64, r *kmsg.FetchResponseTopicPartition) error {
	if len(r.RecordBatches) > 0 {
		from := p.log.End()
		if err := p.log.Replicate(now, r.RecordBatches); err != nil {
			return err
		}
		count := countRecords(r.RecordBatches)
		b.stats.RecordsCopied += int64(count)
		b.tell(Event{Kind: Appended, Topic: p.topic, Part: p.id.Partition, From: from, To: p.log.End() - 1, Count: count, Epoch: p.leaderEpoch})
	}
	if to := min(r.HighWatermark, p.log.End()); to > p.highWatermark {
		p.moveWatermark(b, to)
	}
	if to := min(r.LogStartOffset, p.log.End()); to > p.log.Start() {
		return p.deleteBefore(b, now, to)
	}
	return nil
}

// converge cuts off what cannot be the leader's: its log has this epoch, or the
// latest before the one that we asked about, up to end.
func (p *partition) converge(b *Broker, now int64, epoch int32, end int64) error {
	ours, oursEnd := p.log.EndOffsetFor(epoch)
	if ours < 0 || oursEnd < 0 {
		// Nothing of that epoch or before is here, so all of ours is later.
		oursEnd = p.log.Start()
	}
	if ours == epoch {
		oursEnd = min(oursEnd, end)
	}
	return p.truncate(b, now, min(oursEnd, p.log.End()))
}

func (p *partition) truncate(b *Broker, now, to int64) error {
	from := p.log.End()
	end, err := p.log.TruncateTo(now, max(to, p.log.Start()))
	if err != nil {
		return err
	}
	p.cut(b, end, from)
	return nil
}

// restart begins anew at the leader's start.
func (p *partition) restart(b *Broker, now, start int64) error {
	from := p.log.End()
	if err := p.log.ResetTo(now, start); err != nil {
		return err
	}
	p.cut(b, start, from)
	return nil
}

// cut tells that offsets from end up to, not including, formerly are gone.
func (p *partition) cut(b *Broker, end, formerly int64) {
	if end < formerly {
		b.tell(Event{Kind: Truncated, Topic: p.topic, Part: p.id.Partition, From: end, To: formerly, Epoch: p.leaderEpoch})
	}
	if p.highWatermark > end {
		p.highWatermark = end
		b.watermarksMoved = true
	}
}

// countRecords counts the records of whole batches.
func countRecords(batches []byte) int32 {
	count := int32(0)
	for len(batches) > 0 {
		h, size, err := batch.Peek(batches)
		if err != nil || size > len(batches) {
			break
		}
		count += h.Records
		batches = batches[size:]
	}
	return count
}
