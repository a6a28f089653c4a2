// Package http2 holds one end of an HTTP/2 connection (RFC 9113) as a machine:
// bytes and time go in, bytes and events come out. It knows no sockets and no
// requests' meaning; gRPC, our own RPC and Dubbo's Triple stand on it.
//
// Duties of the caller:
//
//  1. Make a Conn for each transport connection, with NewClient or NewServer.
//     Its first bytes wait in Output at once.
//  2. Give Receive all bytes that arrive, in order, in any pieces.
//  3. After each call that changes the machine (Receive, Tick, Sent and the
//     sending methods) take events out of Poll until there is none. What a
//     peer sent is worked on by Poll, event by event, so that an answer given
//     between two of them meets the state that the event speaks of.
//  4. Then pass Output on and say with Sent how much of it the transport took.
//     The rest stays, and holds SendData back.
//  5. Give credit back: Consume each byte of a Data event once it is done
//     with. What is not consumed, the peer cannot send again: that is how a
//     slow reader slows the writer.
//  6. Call Tick when the Deadline is due. Time never goes back. It is in
//     microseconds.
//  7. After the Closed event send what Output still holds and close the
//     transport. Call Disconnected when the transport ended by itself.
//
// The loop, for a server that answers each request with its path:
//
//	c.Receive(now, bytes)
//	for {
//		e, ok := c.Poll()
//		if !ok {
//			break
//		}
//		switch e.Kind {
//		case http2.Headers:
//			path[e.Stream] = http2.Value(e.Fields, ":path")
//		case http2.Data:
//			c.Consume(e.Stream, len(e.Bytes))
//		}
//		if e.End {
//			c.SendHeaders(e.Stream, []http2.HeaderField{{Name: ":status", Value: "200"}}, false)
//			c.SendData(e.Stream, []byte(path[e.Stream]), true)
//		}
//	}
//	c.Sent(stream.Write(c.Output())) // then Poll again: what waited for room may go on
//
// One message's journey: the client's Open checks the fields, moves the
// stream's state (states.go) and puts a HEADERS frame into Output; SendData
// cuts its bytes to frames, takes them from the stream's window and the
// connection's, and takes no more than fits. The server's Poll finds the
// frames, checks each against the stream's state and the limits, and hands
// them out as Headers and Data. Consume there adds up credit, and sends it
// as WINDOW_UPDATE when half a window has come together; for a client that
// was held back this becomes Writable.
//
// Errors are of two kinds. What this end's own caller did wrong is returned to
// it, and nothing has changed. What the peer did wrong is an *Error: with a
// stream's number it was answered with RST_STREAM and comes as Reset; without
// one it was answered with GOAWAY and comes as Closed.
//
// Everything a peer can make grow has a limit in Config.
//
// Left out: server push (refused, RFC 9113 section 6.6), priorities (read,
// checked, ignored), the upgrade from HTTP/1.1, extended CONNECT, and more than
// 16,384 bytes in a frame we send, which no peer can refuse.
package http2
