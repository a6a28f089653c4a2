package rpc

import (
	"bytes"
	"cmp"
	"slices"
)

// ServerConfig is what a server is made with. Zero values mean the defaults.
type ServerConfig struct {
	// Boot numbers the lives of this server, from 1, ever greater.
	Boot uint64
	// Table leads from Call IDs to functions; keyed ByID.
	Table     *Table
	Semantics Semantics
	// TrustTables leaves out the comparison of the signature in a request with
	// that in the table. Where the tables disagree, the wrong function is then called.
	TrustTables bool
	// MaxRunning is how many calls may be in execution at once (default 1024).
	MaxRunning int
	// MaxFrameBytes is the largest frame sent or taken (default 65,536).
	MaxFrameBytes int
	// Duplicates limits the duplicate table, for semantics that keep one.
	Duplicates DuplicateLimits
	// Steps tells every step of a call, not only those that matter to the program.
	Steps bool
}

// Server is the server's network service: it takes calls, asks for their
// execution, sends and remembers replies.
//
// At the event Execute the caller executes the call: at once, with Execute and
// the generated stub; or later (a thread is busy, the function waits for
// another), with a copy of the event whose Body is copied as well; or piece by
// piece, calling Stub.Invoke and, when the result is to go out, Reply.
type Server struct {
	config     ServerConfig
	running    []*execution // by number
	executions uint64
	seen       *duplicates // nil: it remembers nothing
	next       int64       // no running call's deadline is before this; 0: none has one
	free       []*execution
	result     bytes.Buffer
	out        outbox
	events     events
}

// execution is a call that is being executed.
type execution struct {
	number   uint64
	call     CallKey
	attempt  uint8
	function string
	peer     Peer // who is to be answered
	deadline int64
}

// Stub is a generated server stub: it calls the server's method.
type Stub interface {
	// Invoke reads the arguments, calls the function and returns its result,
	// for Marshal. The error is an *Error, or what the method returned.
	Invoke(function string, arguments []byte) (result any, err error)
}

// NewServer makes a server. It panics without a Table keyed ByID.
func NewServer(c ServerConfig) *Server {
	if c.Table == nil || c.Table.key != ByID {
		panic("rpc: a server needs a table keyed ByID")
	}
	c.Boot = cmp.Or(c.Boot, 1)
	c.MaxRunning = cmp.Or(c.MaxRunning, 1024)
	c.MaxFrameBytes = cmp.Or(c.MaxFrameBytes, defaultFrameBytes)
	s := &Server{config: c, events: events{all: c.Steps}}
	if c.Semantics.remembers() {
		s.seen = newDuplicates(c.Duplicates)
	}
	return s
}

// Receive takes one frame from a peer. For each there is one Output, now or later.
func (s *Server) Receive(now int64, from Peer, frame []byte) {
	f, fault := readFrameOf(frame, s.config.MaxFrameBytes)
	if fault == nil && f.Kind != Request && f.Kind != Cancel {
		fault = errNotForServers
	}
	if fault != nil {
		s.events.add(Event{Step: NotAFrame, At: now, Peer: from, Bytes: len(frame), Err: &Error{Text: fault.text}})
		s.out.addEmpty(from)
		return
	}
	s.events.add(Event{Step: Received, At: now, Call: f.Call, Attempt: f.Attempt, Peer: from, Bytes: len(frame)})
	if f.Kind == Cancel {
		s.out.addEmpty(from)
		s.stop(now, f.Call)
		return
	}
	if s.seen != nil && s.repeated(now, from, f) {
		return
	}
	s.begin(now, from, f)
}

var errNotForServers = &FrameError{"it is neither request nor cancel; only those are for servers"}

