// Package sim is the virtual network: nodes, time, links, faults and luck in
// one goroutine, without a clock, and alike on every machine. It knows no
// protocol, no lab and no page.
//
// A Network holds a queue of what is to come: packets that arrive, packets
// that die halfway, timers. It takes out the earliest, hands it to the role
// whose node it concerns, and the role puts new ones in by ctx.Send and
// ctx.After. Everything that happens is an Event of the Journal, with the
// event that caused it; the hash of them all is the run's digest.
//
// # Duties of a role
//
//  1. Deliver, Wake and Start change the state of one member, ctx.Member(),
//     and are over. What one node knows of another it has from packets.
//  2. A payload is valid until Deliver returns. What is to last is copied.
//     (Build with the tag simdebug to find those that do not: their bytes
//     turn to 0xDB.)
//  3. Chance comes from ctx (Rand, Intn, Chance), time from ctx.Now. No map is
//     walked where its order can show.
//  4. A timer cannot be taken back: a role that changed its mind knows, and
//     does nothing when it is woken. A crash takes a node's timers with it, and
//     Start finds the member's state as it was: it begins anew.
//  5. A role that is a Keeper saves everything that changes. Then a run can be
//     sought through from snapshots; if not, it is played again from 0.
//
// # The loop
//
//	n := sim.New(seed)
//	server := n.AddRole("server", 1, sim.NewEach(1, newServer))
//	client := n.AddRole("client", 1_000_000, &clients{})
//	n.Connect(client, server, sim.Link{Delay: 20 * sim.Millisecond, Loss: 10_000})
//	a, err := n.ParseAction(2*sim.Second, "crash server/0")
//	...
//	err = n.Schedule(a)
//	for n.Advance(sim.Forever, 2000) == sim.Budget {
//		// look at the roles, n.Flights and n.Journal; n.Act("cut server/0")
//	}
//
// A role of few is ordinary structs, one for each node: Each. A role of a
// million is one struct with a slice of rows.
//
// # One packet's journey
//
// A node runs, because something woke it, and calls ctx.Send. The link between
// the two roles draws the packet's luck (carry), a rate makes it wait its turn
// (queue), and the rules have their say (ask): delay, loss, a second copy. The
// Send is journalled with what the node was doing as its cause, and an event
// goes into the wheel at the time it is due, with a copy of the bytes: up to 16
// in the event itself, more in a cell beside it. When its turn comes, a node
// that is down makes it a Drop and one that is paused lets it wait. Otherwise
// the Deliver is journalled, the role gets the bytes, and their place is free
// for the next.
//
// # What makes equal runs equal
//
// The queue (wheel) orders by time, ties by emission. Luck (draw) is a
// function of seed, purpose, node and number, not a stream that all share: a
// crash changes nothing in the luck of the others. An action at T comes before
// everything else of that microsecond, whether a visitor did it or a script.
// How the calls of Advance are cut does not matter.
//
// # Not here yet
//
// Streams (ordered byte pipes with handshake, segments, retransmission, window,
// FIN and RST) and disks (durable bytes; seeks and transfers take time) come
// with the first protocol that needs them: as stream.go and disk.go, helpers
// that a role holds for its nodes, made of packets and timers like everything
// else. The kernel will not know of them, and gossip will not pay for them.
package sim
