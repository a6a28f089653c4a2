package tshark

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/protocols/kafka/kafkatest"
)

// cluster is our brokers with our clients, which speak no newer versions than
// tshark knows. It keeps what was said between them.
type cluster struct {
	t *testing.T
	*kafkatest.Cluster
	newest limits
	heard  map[int]talk      // by pipe
	acked  map[string]string // by value, where a record is
}

const brokers = 3

func newCluster(t *testing.T) *cluster {
	t.Helper()
	w := &cluster{t: t, newest: tsharkKnows(t), heard: map[int]talk{}, acked: map[string]string{}}
	var err error
	w.Cluster, err = kafkatest.New(kafkatest.Config{
		Seed: 1, Brokers: brokers,
		Settings: broker.Settings{OffsetsPartitions: 1, TxnPartitions: 1, Partitions: 2, ReplicationFactor: 3, MinInsync: 2, GroupInitialDelayMicros: -1},
		Hear:     w.hear,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Run(8 * kafkatest.Second)
	return w
}

// hear keeps what clients and brokers say to each other. Brokers among
// themselves speak too new for tshark.
func (w *cluster) hear(pipe, dialler int, answer bool, b []byte) {
	if dialler >= brokers {
		w.heard[pipe] = append(w.heard[pipe], said{!answer, slices.Clone(b)})
	}
}

func (w *cluster) talks() (list []talk) {
	for _, pipe := range slices.Sorted(maps.Keys(w.heard)) {
		list = append(list, w.heard[pipe])
	}
	return list
}

func (w *cluster) client(name string) *client.Client {
	config := client.Config{ClientID: name, Rand: w.Rand, Wall: kafkatest.Wall, MaxVersion: w.newest.of}
	for i := range brokers {
		config.Bootstrap = append(config.Bootstrap, client.Address{Host: w.Host(i), Port: kafkatest.Port})
	}
	return client.New(config)
}

func (w *cluster) until(what string, done func() bool) {
	w.t.Helper()
	if !w.Until(w.Now+60*kafkatest.Second, done) {
		w.t.Fatal("in vain: " + what)
	}
}

// producer is a producer and what it was told.
type producer struct {
	*client.Producer
	w      *cluster
	number int
	events []client.ProducerEventKind
}

func (w *cluster) producer(name string, config client.ProducerConfig) *producer {
	w.t.Helper()
	c := w.client(name)
	config.Acks, config.Idempotent, config.LingerMicros = client.AcksAll, true, 20_000
	machine, err := c.NewProducer(w.Now, config)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &producer{Producer: machine, w: w}
	p.number = w.AddClient(c, func(int64) {
		for e, ok := machine.Poll(); ok; e, ok = machine.Poll() {
			p.events = append(p.events, e.Kind)
			if e.Kind == client.Acked {
				w.acked[fmt.Sprintf("%s %d", name, e.ID)] = place(e.Topic, int64(e.Partition), e.Offset)
			}
		}
	})
	return p
}

// send sends records and waits until they are acknowledged. Their values are
// the producer's name and their numbers.
func (p *producer) send(name, topic string, from, to int) {
	p.w.t.Helper()
	for i := from; i < to; i++ {
		m := client.Message{Topic: topic, Partition: client.AnyPartition, Key: fmt.Appendf(nil, "key %d", i%3), Value: fmt.Appendf(nil, "%s %d", name, i), ID: uint64(i)}
		if err := p.Send(p.w.Now, m); err != nil {
			p.w.t.Fatal(err)
		}
	}
	p.w.Drain(p.number)
	p.w.until("acknowledged", func() bool { return p.Pending() == 0 })
}

// do has a transaction go on, and waits for what comes of it.
func (p *producer) do(step func(now int64) error, end client.ProducerEventKind) {
	p.w.t.Helper()
	if err := step(p.w.Now); err != nil {
		p.w.t.Fatal(err)
	}
	p.w.Drain(p.number)
	p.w.until("told so", func() bool { return end == 0 || slices.Contains(p.events, end) })
	p.events = nil
}

// consumer is a consumer, and what it was told and read.
type consumer struct {
	*client.Consumer
	number      int
	generations []int32
	read        map[string]bool // by value
	left        bool
}

func (w *cluster) consumer(name string, config client.ConsumerConfig) *consumer {
	w.t.Helper()
	c := w.client(name)
	config.Reset, config.SessionMicros, config.HeartbeatMicros = client.ResetEarliest, 6*kafkatest.Second, kafkatest.Second/2
	machine, err := c.NewConsumer(w.Now, config)
	if err != nil {
		w.t.Fatal(err)
	}
	k := &consumer{Consumer: machine, read: map[string]bool{}}
	k.number = w.AddClient(c, func(now int64) {
		for e, ok := machine.Poll(); ok; e, ok = machine.Poll() {
			if e.Kind == client.Joined {
				k.generations = append(k.generations, e.Generation)
			}
			k.left = k.left || e.Kind == client.Left
		}
		for b, ok := machine.Take(now, 100); ok; b, ok = machine.Take(now, 100) {
			for _, r := range b.Records {
				k.read[string(r.Value)] = true
			}
		}
	})
	return k
}

var codecs = []batch.Codec{batch.None, batch.Gzip, batch.Snappy, batch.LZ4, batch.Zstd}

// TestKafkaClients: of a talk between our clients and our brokers, in versions
// that it knows, tshark understands everything, and finds what the clients
// were told: where each record is, by every codec, who wrote it, which
// generations the group had, what became of transactions.
func TestKafkaClients(t *testing.T) {
	w := newCluster(t)
	identities := map[string]int64{}
	var topics []string
	for _, codec := range codecs {
		name := codec.String()
		p := w.producer(name, client.ProducerConfig{Codec: codec})
		p.send(name, name, 0, 20)
		p.send(name, name, 20, 30)
		identities[name], _ = p.Identity()
		topics = append(topics, name)
	}
	group := client.ConsumerConfig{Group: "group", Topics: topics, AutoCommitMicros: kafkatest.Second / 10}
	one := w.consumer("one", group)
	w.until("all read", func() bool { return len(one.read) == len(w.acked) })
	two := w.consumer("two", group)
	w.until("two join", func() bool { return len(two.generations) > 0 })
	w.Run(kafkatest.Second)
	two.Close(w.Now)
	w.Drain(two.number)
	w.until("one is alone", func() bool { return two.left && len(one.generations) == 3 })
	w.Run(kafkatest.Second)

	p := w.producer("txn", client.ProducerConfig{TransactionalID: "txn"})
	w.Drain(p.number)
	w.until("ready", func() bool { return slices.Contains(p.events, client.Initialized) })
	for round, end := range []client.ProducerEventKind{client.TxnCommitted, client.TxnAborted, client.TxnCommitted} {
		p.do(p.Begin, 0)
		p.send("txn", "txn", 10*round, 10*round+10)
		if end == client.TxnAborted {
			p.do(p.Abort, end)
			continue
		}
		position := one.Positions()[0]
		p.do(func(now int64) error {
			return p.SendOffsets(now, one.Group(), []client.Offset{{Topic: position.Topic, Partition: position.Partition, Offset: position.Offset, LeaderEpoch: -1}})
		}, 0)
		p.do(p.Commit, end)
	}
	identities["txn"], _ = p.Identity()
	k := w.consumer("committed", client.ConsumerConfig{Assign: []client.TopicPartition{{Topic: "txn", Partition: 0}, {Topic: "txn", Partition: 1}}, ReadCommitted: true})
	w.until("two of three are read", func() bool { return len(k.read) == 20 })

	pairs, _ := agree(t, record(t, w.talks()))
	for _, p := range pairs {
		if !p.whole() {
			t.Errorf("%v: it must be of a version that tshark knows", p)
		}
	}
	checkRecords(t, pairs, w.acked)
	checkWriters(t, pairs, identities)
	checkGroup(t, pairs, map[string][]int32{"one": one.generations, "two": two.generations})
	checkTransactions(t, pairs, identities["txn"], w.acked)
}

// checkRecords: every acknowledged record is where its producer was told, by
// the answer to its request and when it is read, and there are no others.
func checkRecords(t *testing.T, pairs []*pair, acked map[string]string) {
	t.Helper()
	answered, read := placed(pairs)
	if !maps.Equal(answered, acked) {
		t.Errorf("by the answers that tshark finds, the records are at %v\nthe producers were told %v", answered, acked)
	}
	if !maps.Equal(read, acked) {
		t.Errorf("tshark finds that these are read: %v\nthe producers were told %v", read, acked)
	}
}

// checkWriters: a producer's batches have its ID and its codec.
func checkWriters(t *testing.T, pairs []*pair, identities map[string]int64) {
	t.Helper()
	batches := map[string]int{}
	for _, p := range pairs {
		if p.api.Name != "Produce" || !p.byClient {
			continue
		}
		name := p.find("kafka.client_id")
		batches[name]++
		codec := max(slices.IndexFunc(codecs, func(c batch.Codec) bool { return c.String() == name }), 0) // txn has none
		if p.find("kafka.producer_id") != strconv.FormatInt(identities[name], 10) || p.find("kafka.batch_codec") != strconv.Itoa(codec) {
			t.Errorf("%v: tshark finds producer %s and codec %s, expected %d and %d", p, p.find("kafka.producer_id"), p.find("kafka.batch_codec"), identities[name], codec)
		}
	}
	if len(batches) != len(identities) {
		t.Errorf("tshark finds batches of %v", batches)
	}
}

// checkGroup: members join and sync in the generations that they were told,
// after the first JoinGroup of each was refused for want of a member id (KIP-394).
func checkGroup(t *testing.T, pairs []*pair, generations map[string][]int32) {
	t.Helper()
	const memberIDRequired = "79"
	joined, synced, refused := map[string][]int32{}, map[string][]int32{}, 0
	for _, p := range pairs {
		if !p.byClient || p.answer == nil {
			continue
		}
		name := p.find("kafka.client_id")
		switch p.api.Name {
		case "JoinGroup":
			switch p.answer.find("kafka.error") {
			case "0":
				joined[name] = append(joined[name], int32(integer(p.answer.find("kafka.generation_id"))))
			case memberIDRequired:
				refused++
			}
		case "SyncGroup":
			synced[name] = append(synced[name], int32(integer(p.find("kafka.generation_id"))))
		}
	}
	for name, want := range generations {
		if !slices.Equal(joined[name], want) || !slices.Equal(synced[name], want) {
			t.Errorf("tshark finds that %s joined %v and synced %v, it was told %v", name, joined[name], synced[name], want)
		}
	}
	if refused != len(generations) {
		t.Errorf("tshark finds %d JoinGroups refused, expected one of each of %d members", refused, len(generations))
	}
}

// checkTransactions: the second of three was aborted. Who reads committed
// records is told so, and where it begins; a marker in the log ends each.
func checkTransactions(t *testing.T, pairs []*pair, id int64, acked map[string]string) {
	t.Helper()
	var ends []string
	told, markers := map[string]int64{}, map[string]string{}
	for _, p := range pairs {
		switch {
		case p.api.Name == "EndTxn" && p.byClient:
			ends = append(ends, p.find("kafka.transaction_result"))
		case p.api.Name == "Fetch" && !p.byClient:
			producer := int64(0)
			p.in(func(n *node, at found) {
				switch n.Name {
				case "kafka.producer_id":
					producer = integer(n.Show)
				case "kafka.first_offset":
					told[place(at.topic, at.partition, integer(n.Show))] = producer
				}
			})
			for _, r := range p.records() {
				if r.control {
					markers[place(r.topic, r.partition, r.offset)] = r.key
				}
			}
		}
	}
	const abort, commit = "00000000", "00000001" // version 0 and the type
	wantTold, wantMarkers := map[string]int64{}, map[string]string{}
	for partition := range int64(2) {
		offset := int64(0)
		for _, marker := range []string{commit, abort, commit} {
			if marker == abort {
				wantTold[place("txn", partition, offset)] = id
			}
			for slices.Contains(slices.Collect(maps.Values(acked)), place("txn", partition, offset)) {
				offset++
			}
			wantMarkers[place("txn", partition, offset)] = marker
			offset++
		}
	}
	if !slices.Equal(ends, []string{"1", "0", "1"}) || !maps.Equal(told, wantTold) || !maps.Equal(markers, wantMarkers) {
		t.Errorf("tshark finds transactions that end %v, aborted ones from %v, markers %v\nexpected commit, abort, commit; %v; %v", ends, told, markers, wantTold, wantMarkers)
	}
}