// repeated answers a request that the duplicate table knows, or returns false.
func (s *Server) repeated(now int64, from Peer, f Frame) bool {
	state, number, a := s.seen.find(f.Call)
	e := Event{At: now, Call: f.Call, Attempt: f.Attempt, Peer: from}
	switch state {
	case running:
		i, _ := s.find(number)
		x := s.running[i]
		e.Step, e.Execution, e.Function = StillRunning, number, x.function
		s.events.add(e)
		// The answer goes to where the latest attempt came from: the
		// connection of an earlier one may be gone.
		s.out.addEmpty(x.peer)
		x.peer = from
		return true
	case kept:
		e.Step, e.Bytes = Repeated, s.sendAnswer(from, f.Call, a.code, a.body)
		s.events.add(e)
		return true
	}
	return false
}

// begin asks for the execution of a request, or refuses it.
func (s *Server) begin(now int64, from Peer, f Frame) {
	if s.config.Semantics.checksBoot() && f.Boot != s.config.Boot {
		s.refuse(now, from, f, "", Restarted)
		return
	}
	entry, found := s.config.Table.ID(f.ID)
	s.events.add(Event{Step: LookedUp, At: now, Call: f.Call, Attempt: f.Attempt, Function: entry.Function, Lookup: found, Peer: from})
	switch {
	case !found.Found:
		s.refuse(now, from, f, "", Unknown)
		return
	case !s.config.TrustTables && entry.Signature != f.Signature:
		s.refuse(now, from, f, entry.Function, Disagree)
		return
	case len(s.running) >= s.config.MaxRunning || !s.makeRoom(now):
		s.refuse(now, from, f, entry.Function, Busy)
		return
	}
	s.executions++
	x := s.spare()
	*x = execution{s.executions, f.Call, f.Attempt, entry.Function, from, 0}
	if f.Budget > 0 && f.Budget < 1<<62 && now+f.Budget > now {
		x.deadline = now + f.Budget
		s.next = earlier(s.next, x.deadline)
	}
	s.running = append(s.running, x)
	if s.seen != nil {
		s.seen.begin(f.Call, x.number)
	}
	s.events.add(Event{Step: Execute, At: now, Call: f.Call, Attempt: f.Attempt, Execution: x.number, Function: x.function, Peer: from,
		Bytes: len(f.Body), Body: f.Body})
}

// makeRoom sees to it that the duplicate table has a place for one more call.
func (s *Server) makeRoom(now int64) bool {
	if s.seen == nil || !s.seen.full() {
		return true
	}
	if s.seen.limits.WhenFull == FullForgets && s.seen.deadline() != 0 {
		s.forgot(now, s.seen.forgetOldest())
	}
	return !s.seen.full()
}

func (s *Server) forgot(now int64, call CallKey) {
	s.events.add(Event{Step: Forgotten, At: now, Call: call})
}

func (s *Server) refuse(now int64, from Peer, f Frame, function string, code Code) {
	n := s.out.add(from, Frame{Kind: Failure, Call: f.Call, Boot: s.config.Boot, Code: code})
	s.events.add(Event{Step: Refused, At: now, Call: f.Call, Attempt: f.Attempt, Function: function, Peer: from, Bytes: n, Err: &Error{Code: code}})
}

// Execute has the stub execute the call of an Execute event, and replies.
func (s *Server) Execute(now int64, e Event, stub Stub) {
	result, err := stub.Invoke(e.Function, e.Body)
	if ours, ok := err.(*Error); !ok || ours.Code != BadArguments {
		e.Step, e.At = Unmarshalled, now
		s.events.add(e)
	}
	s.Reply(now, e.Execution, result, err)
}

// Reply answers an execution with its result or error; an error other than an
// *Error is sent as an Application error. It returns false, and does nothing,
// if the call was stopped meanwhile.
func (s *Server) Reply(now int64, number uint64, result any, err error) bool {
	i, ok := s.find(number)
	if !ok {
		return false
	}
	x := s.running[i]
	e := Event{At: now, Call: x.call, Attempt: x.attempt, Execution: number, Function: x.function, Peer: x.peer}
	code, body := s.answer(result, err)
	if e.Step = Executed; code != 0 {
		e.Err = &Error{code, string(body)}
	}
	s.events.add(e)
	if code == 0 {
		e.Step, e.Bytes = Marshalled, len(body)
		s.events.add(e)
	}
	s.finish(now, i, finished, code, body)
	e.Step, e.Bytes = Sent, s.sendAnswer(x.peer, x.call, code, body)
	s.events.add(e)
	return true
}

