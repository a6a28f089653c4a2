package table

import (
	"math"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Disk is what a Table writes to; at is when the device is done.
type Disk interface {
	Size(file string) (int64, bool)
	Append(now int64, file string, b []byte) (at int64, err error)
	WriteAt(now int64, file string, b []byte, offset int64) (at int64, err error)
	Sync(now int64, file string) (at int64, err error)
}

// File is the one that a Table keeps its rows in.
const File = "table"

// Config is what a Table is made with; all of it is required.
type Config struct {
	Topic     string
	Host      string // where it listens, as clients are told
	Port      int32
	Rows      int64 // at least 1
	RowBytes  int   // the most in a record's value
	FlushEach bool  // rows count as written when they were synced; otherwise, when the disk has taken them
	// Key reads a record's key out of its value; false: it has none, and is refused.
	Key func(value []byte) (int64, bool)
}

// Table is the server.
type Table struct {
	config Config
	disk   Disk

	now    int64
	conns  map[wire.Conn]*conn // only looked up
	order  []*conn             // in the order in which they came
	last   wire.Conn
	events []Event
	count  int64
	recent []int64
	unsafe bool  // rows were written that no sync covers yet
	under  bool  // a sync is under way
	at     int64 // until then
}

// Kind says what an Event asks for.
type Kind uint8

// The kinds.
const (
	Send   Kind = iota // Conn has Output
	Hangup             // close Conn: what came makes no sense
)

// Event is what Poll gives.
type Event struct {
	Kind Kind
	Conn wire.Conn
}

// recentRows is how many rows Recent tells of.
const recentRows = 6

type conn struct {
	id      wire.Conn
	in      wire.Reader
	out     []byte
	replies []reply
}

// reply is what is said when the disk is done.
type reply struct {
	bytes []byte
	at    int64 // math.MaxInt64: when a sync is done that has not begun
}

// New makes the file, or what of it a crash has taken. The error is the disk's.
func New(now int64, c Config, disk Disk) (*Table, error) {
	t := &Table{config: c, disk: disk, now: now, conns: map[wire.Conn]*conn{}}
	size, _ := disk.Size(File)
	if missing := c.Rows*int64(c.RowBytes) - size; missing > 0 {
		if _, err := disk.Append(now, File, make([]byte, missing)); err != nil {
			return nil, err
		}
		if _, err := disk.Sync(now, File); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Row is where a record belongs: neighbours by key lie far from each other, as
// rows do that are found by a hash. False: the record has no key.
func (t *Table) Row(value []byte) (int64, bool) {
	key, ok := t.config.Key(value)
	return int64(uint64(key) * 0x9E3779B97F4A7C15 >> 11 % uint64(t.config.Rows)), ok
}

// Count is how many rows were written, and Recent are the last of them.
func (t *Table) Count() int64 { return t.count }

// Recent are the rows written last, the latest at the end. The caller must not
// change it.
func (t *Table) Recent() []int64 { return t.recent }

// Poll takes an event; false: there is none.
func (t *Table) Poll() (Event, bool) {
	if len(t.events) == 0 {
		return Event{}, false
	}
	e := t.events[0]
	t.events = slices.Delete(t.events, 0, 1)
	return e, true
}

// Accept names a connection that came in.
func (t *Table) Accept() wire.Conn {
	t.last++
	c := &conn{id: t.last, in: wire.Reader{MaxFrameBytes: wire.MaxFrameBytes}}
	t.conns[c.id] = c
	t.order = append(t.order, c)
	return c.id
}

// Closed says that a connection is over.
func (t *Table) Closed(now int64, id wire.Conn) {
	if c := t.conns[id]; c != nil {
		delete(t.conns, id)
		t.order = slices.DeleteFunc(t.order, func(o *conn) bool { return o == c })
	}
}

// Output takes what there is to be sent.
func (t *Table) Output(id wire.Conn) []byte {
	c := t.conns[id]
	if c == nil {
		return nil
	}
	b := c.out
	c.out = nil
	return b
}

// Receive takes bytes of a connection. They are the caller's again afterwards.
func (t *Table) Receive(now int64, id wire.Conn, b []byte) {
	t.now = now
	c := t.conns[id]
	if c == nil {
		return
	}
	c.in.Receive(b)
	for {
		frame, ok, err := c.in.Next()
		if err == nil && !ok {
			break
		}
		var r wire.Request
		if err == nil {
			r, err = wire.ParseRequest(frame)
		}
		if err != nil {
			t.events = append(t.events, Event{Hangup, id})
			return
		}
		t.serve(c, r)
	}
	t.sync()
	t.flush()
}

// serve answers a request, or has it wait for the disk.
func (t *Table) serve(c *conn, r wire.Request) {
	var answer kmsg.Response
	at := t.now
	switch q := r.Body.(type) {
	case *kmsg.ApiVersionsRequest:
		versions := kmsg.NewPtrApiVersionsResponse()
		for _, api := range []int16{0, 3, 18} {
			known := wire.Find(api)
			versions.ApiKeys = append(versions.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: api, MinVersion: known.Min, MaxVersion: min(known.Max, beforeTopicIDs)})
		}
		answer = versions
	case *kmsg.MetadataRequest:
		answer = t.describe()
	case *kmsg.ProduceRequest:
		answer, at = t.produce(q)
	default:
		t.events = append(t.events, Event{Hangup, c.id})
		return
	}
	answer.SetVersion(r.Version)
	c.replies = append(c.replies, reply{wire.AppendResponse(nil, r.Correlation, answer), at})
}

// beforeTopicIDs is a version of Produce and Metadata that names topics.
const beforeTopicIDs = 9

func (t *Table) describe() kmsg.Response {
	answer := kmsg.NewPtrMetadataResponse()
	b := kmsg.NewMetadataResponseBroker()
	b.Host, b.Port = t.config.Host, t.config.Port
	answer.Brokers = append(answer.Brokers, b)
	topic := kmsg.NewMetadataResponseTopic()
	topic.Topic = &t.config.Topic
	part := kmsg.NewMetadataResponseTopicPartition()
	part.LeaderEpoch, part.Replicas, part.ISR = 0, []int32{0}, []int32{0}
	topic.Partitions = append(topic.Partitions, part)
	answer.Topics = append(answer.Topics, topic)
	return answer
}

// produce writes the records of a request, each in its place.
func (t *Table) produce(q *kmsg.ProduceRequest) (kmsg.Response, int64) {
	answer := kmsg.NewPtrProduceResponse()
	at := t.now
	for _, topic := range q.Topics {
		a := kmsg.NewProduceResponseTopic()
		a.Topic = topic.Topic
		for _, p := range topic.Partitions {
			part := kmsg.NewProduceResponseTopicPartition()
			part.Partition, part.BaseOffset = p.Partition, t.count
			done, err := t.write(p.Records)
			if err != nil {
				part.ErrorCode = err.Code
			}
			at = max(at, done)
			a.Partitions = append(a.Partitions, part)
		}
		answer.Topics = append(answer.Topics, a)
	}
	if t.config.FlushEach {
		t.unsafe = true
		at = math.MaxInt64
	}
	return answer, at
}

// write writes records; at is when the disk is done with them.
func (t *Table) write(batches []byte) (at int64, failed *kerr.Error) {
	at = t.now
	for len(batches) > 0 {
		_, size, err := batch.Parse(batches)
		if err != nil {
			return at, kerr.CorruptMessage
		}
		records, err := batch.Records(nil, batches[:size], batch.DefaultLimits)
		if err != nil {
			return at, kerr.CorruptMessage
		}
		batches = batches[size:]
		for i := range records {
			value := records[i].Value
			row, ok := t.Row(value)
			if !ok || len(value) > t.config.RowBytes {
				return at, kerr.InvalidRecord
			}
			done, err := t.disk.WriteAt(t.now, File, value, row*int64(t.config.RowBytes))
			if err != nil {
				return at, kerr.KafkaStorageError
			}
			at = max(at, done)
			t.count++
			t.recent = append(t.recent[max(0, len(t.recent)-recentRows+1):], row)
		}
	}
	return at, nil
}

// sync makes safe what was written, unless it is at it; one serves all that
// came meanwhile, as with a log.
func (t *Table) sync() {
	if t.under || !t.unsafe {
		return
	}
	at, err := t.disk.Sync(t.now, File)
	if err != nil {
		return
	}
	t.under, t.at, t.unsafe = true, at, false
	for _, c := range t.order {
		for i := range c.replies {
			c.replies[i].at = min(c.replies[i].at, at)
		}
	}
}

// flush says what may be said by now.
func (t *Table) flush() {
	for _, c := range t.order {
		n := 0
		for ; n < len(c.replies) && c.replies[n].at <= t.now; n++ {
			c.out = append(c.out, c.replies[n].bytes...)
		}
		if n > 0 {
			c.replies = slices.Delete(c.replies, 0, n)
			t.events = append(t.events, Event{Send, c.id})
		}
	}
}

// Deadline is when Tick has something to do; math.MaxInt64: never.
func (t *Table) Deadline() int64 {
	at := int64(math.MaxInt64)
	if t.under {
		at = t.at
	}
	for _, c := range t.order {
		if len(c.replies) > 0 {
			at = min(at, c.replies[0].at)
		}
	}
	return at
}

// Tick lets the time pass.
func (t *Table) Tick(now int64) {
	t.now = now
	if t.under && t.at <= now {
		t.under = false
		t.sync()
	}
	t.flush()
}
