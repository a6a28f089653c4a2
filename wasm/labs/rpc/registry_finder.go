package rpc

import (
	"slices"
	"strconv"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/balance"
	"grapevine/protocols/rpc/registry"
	"grapevine/protocols/rpc/services"
	"grapevine/wasm/sim"
)

// finder is a client: it knows the service's name, keeps the list of its
// instances, and chooses one for each call.
type finder struct {
	sim.Idle
	w        *discovery
	member   int
	registry *registry.Client
	lines    []line     // by server
	open     []openCall // calls that wait, in the order in which they began
	turn     uint64
	made     int  // calls
	knew     bool // has had an address in this life
	version  registry.Version
	length   int   // of the list
	owners   []int // by user: whose calls go to which server, if the user decides; -1 none
	last     int   // the server chosen last, -1 none
	alarm    alarm
}

// line is what a client has for the calls to one server.
type line struct {
	machine *rpc.Client
	pipe    *pipe
	active  int
	calls   int
	failed  bool // the last call to it did
}

// openCall is a call that waits for its answer.
type openCall struct {
	server int
	number uint64
	user   int
	begun  sim.Time
	tried  uint64 // one bit a server
}

// timerNextCall is a finder's own timer beside timerMachine.
const timerNextCall = timerMachine + 1

func newFinder(w *discovery, member int) *finder {
	return &finder{w: w, member: member, last: -1}
}

func (c *finder) Start(h *sim.Host) {
	p := &c.w.plan
	c.registry = registry.NewClient(registry.ClientConfig{Watch: p.watch, RefreshMicros: int64(p.refresh), RetryMicros: int64(p.retry()), BelieveYoung: p.believe})
	if err := c.registry.Follow(int64(h.Now()), serviceName); err != nil {
		panic("rpc: " + err.Error())
	}
	c.owners = slices.Repeat([]int{-1}, p.users)
	c.lines = make([]line, p.providers)
	for i := range c.lines {
		c.lines[i] = line{
			machine: rpc.NewClient(rpc.ClientConfig{
				ID:    uint64(h.Ctx().Epoch()+1)<<32 | uint64(c.member)<<16 | uint64(i),
				Table: calculatorByFunction, Semantics: rpc.Maybe, TimeoutMicros: int64(p.timeout), MaxTimeoutMicros: int64(p.timeout), JitterPercent: -1,
				MaxOutstanding: maxOutstanding}),
			pipe: &pipe{Transport: rpc.NewClientTransport(rpc.OverDatagram, rpc.TransportLimits{}), peer: c.w.providerNode(i), port: rpcPort},
		}
	}
	// The servers come first, and clients do not all call at the same moment.
	h.After(sim.Second+sim.Time(h.Rand()%uint64(p.think)), timerNextCall)
	c.drain(h)
}

// maxOutstanding is how many calls of a client wait at most for one server.
const maxOutstanding = 4096

func (c *finder) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	now := int64(h.Now())
	if port == registryPort {
		_ = c.registry.Receive(now, payload) // an error is the registry's: dropped
		c.drain(h)
		return
	}
	i := int(from) - int(c.w.providerNode(0))
	if i < 0 || i >= len(c.lines) {
		return
	}
	l := &c.lines[i]
	l.pipe.Receive(now, payload)
	for _, frame, ok := l.pipe.Poll(); ok; _, frame, ok = l.pipe.Poll() {
		l.machine.Receive(now, frame)
		c.returns(h, i)
	}
	c.drain(h)
}

func (c *finder) Wake(h *sim.Host, t sim.Timer) {
	now := int64(h.Now())
	if t == timerNextCall {
		if h.Now() < c.w.plan.length {
			c.call(h)
			h.After(c.w.plan.think, timerNextCall)
		}
	} else {
		c.alarm = 0
		c.registry.Tick(now)
		for i := range c.lines {
			c.lines[i].machine.Tick(now)
			c.returns(h, i)
		}
	}
	c.drain(h)
}

// call makes a call for some user.
func (c *finder) call(h *sim.Host) {
	o := openCall{user: int(h.Rand() % uint64(c.w.plan.users)), begun: h.Now()}
	if !c.attempt(h, o) && c.knew {
		c.w.tally.homeless++
		h.Note(noteHomeless, int64(o.user))
	}
}

