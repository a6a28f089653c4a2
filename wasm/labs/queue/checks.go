package queue

import "grapevine/wasm/lab"

// The checks that several labs make. Each asks the ledger, or the logs.

// none is the check that nothing bad has happened: that count is 0. found says,
// in both languages, what was counted.
func none(name string, kind lab.CheckKind, claim lab.Text, found, foundZh string, count func() int) lab.Check {
	return lab.Check{Name: name, Kind: kind, Claim: claim,
		Holds:  func() bool { return count() == 0 },
		Detail: func() lab.Text { return lab.Say(found, foundZh, count()) }}
}

// checkKept: what was acknowledged is in its partition's log, at its offset.
func (w *cluster) checkKept() lab.Check {
	return lab.Check{Name: "kept", Kind: lab.Finally,
		Claim: lab.Text{En: "Every record that was acknowledged is still in its partition's log.", Zh: "凡是确认过的记录，都还在分区的日志里。"},
		Holds: func() bool { return w.survey().lost == 0 },
		Detail: func() lab.Text {
			s := w.survey()
			if s.lost == 0 {
				if s.replaced > 0 {
					return lab.Say("%d acknowledged records are there, %d made room for later ones of their keys", "%d 条已确认的记录都在，另有 %d 条让位给了同键的新记录", s.there, s.replaced)
				}
				return lab.Say("%d of %d acknowledged records are there", "%[2]d 条已确认的记录中，%[1]d 条都在", s.there, w.ledger.acked)
			}
			return lab.Say("%d of %d acknowledged records are lost, the first is #%d", "%[2]d 条已确认的记录丢了 %[1]d 条，第一条是 #%[3]d", s.lost, w.ledger.acked, s.firstLost)
		}}
}

// checkStays: what a consumer has read is not taken back.
func (w *cluster) checkStays() lab.Check {
	return none("read-stays", lab.Finally, lab.Text{En: "What a consumer has read stays in the log.", Zh: "消费者读到过的记录，会一直留在日志里。"},
		"records read and then gone: %d", "读过又消失的记录：%d 条", func() int { return w.survey().unread })
}

// checkLed: in the end, every partition has a leader.
func (w *cluster) checkLed() lab.Check {
	return none("led", lab.Finally, lab.Text{En: "In the end every partition has a leader.", Zh: "最后每个分区都有首领。"},
		"partitions without a leader: %d", "没有首领的分区：%d 个", func() int { return w.survey().leaderless })
}

// checkOrder: each group reads a producer's records of a partition in the order
// in which they were sent.
func (w *cluster) checkOrder() lab.Check {
	return none("in-order", lab.Always, lab.Text{En: "Within a partition, a producer's records are read in the order in which it sent them.", Zh: "在一个分区里，同一生产者的记录按发送的顺序被读到。"},
		"records out of order: %d", "顺序颠倒的记录：%d 条", func() int { return w.ledger.disordered })
}

// checkCopies: no record is in the log twice.
func (w *cluster) checkCopies() lab.Check {
	return none("no-copies", lab.Always, lab.Text{En: "No record is written twice.", Zh: "没有记录被写入两次。"},
		"records read at a second offset: %d", "在另一个偏移量又读到的记录：%d 条", func() int { return w.ledger.copies })
}

// checkOnce: no group works on an offset twice.
func (w *cluster) checkOnce() lab.Check {
	return none("once", lab.Always, lab.Text{En: "No record is worked on twice.", Zh: "没有记录被处理两次。"},
		"records worked on again: %d", "被再次处理的记录：%d 条", func() int { return w.ledger.again })
}

// checkAllRead: every group reads every record that was acknowledged.
func (w *cluster) checkAllRead() lab.Check {
	missing := func() (n int) {
		for i := range w.ledger.orders {
			o := &w.ledger.orders[i]
			if o.fate != acked || o.offset < 0 {
				continue
			}
			for g := range w.ledger.groups {
				if o.read[g] == 0 {
					n++
				}
			}
		}
		return n
	}
	return none("all-read", lab.Finally, lab.Text{En: "Every record that was acknowledged is worked on.", Zh: "凡是确认过的记录，都被处理了。"},
		"records that nobody worked on: %d", "没有被处理的记录：%d 条", missing)
}

// checkWatermark: consumers see nothing that the in-sync replicas do not have.
func (w *cluster) checkWatermark() lab.Check {
	return none("below-watermark", lab.Always, lab.Text{En: "No consumer reads beyond the high watermark.", Zh: "没有消费者读到高水位之外。"},
		"records read too early: %d", "过早读到的记录：%d 条", func() int { return w.ledger.beyond })
}

// checkKeyOrder: a key's records are read in the order in which they were sent.
func (w *cluster) checkKeyOrder() lab.Check {
	return none("key-order", lab.Always, lab.Text{En: "A producer's records with the same key are read in the order in which it sent them.", Zh: "同一生产者、同一个键的记录，按发送的顺序被读到。"},
		"records read after a later one of their key: %d", "比同键后来的记录还晚读到的：%d 条", func() int { return w.ledger.scattered })
}

// checkInTime: nothing is deleted that a group has not read.
func (w *cluster) checkInTime() lab.Check {
	return none("read-in-time", lab.Finally, lab.Text{En: "No record is deleted as too old before it was read.", Zh: "没有记录还没读就因过期被删除。"},
		"records deleted unread: %d", "没读就删除的记录：%d 条", func() int { return w.survey().expired })
}

// checkDisjoint: a partition has one owner in a generation.
func (w *cluster) checkDisjoint() lab.Check {
	return none("one-owner", lab.Always, lab.Text{En: "In a generation, each partition has one owner.", Zh: "在同一代里，每个分区只有一个主人。"},
		"partitions with two owners: %d", "有两个主人的分区：%d 个", func() int { return w.ledger.shared })
}

// checkCommitted: nobody reads what was taken back.
func (w *cluster) checkCommitted() lab.Check {
	return none("only-committed", lab.Always, lab.Text{En: "No consumer reads a record whose transaction is taken back.", Zh: "没有消费者读到被撤回的事务里的记录。"},
		"records read and taken back: %d", "读到后又被撤回的记录：%d 条", func() int { return w.ledger.dirty })
}
