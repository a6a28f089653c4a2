package rpc

import (
	"grapevine/protocols/rpc"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// rpcPort is where the servers of our own RPC listen, for every transport.
const rpcPort = 530 // "rpc" of the service names that IANA keeps

// calls is the world of the labs in which programs call functions of other
// machines by our own RPC: callers, callees, and what all of them counted.
type calls struct {
	plan plan
	net  *sim.Network
	// The roles; callers are the first nodes, callees the last.
	callers *sim.Hosts[*caller]
	callees *sim.Hosts[*callee]

	// What became of each call that was begun, in order.
	history  []outcome
	books    []book // by caller
	finished int    // tasks that have made all their calls
	// lives are what callees keep over a crash, by member.
	lives []life
	tally tally
}

// plan is what one run of such a lab is made of.
type plan struct {
	transport        rpc.Kind
	callers, callees int
	tasks            int // threads of a caller: how many calls it has out at once at most
	link             sim.Link
	stub, execute    sim.Time // writing or reading arguments or a result; running the function
	think            sim.Time // of a caller, between two calls
	each             int      // how many calls a caller's task makes
	client           rpc.ClientConfig
	server           rpc.ServerConfig
	// tables make a member's Call ID table.
	callerTable func(member int) *rpc.Table
	calleeTable func(member int) *rpc.Table
	// next says what a caller calls: the n-th call of its run.
	next func(member, n int) call
	// slow is how long a function runs that takes longer than execute.
	slow map[string]sim.Time
	// program makes the server stub over a server's functions, in one of its lives.
	program func(c *callee) rpc.Stub
	// upgraded makes the table that a callee uses from the order "upgrade" on;
	// nil if there is none.
	upgraded func(member int) *rpc.Table
	durable  bool // the duplicate table survives a crash
	shows    shows
}

// call is one call that a program makes.
type call struct {
	text     string // "add(2, 3)"
	function string // "Calculator.add"
	// begin is the client stub's method, result what it makes of the reply.
	begin  func(c *rpc.Client, now int64) (number uint64, err error)
	result func(e rpc.Event) (string, error)
	expect string // what a call at home would return; "" if that depends on what else was called
}

// outcome is what became of a call.
type outcome struct {
	caller, task int
	call         call
	begun, ended sim.Time
	// When its client last handed the request to the transport, and its server
	// the reply.
	asked, replied sim.Time
	over           bool
	result         string // what the program got, or why it failed
	err            *rpc.Error
	executed       int    // how often a callee ran it
	ran            string // the function that a callee ran for it
}

// book is what a caller's program remembers over a crash: how far it was.
type book struct {
	calls    int
	made     []int // by task
	finished int   // tasks
}

// life is what a callee has on its disk, so to say.
type life struct {
	boots   uint64
	counter int64
	kept    []byte // the duplicate table, if it is durable
}

// tally counts what happened.
type tally struct {
	begun, returned, failed int
	executed, again, wrong  int // again: executions of a call that had been executed before; wrong: of another function
	untrue                  int // results other than a call at home would have given
	repeated, ignored       int // duplicates: answered from the table, or of a call still running
	resent, late, closed    int
	waited                  sim.Time // of calls that returned, from begin to return
	worst                   sim.Time
	held                    int      // messages that came later than the link explains
	heldWorst               sim.Time // by how much at most
}

// build makes the network of a plan.
func (w *calls) build(seed uint64, end sim.Time) *lab.World {
	p := &w.plan
	w.net = sim.New(seed)
	w.lives = make([]life, p.callees)
	w.books = make([]book, p.callers)
	for i := range w.books {
		w.books[i].made = make([]int, p.tasks)
	}
	w.callers = sim.NewHosts(p.callers, func(member int) *caller { return &caller{w: w, member: member} })
	w.callees = sim.NewHosts(p.callees, func(member int) *callee { return &callee{w: w, member: member} })
	for _, marks := range []*sim.Marks{&w.callers.Marks, &w.callees.Marks} {
		*marks = sim.Marks{Syn: kindStream, Ack: kindStream, Fin: kindStream, Rst: kindStream}
	}
	client := w.net.AddRole("client", p.callers, w.callers)
	server := w.net.AddRole("server", p.callees, calleeRole{w.callees, p})
	w.net.Connect(client, server, p.link)
	w.net.Connect(server, client, p.link)
	_, span := w.net.Role(server)
	world := w.world(end)
	for i := range p.callees {
		world.Listeners = append(world.Listeners, lab.Listener{Node: span.First + sim.NodeID(i), Port: rpcPort, Name: "RPC over " + p.transport.String()})
	}
	if p.transport == rpc.OverDatagram {
		world.Listeners = nil
	}
	return world
}

// server returns the node of a callee.
func (w *calls) server(member int) sim.NodeID { return sim.NodeID(w.plan.callers + member) }

// begin writes a task's next call into the history and returns its place.
func (w *calls) begin(now sim.Time, member, task int) int {
	b := &w.books[member]
	w.history = append(w.history, outcome{caller: member, task: task, call: w.plan.next(member, b.calls), begun: now})
	b.calls++
	b.made[task]++
	w.tally.begun++
	return len(w.history) - 1
}

// end writes down what a program got of its call.
func (w *calls) end(now sim.Time, place int, done outcomeOf) {
	o := &w.history[place]
	o.over, o.ended, o.result, o.err = true, now, done.text, done.err
	if done.err != nil {
		w.tally.failed++
		return
	}
	w.tally.returned++
	w.tally.waited += now - o.begun
	w.tally.worst = max(w.tally.worst, now-o.begun)
	if o.call.expect != "" && o.result != o.call.expect {
		w.tally.untrue++
	}
}

// replied writes down that a server handed a call's reply to the transport.
func (w *calls) replied(now sim.Time, key rpc.CallKey) int64 {
	place := w.place(key)
	if place >= 0 {
		w.history[place].replied = now
	}
	return place
}

// asked writes down that a client handed a call's request to the transport.
func (w *calls) asked(now sim.Time, place int) { w.history[place].asked = now }

// arrived counts how much later a message came than the link explains: it
// waited behind others, or behind bytes that had to be sent again.
func (w *calls) arrived(now, sent sim.Time) {
	late := now - sent - w.plan.link.Delay - w.plan.link.Jitter
	if sent == 0 || late <= 0 {
		return
	}
	t := &w.tally
	t.held++
	t.heldWorst = max(t.heldWorst, late)
}

// ran counts an execution and returns the place of its call.
func (w *calls) ran(e rpc.Event) int64 {
	w.tally.executed++
	place := w.place(e.Call)
	if place < 0 {
		return place
	}
	o := &w.history[place]
	if o.executed++; o.executed > 1 {
		w.tally.again++
	}
	if o.ran = e.Function; o.ran != o.call.function {
		w.tally.wrong++
	}
	return place
}

// over reports whether every program has made all of its calls.
func (w *calls) over() bool { return w.finished == w.plan.callers*w.plan.tasks }

// place finds a call in the history; -1 if it is not from here (the bridge).
func (w *calls) place(key rpc.CallKey) int64 {
	member := int(key.Client & 0xffff)
	if member < w.plan.callers {
		if i, ok := w.callers.Member(member).numbers[key]; ok {
			return int64(i)
		}
	}
	return -1
}
