package rpc

import "grapevine/wasm/sim"

// ioServer is one server. Its threads are made of bursts of CPU time: a thread
// is given the time that its next task takes (processor.run), and when it has
// had it, the task is done, all at once, and the next is looked for.
//
// What differs between the models is only which thread looks after which
// connection, and what it does when there is nothing to do there: a thread of
// its own waits, a thread of the pool too, and a loop turns to the next
// connection of its ready list.
//
// The kernel (handshakes, buffers, timers, acknowledgements) costs nothing.
type ioServer struct {
	sim.Idle
	plan  *ioPlan
	model ioModel
	tally *ioTally

	cpu      *processor
	workers  []ioWorker      // by thread
	incoming fifo[*ioConn]   // established, not yet accepted; a loop has them in its ready list
	queue    fifo[*ioConn]   // pool: accepted, waiting for a thread
	conns    map[int]*ioConn // that were accepted, by number; only looked up
	numbered int             // connections so far
	memory   int64
	armed    sim.Time // for when the processor's next timer is set
}

// ioWorker is one thread.
type ioWorker struct {
	job   ioJob
	wait  ioWait // for what, when it is blocked
	task  ioTask // that the present burst is for
	conn  *ioConn
	ready fifo[*ioConn] // loop: the connections with something to do
}

type ioJob uint8

const (
	ioAccepts ioJob = iota // takes in connections and hands them on
	ioServes               // serves one connection until it is closed
	ioLoops                // serves whichever connection is ready
)

// ioWait is what a blocked thread waits for.
type ioWait uint8

const (
	ioForWork     ioWait = iota // a connection, or anything to be ready
	ioForBytes                  // of the connection it serves
	ioForRoom                   // to write
	ioForDatabase               // to answer
)

// Timers of a server: the processor's, and from timerDatabase on, by
// connection number, the database's answers.
const (
	timerProcessor sim.Timer = iota
	timerDatabase
)

// Start makes the threads that are there from the beginning.
func (s *ioServer) Start(h *sim.Host) {
	s.cpu, s.conns, s.armed = newProcessor(s.plan.cores, s.plan.slice, s.plan.toll), map[int]*ioConn{}, sim.Forever
	if s.model != ioLoop {
		s.spawn(ioAccepts)
	}
	for len(s.workers) < s.plan.threadsAtFirst(s.model) {
		if s.model == ioPool {
			s.spawn(ioServes)
		} else {
			s.spawn(ioLoops)
		}
	}
	s.tally.begin(s)
	h.Listen(ioPort)
}

// spawn makes a thread.
func (s *ioServer) spawn(job ioJob) int {
	t := s.cpu.spawn()
	if t == len(s.workers) {
		s.workers = append(s.workers, ioWorker{})
	}
	s.workers[t] = ioWorker{job: job}
	s.memory += s.plan.stack
	return t
}

// Opened puts a new connection where somebody will accept it.
func (s *ioServer) Opened(h *sim.Host, stream *sim.Stream) {
	c := newIOConn(stream)
	if s.model == ioLoop {
		c.worker = int(stream.ID()) % s.plan.loops
		s.enlist(h, c)
	} else {
		s.incoming.push(c)
		s.wake(h, 0, ioForWork)
	}
	s.arm(h)
}

// Data finds the thread that waits for these bytes.
func (s *ioServer) Data(h *sim.Host, stream *sim.Stream) {
	s.stir(h, stream.User.(*ioConn), ioForBytes)
}

// Writable finds the thread that waits for room.
func (s *ioServer) Writable(h *sim.Host, stream *sim.Stream) {
	s.stir(h, stream.User.(*ioConn), ioForRoom)
}

// Closed lets whoever serves the connection find that it is over.
func (s *ioServer) Closed(h *sim.Host, stream *sim.Stream) {
	c := stream.User.(*ioConn)
	c.over = true
	s.stir(h, c, ioForBytes)
}

// stir tells who looks after a connection that something has happened there.
func (s *ioServer) stir(h *sim.Host, c *ioConn, what ioWait) {
	switch {
	case c.worker == nobody || c.gone:
	case s.model == ioLoop:
		s.enlist(h, c)
	case c.over:
		s.wake(h, c.worker, s.workers[c.worker].wait) // whatever it waits for will not come
	default:
		s.wake(h, c.worker, what)
	}
	s.arm(h)
}

// Wake lets threads go on that have had their burst, or whose answer is there.
func (s *ioServer) Wake(h *sim.Host, t sim.Timer) {
	if t == timerProcessor {
		if h.Now() >= s.armed {
			s.armed = sim.Forever
		}
	} else {
		s.answered(h, int(t-timerDatabase))
	}
	for w, ok := s.cpu.advance(h.Now()); ok; w, ok = s.cpu.advance(h.Now()) {
		s.done(h, w)
		s.goOn(h, w)
	}
	s.arm(h)
}

// answered is the database's answer to a connection's call, if that is still
// there.
func (s *ioServer) answered(h *sim.Host, number int) {
	c := s.conns[number]
	if c == nil {
		return
	}
	c.phase = ioRendering
	if s.model == ioLoop && !s.plan.blocking {
		s.enlist(h, c)
	} else {
		s.wake(h, c.worker, ioForDatabase)
	}
}

// arm sets the timer for the processor's next event.
func (s *ioServer) arm(h *sim.Host) {
	if next := s.cpu.next(); next < s.armed {
		s.armed = next
		h.After(next-h.Now(), timerProcessor)
	}
	s.tally.watch(s)
}

// enlist puts a connection onto its loop's ready list.
func (s *ioServer) enlist(h *sim.Host, c *ioConn) {
	w := &s.workers[c.worker]
	if c.listed || w.conn == c || c.phase == ioQuerying {
		return // it is looked at anyway, or there is nothing to do yet
	}
	c.listed = true
	w.ready.push(c)
	s.wake(h, c.worker, ioForWork)
}

// wake makes a blocked thread ready, if this is what it waits for.
func (s *ioServer) wake(h *sim.Host, t int, what ioWait) {
	w := &s.workers[t]
	if s.cpu.threads[t].state != threadBlocked || w.wait != what {
		return
	}
	if w.job == ioLoops && what == ioForWork {
		w.task = taskSelect
	} else if !s.choose(t) {
		return
	}
	s.cpu.run(h.Now(), t, s.need(t))
}

// waiting is how many connections wait to be accepted or for a thread.
func (s *ioServer) waiting() int { return s.incoming.len() + s.queue.len() }
