package queue

import (
	"slices"

	"grapevine/protocols/kafka/broker"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The notes of nodes. The value of most is what note packs.
const (
	noteSent      uint16 = iota // order
	noteAcked                   // order, partition, offset
	noteFailed                  // order
	noteTaken                   // a consumer begins to work on: order, partition, offset
	noteRead                    // it has worked on: order, partition, offset
	noteJoined                  // a consumer is in a generation of its group
	noteAssigned                // topic in place of the order, partition
	noteRevoked                 // likewise
	noteLost                    // likewise: it was taken for dead
	noteIdle                    // a consumer is in its group, and owns nothing
	noteLeft                    // it has left
	noteCommitted               // likewise, offset

	noteCommittedTxn // a producer's transaction: how many records
	noteAbortedTxn   // likewise

	noteBroken     // a broker cannot use its disk
	noteController // a broker learns who the active controller is; -1: nobody
	noteLeads      // topic, partition, log end offset
	noteFollows    // likewise, without the offset
	noteAppended   // topic, partition, last offset
	noteWatermark  // topic, partition, high watermark: of the leader
	noteInSync     // topic, partition, how many
	noteTruncated  // topic, partition, new log end offset
	noteStarted    // topic, partition, new log start offset
	noteRefused    // topic, partition, how many are in sync
	noteRepeated   // topic, partition, last offset of what came once more
	noteCommits    // topic, partition, offset of a marker
	noteAborts     // likewise
	noteFenced
	noteUnfenced
	noteRebalanced // a coordinator begins a generation: group in place of the order, generation in place of the offset
)

// told writes down what a broker tells.
func (w *cluster) told(h *sim.Host, member int, e *broker.Event) {
	topic := w.topic(e.Topic)
	if e.Topic != "" && topic < 0 {
		return // Kafka's own topics
	}
	// A lone broker agrees with itself: that goes without saying.
	alone := w.plan.brokers == 1
	say := func(code uint16, offset int64) { h.Note(code, note(topic, e.Part, offset)) }
	switch e.Kind {
	case broker.Controller:
		w.heardOf[member] = e.Node
		if !alone {
			h.Note(noteController, int64(e.Node))
		}
	case broker.Unfenced:
		w.unfenced[member], w.houses.Member(member).unfenced = true, true
		h.Note(noteUnfenced, int64(e.Epoch))
	case broker.Fenced:
		w.houses.Member(member).unfenced = false
		if !alone {
			h.Note(noteFenced, 0)
		}
	case broker.Leads:
		w.ledger.changed = h.Now()
		w.ledger.leads(topic, e.Part, e.Epoch, member)
		say(noteLeads, e.From)
	case broker.Follows:
		say(noteFollows, 0)
	case broker.Appended:
		say(noteAppended, e.To)
	case broker.Watermark:
		if e.Leading {
			w.ledger.watermark(topic, e.Part, e.To)
			if !alone {
				say(noteWatermark, e.To)
			}
		}
	case broker.InSync:
		if !alone {
			say(noteInSync, int64(len(e.Replicas)))
		}
	case broker.Truncated:
		w.ledger.truncated += e.To - e.From
		say(noteTruncated, e.From)
	case broker.Started:
		say(noteStarted, e.To)
	case broker.Refused:
		say(noteRefused, int64(len(e.Replicas)))
	case broker.Repeated:
		w.ledger.repeated += e.To - e.From + 1
		say(noteRepeated, e.To)
	case broker.Commits:
		say(noteCommits, e.From)
	case broker.Aborts:
		say(noteAborts, e.From)
	case broker.Rebalanced:
		if group := slices.Index(w.ledger.groups, e.Group); group >= 0 && w.ledger.generation(group, e.Epoch) {
			h.Note(noteRebalanced, note(group, 0, int64(e.Epoch)))
		}
	case broker.Failed:
		say(noteBroken, 0)
	}
}

// say puts a note into a few words.
func (w *cluster) say(e *sim.Event) lab.Text {
	number, partition, offset := unpack(e.Value)
	where := func() string {
		if number < len(w.plan.topics) && len(w.plan.topics) > 1 {
			return w.plan.topics[number] + "-" + itoa(partition)
		}
		return itoa(partition)
	}
	switch e.Code {
	case noteSent:
		return lab.Say("has record #%d to send", "要发送记录 #%d", number)
	case noteAcked:
		if offset == unknownOffset {
			return lab.Say("counts record #%d as sent", "认为记录 #%d 已发出", number)
		}
		return lab.Say("record #%d is acknowledged: partition %d, offset %d", "记录 #%d 已确认：分区 %d，偏移量 %d", number, partition, offset)
	case noteFailed:
		return lab.Say("gives up record #%d", "放弃记录 #%d", number)
	case noteTaken:
		return lab.Say("begins to work on record #%d of partition %d, offset %d", "开始处理记录 #%d（分区 %d，偏移量 %d）", number, partition, offset)
	case noteRead:
		if _, i := w.split(e.Node); w.plan.work(i) == 0 {
			return lab.Say("reads record #%d of partition %d, offset %d", "读到记录 #%d（分区 %d，偏移量 %d）", number, partition, offset)
		}
		return lab.Say("has worked on record #%d of partition %d, offset %d", "处理完记录 #%d（分区 %d，偏移量 %d）", number, partition, offset)
	case noteJoined:
		return lab.Say("is in generation %d of its group", "进入消费者组的第 %d 代", e.Value)
	case noteAssigned:
		return lab.Say("owns partition %s now", "现在拥有分区 %s", where())
	case noteRevoked:
		return lab.Say("gives up partition %s", "交出分区 %s", where())
	case noteLost:
		return lab.Say("has lost partition %s", "失去了分区 %s", where())
	case noteIdle:
		return lab.Say("owns no partition", "没有分到分区")
	case noteLeft:
		return lab.Say("has left", "已离开")
	case noteCommitted:
		return lab.Say("has committed offset %d of partition %s", "已提交分区 %[2]s 的偏移量 %[1]d", offset, where())
	case noteCommittedTxn:
		return lab.Say("has committed a transaction, records: %d", "提交了一个事务，共 %d 条记录", e.Value)
	case noteAbortedTxn:
		return lab.Say("has taken back a transaction, records: %d", "撤回了一个事务，共 %d 条记录", e.Value)
	case noteBroken:
		return lab.Say("cannot use its disk", "无法使用自己的磁盘")
	case noteController:
		if e.Value < 0 {
			return lab.Say("knows of no active controller", "不知道谁是活动控制器")
		}
		return lab.Say("learns that broker/%d is the active controller", "得知 broker/%d 是活动控制器", e.Value)
	case noteLeads:
		return lab.Say("leads partition %s, whose log ends at %d", "成为分区 %s 的首领，日志末端在 %d", where(), offset)
	case noteFollows:
		return lab.Say("follows in partition %s", "成为分区 %s 的跟随者", where())
	case noteAppended:
		return lab.Say("appends to partition %s, up to offset %d", "向分区 %s 追加，直到偏移量 %d", where(), offset)
	case noteWatermark:
		return lab.Say("the high watermark of partition %s is %d", "分区 %s 的高水位是 %d", where(), offset)
	case noteInSync:
		return lab.Say("in-sync replicas of partition %s: %d", "分区 %s 有 %d 个同步副本", where(), offset)
	case noteTruncated:
		return lab.Say("cuts its log of partition %s off at %d", "把分区 %s 的日志截断到 %d", where(), offset)
	case noteStarted:
		return lab.Say("the log of partition %s begins at %d now", "分区 %s 的日志现在从 %d 开始", where(), offset)
	case noteRefused:
		return lab.Say("refuses records for partition %s: %d in sync, %d required", "拒收分区 %s 的记录：同步副本只有 %d 个，要求 %d 个", where(), offset, w.plan.settings.MinInsync)
	case noteRepeated:
		return lab.Say("has this in partition %s already, up to offset %d: writes nothing, and acknowledges again", "分区 %s 里已经有了（到偏移量 %d）：不再写，只重新确认", where(), offset)
	case noteCommits:
		return lab.Say("marks the transaction in partition %s as committed, at offset %d", "在分区 %s 的偏移量 %d 处写下标记：事务已提交", where(), offset)
	case noteAborts:
		return lab.Say("marks the transaction in partition %s as aborted, at offset %d", "在分区 %s 的偏移量 %d 处写下标记：事务已中止", where(), offset)
	case noteFenced:
		return lab.Say("is fenced: it may not lead", "被隔离：不能当首领")
	case noteUnfenced:
		return lab.Say("is registered, and may lead", "已注册，可以当首领")
	case noteRebalanced:
		return lab.Say("begins generation %d of the group %s", "消费者组 %[2]s 进入第 %[1]d 代", offset, w.ledger.groups[min(number, len(w.ledger.groups)-1)])
	}
	return lab.Text{}
}
