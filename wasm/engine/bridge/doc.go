// Package bridge plays a lab in real time with its server nodes listening on
// TCP: `./build.sh bridge`. Any program that speaks the protocol can talk to
// the virtual cluster.
//
// # One connection's life
//
// The lab's World names ports of its nodes (World.Listeners). For each the
// bridge listens on an address of the machine, and adds a node to the network,
// outside/0, outside/1, ...: whoever connects to the first address is a stream
// from outside/0 to the first node and port. It is a stream like any other:
// segments, windows, the journal. The link between the two has no delay and
// loses nothing: to the lab the outside is next door.
//
// # Who does what
//
// Each connection has two goroutines, one that reads the socket and one that
// writes to it (conn.go). Whoever has read something takes the lock of the
// network, gives it to the stream, and lets the network run until nothing is
// due any more (live.go): what comes of it is ready before the lock is free
// again, and no goroutine had to be woken for it. So does the alarm, when the
// next virtual event is due. An idle bridge sleeps until then, or until a byte
// comes. The answer is written at once as far as the socket takes it; the
// writer has the rest.
//
// Everything that waits is bounded. A slow program leaves its bytes in
// conn.out, the stream is no longer read, its window closes, and the node
// waits. A slow node leaves them in the stream and in the reader's chunk, and
// the program's socket fills.
//
// # Faults
//
// The script acts on a bridged run as on any other. A crash of the node, or a
// cut of the way to it, ends the connections there at once (by RST), and new
// ones as soon as they come; in a cut the node learns of it as it would in
// life, by waiting in vain. What else befalls a stream ends the connection in
// the same way: FIN as FIN, all else as RST.
//
// What comes from outside is in no script: a bridged run cannot be repeated.
package bridge
