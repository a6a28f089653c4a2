package sim

import "testing"

// epidemic is the smallest gossip: whoever has heard tells one node, chosen
// by chance, each second. Its state is one byte a node.
type epidemic struct {
	heard []bool
	count int
}

var news = []byte("tea at four")

func (e *epidemic) Start(ctx *Ctx) {
	if ctx.Member() == 0 {
		e.hear(ctx)
	}
}

func (e *epidemic) Deliver(ctx *Ctx, _ Packet) {
	if !e.heard[ctx.Member()] {
		e.hear(ctx)
	}
}

func (e *epidemic) hear(ctx *Ctx) {
	e.heard[ctx.Member()] = true
	e.count++
	ctx.After(Second, 0)
}

func (e *epidemic) Wake(ctx *Ctx, _ Timer) {
	ctx.Send(NodeID(ctx.Intn(len(e.heard))), 0, news)
	ctx.After(Second, 0)
}

// newEpidemic spreads the nodes evenly over some roles.
func newEpidemic(nodes, roles int) *Network {
	n := New(1)
	whole := &epidemic{heard: make([]bool, nodes)}
	for r := range roles {
		n.AddRole(string(rune('a'+r)), nodes/roles, &part{whole, r * nodes / roles})
	}
	for from := range roles {
		for to := range roles {
			n.Connect(RoleID(from), RoleID(to), Link{Delay: 50 * Millisecond, Jitter: 50 * Millisecond, Loss: 10_000})
		}
	}
	n.Finished = func() bool { return whole.count == nodes }
	return n
}

// part is the share of an epidemic that one role has.
type part struct {
	*epidemic
	first int
}

func (p *part) Start(ctx *Ctx)             { ctx.member += p.first; p.epidemic.Start(ctx) }
func (p *part) Deliver(ctx *Ctx, m Packet) { ctx.member += p.first; p.epidemic.Deliver(ctx, m) }
func (p *part) Wake(ctx *Ctx, t Timer)     { ctx.member += p.first; p.epidemic.Wake(ctx, t) }

// BenchmarkEpidemic reports what one step costs in an epidemic that reaches
// every node.
func BenchmarkEpidemic(b *testing.B) {
	for _, c := range []struct {
		name         string
		nodes, roles int
		level        Level
	}{
		{"nodes=10k", 10_000, 1, Count},
		{"nodes=100k", 100_000, 1, Count},
		{"nodes=100k/roles=5", 100_000, 5, Count},
		{"nodes=100k/journal=all", 100_000, 1, All},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			steps := uint64(0)
			for b.Loop() {
				n := newEpidemic(c.nodes, c.roles)
				n.Journal.Keep(c.level)
				for n.Advance(Forever, 1<<30) != Finished {
				}
				steps += n.Steps()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
			b.ReportMetric(float64(steps)/float64(b.N), "steps/op")
		})
	}
}
