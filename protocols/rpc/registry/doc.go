// Package registry is a service registry's protocol: instances register under
// a service's name and keep themselves listed by heartbeats; clients look up
// which instances there are, or watch the list.
//
// Three machines, each told the time and given bytes: Server, the registry;
// Member, one instance; Client, who calls the service. states.go has the
// theory of operation and the tables, wire.go the messages. A message fits a
// datagram and travels as one, or as a frame of any of package rpc's transports.
//
// Duties of the caller:
//
//  1. After each call that takes the time, drain Poll and Output.
//  2. Call Tick when the Deadline is due. Ask for the Deadline after each drain.
//  3. Time never goes back. It is in microseconds.
//  4. Give each life of the registry a greater ServerConfig.Epoch, and each life
//     of an instance a greater Instance.Life. (The time of its start will do.)
//  5. An error of Receive is the peer's: the message was dropped, and nothing
//     else need be done.
//
// The registry's loop, for a packet from a peer:
//
//	server.Receive(now, peer, packet)
//	for e, ok := server.Poll(); ok; e, ok = server.Poll() { ... }
//	for o, ok := server.Output(); ok; o, ok = server.Output() { send(o.To, o.Bytes) }
//	wake(server.Deadline())
//
// One crash's journey: instance b stops. The registry goes on listing it, and
// clients go on calling it, until its lease ends: Tick takes it off the list,
// version 1.4 becomes 1.5, and the watchers get down(1.5, "b"). One of these
// messages is lost. That client goes on with version 1.4 until the next change,
// 1.6, or the next renewal of its watch shows it that something is missing;
// it asks, and is told the whole list.
package registry
