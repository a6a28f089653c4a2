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
// (queue), and the rules have their say (judge): delay, loss, a second copy. The
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
// # Streams
//
// Hosts is a role of Apps that talk by streams and datagrams, as programs do by
// TCP and UDP. A stream is an ordered byte pipe, made of packets and timers
// like everything else: the kernel does not know of it, and gossip does not pay
// for it.
//
//	hosts := sim.NewHosts(1, newServer) // an App: Start calls h.Listen(80)
//	n.AddRole("server", 1, hosts)
//
// An App is told what happened, by Opened, Data, Writable, Closed, and glues a
// protocol's machine to its streams:
//
//	func (a *app) Data(h *sim.Host, s *sim.Stream) {
//		a.machine.Receive(s.Read(math.MaxInt))
//		for event, ok := a.machine.Poll(); ok; event, ok = a.machine.Poll() {
//			// act on it
//		}
//		s.Write(kind, a.machine.Output()) // may take less; Writable says when to go on
//	}
//
// What a stream is and what it leaves out is told where its states are, in
// stream_state.go; hosts.go has what an App must do, and the limits. A packet's
// bytes are a Segment or a Datagram, which ParseSegment and ParseDatagram read.
//
// Hosts is no Keeper: copying its apps with their machines and half-read
// streams would be a duty of every protocol. The runs are short; seeking in
// them is playing again from 0.
//
// # Disks
//
// The nodes of a role can have disks, whose files outlast their lives:
//
//	disks := n.AddDisks(brokers, sim.HardDisk())
//	at, err := disks.Member(h.Member()).Append(h.Ctx(), "orders-0/log", bytes)
//	at, err = disks.Member(h.Member()).Sync(h.Ctx(), "orders-0/log")
//	h.After(at-h.Now(), synced)
//
// Contents change at once; what takes time is the device, and what is lost in a
// crash is what it has not done. What that means, and what it costs, is told in
// disk.go.
package sim
