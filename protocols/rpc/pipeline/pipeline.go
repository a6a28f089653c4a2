package pipeline

import "slices"

// Limits bound what a pipeline keeps. Zero values mean the defaults.
type Limits struct {
	ReadBytes   int // taken by one Receive (default 65,536)
	OutputBytes int // waiting to be sent, above which nothing is taken (default 65,536)
}

// Pipeline is the chain of one connection.
type Pipeline struct {
	handlers []Handler
	limits   Limits
	todo     []task // what comes next is last
	made     []task // by the handler that runs, in its order
	in, out  []byte
	running  bool
	ended    bool
	err      error
}

// task is a message on its way to a handler; at -1 it has reached the head.
type task struct {
	at  int
	out bool
	m   Message
}

// New makes a pipeline of handlers, the one next to the connection first.
func New(limits Limits, handlers ...Handler) *Pipeline {
	if limits.ReadBytes <= 0 {
		limits.ReadBytes = 65_536
	}
	if limits.OutputBytes <= 0 {
		limits.OutputBytes = 65_536
	}
	return &Pipeline{handlers: handlers, limits: limits}
}

// Step is what one Poll did.
type Step struct {
	Handler int  // its place in the chain, from 0; -1 for the head
	Out     bool // it took the message on its way out
	Bytes   int  // of the message it took, if that was bytes
	Made    int  // messages it passed on: 0 when a decoder waits for more
}

// Receive takes bytes from the connection and says how many. They are copied.
func (p *Pipeline) Receive(b []byte) (taken int) {
	if p.err != nil || p.ended || len(p.todo) > 0 || len(p.out) > p.limits.OutputBytes || len(b) == 0 {
		return 0
	}
	taken = min(len(b), p.limits.ReadBytes)
	p.in = append(p.in[:0], b[:taken]...)
	p.fire(0, Message{Bytes: p.in})
	return taken
}

// Write sends a message from the far end of the chain.
func (p *Pipeline) Write(m Message) { p.write(len(p.handlers)-1, m) }

// End says that the peer sends no more. What a decoder still holds is then
// half a frame.
func (p *Pipeline) End() {
	if p.ended {
		return
	}
	p.ended = true
	if have, want := p.Held(); have > 0 {
		p.fail(theirs("%d bytes of a frame of at least %d, and then no more", have, want))
	}
}

// Next says which handler the next Poll will let run.
func (p *Pipeline) Next() (handler int, out, ok bool) {
	if len(p.todo) == 0 {
		return 0, false, false
	}
	t := &p.todo[len(p.todo)-1]
	return t.at, t.out, true
}

// Poll lets the next handler take the next message. A message goes all the way
// before the one behind it is touched.
func (p *Pipeline) Poll() (Step, bool) {
	n := len(p.todo)
	if n == 0 {
		return Step{}, false
	}
	t := p.todo[n-1]
	p.todo[n-1] = task{}
	p.todo = p.todo[:n-1]
	s := Step{Handler: t.at, Out: t.out, Bytes: len(t.m.Bytes)}
	p.running = true
	switch {
	case t.at < 0:
		p.out = append(p.out, t.m.Bytes...)
	case t.out:
		p.handlers[t.at].(Outbound).Write(Context{p, t.at}, t.m)
	default:
		p.handlers[t.at].(Inbound).Read(Context{p, t.at}, t.m)
	}
	p.running = false
	s.Made = len(p.made)
	p.schedule()
	return s, true
}

// Output returns the bytes to send, nil for none. They are valid until the
// next call of another method.
func (p *Pipeline) Output() []byte {
	if len(p.out) == 0 {
		return nil
	}
	b := p.out
	p.out = p.out[:0]
	return b
}

// Unsent is how many bytes Output will return.
func (p *Pipeline) Unsent() int { return len(p.out) }

// Err says why the pipeline is broken, nil if it is not: a *PeerError, a
// *CallerError, or what a handler gave to Fail.
func (p *Pipeline) Err() error { return p.err }

// Held returns how many bytes wait in the first handler that holds any, and how
// many it needs to go on.
func (p *Pipeline) Held() (have, want int) {
	for _, h := range p.handlers {
		if holder, ok := h.(Holder); ok {
			if have, want = holder.Held(); have > 0 {
				return have, want
			}
		}
	}
	return 0, 0
}

// fire sends a message to the first inbound handler from a place on.
func (p *Pipeline) fire(at int, m Message) {
	for ; at < len(p.handlers); at++ {
		if _, ok := p.handlers[at].(Inbound); ok {
			p.add(task{at: at, m: m})
			return
		}
	}
	p.fail(ours("a message has reached the end of the chain, and no handler took it: the last inbound handler must not Fire"))
}

// write sends a message to the first outbound handler from a place on down, or
// to the head.
func (p *Pipeline) write(at int, m Message) {
	for ; at >= 0; at-- {
		if _, ok := p.handlers[at].(Outbound); ok {
			p.add(task{at: at, out: true, m: m})
			return
		}
	}
	if m.Value != nil {
		p.fail(ours("a message has reached the head, and is not bytes: an encoder is missing"))
		return
	}
	p.add(task{at: -1, out: true, m: m})
}

// add queues a message. What is written from outside goes before what waits: it
// is further on its way.
func (p *Pipeline) add(t task) {
	if p.err != nil {
		return
	}
	p.made = append(p.made, t)
	if !p.running {
		p.schedule()
	}
}

// schedule puts what was made before everything that waits, in its order.
func (p *Pipeline) schedule() {
	if p.err != nil {
		p.todo = p.todo[:0]
	} else {
		slices.Reverse(p.made)
		p.todo = append(p.todo, p.made...)
	}
	clear(p.made)
	p.made = p.made[:0]
}

func (p *Pipeline) fail(err error) {
	if p.err == nil {
		p.err = err
		if !p.running {
			p.schedule()
		}
	}
}
