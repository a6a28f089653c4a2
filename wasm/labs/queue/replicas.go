package queue

import (
	"fmt"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Replicas is the lab queue/kafka-replicas.
var Replicas = lab.Lab{
	ID: "queue/kafka-replicas", Version: 1,
	Title: lab.Text{En: "Replicas: one leads, the others copy", Zh: "副本：一个领头，其余照抄"},
	Claim: lab.Text{
		En: "Every partition has replicas: one leader serves reads and writes, the followers only copy it; a new leader comes out of the in-sync set.",
		Zh: "每个分区都有副本：首领负责读写，跟随者只从它那里复制；新首领从同步副本里选出。"},
	Params: append([]lab.Param{
		brokersParam(3), partitionsParam(3, 12),
		lab.IntParam("replicas", 3, 1, 9, lab.Text{En: "Replicas", Zh: "副本数"},
			lab.Text{En: "On how many brokers each partition is kept.", Zh: "每个分区存放在几台代理上。"}),
		acksParam(client.AcksAll),
		lab.IntParam("min-insync", 2, 1, 9, lab.Text{En: "Least in sync", Zh: "最少同步副本"},
			lab.Text{En: "With fewer in-sync replicas, a leader refuses records that are to be acknowledged by all (min.insync.replicas).", Zh: "同步副本少于这个数时，首领拒收要求全部确认的记录（min.insync.replicas）。"}),
		lab.BoolParam("unclean", false, lab.Text{En: "Unclean election", Zh: "不干净的选举"},
			lab.Text{En: "Whether a replica that is not in sync may become the leader if no other is left.", Zh: "没有别的副本可选时，不同步的副本能不能当首领。"}),
		lab.BoolParam("sync", true, lab.Text{En: "Sync to disk", Zh: "同步落盘"},
			lab.Text{En: "Whether a broker waits for its disk before a record counts as written (flush.messages=1).", Zh: "代理是否等磁盘写完，才算写好一条记录（flush.messages=1）。"}),
		{Name: "faults", Kind: lab.Choice, Label: lab.Text{En: "Faults", Zh: "故障"},
			Help: lab.Text{En: "What goes wrong: one leader crashes, nothing, or crashes, cuts, slow links and disks and losses by chance.", Zh: "出什么故障：一个首领崩溃、没有故障，或随机的崩溃、断链、网络或磁盘变慢和丢包。"},
			Choices: []lab.Option{
				{Value: "leader", Label: lab.Text{En: "a leader crashes", Zh: "一个首领崩溃"}},
				{Value: "none", Label: lab.Text{En: "none", Zh: "没有"}},
				{Value: "random", Label: lab.Text{En: "random", Zh: "随机"}},
			}},
		producersParam(1), recordsParam(40), everyParam(400 * sim.Millisecond), sizeParam(20), keysParam(4),
	}, lab.LinkParams(60*sim.Millisecond, 0, 0)...),
	Presets: []lab.Preset{
		{ID: "leader-alone", Label: lab.Text{En: "Acknowledged by the leader alone", Zh: "只等首领确认"}, Fails: "kept",
			Settings: lab.Settings("acks", "1", "every", "100ms", "records", "80", "partitions", "1"),
			Script: []lab.Step{
				{At: 5 * sim.Second, Do: "slow broker/0 to broker/1-2 500ms"},
				{At: 6 * sim.Second, Do: "crash broker/0"},
				{At: 8 * sim.Second, Do: "heal"},
				{At: 12 * sim.Second, Do: "restart broker/0"},
			}},
		{ID: "unclean", Label: lab.Text{En: "An unclean election", Zh: "不干净的选举"}, Fails: "kept read-stays",
			Settings: lab.Settings("unclean", "true", "min-insync", "1", "partitions", "1", "replicas", "2"), Script: oneAfterTheOther},
		{ID: "clean", Label: lab.Text{En: "The same crashes, clean elections only", Zh: "同样的崩溃，只许干净的选举"},
			Settings: lab.Settings("min-insync", "1", "partitions", "1", "replicas", "2"), Script: oneAfterTheOther},
		{ID: "too-few", Label: lab.Text{En: "Too few in sync", Zh: "同步副本太少"},
			Settings: lab.Settings("partitions", "1", "replicas", "2"),
			Script: []lab.Step{
				{At: 6 * sim.Second, Do: "crash broker/1"},
				{At: 13 * sim.Second, Do: "restart broker/1"},
			}},
		{ID: "power", Label: lab.Text{En: "Power fails everywhere", Zh: "全部断电"}, Fails: "kept read-stays",
			Settings: lab.Settings("sync", "false", "partitions", "1"),
			Script: []lab.Step{
				{At: 8 * sim.Second, Do: "crash broker"},
				{At: 9 * sim.Second, Do: "restart broker"},
			}},
		{ID: "random", Label: lab.Text{En: "Random faults", Zh: "随机故障"},
			Settings: lab.Settings("faults", "random", "records", "120")},
	},
	States: clusterStates, Kinds: clusterKinds, Layout: "columns", SpeedPermille: 400,
	Script: replicasScript,
	Orders: []lab.Order{orderOneMore, orderSlowDisk, orderFastDisk},
	Build:  buildReplicas,
}

// oneAfterTheOther lets a follower crash, then its leader, which is alone in
// sync by then; and lets the follower be back first.
var oneAfterTheOther = []lab.Step{
	{At: 4 * sim.Second, Do: "crash broker/1"},
	{At: 12 * sim.Second, Do: "crash broker/0"},
	{At: 13 * sim.Second, Do: "restart broker/1"},
	{At: 20 * sim.Second, Do: "restart broker/0"},
}

func replicasScript(v lab.Values, seed uint64) []lab.Step {
	switch v.Choice("faults") {
	case "random":
		return randomFaults(seed, v.Int("brokers"))
	case "leader":
		return []lab.Step{
			{At: 6 * sim.Second, Do: "crash broker/0"},
			{At: 12 * sim.Second, Do: "restart broker/0"},
		}
	}
	return nil
}

func buildReplicas(v lab.Values, seed uint64) (*lab.World, error) {
	if v.Int("replicas") > v.Int("brokers") {
		return nil, lab.Say("%d replicas need as many brokers, and there are %d", "%d 个副本需要同样多的代理，现在只有 %d 台", v.Int("replicas"), v.Int("brokers"))
	}
	settings := quickBroker(broker.Settings{
		Partitions: int32(v.Int("partitions")), ReplicationFactor: int16(v.Int("replicas")), MinInsync: int32(v.Int("min-insync")),
		UncleanElection: v.Bool("unclean"),
	})
	settings.FlushEach = v.Bool("sync")
	w := newCluster(seed, plan{
		brokers: v.Int("brokers"), producers: v.Int("producers"), consumers: 1,
		whole: true, topics: []string{"orders"}, records: v.Int("records"), every: v.Time("every"), size: v.Int("size"), keys: v.Int("keys"),
		produce:  client.ProducerConfig{Acks: acksOf(v), Idempotent: acksOf(v) == client.AcksAll},
		group:    func(int) string { return "" },
		consume:  client.ConsumerConfig{Reset: client.ResetEarliest},
		work:     func(int) sim.Time { return 0 },
		patience: 2 * sim.Second,
		idle:     quickIdle, end: 120*sim.Second + sim.Time(v.Int("records"))*v.Time("every"),
		settings: settings, shelf: replicaShelf, losses: true,
		link: lab.Physics(v),
	})
	return w.world(w.checkKept(), w.checkStays(), w.checkOrder(), w.checkCopies(), w.checkWatermark(), w.checkLed()), nil
}

// randomFaults is a script of crashes, cuts, slow links, losses and slow disks by chance,
// after which all is well again.
func randomFaults(seed uint64, brokers int) (steps []lab.Step) {
	const purpose = 1
	luck := sim.NewLuck(seed, purpose)
	add := func(at sim.Time, do string, args ...any) {
		steps = append(steps, lab.Step{At: at, Do: fmt.Sprintf(do, args...)})
	}
	const first, last = 4 * sim.Second, 45 * sim.Second
	for at := first; at < last; at += sim.Time(500+luck.Intn(4000)) * sim.Millisecond {
		one, other := luck.Intn(brokers), luck.Intn(brokers)
		length := sim.Time(100+luck.Intn(8000)) * sim.Millisecond
		switch luck.Intn(7) {
		case 0, 1:
			add(at, "crash broker/%d", one)
			add(at+length, "restart broker/%d", one)
		case 2:
			add(at, "cut broker/%d broker/%d", one, other)
			add(at+length, "heal broker/%d broker/%d", one, other)
		case 3:
			add(at, "cut broker/%d to broker/%d", one, other)
			add(at+length, "heal broker/%d to broker/%d", one, other)
		case 4:
			add(at, "slow broker/%d %dms", one, 50+luck.Intn(800))
			add(at+length, "heal broker/%d", one)
		case 5:
			add(at, "lose broker/%d %d%%", one, 5+luck.Intn(60))
			add(at+length, "heal broker/%d", one)
		case 6:
			add(at, "slow disk broker/%d %dx", one, 2+luck.Intn(100))
			add(at+length, "slow disk broker/%d 1x", one)
		}
	}
	end := last + 10*sim.Second
	add(end, "heal")
	for i := range brokers {
		add(end, "restart broker/%d", i)
	}
	return steps
}
