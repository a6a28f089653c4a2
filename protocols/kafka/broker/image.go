package broker

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"grapevine/protocols/kafka/log"
	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
)

// changed applies what has changed in the image.
func (b *Broker) changed(now int64, d *meta.Delta) {
	for _, id := range d.Brokers {
		if id == b.config.ID {
			b.activate(now)
			b.tellFence()
		} else {
			b.giveUp(now, id)
		}
	}
	if !b.active || b.down {
		return
	}
	for _, t := range d.Deleted {
		for number := range t.Partitions {
			if p := b.partitions[meta.PartitionID{Topic: t.ID, Partition: int32(number)}]; p != nil {
				b.drop(now, p)
			}
		}
	}
	b.resizeCoordinators()
	for _, id := range d.Partitions {
		if t := b.image.TopicByID(id.Topic); t != nil {
			b.applyPartition(now, t, id.Partition)
		}
	}
	for _, r := range d.Configs {
		for _, p := range b.sorted { // rare: somebody altered a configuration
			if r.Kind == meta.BrokerKind || r.Name == p.topic {
				b.configurePartition(p)
			}
		}
	}
}

// applyAll applies the whole image, once the broker is active. What its disk
// has of topics that are no more, or not here any more, goes.
func (b *Broker) applyAll(now int64) {
	b.resizeCoordinators()
	for _, t := range b.image.Topics() {
		for number := range t.Partitions {
			b.applyPartition(now, t, int32(number))
		}
	}
	for _, p := range slices.Clone(b.sorted) {
		if b.image.Partition(p.id) == nil {
			b.drop(now, p)
		}
	}
	kept := map[string]bool{}
	for _, p := range b.sorted {
		kept[p.dir] = true
	}
	last := ""
	for _, file := range b.disk.List("") {
		dir, _, ok := strings.Cut(file, "/")
		if ok && dir != last && !kept[dir] && dir != metadataTopic+"-0" {
			b.deleteDir(now, dir)
		}
		last = dir
	}
	b.tellFence()
}

// resizeCoordinators tells the coordinators how many partitions their topics
// have; as many as the settings say until they are there.
func (b *Broker) resizeCoordinators() {
	count := func(topic string, otherwise int32) int32 {
		if t := b.image.Topic(topic); t != nil {
			return int32(len(t.Partitions))
		}
		return otherwise
	}
	s := &b.config.Settings
	offsets, txns := count(offsetsTopicName, s.OffsetsPartitions), count(txnTopicName, s.TxnPartitions)
	if offsets != b.offsetsPartitions || txns != b.txnPartitions {
		b.offsetsPartitions, b.txnPartitions = offsets, txns
		b.groups.Resize(offsets)
		b.txns.Resize(txns, offsets)
	}
}

// tellFence tells whether the broker may work, when that has changed.
func (b *Broker) tellFence() {
	me := b.image.Broker(b.config.ID)
	if !b.active || me == nil || b.fenceTold && me.Fenced == b.fenced {
		return
	}
	b.fenceTold, b.fenced = true, me.Fenced
	kind := Unfenced
	if me.Fenced {
		kind = Fenced
	} else {
		b.open = true
	}
	b.tell(Event{Kind: kind, From: b.epoch})
}

// applyPartition makes, changes or drops a replica.
func (b *Broker) applyPartition(now int64, t *meta.Topic, number int32) {
	id := meta.PartitionID{Topic: t.ID, Partition: number}
	state := b.image.Partition(id)
	p := b.partitions[id]
	if state == nil || !slices.Contains(state.Replicas, b.config.ID) {
		if p != nil {
			b.drop(now, p)
		}
		return
	}
	if p == nil {
		if len(b.partitions) >= b.config.Limits.MaxPartitions {
			return
		}
		p = b.newPartition(now, t, number)
	}
	p.apply(b, now, state)
}

// idFile holds the topic's id within a partition's directory: a topic that was
// deleted and made again has another.
const idFile = "partition.metadata"

