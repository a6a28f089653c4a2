package rpc

import (
	"slices"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/registry"
	"grapevine/protocols/rpc/services"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// provider is a server: an instance of the service. It runs every call in a
// thread of its own.
type provider struct {
	sim.Idle
	w       *discovery
	member  int
	listing *registry.Member
	calls   *rpc.Server
	pipes   map[sim.NodeID]*pipe // by client; only looked up
	running []rpc.Event          // by thread; Step is not Execute for one that is free
	ran     int
	alarm   alarm
}

// The Call ID tables of everybody in the lab.
var (
	calculatorByFunction = mustTable(rpc.ByFunction, services.CalculatorEntries())
	calculatorByID       = mustTable(rpc.ByID, services.CalculatorEntries())
)

func (s *provider) Start(h *sim.Host) {
	p := &s.w.plan
	s.w.died[s.member] = -1
	s.w.lives[s.member]++
	s.calls = rpc.NewServer(rpc.ServerConfig{Boot: s.w.lives[s.member], Table: calculatorByID, Semantics: rpc.Maybe})
	s.pipes = map[sim.NodeID]*pipe{}
	instance := registry.Instance{ID: address(s.member), Life: s.w.lives[s.member], Address: address(s.member), Weight: 1}
	if s.member == 0 {
		instance.Weight = p.weight
	}
	s.listing = registry.NewMember(registry.MemberConfig{Service: serviceName, Instance: instance,
		LeaseMicros: int64(p.lease), BeatMicros: int64(p.heartbeat), RetryMicros: int64(p.retry())})
	s.listing.Open(int64(h.Now()))
	s.drain(h)
}

// retry is the time between two tries to be heard by the registry.
func (p *discoveryPlan) retry() sim.Time {
	return max(2*(p.link.Delay+p.link.Jitter)+p.link.Delay, 500*sim.Millisecond)
}

func (s *provider) Datagram(h *sim.Host, from sim.NodeID, fromPort, port uint16, payload []byte) {
	now := int64(h.Now())
	if port == registryPort {
		_ = s.listing.Receive(now, payload) // an error is the registry's: dropped
		s.drain(h)
		return
	}
	p := s.pipes[from]
	if p == nil {
		p = &pipe{Transport: rpc.NewServerTransport(rpc.OverDatagram, rpc.TransportLimits{}), peer: from, port: fromPort}
		s.pipes[from] = p
	}
	p.Receive(now, payload)
	for slot, frame, ok := p.Poll(); ok; slot, frame, ok = p.Poll() {
		s.calls.Receive(now, rpc.Peer{Connection: uint64(from), Slot: slot}, frame)
		for e, ok := s.calls.Poll(); ok; e, ok = s.calls.Poll() {
			if e.Step == rpc.Execute {
				s.begin(h, e)
			}
		}
	}
	s.drain(h)
}

// begin gives a call to a thread that is free.
func (s *provider) begin(h *sim.Host, e rpc.Event) {
	e.Body = slices.Clone(e.Body)
	i := slices.IndexFunc(s.running, func(r rpc.Event) bool { return r.Step != rpc.Execute })
	if i < 0 {
		i = len(s.running)
		s.running = append(s.running, rpc.Event{})
	}
	s.running[i] = e
	time := s.w.plan.execute
	if s.member == 0 {
		time *= sim.Time(s.w.plan.slow)
	}
	h.After(time, timerThread+sim.Timer(i))
}

func (s *provider) Wake(h *sim.Host, t sim.Timer) {
	now := int64(h.Now())
	if t == timerMachine {
		s.alarm = 0
		s.listing.Tick(now)
	} else {
		r := &s.running[t-timerThread]
		s.calls.Execute(now, *r, services.CalculatorServer{Calculator: calculator{}})
		r.Step = rpc.Executed
		s.ran++
	}
	s.drain(h)
}

func (s *provider) drain(h *sim.Host) {
	for e, ok := s.listing.Poll(); ok; e, ok = s.listing.Poll() {
		if e.Refusal == nil {
			h.Note(noteStanding, int64(e.From)<<8|int64(e.To))
		}
	}
	for b := s.listing.Output(); b != nil; b = s.listing.Output() {
		s.w.ask(h, b)
	}
	for _, ok := s.calls.Poll(); ok; _, ok = s.calls.Poll() {
	}
	for peer, frame, ok := s.calls.Output(); ok; peer, frame, ok = s.calls.Output() {
		if p := s.pipes[sim.NodeID(peer.Connection)]; p != nil {
			_ = p.send(h, peer.Slot, frame) // a datagram goes at once
		}
	}
	s.alarm.set(h, s.listing.Deadline())
}

// busy is how many calls are being executed.
func (s *provider) busy() (n int) {
	for i := range s.running {
		if s.running[i].Step == rpc.Execute {
			n++
		}
	}
	return n
}

// Accepts takes "leave" and "join".
func (s *provider) Accepts(args []string) error {
	if len(args) != 1 || args[0] != "leave" && args[0] != "join" {
		return lab.Say("a server takes the orders \"leave\" and \"join\"", "服务器只接受命令“leave”（注销）和“join”（登记）")
	}
	return nil
}

// Order deregisters the server, or registers it again. Calls that come
// meanwhile are answered: it is not dead.
func (s *provider) Order(h *sim.Host, args []string) {
	if args[0] == "leave" {
		s.listing.Close(int64(h.Now()))
	} else {
		s.listing.Open(int64(h.Now()))
	}
	s.drain(h)
}
