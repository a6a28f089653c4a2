package gossip

import (
	"slices"

	"grapevine/protocols/gossip"
	"grapevine/wasm/sim"
)

// replicas is the role of nodes that keep copies of one database and compare
// them with one another: gossip/exchange and gossip/anti-entropy. Each period
// a node opens an exchange with a few others, chosen at random.
//
// Beside the stores it keeps the books that the views and checks read: who
// lacks how many of the newest values.
type replicas struct {
	config replicasConfig
	replicasState
}

// replicasConfig does not change during a run.
type replicasConfig struct {
	nodes, keys int
	fanout      int
	period      sim.Time
	together    bool // all nodes act at the same instants, the cycles
	flow        gossip.Flow
	method      gossip.Method
	noTies      bool
	// initial is what every node but the joiner has in its first life: all
	// keys or none.
	initial gossip.Store
	writes  []plannedWrite
	// joiner is a node that takes part from join on and begins empty; -1 for none.
	joiner     int
	join       sim.Time
	valueBytes int // values of orders and planned writes are filled up to this
}

// plannedWrite is one write of the lab's own workload.
type plannedWrite struct {
	at          sim.Time
	member, key int
}

// replicasState is everything that changes.
type replicasState struct {
	members []gossip.Replica
	newest  []gossip.Version // by key: of all that was ever written
	behind  []int32          // by node: keys whose newest value it lacks; -1 when it is down
	since   []sim.Time       // by node: when it last came to lack none
	living  int              // nodes that are up
	current int              // those of them that lack none
	began   sim.Time         // of the last write or joining

	entriesSent uint64
	settled     uint64

	// highest, if not nil, is the version each node has of each key, kept
	// apart from the stores to check that it never goes back.
	highest  []gossip.Version // [member*keys + key]
	wentBack uint64
}

// Timers; from timerWrite on they are the planned writes.
const (
	timerExchange sim.Timer = iota
	timerWrite
)

// Notes.
const (
	noteWrite   uint16 = iota + 1 // value: packVersion
	noteTook                      // value: packVersion
	noteSettled                   // value: packVersion
	noteMany                      // value: how many keys
	noteCurrent
)

// The kinds of messages, in the order of storeKinds.
const (
	kindPush uint8 = iota
	kindDigest
	kindReply
	kindWant
	kindSums
	kindChecksum
)

// The states, in the order of the labs' tables.
const (
	stateEmpty uint8 = iota
	stateBehind
	stateCurrent
)

func newReplicas(c replicasConfig) *replicas {
	r := &replicas{config: c}
	r.members = make([]gossip.Replica, c.nodes)
	r.newest = make([]gossip.Version, c.keys)
	r.behind = make([]int32, c.nodes)
	r.since = make([]sim.Time, c.nodes)
	for _, e := range c.initial.Entries() {
		r.newest[keyNumber(e.Key)] = e.Version
	}
	r.living, r.current = c.nodes, c.nodes
	for i := range c.nodes {
		r.members[i].Store = c.initial.Clone()
		r.members[i].Store.NoTies = c.noTies
	}
	if c.joiner >= 0 {
		r.empty(c.joiner)
	}
	return r
}

// empty gives a node that is up an empty store.
func (r *replicas) empty(member int) {
	r.members[member] = gossip.Replica{Store: gossip.Store{NoTies: r.config.noTies}}
	behind := int32(0)
	for _, v := range r.newest {
		if v.Counter > 0 {
			behind++
		}
	}
	r.setBehind(member, behind, 0)
	if r.highest != nil {
		clear(r.highest[member*r.config.keys : (member+1)*r.config.keys])
	}
}

func (r *replicas) version(member, key int) gossip.Version {
	e, _ := r.members[member].Store.Get(keyName(key))
	return e.Version
}

func (r *replicas) setBehind(member int, behind int32, now sim.Time) {
	was := r.behind[member]
	r.behind[member] = behind
	switch {
	case was == 0 && behind != 0:
		r.current--
	case was != 0 && behind == 0:
		r.current++
		r.since[member] = now
	}
}

// Start begins a node's life; after a crash its store is empty.
func (r *replicas) Start(ctx *sim.Ctx) {
	member, c := ctx.Member(), &r.config
	first := ctx.Epoch() == 0
	if !first {
		r.living++
		r.empty(member)
	}
	// Writes before the first exchange, so that a write at 0 goes out at once.
	for i, w := range c.writes {
		if first && w.member == member {
			ctx.After(w.at, timerWrite+sim.Timer(i))
		}
	}
	var wait sim.Time
	switch {
	case member == c.joiner && ctx.Now() < c.join:
		wait = c.join - ctx.Now()
	case c.together:
		wait = (c.period - ctx.Now()%c.period) % c.period
	default:
		wait = sim.Time(ctx.Intn(int(c.period)))
	}
	ctx.After(wait, timerExchange)
}

