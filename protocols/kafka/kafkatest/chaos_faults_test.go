package kafkatest_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/broker"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// newest is the broker that knows most of the cluster; nil: all are down.
func (x *chaos) newest() *broker.Broker {
	var newest *broker.Broker
	for i := range x.n {
		if b := x.c.Broker(i); b != nil && (newest == nil || b.Image().End() > newest.Image().End()) {
			newest = b
		}
	}
	return newest
}

// mayCrash reports whether a broker may lose what it has not synced without
// anything being lost: that is promised for one at a time.
func (x *chaos) mayCrash(victim int) bool {
	if x.flush {
		return true
	}
	for i := range x.n {
		if x.c.Broker(i) == nil && i != victim {
			return false
		}
	}
	for _, t := range x.newest().Image().Topics() {
		for number := range t.Partitions {
			p := &t.Partitions[number]
			survivors := 0
			for _, i := range p.Replicas {
				if int(i) == victim {
					continue
				}
				if _, active := x.c.Broker(int(i)).Partition(t.Name, int32(number)); !active {
					return false
				}
				if slices.Contains(p.ISR, i) {
					survivors++
				}
			}
			if survivors == 0 {
				return false
			}
		}
	}
	return true
}

func (x *chaos) restart(node int) {
	if x.c.Broker(node) == nil {
		x.say("broker %d starts", node)
	}
	if err := x.c.Restart(node); err != nil {
		x.t.Fatalf("seed %d: %v", x.seed, err)
	}
}

// ask asks the first broker that is up, and does not wait for the answer.
func (x *chaos) ask(r kmsg.Request) {
	for i := range x.n {
		if x.c.Broker(i) != nil {
			x.c.Dial(i).Send(r, -1)
			return
		}
	}
}

// fault lets one thing go wrong.
func (x *chaos) fault() {
	victim := x.luck(x.n)
	proc := x.procs[x.luck(len(x.procs))]
	switch x.luck(18) {
	case 0, 1:
		if x.c.Broker(victim) == nil || !x.mayCrash(victim) {
			return
		}
		x.say("broker %d crashes", victim)
		x.c.Crash(victim)
		if x.luck(2) == 0 {
			x.run(int64(x.luck(6 * second)))
			x.restart(victim)
		}
	case 2:
		if x.c.Broker(victim) != nil {
			x.say("broker %d shuts down", victim)
			x.c.Shutdown(victim)
		}
	case 3:
		for i := range x.n {
			x.restart(i)
		}
	case 4:
		x.say("broker %d is isolated", victim)
		x.c.Isolate(victim)
	case 5:
		other := (victim + 1 + x.luck(x.n-1)) % x.n
		x.say("broker %d hears nothing of broker %d", other, victim)
		x.c.Cut(victim, other)
	case 6, 7:
		x.say("all is healed")
		x.c.Heal()
		x.run(3 * second)
	case 8:
		proc.die(int64(x.luck(5 * second)))
	case 9:
		if proc.c != nil {
			x.say("%s is isolated", proc.name)
			x.c.Isolate(proc.number)
		}
	case 10:
		if proc.c != nil {
			x.say("%s sends to broker %d in vain", proc.name, victim)
			x.c.Cut(proc.number, victim)
		}
	case 11:
		x.say("preferred leaders are elected")
		x.ask(kmsg.NewPtrElectLeadersRequest())
	case 12:
		x.reassign()
	case 13:
		x.grow()
	case 14:
		x.purge()
	case 15:
		x.say("junk is created, or deleted")
		x.ask(creation("junk", 1+int32(x.luck(3))))
		name := "junk"
		r := kmsg.NewPtrDeleteTopicsRequest()
		r.TopicNames, r.Topics = []string{name}, []kmsg.DeleteTopicsRequestTopic{{Topic: &name}}
		if x.luck(2) == 0 {
			x.ask(r)
		}
	case 16, 17: // what the coordinators keep is compacted, too. (Not with a
		// short delete.retention.ms: who is away for longer never hears of what
		// was deleted, in Kafka as well.)
		for _, name := range []string{"__consumer_offsets", "__transaction_state"} {
			x.ask(alteration(name, "segment.bytes", "3000"))
		}
	}
}

