package sim

import (
	"fmt"
	"slices"
)

// NodeID is a node's number in the whole network, from 0: the members of the
// first role, then those of the second, and so on.
type NodeID uint32

// Nobody is the NodeID of no node.
const Nobody NodeID = 1<<32 - 1

// Timer tells a role why it is woken. Its values are the role's own; a timer
// cannot be taken back, so a role that changes its mind ignores the wake.
type Timer uint32

// Packet is one message as it arrives.
type Packet struct {
	ID   EventID // of the Send or Copy: the packet's number
	From NodeID
	Kind uint8 // as given to Send; for the eye only
	// Payload is valid until Deliver returns: its place is reused.
	Payload []byte
}

// Role is the behaviour of a set of nodes. Its methods are called for one
// member at a time, run to completion, and may do nothing but change their
// own state and call ctx.
type Role interface {
	// Start begins a node's life, at time 0 and after a restart, when
	// everything the node had in memory is gone.
	Start(ctx *Ctx)
	// Deliver hands over a packet.
	Deliver(ctx *Ctx, p Packet)
	// Wake is called when a timer set with ctx.After is due.
	Wake(ctx *Ctx, t Timer)
}

// Orderly is a Role that takes orders of the lab's own: the script's
// "send NODE ARG ...".
type Orderly interface {
	// Accepts says what is wrong with the arguments, before the run reaches them.
	Accepts(args []string) error
	// Order carries out an order that was accepted.
	Order(ctx *Ctx, args []string)
}

// Mortal is a Role that is told when one of its nodes crashes, so that its
// counters stay true. It is no part of the protocol: a node that crashes can
// do nothing about it.
type Mortal interface {
	Crash(member int)
}

// Keeper is a Role whose state can be saved and put back. A network in which
// every role is one can seek from a Snapshot instead of from time 0.
type Keeper interface {
	Save() any
	Load(saved any)
}

// RoleID numbers the roles of a network, from 0.
type RoleID int

type roleEntry struct {
	name  string
	span  Span
	role  Role
	disks *Disks // nil: its nodes have none
}

// status bits of a node.
const (
	nodeDown   uint8 = 1 << 0
	nodePaused uint8 = 1 << 1
)

// nodeState is what the kernel knows of a node beside its status: 24 bytes.
// The status, which every event asks for, has an array of its own, a byte a
// node, that stays in the cache.
type nodeState struct {
	busyUntil Time   // when its sender's queue is empty, on links with a rate
	epoch     uint32 // how often it has started, less one
	draws     uint32 // of its own luck
	sends     uint32
	role      uint16
}

// Network is one run of a world of nodes: time, the queue of what is to come,
// nodes, links, rules, the script and the journal.
//
// Build it with AddRole and Connect, then call Advance. A Network is
// deterministic: the same roles, links, seed and script give the same journal
// however Advance's calls are cut.
type Network struct {
	Journal Journal
	// Finished, if set, ends the run when it reports true and no action of
	// the script is left. It is asked once after every event, so that the run
	// ends alike however the calls of Advance are cut, and must be quick.
	Finished func() bool
	// AfterEvent, if set, is called after every queued event and action: for
	// checks that must hold always. It must be quick and change nothing.
	AfterEvent func()
	// OnSet takes the script's "set NAME VALUE". With dry it only says what
	// is wrong, if anything.
	OnSet func(name, value string, dry bool) error

	seed    uint64
	now     Time
	started bool
	fresh   bool // something happened since Finished was asked
	roles   []roleEntry
	nodes   []nodeState
	status  []uint8
	links   [][]Link // [from role][to role]
	rules   []Rule
	script  []Action // in order of time
	done    int      // actions carried out
	steps   uint64   // queued events and actions processed
	wheel   *wheel
	slab    slab
	cells   cells
	short   [shortBytes]byte // the payload being delivered, if it is short
	flying  int              // packets on their way
	held    map[NodeID]fifo  // what a paused node will get when it resumes; only looked up, never walked
	ctx     Ctx
}

// New makes an empty network whose luck follows from seed.
func New(seed uint64) *Network {
	n := &Network{seed: seed, wheel: new(wheel), held: map[NodeID]fifo{}}
	n.ctx.net = n
	return n
}

const maxRoles = 1 << 16

