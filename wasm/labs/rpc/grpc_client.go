package rpc

import (
	"encoding/binary"
	"slices"

	"grapevine/protocols/grpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// shopper is a client: a program of a few tasks, and a connection to one of
// the servers. When that takes no new calls any more, it dials the next one.
type shopper struct {
	sim.Idle
	w       *shopping
	member  int
	wire    *grpcWire   // for new calls; nil while there is none
	ready   bool        // the server's settings have come
	wires   []*grpcWire // all of them, also those that end
	tasks   []*shopTask
	next    int // the server to dial next
	redials bool
	alarm   alarm
	last    lastCall
}

// lastCall is what a client remembers of the last call that ended.
type lastCall struct {
	codes  []grpc.Code // of the last few calls, the newest last
	status grpc.Status
	header grpc.Metadata
}

const (
	// maxTasks is how many tasks a client may have, with those that a visitor
	// ordered beside the program's own.
	maxTasks = 64
	// shownCodes is how many of the last calls' ends a card shows.
	shownCodes = 5
)

func (c *shopper) Start(h *sim.Host) {
	p := &c.w.plan
	c.w.abandon(c.member)
	for i := range p.tasks {
		c.tasks = append(c.tasks, &shopTask{number: i})
	}
	c.w.runs(c.member, p.tasks-c.w.running[c.member])
	c.next = c.member % p.servers
	c.dial(h)
	for i := range c.tasks {
		c.set(h, c.tasks[i], nextCall, sim.Time(i)*p.think/sim.Time(p.tasks))
	}
}

// dial connects to the next server.
func (c *shopper) dial(h *sim.Host) {
	to := c.next
	c.next = (c.next + 1) % c.w.plan.servers
	p := &grpcWire{conn: grpc.NewClient(c.w.plan.clientConfig), stream: h.Dial(c.w.server(to), grpcPort), track: &track{server: to}}
	p.stream.User = p
	c.w.tracks[uint64(h.Self())<<16|uint64(p.stream.LocalPort())] = p.track
	c.wire, c.ready = p, false
	c.wires = append(c.wires, p)
	p.conn.Tick(int64(h.Now()))
	p.pump(h, c)
}

func (c *shopper) Opened(h *sim.Host, s *sim.Stream) {
	c.w.tally.connected++
	h.Note(shopConnected, int64(s.User.(*grpcWire).track.server))
}

func (c *shopper) Data(h *sim.Host, s *sim.Stream) {
	s.User.(*grpcWire).receive(h, c)
	c.arm(h)
}

func (c *shopper) Writable(h *sim.Host, s *sim.Stream) { s.User.(*grpcWire).pump(h, c) }

func (c *shopper) Closed(h *sim.Host, s *sim.Stream) { c.drop(h, s.User.(*grpcWire)) }

// drop forgets a connection. Its calls end, and a new one is made a little later.
func (c *shopper) drop(h *sim.Host, p *grpcWire) {
	i := slices.Index(c.wires, p)
	if i < 0 {
		return
	}
	c.wires = slices.Delete(c.wires, i, i+1)
	h.Note(shopClosed, int64(p.track.server))
	p.conn.Disconnected()
	p.poll(h, c)
	if c.wire != p {
		return
	}
	c.wire, c.ready = nil, false
	if !c.redials {
		c.redials = true
		h.After(redialAfter, timerRedial)
	}
}

func (c *shopper) Wake(h *sim.Host, t sim.Timer) {
	switch t {
	case timerMachine:
		c.alarm = 0
		for _, p := range slices.Clone(c.wires) {
			ends := p.conn.Closed()
			p.conn.Tick(int64(h.Now()))
			p.pump(h, c)
			if p.conn.Closed() && !ends {
				p.stream.Abort() // nobody answers there
				c.drop(h, p)
			}
		}
	case timerRedial:
		if c.redials = false; c.wire == nil {
			c.dial(h)
		}
	default:
		task, what := int((t-timerTask)/taskTimers), (t-timerTask)%taskTimers
		if one := c.tasks[task]; one.due[what] == h.Now() {
			one.due[what] = never
			c.advance(h, one, what)
		}
	}
	c.arm(h)
}

// arm sets the timer for what the connections wait for.
func (c *shopper) arm(h *sim.Host) {
	for _, p := range c.wires {
		if at, ok := p.conn.Deadline(); ok {
			c.alarm.set(h, at)
		}
	}
}

// event takes what happened on a connection.
func (c *shopper) event(h *sim.Host, p *grpcWire, e grpc.Event) {
	switch e.Kind {
	case grpc.Ready:
		if p == c.wire {
			c.ready = true
			c.begin(h)
		}
	case grpc.GoingAway:
		c.w.tally.goodbyes++
		h.Note(shopLeft, int64(p.track.server))
		if p == c.wire {
			c.dial(h)
		}
	case grpc.Header:
		c.last.header = e.Metadata
	case grpc.Received:
		c.received(h, e.Call.User.(*shopTask), e.Message)
	case grpc.Writable:
		c.flows(h, e.Call.User.(*shopTask))
	case grpc.Finished:
		c.ended(h, e.Call.User.(*shopTask), e.Status)
	}
}

// begin lets those tasks call that waited for a connection.
func (c *shopper) begin(h *sim.Host) {
	for _, t := range c.tasks {
		if t.step == shopWaiting {
			c.call(h, t)
		}
	}
}

// metadata is what a call tells about itself.
func (c *shopper) metadata(h *sim.Host) grpc.Metadata {
	if !c.w.plan.metadata {
		return nil
	}
	var trace [8]byte
	binary.BigEndian.PutUint32(trace[:], uint32(c.member))
	binary.BigEndian.PutUint32(trace[4:], uint32(c.w.begun[c.member]))
	return grpc.Metadata{{Key: "client", Value: c.w.net.Name(h.Self())}, {Key: "trace-bin", Value: string(trace[:])}}
}

// Accepts and Order take what a visitor may order of a client.
func (c *shopper) Accepts(args []string) error {
	if len(args) == 1 && (args[0] == "cancel" || args[0] == "mistake" || kindOfOrder(args[0]) != kindsOfCall) {
		return nil
	}
	return lab.Say("a client takes the orders unary, server, client, bidi, mistake and cancel", "客户端接受的命令有 unary、server、client、bidi、mistake、cancel")
}

func kindOfOrder(word string) callKind {
	return callKind(slices.Index([]string{"unary", "server", "client", "bidi", word}, word))
}

func (c *shopper) Order(h *sim.Host, args []string) {
	if args[0] == "cancel" {
		c.cancel(h)
		return
	}
	i := slices.IndexFunc(c.tasks, func(t *shopTask) bool { return t.extra && t.step == shopDone })
	if i < 0 {
		if len(c.tasks) == maxTasks {
			return
		}
		i = len(c.tasks)
		c.tasks = append(c.tasks, &shopTask{number: i, extra: true})
	}
	t := c.tasks[i]
	*t = shopTask{number: i, extra: true, step: shopWaiting, kind: kindOfOrder(args[0])}
	if args[0] == "mistake" {
		t.kind, t.wrong = unary, mistake(1+h.Ctx().Intn(int(mistakes)-1))
	}
	c.w.runs(c.member, 1)
	c.call(h, t)
	c.arm(h)
}

// cancel ends the oldest call.
func (c *shopper) cancel(h *sim.Host) {
	var oldest *shopTask
	for _, t := range c.tasks {
		if t.step == shopCalling && (oldest == nil || t.place < oldest.place) {
			oldest = t
		}
	}
	if oldest == nil {
		return
	}
	h.Note(shopCancels, c.note(oldest))
	oldest.call.Cancel()
	oldest.wire.pump(h, c)
	c.arm(h)
}
