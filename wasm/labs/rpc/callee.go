package rpc

import (
	"slices"

	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// callee is a server: its network service, its stub, and the functions. Every
// call is run in a thread of its own.
type callee struct {
	w       *calls
	member  int
	machine *rpc.Server
	stub    rpc.Stub
	pipes   map[uint64]*pipe // by connection; only looked up
	// The streams' keys of pipes, in the order in which they came.
	connected []uint64
	running   []running // by thread; those that ended are used again
	lookup    rpc.Lookup
	alarm     alarm
	table     *rpc.Table
}

// running is one thread of the server, at work on one call.
type running struct {
	step  runStep
	event rpc.Event // with a body of its own
	since sim.Time
	// The reply's frames, made in the moment in which the function has run, so
	// that the duplicate table knows of every execution; they go out when the
	// stub has had its time.
	frames []addressed
}

type addressed struct {
	to    rpc.Peer
	frame []byte
}

type runStep uint8

const (
	idle      runStep = iota
	unpacking         // the stub reads the arguments
	executing         // the function runs
	packing           // the stub writes the result; it has been executed
)

// timerThread is the first of the threads' timers, above timerMachine.
const timerThread = timerMachine + 1

func (c *callee) Start(h *sim.Host) {
	p, life := &c.w.plan, &c.w.lives[c.member]
	life.boots++
	config := p.server
	c.table = p.calleeTable(c.member)
	config.Boot, config.Table, config.Steps = life.boots, c.table, true
	c.machine = rpc.NewServer(config)
	if life.kept != nil {
		// What was kept was written by Save and fits the same limits.
		_ = c.machine.Load(int64(h.Now()), life.kept)
	}
	c.stub = p.program(c)
	c.pipes = map[uint64]*pipe{}
	h.Listen(rpcPort)
}

func (c *callee) Opened(h *sim.Host, s *sim.Stream) {
	c.connected = append(c.connected, uint64(s.ID()))
	c.pipes[uint64(s.ID())] = &pipe{Transport: rpc.NewServerTransport(c.w.plan.transport, rpc.TransportLimits{}), stream: s, peer: s.Peer()}
}

func (c *callee) Data(h *sim.Host, s *sim.Stream) {
	p := c.pipes[uint64(s.ID())]
	if p == nil {
		return
	}
	p.read(h)
	c.receive(h, uint64(s.ID()), p)
	if s.EOF() || p.Err() != nil {
		s.CloseWrite()
	}
}

func (c *callee) Writable(h *sim.Host, s *sim.Stream) {
	if p := c.pipes[uint64(s.ID())]; p != nil {
		p.flush(h, kindStream)
	}
}

func (c *callee) Closed(h *sim.Host, s *sim.Stream) {
	id := uint64(s.ID())
	delete(c.pipes, id)
	c.connected = slices.DeleteFunc(c.connected, func(other uint64) bool { return other == id })
}

func (c *callee) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	// Over datagrams a connection is where they come from.
	id := uint64(from)<<16 | uint64(fromPort)
	p := c.pipes[id]
	if p == nil {
		p = &pipe{Transport: rpc.NewServerTransport(rpc.OverDatagram, rpc.TransportLimits{}), peer: from, port: fromPort}
		c.pipes[id] = p
	}
	p.Receive(int64(h.Now()), payload)
	c.receive(h, id, p)
}

func (c *callee) receive(h *sim.Host, connection uint64, p *pipe) {
	for slot, frame, ok := p.Poll(); ok; slot, frame, ok = p.Poll() {
		c.machine.Receive(int64(h.Now()), rpc.Peer{Connection: connection, Slot: slot}, frame)
		c.events(h)
	}
	c.drain(h)
	p.flush(h, kindStream)
}

func (c *callee) Wake(h *sim.Host, t sim.Timer) {
	if t != timerMachine {
		c.advance(h, int(t-timerThread))
		return
	}
	c.alarm = 0
	c.machine.Tick(int64(h.Now()))
	c.drain(h)
}

// drain does what the machine wants done: events, frames, timers.
func (c *callee) drain(h *sim.Host) {
	c.events(h)
	for peer, frame, ok := c.machine.Output(); ok; peer, frame, ok = c.machine.Output() {
		c.send(h, peer, frame)
	}
	c.alarm.set(h, c.machine.Deadline())
}

