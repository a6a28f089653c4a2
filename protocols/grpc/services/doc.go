// Package services holds what answers gRPC calls: the services that every
// server may offer (health, server reflection), the service of gRPC's
// interoperability tests, the shop of the lab rpc/grpc, and the Router that
// finds the one a call is for.
//
// A Service is driven by the events of a server's Conn, like everything here
// without clock or goroutine:
//
//	for {
//		e, ok := conn.Poll()
//		if !ok {
//			break
//		}
//		router.Handle(now, e)
//	}
//
// One Router may serve all connections of a node. It asks for the time: call
// its Tick when its Deadline is due, then send the Output of every Conn.
//
// A service keeps what it knows of a call in Call.User. It must bear any order
// of messages: what comes is what the peer wished to send. A service that
// answers a message with several must not let them pile up: when Queued is not
// 0 it holds the call until Writable.
package services
