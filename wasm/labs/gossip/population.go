package gossip

import (
	"slices"

	"grapevine/protocols/field"
	"grapevine/protocols/gossip"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// news is what the sites tell one another.
const news = "tea at four"

// The codes of the population's notes.
const (
	noteHeard   uint16 = iota + 1 // Value: how many passed the news on to here
	noteRemoved                   // the site will not pass it on any more
)

// population is the role of all sites of a lab in which one update is abroad.
// The origin is member 0, in its first life.
type population struct {
	config  gossip.RumorConfig
	machine *gossip.Rumor
	net     *sim.Network
	sites   []gossip.Site
	count
}

// count is all that changes of a population beside the sites.
type count struct {
	tally
	infective int64
	removed   int64
	// quietAt is when the last update is off the wire, once no site is
	// infective; noInstant until somebody asks.
	quietAt sim.Time
}

const noInstant sim.Time = -1

// newPopulation makes a network of sites.
func newPopulation(cfg gossip.RumorConfig, l sim.Link, seed uint64) *population {
	p := &population{config: cfg, machine: gossip.NewRumor(cfg), net: sim.New(seed), sites: make([]gossip.Site, cfg.Sites)}
	p.period, p.cycles = sim.Time(cfg.PeriodMicros), cfg.Cycles
	role := p.net.AddRole("gossiper", cfg.Sites, p)
	p.net.Connect(role, role, l)
	return p
}

func (p *population) Start(ctx *sim.Ctx) {
	p.living++
	m := ctx.Member()
	p.machine.Start(&p.sites[m], m, int64(ctx.Now()), m == 0 && ctx.Epoch() == 0, ctx)
	p.drain(ctx, &p.sites[m])
}

func (p *population) Wake(ctx *sim.Ctx, _ sim.Timer) {
	m := ctx.Member()
	p.machine.Tick(&p.sites[m], m, int64(ctx.Now()), ctx)
	p.drain(ctx, &p.sites[m])
}

func (p *population) Deliver(ctx *sim.Ctx, packet sim.Packet) {
	m := ctx.Member()
	// A message that is none is dropped: that is what its specification says.
	_ = p.machine.Receive(&p.sites[m], m, int(packet.From), int64(ctx.Now()), packet.Payload, ctx)
	p.drain(ctx, &p.sites[m])
}

// drain does what the machine asks for after a mutation of one site.
func (p *population) drain(ctx *sim.Ctx, s *gossip.Site) {
	switch p.machine.Poll() {
	case gossip.HeardNews:
		p.infective++
		p.quietAt = noInstant
		if s.Heard == 0 {
			p.knowing++
		} else {
			p.hears(ctx.Now())
		}
		ctx.Note(noteHeard, int64(s.Hops))
	case gossip.LostInterest:
		p.infective--
		p.removed++
		p.quietAt = noInstant
		ctx.Note(noteRemoved, int64(s.Hops))
	}
	for m, ok := p.machine.Output(); ok; m, ok = p.machine.Output() {
		if m.Type == gossip.RumorPush || m.Type == gossip.RumorReply {
			p.updates++
		}
		ctx.Send(sim.NodeID(m.To), uint8(m.Type), m.Bytes)
	}
	if at, ok := p.machine.Deadline(); ok {
		ctx.After(sim.Time(at)-ctx.Now(), 0)
	}
}

// Crash takes a site out of the counts.
func (p *population) Crash(member int) {
	p.living--
	switch p.sites[member].State() {
	case gossip.Infective:
		p.infective--
		p.knowing--
	case gossip.Removed:
		p.removed--
		p.knowing--
	}
	p.quietAt = noInstant
	p.sites[member] = gossip.Site{}
}

type savedPopulation struct {
	sites []gossip.Site
	count
}

func (p *population) Save() any { return savedPopulation{slices.Clone(p.sites), p.count} }

func (p *population) Load(saved any) {
	s := saved.(savedPopulation)
	copy(p.sites, s.sites)
	p.count = s.count
}

// silent reports whether the epidemic is over: no site is infective and no
// update is on its way to make one so. Sites that ask for news go on asking.
func (p *population) silent() bool {
	if p.infective > 0 {
		return false
	}
	if p.quietAt == noInstant {
		p.quietAt = 0
		p.net.Flights(func(f sim.Flight) bool {
			if f.Why == sim.Alive && (f.Kind == uint8(gossip.RumorPush) || f.Kind == uint8(gossip.RumorReply)) {
				p.quietAt = max(p.quietAt, f.Due)
			}
			return true
		})
	}
	return p.net.Now() > p.quietAt
}

// world is what all labs of a population have in common.
func (p *population) world() *lab.World {
	w := &lab.World{
		Net:   p.net,
		State: func(node sim.NodeID) uint8 { return uint8(p.sites[node].State()) },
		States: func(states []uint8) {
			for i := range p.sites {
				states[i] = uint8(p.sites[i].State())
			}
		},
		Inspect:  func(node sim.NodeID) []lab.Fact { return p.inspect(&p.sites[node]) },
		Dissect:  func(_ uint8, payload []byte) field.Field { return gossip.DissectRumor(payload) },
		Say:      p.say,
		Kinds:    rumorKindsOf(&p.config),
		Metrics:  func() []lab.Metric { return p.metrics(p.net) },
		CurveMax: int64(len(p.sites)),
	}
	if p.cycles {
		w.Cycle = p.period
	}
	return w
}
