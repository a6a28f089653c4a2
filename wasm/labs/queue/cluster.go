package queue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"grapevine/protocols/kafka/client"
	"grapevine/wasm/sim"
)

// The ports of a broker: brokers and clients of the run come to the first, the
// bridge's to the second, and learn other addresses there.
const (
	insidePort  = 9092
	outsidePort = 9094
)

// cluster is the world of these labs.
type cluster struct {
	plan   plan
	net    *sim.Network
	ledger ledger

	senders    *sim.Hosts[*sender] // the first nodes
	houses     *sim.Hosts[*house]
	readers    *sim.Hosts[*reader]
	disks      *sim.Disks              // of the houses
	tables     *sim.Hosts[*tableHouse] // the very first node, if there is one
	tableDisks *sim.Disks
	inTxn      []txnOrders // of the senders

	heardOf []int32 // who each house believes to be the active controller; -1: nobody

	unfenced []bool  // houses that may lead, or might at some time
	surveyed *survey // the last one

	lostOrders []int // as lost last found them

	outside []client.Address // where the bridge lets programs reach the houses
}

func newCluster(seed uint64, p plan) *cluster {
	if p.disk == (sim.DiskPhysics{}) {
		p.disk = sim.HardDisk()
	}
	w := &cluster{plan: p, net: sim.New(seed), ledger: newLedger(p.producers), heardOf: make([]int32, p.brokers), unfenced: make([]bool, p.brokers), inTxn: make([]txnOrders, p.producers)}
	w.senders = sim.NewHosts(p.producers, func(i int) *sender { return &sender{w: w, member: i} })
	w.houses = sim.NewHosts(p.brokers, func(i int) *house { return &house{w: w, member: i} })
	w.readers = sim.NewHosts(p.consumers, func(i int) *reader { return &reader{w: w, member: i, group: w.ledger.group(w.groupName(i))} })
	marks := sim.Marks{Syn: kindTransport, Ack: kindTransport, Fin: kindTransport, Rst: kindTransport}
	w.senders.Marks, w.houses.Marks, w.readers.Marks = marks, marks, marks
	var roles []sim.RoleID
	add := func(name string, count int, role sim.Role) {
		if count > 0 {
			roles = append(roles, w.net.AddRole(name, count, role))
		}
	}
	if p.table {
		w.tables = sim.NewHosts(1, func(int) *tableHouse { return &tableHouse{w: w} })
		w.tables.Marks = marks
		add("table", 1, w.tables)
		w.tableDisks = w.net.AddDisks(roles[0], p.disk)
	}
	add("producer", p.producers, w.senders)
	add("broker", p.brokers, w.houses)
	w.disks = w.net.AddDisks(roles[len(roles)-1], p.disk)
	add("consumer", p.consumers, w.readers)
	for _, from := range roles {
		for _, to := range roles {
			w.net.Connect(from, to, p.link)
		}
	}
	w.net.Finished = w.over
	return w
}

// groupName is a consumer's group, or its own name if it reads alone.
func (w *cluster) groupName(consumer int) string {
	if name := w.plan.group(consumer); name != "" {
		return name
	}
	return fmt.Sprintf("consumer-%d", consumer)
}

func (w *cluster) reader(member int) sim.NodeID {
	return w.broker(w.plan.brokers + member)
}

// clientID is how a consumer's client calls itself.
func clientID(consumer int) string { return fmt.Sprintf("consumer-%d", consumer) }

func (w *cluster) broker(member int) sim.NodeID { return w.sender(w.plan.producers + member) }

func (w *cluster) sender(member int) sim.NodeID {
	if w.plan.table {
		member++
	}
	return sim.NodeID(member)
}

// split says what a node is: the role's letter and its number there. It is
// none of them if it is the bridge's.
func (w *cluster) split(node sim.NodeID) (role byte, member int) {
	p := &w.plan
	n := int(node) - int(w.sender(0))
	switch {
	case n < 0:
		return 't', 0
	case n < p.producers:
		return 'p', n
	case n < p.producers+p.brokers:
		return 'b', n - p.producers
	case n < p.producers+p.brokers+p.consumers:
		return 'c', n - p.producers - p.brokers
	}
	return 0, 0
}