// answer turns a result or error into what a frame carries.
func (s *Server) answer(result any, err error) (Code, []byte) {
	if err != nil {
		ours, ok := err.(*Error)
		if !ok {
			ours = Fail(err.Error())
		}
		if ours.Code == 0 || ours.Code > maxWireCode {
			ours = Fail(ours.Error())
		}
		return ours.Code, cutText([]byte(ours.Text))
	}
	s.result.Reset()
	if err := marshal(&s.result, result); err != nil {
		return Application, cutText([]byte("the result cannot be written: " + err.Error()))
	}
	if s.result.Len()+maxHeadBytes > s.config.MaxFrameBytes {
		return TooLarge, nil
	}
	return 0, s.result.Bytes()
}

func (s *Server) sendAnswer(to Peer, call CallKey, code Code, body []byte) int {
	f := Frame{Kind: Reply, Call: call, Boot: s.config.Boot, Body: body}
	if code != 0 {
		f.Kind, f.Code = Failure, code
	}
	return s.out.add(to, f)
}

// finish takes the i-th running call off the list and remembers how it ended.
func (s *Server) finish(now int64, i int, input serverInput, code Code, body []byte) {
	x := s.running[i]
	s.running = slices.Delete(s.running, i, i+1)
	s.free = append(s.free, x)
	if len(s.running) == 0 {
		s.next = 0
	}
	if s.seen == nil {
		return
	}
	for _, call := range s.seen.end(now, x.call, input, code, body) {
		s.forgot(now, call)
	}
}

// stop ends what runs for a call that its client has cancelled. The client
// waits for no answer.
func (s *Server) stop(now int64, call CallKey) {
	for i := 0; i < len(s.running); {
		if x := s.running[i]; x.call == call {
			s.out.addEmpty(x.peer)
			s.stopped(now, i, Cancelled)
			continue
		}
		i++
	}
}

func (s *Server) stopped(now int64, i int, code Code) {
	x := s.running[i]
	s.events.add(Event{Step: Stopped, At: now, Call: x.call, Attempt: x.attempt, Execution: x.number, Function: x.function, Peer: x.peer, Err: &Error{Code: code}})
	s.finish(now, i, stopped, code, nil)
}

// Tick stops calls that are past their deadline and forgets replies that expired.
func (s *Server) Tick(now int64) {
	s.next = 0
	for i := 0; i < len(s.running); {
		x := s.running[i]
		if x.deadline > 0 && now >= x.deadline {
			s.sendAnswer(x.peer, x.call, Expired, nil)
			s.stopped(now, i, Expired)
			continue
		}
		s.next = earlier(s.next, x.deadline)
		i++
	}
	if s.seen == nil {
		return
	}
	for call, over := s.seen.expired(now); over; call, over = s.seen.expired(now) {
		s.forgot(now, call)
	}
}

// Deadline returns when Tick is due next; 0: not at all. There may then turn
// out to be nothing to do.
func (s *Server) Deadline() int64 {
	if s.seen == nil {
		return s.next
	}
	return earlier(s.next, s.seen.deadline())
}

// Poll returns the next event.
func (s *Server) Poll() (Event, bool) { return s.events.poll() }

// Output returns the next frame to send, and to whom. An empty frame answers
// a slot that has nothing else to say.
func (s *Server) Output() (to Peer, frame []byte, ok bool) { return s.out.take() }

func (s *Server) find(number uint64) (int, bool) {
	return slices.BinarySearchFunc(s.running, number, func(x *execution, n uint64) int { return cmp.Compare(x.number, n) })
}

func (s *Server) spare() *execution {
	if n := len(s.free); n > 0 {
		x := s.free[n-1]
		s.free = s.free[:n-1]
		return x
	}
	return new(execution)
}
