package queue

import (
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Groups is the lab queue/kafka-groups.
var Groups = lab.Lab{
	ID: "queue/kafka-groups", Version: 1,
	Title: lab.Text{En: "Consumer groups: more partitions, more consumers", Zh: "消费者组：分区多，消费者才能多"},
	Claim: lab.Text{
		En: "The members of a group share a topic's partitions: each partition has one owner, and when members come or go, a new generation shares them anew.",
		Zh: "组员分担主题的分区：每个分区只有一个主人；有人来、有人走，就换一代，重新分配。"},
	Params: append([]lab.Param{
		partitionsParam(4, 12), consumersParam(3, 10),
		lab.SpanParam("join", 3*sim.Second, 600*sim.Second, lab.Text{En: "Next member after", Zh: "下一个成员隔多久"},
			lab.Text{En: "How long after each other the consumers join.", Zh: "消费者一个接一个加入，中间隔多久。"}),
		{Name: "assignor", Kind: lab.Choice, Label: lab.Text{En: "Assignor", Zh: "分配策略"},
			Help: lab.Text{En: "How the group's leader shares the partitions. Cooperative: members keep what stays theirs while the rest moves.", Zh: "组长怎样分配分区。协作式：换代时，不变的分区照常处理，只移动要换主人的。"},
			Choices: []lab.Option{
				{Value: string(client.Range), Label: lab.Text{En: "range", Zh: "按范围（range）"}},
				{Value: string(client.RoundRobinAssign), Label: lab.Text{En: "round robin", Zh: "轮流（round robin）"}},
				{Value: string(client.StickyAssign), Label: lab.Text{En: "sticky", Zh: "粘性（sticky）"}},
				{Value: string(client.CooperativeSticky), Label: lab.Text{En: "cooperative sticky", Zh: "协作粘性（cooperative sticky）"}},
			}},
		lab.SpanParam("session", 2*sim.Second, 60*sim.Second, lab.Text{En: "Session timeout", Zh: "会话超时"},
			lab.Text{En: "After how long without a heartbeat a member is thought dead.", Zh: "多久收不到心跳，就认为成员已经死了。"}),
		lab.BoolParam("static", false, lab.Text{En: "Static members", Zh: "静态成员"},
			lab.Text{En: "Whether members have fixed names: one that restarts within its session gets back what it had, without a rebalance.", Zh: "成员是否有固定的名字：在会话超时之内重启，就拿回原来的分区，不用重新分配。"}),
		producersParam(1), recordsParam(48), everyParam(250 * sim.Millisecond), workParam(300 * sim.Millisecond), commitParam(commitAfter), sizeParam(20), keysParam(0),
	}, lab.LinkParams(60*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "idle", Label: lab.Text{En: "More consumers than partitions", Zh: "消费者比分区多"},
			Settings: lab.Settings("partitions", "3", "consumers", "5", "join", "2s")},
		{ID: "crash", Label: lab.Text{En: "A crash before the commit", Zh: "提交之前崩溃"}, Fails: "once",
			Settings: lab.Settings("commit", "auto", "join", "0s"),
			Script:   []lab.Step{{At: 4950 * sim.Millisecond, Do: "crash consumer/0"}}},
		{ID: "too-early", Label: lab.Text{En: "Committed before the work", Zh: "先提交，后处理"}, Fails: "all-read",
			Settings: lab.Settings("commit", "before", "join", "0s"),
			Script:   []lab.Step{{At: 5050 * sim.Millisecond, Do: "crash consumer/0"}}},
		{ID: "cooperative", Label: lab.Text{En: "Cooperative: most partitions never stop", Zh: "协作式：多数分区不用停"},
			Settings: lab.Settings("assignor", string(client.CooperativeSticky))},
		{ID: "static", Label: lab.Text{En: "A static member restarts", Zh: "静态成员重启"},
			Settings: lab.Settings("static", "true", "session", "6s", "join", "0s"),
			Script:   []lab.Step{{At: 5 * sim.Second, Do: "crash consumer/1"}, {At: 7 * sim.Second, Do: "restart consumer/1"}}},
	},
	States: loneStates, Kinds: clusterKinds, Layout: "columns", SpeedPermille: 300,
	Orders: []lab.Order{orderOneMore, orderToLeave, orderToJoin},
	Build:  buildGroups,
}

func buildGroups(v lab.Values, seed uint64) (*lab.World, error) {
	consume := quickConsumer(v)
	consume.Assignors = []client.Assignor{client.Assignor(v.Choice("assignor"))}
	consume.SessionMicros = int64(max(v.Time("session"), sim.Second))
	consume.HeartbeatMicros = consume.SessionMicros / 3
	w := newCluster(seed, plan{
		brokers: 1, producers: v.Int("producers"), consumers: v.Int("consumers"),
		topics: []string{"orders"}, records: v.Int("records"), every: v.Time("every"), size: v.Int("size"), keys: v.Int("keys"),
		produce: client.ProducerConfig{Acks: client.AcksAll, Idempotent: true, Partitioner: client.RoundRobin},
		group:   func(int) string { return "workers" },
		joins:   func(i int) sim.Time { return sim.Time(i) * v.Time("join") },
		static:  v.Bool("static"),
		consume: consume, patience: quickPatience,
		work: func(int) sim.Time { return v.Time("work") }, commit: commitOf(v),
		idle: quickIdle, end: length(v) + sim.Time(v.Int("consumers"))*v.Time("join"),
		settings: quickBroker(broker.Settings{Partitions: int32(v.Int("partitions"))}),
		link:     lab.Physics(v),
		shelf:    groupShelf,
	})
	return w.world(w.checkDisjoint(), w.checkOnce(), w.checkAllRead(), w.checkOrder()), nil
}
