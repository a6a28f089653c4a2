package gossip

import "grapevine/wasm/sim"

// tally counts, as it happens, what the metrics of every gossip lab are made
// of. It belongs to the state of a role: plain values, saved by copying.
type tally struct {
	period sim.Time
	cycles bool // count time in cycles, from 1

	living  int64 // nodes that have not crashed
	knowing int64 // those of them that have heard
	updates int64 // sent, whatever became of them
	heard   int64 // how often a node heard for the first time in its life, but for the origin
	timeSum int64 // of those hearings, in the unit of time
	last    sim.Time
}

// hears counts a node's hearing at an instant.
func (t *tally) hears(at sim.Time) {
	t.knowing++
	t.heard++
	t.timeSum += t.unit(at)
	t.last = max(t.last, at)
}

// round numbers the periods from 1.
func (t *tally) round(at sim.Time) int64 { return int64(at/t.period) + 1 }

// unit is an instant in the lab's unit of time.
func (t *tally) unit(at sim.Time) int64 {
	if t.cycles {
		return t.round(at)
	}
	return int64(at)
}

// rounds is how many periods had begun when the last node heard.
func (t *tally) rounds() int64 {
	if t.heard == 0 {
		return 0
	}
	return t.round(t.last)
}

// everyone reports whether all living nodes know.
func (t *tally) everyone() bool { return t.knowing == t.living }
