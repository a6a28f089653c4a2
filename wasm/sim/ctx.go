package sim

import "fmt"

// Ctx is what a role may use while one of its nodes runs. It is valid only
// during the call it was given to.
type Ctx struct {
	net    *Network
	role   RoleID
	self   NodeID
	member int
	cause  EventID
}

// Now is the present.
func (c *Ctx) Now() Time { return c.net.now }

// Self is the node that runs.
func (c *Ctx) Self() NodeID { return c.self }

// Member is the node's number within its role, from 0.
func (c *Ctx) Member() int { return c.member }

// Epoch is how often the node has restarted.
func (c *Ctx) Epoch() int { return int(c.net.nodes[c.self].epoch) }

// Rand returns the next word of the node's own luck.
func (c *Ctx) Rand() uint64 {
	s := &c.net.nodes[c.self]
	s.draws++
	return draw(c.net.seed, keyNode, uint64(c.self), uint64(s.draws))
}

// Intn returns a number in [0, n) from the node's own luck. It panics if n <= 0.
func (c *Ctx) Intn(n int) int {
	if n <= 0 {
		panic("sim: Intn needs n > 0")
	}
	return below(c.Rand(), n)
}

// Chance reports true with probability p, from the node's own luck.
func (c *Ctx) Chance(p PPM) bool { return below(c.Rand(), int(Certain)) < int(p) }

// After wakes the node d from now with t, unless it crashes before. A
// negative d counts as 0, one beyond Forever as Forever.
func (c *Ctx) After(d Time, t Timer) {
	n := c.net
	i, e := n.slab.alloc()
	e.at = min(n.now+min(max(d, 0), Forever), Forever)
	e.what, e.node, e.peer = isTimer, c.self, NodeID(t)
	e.epoch, e.cause = n.nodes[c.self].epoch, c.cause
	n.wheel.push(&n.slab, i)
}

// Send puts a packet on its way to another node. The payload is copied. kind
// is the protocol's message kind, for the eye only: no node can see it that
// does not read it from the payload. It panics for a payload above
// MaxPacketBytes: that is for the protocol to respect.
func (c *Ctx) Send(to NodeID, kind uint8, payload []byte) {
	if len(payload) > MaxPacketBytes {
		panic(fmt.Sprintf("sim: %s sends %d bytes in one packet, at most %d fit", c.net.Name(c.self), len(payload), MaxPacketBytes))
	}
	n := c.net
	s := &n.nodes[c.self]
	s.sends++
	n.Journal.bytes += uint64(len(payload))
	t := transit{why: WhyAbsent}
	if int64(to) < int64(len(n.nodes)) {
		link := &n.links[c.role][n.RoleOf(to)]
		t = link.carry(n.seed, c.self, uint64(s.sends))
		if link.RateBytes > 0 {
			queue(s, link, n.now, int64(len(payload)), &t)
		}
		if len(n.rules) > 0 {
			v := ask(n.rules, c.self, to)
			v.judge(link, n.seed, c.self, uint64(s.sends), &t)
		}
	}
	h := sum(payload)
	c.launch(to, kind, payload, h, t.delay, t.why, KindSend, c.cause)
	if t.twice {
		c.launch(to, kind, payload, h, t.copy, Alive, KindCopy, n.Journal.total)
	}
}

// queue makes a packet wait its turn at a sender with a limited rate.
func queue(s *nodeState, l *Link, now Time, size int64, t *transit) {
	wait := max(s.busyUntil-now, 0)
	// The bytes that still wait are what the rate can send in that time.
	waiting := int64(wait) * l.RateBytes / int64(Second)
	if wait > maxDelay || l.BufferBytes > 0 && waiting+size > l.BufferBytes {
		t.why, t.twice, t.delay = WhyFull, false, 0 // it never leaves
		return
	}
	wait += Time(size * int64(Second) / l.RateBytes)
	s.busyUntil = now + wait
	t.delay += wait
	t.copy += wait
}

// launch journals a packet and queues its arrival, or its death halfway.
func (c *Ctx) launch(to NodeID, kind uint8, payload []byte, h uint32, delay Time, why Why, record Kind, cause EventID) {
	n := c.net
	delay = min(delay, maxDelay)
	if why != Alive {
		delay /= 2
	}
	due := n.now + delay
	id := n.Journal.record(Event{Cause: cause, At: n.now, Value: int64(due), Kind: record, Node: c.self, Peer: to,
		Code: uint16(kind), Size: uint32(len(payload)), Sum: h}, payload)
	n.flying++
	i, e := n.slab.alloc()
	e.at, e.delay = due, uint32(delay)
	e.what, e.why = isPacket, why
	if why != Alive {
		e.what = isLoss
	}
	e.node, e.peer, e.code, e.cause = to, c.self, kind, id
	e.size = uint16(len(payload))
	if copy(e.short[:], payload) < len(payload) {
		e.cell = n.cells.put(payload)
	}
	n.wheel.push(&n.slab, i)
}

// Note records something the node says about itself: the lab's own code and
// value, which its views and checks read from the journal.
func (c *Ctx) Note(code uint16, value int64) {
	c.net.Journal.record(Event{Cause: c.cause, At: c.net.now, Kind: KindNote, Node: c.self, Peer: Nobody, Code: code, Value: value}, nil)
}

// Do lets something outside of the network, such as the bridge, act at a node
// now. It is journalled as an order, but is no part of the script: such a run
// cannot be replayed. It reports false, and does nothing, if the node is down
// or paused or the run has not begun. Now is where Advance came to: a network
// in which nothing is left to happen stays there, so keep a timer in it.
func (n *Network) Do(node NodeID, f func(ctx *Ctx)) bool {
	if !n.started || int64(node) >= int64(len(n.nodes)) || n.status[node] != 0 {
		return false
	}
	id := n.journalNode(KindOrder, node)
	_, ctx := n.enter(node, id)
	f(ctx)
	n.fresh = true
	return true
}