// host is a broker's name in the network's own addresses.
func host(member int) string { return fmt.Sprintf("broker-%d", member) }

// find is the node behind an address that a client was told; false: nobody is there.
func (w *cluster) find(name string) (sim.NodeID, bool) {
	for i := range w.plan.brokers {
		if name == host(i) {
			return w.broker(i), true
		}
	}
	if w.plan.table && name == tableHost {
		return 0, true
	}
	return 0, false
}

// writesTable says whether a sender writes to the table.
func (w *cluster) writesTable(member int) bool {
	return w.plan.table && member == w.plan.producers-1
}

// bootstrap are the addresses that clients are given.
func (w *cluster) bootstrap() (all []client.Address) {
	for i := range w.plan.brokers {
		all = append(all, client.Address{Host: host(i), Port: insidePort})
	}
	return all
}

// bridged is told where programs outside reach the houses.
func (w *cluster) bridged(addresses []string) {
	for _, a := range addresses {
		i := strings.LastIndexByte(a, ':')
		port, err := strconv.ParseUint(a[i+1:], 10, 16)
		if err != nil {
			panic("queue: not an address: " + a)
		}
		w.outside = append(w.outside, client.Address{Host: strings.Trim(a[:i], "[]"), Port: int32(port)})
	}
}

// wall is the time that records are stamped with: the run begins with the year 2026.
func wall(now int64) (ms int64) { return 1_767_225_600_000 + now/1000 }

// open says whether clients may come. Where partitions are to be shared out
// among all brokers, they wait for the last of these.
func (w *cluster) open() bool { return !w.plan.whole || !slices.Contains(w.unfenced, false) }

// openPause is how long a client waits before it looks again.
const openPause = 50 * sim.Millisecond

// over says that the story is told: all has been sent and settled, every
// partition has a leader again, and for some time nothing happened. The time
// is short if all has been read as well.
func (w *cluster) over() bool {
	p, l := &w.plan, &w.ledger
	last := l.changed
	if script := w.net.Script(); len(script) > 0 {
		last = max(last, script[len(script)-1].At)
	}
	for i := range p.consumers {
		if p.joins != nil {
			last = max(last, p.joins(i))
		}
	}
	idle := p.idle
	if l.owed == 0 {
		idle = min(idle, quickEnd)
	}
	if p.idle == 0 || last+idle > w.net.Now() {
		return false
	}
	for i := range p.producers {
		if s := w.senders.Member(i); s != nil && w.net.Up(w.sender(i)) && !s.done() {
			return false
		}
	}
	return w.allLed()
}

// allLed says whether every partition has a leader.
func (w *cluster) allLed() bool {
	for _, topic := range w.plan.topics {
		if w.plan.table && topic == w.plan.topics[len(w.plan.topics)-1] {
			continue // the table's
		}
		for part := range w.plan.settings.Partitions {
			if b, _ := w.leader(topic, part); b == nil {
				return false
			}
		}
	}
	return true
}

// topicsOf are the topics that a consumer reads.
func (w *cluster) topicsOf(consumer int) []string {
	if reads := w.plan.reads; reads != nil {
		return reads(consumer)
	}
	return w.plan.topics
}

// topic is the number of a topic's name; -1 for those that are not of the plan.
func (w *cluster) topic(name string) int {
	for i, t := range w.plan.topics {
		if t == name {
			return i
		}
	}
	return -1
}

// internal tells Kafka's own topics.
func internal(topic string) bool { return strings.HasPrefix(topic, "__") }

// partitionsOf are all partitions of the topics that a consumer reads.
func (w *cluster) partitionsOf(consumer int) (all []client.TopicPartition) {
	for _, topic := range w.topicsOf(consumer) {
		for part := range w.plan.settings.Partitions {
			all = append(all, client.TopicPartition{Topic: topic, Partition: part})
		}
	}
	return all
}
