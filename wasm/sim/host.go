package sim

import "fmt"

// Host is one node's stack for the length of one life: it turns packets into
// streams and datagrams. Its methods may be called only while the node runs.
type Host struct {
	ctx    *Ctx
	app    App
	limits *Limits
	marks  *Marks
}

func newHost(ctx *Ctx, app App, limits *Limits, marks *Marks) *Host {
	return &Host{ctx: ctx, app: app, limits: limits, marks: marks}
}

// Ctx is the node's context, valid during the call in which it is asked for.
func (h *Host) Ctx() *Ctx { return h.ctx }

// Now is the present.
func (h *Host) Now() Time { return h.ctx.Now() }

// Self is the node.
func (h *Host) Self() NodeID { return h.ctx.Self() }

// Member is the node's number within its role, from 0.
func (h *Host) Member() int { return h.ctx.Member() }

// Rand returns the next word of the node's own luck.
func (h *Host) Rand() uint64 { return h.ctx.Rand() }

// Note records something the node says about itself.
func (h *Host) Note(code uint16, value int64) { h.ctx.Note(code, value) }

// ownTimer is the bit that tells the stack's timers from the app's.
const ownTimer Timer = 1 << 31

// After wakes the app d from now with t, unless the node crashes before. It
// panics for a t of 2^31 or more: those are the stack's own.
func (h *Host) After(d Time, t Timer) {
	if t >= ownTimer {
		panic(fmt.Sprintf("sim: a timer %d; an app has those below %d", t, ownTimer))
	}
	h.ctx.After(d, t)
}

// Listen takes in streams on a port from now on. Streams to a port that does
// not listen are refused.
func (h *Host) Listen(port uint16) {}

// Unlisten takes in no more streams on a port; those that are open stay.
func (h *Host) Unlisten(port uint16) {}

// Dial begins a stream to a port of a node. Bytes can be written at once; they
// go out when it is established. If the host has Limits.Streams already, or no
// port of its own left for this peer and port, the stream is Closed with
// ErrLimit a moment later.
func (h *Host) Dial(to NodeID, port uint16) *Stream { return &Stream{host: h} }

// SendTo sends a datagram of at most MaxDatagramBytes; it panics above. kind
// is for the eye only.
func (h *Host) SendTo(to NodeID, fromPort, toPort uint16, kind uint8, payload []byte) {}

// Streams calls visit for every stream of the host, in no meaningful but
// always the same order, until it returns false: for inspectors.
func (h *Host) Streams(visit func(*Stream) bool) {}

func (h *Host) deliver(p Packet) {}
func (h *Host) wake(t Timer)     { h.app.Wake(h, t) }
func (h *Host) drain()           {}
