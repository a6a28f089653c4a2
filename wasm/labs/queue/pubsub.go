package queue

import (
	"fmt"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// PubSub is the lab queue/pubsub.
var PubSub = lab.Lab{
	ID: "queue/pubsub", Version: 1,
	Title: lab.Text{En: "Publish and subscribe: a copy for everyone", Zh: "发布与订阅：人手一份"},
	Claim: lab.Text{
		En: "A publisher writes to a topic, and every subscriber gets its own copy, at its own pace; a durable one also gets what came while it was away.",
		Zh: "发布者写入主题，每个订阅者都按自己的节奏得到一份；持久订阅者离开期间的消息也不会错过。"},
	Params: append([]lab.Param{
		consumersParam(3, 8),
		lab.IntParam("durable", 3, 0, 8, lab.Text{En: "Durable subscribers", Zh: "持久订阅者数"},
			lab.Text{En: "How many of the subscribers, the first ones, are durable: the broker keeps their place.", Zh: "有几个订阅者（从前往后数）是持久的：代理替它们记着读到哪里。"}),
		partitionsParam(1, 8), producersParam(1), recordsParam(16), everyParam(400 * sim.Millisecond),
		workParam(100 * sim.Millisecond),
		lab.SpanParam("slow", 800*sim.Millisecond, 60*sim.Second, lab.Text{En: "The slow one's work", Zh: "最慢者的处理用时"},
			lab.Text{En: "How long the last subscriber works on each message.", Zh: "最后一个订阅者处理每条消息要多久。"}),
		sizeParam(20), keysParam(0),
	}, lab.LinkParams(60*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "away", Label: lab.Text{En: "Two are away: one durable, one not", Zh: "两个订阅者离开：一个持久，一个不持久"}, Fails: "all-read",
			Settings: lab.Settings("durable", "2", "slow", "100ms"),
			Script: []lab.Step{
				{At: 4 * sim.Second, Do: "crash consumer/1-2"},
				{At: 6500 * sim.Millisecond, Do: "restart consumer/1-2"},
			}},
		{ID: "durable", Label: lab.Text{En: "Away, and durable", Zh: "离开，但都是持久的"},
			Settings: lab.Settings("slow", "100ms"),
			Script: []lab.Step{
				{At: 4 * sim.Second, Do: "crash consumer/1-2"},
				{At: 6500 * sim.Millisecond, Do: "restart consumer/1-2"},
			}},
	},
	States: loneStates, Kinds: clusterKinds, Layout: "columns", SpeedPermille: 300,
	Orders: []lab.Order{orderOneMore, orderToLeave, orderToJoin},
	Build:  buildPubSub,
}

func buildPubSub(v lab.Values, seed uint64) (*lab.World, error) {
	consume := quickConsumer(v)
	durable := v.Int("durable")
	w := newCluster(seed, plan{
		brokers: 1, producers: v.Int("producers"), consumers: v.Int("consumers"),
		topics: []string{"news"}, records: v.Int("records"), every: v.Time("every"), size: v.Int("size"), keys: v.Int("keys"),
		produce: client.ProducerConfig{Acks: client.AcksAll, Idempotent: true, Partitioner: client.RoundRobin},
		group: func(i int) string {
			if i < durable {
				return fmt.Sprintf("subscriber-%d", i)
			}
			return ""
		},
		consume: consume, patience: quickPatience,
		fresh: func(i int) bool { return i >= durable },
		work: func(i int) sim.Time {
			if i == v.Int("consumers")-1 {
				return v.Time("slow")
			}
			return v.Time("work")
		},
		static: true,
		idle:   quickIdle, end: length(v),
		settings: quickBroker(broker.Settings{Partitions: int32(v.Int("partitions"))}),
		link:     lab.Physics(v),
		copies:   copiesByNumber, shelf: topicShelf,
	})
	world := w.world(w.checkAllRead(), w.checkOnce(), w.checkOrder(), w.checkKept())
	last := v.Int("consumers") - 1
	world.Curves = []lab.Curve{
		{ID: "sent", Label: lab.Text{En: "records sent", Zh: "发送的记录"}, Color: "idle", Measure: func() int64 { return int64(len(w.ledger.orders)) }},
		{ID: "first", Label: lab.Text{En: "read by the first subscriber", Zh: "第一个订阅者读了"}, Color: "done", Measure: func() int64 { return int64(w.ledger.readsOf[0]) }},
	}
	if last > 0 {
		world.Curves = append(world.Curves, lab.Curve{ID: "slow", Label: lab.Text{En: "by the last one", Zh: "最后一个读了"}, Color: "warn",
			Measure: func() int64 { return int64(w.ledger.readsOf[last]) }})
	}
	return world, nil
}
