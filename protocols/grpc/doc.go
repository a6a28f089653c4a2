// Package grpc holds one end of a gRPC connection as a machine on protocols/http2:
// bytes and time go in, bytes and events come out. It follows gRPC's document
// "gRPC over HTTP2" and the ones it refers to.
//
// Duties of the caller:
//
//  1. Make a Conn for each transport connection, with NewClient or NewServer.
//     Its first bytes wait in Output at once.
//  2. Give Receive all bytes that arrive, in order, in any pieces.
//  3. After each call that changes the machine (Receive, Tick, Sent, and what
//     is done to a Call) take events out of Poll until there is none. To act
//     on an event before the next one is polled is what events are for.
//  4. Then pass Output on, and say with Sent how much of it the transport took.
//  5. Call Tick when the Deadline is due. Time never goes back. It is in
//     microseconds.
//  6. After the Closed event send what Output still holds and close the
//     transport. Call Disconnected when the transport ended by itself.
//
// The loop, for a server with one method, that gives back what it gets:
//
//	c.Receive(now, bytes)
//	for {
//		e, ok := c.Poll()
//		if !ok {
//			break
//		}
//		switch e.Kind {
//		case grpc.Received:
//			e.Call.Send(grpc.Raw(e.Message))
//		case grpc.HalfClosed:
//			e.Call.Finish(grpc.Status{}, nil)
//		}
//	}
//	c.Sent(stream.Write(c.Output()))
//
// and the call for it, at a client:
//
//	call, err := c.Call(now, pb.ShopPrice, grpc.Options{TimeoutMicros: 1_000_000})
//	call.SendLast(&pb.Item{Name: "tea", Count: 2})
//	// Poll: Header, Received, Finished
//
// One message's journey: Send writes five bytes, a flag and the length, and
// behind them the message, and gives all of it to http2; what the peer has not
// given credit for waits in the call's queue. At the other end http2 hands the
// bytes out in DATA frames, cut anywhere; Poll finds the messages in them and
// hands each out, from http2's own memory if it came in one piece. A service
// (protocols/grpc/services) reads it with Merge and answers.
//
// Errors are of two kinds. What our caller did wrong is a *Misuse, returned to
// it, and nothing was sent. What the peer did wrong ends the call with a
// status, which comes as Finished or Cancelled, or the connection.
//
// A slow reader uses Hold and Resume: what is held gives the peer no credit,
// so its messages pile up in its own queue, until Send says ErrFull.
//
// Left out: choosing among several connections, retries and hedging, the
// binary log, call credentials and TLS; messages that are not Protocol Buffers
// (content-types like application/grpc+json). The machine does not know which
// calls are unary: that exactly one message came is for the caller to see.
package grpc
