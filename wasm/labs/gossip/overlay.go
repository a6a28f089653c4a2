package gossip

import (
	"errors"
	"fmt"
	"slices"

	"grapevine/protocols/gossip"
	"grapevine/wasm/sim"
)

// multicast is what the two roles of gossip/multicast, the source and the
// members, have in common: who has heard what, and who passes it on to whom.
// Nodes are numbered as in the network: the source is 0, the group 1 to group.
type multicast struct {
	config multicastConfig
	multicastState
}

// multicastConfig does not change during a run.
type multicastConfig struct {
	method         string
	group          int // members that the messages are for
	fanout, pushes int
	count          int
	interval       sim.Time
	period         sim.Time
	neighbours     [][]sim.NodeID // to pass messages on to; not for gossip
}

// multicastState is everything that changes. The tables by node and message
// have a row of MaxParcels for each node.
type multicastState struct {
	heard  []gossip.Heard
	kept   []gossip.Parcel // by node and message: the copy that the node passes on
	copies []uint16        // by node and message: how often it was sent
	sent   []uint32        // by node: all copies
	fell   []bool          // by node: has crashed once
	sentAt []sim.Time      // by message

	messages  int // sent by the source so far
	latest    int // members of the group that have the latest of them
	total     uint64
	firsts    uint64 // copies that were the first to reach a member
	lateSum   sim.Time
	lateMax   sim.Time
	hopsMax   int
	copiesMax int // of one message by one node
}

// Timers: the source's next message, and from timerPush on, message*maxPushes
// + rounds done, the repetitions of gossip.
const (
	timerNext sim.Timer = iota
	timerPush
)

// Notes of gossip/multicast.
const (
	noteSends uint16 = iota + 1 // value: the message
	noteHears                   // value: message<<32 | hops
)

func newMulticast(c multicastConfig, nodes int) *multicast {
	m := &multicast{config: c}
	m.heard = make([]gossip.Heard, nodes)
	m.kept = make([]gossip.Parcel, nodes*gossip.MaxParcels)
	m.copies = make([]uint16, nodes*gossip.MaxParcels)
	m.sent = make([]uint32, nodes)
	m.fell = make([]bool, nodes)
	m.sentAt = make([]sim.Time, gossip.MaxParcels)
	return m
}

// sourceRole is node 0.
type sourceRole struct{ *multicast }

// memberRole is all the others.
type memberRole struct{ *multicast }

// Start begins the source's row of messages; after a restart it goes on with
// the next.
func (r sourceRole) Start(ctx *sim.Ctx) {
	if r.messages < r.config.count {
		ctx.After(0, timerNext)
	}
}

// Wake sends the next message, or repeats one.
func (r sourceRole) Wake(ctx *sim.Ctx, t sim.Timer) {
	if t >= timerPush {
		r.push(ctx, t)
		return
	}
	r.next(ctx)
	if r.messages < r.config.count {
		ctx.After(r.config.interval, timerNext)
	}
}

// Accepts takes "message".
func (r sourceRole) Accepts(args []string) error {
	if len(args) != 1 || args[0] != "message" {
		return errors.New("expected \"message\": the source can send one more")
	}
	return nil
}

// Order sends one more message, as long as there are numbers for them.
func (r sourceRole) Order(ctx *sim.Ctx, _ []string) { r.next(ctx) }

// Start has nothing to begin: members wait.
func (r memberRole) Start(*sim.Ctx) {}

// Wake repeats a message.
func (r memberRole) Wake(ctx *sim.Ctx, t sim.Timer) { r.push(ctx, t) }

// Crash forgets what the member had.
func (r memberRole) Crash(member int) { r.crash(member + 1) }

// Crash forgets what the source had.
func (r sourceRole) Crash(int) { r.crash(0) }

func (m *multicast) crash(node int) {
	if node > 0 && m.messages > 0 && m.heard[node].Has(uint64(m.messages-1)) {
		m.latest--
	}
	m.heard[node] = 0
	m.fell[node] = true
	clear(m.row(node))
	clear(m.copies[node*gossip.MaxParcels:][:gossip.MaxParcels]) // another life, another load
}

