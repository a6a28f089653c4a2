package bridge

import (
	"context"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Limits of the loop.
const (
	maxConnections = 4096
	maxWaiting     = 1024    // events in the channel; beyond it the readers wait
	stepsAtOnce    = 4096    // of the network, between two looks at the sockets
	longestSleep   = 1 << 40 // microseconds: for ever, for a timer
)

// target is where the connections of one listener go.
type target struct {
	lab.Listener
	node sim.NodeID // of the outside, that dials it
}

// loop owns the network and plays it along the clock.
type loop struct {
	play    *lab.Play
	hosts   hosts
	targets []target
	zero    time.Time
	actions []sim.Time // of the script, those that are still to come
	events  chan event
	quit    chan struct{}

	conns    []map[*conn]bool // by member; the order in which they are walked decides nothing
	alive    atomic.Int32     // connections, those included that are still to be written to
	todo     [][]event        // by member
	touched  []*conn
	total    int
	received int64 // bytes, from outside
	sent     int64
}

func newLoop(p *lab.Play, h hosts) *loop {
	net := p.World.Net
	l := &loop{play: p, hosts: h, events: make(chan event, maxWaiting), quit: make(chan struct{})}
	_, span := net.Role(sim.RoleID(net.Roles() - 1))
	for i, to := range p.World.Listeners {
		l.targets = append(l.targets, target{to, span.First + sim.NodeID(i)})
		l.conns = append(l.conns, map[*conn]bool{})
	}
	l.todo = make([][]event, len(l.targets))
	for _, a := range net.Script() {
		l.actions = append(l.actions, a.At)
	}
	return l
}

// tell hands an event to the loop, unless that has ended.
func (l *loop) tell(e event) {
	select {
	case l.events <- e:
	case <-l.quit:
	}
}

// accept takes in the connections to one listener, until that is closed.
func (l *loop) accept(member int, listener net.Listener) {
	for {
		tcp, err := listener.Accept()
		switch {
		case err == nil:
			l.tell(event{conn: newConn(tcp.(*net.TCPConn), member, l.tell), opens: true})
		case isClosed(err):
			return
		default:
			time.Sleep(10 * time.Millisecond) // too many open files, say: some may close
		}
	}
}

// run plays until ctx is done.
func (l *loop) run(ctx context.Context) {
	l.zero = time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		behind := l.turn()
		if behind {
			timer.Reset(0)
		} else {
			timer.Reset(time.Duration(min(l.play.World.Net.Next()-l.now(), longestSleep)) * time.Microsecond)
		}
		select {
		case e := <-l.events:
			l.note(e)
		case <-timer.C:
		case <-ctx.Done():
			l.end()
			return
		}
	}
}

// now is the virtual time that belongs to the real one.
func (l *loop) now() sim.Time { return sim.Time(time.Since(l.zero) / time.Microsecond) }

// turn takes all events that wait, plays up to now, and has the sockets
// written. It reports whether the network has fallen behind the clock.
func (l *loop) turn() (behind bool) {
	for more := true; more; {
		select {
		case e := <-l.events:
			l.note(e)
		default:
			more = false
		}
	}
	// Twice: what has come from outside comes now, after what was due before.
	now := l.now()
	behind = l.advance(now)
	if l.deal() && !behind {
		behind = l.advance(now)
	}
	for _, c := range l.touched {
		c.dirty = false
		c.flush()
	}
	clear(l.touched)
	l.touched = l.touched[:0]
	return behind
}

// note keeps an event until the network is where it belongs.
func (l *loop) note(e event) { l.todo[e.conn.member] = append(l.todo[e.conn.member], e) }

// deal gives the connections their events, and reports whether there were any.
func (l *loop) deal() (some bool) {
	for member, events := range l.todo {
		if len(events) == 0 {
			continue
		}
		some = true
		l.at(member, func(h *sim.Host) {
			for _, e := range events {
				if e.opens && !l.welcome(e.conn) {
					continue
				}
				e.conn.take(h, e, l.targets[member])
			}
		})
		clear(events)
		l.todo[member] = events[:0]
	}
	return some
}

// at acts as a member of the outside. If the script has that down or paused,
// all its connections end.
func (l *loop) at(member int, do func(h *sim.Host)) {
	done := l.play.World.Net.Do(l.targets[member].node, func(ctx *sim.Ctx) {
		l.hosts.Act(ctx, func(h *sim.Host, _ *outside) { do(h) })
	})
	if done {
		return
	}
	for _, e := range l.todo[member] {
		if e.opens {
			e.conn.refuse()
		}
	}
	for c := range l.conns[member] {
		c.end(reset)
	}
}

// welcome takes in a new connection, unless there are too many, or nobody is
// there to take it: a program that is refused turns to another node at once.
func (l *loop) welcome(c *conn) bool {
	if l.alive.Load() == maxConnections || !l.reaches(c.member) {
		c.refuse()
		return false
	}
	c.loop = l
	l.alive.Add(1)
	l.total++
	l.conns[c.member][c] = true
	go c.read()
	go c.write()
	return true
}

// touch has a connection flushed at the end of the turn.
func (l *loop) touch(c *conn) {
	if !c.dirty {
		c.dirty = true
		l.touched = append(l.touched, c)
	}
}

// advance plays up to an instant, and looks after each action of the script
// whom it has cut off. It reports whether there is more to play than fits into
// a turn.
func (l *loop) advance(to sim.Time) (behind bool) {
	net := l.play.World.Net
	for {
		until, acted := to, len(l.actions) > 0 && l.actions[0] <= to
		if acted {
			until = l.actions[0]
		}
		if net.Advance(until, stepsAtOnce) == sim.Budget {
			return true
		}
		if !acted {
			return false
		}
		l.actions = l.actions[1:]
		l.sever()
	}
}

// sever ends the connections whose way the script has cut, and those to a node
// that it has stopped.
func (l *loop) sever() {
	for member := range l.targets {
		if len(l.conns[member]) == 0 || l.reaches(member) {
			continue
		}
		l.at(member, func(*sim.Host) {
			for c := range l.conns[member] {
				c.stream.Abort()
				c.end(reset)
			}
		})
	}
}

// reaches reports whether a member of the outside can talk to its node.
func (l *loop) reaches(member int) bool {
	net, to := l.play.World.Net, &l.targets[member]
	return net.Up(to.Node) && net.Up(to.node) && !cut(net, to.node, to.Node) && !cut(net, to.Node, to.node)
}

// cut reports whether a rule drops what goes from one node to another.
func cut(net *sim.Network, from, to sim.NodeID) bool {
	return slices.ContainsFunc(net.Rules(), func(r sim.Rule) bool {
		return r.Verdict.Drop != sim.Alive && r.From.Has(from) && r.To.Has(to)
	})
}

// end resets what is still open.
func (l *loop) end() {
	close(l.quit)
	for _, conns := range l.conns {
		for c := range conns {
			c.end(reset)
		}
	}
	for _, c := range l.touched {
		c.flush()
	}
}
