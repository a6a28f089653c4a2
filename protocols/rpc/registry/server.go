package registry

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// Never is the Deadline of a machine that waits for nothing.
const Never int64 = math.MaxInt64

// MaxLeaseMicros is the longest lease there can be: a day.
const MaxLeaseMicros = 24 * 3600 * 1_000_000

// Peer is the caller's name for who sent a message and gets its answer: a
// connection, or a node and its port.
type Peer uint64

// ServerConfig says how a registry behaves; zeros are the defaults.
type ServerConfig struct {
	// Epoch must be greater for each life of the registry: its start time will do.
	Epoch uint64
	// LeaseMicros is the longest lease that is granted; default 30 s.
	LeaseMicros int64
	// YoungMicros is how long after its start the registry says that it may not
	// know everybody yet; 0 for never. One lease is enough.
	YoungMicros int64
	// The limits of what peers can make grow.
	MaxServices  int // default 256
	MaxInstances int // of one service, default 256
	MaxWatches   int // in all, default 1024
	// MaxListBytes is the longest listing: what fits a datagram, or a frame;
	// default and at most MaxMessageBytes.
	MaxListBytes int
}

func (c *ServerConfig) fill() {
	for _, d := range []struct {
		value *int
		usual int
	}{{&c.MaxServices, 256}, {&c.MaxInstances, 256}, {&c.MaxWatches, 1024}, {&c.MaxListBytes, MaxMessageBytes}} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	if c.LeaseMicros == 0 {
		c.LeaseMicros = 30_000_000
	}
	c.LeaseMicros = min(c.LeaseMicros, MaxLeaseMicros)
	c.MaxListBytes = min(c.MaxListBytes, MaxMessageBytes)
	c.MaxInstances = min(c.MaxInstances, maxListed)
}

// Server is the registry. Receive and Tick change it; then Poll and Output are
// to be drained.
type Server struct {
	config   ServerConfig
	young    int64 // until when
	services []service
	watches  []watch
	// floor is the highest counter of the services that were forgotten because
	// nobody was left in them: no list's version ever goes back.
	floor  uint64
	events []ServerEvent
	output []Outgoing
}

type service struct {
	name    string
	counter uint64
	entries []entry // in order of their IDs
	bytes   int     // of a listing, about
}

type entry struct {
	Instance
	until int64
	lease int64
}

type watch struct {
	peer    Peer
	service string
	until   int64
}

// ServerEvent is a change of a list.
type ServerEvent struct {
	Service string
	ID      string
	Up      bool
	Why     Why // if not Up
	Version Version
}

// Outgoing is a message to a peer.
type Outgoing struct {
	To    Peer
	Bytes []byte
}

// NewServer makes a registry that knows nobody.
func NewServer(now int64, config ServerConfig) *Server {
	config.fill()
	s := &Server{config: config, young: now}
	if config.YoungMicros > 0 {
		s.young = now + config.YoungMicros
	}
	return s
}

// Poll returns the next change of a list.
func (s *Server) Poll() (ServerEvent, bool) { return take(&s.events) }

// Output returns the next message to be sent.
func (s *Server) Output() (Outgoing, bool) { return take(&s.output) }

// take takes the first of a queue.
func take[T any](queue *[]T) (first T, ok bool) {
	if len(*queue) == 0 {
		return first, false
	}
	first = (*queue)[0]
	*queue = (*queue)[1:]
	return first, true
}

// Receive takes a message. An error is the peer's: the message was dropped.
func (s *Server) Receive(now int64, from Peer, b []byte) error {
	s.Tick(now)
	message, err := decode(b)
	if err != nil {
		return err
	}
	switch m := message.(type) {
	case *registerMessage:
		s.register(now, from, m)
	case *aboutMessage:
		s.about(now, from, m)
	case *lookupMessage:
		s.tell(now, from, m.Request, m.Service, m.Version)
	case *watchMessage:
		if !s.watch(now, from, m.Service, m.Lease) {
			s.refuse(from, m.Request, TooManyWatches)
			return nil
		}
		s.tell(now, from, m.Request, m.Service, m.Version)
	default:
		return &Unexpected{Letter(b[1]), "register, heartbeat, deregister, lookup or watch"}
	}
	return nil
}