func (m *multicast) row(node int) []gossip.Parcel {
	return m.kept[node*gossip.MaxParcels:][:gossip.MaxParcels]
}

// next is a new message by the source.
func (m *multicast) next(ctx *sim.Ctx) {
	id := m.messages
	if id == gossip.MaxParcels {
		return
	}
	m.messages++
	m.latest = 0
	m.sentAt[id] = ctx.Now()
	ctx.Note(noteSends, int64(id))
	m.heard[0] |= 1 << id
	m.pass(ctx, gossip.Parcel{ID: uint64(id), Body: fmt.Sprintf("message %d", id+1)}, ctx.Self())
}

// Deliver passes the first copy of a message on.
func (m *multicast) Deliver(ctx *sim.Ctx, p sim.Packet) {
	node := int(ctx.Self())
	parcel, first, err := m.heard[node].Receive(p.Payload)
	if err != nil || !first {
		return
	}
	id := int(parcel.ID)
	m.firsts++
	late := ctx.Now() - m.sentAt[id]
	m.lateSum += late
	m.lateMax = max(m.lateMax, late)
	m.hopsMax = max(m.hopsMax, int(parcel.Hops))
	if id == m.messages-1 && node > 0 {
		m.latest++
	}
	ctx.Note(noteHears, int64(id)<<32|int64(parcel.Hops))
	m.pass(ctx, parcel, p.From)
}

// pass sends a message on to the neighbours but for the one it came from, or
// begins to gossip about it.
func (m *multicast) pass(ctx *sim.Ctx, p gossip.Parcel, from sim.NodeID) {
	if m.config.method == "gossip" {
		m.row(int(ctx.Self()))[p.ID] = p
		m.push(ctx, timerPush+sim.Timer(p.ID*maxPushes))
		return
	}
	payload := p.Encode()
	for _, to := range m.config.neighbours[ctx.Self()] {
		if to != from {
			m.send(ctx, to, int(p.ID), payload)
		}
	}
}

// push is one round of gossip about one message.
func (m *multicast) push(ctx *sim.Ctx, t sim.Timer) {
	id, round := int(t-timerPush)/maxPushes, int(t-timerPush)%maxPushes
	self := int(ctx.Self())
	payload := m.row(self)[id].Encode()
	var told [maxFanout]int
	for i := range min(m.config.fanout, m.config.group) {
		for {
			told[i] = ctx.Intn(m.config.group)
			if told[i] >= self {
				told[i]++
			}
			if !slices.Contains(told[:i], told[i]) {
				break
			}
		}
		m.send(ctx, sim.NodeID(told[i]), id, payload)
	}
	if round+1 < m.config.pushes {
		ctx.After(m.config.period, t+1)
	}
}

func (m *multicast) send(ctx *sim.Ctx, to sim.NodeID, id int, payload []byte) {
	self := int(ctx.Self())
	m.total++
	m.sent[self]++
	copies := &m.copies[self*gossip.MaxParcels+id]
	*copies++
	m.copiesMax = max(m.copiesMax, int(*copies))
	ctx.Send(to, 0, payload)
}

// Save copies the state; the members do it for the source too.
func (r memberRole) Save() any { return r.copyState() }

// Load puts back what Save returned.
func (r memberRole) Load(saved any) { r.multicastState = saved.(*multicast).copyState().multicastState }

// Save has nothing of its own to save.
func (r sourceRole) Save() any { return struct{}{} }

// Load has nothing of its own to load.
func (r sourceRole) Load(any) {}

func (m *multicast) copyState() *multicast {
	c := &multicast{m.config, m.multicastState}
	c.heard = slices.Clone(m.heard)
	c.kept = slices.Clone(m.kept)
	c.copies = slices.Clone(m.copies)
	c.sent = slices.Clone(m.sent)
	c.fell = slices.Clone(m.fell)
	c.sentAt = slices.Clone(m.sentAt)
	return c
}
