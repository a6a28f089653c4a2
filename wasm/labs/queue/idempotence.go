package queue

import (
	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Idempotence is the lab queue/idempotence.
var Idempotence = lab.Lab{
	ID: "queue/idempotence", Version: 1,
	Title: lab.Text{En: "Idempotence: a retry is no second record", Zh: "幂等：重试不会多写一条"},
	Claim: lab.Text{
		En: "When an acknowledgement is lost, the producer sends again; an idempotent one numbers its records, so that the broker writes each once.",
		Zh: "确认丢了，生产者就会重发；幂等的生产者给记录编了号，代理只写一次。"},
	Params: append([]lab.Param{
		lab.BoolParam("idempotent", true, lab.Text{En: "Idempotent producers", Zh: "幂等生产者"},
			lab.Text{En: "Whether producers number their records (producer ID, epoch, sequence), and brokers throw away what comes twice.", Zh: "生产者是否给记录编号（生产者 ID、纪元、序号），让代理丢掉重复的。"}),
		lab.IntParam("in-flight", 5, 1, 5, lab.Text{En: "Requests under way", Zh: "在途请求数"},
			lab.Text{En: "How many requests a producer has under way at once.", Zh: "生产者同时可以有多少个请求在路上。"}),
		lab.IntParam("txn", 0, 0, 100, lab.Text{En: "Records a transaction", Zh: "每个事务的记录数"},
			lab.Text{En: "How many records make a transaction. 0: there are none.", Zh: "几条记录组成一个事务。0 表示不用事务。"}),
		lab.ShareParam("aborts", 0, lab.Text{En: "Aborted transactions", Zh: "中止的事务"},
			lab.Text{En: "The share of transactions that producers take back.", Zh: "有多大比例的事务会被生产者撤回。"}),
		{Name: "isolation", Kind: lab.Choice, Label: lab.Text{En: "Isolation", Zh: "隔离级别"},
			Help: lab.Text{En: "Whether consumers read what is committed only, or everything.", Zh: "消费者只读已提交的，还是什么都读。"},
			Choices: []lab.Option{
				{Value: "committed", Label: lab.Text{En: "read committed", Zh: "读已提交"}},
				{Value: "uncommitted", Label: lab.Text{En: "read uncommitted", Zh: "读未提交"}},
			}},
		partitionsParam(1, 6), producersParam(1), recordsParam(30), everyParam(300 * sim.Millisecond), sizeParam(20), keysParam(0),
	}, lab.LinkParams(60*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "duplicates", Label: lab.Text{En: "Not idempotent: written twice", Zh: "不幂等：写了两次"}, Fails: "no-copies",
			Settings: lab.Settings("idempotent", "false")},
		{ID: "dirty", Label: lab.Text{En: "Transactions, and a consumer that reads everything", Zh: "有事务，消费者却什么都读"}, Fails: "only-committed",
			Settings: lab.Settings("txn", "4", "aborts", "40%", "isolation", "uncommitted", "partitions", "2"), Script: []lab.Step{}},
		{ID: "committed", Label: lab.Text{En: "Transactions, read committed", Zh: "有事务，只读已提交"},
			Settings: lab.Settings("txn", "4", "aborts", "40%", "partitions", "2"), Script: []lab.Step{}},
	},
	States: loneStates, Kinds: clusterKinds, Layout: "columns", SpeedPermille: 250,
	Orders: []lab.Order{orderOneMore, {Role: "producer", Form: "send {a} " + orderAbort, Label: lab.Text{En: "Take back its transaction", Zh: "撤回它的事务"}}},
	Script: func(lab.Values, uint64) []lab.Step {
		// Requests arrive, and their answers do not.
		return []lab.Step{
			{At: 3500 * sim.Millisecond, Do: "cut broker/0 to producer"},
			{At: 6500 * sim.Millisecond, Do: "heal broker/0 to producer"},
		}
	},
	Build: buildIdempotence,
}

func buildIdempotence(v lab.Values, seed uint64) (*lab.World, error) {
	txn := v.Int("txn")
	consume := client.ConsumerConfig{Reset: client.ResetEarliest, ReadCommitted: v.Choice("isolation") == "committed"}
	w := newCluster(seed, plan{
		brokers: 1, producers: v.Int("producers"), consumers: 1,
		topics: []string{"orders"}, records: v.Int("records"), every: v.Time("every"), size: v.Int("size"), keys: v.Int("keys"),
		produce: client.ProducerConfig{Acks: client.AcksAll, Idempotent: v.Bool("idempotent") || txn > 0, MaxInFlight: v.Int("in-flight")},
		txn:     txn, aborts: v.Ratio("aborts"), patience: 2 * sim.Second,
		group:   func(int) string { return "" },
		consume: consume,
		work:    func(int) sim.Time { return 0 },
		idle:    quickIdle, end: length(v),
		settings: quickBroker(broker.Settings{Partitions: int32(v.Int("partitions"))}),
		link:     lab.Physics(v),
		copies:   copiesAsRead, numbers: true, shelf: producerShelf,
	})
	return w.world(w.checkCopies(), w.checkOrder(), w.checkCommitted(), w.checkKept()), nil
}
