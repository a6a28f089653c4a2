package kafkatest

import (
	"fmt"
	"math"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/protocols/kafka/log"
)

// Second is a second of the cluster's time.
const Second = 1_000_000

// Config is what a Cluster is made with. Zero fields mean the default in brackets.
type Config struct {
	Brokers     int   // (3), numbered from 0
	Voters      int   // the first of them (all, at most 3)
	DelayMicros int64 // of a pipe, one way (500)
	// JitterMicros is how much longer a parcel may take, by luck (0). It stays
	// behind those before it in its pipe, but not behind those of other pipes.
	JitterMicros int64
	Seed         uint64
	SyncMicros   int64 // that a disk takes to sync (0)
	Settings     broker.Settings
	// Watch is told every event of the brokers; nil: nobody.
	Watch func(now int64, node int, e broker.Event)
	// Hear is told what is put into a pipe, by the one who dialled it or by
	// the other; nil: nobody. Pipes are numbered from 1 as they are dialled.
	Hear func(pipe, dialler int, answer bool, b []byte)
}

// Cluster is brokers, clients, and what is between them.
type Cluster struct {
	Now     int64
	config  Config
	nodes   []*node
	luck    uint64
	queue   queue
	pipes   []*pipe // that are open
	dialled int     // how many there were
	cuts    map[[2]int]bool
}

// node is a broker or a client. Clients are numbered behind the brokers.
type node struct {
	number int
	broker *broker.Broker // nil: it is down, or a client
	disk   *disk
	client *client.Client
	after  func(now int64)
	raw    *Raw
	pipes  map[uint32]*pipe // by the node's own name of the connection
}

