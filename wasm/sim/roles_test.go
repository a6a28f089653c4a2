package sim

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// actor is a role made of functions; nil ones do nothing.
type actor struct {
	start   func(*Ctx)
	deliver func(*Ctx, Packet)
	wake    func(*Ctx, Timer)
}

func (a *actor) Start(ctx *Ctx) {
	if a.start != nil {
		a.start(ctx)
	}
}

func (a *actor) Deliver(ctx *Ctx, p Packet) {
	if a.deliver != nil {
		a.deliver(ctx, p)
	}
}

func (a *actor) Wake(ctx *Ctx, t Timer) {
	if a.wake != nil {
		a.wake(ctx, t)
	}
}

// chatter is a role that does a little of everything, led by its luck and by
// what it hears: packets of all sizes to anybody, timers near and far. What a
// node has heard so far is hashed into its memory, so that nothing can go
// astray unseen.
type chatter struct {
	everybody int
	memory    []uint64
}

func (c *chatter) Start(ctx *Ctx) {
	c.memory[ctx.Member()] = uint64(ctx.Epoch())
	ctx.After(Time(ctx.Intn(50_000)), Timer(ctx.Member()))
}

func (c *chatter) Deliver(ctx *Ctx, p Packet) {
	c.hear(ctx, uint64(sum(p.Payload))+uint64(p.From)<<32+uint64(p.ID))
	if len(p.Payload) > 0 && ctx.Chance(300_000) {
		ctx.Send(p.From, 2, p.Payload[:len(p.Payload)/2])
	}
}

func (c *chatter) Wake(ctx *Ctx, t Timer) {
	c.hear(ctx, uint64(t))
	payload := make([]byte, ctx.Intn(100))
	for i := range payload {
		payload[i] = byte(c.memory[ctx.Member()] >> (i % 8 * 8))
	}
	ctx.Send(NodeID(ctx.Intn(c.everybody+1)), 1, payload)
	ctx.Note(7, int64(c.memory[ctx.Member()]>>40))
	ctx.After(Time(ctx.Rand()>>(48+ctx.Intn(14))), t+1)
}

func (c *chatter) hear(ctx *Ctx, what uint64) {
	m := &c.memory[ctx.Member()]
	*m = mix(*m ^ what + uint64(ctx.Now()))
}

func (c *chatter) Save() any      { return slices.Clone(c.memory) }
func (c *chatter) Load(saved any) { copy(c.memory, saved.([]uint64)) }

// rough is a link on which everything happens.
var rough = Link{Delay: 3000, Jitter: 2000, Loss: 50_000, Duplicate: 50_000, Reorder: 50_000, RateBytes: 200_000, BufferBytes: 2000}

// trouble is a script with every kind of deed.
const trouble = `
0     slow a/1 b 3ms
20ms  crash a/0
20ms  cut b/0-1
35ms  pause b/2-3
50ms  restart a/0
61ms  resume b
62ms  heal b/1
70ms  lose a to b 20%
75ms  duplicate a/3 b 0.5
76ms  reorder b 30%
80ms  cut a/2 to b
90ms  pause a
91ms  crash a/1
95ms  resume a
96ms  restart a
120ms heal`

// newChatter makes a network of two roles of chatter on rough links.
func newChatter(t testing.TB, seed uint64, script string) *Network {
	t.Helper()
	n := New(seed)
	const nodes = 12
	a := n.AddRole("a", 4, &chatter{nodes, make([]uint64, 4)})
	b := n.AddRole("b", 8, &chatter{nodes, make([]uint64, 8)})
	n.Connect(a, b, rough)
	n.Connect(b, a, rough)
	n.Connect(b, b, Link{Delay: 400})
	n.Journal.Keep(All)
	schedule(t, n, script)
	return n
}

// schedule adds a script, one action a line.
func schedule(t testing.TB, n *Network, script string) {
	t.Helper()
	for line := range strings.Lines(script) {
		at, do, _ := strings.Cut(strings.TrimSpace(line), " ")
		if at == "" {
			continue
		}
		when, err := ParseTime(at)
		if err != nil {
			t.Fatal(err)
		}
		a, err := n.ParseAction(when, do)
		if err == nil {
			err = n.Schedule(a)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// play advances to an instant at one go.
func play(n *Network, until Time) *Network {
	n.Advance(until, math.MaxInt)
	return n
}

// story writes the kept journal, one event a line, oldest first, without the
// numbers that shift when something else happens in between.
func story(n *Network, keep func(*Event) bool) []string {
	var lines []string
	n.Journal.Walk(func(e *Event) bool {
		if keep == nil || keep(e) {
			line := fmt.Sprintf("%v %s %s", e.At, n.Name(e.Node), e.Kind)
			if e.Peer != Nobody {
				line += fmt.Sprintf(" %s %dB", n.Name(e.Peer), e.Size)
			}
			if e.Why != Alive {
				line += " " + e.Why.String()
			}
			if e.Kind == KindWake || e.Kind == KindStale || e.Kind == KindNote {
				line += fmt.Sprintf(" %d", e.Value)
			}
			lines = append(lines, line)
		}
		return true
	})
	slices.Reverse(lines)
	return lines
}

// events returns the kept journal, oldest first.
func events(n *Network) []Event {
	var out []Event
	n.Journal.Walk(func(e *Event) bool { out = append(out, *e); return true })
	slices.Reverse(out)
	return out
}

// same fails if two texts differ, and shows the first line that does.
func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Fatalf("%s: line %d is\n  %s\nexpected\n  %s", what, i+1, g, w)
		}
	}
}
