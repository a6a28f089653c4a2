package kafkatest_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/protocols/kafka/kafkatest"
)

var (
	seeds = flag.Int("seeds", 3, "how many random runs")
	first = flag.Uint64("first", 0, "the seed of the first of them")
	talk  = flag.Bool("talk", false, "say what happens")
)

const second = kafkatest.Second

// chaos is a cluster in which everything goes wrong that may, and what its
// clients do meanwhile.
type chaos struct {
	t     *testing.T
	seed  uint64
	n     int // brokers
	c     *kafkatest.Cluster
	flush bool // every batch is synced: any crash is survived
	calm  bool // nothing new begins, what was begun comes to its end
	feed  *feeder
	procs []*processor
	outs  []*outlet
	txns  map[string]*fate
	table *table
	junk  *junk
}

func (x *chaos) say(format string, args ...any) {
	if *talk {
		x.t.Logf("%9.3f "+format, append([]any{float64(x.c.Now) / second}, args...)...)
	}
}

// static says whether the processors are static members of their group.
func (x *chaos) static() bool { return x.seed/2%2 == 1 }

// cooperative says whether they hand over partitions one by one (KIP-429).
func (x *chaos) cooperative() bool { return x.seed%2 == 1 }

func (x *chaos) luck(n int) int { return int(x.c.Rand() % uint64(n)) }

// fate is what became of a transaction, as its producer knows.
type fate struct {
	records   int
	committed bool
	aborted   bool
}

func newChaos(t *testing.T, seed uint64) *chaos {
	x := &chaos{t: t, seed: seed, n: 3 + int(seed/4%3), flush: seed%3 == 2, txns: map[string]*fate{}}
	s := broker.Settings{
		OffsetsPartitions: 2, TxnPartitions: 2, MinInsync: 2, ReplicationFactor: 3, Partitions: 2, NoAutoCreate: true,
		SessionMicros: 3 * second, HeartbeatMicros: second / 2, ElectionMicros: second / 2, QuorumFetchMicros: second,
		ReplicaLagMicros: 2 * second, RequestMicros: 5 * second, GroupInitialDelayMicros: -1, GroupMinSessionMicros: second,
		FlushEach: x.flush, SegmentBytes: int32(2000 * (seed % 2)), RetentionCheckMicros: 2 * second,
	}
	var err error
	x.c, err = kafkatest.New(kafkatest.Config{Brokers: x.n, Seed: seed, Settings: s, JitterMicros: int64(seed%4) * 3000, SyncMicros: int64(seed%5) * 1000})
	if err != nil {
		t.Fatal(err)
	}
	x.await("the brokers are ready", 30*second, x.ready)
	x.ask(creation("in", 2))
	x.ask(creation("out", 2))
	x.ask(creation("table", 1, "cleanup.policy", "compact", "segment.bytes", "1500"))
	x.c.Run(second)
	x.feed, x.table, x.junk = newFeeder(x), newTable(x), newJunk(x)
	for i := range 2 {
		x.procs = append(x.procs, &processor{x: x, name: fmt.Sprint("p", i)})
	}
	x.watchOutlets()
	return x
}

// await lets the time pass until something is true.
func (x *chaos) await(what string, micros int64, done func() bool) {
	x.t.Helper()
	if !x.c.Until(x.c.Now+micros, done) {
		x.t.Fatalf("seed %d: not within %d s: %s", x.seed, micros/second, what)
	}
}

// ready reports whether all brokers are up, know each other as alive, and have
// their replicas: one that has just started reads of its former life, first.
func (x *chaos) ready() bool {
	if !x.c.Ready() {
		return false
	}
	for i := range x.n {
		b := x.c.Broker(i)
		for _, t := range b.Image().Topics() {
			for number := range t.Partitions {
				if _, ok := b.Partition(t.Name, int32(number)); !ok && slices.Contains(t.Partitions[number].Replicas, int32(i)) {
					return false
				}
			}
		}
	}
	return true
}

// run lets the clients work.
func (x *chaos) run(micros int64) {
	for end := x.c.Now + micros; x.c.Now < end; {
		x.feed.step()
		x.table.step()
		x.junk.step()
		for _, p := range x.procs {
			p.step()
		}
		for _, o := range x.outs {
			o.step()
		}
		x.c.Run(5000)
	}
}

func (x *chaos) config() client.Config {
	var bootstrap []client.Address
	for i := range x.n {
		bootstrap = append(bootstrap, client.Address{Host: x.c.Host(i), Port: kafkatest.Port})
	}
	return client.Config{Bootstrap: bootstrap, Rand: x.c.Rand, Wall: kafkatest.Wall, RequestTimeoutMicros: 4 * second, MetadataMaxAgeMicros: 5 * second}
}

