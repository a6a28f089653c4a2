package queue

import (
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// PTP is the lab queue/ptp.
var PTP = lab.Lab{
	ID: "queue/ptp", Version: 1,
	Title: lab.Text{En: "Point to point: one taker for each message", Zh: "点对点：每条消息只给一个人"},
	Claim: lab.Text{
		En: "A producer puts messages into a queue, and of the consumers that compete for them one takes each, first in, first out.",
		Zh: "生产者把消息放进队列，几个消费者竞争，每条消息只有一个消费者取走，先进先出。"},
	Params: append([]lab.Param{
		partitionsParam(2, 8), consumersParam(2, 8), producersParam(1), recordsParam(14), everyParam(400 * sim.Millisecond),
		workParam(700 * sim.Millisecond), commitParam(commitAfter), sizeParam(20), keysParam(0),
	}, lab.LinkParams(60*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "dies", Label: lab.Text{En: "A consumer dies before its acknowledgement", Zh: "消费者还没确认就死了"}, Fails: "once",
			Settings: lab.Settings("commit", "auto"),
			Script:   []lab.Step{{At: 5 * sim.Second, Do: "crash consumer/0"}}},
		{ID: "too-early", Label: lab.Text{En: "Acknowledged too early", Zh: "确认得太早"}, Fails: "all-read",
			Settings: lab.Settings("commit", "before"),
			Script:   []lab.Step{{At: 4600 * sim.Millisecond, Do: "crash consumer/0"}}},
		{ID: "one-lane", Label: lab.Text{En: "One partition: strictly first in, first out", Zh: "只有一个分区：严格先进先出"},
			Settings: lab.Settings("partitions", "1")},
	},
	States: loneStates, Kinds: clusterKinds, Layout: "columns", SpeedPermille: 300,
	Orders: []lab.Order{orderOneMore, orderToLeave, orderToJoin},
	Script: func(lab.Values, uint64) []lab.Step {
		// In the midst of its work, so that the message is given to another.
		return []lab.Step{{At: 4600 * sim.Millisecond, Do: "crash consumer/0"}}
	},
	Build: buildPTP,
}

func buildPTP(v lab.Values, seed uint64) (*lab.World, error) {
	w := newCluster(seed, plan{
		brokers: 1, producers: v.Int("producers"), consumers: v.Int("consumers"),
		topics: []string{"queue"}, records: v.Int("records"), every: v.Time("every"), size: v.Int("size"), keys: v.Int("keys"),
		produce: client.ProducerConfig{Acks: client.AcksAll, Idempotent: true, Partitioner: client.RoundRobin},
		group:   func(int) string { return "workers" },
		consume: quickConsumer(v), patience: quickPatience,
		work: func(int) sim.Time { return v.Time("work") }, commit: commitOf(v),
		idle: quickIdle, end: length(v),
		settings: quickBroker(broker.Settings{Partitions: int32(v.Int("partitions"))}),
		link:     lab.Physics(v),
		shelf:    queueShelf,
	})
	return w.world(w.checkOnce(), w.checkAllRead(), w.checkOrder(), w.checkKept()), nil
}
