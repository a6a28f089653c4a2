package client

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/wire"
	"grapevine/protocols/prototest"
)

// fake is a cluster that answers as a table says. Brokers are numbered from 0,
// and listen on port 9000 and up; each leads the partitions with its number
// modulo len(leads).
type fake struct {
	t       testing.TB
	now     int64
	c       *Client
	drain   func()
	luck    *prototest.Rand
	pieces  int // cut answers into pieces of at most so many bytes; 0: do not
	answers map[int16]func(*asked) kmsg.Response
	conns   map[Conn]*fakeConn
	order   []Conn
	refuse  map[int32]bool // brokers that cannot be reached
	delay   int64
	flying  []flight

	brokers  int32
	topics   map[string]int32 // partitions
	leader   func(topic string, partition int32) (node, epoch int32)
	min      map[int16]int16 // versions offered, where not ours
	max      map[int16]int16
	said     []string // for people: what was asked
	dials    int
	requests map[int16]int
	logs     map[TopicPartition]*fakeLog
	nextID   int64

	lastRequest int32 // the correlation ID of the one being answered
}

type fakeConn struct {
	node   int32
	reader wire.Reader
}

// flight is bytes on their way to the client; nil: the connection ends.
type flight struct {
	due  int64
	conn Conn
	b    []byte
	open bool
}

// asked is a request that came to a broker.
type asked struct {
	f       *fake
	node    int32
	conn    Conn
	version int16
	body    kmsg.Request
}

// fakeLog is a partition's log.
type fakeLog struct {
	batches []batchOf
	end     int64
}

type batchOf struct {
	base int64
	b    []byte
}

func newFake(t testing.TB, config Config) *fake {
	f := &fake{
		t: t, luck: prototest.NewRand(1), conns: map[Conn]*fakeConn{}, refuse: map[int32]bool{}, delay: 100, brokers: 3,
		topics: map[string]int32{"t": 6}, min: map[int16]int16{}, max: map[int16]int16{}, requests: map[int16]int{}, logs: map[TopicPartition]*fakeLog{},
	}
	f.leader = func(_ string, p int32) (int32, int32) { return p % f.brokers, 1 }
	f.answers = map[int16]func(*asked) kmsg.Response{
		18: offered, 3: described, 22: identified, 10: coordinated, 0: appended, 1: fetchedFrom, 2: ends,
	}
	if len(config.Bootstrap) == 0 {
		config.Bootstrap = []Address{{"broker", 9000}}
	}
	if config.Rand == nil {
		luck := prototest.NewRand(2)
		config.Rand = func() uint64 { return uint64(luck.Below(math.MaxInt32)) }
	}
	f.c = New(config)
	return f
}

// do changes the machine and drains it.
func (f *fake) do(change func(now int64)) {
	change(f.now)
	f.take()
}

func (f *fake) take() {
	for {
		for e, ok := f.c.Poll(); ok; e, ok = f.c.Poll() {
			f.act(e)
		}
		if f.drain != nil {
			f.drain()
		}
		e, ok := f.c.Poll()
		if !ok {
			return
		}
		f.act(e)
	}
}

func (f *fake) act(e Event) {
	switch e.Kind {
	case Dial:
		f.dials++
		node := e.Port - 9000
		if f.refuse[node] {
			f.fly(flight{conn: e.Conn})
			return
		}
		f.conns[e.Conn] = &fakeConn{node: node}
		f.order = append(f.order, e.Conn)
		f.fly(flight{conn: e.Conn, open: true})
	case Hangup:
		f.forget(e.Conn)
	case Send:
		if c := f.conns[e.Conn]; c != nil {
			c.reader.Receive(f.c.Output(e.Conn))
			f.serve(e.Conn, c)
		} else {
			f.c.Output(e.Conn)
		}
	}
}

func (f *fake) forget(conn Conn) {
	delete(f.conns, conn)
	f.order = slices.DeleteFunc(f.order, func(c Conn) bool { return c == conn })
}

// serve answers what came on a connection.
func (f *fake) serve(conn Conn, c *fakeConn) {
	for frame, ok, err := c.reader.Next(); ok || err != nil; frame, ok, err = c.reader.Next() {
		if err != nil {
			f.t.Fatal(err)
		}
		req, err := wire.ParseRequest(frame)
		if unsupported, ok := err.(*wire.UnsupportedVersion); ok && req.Key == 18 {
			if b, ok := unsupported.Answer(nil); ok {
				f.send(conn, b)
			}
			continue
		}
		if err != nil {
			f.t.Fatalf("broker %d: %v", c.node, err)
		}
		f.requests[req.Key]++
		f.lastRequest = req.Correlation
		if answer := f.answers[req.Key]; answer != nil {
			resp := answer(&asked{f, c.node, conn, req.Version, req.Body})
			if resp != nil {
				resp.SetVersion(req.Version)
				f.send(conn, wire.AppendResponse(nil, req.Correlation, resp))
			}
			continue
		}
		f.t.Fatalf("nobody answers API %d", req.Key)
	}
}