// purge deletes records of "in" that were processed.
func (x *chaos) purge() {
	b := x.newest()
	if b == nil || b.Image().Topic("in") == nil {
		return
	}
	for number, p := range b.Image().Topic("in").Partitions {
		committed := int64(-1)
		for i := range x.n {
			if b := x.c.Broker(i); b != nil {
				committed = max(committed, b.Committed("g", "in", int32(number)))
			}
		}
		if p.Leader < 0 || x.c.Broker(int(p.Leader)) == nil || committed <= 0 {
			continue
		}
		x.say("records of partition %d of in before %d are deleted", number, committed)
		r := kmsg.NewPtrDeleteRecordsRequest()
		r.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: "in", Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: int32(number), Offset: committed}}}}
		x.c.Dial(int(p.Leader)).Send(r, -1)
	}
}

// creation is the request to create a topic.
func creation(name string, partitions int32, configs ...string) kmsg.Request {
	r := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, 3
	for i := 0; i < len(configs); i += 2 {
		topic.Configs = append(topic.Configs, kmsg.CreateTopicsRequestTopicConfig{Name: configs[i], Value: &configs[i+1]})
	}
	r.Topics = append(r.Topics, topic)
	return r
}

// alteration is the request to set an entry of a topic.
func alteration(topic, name, value string) kmsg.Request {
	r := kmsg.NewPtrIncrementalAlterConfigsRequest()
	r.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: topic,
		Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: name, Value: &value}}}}
	return r
}

// reassign moves a partition, or gives its replicas another order.
func (x *chaos) reassign() {
	b := x.newest()
	if b == nil || len(b.Image().Topics()) == 0 { // it has just begun
		return
	}
	topics := b.Image().Topics()
	topic := topics[x.luck(len(topics))]
	number := x.luck(len(topic.Partitions))
	first, n := int32(x.luck(x.n)), int32(x.n)
	second := (first + 1 + int32(x.luck(x.n-1))) % n
	third := (first + 1) % n
	for third == second || third == first {
		third = (third + 1) % n
	}
	replicas := []int32{first, second, third}
	x.say("partition %d of %s goes to %v", number, topic.Name, replicas)
	r := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	r.Topics = []kmsg.AlterPartitionAssignmentsRequestTopic{{Topic: topic.Name, Partitions: []kmsg.AlterPartitionAssignmentsRequestTopicPartition{{
		Partition: int32(number), Replicas: replicas}}}}
	x.ask(r)
}

// grow gives a topic one more partition.
func (x *chaos) grow() {
	name := []string{"in", "out"}[x.luck(2)]
	if x.static() {
		// While the leader of a group is away nobody looks after its topics; and
		// a static one that comes back does not know what it had given out.
		name = "out"
	}
	b := x.newest()
	if b == nil || b.Image().Topic(name) == nil || len(b.Image().Topic(name).Partitions) >= 4 {
		return
	}
	x.say("%s grows", name)
	r := kmsg.NewPtrCreatePartitionsRequest()
	topic := kmsg.NewCreatePartitionsRequestTopic()
	topic.Topic, topic.Count = name, int32(len(b.Image().Topic(name).Partitions)+1)
	r.Topics = append(r.Topics, topic)
	x.ask(r)
}

// settle repairs all, lets the processors finish, and checks.
func (x *chaos) settle() {
	x.say("all is repaired")
	x.c.Heal()
	x.calm = true
	x.watchOutlets()
	for _, p := range x.procs {
		if p.c == nil {
			p.until = x.c.Now
		}
		if x.static() && x.cooperative() {
			// Amid a rebalance one may have died and left a partition without an
			// owner (see package client). The group forgets both, and begins anew.
			p.die(0)
			p.until = x.c.Now + 10*second
		}
	}
	end := x.c.Now + 180*second
	for !x.finished() {
		if x.c.Now > end {
			x.stuck()
			return
		}
		for i := range x.n { // one may have been on its way to shut down
			x.restart(i)
		}
		x.run(second / 2)
		x.watchOutlets()
	}
	x.run(2 * second)
	x.check()
}