// producer adds a client with a producer.
func (x *chaos) producer(config client.ProducerConfig) (p *client.Producer, number int) {
	c := client.New(x.config())
	p, err := c.NewProducer(x.c.Now, config)
	if err != nil {
		x.t.Fatal(err)
	}
	return p, x.c.AddClient(c, nil)
}

// feeder writes records to "in".
type feeder struct {
	x      *chaos
	p      *client.Producer
	number int
	sent   int
	acked  int
	failed int
	next   int64
}

func newFeeder(x *chaos) *feeder {
	f := &feeder{x: x}
	f.p, f.number = x.producer(client.ProducerConfig{Acks: client.AcksAll, Idempotent: true})
	return f
}

func (f *feeder) step() {
	now := f.x.c.Now
	for e, ok := f.p.Poll(); ok; e, ok = f.p.Poll() {
		switch e.Kind {
		case client.Acked:
			f.acked++
		case client.Failed:
			f.failed++
		case client.Fatal:
			f.x.t.Fatalf("seed %d: the feeder: %v", f.x.seed, e.Err)
		}
	}
	if f.x.calm || now < f.next || f.p.Pending() > 50 {
		return
	}
	f.next = now + int64(f.x.luck(120_000))
	m := client.Message{Topic: "in", Partition: client.AnyPartition, Key: fmt.Append(nil, f.x.luck(50)), Value: fmt.Append(nil, f.sent), ID: uint64(f.sent)}
	if err := f.p.Send(now, m); err != nil {
		f.x.t.Fatal(err)
	}
	f.sent++
	f.x.c.Drain(f.number)
}

// processor reads "in" as a member of a group and writes to "out", in
// transactions that commit what was read (KIP-98, KIP-447).
type processor struct {
	x      *chaos
	name   string
	life   int
	c      *client.Client
	p      *client.Producer
	k      *client.Consumer
	number int
	until  int64 // it is down until then
	ready  bool

	txn   string // under way; "": none
	from  client.Offset
	endAt int64
	ended bool // Commit or Abort was called
	lost  bool // its partition was taken away since
	count int
}

// start begins a new life with the same transactional id.
func (p *processor) start() {
	x := p.x
	p.life++
	p.c, p.ready, p.txn = client.New(x.config()), false, ""
	var err error
	p.p, err = p.c.NewProducer(x.c.Now, client.ProducerConfig{Acks: client.AcksAll, TransactionalID: p.name, TransactionTimeoutMicros: 8 * second, DeliveryTimeoutMicros: int64(5+x.luck(20)) * second})
	if err != nil {
		x.t.Fatal(err)
	}
	instance, assignor := "", client.Range
	if x.static() {
		instance = p.name
	}
	if x.cooperative() {
		assignor = client.CooperativeSticky
	}
	p.k, err = p.c.NewConsumer(x.c.Now, client.ConsumerConfig{Group: "g", InstanceID: instance, Topics: []string{"in"}, Reset: client.ResetEarliest, ReadCommitted: true,
		SessionMicros: 6 * second, HeartbeatMicros: second, RebalanceMicros: 8 * second, MaxPollMicros: 20 * second,
		Assignors: []client.Assignor{assignor}})
	if err != nil {
		x.t.Fatal(err)
	}
	p.number = x.c.AddClient(p.c, nil)
	x.say("%s.%d begins", p.name, p.life)
}

// die ends a life without a word.
func (p *processor) die(micros int64) {
	if p.c == nil {
		return
	}
	p.x.say("%s.%d dies, transaction %q", p.name, p.life, p.txn)
	p.x.c.Remove(p.number)
	p.c, p.until = nil, p.x.c.Now+micros
}

func (p *processor) step() {
	x := p.x
	if p.c == nil {
		if x.c.Now < p.until {
			return
		}
		p.start()
	}
	for e, ok := p.k.Poll(); ok; e, ok = p.k.Poll() {
		switch e.Kind {
		case client.Lost, client.Revoked:
			p.lost = p.lost || slices.Contains(e.Partitions, client.TopicPartition{Topic: "in", Partition: p.from.Partition})
		case client.ConsumerFatal:
			x.say("%s.%d: the consumer ends: %v", p.name, p.life, e.Err)
			p.die(second)
			return
		case client.Truncated, client.OutOfRange, client.Corrupt:
			x.t.Errorf("seed %d: %s.%d: consumer event %d: %+v", x.seed, p.name, p.life, e.Kind, e)
		}
	}
	for e, ok := p.p.Poll(); ok; e, ok = p.p.Poll() {
		switch e.Kind {
		case client.Initialized:
			p.ready = true
		case client.TxnCommitted:
			x.say("%s committed", p.txn)
			x.txns[p.txn].committed = true
			p.txn = ""
		case client.TxnAborted:
			x.say("%s aborted", p.txn)
			x.txns[p.txn].aborted = true
			p.txn = ""
			if !p.lost { // otherwise it is another's by now, or was: what that one committed counts
				_ = p.k.SeekTo(x.c.Now, "in", p.from.Partition, p.from.Offset)
			}
		case client.TxnBroken:
			x.say("%s is broken: %v", p.txn, e.Err)
			p.abort()
		case client.Fatal:
			x.say("%s.%d: the producer ends: %v", p.name, p.life, e.Err)
			p.die(second)
			return
		}
	}
	switch {
	case p.txn != "" && !p.ended && p.lost:
		p.abort()
	case p.txn != "" && !p.ended && x.c.Now >= p.endAt:
		p.end()
	case p.txn == "" && p.ready:
		p.begin()
	}
	x.c.Drain(p.number)
}

