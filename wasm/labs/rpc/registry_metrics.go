package rpc

import "grapevine/wasm/lab"

func (w *discovery) metrics() []lab.Metric {
	t := &w.tally
	mean, busiest, answered := float64(0), 0, 0
	for _, n := range t.byServer {
		busiest = max(busiest, n)
		answered += n
	}
	share := float64(0)
	if answered > 0 {
		mean = float64(t.waited) / float64(answered)
		share = float64(busiest) / float64(answered)
	}
	return []lab.Metric{
		{Name: "calls", Label: lab.Text{En: "calls begun", Zh: "发起的调用"}, Value: float64(t.begun)},
		{Name: "answered", Label: lab.Text{En: "calls that returned", Zh: "成功返回的调用"}, Value: float64(t.answered)},
		{Name: "failed", Label: lab.Text{En: "calls that failed", Zh: "失败的调用"}, Value: float64(t.failed)},
		{Name: "to_dead", Label: lab.Text{En: "sent to a crashed server", Zh: "发给已崩溃服务器的调用"}, Value: float64(t.toDead)},
		{Name: "elsewhere", Label: lab.Text{En: "tried at another server", Zh: "换服务器重试的次数"}, Value: float64(t.elsewhere)},
		{Name: "homeless", Label: lab.Text{En: "calls with nobody to call", Zh: "无处可调用的次数"}, Value: float64(t.homeless)},
		{Name: "t_dead", Label: lab.Text{En: "called the longest after its crash", Zh: "崩溃后多久还有人调用"}, Value: float64(t.deadFor), Unit: "us"},
		{Name: "t_oldest", Label: lab.Text{En: "the oldest list that was gone by", Zh: "用过的最旧列表"}, Value: float64(t.oldest), Unit: "us"},
		{Name: "t_call", Label: lab.Text{En: "a call takes, on average", Zh: "一次调用平均用时"}, Value: mean, Unit: "us"},
		{Name: "t_worst", Label: lab.Text{En: "the slowest call took", Zh: "最慢的一次用时"}, Value: float64(t.worst), Unit: "us"},
		{Name: "busiest", Label: lab.Text{En: "the busiest server's share", Zh: "最忙服务器的份额"}, Value: share, Unit: "ratio"},
		{Name: "moved", Label: lab.Text{En: "users that changed servers at once", Zh: "一次变更中换了服务器的用户"}, Value: float64(t.movedMost)},
		{Name: "asks", Label: lab.Text{En: "messages to and from the registry", Zh: "与注册中心的往来消息"}, Value: float64(t.asks)},
		{Name: "bytes", Label: lab.Text{En: "bytes sent", Zh: "发送的字节数"}, Value: float64(w.net.Journal.Bytes()), Unit: "bytes"},
	}
}

// checkDeadCalls says that the dead are found out in time.
func (w *discovery) checkDeadCalls() lab.Check {
	bound := w.plan.bound()
	return lab.Check{
		Name: "dead-calls", Kind: lab.Always,
		Claim: lab.Say("No server is called any more when it has been dead for %v: a lease, a refresh, and what messages take.",
			"服务器死后过了 %v（租约加刷新间隔，再加消息在路上的时间），就没有人再调用它。", bound),
		Holds: func() bool { return w.tally.deadFor <= bound },
		Detail: func() lab.Text {
			if w.tally.toDead == 0 {
				return lab.Text{En: "nobody called a dead server", Zh: "没有人调用过死去的服务器"}
			}
			if w.tally.toDead == 1 {
				return lab.Say("1 call went to a dead server, %v after the crash", "有 1 次调用发给了死去的服务器，在崩溃 %v 后", w.tally.deadFor)
			}
			return lab.Say("calls to dead servers: %d, the last %v after the crash", "有 %d 次调用发给了死去的服务器，最晚的在崩溃 %v 后", w.tally.toDead, w.tally.deadFor)
		},
	}
}

// checkAddresses says that nobody who knew servers is left without.
func (w *discovery) checkAddresses() lab.Check {
	return lab.Check{
		Name: "addresses", Kind: lab.Always,
		Claim: lab.Text{En: "A client that has once known a server always has one to call.", Zh: "客户端只要认识过服务器，就总有一个可以调用。"},
		Holds: func() bool { return w.tally.homeless == 0 },
		Detail: func() lab.Text {
			if w.tally.homeless == 0 {
				return lab.Say("the oldest list gone by was %v old", "用过的列表最旧的是 %v 前的", w.tally.oldest)
			}
			return lab.Text{En: "a client had an empty list", Zh: "有客户端的列表变空了"}
		},
	}
}

// checkUsersStay says that users keep their servers when another comes or goes.
func (w *discovery) checkUsersStay() lab.Check {
	return lab.Check{
		Name: "users-stay", Kind: lab.Always,
		Claim: lab.Text{En: "When one server comes or goes, at most twice its fair share of the users change servers.",
			Zh: "一台服务器上线或下线时，换服务器的用户不超过它应得份额的两倍。"},
		Holds: func() bool { return !w.tally.movedBadly },
		Detail: func() lab.Text {
			if w.tally.movedOf == 0 {
				return lab.Text{En: "nobody had to change", Zh: "没有人需要换"}
			}
			return lab.Say("users moved at once: %d of %d; servers: %d", "%[3]d 台服务器时，%[2]d 个用户里一次换了 %[1]d 个", w.tally.movedMost, w.plan.users, w.tally.movedOf)
		},
	}
}
