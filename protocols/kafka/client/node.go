package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// node is a broker, or, with a negative ID, an address to begin with.
type node struct {
	id         int32
	host       string
	port       int32
	failures   int
	pauseUntil int64
}

// failed makes the next dial wait.
func (n *node) failed(c *Client) {
	n.pauseUntil = c.now + c.backoff(n.failures, c.config.RedialBackoffMicros, c.config.MaxRedialBackoffMicros)
	n.failures++
}

// backoff is how long to wait after so many failures before: the base,
// doubled with each, and then a fifth more or less.
func (c *Client) backoff(failures int, base, limit int64) int64 {
	wait := min(limit, base<<min(failures, 20))
	if c.config.Rand != nil && wait >= 5 {
		wait += int64(c.config.Rand()%uint64(2*wait/5)) - wait/5
	}
	return wait
}

// retryPause is the wait before a request that failed is made again.
func (c *Client) retryPause(failures int) int64 {
	return c.backoff(failures, c.config.RetryBackoffMicros, c.config.MaxRetryBackoffMicros)
}

// broker returns the broker of an ID; nil: it is not known.
func (c *Client) broker(id int32) *node {
	for _, n := range c.brokers {
		if n.id == id {
			return n
		}
	}
	return nil
}

// knowBroker takes a broker's address. Links to an older one end.
func (c *Client) knowBroker(id int32, host string, port int32) {
	if id < 0 {
		return
	}
	n := c.broker(id)
	if n == nil {
		n = &node{id: id}
		at, _ := slices.BinarySearchFunc(c.brokers, id, func(n *node, id int32) int { return int(n.id) - int(id) })
		c.brokers = slices.Insert(c.brokers, at, n)
	}
	if n.host == host && n.port == port {
		return
	}
	c.endLinks(n)
	n.host, n.port = host, port
}

// endLinks ends all links to a node; that is no failure of the node.
func (c *Client) endLinks(n *node) {
	for _, l := range c.links {
		if l.node == n {
			l.end(ErrDisconnected)
		}
	}
	n.failures, n.pauseUntil = 0, 0
}

// anyNode returns the broker that is asked what any can answer: the connected
// one with the fewest calls under way, else (or if its metadata are known to be
// old) one by luck. One that failed and has not answered since is passed over:
// it may be down without our being told on all connections. Only when no broker
// is left are the first addresses tried again.
func (c *Client) anyNode() *node {
	var best *link
	for _, l := range c.links {
		if l.lane == mainLane && l.user == 0 && l.state != resting && l.node.failures == 0 && (best == nil || load(l) < load(best)) {
			best = l
		}
	}
	if best != nil && !c.metadata.elsewhere {
		return best.node
	}
	c.metadata.elsewhere = false
	for _, nodes := range [][]*node{c.brokers, c.bootstrap} {
		if n := c.pick(nodes, func(n *node) bool { return n.failures == 0 }); n != nil {
			return n
		}
	}
	for _, nodes := range [][]*node{c.brokers, c.bootstrap} {
		if n := c.pick(nodes, func(n *node) bool { return n.pauseUntil <= c.now }); n != nil {
			return n
		}
	}
	soonest := c.bootstrap[0]
	for _, n := range append(slices.Clone(c.bootstrap), c.brokers...) {
		if n.pauseUntil < soonest.pauseUntil {
			soonest = n
		}
	}
	return soonest
}

// pick returns one of the nodes that fit, by luck; nil: none does.
func (c *Client) pick(nodes []*node, fits func(*node) bool) *node {
	if len(nodes) == 0 {
		return nil
	}
	from := 0
	if c.config.Rand != nil {
		from = int(c.config.Rand() % uint64(len(nodes)))
	}
	for i := range nodes {
		if n := nodes[(from+i)%len(nodes)]; fits(n) {
			return n
		}
	}
	return nil
}

// load orders links by how soon they will answer.
func load(l *link) int {
	n := len(l.flying) + len(l.waiting)
	if l.state != open {
		n += 1 << 20
	}
	return n
}

// call sends a request to a broker; done is called with the answer, or with
// why there is none, and never before call returns.
func (c *Client) call(to *node, user int, lane lane, body kmsg.Request, timeout int64, done func(kmsg.Response, error)) {
	k := &call{body: body, by: c.now + timeout, done: done}
	if to == nil {
		c.later(k, ErrDisconnected)
		return
	}
	c.link(to, user, lane).enqueue(k)
}

// ask sends a request that any broker can answer.
func (c *Client) ask(body kmsg.Request, done func(kmsg.Response, error)) {
	c.call(c.anyNode(), 0, mainLane, body, c.config.RequestTimeoutMicros, done)
}

// later has a call end without an answer, as soon as what is going on is over.
func (c *Client) later(k *call, err error) { c.endings = append(c.endings, ending{k, err}) }

type ending struct {
	call *call
	err  error
}