// records reads what a broker's log has of a partition.
func (x *chaos) records(b *broker.Broker, topic string, number int32) map[int64]string {
	all := map[int64]string{}
	x.eachRecord(b, topic, number, func(offset int64, r *batch.Record) { all[offset] = string(r.Value) })
	return all
}

// eachRecord goes through a partition in a broker's log, without the markers.
func (x *chaos) eachRecord(b *broker.Broker, topic string, number int32, do func(offset int64, r *batch.Record)) {
	l := b.Log(topic, number)
	if l == nil {
		x.t.Errorf("seed %d: partition %d of %s is not everywhere", x.seed, number, topic)
		return
	}
	for at := l.Start(); at < l.End(); {
		batches, _, err := l.Read(x.c.Now, at, 1<<20, l.End())
		if err != nil || len(batches) == 0 {
			x.t.Fatalf("seed %d: %s-%d from %d of %d: %v", x.seed, topic, number, at, l.End(), err)
		}
		for len(batches) > 0 {
			h, size, err := batch.Parse(batches)
			if err != nil {
				x.t.Fatal(err)
			}
			list, err := batch.Records(nil, batches[:size], batch.Limits{})
			if err != nil {
				x.t.Fatal(err)
			}
			if !h.Control() {
				for i := range list {
					do(h.BaseOffset+int64(list[i].OffsetDelta), &list[i])
				}
			}
			at, batches = h.Next(), batches[size:]
		}
	}
}

// leader returns who leads a partition; nil: nobody.
func (x *chaos) leader(topic string, number int) *broker.Broker {
	if node := x.newest().Image().Topic(topic).Partitions[number].Leader; node >= 0 {
		return x.c.Broker(int(node))
	}
	return nil
}

// finished reports whether all that was written to "in" was processed, and all
// of "out" was read.
func (x *chaos) finished() bool {
	if !x.ready() || x.feed.p.Pending() > 0 || x.table.p.Pending() > 0 {
		return false
	}
	for _, p := range x.procs {
		if p.c == nil || p.txn != "" || !p.ready {
			return false
		}
	}
	for number := range x.newest().Image().Topic("in").Partitions {
		b := x.leader("in", number)
		if b == nil {
			return false
		}
		p, _ := b.Partition("in", int32(number))
		committed := int64(-1)
		for i := range x.n {
			committed = max(committed, x.c.Broker(i).Committed("g", "in", int32(number)))
		}
		if !p.Leads || committed < p.End && p.End > 0 || p.HighWatermark < p.End {
			return false
		}
	}
	for number, state := range x.newest().Image().Topic("out").Partitions {
		b := x.leader("out", number)
		if len(state.ISR) < len(state.Replicas) { // all of them are compared
			return false
		}
		if b == nil || number >= len(x.outs) {
			return false
		}
		p, _ := b.Partition("out", int32(number))
		at := x.outs[number].k.Positions()[0]
		if !p.Leads || p.LastStable < p.End || at.Offset < p.End && p.End > 0 {
			return false
		}
	}
	return true
}

