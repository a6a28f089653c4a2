package session

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Limits of a scout: enough for the end of any run that a visitor would watch
// to its end, and a blink for the machine.
const (
	maxScoutSteps = 300_000
	maxScoutNodes = 2000
	scoutMicros   = 4_000 // of each slice, in real time
	scoutSteps    = 200   // between two looks at the clock
)

// scout plays the same run ahead of the visitor, a little in every slice, only
// to learn when it will end: a timeline that is ten times too long is hard to
// scrub, and a lab's own bound must be that generous.
type scout struct {
	run   lab.Run
	play  *lab.Play // nil until its first slice
	steps int       // left to make
	known sim.Time  // the end that was found last, perhaps before the last deed
}

// send starts a scout for the run as it now is, in place of the one before.
func (c *scout) send(s *Session) {
	*c = scout{known: c.known}
	if s.play.World.Net.Nodes() > maxScoutNodes {
		return
	}
	// What the visitor's own play understood, the scout's does too.
	c.run = runOf(s.play.Lab, Run(s.play))
	c.run.Once = true
	c.steps = maxScoutSteps
}

// busy reports whether there is more to find out.
func (c *scout) busy() bool { return c.steps > 0 && (c.play == nil || !c.play.Finished()) }

// slice lets the scout go on for a little while. It reports whether it has just
// come to the end.
func (c *scout) slice(clock func() int64) bool {
	if !c.busy() {
		return false
	}
	until := clock() + scoutMicros
	if c.play == nil {
		p, _, err := lab.Open(c.run)
		if err != nil {
			c.steps = 0
			return false
		}
		c.play = p
	}
	for c.steps > 0 {
		c.steps -= min(c.steps, scoutSteps)
		if c.play.Advance(sim.Forever, scoutSteps) == sim.Finished {
			c.known = c.play.Now()
			return true
		}
		if clock() >= until {
			break
		}
	}
	return false
}

// end is when the run will end if nobody interferes, as far as is known:
// never before now, and bound if the scout does not know.
func (c *scout) end(now, bound sim.Time) sim.Time {
	if c.known > now || c.known == now && !c.busy() {
		return c.known
	}
	return bound
}