// send answers a peer, if it is still connected.
func (c *callee) send(h *sim.Host, to rpc.Peer, frame []byte) {
	if p := c.pipes[to.Connection]; p != nil {
		p.send(h, to.Slot, frame)
	}
}

func (c *callee) events(h *sim.Host) {
	for e, ok := c.machine.Poll(); ok; e, ok = c.machine.Poll() {
		switch e.Step {
		case rpc.LookedUp:
			c.lookup = e.Lookup
		case rpc.Execute:
			c.begin(h, e)
		case rpc.Repeated:
			c.w.tally.repeated++
			h.Note(noteRepeats, c.w.replied(h.Now(), e.Call))
		case rpc.StillRunning:
			c.w.tally.ignored++
			h.Note(noteIgnores, c.w.place(e.Call))
		case rpc.Refused:
			note := noteRefuses
			if e.Err.Code == rpc.Restarted && c.w.plan.server.Semantics == rpc.AtMostOnce && e.Attempt == 0 {
				note = noteTells
			}
			h.Note(note, c.w.place(e.Call))
		}
	}
}

// begin gives a call to a thread that is free.
func (c *callee) begin(h *sim.Host, e rpc.Event) {
	if place := c.w.place(e.Call); place >= 0 {
		c.w.arrived(h.Now(), c.w.history[place].asked)
	}
	e.Body = slices.Clone(e.Body)
	i := 0
	for i < len(c.running) && c.running[i].step != idle {
		i++
	}
	if i == len(c.running) {
		c.running = append(c.running, running{})
	}
	c.running[i] = running{step: unpacking, event: e, since: h.Now()}
	h.After(c.w.plan.stub, timerThread+sim.Timer(i))
}

// advance takes a thread to its next step, when the last one has had its time.
func (c *callee) advance(h *sim.Host, i int) {
	r := &c.running[i]
	r.since = h.Now()
	switch r.step {
	case unpacking:
		r.step = executing
		h.Note(noteRuns, c.w.place(r.event.Call))
		time := c.w.plan.execute
		if slow, ok := c.w.plan.slow[r.event.Function]; ok {
			time = slow
		}
		h.After(time, timerThread+sim.Timer(i))
	case executing:
		c.drain(h) // nothing but this call's frames will be there
		c.machine.Execute(int64(h.Now()), r.event, c.stub)
		c.events(h)
		for to, frame, ok := c.machine.Output(); ok; to, frame, ok = c.machine.Output() {
			r.frames = append(r.frames, addressed{to, slices.Clone(frame)})
		}
		if c.w.plan.durable {
			c.w.lives[c.member].kept = c.machine.Save(nil)
		}
		r.step = packing
		h.Note(noteRan, c.w.ran(r.event))
		h.After(c.w.plan.stub, timerThread+sim.Timer(i))
	case packing:
		for _, a := range r.frames {
			c.send(h, a.to, a.frame)
		}
		r.step, r.frames = idle, nil
		h.Note(noteReplies, c.w.replied(h.Now(), r.event.Call))
		c.drain(h)
	}
}

// fullest is the connection on which most bytes wait for lost ones before
// them, nil if there are none.
func (c *callee) fullest() (most *pipe) {
	for _, id := range c.connected {
		p := c.pipes[id]
		if p.stream != nil && p.stream.Stuck() > 0 && (most == nil || p.stream.Stuck() > most.stream.Stuck()) {
			most = p
		}
	}
	return most
}

// calleeRole is the role of the callees. It knows the plan before there are any.
type calleeRole struct {
	*sim.Hosts[*callee]
	plan *plan
}

// Accepts and Order take "upgrade": the server begins to use its next Call ID
// table, in labs that have one.
func (r calleeRole) Accepts(args []string) error {
	switch {
	case r.plan.upgraded == nil:
		return lab.Say("the servers of this lab take no orders", "这个实验的服务器不接受命令")
	case len(args) != 1 || args[0] != "upgrade":
		return lab.Say("a server takes the order \"upgrade\"", "服务器只接受命令“upgrade”")
	}
	return nil
}

func (r calleeRole) Order(ctx *sim.Ctx, _ []string) {
	r.Act(ctx, func(h *sim.Host, c *callee) { c.upgrade(h) })
}

func (c *callee) upgrade(h *sim.Host) {
	c.table = c.w.plan.upgraded(c.member)
	c.machine.SetTable(c.table)
	h.Note(noteUpgrades, int64(c.table.Len()))
}