// stuck tells what does not go on.
func (x *chaos) stuck() {
	x.t.Errorf("seed %d: 180 s after all was repaired, not all was processed; ready %v, %d records pending", x.seed, x.ready(), x.feed.p.Pending())
	for i := range x.n {
		b := x.c.Broker(i)
		if b == nil {
			x.t.Logf("broker %d is down", i)
			continue
		}
		for _, p := range b.Partitions() {
			if p.Leads {
				x.t.Logf("broker %d leads %+v", i, p)
				for _, producer := range b.Log(p.Topic, p.Part).Producers() {
					if producer.TxnStart >= 0 {
						x.t.Logf("  open: %+v", producer)
					}
				}
			}
		}
		for _, g := range b.Groups() {
			x.t.Logf("broker %d coordinates %+v", i, g)
		}
		for n := range int32(4) {
			if at := b.Committed("g", "in", n); at >= 0 {
				x.t.Logf("broker %d: partition %d of in is committed to %d", i, n, at)
			}
		}
	}
	for _, p := range x.procs {
		if p.c != nil {
			x.t.Logf("%s.%d: transaction %q is %s, member is %s, ready %v, at %+v", p.name, p.life, p.txn, p.p.Transaction(), p.k.Membership(), p.ready, p.k.Positions())
		}
	}
	for i, o := range x.outs {
		x.t.Logf("outlet %d: %+v", i, o.k.Positions())
	}
}

// check holds what was read of "out" against what its writers know.
func (x *chaos) check() {
	done, seen := map[string]int{}, map[string]int{}
	for number, o := range x.outs {
		for _, value := range o.values {
			txn, from, _ := strings.Cut(value, " ")
			done[from]++
			seen[txn]++
		}
		for _, i := range x.newest().Image().Topic("out").Partitions[number].Replicas { // all are the same
			all := x.records(x.c.Broker(int(i)), "out", int32(number))
			for offset, value := range o.values {
				if all[offset] != value {
					x.t.Errorf("seed %d: partition %d of out: %q was read at %d, broker %d has %q", x.seed, number, value, offset, i, all[offset])
				}
			}
		}
	}
	total := 0
	for number := range x.newest().Image().Topic("in").Partitions {
		x.inOrder(x.records(x.leader("in", number), "in", int32(number)))
		p, _ := x.leader("in", number).Partition("in", int32(number))
		for offset := range p.End { // some are deleted by now
			total++
			from := strconv.Itoa(number) + ":" + strconv.FormatInt(offset, 10)
			if done[from] != 1 {
				x.t.Errorf("seed %d: the record %s of in is in out %d times", x.seed, from, done[from])
			}
			delete(done, from)
		}
	}
	if len(done) > 0 || total < x.feed.acked {
		x.t.Errorf("seed %d: %d of %d acknowledged records are in; out has %v of none", x.seed, total, x.feed.acked, done)
	}
	x.table.check()
	x.junk.check()
	committed := 0
	for name, fate := range x.txns {
		switch n := seen[name]; {
		case fate.aborted && n > 0:
			x.t.Errorf("seed %d: of transaction %s, which was aborted, %d records were read", x.seed, name, n)
		case fate.committed && n != fate.records, n != 0 && n != fate.records:
			x.t.Errorf("seed %d: of the %d records of transaction %s (committed %v) %d were read", x.seed, fate.records, name, fate.committed, n)
		case n > 0:
			committed++
		}
	}
	x.say("%d records, %d transactions, %d of them committed", total, len(x.txns), committed)
	if total == 0 || committed == 0 {
		x.t.Errorf("seed %d: %d records, %d transactions committed: this shows nothing", x.seed, total, committed)
	}
}

// inOrder checks that what the feeder wrote to a partition is there once, and in
// the order in which it was sent: it is idempotent.
func (x *chaos) inOrder(records map[int64]string) {
	last := -1
	for _, offset := range slices.Sorted(maps.Keys(records)) {
		n, err := strconv.Atoi(records[offset])
		if err != nil || n <= last {
			x.t.Errorf("seed %d: the record at %d of in is number %d, after %d", x.seed, offset, n, last)
		}
		last = n
	}
}

// Whatever fails, and comes back: each record of "in" is processed exactly once,
// a transaction is there whole or not at all, and everything goes on in the end.
func TestExactlyOnceInChaos(t *testing.T) {
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		x := newChaos(t, seed)
		x.run(5 * second)
		for range 20 {
			x.fault()
			x.run(int64(x.luck(4 * second)))
		}
		x.settle()
		if t.Failed() {
			fmt.Printf("seed %d failed\n", seed)
			return
		}
	}
}
