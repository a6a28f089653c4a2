package rpc

import (
	"grapevine/protocols/field"
	"grapevine/protocols/grpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The notes of rpc/grpc; the value is shopNote's unless said otherwise.
const (
	shopConnected uint16 = iota // to the server of that number
	shopClosed                  // likewise
	shopLeft                    // likewise
	shopCalls
	shopEnds
	shopCancels
	shopStalls
	shopFlows
	shopStarts // server
	shopServed // server, with the status code above
	shopStops  // server, likewise
	shopShuts  // server: how many calls are under way
	shopOpens  // server, no value
)

// The states of nodes.
const (
	grpcIdle uint8 = iota
	grpcBusy
	grpcWaits
	grpcStalled
	grpcApart
)

var grpcStates = []lab.State{
	grpcIdle:    {ID: "idle", Label: lab.Text{En: "has no call under way", Zh: "没有进行中的调用"}, Shape: "ring", Color: "idle"},
	grpcBusy:    {ID: "busy", Label: lab.Text{En: "works on a message", Zh: "正在处理或读取消息"}, Shape: "disc", Color: "active"},
	grpcWaits:   {ID: "waits", Label: lab.Text{En: "has calls under way, waits for messages", Zh: "有调用在进行，等待消息"}, Shape: "bar", Color: "done"},
	grpcStalled: {ID: "stalled", Label: lab.Text{En: "may not send: the window is empty", Zh: "窗口用完，暂时不能发送"}, Shape: "bar", Color: "warn"},
	grpcApart:   {ID: "apart", Label: lab.Text{En: "has no connection, or takes none", Zh: "没有连接，或不再接受连接"}, Shape: "ring", Color: "warn"},
}

var grpcKinds = []lab.Kind{
	shopHeaders:   {ID: "headers", Name: lab.Text{En: "HEADERS", Zh: "HEADERS"}, Label: lab.Text{En: "HEADERS: a call begins, or its answer", Zh: "HEADERS：调用开始，或应答开始"}, Mark: "H", Color: "push"},
	shopMessage:   {ID: "message", Name: lab.Text{En: "DATA", Zh: "DATA"}, Label: lab.Text{En: "DATA: messages", Zh: "DATA：消息"}, Mark: "M", Color: "reply"},
	shopStatus:    {ID: "status", Name: lab.Text{En: "trailers", Zh: "尾部"}, Label: lab.Text{En: "trailers: the status that ends a call", Zh: "尾部：结束调用的状态码"}, Mark: "S", Color: "data"},
	shopControl:   {ID: "control", Name: lab.Text{En: "control frame", Zh: "控制帧"}, Label: lab.Text{En: "SETTINGS, WINDOW_UPDATE, PING", Zh: "SETTINGS、WINDOW_UPDATE、PING"}, Mark: "W", Color: "pull"},
	shopGoodbye:   {ID: "goodbye", Name: lab.Text{En: "RST_STREAM or GOAWAY", Zh: "RST_STREAM 或 GOAWAY"}, Label: lab.Text{En: "RST_STREAM ends a call, GOAWAY a connection", Zh: "RST_STREAM 中止调用，GOAWAY 告别连接"}, Mark: "X", Color: "warn"},
	shopTransport: {ID: "transport", Name: lab.Text{En: "transport", Zh: "传输层"}, Label: lab.Text{En: "the stream's own: handshake, acknowledgement", Zh: "流自己的包：握手、确认"}, Mark: "T", Color: "idle"},
}

func (w *shopping) world() *lab.World {
	world := &lab.World{
		Net: w.net, End: w.length(),
		State: w.state, Inspect: w.inspect, Card: w.card, Talk: w.talk, Doing: shopDoing, Say: w.say,
		Metrics: w.metrics,
		Curves: []lab.Curve{
			{ID: "ended", Label: lab.Text{En: "calls that ended", Zh: "已结束的调用"}, Color: "done", Measure: func() int64 { return int64(w.tally.ended) }},
			{ID: "ok", Label: lab.Text{En: "with OK", Zh: "其中状态为 OK 的"}, Color: "active", Measure: func() int64 { return int64(w.tally.codes[grpc.OK]) }},
		},
		CurveMax: int64(w.plan.clients * w.plan.each),
		Checks:   w.checks(),
	}
	for i := range w.plan.servers {
		world.Listeners = append(world.Listeners, lab.Listener{Node: w.server(i), Port: grpcPort, Name: "gRPC"})
	}
	return world
}

// split tells clients from servers, and is nil twice before the run begins.
func (w *shopping) split(node sim.NodeID) (*shopper, *shopkeeper) {
	switch member := int(node) - w.plan.clients; {
	case member < 0:
		return w.clients.Member(int(node)), nil
	case member < w.plan.servers:
		return nil, w.servers.Member(member)
	}
	return nil, nil // the bridge's
}

func (w *shopping) state(node sim.NodeID) uint8 {
	state := grpcIdle
	client, server := w.split(node)
	switch {
	case client != nil:
		if !client.ready {
			state = grpcApart // unless calls go on over another connection
		}
		for _, t := range client.tasks {
			switch {
			case t.step != shopCalling:
			case t.call.Queued() > 0:
				return grpcStalled
			case t.due[hasRead] != never:
				state = grpcBusy
			case state != grpcBusy:
				state = grpcWaits
			}
		}
	case server != nil:
		if server.closing {
			return grpcApart
		}
		for i := range server.jobs {
			switch j := &server.jobs[i]; {
			case j.call == nil:
			case j.call.Queued() > 0:
				return grpcStalled
			case j.working:
				state = grpcBusy
			case state == grpcIdle:
				state = grpcWaits
			}
		}
	}
	return state
}

func (w *shopping) talk(t lab.Talk) lab.Dissect {
	if t.Port != grpcPort {
		return nil
	}
	d := grpc.Dissector{Registry: w.registry, Method: func(stream uint32) string {
		place := w.trackOf(t.Client, t.ClientPort).place(stream)
		switch {
		case place < 0:
			return ""
		case w.history[place].mistake == noSuchMethod:
			return unknownMethod
		}
		return methods[w.history[place].kind]
	}}
	return func(said []byte) []field.Field { return d.Dissect(said, t.FromClient) }
}

// shopDoing says what a note means for the line of its node in the sequence view.
func shopDoing(e *sim.Event) lab.Doing {
	underWay := e.Value >> 32 & 0xffff
	switch e.Code {
	case shopCalls, shopEnds, shopCancels:
		if underWay > 0 {
			return lab.Waiting
		}
		return lab.Resting
	case shopStarts, shopServed, shopStops:
		if underWay > 0 {
			return lab.Working
		}
		return lab.Resting
	}
	return lab.Unsaid
}
