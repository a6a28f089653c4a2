package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/wasm/sim"
)

// caller is a client: a program of a few tasks, its stub, and its network
// service. Each task calls one function after the other and is suspended
// while its call is away, as it would be if the function were at home.
type caller struct {
	w       *calls
	member  int
	id      uint64
	machine *rpc.Client
	pipe    *pipe // nil while there is no connection
	tasks   []task
	begun   int                 // calls of this life
	numbers map[rpc.CallKey]int // the machine's numbers of calls, to places in the history; only looked up
	tasked  map[rpc.CallKey]int // to tasks
	lookup  rpc.Lookup          // the last one
	looked  string              // the function that it looked for
	runs    bool                // the program has begun
	alarm   alarm
}

// task is a thread of the program.
type task struct {
	step  callPhase
	place int // of its present call in the history
	done  outcomeOf
}

// outcomeOf is what the stub found out about a reply, and tells the program
// when it has read it.
type outcomeOf struct {
	text string
	err  *rpc.Error
}

// callPhase says where a task's call is.
type callPhase uint8

const (
	resting       callPhase = iota // between two calls
	marshalling                    // the stub writes the arguments
	suspended                      // the call is away
	unmarshalling                  // the stub reads the result
	finished                       // it has made all its calls
)

// Timers of a caller. The tasks' own come after these.
const (
	timerMachine sim.Timer = iota
	timerRedial
	timerTask
)

// redialAfter is how long a caller waits before it dials again.
const redialAfter = 500 * sim.Millisecond

func (c *caller) Start(h *sim.Host) {
	p := &c.w.plan
	// A life's ID says whose it is: see calls.find.
	c.id = uint64(h.Ctx().Epoch())<<16 | uint64(c.member)
	c.numbers, c.tasked = map[rpc.CallKey]int{}, map[rpc.CallKey]int{}
	config := p.client
	config.ID, config.Seed, config.Table, config.Steps = c.id, h.Rand(), p.callerTable(c.member), true
	c.machine = rpc.NewClient(config)
	c.tasks = make([]task, p.tasks)
	book := &c.w.books[c.member]
	c.w.finished -= book.finished
	book.finished = 0
	c.connect(h)
	if p.transport == rpc.OverDatagram {
		c.run(h)
	}
}

// run lets the program begin: its tasks one after the other within a pause.
func (c *caller) run(h *sim.Host) {
	c.runs = true
	for i := range c.tasks {
		h.After(sim.Time(i)*c.w.plan.think/sim.Time(len(c.tasks)), timerTask+sim.Timer(i))
	}
}

// connect makes the transport, and dials where there is something to dial.
func (c *caller) connect(h *sim.Host) {
	p := &c.w.plan
	to := c.w.server(c.member % p.callees)
	c.pipe = &pipe{Transport: rpc.NewClientTransport(p.transport, rpc.TransportLimits{}), peer: to, port: rpcPort}
	if p.transport != rpc.OverDatagram {
		c.pipe.stream = h.Dial(to, rpcPort)
	}
	c.machine.Resend(int64(h.Now()))
	c.drain(h)
}

// Opened lets the program begin when it is connected for the first time.
func (c *caller) Opened(h *sim.Host, s *sim.Stream) {
	if !c.runs {
		c.run(h)
	}
	c.drain(h)
}

func (c *caller) Data(h *sim.Host, s *sim.Stream) {
	if c.pipe == nil || c.pipe.stream != s {
		return
	}
	c.pipe.read(h)
	c.receive(h)
	if s.EOF() || c.pipe.Err() != nil {
		s.CloseWrite()
	}
}

func (c *caller) Writable(h *sim.Host, s *sim.Stream) {
	if c.pipe != nil && c.pipe.stream == s {
		c.pipe.flush(h, kindStream)
	}
}

// Closed dials anew, a little later. What waits is asked again then.
func (c *caller) Closed(h *sim.Host, s *sim.Stream) {
	if c.pipe == nil || c.pipe.stream != s {
		return
	}
	c.pipe = nil
	c.w.tally.closed++
	h.Note(noteClosed, 0)
	h.After(redialAfter, timerRedial)
}

func (c *caller) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	c.pipe.Receive(int64(h.Now()), payload)
	c.receive(h)
}

