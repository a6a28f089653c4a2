package queue

import (
	"math"
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// table is a server that takes records like a broker, and writes them like a
// database without a log: each over its own row of a file, where its key says.
// It speaks as much of Kafka as a producer asks for, so that both have the same
// load to carry. When a row counts as written is what Kafka's flush says.
type table struct {
	disk      *disk
	topic     string
	host      string
	rows      int64
	rowBytes  int
	flushEach bool
	key       func(value []byte) (int64, bool)

	now     int64
	conns   map[wire.Conn]*tableConn // only looked up
	order   []*tableConn             // in the order in which they came
	last    wire.Conn
	sends   []wire.Conn // have output
	hangups []wire.Conn
	count   int64   // rows written
	recent  []int64 // the rows written last
	unsafe  int64   // writes that no sync covers yet
	under   bool    // a sync is under way
	at      int64   // until then
	why     error   // why the disk cannot be used
}

type tableConn struct {
	id      wire.Conn
	in      wire.Reader
	out     []byte
	answers []tableAnswer
}

// tableAnswer is what is said when the disk is done.
type tableAnswer struct {
	bytes []byte
	at    int64 // math.MaxInt64: when a sync is done that has not begun
}

const tableFile = "table"

// newTable makes the file, or what of it a crash has taken.
func newTable(now int64, t table) *table {
	t.conns = map[wire.Conn]*tableConn{}
	size, _ := t.disk.Size(tableFile)
	if missing := t.rows*int64(t.rowBytes) - size; missing > 0 {
		if _, t.why = t.disk.Append(now, tableFile, make([]byte, missing)); t.why == nil {
			_, t.why = t.disk.Sync(now, tableFile)
		}
	}
	return &t
}

// row is where a record belongs: neighbours by key lie far from each other, as
// rows do that are found by a hash.
func (t *table) row(value []byte) (int64, bool) {
	key, ok := t.key(value)
	return int64(uint64(key) * 0x9E3779B97F4A7C15 >> 11 % uint64(t.rows)), ok
}

func (t *table) accept(int64, uint16) wire.Conn {
	t.last++
	c := &tableConn{id: t.last, in: wire.Reader{MaxFrameBytes: wire.MaxFrameBytes}}
	t.conns[c.id] = c
	t.order = append(t.order, c)
	return c.id
}

func (t *table) Closed(now int64, id wire.Conn) {
	if c := t.conns[id]; c != nil {
		delete(t.conns, id)
		t.order = slices.DeleteFunc(t.order, func(o *tableConn) bool { return o == c })
	}
}

// Output takes what there is to be sent.
func (t *table) Output(id wire.Conn) []byte {
	c := t.conns[id]
	if c == nil {
		return nil
	}
	b := c.out
	c.out = nil
	return b
}

func (t *table) Receive(now int64, id wire.Conn, b []byte) {
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
			t.hangups = append(t.hangups, id)
			return
		}
		t.serve(c, r)
	}
	t.flush()
}

// serve answers a request, or has it wait for the disk.
func (t *table) serve(c *tableConn, r wire.Request) {
	var answer kmsg.Response
	at := t.now
	switch q := r.Body.(type) {
	case *kmsg.ApiVersionsRequest:
		versions := kmsg.NewPtrApiVersionsResponse()
		for _, api := range []int16{apiProduce, apiMetadata, apiVersions} {
			known := wire.Find(api)
			versions.ApiKeys = append(versions.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: api, MinVersion: known.Min, MaxVersion: min(known.Max, beforeTopicIDs)})
		}
		answer = versions
	case *kmsg.MetadataRequest:
		answer = t.describe()
	case *kmsg.ProduceRequest:
		answer, at = t.produce(q)
	default:
		t.hangups = append(t.hangups, c.id)
		return
	}
	answer.SetVersion(r.Version)
	c.answers = append(c.answers, tableAnswer{wire.AppendResponse(nil, r.Correlation, answer), at})
}

// beforeTopicIDs is a version of Produce and Metadata that names topics.
const beforeTopicIDs = 9

func (t *table) describe() kmsg.Response {
	answer := kmsg.NewPtrMetadataResponse()
	b := kmsg.NewMetadataResponseBroker()
	b.Host, b.Port = t.host, insidePort
	answer.Brokers = append(answer.Brokers, b)
	topic := kmsg.NewMetadataResponseTopic()
	topic.Topic = &t.topic
	part := kmsg.NewMetadataResponseTopicPartition()
	part.LeaderEpoch, part.Replicas, part.ISR = 0, []int32{0}, []int32{0}
	topic.Partitions = append(topic.Partitions, part)
	answer.Topics = append(answer.Topics, topic)
	return answer
}

// produce writes the records of a request, each in its place.
func (t *table) produce(q *kmsg.ProduceRequest) (kmsg.Response, int64) {
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
	if t.flushEach {
		t.unsafe++
		t.sync()
		at = math.MaxInt64
	}
	return answer, at
}

// write writes records; at is when the disk is done with them.
func (t *table) write(batches []byte) (at int64, failed *kerr.Error) {
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
			row, ok := t.row(value)
			if !ok || len(value) > t.rowBytes {
				return at, kerr.InvalidRecord
			}
			done, err := t.disk.WriteAt(tableFile, value, row*int64(t.rowBytes))
			if err != nil {
				return at, kerr.KafkaStorageError
			}
			at = max(at, done)
			t.count++
			t.recent = append(t.recent[max(0, len(t.recent)-tailCells+1):], row)
		}
	}
	return at, nil
}

// sync makes safe what was written, unless it is at it; one serves all that
// came meanwhile, as with a log.
func (t *table) sync() {
	if t.under || t.unsafe == 0 {
		return
	}
	at, err := t.disk.Sync(t.now, tableFile)
	if err != nil {
		return
	}
	t.under, t.at, t.unsafe = true, at, 0
	for _, c := range t.order {
		for i := range c.answers {
			c.answers[i].at = min(c.answers[i].at, at)
		}
	}
}

// flush says what may be said by now.
func (t *table) flush() {
	for _, c := range t.order {
		n := 0
		for ; n < len(c.answers) && c.answers[n].at <= t.now; n++ {
			c.out = append(c.out, c.answers[n].bytes...)
		}
		if n > 0 {
			c.answers = slices.Delete(c.answers, 0, n)
			t.sends = append(t.sends, c.id)
		}
	}
}

func (t *table) Deadline() int64 {
	at := int64(math.MaxInt64)
	if t.under {
		at = t.at
	}
	for _, c := range t.order {
		if len(c.answers) > 0 {
			at = min(at, c.answers[0].at)
		}
	}
	return at
}

func (t *table) Tick(now int64) {
	t.now = now
	if t.under && t.at <= now {
		t.under = false
		t.sync()
	}
	t.flush()
}
