package rpc

import (
	"strconv"
	"strings"

	"grapevine/protocols/field"
	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/registry"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The notes of rpc/registry.
const (
	noteListed    uint16 = iota // the registry: the server
	noteLeft                    // likewise
	noteExpired                 // likewise
	noteStanding                // a server: from<<8 | to
	noteKnows                   // a client: knowledge<<16 | length of the list
	noteMissed                  // a client: how many changes
	noteMoved                   // a client: how many users
	noteFailed                  // a client: the server
	noteElsewhere               // a client: the server<<16 | the next one
	noteHomeless                // a client: the user
)

// The kinds of packets: those of calls, as pipe.go has them, then the registry's.
const (
	kindRegister = kindCancel + 1 + iota
	kindBeat
	kindGranted
	kindAsk
	kindList
	kindChange
)

var registryKinds = append(append([]lab.Kind{}, callKinds...),
	lab.Kind{ID: "register", Name: lab.Text{En: "registration", Zh: "登记"}, Label: lab.Text{En: "list me; or take me off", Zh: "把我加入列表，或移出列表"}, Mark: "N", Color: "push"},
	lab.Kind{ID: "heartbeat", Name: lab.Text{En: "heartbeat", Zh: "心跳"}, Label: lab.Text{En: "a heartbeat: I am alive", Zh: "心跳：我还活着"}, Mark: "H", Color: "push"},
	lab.Kind{ID: "granted", Name: lab.Text{En: "answer", Zh: "答复"}, Label: lab.Text{En: "the registry's answer: a lease, or I do not know you", Zh: "注册中心的答复：准予租约，或者不认识你"}, Mark: "G", Color: "reply"},
	lab.Kind{ID: "ask", Name: lab.Text{En: "lookup", Zh: "查询"}, Label: lab.Text{En: "who is there? I have this version", Zh: "现在有谁？我手里是这一版"}, Mark: "W", Color: "pull"},
	lab.Kind{ID: "list", Name: lab.Text{En: "list", Zh: "列表"}, Label: lab.Text{En: "the list of instances, or: yours is the newest", Zh: "实例列表，或者：你的已是最新"}, Mark: "L", Color: "data"},
	lab.Kind{ID: "change", Name: lab.Text{En: "change", Zh: "变更"}, Label: lab.Text{En: "a change of the list, to those who watch", Zh: "列表有变，通知监听者"}, Mark: "C", Color: "data"},
)

var kindOfLetter = [...]uint8{
	registry.Register: kindRegister, registry.Deregister: kindRegister, registry.Heartbeat: kindBeat,
	registry.Granted: kindGranted, registry.Unknown: kindGranted, registry.Removed: kindGranted, registry.Refused: kindGranted,
	registry.Lookup: kindAsk, registry.Watch: kindAsk, registry.List: kindList, registry.Same: kindList,
	registry.Up: kindChange, registry.Down: kindChange,
}

// The states of nodes.
const (
	discoveryIdle uint8 = iota
	discoveryBusy
	discoveryStale
	discoveryUnlisted
)

var registryStates = []lab.State{
	discoveryIdle:     {ID: "idle", Label: lab.Text{En: "has nothing to do", Zh: "空闲"}, Shape: "ring", Color: "idle"},
	discoveryBusy:     {ID: "busy", Label: lab.Text{En: "works, or waits for an answer", Zh: "正在执行，或在等应答"}, Shape: "disc", Color: "active"},
	discoveryStale:    {ID: "stale", Label: lab.Text{En: "goes by an old list; knows not everybody yet", Zh: "手里的列表旧了；或者还没认全"}, Shape: "bar", Color: "done"},
	discoveryUnlisted: {ID: "unlisted", Label: lab.Text{En: "is not on the list, or not sure", Zh: "不在列表上，或说不准"}, Shape: "ring", Color: "warn"},
}

func (w *discovery) world() *lab.World {
	p := &w.plan
	w.net.Finished = w.over
	kinds := []uint8{kindRequest, kindReply, kindRegister, kindBeat, kindGranted, kindAsk, kindList}
	if p.watch {
		kinds = append(kinds, kindChange)
	}
	checks := []lab.Check{w.checkDeadCalls(), w.checkAddresses()}
	if p.hashes() {
		checks = append(checks, w.checkUsersStay())
	}
	return &lab.World{
		Net: w.net, End: p.length + sim.Time(p.providers+1)*p.timeout + 30*sim.Second,
		State: w.state, Inspect: w.inspect, Card: w.card, Say: sayDiscovery, Kinds: kinds,
		Talk: func(t lab.Talk) lab.Dissect {
			switch t.Port {
			case registryPort:
				return func(said []byte) []field.Field { return []field.Field{registry.Dissect(said)} }
			case rpcPort:
				return func(said []byte) []field.Field {
					fields := rpc.DissectStream(rpc.OverDatagram, said)
					w.nameClients(fields)
					return fields
				}
			}
			return nil
		},
		Metrics: w.metrics,
		Curves: []lab.Curve{
			{ID: "alive", Label: lab.Text{En: "servers that are up", Zh: "活着的服务器"}, Color: "active", Measure: w.alive},
			{ID: "listed", Label: lab.Text{En: "listed by the registry", Zh: "注册中心列出的"}, Color: "reply", Measure: w.listed},
			{ID: "known", Label: lab.Text{En: "on client/0's list", Zh: "client/0 列表上的"}, Color: "done", Measure: w.known},
		},
		CurveMax: int64(p.providers) + 1,
		Checks:   checks,
	}
}

// nameClients puts the node's name beside the number by which calls know a
// client, where it has one that finder.Start made.
func (w *discovery) nameClients(fields []field.Field) {
	for i := range fields {
		f := &fields[i]
		number := f.Value
		if f.Name != "client" {
			_, number, _ = strings.Cut(f.Value, " of client ")
		}
		if n, err := strconv.ParseUint(number, 10, 64); err == nil && n>>32 > 0 && int(n>>16&0xffff) < w.plan.finders {
			f.Value += " (client/" + strconv.Itoa(int(n>>16&0xffff)) + ")"
		}
		w.nameClients(f.Children)
	}
}

func (w *discovery) alive() (n int64) {
	for i := range w.plan.providers {
		if w.net.Up(w.providerNode(i)) {
			n++
		}
	}
	return n
}

func (w *discovery) listed() int64 {
	k := w.keeper.Member(0)
	if k == nil || !w.net.Up(w.keeperNode()) {
		return 0
	}
	list, _ := k.machine.Entries(serviceName)
	return int64(len(list))
}

func (w *discovery) known() int64 {
	if c := w.finders.Member(0); c != nil && w.net.Up(0) {
		return int64(c.length)
	}
	return 0
}

// split finds out what a node is, and its app in the life that it is in.
func (w *discovery) split(node sim.NodeID) (*finder, *keeper, *provider) {
	switch i := int(node) - w.plan.finders; {
	case i < 0:
		return w.finders.Member(int(node)), nil, nil
	case i == 0:
		return nil, w.keeper.Member(0), nil
	default:
		return nil, nil, w.providers.Member(i - 1)
	}
}

func (w *discovery) state(node sim.NodeID) uint8 {
	c, k, s := w.split(node)
	switch {
	case c != nil:
		view, _ := c.registry.View(int64(w.net.Now()), serviceName)
		if view.Knowledge == registry.Stale || view.Knowledge == registry.Behind {
			return discoveryStale
		}
		if len(c.open) > 0 {
			return discoveryBusy
		}
	case k != nil && k.machine.Young(int64(w.net.Now())):
		return discoveryStale
	case s != nil && s.listing.Standing() != registry.Listed:
		return discoveryUnlisted
	case s != nil && s.busy() > 0:
		return discoveryBusy
	}
	return discoveryIdle
}

var (
	standingWords = [...]lab.Text{
		registry.Away: {En: "away", Zh: "未登记"}, registry.Asking: {En: "asks to be listed", Zh: "请求登记"}, registry.Listed: {En: "listed", Zh: "已登记"},
		registry.Doubtful: {En: "not sure: no answer", Zh: "说不准：没有答复"}, registry.Leaving: {En: "asks to be taken off", Zh: "请求注销"}, registry.Gone: {En: "off the list", Zh: "已注销"},
	}
	knowledgeWords = [...]lab.Text{
		registry.Ignorant: {En: "knows nobody yet", Zh: "还没有列表"}, registry.Fresh: {En: "fresh", Zh: "新鲜"},
		registry.Behind: {En: "missed a change", Zh: "漏了变更"}, registry.Stale: {En: "stale", Zh: "过时"},
	}
)

func sayDiscovery(e *sim.Event) lab.Text {
	switch e.Code {
	case noteListed:
		return lab.Say("lists server/%d", "把 server/%d 加入列表", e.Value)
	case noteLeft:
		return lab.Say("takes server/%d off the list: it left", "把 server/%d 移出列表：它注销了", e.Value)
	case noteExpired:
		return lab.Say("takes server/%d off the list: its lease ended", "把 server/%d 移出列表：租约到期", e.Value)
	case noteStanding:
		words := standingWords[e.Value&0xff]
		return lab.Text{En: "registration: " + words.En, Zh: "登记状态：" + words.Zh}
	case noteKnows:
		words := knowledgeWords[e.Value>>16]
		return lab.Text{En: "has a list of " + strconv.FormatInt(e.Value&0xffff, 10) + ", " + words.En, Zh: "列表上有 " + strconv.FormatInt(e.Value&0xffff, 10) + " 个，" + words.Zh}
	case noteMissed:
		return lab.Say("notices that it missed a change (%d), and asks", "发现漏了变更（%d 个），去问", e.Value)
	case noteMoved:
		if e.Value == 1 {
			return lab.Text{En: "1 user now has another server", Zh: "1 个用户换了服务器"}
		}
		return lab.Say("users who now have another server: %d", "%d 个用户换了服务器", e.Value)
	case noteFailed:
		return lab.Say("a call to server/%d fails: no answer", "对 server/%d 的调用失败：没有应答", e.Value)
	case noteElsewhere:
		return lab.Say("no answer from server/%d: tries server/%d", "server/%d 没有应答：改试 server/%d", e.Value>>16, e.Value&0xffff)
	}
	return lab.Text{En: "has nobody to call", Zh: "没有服务器可调用"}
}

func (w *discovery) inspect(node sim.NodeID) []lab.Fact {
	c, k, s := w.split(node)
	switch {
	case c != nil:
		return w.inspectFinder(c)
	case k != nil:
		return w.inspectKeeper(k)
	case s != nil:
		return []lab.Fact{
			{Label: lab.Text{En: "registration", Zh: "登记状态"}, Value: standingWords[s.listing.Standing()]},
			{Label: lab.Text{En: "life", Zh: "第几次启动"}, Value: lab.Plain(strconv.FormatUint(w.lives[s.member], 10))},
			{Label: lab.Text{En: "calls being executed", Zh: "正在执行的调用"}, Value: lab.Plain(strconv.Itoa(s.busy()))},
			{Label: lab.Text{En: "calls executed", Zh: "执行过的调用"}, Value: lab.Plain(strconv.Itoa(s.ran))},
		}
	}
	return nil
}

func (w *discovery) inspectKeeper(k *keeper) []lab.Fact {
	entries, version := k.machine.Entries(serviceName)
	list := lab.Fact{Label: lab.Text{En: "instances", Zh: "实例"}}
	for _, e := range entries {
		list.Parts = append(list.Parts, lab.Fact{Label: lab.Plain(e.ID),
			Value: lab.Say("lease ends in %v, weight %d, life %d", "租约还剩 %v，权重 %d，第 %d 次启动", sim.Time(e.Until)-w.net.Now(), e.Weight, e.Life)})
	}
	return []lab.Fact{
		{Label: lab.Text{En: "service", Zh: "服务"}, Value: lab.Plain(serviceName)},
		{Label: lab.Text{En: "version", Zh: "版本"}, Value: lab.Plain(version.String())},
		{Label: lab.Text{En: "watches", Zh: "监听者"}, Value: lab.Plain(strconv.Itoa(k.machine.Watches()))},
		list,
	}
}

func (w *discovery) inspectFinder(c *finder) []lab.Fact {
	view, _ := c.registry.View(int64(w.net.Now()), serviceName)
	list := lab.Fact{Label: lab.Text{En: "list", Zh: "列表"}}
	for _, i := range view.Instances {
		if s := w.serverAt(i.Address); s >= 0 {
			l := &c.lines[s]
			list.Parts = append(list.Parts, lab.Fact{Label: lab.Plain(i.ID),
				Value: lab.Say("calls: %d, open: %d", "调用 %d 次，%d 次未返回", l.calls, l.active)})
		}
	}
	told := lab.Text{En: "one that knows everybody", Zh: "已认全的"}
	if view.Young {
		told = lab.Text{En: "a young one: others are kept", Zh: "刚启动的：其余的先留着"}
		if w.plan.believe {
			told = lab.Text{En: "a young one: believed", Zh: "刚启动的：照样相信"}
		}
	}
	return []lab.Fact{
		{Label: lab.Text{En: "the registry was", Zh: "告知它的注册中心是"}, Value: told},
		{Label: lab.Text{En: "knowledge", Zh: "列表状态"}, Value: knowledgeWords[view.Knowledge]},
		{Label: lab.Text{En: "true for certain", Zh: "确认于"}, Value: lab.Say("%v ago", "%v 前", sim.Time(view.AgeMicros))},
		{Label: lab.Text{En: "version", Zh: "版本"}, Value: lab.Plain(view.Version.String())},
		list,
	}
}
