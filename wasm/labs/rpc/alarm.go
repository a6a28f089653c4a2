package rpc

import (
	"grapevine/protocols/rpc/registry"
	"grapevine/wasm/sim"
)

// alarm is when timerMachine is due, by which a node's machines are told the
// time; 0: it is not set.
type alarm sim.Time

// set sets it for a machine's deadline, unless it goes off before that. 0 and
// registry.Never mean that there is none.
func (a *alarm) set(h *sim.Host, deadline int64) {
	if deadline == 0 || deadline == registry.Never || *a != 0 && *a <= alarm(deadline) {
		return
	}
	*a = alarm(deadline)
	h.After(sim.Time(deadline)-h.Now(), timerMachine)
}
