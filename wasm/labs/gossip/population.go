package gossip

import (
	"fmt"
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
	p := &population{machine: gossip.NewRumor(cfg), net: sim.New(seed), sites: make([]gossip.Site, cfg.Sites)}
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
		Inspect: func(node sim.NodeID) []field.Field {
			return p.machine.Fields(&p.sites[node], int(node))
		},
		Dissect:  func(_ uint8, payload []byte) field.Field { return gossip.DissectRumor(payload) },
		Say:      p.say,
		Metrics:  func() []lab.Metric { return p.metrics(p.net) },
		CurveMax: int64(len(p.sites)),
	}
	if p.cycles {
		w.Cycle = p.period
	}
	return w
}

func (p *population) say(e *sim.Event) string {
	switch e.Code {
	case noteHeard:
		switch e.Value {
		case 0:
			return "begins to spread the news"
		case 1:
			return "hears the news, 1 step from its origin"
		}
		return fmt.Sprintf("hears the news, %d steps from its origin", e.Value)
	case noteRemoved:
		return "will not pass it on any more"
	}
	return ""
}

// The curves that are measured.

func (p *population) unaware() lab.Curve {
	return lab.Curve{ID: "susceptible", Label: lab.Text{En: "have not heard", Zh: "尚未听说"}, Color: "idle",
		Measure: func() int64 { return p.living - p.knowing }}
}

func (p *population) spreading() lab.Curve {
	return lab.Curve{ID: "infective", Label: lab.Text{En: "spread it", Zh: "正在传播"}, Color: "active",
		Measure: func() int64 { return p.infective }}
}

func (p *population) finished() lab.Curve {
	return lab.Curve{ID: "removed", Label: lab.Text{En: "spread it no more", Zh: "不再传播"}, Color: "done",
		Measure: func() int64 { return p.removed }}
}

// rumorKinds are the message kinds, indexed by gossip.RumorType.
var rumorKinds = []lab.Kind{
	gossip.RumorPush:     {ID: "push", Label: lab.Text{En: "push: here is news", Zh: "推：把消息告诉对方"}, Mark: "P", Color: "push"},
	gossip.RumorPull:     {ID: "pull", Label: lab.Text{En: "pull: any news?", Zh: "拉：有新消息吗？"}, Mark: "Q", Color: "pull"},
	gossip.RumorReply:    {ID: "reply", Label: lab.Text{En: "reply: news for you", Zh: "答：有，消息给你"}, Mark: "R", Color: "data"},
	gossip.RumorFeedback: {ID: "feedback", Label: lab.Text{En: "feedback: was it new to me?", Zh: "反馈：对我是不是新消息"}, Mark: "F", Color: "reply"},
	gossip.RumorKnock:    {ID: "knock", Label: lab.Text{En: "knock: may I come in?", Zh: "敲门：可以进来吗？"}, Mark: "K", Color: "pull"},
	gossip.RumorAnswer:   {ID: "answer", Label: lab.Text{En: "answer: yes, or I am busy", Zh: "应门：可以，或者我正忙"}, Mark: "A", Color: "reply"},
}

// siteStates are the states, indexed by gossip.State, with names for the last.
func siteStates(last lab.Text) []lab.State {
	return []lab.State{
		gossip.Susceptible: {ID: "susceptible", Label: lab.Text{En: "has not heard", Zh: "易感：尚未听说"}, Shape: "ring", Color: "idle"},
		gossip.Infective:   {ID: "infective", Label: lab.Text{En: "spreads it", Zh: "感染：正在传播"}, Shape: "disc", Color: "active"},
		gossip.Removed:     {ID: "removed", Label: last, Shape: "bar", Color: "done"},
	}
}

var (
	pushOption     = lab.Option{Value: "push", Label: lab.Text{En: "push", Zh: "推"}}
	pullOption     = lab.Option{Value: "pull", Label: lab.Text{En: "pull", Zh: "拉"}}
	pushPullOption = lab.Option{Value: "push-pull", Label: lab.Text{En: "push-pull", Zh: "推拉结合"}}
)

var modes = map[string]gossip.Mode{"push": gossip.Push, "pull": gossip.Pull, "push-pull": gossip.PushPull}
