package kafkatest_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/client"
)

// table is a topic that is compacted: each of its keys counts upwards, and
// every tenth value is a tombstone.
type table struct {
	x      *chaos
	p      *client.Producer
	number int
	next   int64
	sent   [20]int
	acked  [20]int
}

func newTable(x *chaos) *table {
	t := &table{x: x}
	t.p, t.number = x.producer(client.ProducerConfig{Acks: client.AcksAll, Idempotent: true})
	return t
}

func (t *table) step() {
	now := t.x.c.Now
	for e, ok := t.p.Poll(); ok; e, ok = t.p.Poll() {
		switch e.Kind {
		case client.Acked:
			key, n := e.ID%20, int(e.ID/20)
			t.acked[key] = max(t.acked[key], n)
		case client.Fatal:
			t.x.t.Fatalf("seed %d: the table: %v", t.x.seed, e.Err)
		}
	}
	if t.x.calm || now < t.next || t.p.Pending() > 50 {
		return
	}
	t.next = now + int64(t.x.luck(60_000))
	key := t.x.luck(20)
	t.sent[key]++
	n := t.sent[key]
	m := client.Message{Topic: "table", Partition: 0, Key: fmt.Append(nil, key), ID: uint64(n*20 + key)}
	if n%10 > 0 {
		m.Value = fmt.Append(nil, n)
	}
	if err := t.p.Send(now, m); err != nil {
		t.x.t.Fatal(err)
	}
	t.x.c.Drain(t.number)
}

// check replays every replica: the last word on each key is there, and the
// same everywhere.
func (t *table) check() {
	x := t.x
	var first map[int]int
	records := 0
	for _, i := range x.newest().Image().Topic("table").Partitions[0].Replicas {
		last := map[int]int{}
		x.eachRecord(x.c.Broker(int(i)), "table", 0, func(_ int64, r *batch.Record) {
			records++
			key, _ := strconv.Atoi(string(r.Key))
			n, _ := strconv.Atoi(string(r.Value))
			if r.Value != nil && n <= last[key] {
				x.t.Errorf("seed %d: broker %d: key %d goes from %d back to %d", x.seed, i, key, last[key], n)
			}
			if last[key] = n; r.Value == nil {
				delete(last, key)
			}
		})
		for key, acked := range t.acked {
			n, there := last[key]
			if there && (n < acked || n > t.sent[key]) || !there && acked > 0 && len(tens(acked, t.sent[key])) == 0 {
				x.t.Errorf("seed %d: broker %d: key %d is %d, of %d acknowledged and %d sent", x.seed, i, key, n, acked, t.sent[key])
			}
		}
		if first == nil {
			first = last
		}
		if !maps.Equal(first, last) {
			x.t.Errorf("seed %d: broker %d has %v, another %v", x.seed, i, last, first)
		}
	}
	x.say("table: %d records in all replicas, of %d sent", records, sum(t.sent[:]))
}

// tens are the tombstones among what may be the last word.
func tens(acked, sent int) (all []int) {
	for n := acked; n <= sent; n++ {
		if n%10 == 0 {
			all = append(all, n)
		}
	}
	return all
}

func sum(list []int) (total int) {
	for _, n := range list {
		total += n
	}
	return total
}

// junk is a topic that comes and goes while somebody writes to it.
type junk struct {
	x      *chaos
	p      *client.Producer
	number int
	next   int64
}

func newJunk(x *chaos) *junk {
	j := &junk{x: x}
	j.p, j.number = x.producer(client.ProducerConfig{Acks: client.AcksLeader, DeliveryTimeoutMicros: 3 * second})
	return j
}

func (j *junk) step() {
	for _, ok := j.p.Poll(); ok; _, ok = j.p.Poll() {
	}
	if j.x.calm || j.x.c.Now < j.next || j.p.Pending() > 20 {
		return
	}
	j.next = j.x.c.Now + int64(j.x.luck(100_000))
	_ = j.p.Send(j.x.c.Now, client.Message{Topic: "junk", Partition: client.AnyPartition, Value: []byte("x")})
	j.x.c.Drain(j.number)
}

// check looks for what is left on the disks of topics that are no more.
func (j *junk) check() {
	for i := range j.x.n {
		topic := j.x.c.Broker(i).Image().Topic("junk")
		for _, file := range j.x.c.Disk(i).List("junk-") {
			dir, _, _ := strings.Cut(file, "/")
			if n, _ := strconv.Atoi(strings.TrimPrefix(dir, "junk-")); topic == nil || n >= len(topic.Partitions) || !slices.Contains(topic.Partitions[n].Replicas, int32(i)) {
				j.x.t.Errorf("seed %d: broker %d still has %s", j.x.seed, i, file)
			}
		}
	}
}
