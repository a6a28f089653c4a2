package rpc

import (
	"slices"
	"strings"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/services"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// shopkeeper is a server: the shop, and the services that every server offers.
type shopkeeper struct {
	sim.Idle
	w       *shopping
	member  int
	router  *services.Router
	wires   []*grpcWire
	jobs    []shopJob
	free    []int              // of jobs
	byCall  map[*grpc.Call]int // to jobs; only looked up
	alarm   alarm
	closing bool // it takes no new connections
}

// shopJob is one call that the server has not ended, or not told the end of.
type shopJob struct {
	call     *grpc.Call // nil: free
	wire     *grpcWire
	place    int  // -1 for calls from outside
	slow     bool // it is the shop's: a message takes some time
	working  bool
	received int
	message  []byte // that is worked on
	stalled  bool
	due      sim.Time // when the work is done; never if there is none
}

const (
	timerReopen    = timerRedial
	timerJob       = timerTask
	reopenAfter    = 3 * sim.Second
	shopPathPrefix = "/" + services.ShopService + "/"
)

func (k *shopkeeper) Start(h *sim.Host) {
	k.router = services.NewRouter(k.w.registry, k.w.goods)
	k.byCall = map[*grpc.Call]int{}
	h.Listen(grpcPort)
}

func (k *shopkeeper) Opened(h *sim.Host, s *sim.Stream) {
	p := &grpcWire{conn: grpc.NewServer(k.w.plan.config), stream: s, track: k.w.trackOf(s.Peer(), s.PeerPort())}
	s.User = p
	k.wires = append(k.wires, p)
	p.conn.Tick(int64(h.Now()))
	p.pump(h, k)
	k.arm(h)
}

func (k *shopkeeper) Data(h *sim.Host, s *sim.Stream) {
	p := s.User.(*grpcWire)
	p.receive(h, k)
	k.settle(h, p)
	k.arm(h)
}

func (k *shopkeeper) Writable(h *sim.Host, s *sim.Stream) {
	p := s.User.(*grpcWire)
	p.pump(h, k)
	k.settle(h, p)
}

func (k *shopkeeper) Closed(h *sim.Host, s *sim.Stream) {
	p := s.User.(*grpcWire)
	p.conn.Disconnected()
	p.poll(h, k)
	k.settle(h, p)
	k.wires = slices.DeleteFunc(k.wires, func(other *grpcWire) bool { return other == p })
	if k.closing && len(k.wires) == 0 {
		h.After(reopenAfter, timerReopen)
	}
}

func (k *shopkeeper) Wake(h *sim.Host, t sim.Timer) {
	switch t {
	case timerMachine:
		k.alarm = 0
		k.router.Tick(int64(h.Now()))
		for _, p := range k.wires {
			p.conn.Tick(int64(h.Now()))
			p.pump(h, k)
			k.settle(h, p)
		}
	case timerReopen:
		if k.closing && len(k.wires) == 0 {
			k.closing = false
			h.Listen(grpcPort)
			h.Note(shopOpens, 0)
		}
	default:
		i := int(t - timerJob)
		if j := &k.jobs[i]; j.call != nil && j.due == h.Now() {
			k.worked(h, j)
		}
	}
	k.arm(h)
}

// arm sets the timer for what the connections and services wait for.
func (k *shopkeeper) arm(h *sim.Host) {
	if at, ok := k.router.Deadline(); ok {
		k.alarm.set(h, at)
	}
	for _, p := range k.wires {
		if at, ok := p.conn.Deadline(); ok {
			k.alarm.set(h, at)
		}
	}
}

// event takes what happened on a connection.
func (k *shopkeeper) event(h *sim.Host, p *grpcWire, e grpc.Event) {
	if e.Call == nil {
		return
	}
	if e.Kind == grpc.Start {
		k.starts(h, p, e.Call)
	}
	i, ok := k.byCall[e.Call]
	if !ok {
		return
	}
	j := &k.jobs[i]
	switch e.Kind {
	case grpc.Received:
		j.received++
		if j.slow && k.w.plan.work > 0 {
			// It is read when it is worked on; until then nothing more is.
			j.working, j.message = true, append(j.message[:0], e.Message...)
			j.due = h.Now() + k.w.plan.work
			e.Call.Hold()
			h.After(k.w.plan.work, timerJob+sim.Timer(i))
			return
		}
	case grpc.Writable:
		if j.stalled {
			j.stalled = false
			h.Note(shopFlows, k.note(j))
		}
		if j.working {
			return // Resume follows the work
		}
	}
	k.handle(h, j, e)
}

// handle lets the services act on an event.
func (k *shopkeeper) handle(h *sim.Host, j *shopJob, e grpc.Event) {
	if j.slow && e.Kind == grpc.Received && j.received == 1 && k.w.plan.metadata {
		j.call.SendHeader(grpc.Metadata{{Key: "served-by", Value: k.w.net.Name(h.Self())}})
	}
	k.router.Handle(int64(h.Now()), e)
	if j.call.Queued() > 0 && !j.stalled {
		j.stalled = true
		k.w.tally.stalls++
		h.Note(shopStalls, k.note(j))
	}
}

// starts takes on a call.
func (k *shopkeeper) starts(h *sim.Host, p *grpcWire, call *grpc.Call) {
	if len(k.free) == 0 {
		k.free = append(k.free, len(k.jobs))
		k.jobs = append(k.jobs, shopJob{})
	}
	i := k.free[len(k.free)-1]
	k.free = k.free[:len(k.free)-1]
	j := &k.jobs[i]
	*j = shopJob{call: call, wire: p, place: p.track.place(call.Stream()), slow: strings.HasPrefix(call.Method, shopPathPrefix), message: j.message[:0], due: never}
	k.byCall[call] = i
	if j.place >= 0 {
		k.w.history[j.place].seen = true
	}
	h.Note(shopStarts, k.note(j))
}

// worked ends the work on a message.
func (k *shopkeeper) worked(h *sim.Host, j *shopJob) {
	p := j.wire
	j.working, j.due = false, never
	if j.call.State() != grpc.Over {
		k.w.tally.unread = max(k.w.tally.unread, j.call.Unread())
		k.handle(h, j, grpc.Event{Kind: grpc.Received, Call: j.call, Message: j.message})
		if j.call.Queued() == 0 {
			j.call.Resume() // else the service waits for Writable
		}
	}
	p.pump(h, k)
	k.settle(h, p)
}

// settle forgets the calls of a connection that are over and sent.
func (k *shopkeeper) settle(h *sim.Host, p *grpcWire) {
	for i := range k.jobs {
		j := &k.jobs[i]
		if j.call == nil || j.wire != p || j.call.State() != grpc.Over || j.call.Queued() > 0 {
			continue
		}
		code := j.call.Status().Code
		k.w.rule(j.place, code)
		note := shopServed
		if j.working || code == grpc.Canceled || code == grpc.DeadlineExceeded || code == grpc.Unavailable {
			note = shopStops
		}
		delete(k.byCall, j.call)
		k.free = append(k.free, i)
		j.call, j.wire, j.working = nil, nil, false
		h.Note(note, k.note(j)|int64(code)<<48)
	}
}

// note is the value of a note about a call, as shopper.note has it.
func (k *shopkeeper) note(j *shopJob) int64 { return shopNote(j.place, len(k.byCall)) }

// Accepts and Order take "shutdown": the calls there are go on, new ones are
// not taken, and when all are over the server begins anew.
func (k *shopkeeper) Accepts(args []string) error {
	if len(args) != 1 || args[0] != "shutdown" {
		return lab.Say("a server takes the order \"shutdown\"", "服务器只接受命令“shutdown”")
	}
	return nil
}

func (k *shopkeeper) Order(h *sim.Host, args []string) {
	if k.closing {
		return
	}
	k.closing = true
	h.Unlisten(grpcPort)
	h.Note(shopShuts, int64(len(k.byCall)))
	for _, p := range k.wires {
		p.conn.Shutdown()
		p.pump(h, k)
	}
	if len(k.wires) == 0 {
		h.After(reopenAfter, timerReopen)
	}
}
