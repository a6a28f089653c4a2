package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"grapevine/wasm/sim"
)

// crowd is a role whose nodes greet one another, now and then, for a while.
type crowd struct {
	net *sim.Network
	greetings
	most int64 // the always check's limit
}

type greetings struct {
	heard    []int64 // by node
	sum, odd int64   // of all; nodes that have heard an odd number
	crashes  int64
}

func (c *crowd) Start(ctx *sim.Ctx) { ctx.After(sim.Time(ctx.Intn(10_000)), 0) }

func (c *crowd) Wake(ctx *sim.Ctx, t sim.Timer) {
	ctx.Send(sim.NodeID(ctx.Intn(c.net.Nodes())), 0, []byte{byte(t), byte(c.sum)})
	if t < 200 {
		ctx.After(sim.Time(ctx.Intn(10_000)), t+1)
	}
}

func (c *crowd) Deliver(ctx *sim.Ctx, p sim.Packet) {
	heard := &c.heard[ctx.Member()]
	*heard++
	c.sum++
	c.odd += *heard%2*2 - 1
	if p.Payload[1]%16 == 0 {
		ctx.Send(p.From, 1, []byte{0, 1})
	}
}

func (c *crowd) Crash(int) { c.crashes++ }

// keepers is a crowd that can be saved.
type keepers struct{ *crowd }

func (k keepers) Save() any {
	kept := k.greetings
	kept.heard = slices.Clone(kept.heard)
	return kept
}

func (k keepers) Load(saved any) {
	heard := k.heard
	k.greetings = saved.(greetings)
	k.heard = append(heard[:0], k.heard...)
}

// crowded is the lab of these tests.
var crowded = Lab{
	ID: "test/crowd", Version: 3,
	Params: []Param{
		{Name: "n", Kind: Int, Default: 10, Min: 2, Max: 10_000},
		{Name: "loss", Kind: Ratio, Default: 10_000, Max: int64(sim.Certain)},
		{Name: "delay", Kind: Span, Default: 700, Max: int64(sim.Second)},
		{Name: "keepers", Kind: Bool, Default: 1},
		{Name: "most", Kind: Int, Default: 1 << 40, Max: 1 << 40},
		{Name: "clock", Kind: Choice, Choices: []Option{{Value: "real"}, {Value: "cycles"}}},
	},
	Script: func(v Values, _ uint64) []Step {
		return []Step{{At: 300 * sim.Millisecond, Do: "crash node/0"}, {At: 400 * sim.Millisecond, Do: "restart node/0"}}
	},
	Build: func(v Values, seed uint64) (*World, error) {
		if v.Int("n") == 13 {
			return nil, fmt.Errorf("13 brings bad luck")
		}
		net := sim.New(seed)
		c := &crowd{net: net, most: int64(v.Int("most"))}
		c.heard = make([]int64, v.Int("n"))
		var role sim.Role = c
		if v.Bool("keepers") {
			role = keepers{c}
		}
		id := net.AddRole("node", v.Int("n"), role)
		net.Connect(id, id, sim.Link{Delay: v.Time("delay"), Jitter: 300, Loss: v.Ratio("loss"), Duplicate: 20_000})
		w := &World{
			Net: net, End: 2 * sim.Second,
			State:   func(sim.NodeID) uint8 { return 0 },
			Metrics: func() []Metric { return []Metric{{Name: "heard", Value: float64(c.sum)}} },
			Curves: []Curve{
				{ID: "heard", Measure: func() int64 { return c.sum }},
				{ID: "theory", Theory: func(at sim.Time) float64 { return float64(at) }},
				{ID: "odd", Measure: func() int64 { return c.odd }},
			},
			Checks: []Check{
				{Name: "few", Kind: Always, Holds: func() bool { return c.sum <= c.most }, Detail: func() Text { return Plain(fmt.Sprint(c.sum)) }},
				{Name: "many", Kind: Finally, Holds: func() bool { return c.sum > 100 }, Detail: func() Text { return Plain(fmt.Sprint(c.sum)) }},
				{Name: "some", Kind: Sometimes, Holds: func() bool { return c.sum >= 50 }, Detail: func() Text { return Plain(fmt.Sprint(c.sum)) }},
				{Name: "crashed", Kind: Sometimes, Holds: func() bool { return c.crashes > 0 }},
			},
		}
		if v.Choice("clock") == "cycles" {
			w.Cycle = 50 * sim.Millisecond
		}
		return w, nil
	},
}

// open builds a run of the test's lab that has no faults.
func open(t testing.TB, seed uint64, settings ...Setting) *Play {
	t.Helper()
	p, faults, err := Open(Run{Lab: &crowded, Settings: settings, Seed: seed})
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return p
}

// advance plays to an instant at one go.
func advance(p *Play, until sim.Time) *Play {
	for p.Advance(until, math.MaxInt) == sim.Budget {
	}
	return p
}

// standing is all that a play shows: two plays with equal standings cannot be
// told apart.
func standing(p *Play) string {
	at, values := p.Samples()
	s := fmt.Sprintf("at %v, finished %v, digest %s, %v\n", p.Now(), p.Finished(), p.World.Net.Journal.Digest(), p.World.Metrics())
	for _, c := range p.Checks() {
		s += fmt.Sprintf("%s %v at %v: %q\n", c.Check.Name, c.State, c.At, c.Detail)
	}
	for i := range at {
		if at[i] <= p.Now() { // a seek back keeps what is known of the future
			s += fmt.Sprint(at[i], values[i], "\n")
		}
	}
	return s
}

// same fails if two standings differ, and shows where first.
func same(t testing.TB, got, want, format string, args ...any) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf(format+": line %d of the standing is\n  %s\nexpected\n  %s", append(args, i+1, g[i], w[i])...)
		}
	}
}