// Crash takes a node out of the books; its store is gone.
func (r *replicas) Crash(member int) {
	r.living--
	r.setBehind(member, -1, 0)
	r.members[member] = gossip.Replica{}
}

// Wake opens the period's exchanges, or does a planned write.
func (r *replicas) Wake(ctx *sim.Ctx, t sim.Timer) {
	member, c := ctx.Member(), &r.config
	if t >= timerWrite {
		r.write(ctx, c.writes[t-timerWrite].key, "")
		return
	}
	if member == c.joiner && ctx.Now() == c.join {
		r.began = c.join
	}
	ctx.After(c.period, timerExchange)
	var partners [maxFanout]int
	for i := range min(c.fanout, r.known(ctx.Now())-1) {
		partners[i] = r.partner(ctx, partners[:i])
		r.members[member].Open(c.flow, c.method)
		r.drain(ctx, sim.NodeID(partners[i]), kindPush)
	}
}

// known is how many nodes there are to talk to: nobody knows of the joiner
// before it comes.
func (r *replicas) known(now sim.Time) int {
	if r.config.joiner >= 0 && now < r.config.join {
		return r.config.nodes - 1
	}
	return r.config.nodes
}

// partner chooses a node at random that is neither this one nor chosen already.
func (r *replicas) partner(ctx *sim.Ctx, taken []int) int {
	for {
		p := ctx.Intn(r.known(ctx.Now()) - 1)
		if p >= ctx.Member() {
			p++
		}
		if !slices.Contains(taken, p) {
			return p
		}
	}
}

// Deliver hands a message to the store and sends the answer.
func (r *replicas) Deliver(ctx *sim.Ctx, p sim.Packet) {
	if r.members[ctx.Member()].Receive(p.Payload) != nil {
		return // not a message between stores: it is dropped
	}
	r.drain(ctx, p.From, kindReply)
}

// drain sends what the machine has to say and takes down what it has learnt.
// entries is the kind of message under which entries go.
func (r *replicas) drain(ctx *sim.Ctx, to sim.NodeID, entries uint8) {
	m := &r.members[ctx.Member()]
	for o, ok := m.Output(); ok; o, ok = m.Output() {
		r.entriesSent += uint64(o.Count)
		kind := [...]uint8{gossip.Sums: kindSums, gossip.Checksum: kindChecksum,
			gossip.Digest: kindDigest, gossip.Want: kindWant, gossip.Entries: entries}[o.Letter]
		ctx.Send(to, kind, o.Bytes)
	}
	took, last, settled := 0, int64(0), false
	for n, ok := m.Poll(); ok; n, ok = m.Poll() {
		key := keyNumber(n.Entry.Key)
		if key < 0 || key >= r.config.keys {
			continue
		}
		packed := packVersion(key, n.Entry.Version)
		if n.Outcome == gossip.Settled {
			r.settled++
			settled = true
			ctx.Note(noteSettled, packed)
		} else {
			took++
			last = packed
		}
		r.learnt(ctx, key, n.Entry.Version)
	}
	switch {
	case took > 1:
		ctx.Note(noteMany, int64(took))
	case took == 1:
		ctx.Note(noteTook, last)
	}
	if (took > 0 || settled) && r.behind[ctx.Member()] == 0 {
		ctx.Note(noteCurrent, 0)
	}
}

// learnt corrects the books after a node took a value.
func (r *replicas) learnt(ctx *sim.Ctx, key int, v gossip.Version) {
	r.watch(ctx.Member(), key, v)
	if v == r.newest[key] {
		r.setBehind(ctx.Member(), r.behind[ctx.Member()]-1, ctx.Now())
	}
}

// Save copies the state.
func (r *replicas) Save() any { return r.copyState() }

// Load puts back what Save returned.
func (r *replicas) Load(saved any) {
	r.replicasState = saved.(*replicas).copyState().replicasState
}

func (r *replicas) copyState() *replicas {
	c := &replicas{r.config, r.replicasState}
	c.members = slices.Clone(r.members)
	for i := range c.members {
		c.members[i].Store = r.members[i].Store.Clone()
	}
	c.newest = slices.Clone(r.newest)
	c.behind = slices.Clone(r.behind)
	c.since = slices.Clone(r.since)
	c.highest = slices.Clone(r.highest)
	return c
}
