package queue

import (
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Disk is the lab queue/kafka-disk.
var Disk = lab.Lab{
	ID: "queue/kafka-disk", Version: 1,
	Title: lab.Text{En: "The disk: in sequence, or all over the place", Zh: "磁盘：顺序写，还是到处写"},
	Claim: lab.Text{
		En: "A log is written where it ends, so the disk's head stays where it is; a table is written all over, and the head has to move for each row. The same records, the same disk: one is many times as fast.",
		Zh: "日志总写在末尾，磁头不用挪；表要写到各处，每一行磁头都得移动。同样的记录、同样的磁盘，速度差许多倍。"},
	Params: append([]lab.Param{
		{Name: "disk", Kind: lab.Choice, Label: lab.Text{En: "Disk", Zh: "磁盘"},
			Help: lab.Text{En: "A hard disk moves a head (8 ms); a solid-state one has none (60 µs).", Zh: "机械硬盘要移动磁头（8 毫秒）；固态盘没有磁头（60 微秒）。"},
			Choices: []lab.Option{
				{Value: "hard", Label: lab.Text{En: "hard disk", Zh: "机械硬盘"}},
				{Value: "solid", Label: lab.Text{En: "solid state", Zh: "固态盘"}},
			}},
		lab.IntParam("cache", 0, 0, 1_000_000, lab.Text{En: "Page cache in KB", Zh: "页缓存（KB）"},
			lab.Text{En: "How much the system keeps in memory; a fifth of it may be written later. 0: there is none.", Zh: "系统在内存里留多少页；其中五分之一可以晚点再写到盘上。0 表示没有页缓存。"}),
		lab.BoolParam("sync", false, lab.Text{En: "Sync to disk", Zh: "同步落盘"},
			lab.Text{En: "Whether a record only counts as written when the disk has made sure of it (flush.messages=1).", Zh: "是否等磁盘确认写好，才算写好一条记录（flush.messages=1）。"}),
		lab.IntParam("batch", 1, 1, 1000, lab.Text{En: "Records a batch", Zh: "每批记录数"},
			lab.Text{En: "How many records a producer puts into one batch.", Zh: "生产者把几条记录装成一批。"}),
		partitionsParam(1, 200), readersParam(4),
		lab.SpanParam("time", 400*sim.Millisecond, 60*sim.Second, lab.Text{En: "Length", Zh: "时长"},
			lab.Text{En: "How long both write.", Zh: "双方写多久。"}),
		sizeParam(100),
		lab.IntParam("segment", 100_000, 1_000, 100_000_000, lab.Text{En: "Segment size", Zh: "日志段大小"},
			lab.Text{En: "After how many bytes a log goes on in a new segment.", Zh: "日志写满多少字节就换一个新的段。"}),
	}, lab.LinkParams(sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "batches", Label: lab.Text{En: "Batches of twenty", Zh: "二十条一批"}, Settings: lab.Settings("batch", "20")},
		{ID: "solid", Label: lab.Text{En: "A solid-state disk", Zh: "固态盘"}, Fails: "ten-times", Settings: lab.Settings("disk", "solid")},
		{ID: "memory", Label: lab.Text{En: "The page cache takes it all", Zh: "页缓存全装下了"}, Fails: "ten-times", Settings: lab.Settings("cache", "65536")},
		{ID: "full", Label: lab.Text{En: "A page cache that fills up", Zh: "页缓存很快就满"}, Settings: lab.Settings("cache", "256")},
		{ID: "partitions", Label: lab.Text{En: "Twenty partitions: twenty ends", Zh: "二十个分区：二十个末尾"}, Fails: "ten-times", Settings: lab.Settings("partitions", "20")},
		{ID: "partitions-cached", Label: lab.Text{En: "Twenty partitions behind a page cache", Zh: "二十个分区，加上页缓存"}, Settings: lab.Settings("partitions", "20", "cache", "1024", "time", "1s")},
		{ID: "reader", Label: lab.Text{En: "A consumer reads along", Zh: "一个消费者跟着读"}, Fails: "ten-times", Settings: lab.Settings("consumers", "1")},
		{ID: "reader-cached", Label: lab.Text{En: "It reads from the page cache", Zh: "它从页缓存里读"}, Settings: lab.Settings("consumers", "1", "cache", "256")},
		{ID: "sync", Label: lab.Text{En: "Each batch is made sure of", Zh: "每批都确认落盘"}, Settings: lab.Settings("sync", "true", "batch", "5", "time", "300ms")},
		{ID: "power", Label: lab.Text{En: "The power fails", Zh: "断电"}, Fails: "ten-times on-disk", Settings: lab.Settings("cache", "65536"),
			Script: []lab.Step{{At: 500 * sim.Millisecond, Do: "crash broker"}, {At: 500 * sim.Millisecond, Do: "crash table"},
				{At: 520 * sim.Millisecond, Do: "restart broker"}, {At: 520 * sim.Millisecond, Do: "restart table"}}},
	},
	States: diskStates, Kinds: clusterKinds, Layout: "columns", SpeedPermille: 10,
	Build: buildDisk,
}

// maxBatchBytes is the largest batch: Kafka's default of max.message.bytes, nearly.
const maxBatchBytes = 1_000_000

// The states of nodes here: the servers are busy while their disks are.
var diskStates = []lab.State{
	stateIdle: clusterStates[stateIdle],
	stateBusy: {ID: "busy", Label: lab.Text{En: "has records under way, or is at its disk", Zh: "有记录在途，或正在用磁盘"}, Shape: "disc", Color: "active"},
}

func buildDisk(v lab.Values, seed uint64) (*lab.World, error) {
	disk := sim.HardDisk()
	if v.Choice("disk") == "solid" {
		disk = sim.SolidState()
	}
	disk.CacheBytes = int64(v.Int("cache")) << 10
	disk.DirtyBytes = disk.CacheBytes / 5
	settings := broker.Settings{
		Partitions: int32(v.Int("partitions")), SegmentBytes: int32(v.Int("segment")), FlushEach: v.Bool("sync"),
		ElectionMicros: int64(10 * sim.Millisecond), HeartbeatMicros: int64(20 * sim.Millisecond), SessionMicros: int64(80 * sim.Millisecond),
	}
	const inFlight = 5
	size := v.Int("size")
	if all := v.Int("batch") * size; all > maxBatchBytes {
		return nil, lab.Say("a batch would have %d bytes, and brokers take up to %d: make records smaller, or put fewer into a batch", "一批会有 %d 字节，而代理最多收 %d 字节：请减小记录，或减少每批记录数", all, maxBatchBytes)
	}
	w := newCluster(seed, plan{
		brokers: 1, producers: 2, consumers: v.Int("consumers"), table: true,
		topics: []string{"log", "table"}, records: 1 << 30, size: size,
		produce: client.ProducerConfig{Acks: client.AcksAll, MaxInFlight: inFlight, BatchBytes: v.Int("batch") * size, Partitioner: client.RoundRobin},
		window:  inFlight * v.Int("batch"), retry: 10 * sim.Millisecond, patience: 2 * sim.Second,
		group:    func(int) string { return "" },
		reads:    func(int) []string { return []string{"log"} },
		consume:  client.ConsumerConfig{Reset: client.ResetEarliest},
		work:     func(int) sim.Time { return 0 },
		shelf:    diskShelf,
		settings: settings, end: 10*sim.Second + 4*v.Time("time"),
		link: lab.Physics(v), disk: disk,
	})
	race := race{w: w, length: v.Time("time")}
	return race.world(), nil
}
