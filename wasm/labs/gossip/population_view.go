package gossip

import (
	"strconv"

	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// What the labs with a population show of it.

func (p *population) say(e *sim.Event) lab.Text {
	switch {
	case e.Code == noteRemoved:
		return lab.Text{En: "will not pass it on any more", Zh: "不再往下传"}
	case e.Value == 0:
		return lab.Text{En: "begins to spread the news", Zh: "开始传播消息"}
	case e.Value == 1:
		return lab.Text{En: "hears the news, 1 step from its origin", Zh: "听到消息，离源头 1 步"}
	}
	return lab.Say("hears the news, %d steps from its origin", "听到消息，离源头 %d 步", e.Value)
}

// inspect is what a site remembers.
func (p *population) inspect(s *gossip.Site) []lab.Fact {
	var facts []lab.Fact
	add := func(en, zh string, value lab.Text) {
		facts = append(facts, lab.Fact{Label: lab.Text{En: en, Zh: zh}, Value: value})
	}
	if s.State() == gossip.Susceptible {
		add("news", "消息", lab.Text{En: "has not heard", Zh: "还没听说"})
		return facts
	}
	add("news", "消息", lab.Plain(strconv.Quote(news)))
	if s.State() == gossip.Infective {
		add("spreads it", "正在传播", lab.Text{En: "yes", Zh: "是"})
	} else {
		add("spreads it", "正在传播", lab.Text{En: "no more", Zh: "已停止"})
	}
	if s.Heard == 0 {
		add("heard from", "听谁说的", lab.Text{En: "nobody: it began here", Zh: "没有谁：消息从这里开始"})
	} else {
		add("heard from", "听谁说的", lab.Plain(p.net.Name(sim.NodeID(s.Source))))
		add("heard in period", "在第几个周期听说", lab.Plain(strconv.Itoa(int(s.Heard))))
		add("steps from the origin", "离源头几步", lab.Plain(strconv.Itoa(int(s.Hops))))
	}
	if p.config.Stop == gossip.Counter {
		add("useless contacts", "白费口舌的次数", lab.Say("%d of %d", "%d（满 %d 次就停）", s.Count, p.config.K))
	}
	if v := p.config.View; v != nil {
		add("peers walked through", "已轮到的伙伴", lab.Say("%d of %d", "%d 个，共 %d 个", s.Sent, v.Degree()))
	}
	return facts
}

// The curves that are measured.

func (p *population) unaware() lab.Curve {
	return lab.Curve{ID: "susceptible", Label: lab.Text{En: "have not heard", Zh: "尚未听说"}, Color: "idle",
		Measure: func() int64 { return p.living - p.knowing }}
}

func (p *population) spreading() lab.Curve {
	return lab.Curve{ID: "infective", Label: lab.Text{En: "spread it", Zh: "正在传播"}, Color: "active",
		Measure: func() int64 { return p.infective }}
}

func (p *population) finished() lab.Curve {
	return lab.Curve{ID: "removed", Label: lab.Text{En: "spread it no more", Zh: "不再传播"}, Color: "done",
		Measure: func() int64 { return p.removed }}
}

// rumorKinds are the message kinds, indexed by gossip.RumorType.
var rumorKinds = []lab.Kind{
	gossip.RumorPush:     {ID: "push", Name: lab.Text{En: "push", Zh: "推"}, Label: lab.Text{En: "push: here is news", Zh: "推：把消息告诉对方"}, Mark: "P", Color: "push"},
	gossip.RumorPull:     {ID: "pull", Name: lab.Text{En: "pull", Zh: "拉"}, Label: lab.Text{En: "pull: any news?", Zh: "拉：有新消息吗？"}, Mark: "Q", Color: "pull"},
	gossip.RumorReply:    {ID: "reply", Name: lab.Text{En: "reply", Zh: "答"}, Label: lab.Text{En: "reply: news for you", Zh: "答：有，消息给你"}, Mark: "R", Color: "data"},
	gossip.RumorFeedback: {ID: "feedback", Name: lab.Text{En: "feedback", Zh: "反馈"}, Label: lab.Text{En: "feedback: was it new to me?", Zh: "反馈：对我是不是新消息"}, Mark: "F", Color: "reply"},
	gossip.RumorKnock:    {ID: "knock", Name: lab.Text{En: "knock", Zh: "敲门"}, Label: lab.Text{En: "knock: may I come in?", Zh: "敲门：可以进来吗？"}, Mark: "K", Color: "pull"},
	gossip.RumorAnswer:   {ID: "answer", Name: lab.Text{En: "answer", Zh: "应门"}, Label: lab.Text{En: "answer: yes, or I am busy", Zh: "应门：可以，或者我正忙"}, Mark: "A", Color: "reply"},
}

// rumorKindsOf are the kinds of messages that sites with this configuration send.
func rumorKindsOf(c *gossip.RumorConfig) []uint8 {
	var kinds []uint8
	add := func(sent bool, types ...gossip.RumorType) {
		for _, t := range types {
			if sent {
				kinds = append(kinds, uint8(t))
			}
		}
	}
	add(c.Mode != gossip.Pull, gossip.RumorPush)
	add(c.Mode != gossip.Push, gossip.RumorPull, gossip.RumorReply)
	add(c.Memory == gossip.Feedback && c.Stop != gossip.Never, gossip.RumorFeedback)
	add(c.Limit > 0, gossip.RumorKnock, gossip.RumorAnswer)
	return kinds
}

// siteStates are the states, indexed by gossip.State, with names for the last.
func siteStates(last lab.Text) []lab.State {
	return []lab.State{
		gossip.Susceptible: {ID: "susceptible", Label: lab.Text{En: "has not heard", Zh: "易感：尚未听说"}, Shape: "ring", Color: "idle"},
		gossip.Infective:   {ID: "infective", Label: lab.Text{En: "spreads it", Zh: "感染：正在传播"}, Shape: "disc", Color: "active"},
		gossip.Removed:     {ID: "removed", Label: last, Shape: "bar", Color: "done"},
	}
}

var (
	pushOption     = lab.Option{Value: "push", Label: lab.Text{En: "push", Zh: "推"}}
	pullOption     = lab.Option{Value: "pull", Label: lab.Text{En: "pull", Zh: "拉"}}
	pushPullOption = lab.Option{Value: "push-pull", Label: lab.Text{En: "push-pull", Zh: "推拉结合"}}
)

var modes = map[string]gossip.Mode{"push": gossip.Push, "pull": gossip.Pull, "push-pull": gossip.PushPull}
