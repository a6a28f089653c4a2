// Package gossip holds the machines of epidemic protocols: bytes and time go
// in, bytes and events come out. It follows Demers et al., Epidemic Algorithms
// for Replicated Database Maintenance, 1987.
//
// There are two kinds. A Rumor is the machine for a single update in a
// population of up to millions: sites are rows of 16 bytes, and the machine is
// run on one row at a time. A Replica is a node with a Store of many keys, for
// anti-entropy between tens to thousands of nodes.
//
// Duties of a Rumor's caller:
//
//  1. Keep a Site for each node, and say which node it is in each call.
//  2. After each of Start, Tick and Receive, take everything out of Poll,
//     Output and Deadline before anything else is done with the machine.
//  3. Call Tick when the deadline is due, once for each deadline. After a crash
//     there is none: call Start.
//  4. Time never goes back. It is in microseconds.
//  5. Give luck of the node's own, the same each time the run is repeated.
//
// The loop, for one message that arrived:
//
//	err := rumor.Receive(&sites[me], me, from, now, payload, luck)
//	// err: the peer's fault; nothing has changed, nothing is to be answered
//	if rumor.Poll() == gossip.HeardNews { ... }
//	for m, ok := rumor.Output(); ok; m, ok = rumor.Output() {
//		send(m.To, m.Bytes) // copied before the next call
//	}
//	if at, ok := rumor.Deadline(); ok {
//		wake(me, at)
//	}
//
// One message's journey: an infective site's Tick draws a partner and puts
// [0, hops, news] into Output. The partner's Receive reads it, finds itself
// susceptible, turns infective (the event HeardNews), asks for a Deadline, and
// with feedback puts [3, true] into Output. The first site's Receive takes
// that as a contact that was needed, and its counter starts anew.
//
// Left out: signatures, several rumours in one message, and a site's leaving
// in good order.
package gossip
