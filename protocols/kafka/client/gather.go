package client

import (
	"bytes"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/timers"
)

// outTopic is a topic that a producer sends to.
type outTopic struct {
	meta    *topic
	targets []*target
	waiting queue[waiting] // for the metadata
	turn    int32          // for round robin
	sticky  int32          // the partition of records without a key; -1: none yet
	alarm   timers.Timer[alarm]
}

// waiting is a message whose partition cannot be chosen yet.
type waiting struct {
	message Message
	size    int
	until   int64
}

// target is a partition that a producer sends to: its batches on their way
// from being filled to being acknowledged.
type target struct {
	topic     *outTopic
	partition int32
	queue     []*outgoing // to be sent, in order; only the last may still be filling
	flying    []*outgoing // sent and not answered
	listed    bool        // in the ready list of a sink, or an orphan
	paused    bool        // until alarm, after a failure
	alarm     timers.Timer[alarm]

	series series // its sequence numbers; idempotence.go
	inTxn  bool   // the coordinator knows that the transaction has it
}

// outgoing is a batch.
type outgoing struct {
	target   *target
	number   int64 // as it was begun
	builder  batch.Builder
	bytes    []byte // once it is no longer filling
	ids      []uint64
	size     int // of its records as BufferBytes counts them
	sealed   bool
	ripe     bool // it need not linger any more
	onWire   bool
	over     bool // its records are Acked or Failed
	attempts int
	sequence int32 // of its first record; -1: none yet
	linger   timers.Timer[alarm]
	expiry   timers.Timer[alarm]
}

// alarm is what a timer of a producer is for: one of its fields.
type alarm struct {
	linger, expiry *outgoing
	pause          *target
	topic          *outTopic
	txn            *txn
	identity       *identity
}

// topic returns a topic, known from now on.
func (p *Producer) topic(name string) *outTopic {
	t := p.topics[name]
	if t == nil {
		t = &outTopic{meta: p.client.topic(name), sticky: -1}
		t.alarm.Of.topic = t
		p.topics[name] = t
	}
	return t
}

// target returns a partition of a topic that has it.
func (p *Producer) target(t *outTopic, partition int32) *target {
	for int(partition) >= len(t.targets) {
		t.targets = append(t.targets, nil)
	}
	if t.targets[partition] == nil {
		g := &target{topic: t, partition: partition, series: series{id: -1, epoch: -1}}
		g.alarm.Of.pause = g
		t.targets[partition] = g
	}
	return t.targets[partition]
}

// place puts a message into its partition's batch; false: the partition is not
// known.
func (p *Producer) place(t *outTopic, m *Message, size int) bool {
	partition, ok := p.choose(t, m, size)
	if !ok {
		return false
	}
	g := p.target(t, partition)
	b := g.filling(p, size)
	if b == nil {
		b = p.begin(g)
	}
	p.txn.needs(g)
	b.builder.Add(m.Timestamp, m.Key, m.Value, m.Headers)
	b.ids = append(b.ids, m.ID)
	b.size += size
	if b.builder.Bytes() >= p.config.BatchBytes {
		b.sealed = true
	}
	if b.sealed || b.ripe {
		p.ready(g)
	}
	return true
}

// filling returns the batch that has room for a record; nil: none.
func (g *target) filling(p *Producer, size int) *outgoing {
	if len(g.queue) == 0 {
		return nil
	}
	b := g.queue[len(g.queue)-1]
	if b.sealed {
		return nil
	}
	if b.builder.Bytes()+size > p.config.BatchBytes {
		b.sealed = true
		p.ready(g)
		return nil
	}
	return b
}

// begin adds an empty batch.
func (p *Producer) begin(g *target) *outgoing {
	var b *outgoing
	if n := len(p.free); n > 0 {
		b, p.free = p.free[n-1], p.free[:n-1]
	} else {
		b = &outgoing{}
		b.linger.Of.linger, b.expiry.Of.expiry = b, b
	}
	b.target, b.number, b.sequence = g, p.batches, -1
	b.sealed, b.onWire, b.over, b.attempts, b.size = false, false, false, 0, 0
	b.ids, b.bytes = b.ids[:0], b.bytes[:0]
	b.builder.Reset()
	p.batches++
	b.ripe = p.config.LingerMicros == 0
	if !b.ripe {
		p.timers.Set(&b.linger, p.client.now+p.config.LingerMicros)
	}
	p.timers.Set(&b.expiry, p.client.now+p.config.DeliveryTimeoutMicros)
	g.queue = append(g.queue, b)
	return b
}

// hurry makes all that lingers ripe.
func (p *Producer) hurry() {
	p.flushed = p.batches
	for _, name := range p.names() {
		for _, g := range p.topics[name].targets {
			if g != nil && len(g.queue) > 0 {
				p.ready(g)
			}
		}
	}
}

// names returns the topics' names in a fixed order.
func (p *Producer) names() []string {
	var names []string
	for _, t := range p.client.sorted {
		if p.topics[t.name] != nil {
			names = append(names, t.name)
		}
	}
	return names
}

// wait keeps a message until its topic's partitions are known.
func (p *Producer) wait(t *outTopic, m Message, size int) {
	m.Key, m.Value, m.Headers = bytes.Clone(m.Key), bytes.Clone(m.Value), slices.Clone(m.Headers)
	for i := range m.Headers {
		m.Headers[i].Value = bytes.Clone(m.Headers[i].Value)
	}
	until := p.client.now + p.config.DeliveryTimeoutMicros
	if t.waiting.empty() {
		p.waiting = append(p.waiting, t)
		p.timers.Set(&t.alarm, until)
	}
	t.waiting.push(waiting{m, size, until})
}

// placeWaiting places what waited, as far as it can be, and gives up what waited for
// too long or for what will not come.
func (p *Producer) placeWaiting() {
	waited := p.waiting
	p.waiting = nil
	for _, t := range waited {
		for p.placeFirst(t) {
		}
		if !t.waiting.empty() {
			p.timers.Set(&t.alarm, t.waiting.first().until)
			p.waiting = append(p.waiting, t)
			p.client.stale()
		} else {
			p.timers.Stop(&t.alarm)
		}
	}
}

// placeFirst places or gives up what waits first; false: it has to go on
// waiting, or there is none.
func (p *Producer) placeFirst(t *outTopic) bool {
	if t.waiting.empty() {
		return false
	}
	w := *t.waiting.first()
	why := t.meta.err
	switch {
	case why != nil && !mayPass(why):
	case w.until <= p.client.now:
		why = ErrDeliveryTimeout
	case p.place(t, &w.message, w.size):
		why = nil
	default:
		return false
	}
	t.waiting.pop()
	if why != nil {
		p.failed(t, &w, why) // and with it the others, if it breaks a transaction
	}
	return true
}

// failed gives up a message that never got into a batch.
func (p *Producer) failed(t *outTopic, w *waiting, err error) {
	p.pending--
	p.bytes -= w.size
	p.txn.broke(err)
	p.emit(ProducerEvent{Kind: Failed, ID: w.message.ID, Topic: t.meta.name, Partition: w.message.Partition, Offset: -1, Err: err})
}

// refreshed goes on with what waited for the metadata.
func (p *Producer) refreshed() {
	p.placeWaiting()
	orphans := p.orphans
	p.orphans = nil
	for _, g := range orphans {
		g.listed = false
		p.ready(g)
	}
}
