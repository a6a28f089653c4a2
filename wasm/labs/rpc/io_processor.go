package rpc

import "grapevine/wasm/sim"

// processor is a computer's processor in virtual time: a few cores that take
// turns at running many threads, round robin. Each thread that is ready waits
// in one queue; a core takes the first, runs it for a time slice at most, and
// puts it behind the others if it is not done. Going from one thread to another
// costs time in which nothing useful is done.
//
// A thread asks for a burst of CPU time (run). When it has had it, advance
// returns the thread, and its owner says what it does next: another burst (run)
// or waiting for something (block, later run again) or nothing more (end).
//
// Left out: priorities, caches (the cost of a switch stands for cold ones too),
// and that moving to another core costs more than staying. Interrupts and the
// kernel's own work are free.
type processor struct {
	slice, toll sim.Time // the longest turn; the cost of a switch
	cores       []core
	threads     []thread
	free        []int // numbers of threads that ended
	ready       fifo[int]

	living   int
	switches int
	worked   sim.Time // CPU time that threads have had
	switched sim.Time // CPU time that switches have taken
}

// core is one core. Its turn ends at end, or earlier if the thread is done.
type core struct {
	thread int // nobody if idle
	last   int // the thread that it ran last
	left   sim.Time
	piece  sim.Time
	end    sim.Time
}

// nobody is the number of no thread.
const nobody = -1

// thread is one thread.
type thread struct {
	state threadState
	core  int      // that runs it
	need  sim.Time // CPU time that its present burst still needs
}

type threadState uint8

const (
	threadGone    threadState = iota
	threadBlocked             // waits for something that is not the processor
	threadReady               // waits in the queue
	threadRunning
	threadDecides // has had its burst; its owner is to say what comes next
)

func newProcessor(cores int, slice, toll sim.Time) *processor {
	p := &processor{slice: max(slice, 1), toll: toll, cores: make([]core, cores)}
	for i := range p.cores {
		p.cores[i] = core{thread: nobody, last: nobody}
	}
	return p
}

// spawn makes a thread, which is blocked at first.
func (p *processor) spawn() int {
	p.living++
	if n := len(p.free); n > 0 {
		t := p.free[n-1]
		p.free = p.free[:n-1]
		p.threads[t] = thread{state: threadBlocked}
		return t
	}
	p.threads = append(p.threads, thread{state: threadBlocked})
	return len(p.threads) - 1
}

// end is the end of a thread that has had its burst.
func (p *processor) end(now sim.Time, t int) {
	p.block(now, t)
	p.threads[t].state = threadGone
	p.free = append(p.free, t)
	p.living--
}

// run gives a thread that is blocked, or has had its burst, another one.
func (p *processor) run(now sim.Time, t int, need sim.Time) {
	th := &p.threads[t]
	th.need = need
	switch th.state {
	case threadDecides:
		c := &p.cores[th.core]
		th.state = threadRunning
		p.turn(now, c)
	case threadBlocked:
		th.state = threadReady
		if c := p.idleCore(t); c != nil {
			p.take(now, c, t)
		} else {
			p.ready.push(t)
		}
	default:
		panic("rpc: a thread that is not waiting is given work")
	}
}

// block lets a thread that has had its burst wait for something.
func (p *processor) block(now sim.Time, t int) {
	th := &p.threads[t]
	if th.state != threadDecides {
		panic("rpc: a thread blocks that does not run")
	}
	th.state = threadBlocked
	p.leave(now, &p.cores[th.core])
}

// next is when advance will have something to do; Forever if nothing runs.
func (p *processor) next() sim.Time {
	if c := p.earliest(); c != nil {
		return c.end
	}
	return sim.Forever
}

// advance returns the next thread that has had its burst by now.
func (p *processor) advance(now sim.Time) (t int, ok bool) {
	for {
		c := p.earliest()
		if c == nil || c.end > now {
			return nobody, false
		}
		th := &p.threads[c.thread]
		th.need -= c.piece
		c.left -= c.piece
		p.worked += c.piece
		if th.need == 0 {
			th.state = threadDecides
			return c.thread, true
		}
		p.turn(now, c)
	}
}

// turn lets the thread on a core go on, or gives its place to the next if its
// slice is over and others wait.
func (p *processor) turn(now sim.Time, c *core) {
	if c.left == 0 {
		if p.ready.len() > 0 {
			t := c.thread
			p.threads[t].state = threadReady
			p.ready.push(t)
			p.leave(now, c)
			return
		}
		c.left = p.slice
	}
	p.start(now, c)
}

// leave frees a core for the next thread that is ready.
func (p *processor) leave(now sim.Time, c *core) {
	c.thread = nobody
	if p.ready.len() > 0 {
		p.take(now, c, p.ready.pop())
	}
}

// take puts a thread onto a core that is free.
func (p *processor) take(now sim.Time, c *core, t int) {
	p.threads[t].state = threadRunning
	for i := range p.cores {
		if &p.cores[i] == c {
			p.threads[t].core = i
		}
	}
	c.thread, c.left = t, p.slice
	if c.last != t {
		c.last = t
		p.switches++
		p.switched += p.toll
		now += p.toll
	}
	p.start(now, c)
}

func (p *processor) start(at sim.Time, c *core) {
	c.piece = min(p.threads[c.thread].need, c.left)
	c.end = at + c.piece
}

// idleCore is the idle core that ran the thread last, or else the first.
func (p *processor) idleCore(t int) *core {
	var idle *core
	for i := range p.cores {
		if c := &p.cores[i]; c.thread == nobody && (idle == nil || c.last == t) {
			idle = c
		}
	}
	return idle
}

// earliest is the core whose turn ends first.
func (p *processor) earliest() *core {
	var first *core
	for i := range p.cores {
		c := &p.cores[i]
		if c.thread != nobody && p.threads[c.thread].state == threadRunning && (first == nil || c.end < first.end) {
			first = c
		}
	}
	return first
}
