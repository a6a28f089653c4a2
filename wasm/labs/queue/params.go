package queue

import (
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The orders that several labs have.
var (
	orderOneMore  = lab.Order{Role: "producer", Form: "send {a} " + orderRecord, Label: lab.Text{En: "Send one more record", Zh: "再发一条记录"}}
	orderToLeave  = lab.Order{Role: "consumer", Form: "send {a} " + orderLeave, Label: lab.Text{En: "Leave", Zh: "离开"}}
	orderSlowDisk = lab.Order{Role: "broker", Form: "slow disk {a} 50x", Label: lab.Text{En: "Slow its disk down, 50 times", Zh: "磁盘放慢 50 倍"}}
	orderFastDisk = lab.Order{Role: "broker", Form: "slow disk {a} 1x", Label: lab.Text{En: "Its disk as before", Zh: "磁盘恢复正常"}}
	orderToJoin   = lab.Order{Role: "consumer", Form: "send {a} " + orderJoin, Label: lab.Text{En: "Join again", Zh: "重新加入"}}
)

// The parameters that several labs have. A lab gives its own defaults.

func brokersParam(normal int64) lab.Param {
	return lab.IntParam("brokers", normal, 1, 9, lab.Text{En: "Brokers", Zh: "代理数"},
		lab.Text{En: "How many brokers there are. The first three are controllers as well.", Zh: "有几台代理（broker）。前三台同时也是控制器。"})
}

func partitionsParam(normal, most int64) lab.Param {
	return lab.IntParam("partitions", normal, 1, most, lab.Text{En: "Partitions", Zh: "分区数"},
		lab.Text{En: "Into how many partitions the topic is split.", Zh: "主题分成几个分区。"})
}

func producersParam(normal int64) lab.Param {
	return lab.IntParam("producers", normal, 1, 10, lab.Text{En: "Producers", Zh: "生产者数"},
		lab.Text{En: "How many programs write.", Zh: "有几个程序写入记录。"})
}

func consumersParam(normal, most int64) lab.Param {
	return lab.IntParam("consumers", normal, 1, most, lab.Text{En: "Consumers", Zh: "消费者数"},
		lab.Text{En: "How many programs read.", Zh: "有几个程序读取记录。"})
}

// readersParam is for labs that can do without consumers.
func readersParam(most int64) lab.Param {
	p := consumersParam(0, most)
	p.Min = 0
	return p
}

func recordsParam(normal int64) lab.Param {
	return lab.IntParam("records", normal, 1, 1_000_000, lab.Text{En: "Records", Zh: "记录数"},
		lab.Text{En: "How many records each producer sends.", Zh: "每个生产者发送多少条记录。"})
}

func everyParam(normal sim.Time) lab.Param {
	return lab.SpanParam("every", normal, 60*sim.Second, lab.Text{En: "Pause", Zh: "间隔"},
		lab.Text{En: "How long a producer waits from one record to the next. 0: no pause.", Zh: "生产者发出一条记录后隔多久再发下一条。0 表示不停顿。"})
}

func sizeParam(normal int64) lab.Param {
	return lab.IntParam("size", normal, 10, 100_000, lab.Text{En: "Record size", Zh: "记录大小"},
		lab.Text{En: "How many bytes a record's value has.", Zh: "一条记录的值有多少字节。"})
}

func keysParam(normal int64) lab.Param {
	return lab.IntParam("keys", normal, 0, 100, lab.Text{En: "Keys", Zh: "键的个数"},
		lab.Text{En: "How many different keys the records have. 0: they have none.", Zh: "记录一共有多少种键。0 表示没有键。"})
}

func workParam(normal sim.Time) lab.Param {
	return lab.SpanParam("work", normal, 60*sim.Second, lab.Text{En: "Work", Zh: "处理用时"},
		lab.Text{En: "How long a consumer works on each record.", Zh: "消费者处理每条记录要多久。"})
}

func acksParam(normal client.Acks) lab.Param {
	p := lab.Param{Name: "acks", Kind: lab.Choice, Label: lab.Text{En: "Acknowledgement", Zh: "确认方式（acks）"},
		Help: lab.Text{En: "What a producer waits for: all in-sync replicas, the leader alone, or nobody.", Zh: "生产者等谁确认：所有同步副本、只等首领，或者谁也不等。"},
		Choices: []lab.Option{
			{Value: "all", Label: lab.Text{En: "all in-sync replicas", Zh: "所有同步副本"}},
			{Value: "1", Label: lab.Text{En: "the leader", Zh: "首领"}},
			{Value: "0", Label: lab.Text{En: "nobody", Zh: "不等"}},
		}}
	for i, a := range acksValues {
		if a == normal {
			p.Default = int64(i)
		}
	}
	return p
}

var acksValues = [...]client.Acks{client.AcksAll, client.AcksLeader, client.AcksNone}

func acksOf(v lab.Values) client.Acks {
	switch v.Choice("acks") {
	case "1":
		return client.AcksLeader
	case "0":
		return client.AcksNone
	}
	return client.AcksAll
}

func commitParam(normal commitRule) lab.Param {
	return lab.Param{Name: "commit", Kind: lab.Choice, Default: int64(normal), Label: lab.Text{En: "Commit", Zh: "提交时机"},
		Help: lab.Text{En: "When a consumer commits its offset: after its work on a record, before it, every second, or never.", Zh: "消费者何时提交偏移量：处理完一条之后、处理之前、每秒一次，或者从不。"},
		Choices: []lab.Option{
			commitAfter:  {Value: "after", Label: lab.Text{En: "after the work", Zh: "处理之后"}},
			commitBefore: {Value: "before", Label: lab.Text{En: "before the work", Zh: "处理之前"}},
			commitAuto:   {Value: "auto", Label: lab.Text{En: "every second", Zh: "每秒一次"}},
			commitNever:  {Value: "never", Label: lab.Text{En: "never", Zh: "从不"}},
		}}
}

func commitOf(v lab.Values) commitRule {
	for rule, name := range []string{commitAfter: "after", commitBefore: "before", commitAuto: "auto"} {
		if v.Choice("commit") == name {
			return commitRule(rule)
		}
	}
	return commitNever
}
