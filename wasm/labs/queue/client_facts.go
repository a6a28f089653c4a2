package queue

import (
	"strconv"

	"grapevine/wasm/lab"
)

// What the inspector says of producers and consumers.

func fact(label, value lab.Text) lab.Fact { return lab.Fact{Label: label, Value: value} }

func numberFact(label lab.Text, n int) lab.Fact { return fact(label, lab.Plain(strconv.Itoa(n))) }

func (s *sender) facts() []lab.Fact {
	facts := []lab.Fact{
		numberFact(lab.Text{En: "records made", Zh: "已产生的记录"}, s.w.ledger.made[s.member]),
		numberFact(lab.Text{En: "not acknowledged yet", Zh: "尚未确认"}, s.producer.Pending()),
	}
	if id, epoch := s.producer.Identity(); id >= 0 {
		facts = append(facts, fact(lab.Text{En: "producer ID", Zh: "生产者 ID"}, lab.Say("%d, epoch %d", "%d，纪元 %d", id, epoch)))
	}
	if state := s.producer.Transaction(); state != "" {
		facts = append(facts, fact(lab.Text{En: "transaction", Zh: "事务"}, translated(state)))
	}
	return append(facts, whyFacts(s.why)...)
}

func (r *reader) facts() (facts []lab.Fact) {
	if r.consumer == nil {
		return nil
	}
	if g := r.consumer.Group(); g.Group != "" {
		facts = append(facts, fact(lab.Text{En: "group", Zh: "消费者组"}, lab.Say("%s, generation %d", "%s，第 %d 代", g.Group, g.Generation)),
			fact(lab.Text{En: "member", Zh: "成员"}, translated(r.consumer.Membership())),
			fact(lab.Text{En: "its ID", Zh: "成员 ID"}, lab.Plain(orDash(g.Member))))
	}
	for _, p := range r.consumer.Positions() {
		facts = append(facts, fact(lab.Plain(p.Topic+"-"+itoa(p.Partition)), lab.Say("at %s, committed %s, high watermark %s",
			"读到 %s，已提交 %s，高水位 %s", place(p.Offset), place(p.Committed), place(p.HighWatermark))))
	}
	return append(facts, whyFacts(r.why)...)
}

// whyFacts say why a client does nothing any more.
func whyFacts(why error) []lab.Fact {
	if why == nil {
		return nil
	}
	return []lab.Fact{fact(lab.Text{En: "gave up because", Zh: "放弃的原因"}, lab.Plain(why.Error()))}
}

// place is an offset; "–" if it is not known.
func place(offset int64) string {
	if offset < 0 {
		return "–"
	}
	return strconv.FormatInt(offset, 10)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// translated is a state of a client's, as its package calls it, in both languages.
func translated(state string) lab.Text {
	for _, x := range []lab.Text{
		{En: "joining", Zh: "加入中"}, {En: "assigning", Zh: "正在分配"}, {En: "syncing", Zh: "等待分配"}, {En: "stable", Zh: "稳定"},
		{En: "preparing", Zh: "收尾，准备重新加入"}, {En: "outside", Zh: "处理太慢，退出了"}, {En: "leaving", Zh: "正在离开"}, {En: "gone", Zh: "已离开"},
		{En: "initializing", Zh: "初始化中"}, {En: "able", Zh: "可以开始"}, {En: "within", Zh: "进行中"}, {En: "committing", Zh: "提交中"},
		{En: "broken", Zh: "只能中止"}, {En: "aborting", Zh: "中止中"}, {En: "bumping", Zh: "换新纪元"}, {En: "over", Zh: "不能再用"},
	} {
		if x.En == state {
			return x
		}
	}
	return lab.Plain(state)
}
