package rpc

import (
	"grapevine/protocols/field"
	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// ioWorld is a run of rpc/io: the clients' machines, then one server for each
// model.
type ioWorld struct {
	plan    *ioPlan
	net     *sim.Network
	way     sim.Link
	clients *sim.Hosts[*ioClient]
	count   int // of the clients' machines
	servers []*sim.Hosts[*ioServer]
	tallies []*ioTally
}

// The kinds of packets.
const (
	kindIORequest uint8 = iota
	kindIOReply
	kindIOStream
	kindIORefusal
	kindIOAgain
)

var ioKinds = []lab.Kind{
	kindIORequest: {ID: "request", Name: lab.Text{En: "request", Zh: "请求"}, Label: lab.Text{En: "a request, or half of one", Zh: "一个请求，或者半个"}, Mark: "Q", Color: "push"},
	kindIOReply:   {ID: "reply", Name: lab.Text{En: "reply", Zh: "应答"}, Label: lab.Text{En: "the answer", Zh: "应答"}, Mark: "R", Color: "reply"},
	kindIOStream:  {ID: "stream", Name: lab.Text{En: "stream", Zh: "流"}, Label: lab.Text{En: "the stream's own: handshake, acknowledgement, end", Zh: "流本身的包：握手、确认、结束"}, Mark: "S", Color: "data"},
	kindIORefusal: {ID: "reset", Name: lab.Text{En: "reset", Zh: "重置"}, Label: lab.Text{En: "the connection is turned away", Zh: "连接被拒"}, Mark: "X", Color: "warn"},
	kindIOAgain:   {ID: "again", Name: lab.Text{En: "repetition", Zh: "重传"}, Label: lab.Text{En: "the same bytes once more", Zh: "同样的字节再发一次"}, Mark: "A", Color: "pull"},
}

// The states of nodes.
const (
	ioStateIdle uint8 = iota
	ioStateBusy
	ioStateWaiting
	ioStateLate
)

var ioStates = []lab.State{
	ioStateIdle:    {ID: "idle", Label: lab.Text{En: "has nothing to do", Zh: "空闲"}, Shape: "ring", Color: "idle"},
	ioStateBusy:    {ID: "busy", Label: lab.Text{En: "computes", Zh: "正在计算"}, Shape: "disc", Color: "active"},
	ioStateWaiting: {ID: "waiting", Label: lab.Text{En: "waits", Zh: "等待"}, Shape: "bar", Color: "done"},
	ioStateLate:    {ID: "late", Label: lab.Text{En: "an answer is overdue", Zh: "应答超时"}, Shape: "ring", Color: "warn"},
}

// The notes of servers; the value is a connection's number there.
const (
	noteIOTakes uint16 = iota
	noteIOAnswers
	noteIOStalls
	noteIORefuses // no value
)

func (w *ioWorld) build() {
	w.count = w.plan.machines()
	var targets []sim.NodeID
	for i := range w.plan.models {
		targets = append(targets, sim.NodeID(w.count+i))
		w.tallies = append(w.tallies, &ioTally{model: w.plan.models[i], index: i})
	}
	marks := sim.Marks{Syn: kindIOStream, Ack: kindIOStream, Fin: kindIOStream, Rst: kindIORefusal, Again: kindIOAgain}
	limits := sim.DefaultLimits()
	limits.Streams, limits.Backlog = 4*maxIOConnections, maxIOConnections
	limits.Linger = sim.Second // the network is small: nothing is older
	w.clients = sim.NewHosts(w.count, func(member int) *ioClient {
		return newIOClient(w.plan, targets, w.tallies, member)
	})
	w.clients.Limits, w.clients.Marks = limits, marks
	client := w.net.AddRole("client", w.count, w.clients)
	for i, model := range w.plan.models {
		servers := sim.NewHosts(1, func(int) *ioServer { return &ioServer{plan: w.plan, model: model, tally: w.tallies[i]} })
		servers.Limits, servers.Marks = limits, marks
		role := w.net.AddRole(ioRoles[model], 1, servers)
		w.servers = append(w.servers, servers)
		w.net.Connect(client, role, w.way)
		w.net.Connect(role, client, w.way)
	}
}

func (w *ioWorld) world() *lab.World {
	w.net.Finished = w.over
	return &lab.World{
		Net: w.net,
		// The last answers may come late, and the network may be slow.
		End:      w.plan.stop + w.plan.limit + ioPatience + 20*(w.way.Delay+w.way.Jitter),
		State:    w.state,
		Inspect:  w.inspect,
		Card:     w.card,
		Talk:     talkIO,
		Doing:    doingIO,
		Say:      sayIO,
		Metrics:  w.metrics,
		Curves:   w.curves(),
		CurveMax: ioCurveMax,
		Checks:   []lab.Check{w.checkAnswered(), w.checkAccepted()},
	}
}

// over reports whether all clients have stopped.
func (w *ioWorld) over() bool {
	for i := range w.count {
		if c := w.clients.Member(i); c == nil || c.over < len(c.calls) {
			return false
		}
	}
	return true
}

// server is the server at a node, and its tally; nil for a client's node, and
// before its life has begun.
func (w *ioWorld) server(node sim.NodeID) (*ioServer, *ioTally) {
	if i := int(node) - w.count; i >= 0 {
		return w.servers[i].Member(0), w.tallies[i]
	}
	return nil, nil
}

func (w *ioWorld) state(node sim.NodeID) uint8 {
	if int(node) < w.count {
		return w.clientState(w.clients.Member(int(node)))
	}
	s, _ := w.server(node)
	if s == nil {
		return ioStateIdle
	}
	state := ioStateIdle
	for i := range s.cpu.cores {
		if s.cpu.cores[i].thread != nobody {
			return ioStateBusy
		}
	}
	for i := range s.workers {
		if s.cpu.threads[i].state == threadBlocked && s.workers[i].wait == ioForDatabase {
			state = ioStateWaiting
		}
	}
	return state
}

func (w *ioWorld) clientState(c *ioClient) uint8 {
	state := ioStateIdle
	if c != nil {
		for i := range c.calls {
			switch a := &c.calls[i]; {
			case a.state == ioAwaiting && a.late:
				return ioStateLate
			case a.state == ioAwaiting:
				state = ioStateWaiting
			}
		}
	}
	return state
}

func talkIO(t lab.Talk) lab.Dissect {
	if t.Port != ioPort || t.Datagram {
		return nil
	}
	return func(said []byte) []field.Field { return rpc.DissectStream(rpc.OverStream, said) }
}

func doingIO(e *sim.Event) lab.Doing {
	switch e.Code {
	case noteIOTakes:
		return lab.Working
	case noteIOStalls:
		return lab.Waiting
	case noteIOAnswers:
		return lab.Resting
	}
	return lab.Unsaid
}

func sayIO(e *sim.Event) lab.Text {
	switch e.Code {
	case noteIOTakes:
		return lab.Say("takes the call on connection %d", "接到连接 %d 上的调用", e.Value)
	case noteIOAnswers:
		return lab.Say("answers the call on connection %d", "应答连接 %d 上的调用", e.Value)
	case noteIOStalls:
		return lab.Say("stands still: its loop waits for the database on behalf of connection %d", "整个停住：事件循环在替连接 %d 等数据库", e.Value)
	}
	return lab.Text{En: "turns a connection away: there is no room", Zh: "拒绝一个连接：没有余地了"}
}

func (w *ioWorld) checkAnswered() lab.Check {
	late := func() (sum int) {
		for _, t := range w.tallies {
			sum += t.late
		}
		return sum
	}
	return lab.Check{
		Name: "answered", Kind: lab.Always,
		Claim: lab.Say("Every request is answered within %v.", "每个请求都在 %v 内得到应答。", w.plan.limit),
		Holds: func() bool { return late() == 0 },
		Detail: func() lab.Text {
			if late() == 0 {
				var slowest sim.Time
				for _, t := range w.tallies {
					slowest = max(slowest, t.slowest)
				}
				return lab.Say("the slowest took %v", "最慢的用了 %v", slowest)
			}
			for _, t := range w.tallies {
				if t.late > 0 {
					return lab.Say("a request to %s/0 had no answer by then", "发给 %s/0 的一个请求到时还没有应答", ioRoles[t.model])
				}
			}
			return lab.Text{}
		},
	}
}

func (w *ioWorld) checkAccepted() lab.Check {
	return lab.Check{
		Name: "accepted", Kind: lab.Always,
		Claim: lab.Text{En: "No connection is turned away.", Zh: "没有连接被拒绝。"},
		Holds: func() bool {
			for _, t := range w.tallies {
				if t.refused > 0 {
					return false
				}
			}
			return true
		},
		Detail: func() lab.Text {
			for _, t := range w.tallies {
				if t.refused > 0 {
					return lab.Say("%s/0 had no room for one more: threads %d, memory %d MB", "%s/0 再也容不下一个：已有 %d 个线程，用了 %d MB",
						ioRoles[t.model], t.threadsMax, t.memoryMax>>20)
				}
			}
			return lab.Text{En: "all were taken in", Zh: "全部接受"}
		},
	}
}
