package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"

	"grapevine/protocols/kafka/batch"
)

// judge decides what becomes of a batch that was sent.
func (p *Producer) judge(b *outgoing, err error, base int64) {
	if b.over { // given up while it was on the wire
		p.drop(b)
		return
	}
	if err == kerr.DuplicateSequenceNumber { // written before, nobody remembers where
		err, base = nil, -1
	}
	switch {
	case err == nil:
		p.acked(b, base)
	case p.txn.breaks(b, err):
		p.giveUp(b, err)
	case p.config.Idempotent && sequenceLost(err):
		b.target.series.broken = b.target.series.broken || b.target.series.outstanding[0] == b
		p.again(b)
	case err == kerr.MessageTooLarge && len(b.ids) > 1 && !p.config.NoRetries:
		p.split(b)
	case mayPass(err) && !p.config.NoRetries:
		if p.client.leaderErred(err) {
			p.client.stale()
		}
		p.again(b)
	default:
		p.giveUp(b, err)
	}
}

// leaderErred says whether an error means that the leader may be another now.
func (c *Client) leaderErred(err error) bool {
	switch err {
	case kerr.NotLeaderForPartition, kerr.UnknownTopicOrPartition, kerr.LeaderNotAvailable, kerr.ReplicaNotAvailable,
		kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch, kerr.KafkaStorageError, kerr.UnknownTopicID, kerr.InconsistentTopicID, kerr.OffsetNotAvailable:
		return true
	}
	_, theirs := err.(*kerr.Error)
	return !theirs
}

// again puts a batch back to be sent once more, in its old place: with more
// than one request in flight and no sequence numbers, later ones may have
// overtaken it.
func (p *Producer) again(b *outgoing) {
	g := b.target
	at := 0
	for at < len(g.queue) && g.queue[at].number < b.number { // of two halves, the second comes first
		at++
	}
	g.queue = slices.Insert(g.queue, at, b)
	if g.paused {
		return
	}
	g.paused = true
	p.timers.Set(&g.alarm, p.client.now+p.client.retryPause(b.attempts-1))
}

func (p *Producer) acked(b *outgoing, base int64) {
	for i, id := range b.ids {
		e := ProducerEvent{Kind: Acked, ID: id, Topic: b.target.topic.meta.name, Partition: b.target.partition, Offset: -1, Attempts: b.attempts}
		if base >= 0 {
			e.Offset = base + int64(i)
		}
		p.emit(e)
	}
	b.target.series.known = true
	p.settle(b)
	p.drop(b)
}

// giveUp fails a batch's records. The batch is not in its target's queue; if it
// is on the wire, its answer is still to come.
func (p *Producer) giveUp(b *outgoing, err error) {
	for _, id := range b.ids {
		p.emit(ProducerEvent{Kind: Failed, ID: id, Topic: b.target.topic.meta.name, Partition: b.target.partition, Offset: -1, Attempts: b.attempts, Err: err})
	}
	p.settle(b)
	if b.sequence >= 0 { // it may have been written or not: what would the next one's number be?
		b.target.series.broken = true
		p.txn.bump = true
	}
	if !b.onWire {
		p.drop(b)
	}
}

// settle ends the books on a batch's records.
func (p *Producer) settle(b *outgoing) {
	b.over = true
	p.timers.Stop(&b.linger)
	p.timers.Stop(&b.expiry)
	p.pending -= len(b.ids)
	p.bytes -= b.size
}

// giveUpQueued fails all that is not on the wire.
func (p *Producer) giveUpQueued(err error) {
	for _, name := range p.names() {
		t := p.topics[name]
		for w, ok := t.waiting.pop(); ok; w, ok = t.waiting.pop() {
			p.failed(t, &w, err)
		}
		p.timers.Stop(&t.alarm)
		for _, g := range t.targets {
			for g != nil && len(g.queue) > 0 {
				b := g.queue[0]
				g.queue = slices.Delete(g.queue, 0, 1)
				p.giveUp(b, err)
			}
		}
	}
	p.waiting = nil
}

// giveUpAll fails what is on the wire, too.
func (p *Producer) giveUpAll(err error) {
	p.giveUpQueued(err)
	for _, name := range p.names() {
		for _, g := range p.topics[name].targets {
			if g != nil {
				for _, b := range slices.Clone(g.flying) {
					if !b.over {
						p.giveUp(b, err)
					}
				}
			}
		}
	}
}

// expire gives up a batch that took too long.
func (p *Producer) expire(b *outgoing) {
	g := b.target
	if !b.onWire {
		g.queue = slices.DeleteFunc(g.queue, func(q *outgoing) bool { return q == b })
	}
	p.giveUp(b, ErrDeliveryTimeout)
	p.txn.broke(ErrDeliveryTimeout)
	p.heal(g)
	p.ready(g)
}

// split makes two batches of one that is too large for the broker, in its
// place. Their numbers are those that the records had.
func (p *Producer) split(b *outgoing) {
	g := b.target
	records, err := batch.Records(nil, b.bytes, batch.DefaultLimits)
	h, _, headerErr := batch.Peek(b.bytes)
	if err != nil || headerErr != nil || len(records) != len(b.ids) {
		p.giveUp(b, kerr.MessageTooLarge)
		return
	}
	half := len(records) / 2
	second := &outgoing{target: g, number: b.number, sequence: b.sequence, sealed: true, attempts: b.attempts}
	second.linger.Of.linger, second.expiry.Of.expiry = second, second
	p.timers.Set(&second.expiry, b.expiry.At())
	second.ids = slices.Clone(b.ids[half:])
	b.ids = b.ids[:half]
	second.size = b.size / 2
	b.size -= second.size
	for i, r := range records {
		to := b
		if i >= half {
			to = second
		}
		to.builder.Add(h.FirstTimestamp+r.TimestampDelta, r.Key, r.Value, r.Headers)
	}
	b.bytes = nil // the records still lie in it
	if b.sequence >= 0 {
		second.sequence = batch.AddSequence(b.sequence, int32(half))
		at := slices.Index(g.series.outstanding, b)
		g.series.outstanding = slices.Insert(g.series.outstanding, at+1, second)
	}
	p.again(second)
	p.again(b)
}