func (p *processor) begin() {
	x := p.x
	most := 1 + x.luck(6)
	if x.calm {
		most = 50
	}
	r, ok := p.k.Take(x.c.Now, most)
	if !ok {
		return
	}
	if err := p.p.Begin(x.c.Now); err != nil {
		x.t.Fatalf("seed %d: %s.%d: %v", x.seed, p.name, p.life, err)
	}
	p.count++
	p.txn, p.ended, p.lost = fmt.Sprintf("%s.%d.%d", p.name, p.life, p.count), false, false
	x.txns[p.txn] = &fate{records: len(r.Records)}
	p.from = client.Offset{Topic: "in", Partition: r.Partition, Offset: r.Records[0].Offset}
	for _, record := range r.Records {
		value := fmt.Sprintf("%s %d:%d", p.txn, r.Partition, record.Offset)
		if err := p.p.Send(x.c.Now, client.Message{Topic: "out", Partition: int32(x.luck(len(x.outs))), Value: []byte(value)}); err != nil {
			x.t.Fatalf("seed %d: %s: %v", x.seed, p.txn, err)
		}
	}
	last := r.Records[len(r.Records)-1]
	offset := client.Offset{Topic: "in", Partition: r.Partition, Offset: last.Offset + 1, LeaderEpoch: last.LeaderEpoch}
	if err := p.p.SendOffsets(x.c.Now, p.k.Group(), []client.Offset{offset}); err != nil {
		x.t.Fatalf("seed %d: %s: %v", x.seed, p.txn, err)
	}
	p.endAt = x.c.Now
	if !x.calm && x.luck(4) == 0 {
		p.endAt += int64(x.luck(3 * second))
	}
	x.say("%s begins: %d:%d to %d, of %+v", p.txn, r.Partition, p.from.Offset, last.Offset, p.k.Group())
}

func (p *processor) end() {
	if !p.x.calm && p.x.luck(6) == 0 || p.p.Commit(p.x.c.Now) != nil {
		p.abort()
	}
	p.ended = true
}

func (p *processor) abort() {
	p.ended = true
	if state := p.p.Transaction(); state == "within" || state == "broken" {
		if err := p.p.Abort(p.x.c.Now); err != nil {
			p.x.t.Fatalf("seed %d: %s: %v", p.x.seed, p.txn, err)
		}
	}
}

// outlet reads what is committed of a partition of "out".
type outlet struct {
	x      *chaos
	k      *client.Consumer
	number int
	next   int64
	values map[int64]string
}

// watchOutlets reads every partition of "out" that there is.
func (x *chaos) watchOutlets() {
	n := 0
	for i := range x.n {
		if b := x.c.Broker(i); b != nil && b.Image().Topic("out") != nil {
			n = max(n, len(b.Image().Topic("out").Partitions))
		}
	}
	for len(x.outs) < n {
		c := client.New(x.config())
		k, err := c.NewConsumer(x.c.Now, client.ConsumerConfig{Assign: []client.TopicPartition{{Topic: "out", Partition: int32(len(x.outs))}}, Reset: client.ResetEarliest, ReadCommitted: true})
		if err != nil {
			x.t.Fatal(err)
		}
		x.outs = append(x.outs, &outlet{x: x, k: k, number: x.c.AddClient(c, nil), values: map[int64]string{}})
	}
}

func (o *outlet) step() {
	for e, ok := o.k.Poll(); ok; e, ok = o.k.Poll() {
		if e.Kind == client.Truncated || e.Kind == client.OutOfRange || e.Kind == client.Corrupt || e.Kind == client.ConsumerFatal {
			o.x.t.Errorf("seed %d: reader: event %d: %+v", o.x.seed, e.Kind, e)
		}
	}
	for r, ok := o.k.Take(o.x.c.Now, 100); ok; r, ok = o.k.Take(o.x.c.Now, 100) {
		for _, record := range r.Records {
			if record.Offset < o.next {
				o.x.t.Errorf("seed %d: partition %d of out: offset %d after %d", o.x.seed, r.Partition, record.Offset, o.next-1)
			}
			o.next = record.Offset + 1
			o.values[record.Offset] = string(record.Value)
		}
	}
	o.x.c.Drain(o.number)
}
