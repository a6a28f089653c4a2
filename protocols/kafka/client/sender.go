package client

import (
	"cmp"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
)

// sink is a broker that batches go to.
type sink struct {
	node     int32
	inFlight int
	ready    queue[*target]
}

func (p *Producer) sink(node int32) *sink {
	at, ok := slices.BinarySearchFunc(p.sinks, node, func(s *sink, id int32) int { return cmp.Compare(s.node, id) })
	if !ok {
		p.sinks = slices.Insert(p.sinks, at, &sink{node: node})
	}
	return p.sinks[at]
}

// ready lists a target with its leader if its first batch may be sent.
func (p *Producer) ready(g *target) {
	if g.listed || p.next(g) == nil {
		return
	}
	g.listed = true
	leader := p.client.leader(g.topic.meta, g.partition)
	if leader == nil {
		p.orphans = append(p.orphans, g)
		p.client.stale()
		return
	}
	p.sink(leader.id).ready.push(g)
	p.dirty = true
}

// next returns the batch that a target would send now; nil: none.
func (p *Producer) next(g *target) *outgoing {
	if g.paused || len(g.queue) == 0 || p.config.MaxInFlight == 1 && len(g.flying) > 0 {
		return nil
	}
	b := g.queue[0]
	if !b.sealed && !b.ripe && b.number >= p.flushed {
		return nil
	}
	if p.config.Idempotent && !p.inOrder(b) {
		return nil
	}
	if !p.txn.maySendTo(g) {
		return nil
	}
	return b
}

// flush makes requests of what is ready.
func (p *Producer) flush() {
	if !p.dirty {
		return
	}
	p.dirty = false
	for _, s := range p.sinks {
		for s.inFlight < p.config.MaxInFlight && p.produce(s) {
		}
	}
}

// produce sends one request with a batch of each target that is ready, as many
// as it may hold; false: there was none.
func (p *Producer) produce(s *sink) bool {
	var batches []*outgoing
	size := 0
	for range s.ready.len() {
		g := *s.ready.first()
		b := p.next(g)
		if b != nil && len(batches) > 0 && size+p.bytesOf(b) > p.config.MaxRequestBytes {
			break // it comes first next time
		}
		s.ready.pop()
		g.listed = false
		leader := p.client.leader(g.topic.meta, g.partition)
		if b == nil || leader == nil || leader.id != s.node {
			p.ready(g)
			continue
		}
		p.takeOff(g, b)
		size += len(b.bytes)
		batches = append(batches, b)
	}
	if len(batches) == 0 {
		return false
	}
	p.transmit(s, batches)
	for _, b := range batches {
		p.ready(b.target)
	}
	return true
}

// bytesOf is at most how large a batch will be on the wire; compression makes it
// smaller, nearly always.
func (p *Producer) bytesOf(b *outgoing) int {
	if len(b.bytes) > 0 {
		return len(b.bytes)
	}
	return b.builder.Bytes()
}

// takeOff takes a target's first batch to be sent.
func (p *Producer) takeOff(g *target, b *outgoing) {
	if p.config.Idempotent && b.sequence < 0 {
		p.number(b)
	}
	g.queue = slices.Delete(g.queue, 0, 1)
	b.seal(p)
	b.onWire = true
	b.attempts++
	g.flying = append(g.flying, b)
}

// seal ends the filling of a batch.
func (b *outgoing) seal(p *Producer) {
	p.timers.Stop(&b.linger)
	b.sealed = true
	if len(b.bytes) > 0 {
		return
	}
	o := batch.NoProducer
	o.Codec, o.Packer = p.config.Codec, &p.packer
	if p.config.Idempotent {
		o.ProducerID, o.ProducerEpoch, o.BaseSequence = b.target.series.id, b.target.series.epoch, b.sequence
		o.Transactional = p.config.TransactionalID != ""
	}
	b.bytes = b.builder.Append(b.bytes, o)
}