// AddRole adds count nodes that behave as role and returns the role's number.
// It panics once the run has begun, and for a count below 1.
func (n *Network) AddRole(name string, count int, role Role) RoleID {
	if n.started || count < 1 || len(n.roles) == maxRoles {
		panic(fmt.Sprintf("sim: AddRole(%q, %d): roles are added before the run begins, at most %d, of one node at least", name, count, maxRoles))
	}
	id := RoleID(len(n.roles))
	n.roles = append(n.roles, roleEntry{name: name, span: Span{NodeID(len(n.nodes)), uint32(count)}, role: role})
	n.nodes = append(n.nodes, slices.Repeat([]nodeState{{role: uint16(id)}}, count)...)
	n.status = append(n.status, make([]uint8, count)...)
	for i := range n.links {
		n.links[i] = append(n.links[i], Link{})
	}
	n.links = append(n.links, make([]Link, len(n.roles)))
	return id
}

// Connect sets the physics of packets from one role to another, from now on;
// direction matters. It panics for a Link with a field out of its range.
func (n *Network) Connect(from, to RoleID, l Link) {
	if !l.within() {
		panic(fmt.Sprintf("sim: Connect from %s to %s: out of range: %+v", n.roles[from].name, n.roles[to].name, l))
	}
	n.links[from][to] = l
}

// Now is the present.
func (n *Network) Now() Time { return n.now }

// Steps is the number of queued events and actions processed so far: what
// Advance's budget counts.
func (n *Network) Steps() uint64 { return n.steps }

// Seed is the seed given to New.
func (n *Network) Seed() uint64 { return n.seed }

// Nodes is the number of nodes.
func (n *Network) Nodes() int { return len(n.nodes) }

// Roles is the number of roles.
func (n *Network) Roles() int { return len(n.roles) }

// Role returns the name of a role and its nodes.
func (n *Network) Role(id RoleID) (name string, nodes Span) {
	return n.roles[id].name, n.roles[id].span
}

// RoleOf returns the role of a node.
func (n *Network) RoleOf(node NodeID) RoleID {
	if len(n.roles) == 1 {
		return 0
	}
	return RoleID(n.nodes[node].role)
}

// Name returns a node's name, "role/member".
func (n *Network) Name(node NodeID) string {
	if int64(node) >= int64(len(n.nodes)) {
		return "nobody"
	}
	r := &n.roles[n.RoleOf(node)]
	return fmt.Sprintf("%s/%d", r.name, node-r.span.First)
}

// Up reports whether a node has not crashed.
func (n *Network) Up(node NodeID) bool { return n.status[node]&nodeDown == 0 }

// Health marks the nodes that are down or paused: it sets the bits given in
// their bytes of marks, which holds one for each node.
func (n *Network) Health(marks []uint8, down, paused uint8) {
	for i, s := range n.status {
		if s&nodeDown != 0 {
			marks[i] |= down
		} else if s&nodePaused != 0 {
			marks[i] |= paused
		}
	}
}

// Paused reports whether a node is held still.
func (n *Network) Paused(node NodeID) bool { return n.status[node]&nodePaused != 0 }

// Rules returns the rules in force, in order. The caller must not change them.
func (n *Network) Rules() []Rule { return n.rules }

// Halt says why Advance returned.
type Halt uint8

// The reasons.
const (
	Reached  Halt = iota + 1 // the clock is at the instant asked for
	Budget                   // as many events as asked for were processed
	Finished                 // the run is over: Network.Finished said so, or nothing is left to happen
)

// Advance processes what happens up to and including the instant until, but
// no more than budget queued events and actions.
func (n *Network) Advance(until Time, budget int) Halt {
	if !n.started {
		n.begin()
	}
	until = min(until, Forever)
	for ; budget > 0; budget-- {
		limit := until
		scripted := n.done < len(n.script)
		if scripted {
			limit = min(until, n.script[n.done].At-1)
		} else if n.over() {
			return Finished
		}
		if i := n.wheel.pop(&n.slab, limit); i != 0 {
			n.process(i)
		} else if scripted && n.script[n.done].At <= until {
			a := n.script[n.done]
			n.done++
			n.now = a.At
			n.carryOut(a)
		} else {
			n.now = max(n.now, until)
			return Reached
		}
		n.steps++
		n.fresh = true
		if n.AfterEvent != nil {
			n.AfterEvent()
		}
	}
	return Budget
}

// over reports whether a run without further actions has come to its end.
func (n *Network) over() bool {
	if n.fresh && n.Finished != nil && n.Finished() {
		return true
	}
	n.fresh = false
	return n.slab.live == 0
}

