package rpc

import (
	"errors"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/pipeline"
	"grapevine/wasm/sim"
)

// ioClient is one of the machines that the clients share. Of each connection
// it has one to every server, and lets them do the same there: think, ask, wait
// for the answer, and so on; after some requests close, think, and dial again.
type ioClient struct {
	sim.Idle
	plan    *ioPlan
	servers []sim.NodeID
	tallies []*ioTally
	calls   []ioCaller // a connection's number here * servers + the server's
	over    int        // callers that have stopped
}

// ioCaller is one connection as its client sees it.
type ioCaller struct {
	state  ioCallerState
	idle   bool // never asks
	slow   bool // waits in the middle of each request
	late   bool // the answer is overdue, and was counted
	server uint8
	turn   uint16 // which timer counts: older ones are ignored
	asked  uint32 // on this connection
	number uint64 // of the call
	sent   sim.Time
	luck   *sim.Luck
	stream *sim.Stream
	pipe   *pipeline.Pipeline
	frame  []byte // the half of a request that is still to be sent
}

type ioCallerState uint8

const (
	ioAbsent   ioCallerState = iota // not connected: not yet, or not any more
	ioDialling                      // the handshake is under way
	ioThinking                      // connected, and nothing to do
	ioHalfway                       // half a request is sent
	ioAwaiting                      // for an answer: the caller is suspended
	ioLeaving                       // the client has closed its side
	ioStopped                       // for good
)

// Timers of a client: timerSweep, or a caller's number and its turn.
const timerSweep sim.Timer = 1<<31 - 1

func ioTimer(i int, turn uint16) sim.Timer { return sim.Timer(i)<<16 | sim.Timer(turn) }

// newIOClient makes a machine and its share of the connections.
func newIOClient(plan *ioPlan, servers []sim.NodeID, tallies []*ioTally, member int) *ioClient {
	c := &ioClient{plan: plan, servers: servers, tallies: tallies}
	for k := member; k < plan.connections; k += plan.machines() {
		for i := range servers {
			// The same luck at every server: each gets the same work.
			luck := sim.NewLuck(plan.seed, luckIO+uint64(k))
			idle, slow := luck.Intn(int(sim.Certain)) < int(plan.idle), luck.Intn(int(sim.Certain)) < int(plan.slow)
			c.calls = append(c.calls, ioCaller{server: uint8(i), luck: luck, idle: idle, slow: slow})
		}
	}
	return c
}

// number is a connection's number in the whole run, from 0.
func (c *ioClient) number(h *sim.Host, i int) int {
	return i/len(c.servers)*c.plan.machines() + h.Member()
}

// Start makes the connections' appointments.
func (c *ioClient) Start(h *sim.Host) {
	for i := range c.calls {
		c.after(h, i, max(c.plan.begins(c.number(h, i))-h.Now(), 0))
	}
	h.After(ioSweepEvery, timerSweep)
}

// after makes the caller's next appointment; the one before is void.
func (c *ioClient) after(h *sim.Host, i int, d sim.Time) {
	c.calls[i].turn++
	h.After(d, ioTimer(i, c.calls[i].turn))
}

// think makes the next appointment after a while, half to one and a half times
// what the plan says.
func (c *ioClient) think(h *sim.Host, i int) {
	c.after(h, i, c.plan.think/2+sim.Time(c.calls[i].luck.Intn(int(c.plan.think)+1)))
}

// Wake keeps an appointment.
func (c *ioClient) Wake(h *sim.Host, t sim.Timer) {
	if t == timerSweep {
		c.sweep(h)
		return
	}
	i := int(t >> 16)
	a := &c.calls[i]
	if a.turn != uint16(t) {
		return
	}
	switch a.state {
	case ioAbsent:
		a.state, a.asked = ioDialling, 0
		a.stream = h.Dial(c.servers[a.server], ioPort)
		a.stream.Label = i
		a.pipe = pipeline.New(pipeline.Limits{}, &pipeline.FrameDecoder{}, &pipeline.CallDecoder{}, ioReplies{c, h, i})
	case ioThinking:
		if !a.idle {
			c.ask(h, i)
		}
	case ioHalfway:
		c.send(h, i)
	}
}

// Opened lets a caller think before it asks.
func (c *ioClient) Opened(h *sim.Host, s *sim.Stream) {
	a := &c.calls[s.Label]
	if a.stream == s {
		a.state = ioThinking
		c.think(h, s.Label)
	}
}

