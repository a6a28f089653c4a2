package quorum

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Kind is the kind of an Event.
type Kind uint8

// The kinds of events.
const (
	Reply   Kind = iota + 1 // Response answers Token
	Request                 // send Request to node To; Received(ID) takes the answer
	Elected                 // Node leads Epoch, as far as this node knows; -1: nobody
)

// An Event is what a Node wants done or known.
type Event struct {
	Kind        Kind
	Token       uint64
	Response    kmsg.Response
	ID          uint64
	To          int32
	Request     kmsg.Request
	Node, Epoch int32
}

// heldEvent waits for the disk.
type heldEvent struct {
	at    int64
	event Event
}

// emit lets an event out when the disk is done with what it rests on: the
// state file in any case, and what is done at at.
func (n *Node) emit(e Event, at int64) {
	if at = max(at, n.diskAt); at <= n.now {
		n.ready = append(n.ready, e)
		return
	}
	i := len(n.held)
	for i > 0 && n.held[i-1].at > at {
		i--
	}
	n.held = slices.Insert(n.held, i, heldEvent{at, e})
}

// release lets out what the disk is done with by now.
func (n *Node) release() {
	i := 0
	for i < len(n.held) && n.held[i].at <= n.now {
		n.ready = append(n.ready, n.held[i].event)
		i++
	}
	n.held = slices.Delete(n.held, 0, i)
}

// Poll returns the next event, until there is none.
func (n *Node) Poll() (Event, bool) {
	if n.polled == len(n.ready) {
		clear(n.ready)
		n.ready, n.polled = n.ready[:0], 0
		return Event{}, false
	}
	e := n.ready[n.polled]
	n.polled++
	return e, true
}
