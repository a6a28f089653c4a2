// Package pipeline is a chain of handlers between a connection and the program
// that serves it, as in Netty (and, before it, in the reactor of Schmidt 1995):
// bytes come in at the head, each inbound handler makes something more of them
// and passes it on, and the last one, the business handler, sees calls. What it
// answers goes the other way, through the outbound handlers, and leaves the
// head as bytes.
//
//	head -> frame decoder -> call decoder -> business handler
//	head <- frame encoder <- call encoder <-'
//
// It never waits: a decoder that has half a frame keeps it (Held) and is done,
// so that one thread can serve thousands of connections, each with a pipeline
// of its own. Nothing here knows of threads: each Poll lets one handler take one
// message, so that the caller can stop in between, count, or show it.
//
// # Duties of the caller
//
//  1. After Receive or Write, call Poll until there is nothing, then send what
//     Output returns.
//  2. Receive takes nothing while there is work, or while more than
//     Limits.OutputBytes wait to be sent: offer the rest later. So a peer that
//     asks and never reads the answers holds up itself.
//  3. When the peer has closed its side and everything was taken, call End.
//  4. When Err is not nil, send what Output still has and close the connection.
//
// # The loop
//
//	for len(bytes) > 0 && p.Err() == nil {
//		bytes = bytes[p.Receive(bytes):]
//		for step, ok := p.Poll(); ok; step, ok = p.Poll() {
//			// step.Handler has taken a message, and passed on step.Made
//		}
//		write(p.Output())
//	}
//
// # One request's journey
//
// Six bytes arrive. The frame decoder needs four to know that the frame has
// eleven more: it keeps the six and passes nothing on. The other nine arrive:
// now the frame is whole, and the call decoder takes it and passes an
// rpc.Frame on: a request. The business handler looks at it and, now or later,
// calls Context.Write with a frame that is a reply. The call encoder makes bytes of it, the frame
// encoder puts their number before them, and the head appends it all to Output.
//
// Left out, compared with Netty: handlers that come and go, user events,
// promises for writes, reference counts (a message is valid until the next
// Poll), and event loops: those are the caller's.
package pipeline