func (n *Network) begin() {
	n.started, n.fresh = true, true
	for r := range n.roles {
		span := n.roles[r].span
		for i := range span.Count {
			n.start(span.First+NodeID(i), 0)
		}
	}
}

// start begins a node's life.
func (n *Network) start(node NodeID, cause EventID) {
	id := n.Journal.record(Event{Cause: cause, At: n.now, Kind: KindStart, Node: node, Peer: Nobody, Value: int64(n.nodes[node].epoch)}, nil)
	role, ctx := n.enter(node, id)
	role.Start(ctx)
}

// enter points the context at a node that is about to run because of an event.
func (n *Network) enter(node NodeID, cause EventID) (Role, *Ctx) {
	r := n.RoleOf(node)
	n.ctx.role, n.ctx.self, n.ctx.cause = r, node, cause
	n.ctx.member = int(node - n.roles[r].span.First)
	return n.roles[r].role, &n.ctx
}

// process makes one queued event happen.
func (n *Network) process(i uint32) {
	e := n.slab.at(i)
	n.now = e.at
	if e.what == isLoss {
		n.drop(i, e, e.why)
		return
	}
	if n.status[e.node] != 0 && n.refuse(i, e) {
		return
	}
	switch e.what {
	case isTimer:
		kind := KindWake
		if e.epoch != n.nodes[e.node].epoch {
			kind = KindStale
		}
		id := n.Journal.record(Event{Cause: e.cause, At: n.now, Kind: kind, Node: e.node, Peer: Nobody, Value: int64(e.peer)}, nil)
		timer, node := Timer(e.peer), e.node
		n.slab.release(i)
		if kind == KindWake {
			role, ctx := n.enter(node, id)
			role.Wake(ctx, timer)
		}
	case isWriteBack:
		node, cause, current := e.node, e.cause, e.epoch == n.nodes[e.node].epoch
		n.slab.release(i)
		if current {
			n.disk(node).wake(cause)
		}
	case isPacket:
		n.flying--
		// The event's place is free before the role runs, so that what it sends can take it.
		n.short = e.short
		payload := n.short[:min(e.size, shortBytes)]
		if e.cell != 0 {
			payload = n.cells.get(e.cell, int(e.size))
		}
		id := n.Journal.record(Event{Cause: e.cause, At: n.now, Kind: KindDeliver, Node: e.node, Peer: e.peer,
			Code: uint16(e.code), Size: uint32(e.size), Sum: sum(payload)}, nil)
		p := Packet{ID: e.cause, From: e.peer, Kind: e.code, Payload: payload}
		node, cell := e.node, e.cell
		n.slab.release(i)
		role, ctx := n.enter(node, id)
		role.Deliver(ctx, p)
		if poison {
			poisonBytes(n.short[:])
		}
		n.cells.release(cell)
	}
}

// disk is a node's, which has one.
func (n *Network) disk(node NodeID) *Disk {
	entry := &n.roles[n.RoleOf(node)]
	return entry.disks.Member(int(node - entry.span.First))
}

// payload returns the bytes of a queued packet.
func (n *Network) payload(e *event) []byte {
	if e.cell != 0 {
		return n.cells.get(e.cell, int(e.size))
	}
	return e.short[:e.size]
}

// refuse deals with an event for a node that is down or paused and reports
// whether that was all.
func (n *Network) refuse(i uint32, e *event) bool {
	down := n.status[e.node]&nodeDown != 0
	switch {
	case down && e.what == isPacket:
		n.drop(i, e, WhyDown)
	case down:
		n.Journal.record(Event{Cause: e.cause, At: n.now, Kind: KindStale, Node: e.node, Peer: Nobody, Value: int64(e.peer)}, nil)
		n.slab.release(i)
	case e.what == isTimer && e.epoch != n.nodes[e.node].epoch:
		return false
	default:
		list := n.held[e.node]
		list.push(&n.slab, i)
		n.held[e.node] = list
	}
	return true
}

// drop ends a packet.
func (n *Network) drop(i uint32, e *event, why Why) {
	n.Journal.record(Event{Cause: e.cause, At: n.now, Kind: KindDrop, Node: e.node, Peer: e.peer,
		Code: uint16(e.code), Size: uint32(e.size), Why: why}, nil)
	n.flying--
	n.cells.release(e.cell)
	n.slab.release(i)
}