// ask sends a request, or its first half.
func (c *ioClient) ask(h *sim.Host, i int) {
	a := &c.calls[i]
	a.number++
	a.asked++
	request := rpc.Frame{Kind: rpc.Request, ID: rpc.ID{Name: "Desk.answer"}, Body: c.plan.question,
		Call: rpc.CallKey{Client: uint64(c.number(h, i)) + 1, Number: a.number}}
	a.frame = pipeline.AppendFrame(a.frame[:0], rpc.AppendFrame(nil, request))
	if a.slow {
		half := len(a.frame) / 2
		a.stream.Write(kindIORequest, a.frame[:half])
		a.frame = a.frame[:copy(a.frame, a.frame[half:])]
		a.state = ioHalfway
		c.after(h, i, ioHalfWait)
		return
	}
	c.send(h, i)
}

// send sends what is left of a request, for which there is always room. From
// here on the caller waits.
func (c *ioClient) send(h *sim.Host, i int) {
	a := &c.calls[i]
	a.stream.Write(kindIORequest, a.frame)
	a.state, a.sent, a.late = ioAwaiting, h.Now(), false
	c.tallies[a.server].asked++
}

// Data reads an answer, or the end.
func (c *ioClient) Data(h *sim.Host, s *sim.Stream) {
	a := &c.calls[s.Label]
	if a.stream != s {
		s.Read(s.Unread())
		return
	}
	for s.Unread() > 0 && a.pipe.Err() == nil {
		a.pipe.Receive(s.Read(s.Unread()))
		for _, ok := a.pipe.Poll(); ok; _, ok = a.pipe.Poll() {
		}
	}
	if s.EOF() || a.pipe.Err() != nil { // the server hung up, which it does when it stops
		s.Abort()
		c.lost(h, s.Label)
	}
}

// ioReplies is the end of a client's pipeline.
type ioReplies struct {
	c *ioClient
	h *sim.Host
	i int
}

// Name is "caller".
func (r ioReplies) Name() string { return "caller" }

// Read takes an answer: the suspended caller goes on.
func (r ioReplies) Read(_ pipeline.Context, m pipeline.Message) {
	c, h, i := r.c, r.h, r.i
	a := &c.calls[i]
	f := m.Value.(*rpc.Frame)
	if a.state != ioAwaiting || f.Kind != rpc.Reply || f.Call.Number != a.number {
		return
	}
	c.tallies[a.server].answer(h.Now(), h.Now()-a.sent, c.plan.limit, a.late)
	a.state = ioThinking
	if h.Now() >= c.plan.stop || c.plan.requests > 0 && int(a.asked) >= c.plan.requests {
		c.leave(i)
		return
	}
	c.think(h, i)
}

// leave closes a caller's side. The server does the same, and it is over.
func (c *ioClient) leave(i int) {
	c.calls[i].state = ioLeaving
	c.calls[i].stream.CloseWrite()
}

// Closed is a connection's end: as it should be, or because the server turned
// it away, or is gone.
func (c *ioClient) Closed(h *sim.Host, s *sim.Stream) {
	if c.calls[s.Label].stream == s {
		c.lost(h, s.Label)
	}
}

// lost lets a caller whose connection is over come again later.
func (c *ioClient) lost(h *sim.Host, i int) {
	a := &c.calls[i]
	tally := c.tallies[a.server]
	if a.state == ioAwaiting && !a.late {
		tally.late++ // it will never be answered
	}
	a.stream, a.pipe = nil, nil
	a.state = ioAbsent
	if h.Now() >= c.plan.stop {
		c.stop(i)
		return
	}
	c.think(h, i)
}

func (c *ioClient) stop(i int) {
	c.calls[i].state = ioStopped
	c.calls[i].turn++
	c.over++
}

// sweep counts the answers that are overdue, and ends what is left of the run
// when it is.
func (c *ioClient) sweep(h *sim.Host) {
	now := h.Now()
	for i := range c.calls {
		a := &c.calls[i]
		if a.state == ioAwaiting && !a.late && now-a.sent > c.plan.limit {
			a.late = true
			c.tallies[a.server].late++
		}
		switch {
		case now < c.plan.stop:
		case a.state == ioThinking:
			c.leave(i)
		case a.state == ioAbsent:
			c.stop(i)
		case now >= c.plan.stop+c.plan.limit+2*ioHalfWait && a.stream != nil:
			a.stream.Abort()
			c.lost(h, i)
		}
	}
	if c.over < len(c.calls) {
		h.After(ioSweepEvery, timerSweep)
	}
}

// Accepts takes "burst".
func (c *ioClient) Accepts(args []string) error {
	if len(args) != 1 || args[0] != "burst" {
		return errors.New("expected \"burst\": all who think, ask")
	}
	return nil
}

// Order lets everybody ask who is connected and does not wait for an answer.
func (c *ioClient) Order(h *sim.Host, _ []string) {
	for i := range c.calls {
		if a := &c.calls[i]; a.state == ioThinking {
			a.turn++
			c.ask(h, i)
		}
	}
}
