package rpc

import "grapevine/wasm/lab"

func (w *codecWorld) metrics() []lab.Metric {
	sum := func(of func(*codecPair) int) (n float64) {
		for i := range w.pairs {
			n += float64(of(&w.pairs[i]))
		}
		return n
	}
	metrics := []lab.Metric{
		{Name: "orders", Label: lab.Text{En: "orders sent", Zh: "发出的订单"}, Value: sum(func(p *codecPair) int { return p.sent })},
		{Name: "answered", Label: lab.Text{En: "receipts", Zh: "收到的回执"}, Value: sum(func(p *codecPair) int { return p.answered })},
		{Name: "refused", Label: lab.Text{En: "orders refused", Zh: "被拒收的订单"}, Value: sum(func(p *codecPair) int { return p.refused })},
		{Name: "wrong", Label: lab.Text{En: "orders read wrongly", Zh: "读错的订单"}, Value: sum(func(p *codecPair) int { return p.wrong })},
		{Name: "lost", Label: lab.Text{En: "orders that lost a value", Zh: "丢了值的订单"}, Value: sum(func(p *codecPair) int { return p.taken })},
	}
	for i, f := range w.plan.formats {
		name := codecName(f)
		metrics = append(metrics, lab.Metric{Name: f.ID, Label: lab.Text{En: "an order in " + name.En, Zh: "一份订单用 " + name.Zh},
			Value: float64(w.pairs[i].last), Unit: "bytes"})
	}
	return metrics
}

// codecCheck makes a check that one of the pairs' counters stays 0.
func (w *codecWorld) codecCheck(name string, claim, good lab.Text, of func(*codecPair) int, what func(*codecPair) string) lab.Check {
	broken := func() int {
		for i := range w.pairs {
			if of(&w.pairs[i]) > 0 {
				return i
			}
		}
		return -1
	}
	return lab.Check{Name: name, Kind: lab.Always, Claim: claim,
		Holds: func() bool { return broken() < 0 },
		Detail: func() lab.Text {
			i := broken()
			if i < 0 {
				return good
			}
			format, found := codecName(w.plan.formats[i]), what(&w.pairs[i])
			return lab.Text{En: format.En + ": " + found, Zh: format.Zh + "：" + found}
		}}
}

func (w *codecWorld) checkRead() lab.Check {
	return w.codecCheck("read", lab.Text{En: "No order is refused.", Zh: "没有订单被拒收。"},
		lab.Text{En: "all could be read", Zh: "全都读得懂"}, func(p *codecPair) int { return p.refused },
		func(p *codecPair) string { return p.reason })
}

func (w *codecWorld) checkNothingLost() lab.Check {
	return w.codecCheck("nothing-lost", lab.Text{En: "What was written and has a field at the reader is not taken for missing.", Zh: "写出来的、读者也有对应字段的值，没有被当作缺失。"},
		lab.Text{En: "nothing was lost", Zh: "什么也没丢"}, func(p *codecPair) int { return p.taken },
		func(p *codecPair) string { return p.wrongField })
}

func (w *codecWorld) checkNothingWrong() lab.Check {
	return w.codecCheck("nothing-wrong", lab.Text{En: "No value is read as something that was not meant.", Zh: "没有哪个值被读成别的意思。"},
		lab.Text{En: "every value was meant so", Zh: "每个值都是原意"}, func(p *codecPair) int { return p.wrong },
		func(p *codecPair) string { return p.wrongField })
}
