package sim

import "slices"

// Node is the behaviour of one node that is an ordinary struct of its own.
type Node interface {
	Deliver(ctx *Ctx, p Packet)
	Wake(ctx *Ctx, t Timer)
	// Start is called once, on a node fresh from Each's maker.
	Start(ctx *Ctx)
}

// Each makes a role of many ordinary structs: how a broker or a client is
// written, as opposed to a population of a million rows.
type Each[N Node] struct {
	// Make makes the member's struct at the beginning of each of its lives.
	Make func(member int) N
	// Copy makes an independent copy of a node for snapshots; without it the
	// role cannot be saved and seeking replays from time 0.
	Copy func(N) N

	members []N
	made    []bool
}

// NewEach makes a role of count nodes.
func NewEach[N Node](count int, maker func(member int) N) *Each[N] {
	return &Each[N]{Make: maker, members: make([]N, count), made: make([]bool, count)}
}

// Member returns the struct of one member as it is now: N's zero value
// before the run has begun.
func (e *Each[N]) Member(i int) N { return e.members[i] }

// Start makes the member anew and starts it.
func (e *Each[N]) Start(ctx *Ctx) {
	i := ctx.Member()
	e.members[i], e.made[i] = e.Make(i), true
	e.members[i].Start(ctx)
}

// Deliver hands the packet to the member.
func (e *Each[N]) Deliver(ctx *Ctx, p Packet) { e.members[ctx.Member()].Deliver(ctx, p) }

// Wake hands the timer to the member.
func (e *Each[N]) Wake(ctx *Ctx, t Timer) { e.members[ctx.Member()].Wake(ctx, t) }

// eachSaved is what Save returns.
type eachSaved[N Node] struct {
	members []N
	made    []bool
}

// Save copies every member; nil if they cannot be copied.
func (e *Each[N]) Save() any {
	if e.Copy == nil {
		return nil
	}
	return eachSaved[N]{e.copies(e.members, e.made), slices.Clone(e.made)}
}

// Load puts back what Save returned, and may be called with it again.
func (e *Each[N]) Load(saved any) {
	kept := saved.(eachSaved[N])
	e.members, e.made = e.copies(kept.members, kept.made), slices.Clone(kept.made)
}

func (e *Each[N]) copies(members []N, made []bool) []N {
	out := make([]N, len(members))
	for i, m := range members {
		if made[i] {
			out[i] = e.Copy(m)
		}
	}
	return out
}