// transmit sends batches to their leader.
func (p *Producer) transmit(s *sink, batches []*outgoing) {
	slices.SortStableFunc(batches, func(a, b *outgoing) int {
		return cmp.Compare(a.target.topic.meta.name, b.target.topic.meta.name)
	})
	req := kmsg.NewPtrProduceRequest()
	if p.config.TransactionalID != "" {
		req.TransactionID = &p.config.TransactionalID
	}
	req.Acks = int16(p.config.Acks)
	req.TimeoutMillis = int32(p.client.config.RequestTimeoutMicros / 1000)
	for _, b := range batches {
		name := b.target.topic.meta.name
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != name {
			req.Topics = append(req.Topics, kmsg.ProduceRequestTopic{Topic: name})
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, kmsg.ProduceRequestTopicPartition{Partition: b.target.partition, Records: b.bytes})
	}
	s.inFlight++
	c := p.client
	k := &call{body: req, by: c.now + c.config.RequestTimeoutMicros, noReply: p.config.Acks == AcksNone}
	k.done = func(r kmsg.Response, err error) {
		s.inFlight--
		p.dirty = true
		resp, _ := r.(*kmsg.ProduceResponse)
		p.answered(batches, resp, err)
	}
	c.link(c.broker(s.node), p.user, produceLane).enqueue(k)
}

// answered takes the answer to a request, or why there is none; neither with
// AcksNone, when the request has gone out.
func (p *Producer) answered(batches []*outgoing, resp *kmsg.ProduceResponse, err error) {
	for _, b := range batches {
		b.onWire = false
		g := b.target
		g.flying = slices.DeleteFunc(g.flying, func(f *outgoing) bool { return f == b })
	}
	if p.closed {
		return
	}
	if resp == nil {
		for _, b := range batches {
			p.judge(b, err, -1)
		}
	} else {
		for _, r := range resp.Brokers {
			p.client.knowBroker(r.NodeID, r.Host, r.Port)
		}
		for i, b := range batches {
			answer := find(resp, b.target, i)
			if answer == nil {
				p.judge(b, kerr.UnknownServerError, -1)
				continue
			}
			p.client.heard(b.target.topic.meta, b.target.partition, answer.CurrentLeader.LeaderID, answer.CurrentLeader.LeaderEpoch)
			p.judge(b, errorOf(answer.ErrorCode), answer.BaseOffset)
		}
	}
	for _, b := range batches {
		p.heal(b.target)
		p.ready(b.target)
	}
	p.txn.proceed()
}

// find returns a partition's part of an answer, which most probably is in the
// place of the request's; nil: there is none.
func find(resp *kmsg.ProduceResponse, g *target, guess int) *kmsg.ProduceResponseTopicPartition {
	for i := range resp.Topics {
		t := &resp.Topics[i]
		if t.Topic != g.topic.meta.name {
			guess -= len(t.Partitions)
			continue
		}
		if guess >= 0 && guess < len(t.Partitions) && t.Partitions[guess].Partition == g.partition {
			return &t.Partitions[guess]
		}
		for j := range t.Partitions {
			if t.Partitions[j].Partition == g.partition {
				return &t.Partitions[j]
			}
		}
	}
	return nil
}

// tick does what is due.
func (p *Producer) tick() {
	for alarm, ok := p.timers.Due(p.client.now); ok; alarm, ok = p.timers.Due(p.client.now) {
		switch of := alarm.Of; {
		case of.linger != nil:
			of.linger.ripe = true
			p.ready(of.linger.target)
		case of.expiry != nil:
			p.expire(of.expiry)
		case of.pause != nil:
			of.pause.paused = false
			p.ready(of.pause)
		case of.topic != nil:
			p.placeWaiting()
		case of.identity != nil:
			p.identify()
		case of.txn != nil:
			p.txn.paused = false
			p.txn.proceed()
		}
	}
}
