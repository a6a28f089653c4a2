// Package rpc is a small RPC of our own that shows the mechanism bare: which
// function (Call ID tables), how arguments travel (CBOR, in stubs generated
// from an interface description), by what transport (datagrams, framed
// streams, HTTP/1.1, HTTP/2), and how often a call is executed when messages
// get lost (Semantics). Bytes and time go in, bytes and events come out.
//
// The five parts of a call, after Birrell and Nelson, Implementing Remote
// Procedure Calls, 1984:
//
//	client           the lab: calls a method of the client stub, and goes on at the event Returned
//	client stub      generated: CounterClient turns a call into arguments, a result's bytes into a value
//	network service  Client and Server (frames, retries, duplicates), and a Transport at either end
//	server stub      generated: CounterServer turns arguments into a call, its result into bytes
//	server           the lab: a Go type that has the methods of the generated interface Counter
//
// Duties of the caller:
//
//  1. After each method of a Client or Server that takes the time, take
//     everything out of Poll and Output before anything else is done with it.
//  2. Call Tick when the Deadline is due. Ask for the Deadline after each drain.
//  3. Time never goes back. It is in microseconds.
//  4. What Output, and an Event's Body, point to is valid until the next call
//     of a method of the same machine: copy what is kept. (Server.Execute with
//     the event as it came is the one exception: it may be called while draining.)
//  5. Give each life of a client an ID of its own (luck will do), and each life
//     of a server a greater Boot: a client that reuses its numbers is answered
//     with old replies.
//
// The loop of a client, for bytes that arrived on its transport t:
//
//	t.Receive(now, bytes)
//	for _, frame, ok := t.Poll(); ok; _, frame, ok = t.Poll() {
//		client.Receive(now, frame)
//		for e, ok := client.Poll(); ok; e, ok = client.Poll() {
//			if e.Step == rpc.Returned { value, err := services.CounterAddResult(e) ... }
//		}
//	}
//	for frame, ok := client.Output(); ok; frame, ok = client.Output() {
//		t.Send(0, frame)
//	}
//	t.Sent(write(t.Output())) // until there is none, or nothing is taken
//	wake(client.Deadline(), t.Deadline())
//
// The loop of a server, for a transport t of connection c:
//
//	t.Receive(now, bytes)
//	for slot, frame, ok := t.Poll(); ok; slot, frame, ok = t.Poll() {
//		server.Receive(now, rpc.Peer{Connection: c, Slot: slot}, frame)
//		for e, ok := server.Poll(); ok; e, ok = server.Poll() {
//			if e.Step == rpc.Execute { server.Execute(now, e, stub) } // or later: see Server
//		}
//	}
//	for peer, frame, ok := server.Output(); ok; peer, frame, ok = server.Output() {
//		transports[peer.Connection].Send(peer.Slot, frame)
//	}
//	t.Sent(write(t.Output()))
//
// One call's journey: CounterClient.Add asks Client.Call, which looks up
// "Counter.add" in the client's Table, finds Call ID 1, writes the request
// [0, client, 17, ...] and sets a timer. The server's Receive reads it, looks
// up ID 1 in its own Table, finds a function whose signature agrees, sees in
// the duplicate table that (client, 17) is new, and asks for its execution.
// Execute has CounterServer read the arguments and call Add; the reply
// [1, client, 17, ...] goes into the duplicate table and out. It is lost. The
// client's timer comes due, the request goes out again; the server finds the
// reply in its duplicate table and sends it once more without executing.
package rpc