// openLog opens a replica's log, or makes it.
func (b *Broker) openLog(now int64, p *partition) {
	file := p.dir + "/" + idFile
	id := hex(p.id.Topic)
	text, err := b.readFile(now, file)
	if text = strings.TrimSpace(text); err == nil && text != id {
		if !strings.HasPrefix(id, text) { // a crash may have cut it
			b.deleteDir(now, p.dir)
		}
		b.replaceFile(now, file, []byte(id+"\n"))
	}
	if err == nil {
		p.log, err = log.Open(now, b.disk, p.dir, b.logConfig(p.topic))
	}
	if err != nil {
		p.role = failed
		p.fail(b, err)
		return
	}
	b.configurePartition(p)
	p.highWatermark = min(max(b.checkpointed[p.dir], p.log.Start()), p.log.End())
}

// deleteDir deletes what is in a directory.
func (b *Broker) deleteDir(now int64, dir string) {
	for _, file := range b.disk.List(dir + "/") {
		if err := b.disk.Delete(now, file); err != nil {
			b.tell(Event{Kind: Failed, Err: err})
		}
	}
}

func hex(id meta.ID) string {
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 2*len(id))
	for _, c := range id {
		text = append(text, digits[c>>4], digits[c&15])
	}
	return string(text)
}

// configurePartition takes over the topic's configuration.
func (b *Broker) configurePartition(p *partition) {
	if p.log == nil {
		return
	}
	config := b.logConfig(p.topic)
	p.log.Configure(config)
	p.maxBatchBytes = config.MaxBatchBytes
	p.minInsync = b.node.MinInsync(p.id)
	b.touch(p)
}

// logConfig is what a topic's configuration means to its logs.
func (b *Broker) logConfig(topic string) log.Config {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(b.node.TopicSetting(topic, name), 10, 64)
		return n
	}
	policy := b.cleanupPolicy(topic)
	c := log.Config{
		SegmentBytes:       number("segment.bytes"),
		SegmentMicros:      micros(number("segment.ms")),
		IndexIntervalBytes: number("index.interval.bytes"),
		MaxBatchBytes:      int(number("max.message.bytes")),
		RetentionBytes:     limit(number("retention.bytes")),
		RetentionMicros:    limit(micros(number("retention.ms"))),
		TombstoneMicros:    limit(micros(number("delete.retention.ms"))),
		Compact:            slices.Contains(policy, "compact"),
		DeleteToo:          slices.Contains(policy, "delete"),
		Wall:               b.config.Wall,
	}
	if number("flush.messages") == 1 {
		c.Flush = log.FlushEach
	}
	return c
}

func (b *Broker) cleanupPolicy(topic string) []string {
	return meta.SplitList(b.node.TopicSetting(topic, "cleanup.policy"))
}

// micros turns a setting in milliseconds into microseconds; -1 stays.
func micros(ms int64) int64 {
	if ms < 0 || ms > 1<<53 {
		return -1
	}
	return ms * 1000
}

// limit turns a setting of which -1 is without limit, and 0 nothing at all,
// into what a log takes for that.
func limit(n int64) int64 {
	switch {
	case n < 0:
		return math.MaxInt64
	case n == 0:
		return -1
	}
	return n
}

// lookup finds the replica of a partition that a request names by its topic's
// name or, if that is "", by its id.
func (b *Broker) lookup(topic string, id meta.ID, number int32) *partition {
	if topic != "" {
		t := b.image.Topic(topic)
		if t == nil {
			return nil
		}
		id = t.ID
	}
	return b.partitions[meta.PartitionID{Topic: id, Partition: number}]
}

// unknown says why lookup found nothing.
func (b *Broker) unknown(byID bool, topic string, id meta.ID, number int32) *kerr.Error {
	t := b.image.TopicByID(id)
	if topic != "" {
		t = b.image.Topic(topic)
	}
	switch {
	case t == nil && byID && topic == "":
		return kerr.UnknownTopicID
	case t == nil || number < 0 || int(number) >= len(t.Partitions):
		return kerr.UnknownTopicOrPartition
	}
	return kerr.NotLeaderForPartition
}

// address is where a broker is to be found by who came to a listener.
type address struct {
	meta.Listener
	rack *string
}

func (b *Broker) address(id int32, listener int) (address, bool) {
	broker := b.image.Broker(id)
	if broker == nil || broker.Fenced || listener >= len(broker.Listeners) {
		return address{}, false
	}
	return address{broker.Listeners[listener], broker.Rack}, true
}
