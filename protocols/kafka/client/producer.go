package client

import (
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/compress"
	"grapevine/protocols/kafka/timers"
)

// AnyPartition leaves the choice to the Partitioner.
const AnyPartition int32 = -1

// Acks says when a record counts as written.
type Acks int16

// The values of acks, as on the wire.
const (
	AcksAll    Acks = -1 // when all in-sync replicas have it
	AcksNone   Acks = 0  // when it is sent: nobody answers
	AcksLeader Acks = 1  // when the leader has it
)

// Partitioner chooses a partition for records that name none. A record with a
// key goes by the key's hash with Hashed and Sticky, as Java's default does.
type Partitioner uint8

// The partitioners.
const (
	Sticky     Partitioner = iota // no key: one partition until its batch is full (KIP-480)
	Hashed                        // as Sticky, but without a key: each in turn
	RoundRobin                    // each in turn, whatever the key
)

// ProducerConfig is what a Producer is made with. Of the numbers, 0 means the
// default.
type ProducerConfig struct {
	Acks Acks // AcksNone is its zero value: say what you want
	// Idempotent has brokers throw away what comes twice (KIP-98); it needs AcksAll.
	Idempotent bool
	// TransactionalID, if any, makes a transactional producer, which is Idempotent.
	TransactionalID string
	// TransactionTimeoutMicros is when the coordinator aborts for us; 60 s.
	TransactionTimeoutMicros int64

	LingerMicros          int64       // how long a batch waits to be filled; 0
	BatchBytes            int         // 16 KiB
	MaxRequestBytes       int         // 1 MiB; the limit of a record, too
	BufferBytes           int         // of records not yet sent and answered; 32 MiB
	MaxInFlight           int         // Produce requests under way to one broker; 5, and at most 5 when Idempotent
	NoRetries             bool        // an error is final, whatever it is
	DeliveryTimeoutMicros int64       // from Send to Acked or Failed; 2 min
	Codec                 batch.Codec // none
	Partitioner           Partitioner
}

// Message is a record to be sent.
type Message struct {
	Topic     string
	Partition int32  // or AnyPartition
	Key       []byte // nil: none
	Value     []byte // nil: a tombstone, in a compacted topic
	Headers   []batch.RecordHeader
	Timestamp int64  // ms; 0: now
	ID        uint64 // the caller's name for it, in Acked and Failed
}

// ProducerEventKind says what happened.
type ProducerEventKind uint8

// Events of a Producer.
const (
	Acked       ProducerEventKind = iota + 1 // the record ID is at Partition, Offset (-1: with AcksNone nobody knows)
	Failed                                   // the record ID was given up: Err. It may have been written all the same
	Initialized                              // the producer has its ID and epoch; a transaction may begin
	TxnCommitted
	TxnAborted
	TxnBroken // Err: this transaction can only be aborted
	Fatal     // Err: fenced, or refused for good; this producer is of no more use
)

// ProducerEvent is what happened at a Producer.
type ProducerEvent struct {
	Kind      ProducerEventKind
	ID        uint64
	Topic     string
	Partition int32
	Offset    int64
	Attempts  int // how often its batch was sent
	Err       error
}

// Producer sends records. Make one with Client.NewProducer.
type Producer struct {
	client *Client
	config ProducerConfig
	user   int
	closed bool
	fatal  error
	events queue[ProducerEvent]
	timers timers.Heap[alarm]

	topics  map[string]*outTopic
	waiting []*outTopic // those with messages that wait for metadata
	orphans []*target   // those with batches to send and no leader
	sinks   []*sink     // a broker each, by ID
	dirty   bool        // a sink has something ready
	free    []*outgoing
	packer  compress.Packer
	batches int64 // made so far: the next one's number
	pending int   // records
	bytes   int   // of them
	flushed int64 // batches of a lower number do not linger

	identity identity // idempotence.go
	txn      txn      // txn.go
}

// NewProducer returns a producer. Errors: *Misuse, for a configuration that
// contradicts itself.
func (c *Client) NewProducer(now int64, config ProducerConfig) (*Producer, error) {
	config = config.withDefaults()
	if text := config.wrong(); text != "" {
		return nil, &Misuse{text}
	}
	c.enter(now)
	c.lastUser++
	p := &Producer{client: c, config: config, user: c.lastUser, topics: map[string]*outTopic{}}
	p.identity = identity{id: -1, epoch: -1}
	p.txn.init(p)
	c.users = append(c.users, p)
	return p, nil
}

