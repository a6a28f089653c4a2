package sim

import "fmt"

// App is one node that talks by streams and datagrams: an ordinary struct,
// made anew at each start of the node. Its methods are called one at a time,
// run to completion, and act through h and the streams. What they write goes
// out when they return, so that several small writes share a segment.
type App interface {
	// Start begins the node's life. h is the node's own stack, valid as long
	// as that life; the next one gets another.
	Start(h *Host)
	// Opened says that a stream is established: one that was dialled, or one
	// that came in (s.Incoming) on a port that listens (s.LocalPort).
	Opened(h *Host, s *Stream)
	// Data says that something new can be read: bytes, or the end (s.EOF).
	// What is left unread stays, and holds the sender back when the window is
	// full; there is no further call before more comes.
	Data(h *Host, s *Stream)
	// Writable says that there is room again after Write took less than it was
	// offered.
	Writable(h *Host, s *Stream)
	// Closed says that a stream is over: s.Err is nil if both sides have
	// closed and everything written has been acknowledged, else ErrRefused,
	// ErrReset, ErrTimeout or ErrLimit. It is the last call about s, and not
	// made after the app's own s.Abort. A stream that came in and was over
	// before it was established is never heard of.
	Closed(h *Host, s *Stream)
	// Datagram hands over a datagram; payload is valid until it returns. No
	// port needs to listen for it.
	Datagram(h *Host, from NodeID, fromPort, port uint16, payload []byte)
	// Wake is called when a timer set with h.After is due.
	Wake(h *Host, t Timer)
}

// Idle does nothing, whatever happens. An App that embeds it has methods only
// for what concerns it.
type Idle struct{}

// The methods of an App.
func (Idle) Start(*Host)                                    {}
func (Idle) Opened(*Host, *Stream)                          {}
func (Idle) Data(*Host, *Stream)                            {}
func (Idle) Writable(*Host, *Stream)                        {}
func (Idle) Closed(*Host, *Stream)                          {}
func (Idle) Datagram(*Host, NodeID, uint16, uint16, []byte) {}
func (Idle) Wake(*Host, Timer)                              {}

// OrderlyApp is an App that takes the script's "send NODE ARG ...".
type OrderlyApp interface {
	// Accepts says what is wrong with the arguments. It is asked before the
	// run begins, of the zero value of the app's type.
	Accepts(args []string) error
	// Order carries out an order that was accepted.
	Order(h *Host, args []string)
}

// Limits bound what a host keeps, and pace it. Start from DefaultLimits.
type Limits struct {
	SegmentBytes int  // data in one segment, 1 to 65,487
	SendBytes    int  // written and not yet acknowledged, a stream, 1 to 16 MiB
	ReceiveBytes int  // arrived and not yet read, a stream, 1 to 16 MiB: the largest window
	Streams      int  // of one host, those that wait out their end included
	Backlog      int  // streams of one host that came in and are not yet established; a SYN more is dropped
	Tries        int  // how often bytes or a window probe are repeated before the stream fails
	SynTries     int  // how often a SYN is
	InitialRTO   Time // the retransmission timeout before a round trip was measured
	MinRTO       Time // the least it may be
	MaxRTO       Time // the most that it grows to as it doubles
	AckDelay     Time // how long an acknowledgement waits for company
	Linger       Time // how long a stream that closed first answers repetitions: 2 MSL
}

// DefaultLimits are those of a usual system, except that it gives up sooner:
// after 31 s for a SYN (RFC 1122 wants 3 minutes) and about 25 s for data
// (RFC 1122 wants 100 s), because a lab tells its story within a minute.
func DefaultLimits() Limits {
	return Limits{
		SegmentBytes: 1400, SendBytes: 64 << 10, ReceiveBytes: 64 << 10,
		Streams: 20_000, Backlog: 1024, Tries: 6, SynTries: 4,
		InitialRTO: Second, MinRTO: 200 * Millisecond, MaxRTO: 60 * Second, // RFC 6298, with the floor that most systems have
		AckDelay: 40 * Millisecond, Linger: 10 * Second,
	}
}

const maxStreamBytes = 16 << 20

