package broker

import (
	"cmp"
	"slices"
	"strconv"

	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
)

// A replica of a partition
//
// Theory of operation: the image says who leads and in which leader epoch. Each
// epoch has one leader, and only the leader appends; it tells by the epoch in
// each batch whose it is. A follower copies: it fetches from its log end
// offset, which says that it has all before. When the epochs of its log are not
// a beginning of the leader's, it was with another leader that this one knows
// nothing of: it cuts off what differs, first (replicate.go).
//
// The high watermark is the end of what all in-sync replicas have. It is what
// consumers may read and what acks=all waits for; whoever of them is elected
// next has everything below it. A leader that was just elected knows an old
// one, since followers learn it one Fetch later: it does not go back, it
// catches up when the followers have come to fetch.
//
//	idle --image: another leads--> following --image: self leads--> leading
//	following, leading --image: another epoch--> following or leading
//	any --image: no replica here--> dropped          idle --the log cannot be opened--> failed
type role uint8

const (
	idle role = iota // there is no leader
	following
	leading
	failed // there is no log: every request is answered KAFKA_STORAGE_ERROR
)

// partition is this broker's replica of a partition.
type partition struct {
	id    meta.PartitionID
	topic string
	dir   string
	log   *log.Log
	role  role

	leader         int32
	leaderEpoch    int32
	partitionEpoch int32
	replicas       []int32
	isr            []int32
	minInsync      int
	maxBatchBytes  int

	highWatermark int64
	internal      internalTopic

	// Of a leader.
	epochStart int64 // its log end offset when it took office
	followers  []followerState
	proposed   []int32 // in-sync set that the controller was asked for; nil: none
	askedAt    int32   // the partition epoch that it was asked in
	waits      []ackWait
	syncs      []ackWait // of acks=1 that wait for the disk, by offset
	fetches    []parked
	guards     map[int64]*guard // of producers whose transactions are being verified
	loaded     bool             // of internal topics: the coordinator knows what is in it
	lag        timers.Timer[alarm]

	fetch followed // of a follower

	durable timers.Timer[alarm] // with FlushEach: when more is synced
	dirty   bool                // among Broker.dirtyPartitions
	asking  bool                // among Broker.altering
}

func (b *Broker) newPartition(now int64, t *meta.Topic, number int32) *partition {
	p := &partition{
		id: meta.PartitionID{Topic: t.ID, Partition: number}, topic: t.Name, dir: dirOf(t.Name, number),
		leader: meta.NoLeader, leaderEpoch: -1, partitionEpoch: -1, internal: internalOf(t.Name),
	}
	p.lag.Of, p.durable.Of, p.fetch.timer.Of = lagging{p}, syncing{p}, resuming{p}
	p.fetch.partition = p
	b.partitions[p.id] = p
	i, _ := slices.BinarySearchFunc(b.sorted, p, comparePartitions)
	b.sorted = slices.Insert(b.sorted, i, p)
	b.openLog(now, p)
	return p
}

func comparePartitions(a, b *partition) int {
	return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.id.Partition, b.id.Partition))
}

func dirOf(topic string, number int32) string { return topic + "-" + strconv.Itoa(int(number)) }

// apply makes a replica what the image says.
func (p *partition) apply(b *Broker, now int64, state *meta.Partition) {
	p.replicas = state.Replicas
	if p.role == failed {
		p.leader, p.leaderEpoch = state.Leader, state.LeaderEpoch
		return
	}
	b.configurePartition(p)
	newEpoch := state.LeaderEpoch > p.leaderEpoch || state.Leader != p.leader
	if state.PartitionEpoch > p.partitionEpoch {
		changed := !slices.Equal(p.isr, state.ISR)
		p.isr, p.partitionEpoch, p.proposed = state.ISR, state.PartitionEpoch, nil
		if changed && p.role == leading && !newEpoch {
			p.insyncChanged(b)
		}
	}
	if !newEpoch {
		if p.role == leading {
			p.keepFollowers(b)
			b.touch(p)
		}
		return
	}
	if p.role == leading {
		p.stopLeading(b, now)
	}
	p.stopFollowing(b)
	p.leader, p.leaderEpoch = state.Leader, state.LeaderEpoch
	switch p.leader {
	case b.config.ID:
		p.lead(b, now)
	case meta.NoLeader:
		p.role = idle
		b.tell(Event{Kind: Follows, Topic: p.topic, Part: p.id.Partition, Node: -1, Epoch: p.leaderEpoch})
	default:
		p.follow(b, now)
	}
}

// lead takes office.
func (p *partition) lead(b *Broker, now int64) {
	p.role = leading
	p.epochStart = p.log.End()
	p.log.BeginEpoch(p.leaderEpoch)
	p.followers = p.followers[:0]
	p.keepFollowers(b)
	for i := range p.followers {
		p.followers[i].caughtUpAt = now // for once, it is believed: it has to come first
	}
	b.tell(Event{Kind: Leads, Topic: p.topic, Part: p.id.Partition, Node: b.config.ID, Epoch: p.leaderEpoch, From: p.epochStart, Replicas: p.isr})
	b.tell(Event{Kind: InSync, Topic: p.topic, Part: p.id.Partition, Epoch: p.partitionEpoch, Replicas: p.isr})
	if p.internal != 0 {
		b.announce(now, p)
	}
	p.watchLag(b)
	b.touch(p)
}

