package sim

// Flight is a packet that has been sent and is still on its way.
type Flight struct {
	ID        EventID // of its Send or Copy
	From, To  NodeID
	Sent, Due Time
	Kind      uint8
	Why       Why // not Alive: it dies at Due, halfway
}

// InFlight is the number of packets on their way.
func (n *Network) InFlight() int { return n.flying }

// Flights calls visit for the packets on their way, in no meaningful order,
// until it returns false.
func (n *Network) Flights(visit func(Flight) bool) {
	for i := uint32(1); i < n.slab.used; i++ {
		e := n.slab.at(i)
		if e.what != isPacket && e.what != isLoss {
			continue
		}
		f := Flight{ID: e.cause, From: e.peer, To: e.node, Sent: e.at - Time(e.delay), Due: e.at, Kind: e.code, Why: e.why}
		if !visit(f) {
			return
		}
	}
}

// Payload returns the bytes of a packet on its way; the caller must not keep
// or change them.
func (n *Network) Payload(id EventID) ([]byte, bool) {
	for i := uint32(1); i < n.slab.used; i++ {
		if e := n.slab.at(i); (e.what == isPacket || e.what == isLoss) && e.cause == id {
			return n.payload(e), true
		}
	}
	return nil, false
}