// send sends bytes to the client.
func (f *fake) send(conn Conn, b []byte) { f.fly(flight{conn: conn, b: b}) }

// end ends all connections of a broker.
func (f *fake) end(node int32) {
	for _, conn := range slices.Clone(f.order) {
		if f.conns[conn].node == node {
			f.forget(conn)
			f.fly(flight{conn: conn})
		}
	}
}

func (f *fake) fly(l flight) {
	f.flyAt(f.now+f.delay, l)
}

func (f *fake) flyAt(due int64, l flight) {
	l.due = due
	at := len(f.flying)
	for at > 0 && f.flying[at-1].due > due {
		at--
	}
	f.flying = slices.Insert(f.flying, at, l)
}

// run lets time pass.
func (f *fake) run(until int64) {
	for {
		at := f.c.Deadline()
		if len(f.flying) > 0 {
			at = min(at, f.flying[0].due)
		}
		if at > until {
			f.now = until
			return
		}
		f.now = max(f.now, at)
		if len(f.flying) == 0 || f.flying[0].due > f.now {
			f.do(f.c.Tick)
			continue
		}
		l := f.flying[0]
		f.flying = slices.Delete(f.flying, 0, 1)
		switch {
		case l.open:
			f.do(func(now int64) { f.c.Opened(now, l.conn) })
		case l.b == nil:
			f.do(func(now int64) { f.c.Closed(now, l.conn) })
		default:
			f.pass(l)
		}
	}
}

// pass gives bytes to the client, in pieces if asked for.
func (f *fake) pass(l flight) {
	for len(l.b) > 0 {
		n := len(l.b)
		if f.pieces > 0 {
			n = min(n, 1+f.luck.Below(f.pieces))
		}
		f.do(func(now int64) { f.c.Receive(now, l.conn, l.b[:n]) })
		l.b = l.b[n:]
	}
}

// until lets time pass until something holds, or a minute is over.
func (f *fake) until(what string, holds func() bool) {
	f.t.Helper()
	for end := f.now + 60_000_000; !holds(); f.run(min(end, f.now+1000)) {
		if f.now >= end {
			f.t.Fatalf("in vain: %s (at %d ms; asked: %v)", what, f.now/1000, f.said)
		}
	}
}

func (a *asked) say(format string, args ...any) {
	a.f.said = append(a.f.said, fmt.Sprintf(format, args...))
}

// The usual answers.

func offered(a *asked) kmsg.Response {
	resp := kmsg.NewPtrApiVersionsResponse()
	for _, k := range wire.Offered() {
		if v, ok := a.f.max[k.ApiKey]; ok {
			k.MaxVersion = v
		}
		if v, ok := a.f.min[k.ApiKey]; ok {
			k.MinVersion = v
		}
		resp.ApiKeys = append(resp.ApiKeys, k)
	}
	return resp
}

