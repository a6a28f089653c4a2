package kafkatest

import (
	"container/heap"
	"math"
	"slices"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
)

// pipe is a connection between two nodes: ends[0] dialled.
type pipe struct {
	number int
	ends   [2]pipeEnd
	closed bool
}

type pipeEnd struct {
	node    *node
	broker  *broker.Broker // the life of the broker whose connection it is
	conn    uint32         // the node's name for it; 0: it has not heard of it yet
	gone    bool           // the node will hear no more of it
	waiting []parcel       // what it has sent and is under way, in order
	last    int64          // when the last of it arrives
}

type parcelKind uint8

const (
	opening parcelKind = iota
	data
	closing
)

type parcel struct {
	kind  parcelKind
	bytes []byte
	at    int64
}

// dial opens a pipe to a node, -1: to nobody.
func (c *Cluster) dial(n *node, conn uint32, to int) {
	c.dialled++
	p := &pipe{number: c.dialled}
	p.ends[0] = pipeEnd{node: n, broker: n.broker, conn: conn}
	n.pipes[conn] = p
	if to < 0 {
		p.ends[1].gone = true
		c.put(p, 1, parcel{kind: closing})
		return
	}
	p.ends[1] = pipeEnd{node: c.nodes[to], broker: c.nodes[to].broker}
	c.pipes = append(c.pipes, p)
	c.put(p, 0, parcel{kind: opening})
}

// send puts bytes into a pipe.
func (c *Cluster) send(n *node, conn uint32, bytes []byte) {
	if p := n.pipes[conn]; p != nil && len(bytes) > 0 {
		from := p.end(n, conn)
		if c.config.Hear != nil {
			c.config.Hear(p.number, p.ends[0].node.number, from == 1, bytes)
		}
		c.put(p, from, parcel{kind: data, bytes: slices.Clone(bytes)})
	}
}

// hangup closes a node's end.
func (c *Cluster) hangup(n *node, conn uint32) {
	if p := n.pipes[conn]; p != nil {
		end := p.end(n, conn)
		delete(n.pipes, conn)
		p.ends[end].gone = true
		c.put(p, end, parcel{kind: closing})
	}
}

func (p *pipe) end(n *node, conn uint32) int {
	if p.ends[0].node == n && p.ends[0].conn == conn {
		return 0
	}
	return 1
}

// put sends a parcel from an end on its way.
func (c *Cluster) put(p *pipe, from int, what parcel) {
	e := &p.ends[from]
	what.at = c.Now + c.config.DelayMicros
	if c.config.JitterMicros > 0 {
		what.at += int64(c.Rand() % uint64(c.config.JitterMicros+1))
	}
	what.at = max(what.at, e.last)
	e.last = what.at
	e.waiting = append(e.waiting, what)
	if len(e.waiting) == 1 {
		c.queue.push(arrival{at: what.at, pipe: p, from: from})
	}
}

// resume has what waited because of a cut sent again.
func (c *Cluster) resume(p *pipe, from int) {
	if e := &p.ends[from]; len(e.waiting) > 0 && e.waiting[0].at == math.MaxInt64 {
		e.last = c.Now + c.config.DelayMicros
		for i := range e.waiting {
			e.waiting[i].at = e.last
		}
		c.queue.push(arrival{at: e.last, pipe: p, from: from})
	}
}

// deliver brings what arrives to the other end.
func (c *Cluster) deliver(a arrival) {
	p := a.pipe
	e, other := &p.ends[a.from], &p.ends[1-a.from]
	if len(e.waiting) == 0 {
		return
	}
	if e.node != nil && other.node != nil && c.cuts[[2]int{e.node.number, other.node.number}] {
		e.waiting[0].at = math.MaxInt64
		e.last = math.MaxInt64
		return
	}
	what := e.waiting[0]
	e.waiting = e.waiting[1:]
	if len(e.waiting) > 0 {
		c.queue.push(arrival{at: max(e.waiting[0].at, c.Now), pipe: p, from: a.from})
	}
	c.hand(p, a.from, what)
	if p.ends[0].gone && p.ends[1].gone {
		p.closed = true
		c.pipes = slices.DeleteFunc(c.pipes, func(o *pipe) bool { return o == p })
	}
}

// hand gives a parcel to the node at the other end.
func (c *Cluster) hand(p *pipe, from int, what parcel) {
	e, to := &p.ends[from], &p.ends[1-from]
	n := to.node
	if to.gone || n == nil {
		return
	}
	if to.broker != nil && n.broker != to.broker {
		if n.broker == nil && n.raw == nil && n.client == nil {
			return // its machine is off
		}
		// It has started anew and knows nothing of this pipe.
		to.gone = true
		if !e.gone {
			c.put(p, 1-from, parcel{kind: closing})
		}
		return
	}
	if to.broker == nil && n.disk != nil && to.conn == 0 { // dialled while it was down
		if n.broker == nil {
			return
		}
		to.broker = n.broker
	}
	switch what.kind {
	case opening:
		to.conn = uint32(n.broker.Accept(c.Now, 0))
		n.pipes[to.conn] = p
		if e.node.client != nil {
			e.node.client.Opened(c.Now, client.Conn(e.conn))
			c.drain(e.node)
		}
	case data:
		switch {
		case n.broker != nil:
			n.broker.Receive(c.Now, broker.Conn(to.conn), what.bytes)
		case n.client != nil:
			n.client.Receive(c.Now, client.Conn(to.conn), what.bytes)
		case n.raw != nil:
			n.raw.receive(what.bytes)
		}
	case closing:
		to.gone = true
		delete(n.pipes, to.conn)
		switch {
		case n.broker != nil:
			n.broker.Closed(c.Now, broker.Conn(to.conn))
		case n.client != nil:
			n.client.Closed(c.Now, client.Conn(to.conn))
		case n.raw != nil:
			n.raw.closed = true
		}
	}
	c.drain(n)
}

// endPipes lets the others know that a node which starts again has forgotten
// its pipes.
func (c *Cluster) endPipes(n *node) {
	clear(n.pipes)
	for _, p := range slices.Clone(c.pipes) {
		for i := range p.ends {
			if p.ends[i].node == n && !p.ends[i].gone && (p.ends[i].broker != nil || p.ends[i].conn != 0) {
				p.ends[i].gone = true
				p.ends[i].waiting = nil
				p.ends[i].last = 0
				c.put(p, i, parcel{kind: closing})
			}
		}
	}
}

// arrival is when the first parcel that an end has sent is there.
type arrival struct {
	at   int64
	turn uint64
	pipe *pipe
	from int
}

// queue is the arrivals, in order.
type queue struct {
	arrivals arrivals
	turns    uint64
}

func (q *queue) push(a arrival) {
	q.turns++
	a.turn = q.turns
	heap.Push(&q.arrivals, a)
}

func (q *queue) pop() arrival { return heap.Pop(&q.arrivals).(arrival) }

func (q *queue) deadline() int64 {
	if len(q.arrivals) == 0 {
		return math.MaxInt64
	}
	return q.arrivals[0].at
}

type arrivals []arrival

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].turn < a[j].turn
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)   { *a = append(*a, x.(arrival)) }
func (a *arrivals) Pop() any {
	x := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return x
}