// Unexpected says that a message came to the wrong kind of peer.
type Unexpected struct {
	Letter   Letter
	Expected string
}

func (u *Unexpected) Error() string {
	return "a message of type " + u.Letter.String() + ", expected " + u.Expected
}

// Forget drops the watches of a peer whose connection is over.
func (s *Server) Forget(peer Peer) {
	s.watches = slices.DeleteFunc(s.watches, func(w watch) bool { return w.peer == peer })
}

// Deadline is when Tick is due.
func (s *Server) Deadline() int64 {
	next := Never
	for i := range s.services {
		for j := range s.services[i].entries {
			next = min(next, s.services[i].entries[j].until)
		}
	}
	for i := range s.watches {
		next = min(next, s.watches[i].until)
	}
	return next
}

// Tick ends the leases that are over.
func (s *Server) Tick(now int64) {
	s.watches = slices.DeleteFunc(s.watches, func(w watch) bool { return w.until <= now })
	for i := range s.services {
		for j := 0; j < len(s.services[i].entries); {
			if s.services[i].entries[j].until > now {
				j++
				continue
			}
			s.step(&s.services[i], j, lapses)
		}
	}
}

// find returns a service by its name, or where it would be.
func (s *Server) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s.services, name, func(v service, name string) int { return cmp.Compare(v.name, name) })
}

func (v *service) find(id string) (int, bool) {
	return slices.BinarySearchFunc(v.entries, id, func(e entry, id string) int { return cmp.Compare(e.ID, id) })
}

// register lists an instance, or replaces what is listed of it.
func (s *Server) register(now int64, from Peer, m *registerMessage) {
	at, known := s.find(m.Service)
	if !known {
		if len(s.services) == s.config.MaxServices && !s.forgetEmpty() {
			s.refuse(from, m.Request, TooManyServices)
			return
		}
		at, _ = s.find(m.Service)
		s.services = slices.Insert(s.services, at, service{name: m.Service, counter: s.floor})
	}
	v := &s.services[at]
	size := len(wire.Must(m.Instance))
	i, isListed := v.find(m.Instance.ID)
	if isListed {
		if v.entries[i].Life > m.Instance.Life {
			s.refuse(from, m.Request, Outlived)
			return
		}
		size -= len(wire.Must(v.entries[i].Instance))
	}
	// 80 bytes are the rest of a listing: its head, the service's name, numbers.
	if !isListed && len(v.entries) == s.config.MaxInstances || v.bytes+size+80 > s.config.MaxListBytes {
		s.refuse(from, m.Request, ListFull)
		return
	}
	v.bytes += size
	next := entry{Instance: m.Instance, lease: min(m.Lease, s.config.LeaseMicros)}
	next.until = now + next.lease
	t := entryTransitions[absent][registers]
	if isListed {
		t = entryTransitions[listed][registers]
		t.tell = !bytes.Equal(wire.Must(v.entries[i].Instance), wire.Must(m.Instance))
		v.entries[i] = next
	} else {
		v.entries = slices.Insert(v.entries, i, next)
	}
	if t.tell {
		s.announce(v, i)
	}
	s.answer(from, t.answer, m.Request, next.lease)
}

// about answers a heartbeat or a deregistration.
func (s *Server) about(now int64, from Peer, m *aboutMessage) {
	input := beats
	if m.Type == Deregister {
		input = leaves
	}
	state, lease := absent, int64(0)
	if at, known := s.find(m.Service); known {
		v := &s.services[at]
		if i, isListed := v.find(m.ID); isListed && v.entries[i].Life == m.Life {
			state, lease = listed, v.entries[i].lease
			v.entries[i].until = now + lease
			s.step(v, i, input)
		}
	}
	s.answer(from, entryTransitions[state][input].answer, m.Request, lease)
}

func (s *Server) answer(to Peer, answer Letter, request uint64, lease int64) {
	if answer == Granted {
		s.send(to, grantedMessage{Type: answer, Request: request, Lease: lease})
	} else {
		s.send(to, plainMessage{Type: answer, Request: request})
	}
}