func (l *Limits) within() bool {
	span := func(least, t Time) bool { return t >= least && t <= 3600*Second }
	return l.SegmentBytes >= 1 && l.SegmentBytes <= MaxPacketBytes-SegmentHeaderBytes &&
		l.SendBytes >= 1 && l.SendBytes <= maxStreamBytes && l.ReceiveBytes >= 1 && l.ReceiveBytes <= maxStreamBytes &&
		l.Streams >= 1 && l.Streams <= 1<<20 && l.Backlog >= 1 && l.Tries >= 0 && l.Tries <= 100 && l.SynTries >= 0 && l.SynTries <= 100 &&
		span(1, l.InitialRTO) && span(1, l.MinRTO) && span(l.MinRTO, l.MaxRTO) && span(0, l.AckDelay) && span(0, l.Linger)
}

// Marks are the kinds, for the eye, of the segments that carry no bytes of an
// app. Those that do have the kind given to Stream.Write for the first of them.
type Marks struct {
	Syn, Ack, Fin, Rst uint8
	// Again, if not 0, marks bytes that are sent once more.
	Again uint8
}

// Hosts is a role whose nodes are Apps, each on a Host of its own: the stack
// that makes streams and datagrams of packets. It is no Keeper: a run with
// such a role is sought through by playing it again from 0.
type Hosts[A App] struct {
	// Limits and Marks are set before the run begins.
	Limits Limits
	Marks  Marks

	make   func(member int) A
	apps   []A
	hosts  []*Host
	shared shared
}

// NewHosts makes a role of count nodes; maker makes a member's App at the
// beginning of each of its lives.
func NewHosts[A App](count int, maker func(member int) A) *Hosts[A] {
	return &Hosts[A]{Limits: DefaultLimits(), make: maker, apps: make([]A, count), hosts: make([]*Host, count)}
}

// Member returns a member's App as it is now: A's zero value before the run
// has begun, the last one after a crash.
func (r *Hosts[A]) Member(i int) A { return r.apps[i] }

// Host returns a member's stack: nil before the run has begun.
func (r *Hosts[A]) Host(i int) *Host { return r.hosts[i] }

// Act lets something outside of the network (see Network.Do) act at a node:
// what f does through h is sent when it returns.
func (r *Hosts[A]) Act(ctx *Ctx, f func(h *Host, app A)) {
	h := r.enter(ctx)
	f(h, r.apps[ctx.Member()])
	h.drain()
}

func (r *Hosts[A]) enter(ctx *Ctx) *Host {
	h := r.hosts[ctx.Member()]
	h.ctx = ctx
	return h
}

// Start makes the member and its stack anew and starts it.
func (r *Hosts[A]) Start(ctx *Ctx) {
	if !r.Limits.within() {
		panic(fmt.Sprintf("sim: a limit of the hosts is out of its range: %+v", r.Limits))
	}
	r.shared.limits, r.shared.marks = &r.Limits, &r.Marks
	i := ctx.Member()
	r.apps[i] = r.make(i)
	r.hosts[i] = newHost(ctx, r.apps[i], &r.shared)
	r.apps[i].Start(r.hosts[i])
	r.hosts[i].drain()
}

// Deliver hands the packet to the member's stack.
func (r *Hosts[A]) Deliver(ctx *Ctx, p Packet) {
	h := r.enter(ctx)
	h.deliver(p)
	h.drain()
}

// Wake hands the timer to the member or to its stack.
func (r *Hosts[A]) Wake(ctx *Ctx, t Timer) {
	h := r.enter(ctx)
	h.wake(t)
	h.drain()
}

// Accepts asks the App's type, if it is an OrderlyApp.
func (r *Hosts[A]) Accepts(args []string) error {
	var none A
	if o, ok := any(none).(OrderlyApp); ok {
		return o.Accepts(args)
	}
	return fmt.Errorf("these nodes take no orders")
}

// Order hands an order that was accepted to the member.
func (r *Hosts[A]) Order(ctx *Ctx, args []string) {
	h := r.enter(ctx)
	if o, ok := any(r.apps[ctx.Member()]).(OrderlyApp); ok {
		o.Order(h, args)
	}
	h.drain()
}