func described(a *asked) kmsg.Response {
	resp := kmsg.NewPtrMetadataResponse()
	for i := range a.f.brokers {
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port = i, "broker", 9000+i
		resp.Brokers = append(resp.Brokers, b)
	}
	for _, t := range a.body.(*kmsg.MetadataRequest).Topics {
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = t.Topic
		n, ok := a.f.topics[*t.Topic]
		if !ok {
			topic.ErrorCode = kerr.UnknownTopicOrPartition.Code
		}
		for p := range n {
			part := kmsg.NewMetadataResponseTopicPartition()
			part.Partition = p
			part.Leader, part.LeaderEpoch = a.f.leader(*t.Topic, p)
			if part.Leader < 0 {
				part.ErrorCode = kerr.LeaderNotAvailable.Code
			}
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

func identified(a *asked) kmsg.Response {
	resp := kmsg.NewPtrInitProducerIDResponse()
	a.f.nextID++
	resp.ProducerID, resp.ProducerEpoch = 1000+a.f.nextID, 0
	return resp
}

func coordinated(a *asked) kmsg.Response {
	resp := kmsg.NewPtrFindCoordinatorResponse()
	resp.NodeID, resp.Host, resp.Port = 1, "broker", 9001
	for _, key := range a.body.(*kmsg.FindCoordinatorRequest).CoordinatorKeys {
		one := kmsg.NewFindCoordinatorResponseCoordinator()
		one.Key, one.NodeID, one.Host, one.Port = key, 1, "broker", 9001
		resp.Coordinators = append(resp.Coordinators, one)
	}
	return resp
}

// log returns a partition's log.
func (f *fake) log(topic string, partition int32) *fakeLog {
	tp := TopicPartition{topic, partition}
	if f.logs[tp] == nil {
		f.logs[tp] = &fakeLog{}
	}
	return f.logs[tp]
}

func (l *fakeLog) append(b []byte, epoch int32) int64 {
	h, _, _ := batch.Peek(b)
	b = slices.Clone(b)
	batch.SetOffset(b, l.end, epoch)
	l.batches = append(l.batches, batchOf{l.end, b})
	base := l.end
	l.end += int64(h.LastOffsetDelta) + 1
	return base
}

// eachProduced builds the answer to a Produce request, partition by partition.
func eachProduced(a *asked, do func(topic string, p *kmsg.ProduceRequestTopicPartition, to *kmsg.ProduceResponseTopicPartition)) kmsg.Response {
	req := a.body.(*kmsg.ProduceRequest)
	resp := kmsg.NewPtrProduceResponse()
	for i := range req.Topics {
		t := kmsg.NewProduceResponseTopic()
		t.Topic = req.Topics[i].Topic
		for j := range req.Topics[i].Partitions {
			p := &req.Topics[i].Partitions[j]
			if _, _, err := batch.Parse(p.Records); err != nil {
				a.f.t.Fatal(err)
			}
			to := kmsg.NewProduceResponseTopicPartition()
			to.Partition = p.Partition
			do(t.Topic, p, &to)
			t.Partitions = append(t.Partitions, to)
		}
		resp.Topics = append(resp.Topics, t)
	}
	if req.Acks == 0 {
		return nil
	}
	return resp
}

func appended(a *asked) kmsg.Response {
	return eachProduced(a, func(topic string, p *kmsg.ProduceRequestTopicPartition, to *kmsg.ProduceResponseTopicPartition) {
		node, epoch := a.f.leader(topic, p.Partition)
		if node != a.node {
			to.ErrorCode = kerr.NotLeaderForPartition.Code
			return
		}
		to.BaseOffset = a.f.log(topic, p.Partition).append(p.Records, epoch)
	})
}

// eachFetched builds the answer to a Fetch.
func eachFetched(a *asked, do func(topic string, p *kmsg.FetchRequestTopicPartition, to *kmsg.FetchResponseTopicPartition)) kmsg.Response {
	req := a.body.(*kmsg.FetchRequest)
	resp := kmsg.NewPtrFetchResponse()
	for i := range req.Topics {
		t := kmsg.NewFetchResponseTopic()
		t.Topic = req.Topics[i].Topic
		for j := range req.Topics[i].Partitions {
			p := &req.Topics[i].Partitions[j]
			to := kmsg.NewFetchResponseTopicPartition()
			to.Partition = p.Partition
			do(t.Topic, p, &to)
			t.Partitions = append(t.Partitions, to)
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}

// fetchedFrom answers at once with what there is, and waits as a long poll does
// if there is nothing.
func fetchedFrom(a *asked) kmsg.Response {
	some := false
	resp := eachFetched(a, func(topic string, p *kmsg.FetchRequestTopicPartition, to *kmsg.FetchResponseTopicPartition) {
		l := a.f.log(topic, p.Partition)
		node, _ := a.f.leader(topic, p.Partition)
		switch {
		case node != a.node:
			to.ErrorCode = kerr.NotLeaderForPartition.Code
			some = true
			return
		case p.FetchOffset > l.end:
			to.ErrorCode = kerr.OffsetOutOfRange.Code
			some = true
			return
		}
		to.HighWatermark, to.LastStableOffset, to.LogStartOffset = l.end, l.end, 0
		for _, b := range l.batches {
			h, _, _ := batch.Peek(b.b)
			if h.Next() > p.FetchOffset && len(to.RecordBatches) < int(p.PartitionMaxBytes) {
				to.RecordBatches = append(to.RecordBatches, b.b...)
				some = true
			}
		}
	})
	if !some {
		a.f.later(a, resp)
		return nil
	}
	return resp
}

// later answers after the long poll's time.
func (f *fake) later(a *asked, resp kmsg.Response) {
	number := f.lastRequest
	resp.SetVersion(a.version)
	f.flyAt(f.now+int64(a.body.(*kmsg.FetchRequest).MaxWaitMillis)*1000, flight{conn: a.conn, b: wire.AppendResponse(nil, number, resp)})
}

// requestNumber is the correlation ID of a connection's last request.
func (f *fake) requestNumber(conn Conn) int32 { return f.c.byConn(conn).number }

func ends(a *asked) kmsg.Response {
	req := a.body.(*kmsg.ListOffsetsRequest)
	resp := kmsg.NewPtrListOffsetsResponse()
	for _, t := range req.Topics {
		topic := kmsg.NewListOffsetsResponseTopic()
		topic.Topic = t.Topic
		for _, p := range t.Partitions {
			part := kmsg.NewListOffsetsResponseTopicPartition()
			part.Partition = p.Partition
			if p.Timestamp == -1 {
				part.Offset = a.f.log(t.Topic, p.Partition).end
			} else {
				part.Offset = 0
			}
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}
