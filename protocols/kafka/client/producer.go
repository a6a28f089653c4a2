package client

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

// Codec is how batches are compressed, as in a batch's attributes.
type Codec uint8

// The codecs.
const (
	NoCodec Codec = iota
	Gzip
	Snappy
	LZ4
	Zstd
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

	LingerMicros          int64 // how long a batch waits to be filled; 0
	BatchBytes            int   // 16 KiB
	MaxRequestBytes       int   // 1 MiB; the limit of a record, too
	BufferBytes           int   // of records not yet sent and answered; 32 MiB
	MaxInFlight           int   // Produce requests under way to one broker; 5, and at most 5 when Idempotent
	NoRetries             bool  // an error is final, whatever it is
	DeliveryTimeoutMicros int64 // from Send to Acked or Failed; 2 min
	Codec                 Codec
	Partitioner           Partitioner
}

// Header is a record's header.
type Header struct {
	Key   string
	Value []byte // nil: null
}

// Message is a record to be sent.
type Message struct {
	Topic     string
	Partition int32  // or AnyPartition
	Key       []byte // nil: none
	Value     []byte // nil: a tombstone, in a compacted topic
	Headers   []Header
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
}

// NewProducer returns a producer. Errors: *Misuse, for a configuration that
// contradicts itself.
func (c *Client) NewProducer(now int64, config ProducerConfig) (*Producer, error) {
	panic("not built yet")
}

// Send takes a record. It is copied. Errors: ErrBufferFull, ErrTooLarge, and
// *Misuse outside of a transaction.
func (p *Producer) Send(now int64, m Message) error { panic("not built yet") }

// Flush sends what lingers.
func (p *Producer) Flush(now int64) { panic("not built yet") }

// Pending is how many records are neither Acked nor Failed.
func (p *Producer) Pending() int { panic("not built yet") }

// Begin begins a transaction. Errors: *Misuse, and the one that was Fatal.
func (p *Producer) Begin(now int64) error { panic("not built yet") }

// SendOffsets makes a consumer's offsets part of the transaction; the next
// ones to be read, not the last read.
func (p *Producer) SendOffsets(now int64, group GroupMetadata, offsets []Offset) error {
	panic("not built yet")
}

// Commit ends the transaction, once all its records are acknowledged:
// TxnCommitted or TxnBroken comes.
func (p *Producer) Commit(now int64) error { panic("not built yet") }

// Abort ends the transaction, and gives up what has not been sent.
func (p *Producer) Abort(now int64) error { panic("not built yet") }

// Close gives up what is pending, without a word to the brokers. Commit, Abort
// or Flush first.
func (p *Producer) Close(now int64) { panic("not built yet") }

// Poll returns what happened next.
func (p *Producer) Poll() (ProducerEvent, bool) { panic("not built yet") }