// New makes a cluster whose brokers have just started.
func New(config Config) (*Cluster, error) {
	set(&config.Brokers, 3)
	set(&config.Voters, min(config.Brokers, 3))
	set(&config.DelayMicros, 500)
	c := &Cluster{config: config, luck: config.Seed, cuts: map[[2]int]bool{}}
	for i := range config.Brokers {
		c.nodes = append(c.nodes, &node{number: i, disk: newDisk(config.SyncMicros), pipes: map[uint32]*pipe{}})
	}
	for i := range config.Brokers {
		if err := c.Restart(i); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func set[T int | int64](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// Rand is the cluster's luck: splitmix64.
func (c *Cluster) Rand() uint64 {
	c.luck += 0x9e3779b97f4a7c15
	z := c.luck
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Host and Port are where a broker listens.
func (c *Cluster) Host(node int) string { return fmt.Sprintf("broker-%d", node) }

// Port is that of every broker.
const Port = 9092

// epochMillis is what the brokers' clocks show at time 0.
const epochMillis = 1_700_000_000_000

// Wall is what the clocks show.
func Wall(now int64) int64 { return epochMillis + now/1000 }

// Broker returns a broker, nil while it is down.
func (c *Cluster) Broker(node int) *broker.Broker { return c.nodes[node].broker }

// Ready reports whether all brokers are up, and know of each other as alive.
func (c *Cluster) Ready() bool {
	for i := range c.config.Brokers {
		b := c.Broker(i)
		if b == nil {
			return false
		}
		alive := 0
		for _, other := range b.Image().Brokers() {
			if other.Active() {
				alive++
			}
		}
		if alive < c.config.Brokers {
			return false
		}
	}
	return true
}

// Disk returns a broker's disk, to look at.
func (c *Cluster) Disk(node int) *log.Memory { return c.nodes[node].disk.Memory }

// Restart starts a broker on what its disk has.
func (c *Cluster) Restart(number int) error {
	n := c.nodes[number]
	if n.broker != nil {
		return nil
	}
	c.endPipes(n)
	voters := make([]int32, c.config.Voters)
	for i := range voters {
		voters[i] = int32(i)
	}
	seed := c.Rand()
	luck := &Cluster{luck: seed}
	b, err := broker.New(c.Now, broker.Config{
		ID: int32(number), Voters: voters, ClusterID: "kafkatest",
		Listeners: []broker.Listener{{Name: "PLAINTEXT", Host: c.Host(number), Port: Port}},
		Rand:      luck.Rand, Wall: Wall, Settings: c.config.Settings,
	}, n.disk)
	if err != nil {
		return err
	}
	n.broker = b
	c.drain(n)
	return nil
}

// Crash takes a broker down; of what its disk had not synced some bytes may remain.
func (c *Cluster) Crash(number int) {
	n := c.nodes[number]
	if n.broker == nil {
		return
	}
	n.broker = nil
	n.disk.crash(c.Now, c.Rand)
}

// Kill takes a broker down like Crash, but its disk keeps everything.
func (c *Cluster) Kill(number int) { c.nodes[number].broker = nil }

// Lose has a disk forget what was not synced, while its broker is down.
func (c *Cluster) Lose(number int) { c.nodes[number].disk.crash(c.Now, func() uint64 { return 0 }) }

// Shutdown stops a broker in an orderly way; it takes its time.
func (c *Cluster) Shutdown(number int) {
	if n := c.nodes[number]; n.broker != nil {
		n.broker.Shutdown(c.Now)
		c.drain(n)
	}
}

// AddClient joins a client to the cluster. after is called behind each of its
// turns: to take events out of its producers and consumers. It returns the
// client's number, for Cut.
func (c *Cluster) AddClient(k *client.Client, after func(now int64)) int {
	n := &node{number: len(c.nodes), client: k, after: after, pipes: map[uint32]*pipe{}}
	c.nodes = append(c.nodes, n)
	c.drain(n)
	return n.number
}

// Drain takes the events of a client out, after a test has called it.
func (c *Cluster) Drain(number int) { c.drain(c.nodes[number]) }

// Cut lets nothing through from one node to another, one way.
func (c *Cluster) Cut(from, to int) { c.cuts[[2]int{from, to}] = true }

// Isolate cuts a node off all others, both ways.
func (c *Cluster) Isolate(number int) {
	for other := range c.nodes {
		if other != number {
			c.Cut(number, other)
			c.Cut(other, number)
		}
	}
}

// Heal lets everything through again.
func (c *Cluster) Heal() {
	clear(c.cuts)
	for _, p := range c.pipes {
		for from := range p.ends {
			c.resume(p, from)
		}
	}
}

// Run lets the time pass.
func (c *Cluster) Run(micros int64) {
	c.Until(c.Now+micros, func() bool { return false })
}

// Until lets the time pass until something is true, or until the end; it
// reports which.
func (c *Cluster) Until(end int64, done func() bool) bool {
	for !done() {
		at := min(c.queue.deadline(), c.deadline())
		if at > end {
			c.Now = max(c.Now, end)
			return false
		}
		c.Now = max(c.Now, at)
		if c.queue.deadline() <= c.Now {
			c.deliver(c.queue.pop())
			continue
		}
		for _, n := range c.nodes {
			if n.deadline() <= c.Now {
				n.tick(c.Now)
				c.drain(n)
			}
		}
	}
	return true
}

func (c *Cluster) deadline() int64 {
	at := int64(math.MaxInt64)
	for _, n := range c.nodes {
		at = min(at, n.deadline())
	}
	return at
}

func (n *node) deadline() int64 {
	switch {
	case n.broker != nil:
		return n.broker.Deadline()
	case n.client != nil:
		return n.client.Deadline()
	}
	return math.MaxInt64
}

func (n *node) tick(now int64) {
	switch {
	case n.broker != nil:
		n.broker.Tick(now)
	case n.client != nil:
		n.client.Tick(now)
	}
}

// drain does what a node wants done.
func (c *Cluster) drain(n *node) {
	switch {
	case n.broker != nil:
		for e, ok := n.broker.Poll(); ok; e, ok = n.broker.Poll() {
			c.brokerEvent(n, e)
			if n.broker == nil {
				return
			}
		}
	case n.client != nil:
		for e, ok := n.client.Poll(); ok; e, ok = n.client.Poll() {
			switch e.Kind {
			case client.Dial:
				c.dial(n, uint32(e.Conn), c.find(e.Host, e.Port))
			case client.Send:
				c.send(n, uint32(e.Conn), n.client.Output(e.Conn))
			case client.Hangup:
				c.hangup(n, uint32(e.Conn))
			}
		}
		if n.after != nil {
			n.after(c.Now)
		}
	}
}

func (c *Cluster) brokerEvent(n *node, e broker.Event) {
	switch e.Kind {
	case broker.Dial:
		c.dial(n, uint32(e.Conn), int(e.Node))
	case broker.Send:
		c.send(n, uint32(e.Conn), n.broker.Output(e.Conn))
	case broker.Hangup:
		c.hangup(n, uint32(e.Conn))
	case broker.Down:
		n.broker = nil
	}
	if c.config.Watch != nil {
		c.config.Watch(c.Now, n.number, e)
	}
}

// find returns the number of the broker that listens there, -1: none.
func (c *Cluster) find(host string, port int32) int {
	for i := range c.config.Brokers {
		if host == c.Host(i) && port == Port {
			return i
		}
	}
	return -1
}

// Remove ends a client as if its machine went off: nobody is told.
func (c *Cluster) Remove(number int) {
	n := c.nodes[number]
	n.client, n.after = nil, nil
	clear(n.pipes)
}