func (c ProducerConfig) withDefaults() ProducerConfig {
	c.Idempotent = c.Idempotent || c.TransactionalID != ""
	orNumber(&c.TransactionTimeoutMicros, 60_000_000)
	orNumber(&c.BatchBytes, 16<<10)
	orNumber(&c.MaxRequestBytes, 1<<20)
	orNumber(&c.BufferBytes, 32<<20)
	orNumber(&c.MaxInFlight, 5)
	orNumber(&c.DeliveryTimeoutMicros, 120_000_000)
	return c
}

// wrong says what contradicts itself; "" if nothing does.
func (c ProducerConfig) wrong() string {
	switch {
	case c.Acks < AcksAll || c.Acks > AcksLeader:
		return "acks are 0, 1 or -1 (all)"
	case c.Idempotent && c.Acks != AcksAll:
		return "an idempotent producer needs acks=all: a leader alone may forget what it had"
	case c.Idempotent && c.MaxInFlight > 5:
		return "an idempotent producer may have 5 requests in flight: brokers remember 5 batches"
	case c.Idempotent && c.NoRetries:
		return "an idempotent producer has to retry"
	case c.Codec > batch.Zstd:
		return "there is no such codec"
	case c.MaxInFlight < 0 || c.BatchBytes < 0 || c.MaxRequestBytes < 0 || c.BufferBytes < 0 || c.LingerMicros < 0 || c.DeliveryTimeoutMicros < 0:
		return "a limit is negative"
	}
	return ""
}

// Send takes a record. It is copied. Errors: ErrBufferFull, ErrTooLarge,
// *Misuse outside of a transaction, and why the transaction or the producer is
// over.
func (p *Producer) Send(now int64, m Message) error {
	p.client.enter(now)
	if err := p.maySend(); err != nil {
		return err
	}
	size := batch.RecordBytes(m.Key, m.Value, m.Headers)
	switch {
	case size+batch.HeaderBytes > p.config.MaxRequestBytes:
		return ErrTooLarge
	case p.bytes+size > p.config.BufferBytes:
		return ErrBufferFull
	}
	if m.Timestamp == 0 {
		m.Timestamp = p.client.config.Wall(now)
	}
	p.pending++
	p.bytes += size
	t := p.topic(m.Topic)
	if !t.waiting.empty() || !p.place(t, &m, size) {
		p.wait(t, m, size)
	}
	return nil
}

func (p *Producer) maySend() error {
	switch {
	case p.closed:
		return ErrClosed
	case p.fatal != nil:
		return p.fatal
	}
	return p.txn.maySend()
}

// Flush sends what lingers.
func (p *Producer) Flush(now int64) {
	p.client.enter(now)
	p.hurry()
}

// Pending is how many records are neither Acked nor Failed.
func (p *Producer) Pending() int { return p.pending }

// PendingBytes is how large they are: what BufferBytes limits.
func (p *Producer) PendingBytes() int { return p.bytes }

// Close gives up what is pending, without a word to the brokers. Commit, Abort
// or Flush first.
func (p *Producer) Close(now int64) {
	p.client.enter(now)
	if p.closed {
		return
	}
	p.giveUpAll(ErrClosed)
	p.closed = true
	p.client.forget(p, p.user)
}

// Poll returns what happened next.
func (p *Producer) Poll() (ProducerEvent, bool) { return p.events.pop() }

func (p *Producer) emit(e ProducerEvent) { p.events.push(e) }

// stop is the end of a producer that the cluster will have nothing more of.
func (p *Producer) stop(err error) {
	if p.fatal != nil {
		return
	}
	p.fatal = err
	p.giveUpAll(err)
	p.emit(ProducerEvent{Kind: Fatal, Partition: -1, Offset: -1, Err: err})
}

func (p *Producer) deadline() int64 {
	if p.dirty { // somebody forgot to call Client.Poll
		return p.client.now
	}
	return p.timers.Deadline()
}
