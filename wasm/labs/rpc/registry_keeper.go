package rpc

import (
	"grapevine/protocols/rpc/registry"
	"grapevine/wasm/sim"
)

// keeper is the registry's node.
type keeper struct {
	sim.Idle
	w       *discovery
	machine *registry.Server
	alarm   alarm
}

// serviceName is the service of which everybody in the lab speaks.
const serviceName = "calculator"

func (k *keeper) Start(h *sim.Host) {
	p := &k.w.plan
	k.machine = registry.NewServer(int64(h.Now()), registry.ServerConfig{
		Epoch:       uint64(h.Ctx().Epoch()) + 1,
		LeaseMicros: int64(p.lease),
		// Clients have long leases for their watches, from the same purse.
		YoungMicros: int64(p.lease),
	})
}

func (k *keeper) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	// An error is the sender's, and no answer is due to it.
	_ = k.machine.Receive(int64(h.Now()), registry.Peer(uint64(from)<<16|uint64(fromPort)), payload)
	k.drain(h)
}

func (k *keeper) Wake(h *sim.Host, _ sim.Timer) {
	k.alarm = 0
	k.machine.Tick(int64(h.Now()))
	k.drain(h)
}

func (k *keeper) drain(h *sim.Host) {
	for e, ok := k.machine.Poll(); ok; e, ok = k.machine.Poll() {
		code := noteListed
		if !e.Up && e.Why == registry.Left {
			code = noteLeft
		} else if !e.Up {
			code = noteExpired
		}
		h.Note(code, int64(k.w.serverAt(e.ID)))
	}
	for o, ok := k.machine.Output(); ok; o, ok = k.machine.Output() {
		k.w.tally.asks++
		h.SendTo(sim.NodeID(o.To>>16), registryPort, uint16(o.To), kindOfLetter[registry.LetterOf(o.Bytes)], o.Bytes)
	}
	k.alarm.set(h, k.machine.Deadline())
}

// ask sends a message of the registry's protocol to the registry.
func (w *discovery) ask(h *sim.Host, b []byte) {
	w.tally.asks++
	h.SendTo(w.keeperNode(), registryPort, registryPort, kindOfLetter[registry.LetterOf(b)], b)
}