// step takes a listed entry to its next state; one that is no longer listed is
// taken out, and the watchers are told.
func (s *Server) step(v *service, i int, input entryInput) {
	if entryTransitions[listed][input].next == listed {
		return
	}
	why := Left
	if input == lapses {
		why = Ended
	}
	id := v.entries[i].ID
	v.bytes -= len(wire.Must(v.entries[i].Instance))
	v.entries = slices.Delete(v.entries, i, i+1)
	v.counter++
	version := s.version(v.counter)
	s.events = append(s.events, ServerEvent{Service: v.name, ID: id, Why: why, Version: version})
	s.notify(v.name, downMessage{Type: Down, Service: v.name, Version: version, ID: id, Why: why})
}

// announce tells the watchers of a new entry.
func (s *Server) announce(v *service, i int) {
	v.counter++
	version := s.version(v.counter)
	s.events = append(s.events, ServerEvent{Service: v.name, ID: v.entries[i].ID, Up: true, Version: version})
	s.notify(v.name, upMessage{Type: Up, Service: v.name, Version: version, Instance: v.entries[i].Instance})
}

func (s *Server) notify(name string, message any) {
	var b []byte
	for _, w := range s.watches {
		if w.service == name {
			if b == nil {
				b = wire.Must(message)
			}
			s.output = append(s.output, Outgoing{w.peer, b})
		}
	}
}

func (s *Server) version(counter uint64) Version {
	return Version{Epoch: s.config.Epoch, Counter: counter}
}

// forgetEmpty makes room for a service by forgetting one that has no instance.
func (s *Server) forgetEmpty() bool {
	i := slices.IndexFunc(s.services, func(v service) bool { return len(v.entries) == 0 })
	if i < 0 {
		return false
	}
	s.floor = max(s.floor, s.services[i].counter)
	s.services = slices.Delete(s.services, i, i+1)
	return true
}

// watch begins or prolongs a watch.
func (s *Server) watch(now int64, from Peer, name string, lease int64) bool {
	until := now + min(lease, s.config.LeaseMicros)
	i := slices.IndexFunc(s.watches, func(w watch) bool { return w.peer == from && w.service == name })
	if i >= 0 {
		s.watches[i].until = until
		return true
	}
	if len(s.watches) == s.config.MaxWatches {
		return false
	}
	s.watches = append(s.watches, watch{from, name, until})
	return true
}

// tell answers a lookup: with the list, if the asker has another version.
func (s *Server) tell(now int64, to Peer, request uint64, name string, has Version) {
	m := listingMessage{Type: List, Request: request, Service: name, Version: s.version(s.floor), Young: now < s.young}
	if at, known := s.find(name); known {
		v := &s.services[at]
		m.Version = s.version(v.counter)
		for i := range v.entries {
			m.Instances = append(m.Instances, v.entries[i].Instance)
		}
	}
	if has == m.Version {
		s.send(to, sameMessage{Type: Same, Request: request, Service: name, Version: has, Young: m.Young})
		return
	}
	s.send(to, m)
}

func (s *Server) refuse(to Peer, request uint64, why Refusal) {
	s.send(to, refusedMessage{Type: Refused, Request: request, Refusal: why})
}

func (s *Server) send(to Peer, message any) {
	s.output = append(s.output, Outgoing{to, wire.Must(message)})
}

// Entry is an instance as the registry has it.
type Entry struct {
	Instance
	Until int64 // when its lease ends
	Lease int64 // as granted
}

// Entries returns the list of a service, and its version.
func (s *Server) Entries(name string) ([]Entry, Version) {
	at, known := s.find(name)
	if !known {
		return nil, s.version(s.floor)
	}
	var list []Entry
	for _, e := range s.services[at].entries {
		list = append(list, Entry{e.Instance, e.until, e.lease})
	}
	return list, s.version(s.services[at].counter)
}

// Watches is how many watches there are.
func (s *Server) Watches() int { return len(s.watches) }

// Young reports whether the registry may not know everybody yet.
func (s *Server) Young(now int64) bool { return now < s.young }
