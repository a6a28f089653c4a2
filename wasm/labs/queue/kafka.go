package queue

import (
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Kafka is the lab queue/kafka.
var Kafka = lab.Lab{
	ID: "queue/kafka", Version: 1,
	Title: lab.Text{En: "Kafka: a topic is split into partitions", Zh: "Kafka：主题分成若干分区"},
	Claim: lab.Text{
		En: "A topic is split into partitions, each an ordered log on a broker's disk; producers append to them, and consumers pull at their own pace.",
		Zh: "主题分成若干分区，每个分区是代理磁盘上一份有序的日志；生产者往里追加，消费者按自己的节奏来拉取。"},
	Params: append([]lab.Param{
		brokersParam(3), partitionsParam(3, 12), producersParam(2), consumersParam(2, 8),
		{Name: "partitioner", Kind: lab.Choice, Label: lab.Text{En: "Partitioner", Zh: "分区器"},
			Help: lab.Text{En: "How a producer chooses the partition: by the key's hash (murmur2), each in turn, or one until its batch is full.", Zh: "生产者怎样选分区：按键的哈希（murmur2）、轮流，或者认准一个，等批次装满再换。"},
			Choices: []lab.Option{
				{Value: "key", Label: lab.Text{En: "the key's hash", Zh: "键的哈希"}},
				{Value: "round-robin", Label: lab.Text{En: "each in turn", Zh: "轮流"}},
				{Value: "sticky", Label: lab.Text{En: "sticky", Zh: "粘性"}},
			}},
		recordsParam(30), everyParam(300 * sim.Millisecond), sizeParam(40), keysParam(5),
		lab.SpanParam("linger", 0, 10*sim.Second, lab.Text{En: "Linger", Zh: "等待凑批"},
			lab.Text{En: "How long a batch waits for more records before it is sent.", Zh: "一个批次为了多装几条记录，最多等多久再发。"}),
		lab.IntParam("batch", 16_384, 100, 1_000_000, lab.Text{En: "Batch size", Zh: "批次大小"},
			lab.Text{En: "How many bytes a batch holds at most.", Zh: "一个批次最多有多少字节。"}),
		codecParam(), workParam(100 * sim.Millisecond),
		lab.SpanParam("late", 0, 600*sim.Second, lab.Text{En: "Consumers come after", Zh: "消费者多久后才来"},
			lab.Text{En: "How long after the producers the consumers begin.", Zh: "生产者开始多久之后，消费者才开始。"}),
		lab.SpanParam("retention", 600*sim.Second, 3600*sim.Second, lab.Text{En: "Retention", Zh: "保留时间"},
			lab.Text{En: "After how long a closed segment of a log is deleted, read or not.", Zh: "日志段写满后保留多久；到时就删除，不管有没有人读过。"}),
		{Name: "cleanup", Kind: lab.Choice, Label: lab.Text{En: "Cleanup policy", Zh: "清理策略"},
			Help: lab.Text{En: "What makes room in a log: closed segments are deleted when they are too old, or are compacted, so that only the latest record of each key stays.", Zh: "日志怎样腾出空间：写满的段到期就删除；或者压实，每个键只留最新的一条。"},
			Choices: []lab.Option{
				{Value: "delete", Label: lab.Text{En: "delete what is old", Zh: "删除旧的"}},
				{Value: "compact", Label: lab.Text{En: "compact: the latest of each key", Zh: "压实：每个键留最新"}},
			}},
		lab.IntParam("segment", 1_000_000, 200, 100_000_000, lab.Text{En: "Segment size", Zh: "日志段大小"},
			lab.Text{En: "After how many bytes a log goes on in a new segment.", Zh: "日志写满多少字节就换一个新的段。"}),
	}, lab.LinkParams(60*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "scattered", Label: lab.Text{En: "Each in turn: a key's order is lost", Zh: "轮流写：同一个键的顺序没了"}, Fails: "key-order",
			Settings: lab.Settings("partitioner", "round-robin", "work", "500ms")},
		{ID: "expired", Label: lab.Text{En: "Deleted before it was read", Zh: "还没读就过期了"}, Fails: "read-in-time",
			Settings: lab.Settings("late", "11s", "retention", "4s", "segment", "500", "partitions", "2")},
		{ID: "compacted", Label: lab.Text{En: "Compacted: only the latest of each key", Zh: "压实：每个键只剩最新的一条"},
			Settings: lab.Settings("cleanup", "compact", "late", "11s", "segment", "300", "keys", "3", "partitions", "2")},
		{ID: "batches", Label: lab.Text{En: "Batches, compressed", Zh: "成批发送，并且压缩"},
			Settings: lab.Settings("linger", "2s", "codec", "gzip", "every", "50ms", "records", "100", "partitioner", "sticky", "keys", "0")},
	},
	States: clusterStates, Kinds: clusterKinds, Layout: "columns", SpeedPermille: 250,
	Orders: []lab.Order{orderOneMore, orderToLeave, orderToJoin},
	Build:  buildKafka,
}

var codecNames = [...]string{batch.None: "none", batch.Gzip: "gzip", batch.Snappy: "snappy", batch.LZ4: "lz4", batch.Zstd: "zstd"}

func codecParam() lab.Param {
	p := lab.Param{Name: "codec", Kind: lab.Choice, Label: lab.Text{En: "Compression", Zh: "压缩"},
		Help: lab.Text{En: "How producers compress their batches. Brokers keep them as they are.", Zh: "生产者怎样压缩批次。代理原样保存，不解压。"}}
	for _, name := range codecNames {
		p.Choices = append(p.Choices, lab.Option{Value: name, Label: lab.Plain(name)})
	}
	p.Choices[0].Label = lab.Text{En: "none", Zh: "不压缩"}
	return p
}

func codecOf(v lab.Values) batch.Codec {
	for codec, name := range codecNames {
		if v.Choice("codec") == name {
			return batch.Codec(codec)
		}
	}
	return batch.None
}

func buildKafka(v lab.Values, seed uint64) (*lab.World, error) {
	if v.Choice("cleanup") == "compact" && v.Int("keys") == 0 {
		return nil, lab.Say("a compacted log takes only records with keys: give them some, or delete what is old", "压实的日志只收带键的记录：请设置键的个数，或者改为删除旧的")
	}
	settings := quickBroker(broker.Settings{
		Partitions: int32(v.Int("partitions")), SegmentBytes: int32(v.Int("segment")),
		RetentionMicros: int64(max(v.Time("retention"), sim.Millisecond)), RetentionCheckMicros: int64(sim.Second), CleanupPolicy: v.Choice("cleanup"),
	})
	produce := client.ProducerConfig{Acks: client.AcksAll, Idempotent: true, LingerMicros: int64(v.Time("linger")), BatchBytes: v.Int("batch"), Codec: codecOf(v)}
	switch v.Choice("partitioner") {
	case "key":
		produce.Partitioner = client.Hashed
	case "round-robin":
		produce.Partitioner = client.RoundRobin
	}
	w := newCluster(seed, plan{
		brokers: v.Int("brokers"), producers: v.Int("producers"), consumers: v.Int("consumers"),
		whole: true, topics: []string{"orders"}, records: v.Int("records"), every: v.Time("every"), size: v.Int("size"), keys: v.Int("keys"),
		produce: produce,
		group:   func(int) string { return "readers" },
		joins:   func(int) sim.Time { return v.Time("late") },
		consume: quickConsumer(v),
		work:    func(int) sim.Time { return v.Time("work") }, commit: commitAfter,
		idle: quickIdle, end: length(v) + v.Time("late"),
		settings: settings, shelf: logShelf,
		link: lab.Physics(v),
	})
	return w.world(w.checkOrder(), w.checkKeyOrder(), w.checkInTime(), w.checkCopies(), w.checkKept()), nil
}
