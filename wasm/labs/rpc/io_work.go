package rpc

import "grapevine/wasm/sim"

// need is how much CPU time a thread's task takes.
func (s *ioServer) need(t int) sim.Time {
	w := &s.workers[t]
	switch w.task {
	case taskAccept:
		if s.model == ioThreads {
			return 2 * s.plan.step // a thread is made, too
		}
	case taskStep:
		if at, _, _ := w.conn.pipe.Next(); at == handlerBusiness {
			return s.plan.cpu / 2
		}
	case taskRender:
		return s.plan.cpu - s.plan.cpu/2
	}
	return s.plan.step
}

// goOn finds the thread's next task, or lets it wait, or end.
func (s *ioServer) goOn(h *sim.Host, t int) {
	now := h.Now()
	switch {
	case s.choose(t):
		s.cpu.run(now, t, s.need(t))
	case s.model == ioThreads && s.workers[t].job == ioServes && s.workers[t].conn == nil:
		s.cpu.end(now, t)
		s.memory -= s.plan.stack
	default:
		s.cpu.block(now, t)
	}
}

// choose finds a thread's next task. If there is none, it notes what the
// thread waits for.
func (s *ioServer) choose(t int) bool {
	w := &s.workers[t]
	for {
		if c := w.conn; c != nil {
			if w.task = c.next(); w.task != taskNone {
				return true
			}
			switch {
			case c.phase == ioQuerying && (w.job == ioServes || s.plan.blocking):
				w.wait = ioForDatabase
				return false
			case w.job == ioServes && len(c.unsent) > 0:
				w.wait = ioForRoom
				return false
			case w.job == ioServes:
				w.wait = ioForBytes
				return false
			}
			w.conn = nil // a loop turns to the next
		}
		w.wait = ioForWork
		from := &w.ready
		switch {
		case w.job == ioAccepts:
			from = &s.incoming
		case w.job == ioServes:
			from = &s.queue
		}
		if from.len() == 0 {
			return false
		}
		w.conn = from.pop()
		w.conn.listed = false
		w.conn.worker = t
	}
}

// done carries out the task for which a thread has had its burst.
func (s *ioServer) done(h *sim.Host, t int) {
	w := &s.workers[t]
	c := w.conn
	switch w.task {
	case taskAccept:
		s.accept(h, t)
	case taskRead:
		c.read()
	case taskStep:
		c.pipe.Poll()
		if c.phase == ioCalled {
			s.query(h, c)
		}
	case taskRender:
		c.reply()
		s.tell(h, noteIOAnswers, c.number)
	case taskWrite:
		c.write()
	case taskClose:
		s.forget(c)
		w.conn = nil
	}
}

// query asks the database, if the business needs it.
func (s *ioServer) query(h *sim.Host, c *ioConn) {
	s.tell(h, noteIOTakes, c.number)
	if s.plan.wait == 0 {
		c.phase = ioRendering
		return
	}
	c.phase = ioQuerying
	h.After(s.plan.wait, timerDatabase+sim.Timer(c.number))
	if s.model == ioLoop && s.plan.blocking {
		s.tell(h, noteIOStalls, c.number)
	}
}

// accept takes a connection in, if there is room for it and its thread, or
// turns it away.
func (s *ioServer) accept(h *sim.Host, t int) {
	c := s.workers[t].conn
	if s.model != ioLoop {
		s.workers[t].conn = nil
		c.worker = nobody
	}
	if c.over || s.full() {
		if !c.over {
			c.stream.Abort()
			s.tally.refused++
			s.tell(h, noteIORefuses, 0)
		}
		c.over, c.gone, s.workers[t].conn = true, true, nil
		return
	}
	s.numbered++
	c.number = s.numbered
	s.conns[c.number] = c
	s.memory += ioConnBytes
	switch s.model {
	case ioThreads:
		own := s.spawn(ioServes)
		c.worker, s.workers[own].conn = own, c
		s.wake(h, own, ioForWork)
	case ioPool:
		s.queue.push(c)
		for i := range s.workers {
			if w := &s.workers[i]; w.job == ioServes && w.conn == nil && s.cpu.threads[i].state == threadBlocked {
				s.wake(h, i, ioForWork)
				break
			}
		}
	}
}

// full reports whether there is no room for one more connection.
func (s *ioServer) full() bool {
	more := int64(ioConnBytes)
	if s.model == ioThreads {
		more += s.plan.stack
	}
	return s.memory+more > s.plan.memory || s.model == ioPool && s.queue.len() >= s.plan.backlog
}

// forget is the end of a connection.
func (s *ioServer) forget(c *ioConn) {
	c.gone = true
	delete(s.conns, c.number)
	s.memory -= ioConnBytes
	switch {
	case c.over:
	case c.pipe.Err() != nil:
		c.stream.Abort()
	default:
		c.stream.CloseWrite()
	}
}

// tell notes what a server does, where there are few enough to be told of.
func (s *ioServer) tell(h *sim.Host, code uint16, number int) {
	if s.plan.tells {
		h.Note(code, int64(number))
	}
}