// stopLeading leaves office: who waits for an answer has to ask the next leader.
func (p *partition) stopLeading(b *Broker, now int64) {
	if p.role != leading {
		return
	}
	p.role = idle
	p.proposed = nil
	b.timers.Stop(&p.lag)
	b.settleWaits(now, p, len(p.waits), kerr.NotLeaderForPartition)
	for _, w := range p.syncs {
		b.acknowledge(now, p, w, kerr.NotLeaderForPartition)
	}
	p.syncs = p.syncs[:0]
	p.guards = nil
	for _, parked := range p.fetches {
		b.wake(parked.wait)
	}
	if p.internal != 0 {
		b.unload(now, p)
	}
}

// drop deletes a replica.
func (b *Broker) drop(now int64, p *partition) {
	p.stopLeading(b, now)
	p.stopFollowing(b)
	b.timers.Stop(&p.durable)
	p.role = failed // for who still holds it
	delete(b.partitions, p.id)
	if i, ok := slices.BinarySearchFunc(b.sorted, p, comparePartitions); ok {
		b.sorted = slices.Delete(b.sorted, i, i+1)
	}
	b.checkpointDue(now)
	b.deleteDir(now, p.dir)
	b.tell(Event{Kind: Dropped, Topic: p.topic, Part: p.id.Partition})
}

// fail tells of an error of the disk. Nothing was changed by what failed; the
// next try may succeed.
func (p *partition) fail(b *Broker, err error) {
	b.tell(Event{Kind: Failed, Topic: p.topic, Part: p.id.Partition, Err: err})
}

// touch remembers that a partition's log or in-sync set has changed.
func (b *Broker) touch(p *partition) {
	if !p.dirty {
		p.dirty = true
		b.dirtyPartitions = append(b.dirtyPartitions, p)
	}
}

// progress draws the consequences of what has changed: the high watermark may
// move, and who waited may get an answer.
func (p *partition) progress(b *Broker, now int64) {
	p.dirty = false
	if p.role == failed {
		return
	}
	durable := p.log.Durable(now)
	if durable < p.log.End() {
		b.timers.Set(&p.durable, max(p.log.Deadline(), now+1))
	} else {
		b.timers.Stop(&p.durable)
	}
	if p.role == following {
		if durable == p.log.End() {
			p.synced(b)
		}
		return
	}
	if p.role != leading {
		return
	}
	n := 0
	for ; n < len(p.syncs) && p.syncs[n].upTo <= durable; n++ {
		b.acknowledge(now, p, p.syncs[n], nil)
	}
	p.syncs = slices.Delete(p.syncs, 0, n)
	p.advance(b, now, durable)
	for _, parked := range p.fetches {
		if limit, _ := p.limit(parked.wait.replica, parked.wait.committed); limit > parked.from {
			b.wake(parked.wait)
		}
	}
}

// advance moves the high watermark to what all in-sync replicas have, those
// included that the controller was asked to add or to drop and may have, or
// have not, by now (KIP-497). It stays where it is while there are fewer of
// them than min.insync.replicas (KIP-966). Who waits for it is told so: what
// was appended is in the log, but nobody can say when it will be safe.
func (p *partition) advance(b *Broker, now, durable int64) {
	if len(p.isr) < p.minInsync {
		b.settleWaits(now, p, len(p.waits), kerr.NotEnoughReplicasAfterAppend)
	} else {
		p.moveOver(b, now, durable)
	}
	if p.internal != 0 && !p.loaded && p.highWatermark >= p.epochStart {
		b.load(now, p)
	}
}

// moveOver moves the high watermark over what all have.
func (p *partition) moveOver(b *Broker, now, to int64) {
	for i := range p.followers {
		if f := &p.followers[i]; p.counts(f.id) {
			to = min(to, f.end)
		}
	}
	if to > p.highWatermark {
		p.moveWatermark(b, to)
	}
	n := 0
	for n < len(p.waits) && p.waits[n].upTo <= p.highWatermark {
		n++
	}
	b.settleWaits(now, p, n, nil)
}

// counts reports whether the high watermark waits for a follower.
func (p *partition) counts(id int32) bool {
	return slices.Contains(p.isr, id) || slices.Contains(p.proposed, id)
}

func (p *partition) moveWatermark(b *Broker, to int64) {
	b.tell(Event{Kind: Watermark, Topic: p.topic, Part: p.id.Partition, Leading: p.role == leading, From: p.highWatermark, To: to, Epoch: p.leaderEpoch})
	p.highWatermark = to
	b.watermarksMoved = true
}

// limit is where a reader has to stop: a replica at the log's end, a consumer
// at the high watermark, or at the last stable offset.
func (p *partition) limit(replica, committed bool) (limit, lastStable int64) {
	if replica {
		return p.log.End(), -1
	}
	lastStable = p.log.LastStable(p.highWatermark)
	if committed {
		return lastStable, lastStable
	}
	return p.highWatermark, lastStable
}

// syncing is a partition whose disk has synced something.
type syncing struct{ *partition }

func (s syncing) ring(b *Broker, _ int64) { b.touch(s.partition) }
