package queue

import (
	"grapevine/protocols/kafka/client"
	"grapevine/wasm/sim"
)

// clientWires are the wires of a client's machine.
func clientWires(c *client.Client, kinds func(peer sim.NodeID, api int16, answer bool) uint8, settle func(*sim.Host)) wires {
	return wires{machine: c, opened: c.Opened, settle: settle, kinds: kinds}
}

// drain does what a client asks for.
func (w *cluster) drain(h *sim.Host, to *wires, c *client.Client) {
	for e, ok := c.Poll(); ok; e, ok = c.Poll() {
		switch e.Kind {
		case client.Dial:
			if node, ok := w.find(e.Host); ok {
				to.dial(h, e.Conn, node, uint16(e.Port))
			} else {
				c.Closed(int64(h.Now()), e.Conn)
			}
		case client.Send:
			to.send(e.Conn)
		case client.Hangup:
			to.hangup(e.Conn)
		}
	}
}

func (w *cluster) clientConfig(id string, h *sim.Host) client.Config {
	return client.Config{ClientID: id, Bootstrap: w.bootstrap(), Rand: h.Rand, Wall: wall, RequestTimeoutMicros: int64(w.plan.patience), RetryBackoffMicros: int64(w.plan.retry)}
}
