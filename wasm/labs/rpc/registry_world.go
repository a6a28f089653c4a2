package rpc

import (
	"slices"
	"strconv"
	"strings"

	"grapevine/protocols/rpc/balance"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// discovery is the world of rpc/registry: finders (the clients), one keeper
// (the registry), providers (the servers), and what all of them counted.
type discovery struct {
	plan      discoveryPlan
	net       *sim.Network
	finders   *sim.Hosts[*finder]
	keeper    *sim.Hosts[*keeper]
	providers mortalProviders
	// By provider: when it crashed, -1 while it is up; and its lives.
	died  []sim.Time
	lives []uint64
	tally discoveryTally
}

// discoveryPlan does not change during a run.
type discoveryPlan struct {
	balance                         int
	watch, believe, failover        bool
	finders, providers, users       int
	virtual, slow                   int
	weight                          uint32
	lease, heartbeat, refresh       sim.Time
	think, execute, timeout, length sim.Time
	link                            sim.Link
}

// discoveryTally counts what happened.
type discoveryTally struct {
	begun, answered, failed int
	toDead                  int      // attempts that went to a server that was down
	elsewhere               int      // attempts after the first of a call
	homeless                int      // calls for which a client that once had addresses had none
	deadFor                 sim.Time // the longest that a server had been down when it was called
	byServer                []int    // calls answered
	waited, worst           sim.Time // of answered calls
	oldest                  sim.Time // the oldest list that was gone by
	asks                    int      // messages of the registry's protocol
	moves, movedMost        int      // users that changed servers when one came or went: in all, and at once
	movedOf                 int      // the servers there then were
	movedBadly              bool
}

// The ports: the registry's, and the one from which others speak to it.
const registryPort = 8500

func newDiscovery(p discoveryPlan) *discovery {
	w := &discovery{plan: p, died: slices.Repeat([]sim.Time{-1}, p.providers), lives: make([]uint64, p.providers)}
	w.tally.byServer = make([]int, p.providers)
	return w
}

func (w *discovery) build(seed uint64) *lab.World {
	p := &w.plan
	w.net = sim.New(seed)
	w.finders = sim.NewHosts(p.finders, func(member int) *finder { return newFinder(w, member) })
	w.keeper = sim.NewHosts(1, func(int) *keeper { return &keeper{w: w} })
	w.providers = mortalProviders{sim.NewHosts(p.providers, func(member int) *provider { return &provider{w: w, member: member} }), w}
	roles := []sim.RoleID{
		w.net.AddRole("client", p.finders, w.finders),
		w.net.AddRole("registry", 1, w.keeper),
		w.net.AddRole("server", p.providers, w.providers),
	}
	for _, from := range roles {
		for _, to := range roles {
			w.net.Connect(from, to, p.link)
		}
	}
	return w.world()
}

// mortalProviders notes when a server dies: for the books, nobody else knows.
type mortalProviders struct {
	*sim.Hosts[*provider]
	w *discovery
}

// Crash is called when one dies.
func (m mortalProviders) Crash(member int) { m.w.died[member] = m.w.net.Now() }

func (w *discovery) keeperNode() sim.NodeID        { return sim.NodeID(w.plan.finders) }
func (w *discovery) providerNode(i int) sim.NodeID { return sim.NodeID(w.plan.finders + 1 + i) }

// address is what a server registers, and serverAt reads it again.
func address(member int) string { return "server/" + strconv.Itoa(member) }

func (w *discovery) serverAt(address string) int {
	number, ok := strings.CutPrefix(address, "server/")
	member, err := strconv.Atoi(number)
	if !ok || err != nil || member < 0 || member >= w.plan.providers {
		return -1
	}
	return member
}

// over reports whether the last call has got its answer, or none.
func (w *discovery) over() bool {
	if w.net.Now() < w.plan.length {
		return false
	}
	for i := range w.plan.finders {
		if c := w.finders.Member(i); w.net.Up(sim.NodeID(i)) && c != nil && len(c.open) > 0 {
			return false
		}
	}
	return true
}

// bound is how long a server that is dead may still be called: its last lease,
// the time until every client has asked, and the messages' own time.
func (p *discoveryPlan) bound() sim.Time {
	return p.lease + p.refresh + 4*(p.link.Delay+p.link.Jitter) + p.timeout
}

// attempted takes down that a call went to a server.
func (w *discovery) attempted(now sim.Time, server int, again bool) {
	t := &w.tally
	if again {
		t.elsewhere++
	} else {
		t.begun++
	}
	if !w.net.Up(w.providerNode(server)) {
		t.toDead++
		t.deadFor = max(t.deadFor, now-w.died[server])
	}
}

// moved takes down how many users changed servers when a list of one length
// became another.
func (w *discovery) moved(users, was, is int) {
	t := &w.tally
	t.moves += users
	if was-is != 1 && is-was != 1 || min(was, is) == 0 {
		return // not one that came or went
	}
	if users > t.movedMost {
		t.movedMost, t.movedOf = users, max(was, is)
	}
	t.movedBadly = t.movedBadly || users > w.plan.mayMove(max(was, is))
}

// mayMove is how many users may change servers when one of n comes or goes:
// twice its fair share, because a ring's shares are not all alike.
func (p *discoveryPlan) mayMove(n int) int {
	heavy := n - 1 + int(p.weight)
	return (2*p.users*int(p.weight) + heavy - 1) / heavy
}

func (p *discoveryPlan) hashes() bool { return p.balance == byRing || p.balance == byModulo }

// choose picks one of a list by the plan's balance.
func (p *discoveryPlan) choose(list []balance.Instance, active []int, user string, turn, luck uint64) int {
	switch p.balance {
	case byLuck:
		return balance.Random(list, luck)
	case byLoad:
		return balance.LeastActive(list, active, luck)
	case byRing:
		return balance.NewRing(list, p.virtual).Pick(user)
	case byModulo:
		return balance.Modulo(list, user)
	}
	return balance.RoundRobin(list, turn)
}