func (c *caller) receive(h *sim.Host) {
	now := int64(h.Now())
	for _, frame, ok := c.pipe.Poll(); ok; _, frame, ok = c.pipe.Poll() {
		c.machine.Receive(now, frame)
		c.events(h)
	}
	c.drain(h)
}

func (c *caller) Wake(h *sim.Host, t sim.Timer) {
	switch t {
	case timerMachine:
		c.alarm = 0
		c.machine.Tick(int64(h.Now()))
		if c.pipe != nil {
			c.pipe.Tick(int64(h.Now()))
		}
		c.drain(h)
	case timerRedial:
		c.connect(h)
	default:
		c.advance(h, int(t-timerTask))
	}
}

// advance takes a task to its next step, when the last one has had its time.
func (c *caller) advance(h *sim.Host, i int) {
	p, t := &c.w.plan, &c.tasks[i]
	again := timerTask + sim.Timer(i)
	switch t.step {
	case resting:
		if book := &c.w.books[c.member]; book.made[i] == p.each {
			t.step = finished
			book.finished++
			c.w.finished++
			return
		}
		t.place = c.w.begin(h.Now(), c.member, i)
		t.step = marshalling
		h.Note(noteCalls, int64(t.place))
		h.After(p.stub, again)
	case marshalling:
		t.step = suspended
		o := &c.w.history[t.place]
		number, err := o.call.begin(c.machine, int64(h.Now()))
		if err != nil {
			c.looked, c.lookup = o.call.function, rpc.Lookup{}
			c.finish(h, i, outcomeOf{err: asError(err)})
			return
		}
		key := rpc.CallKey{Client: c.id, Number: number}
		c.numbers[key], c.tasked[key] = t.place, i
		c.w.asked(h.Now(), t.place)
		h.Note(noteSuspended, int64(t.place))
		c.drain(h)
	case unmarshalling:
		c.finish(h, i, t.done)
	}
}

// finish gives the program what its call returned.
func (c *caller) finish(h *sim.Host, i int, done outcomeOf) {
	p, t := &c.w.plan, &c.tasks[i]
	c.w.end(h.Now(), t.place, done)
	if done.err != nil {
		h.Note(noteFails, int64(t.place))
	} else {
		h.Note(noteReturns, int64(t.place))
	}
	t.step = resting
	h.After(p.think, timerTask+sim.Timer(i))
}

// drain does what the machine wants done: events, frames, timers.
func (c *caller) drain(h *sim.Host) {
	c.events(h)
	if c.pipe == nil {
		return
	}
	for frame, ok := c.machine.Output(); ok; frame, ok = c.machine.Output() {
		c.pipe.send(h, 0, frame)
	}
	c.pipe.flush(h, kindStream)
	c.alarm.set(h, earlier(c.machine.Deadline(), c.pipe.Deadline()))
}

func (c *caller) events(h *sim.Host) {
	for e, ok := c.machine.Poll(); ok; e, ok = c.machine.Poll() {
		switch e.Step {
		case rpc.LookedUp:
			c.looked, c.lookup = e.Function, e.Lookup
		case rpc.Resent:
			c.w.tally.resent++
			c.w.asked(h.Now(), c.numbers[e.Call])
			h.Note(noteResends, int64(c.numbers[e.Call]))
		case rpc.Late:
			c.w.tally.late++
			h.Note(noteLate, int64(c.numbers[e.Call]))
		case rpc.Returned:
			c.returned(h, e)
		}
	}
}

// returned lets the stub read what came back, which takes its time.
func (c *caller) returned(h *sim.Host, e rpc.Event) {
	i, ok := c.tasked[e.Call]
	if !ok {
		return
	}
	delete(c.tasked, e.Call)
	t := &c.tasks[i]
	t.done = outcomeOf{err: e.Err}
	if e.Err == nil {
		c.w.arrived(h.Now(), c.w.history[t.place].replied)
		text, err := c.w.history[t.place].call.result(e)
		t.done.text = text
		if err != nil {
			t.done.err = asError(err)
		}
	}
	t.step = unmarshalling
	h.After(c.w.plan.stub, timerTask+sim.Timer(i))
}

// asError is what the client's side found wrong, as the machines say it.
func asError(err error) *rpc.Error {
	if e, ok := err.(*rpc.Error); ok {
		return e
	}
	return &rpc.Error{Code: rpc.Unknown, Text: err.Error()}
}

// earlier is the earlier of two deadlines, 0 meaning none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
