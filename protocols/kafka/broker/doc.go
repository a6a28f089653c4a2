// Package broker is a Kafka broker: a node of a cluster that keeps partitions'
// logs on its disk, copies those that others lead, coordinates groups and
// transactions, and takes part in the quorum of controllers. Bytes of
// connections and time go in; bytes, requests for connections, and what
// happened come out. Stock clients can talk to it.
//
// Duties of the caller:
//
//  1. After each call that takes the time, take everything out of Poll.
//  2. Call Tick when the Deadline is due. Ask for the Deadline after each drain.
//     Time never goes back. It is in microseconds.
//  3. A connection that a client or another broker opened is told by Accept,
//     with the index of the listener it came to; its bytes by Receive, in any
//     split; its end, whoever closed it, by Closed.
//  4. At Dial, open a connection to listener 0 of the node. Its name is the
//     broker's; there is no need to tell that it stands. If it cannot be
//     opened, or breaks: Closed. The broker dials again, later.
//  5. At Send, a connection has bytes to go: take them by Output when there is
//     room for them, after a Hangup too. Of a client that does not take its
//     answers no further request is begun, beyond MaxOutputBytes. Window says
//     how much Receive takes.
//  6. At Hangup, close the connection; it needs no Closed.
//  7. A crash is forgetting the Broker; a restart is New on the same disk.
//     Shutdown begins an orderly end: leaders are moved away first; at Down it is over.
//
// The loop:
//
//	b, err := broker.New(now, config, disk)
//	for ; ; drain() {
//		// wait for b.Deadline(), or for something to happen at a connection
//		b.Tick(now)
//		b.Receive(now, conn, bytes)
//	}
//	drain: for e, ok := b.Poll(); ok; e, ok = b.Poll() {
//		switch e.Kind {
//		case broker.Dial:   dial(e.Conn, e.Node)
//		case broker.Send:   write(e.Conn, b.Output(e.Conn))
//		case broker.Hangup: hangUp(e.Conn)
//		default:            // what happened, for checks and the stage
//		}
//	}
//
// One record's journey: a Produce request is read from its connection's bytes.
// Each of its batches is checked and appended to the log of its partition,
// which this broker leads. With acks=all the answer waits. Followers, whose
// Fetch requests wait here for something new, are answered with the batch,
// append it, and ask for what comes next: that tells the leader that they have
// it. When all in-sync replicas have it, the high watermark moves over it, the
// producer is answered, and consumers, whose Fetch requests wait as well, get it.
package broker