// attempt sends a call to one of the servers that have not been tried; false
// if there is none.
func (c *finder) attempt(h *sim.Host, o openCall) bool {
	now := h.Now()
	view, _ := c.registry.View(int64(now), serviceName)
	s := c.owners[o.user] // whose it is was found out when the list came
	if !c.w.plan.hashes() || o.tried != 0 {
		s = c.choose(h, view.Instances, o)
	}
	if s < 0 {
		return false
	}
	c.turn++
	number, err := services.CalculatorClient{Client: c.lines[s].machine}.Add(int64(now), int64(c.member), int64(o.user))
	if err != nil {
		return false
	}
	o.server, o.number, c.last = s, number, s
	c.w.attempted(now, s, o.tried != 0)
	c.w.tally.oldest = max(c.w.tally.oldest, sim.Time(view.AgeMicros))
	o.tried |= 1 << s
	c.open = append(c.open, o)
	c.lines[s].active++
	c.lines[s].calls++
	c.made++
	return true
}

// choose picks one of those listed that have not been tried, -1 if there is none.
func (c *finder) choose(h *sim.Host, listed []registry.Instance, o openCall) int {
	list, servers := c.candidates(listed, o.tried)
	active := make([]int, len(servers))
	for i, s := range servers {
		active[i] = c.lines[s].active
	}
	at := c.w.plan.choose(list, active, user(o.user), c.turn, h.Rand())
	if at < 0 {
		return -1
	}
	return servers[at]
}

func user(i int) string { return "user " + strconv.Itoa(i) }

// candidates are the instances that have not been tried, and whose they are.
func (c *finder) candidates(listed []registry.Instance, tried uint64) (list []balance.Instance, servers []int) {
	for _, i := range listed {
		if s := c.w.serverAt(i.Address); s >= 0 && tried>>s&1 == 0 {
			list = append(list, balance.Instance{ID: i.ID, Weight: i.Weight})
			servers = append(servers, s)
		}
	}
	return list, servers
}

// returns deals with the calls to a server that are over.
func (c *finder) returns(h *sim.Host, server int) {
	l := &c.lines[server]
	for e, ok := l.machine.Poll(); ok; e, ok = l.machine.Poll() {
		i := slices.IndexFunc(c.open, func(o openCall) bool { return o.server == server && o.number == e.Call.Number })
		if e.Step != rpc.Returned || i < 0 {
			continue
		}
		o := c.open[i]
		c.open = slices.Delete(c.open, i, i+1)
		l.active--
		l.failed = e.Err != nil
		t := &c.w.tally
		switch {
		case !l.failed:
			t.answered++
			t.byServer[server]++
			t.waited += h.Now() - o.begun
			t.worst = max(t.worst, h.Now()-o.begun)
		case c.w.plan.failover && c.attempt(h, o):
			h.Note(noteElsewhere, int64(server)<<16|int64(c.last))
		default:
			t.failed++
			h.Note(noteFailed, int64(server))
		}
	}
}

// drain does what the machines want done: events, messages, timers.
func (c *finder) drain(h *sim.Host) {
	for e, ok := c.registry.Poll(); ok; e, ok = c.registry.Poll() {
		if e.Count > 0 {
			c.knew = true
		}
		switch {
		case e.Missed > 0:
			h.Note(noteMissed, int64(e.Missed))
		case e.From != e.To || e.Version != c.version || e.Count != c.length:
			h.Note(noteKnows, int64(e.To)<<16|int64(e.Count))
		}
		c.version = e.Version
		c.reassign(h, e.Count)
	}
	for b := c.registry.Output(); b != nil; b = c.registry.Output() {
		c.w.ask(h, b)
	}
	deadline := c.registry.Deadline()
	for i := range c.lines {
		l := &c.lines[i]
		for frame, ok := l.machine.Output(); ok; frame, ok = l.machine.Output() {
			_ = l.pipe.send(h, 0, frame) // a datagram goes at once
		}
		if due := l.machine.Deadline(); due != 0 {
			deadline = min(deadline, due)
		}
	}
	c.alarm.set(h, deadline)
}

// reassign looks, after the list changed, which users now have another server.
func (c *finder) reassign(h *sim.Host, length int) {
	was := c.length
	c.length = length
	p := &c.w.plan
	if !p.hashes() {
		return
	}
	view, _ := c.registry.View(int64(h.Now()), serviceName)
	list, servers := c.candidates(view.Instances, 0)
	pick := func(u string) int { return balance.Modulo(list, u) }
	if p.balance == byRing {
		pick = balance.NewRing(list, p.virtual).Pick
	}
	moved := 0
	for u := range c.owners {
		owner := -1
		if at := pick(user(u)); at >= 0 {
			owner = servers[at]
		}
		if c.owners[u] >= 0 && owner >= 0 && owner != c.owners[u] {
			moved++
		}
		c.owners[u] = owner
	}
	// Before the first call nobody has been served: the first servers to join
	// take no user from another.
	if moved > 0 && c.made > 0 {
		c.w.moved(moved, was, length)
		h.Note(noteMoved, int64(moved))
	}
}
