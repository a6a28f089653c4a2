package bridge

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Limits of a live network.
const (
	maxConnections = 4096
	stepsAtOnce    = 4096             // of the network, before others get their turn
	longestSleep   = 1 << 40          // microseconds: for ever, for a timer
	longestStart   = 10 * time.Second // that ready waits for nodes that do not serve
)

// target is where the connections of one listener go.
type target struct {
	lab.Listener
	node sim.NodeID // of the outside, that dials it
}

// live plays the network along the clock.
type live struct {
	targets []target
	alive   atomic.Int32 // connections, those included that are still to be written to

	mu      sync.Mutex // guards what follows, the network, and the connections' own
	play    *lab.Play
	hosts   hosts
	zero    time.Time
	alarm   *time.Timer
	due     sim.Time   // of the alarm, 0: at once, or it has gone off
	actions []sim.Time // of the script, those that are still to come
	over    bool
	served  bool
	serving chan struct{} // closed once all nodes have served programs

	conns    []map[*conn]bool // by member; the order in which they are walked decides nothing
	touched  []*conn
	total    int
	received int64 // bytes, from outside
	sent     int64
}

func newLive(p *lab.Play, h hosts) *live {
	net := p.World.Net
	l := &live{play: p, hosts: h, serving: make(chan struct{})}
	_, span := net.Role(sim.RoleID(net.Roles() - 1))
	for i, to := range p.World.Listeners {
		l.targets = append(l.targets, target{to, span.First + sim.NodeID(i)})
		l.conns = append(l.conns, map[*conn]bool{})
	}
	for _, a := range net.Script() {
		l.actions = append(l.actions, a.At)
	}
	return l
}

// run plays, and takes in connections, until ctx is done. It calls ready once
// the nodes serve programs.
func (l *live) run(ctx context.Context, listeners []net.Listener, ready func()) {
	l.mu.Lock()
	l.zero = time.Now()
	l.alarm = time.AfterFunc(0, l.wake)
	l.mu.Unlock()
	for i, listener := range listeners {
		go l.accept(i, listener)
	}
	select {
	case <-l.serving:
	case <-time.After(longestStart):
	case <-ctx.Done():
	}
	ready()
	<-ctx.Done()
	l.end()
}

// accept takes in the connections to one listener, until that is closed.
func (l *live) accept(member int, listener net.Listener) {
	for {
		tcp, err := listener.Accept()
		switch {
		case err == nil:
			if c := newConn(l, tcp.(*net.TCPConn), member); !l.act(member, c.open) {
				c.refuse()
			}
		case isClosed(err):
			return
		default:
			time.Sleep(10 * time.Millisecond) // too many open files, say: some may close
		}
	}
}

// now is the virtual time that belongs to the real one.
func (l *live) now() sim.Time { return sim.Time(time.Since(l.zero) / time.Microsecond) }

// wake plays what has become due.
func (l *live) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.due = 0
		l.settle(l.advance(l.now()))
	}
}

// act lets a member of the outside do something now: after what was due before,
// and before what comes of it. It reports whether the member could.
func (l *live) act(member int, do func(h *sim.Host)) (done bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	now := l.now()
	behind := l.advance(now)
	done = l.at(member, do)
	if !behind {
		behind = l.advance(now)
	}
	l.settle(behind)
	return done
}

// at acts as a member of the outside. If the script has that down or paused,
// all its connections end.
func (l *live) at(member int, do func(h *sim.Host)) (done bool) {
	done = l.play.World.Net.Do(l.targets[member].node, func(ctx *sim.Ctx) {
		l.hosts.Act(ctx, func(h *sim.Host, _ *outside) { do(h) })
	})
	if !done {
		for c := range l.conns[member] {
			c.end(reset)
		}
	}
	return done
}

// settle has the sockets written, and sets the alarm.
func (l *live) settle(behind bool) {
	for _, c := range l.touched {
		c.dirty = false
		c.flush()
	}
	clear(l.touched)
	l.touched = l.touched[:0]
	if !l.served && l.serves() {
		l.served = true
		close(l.serving)
	}
	due := l.play.World.Net.Next()
	if behind {
		due = 0
	} else if due == l.due {
		return // set already: most of what happens has its answer at once
	}
	l.due = due
	l.alarm.Reset(time.Duration(min(due-l.now(), longestSleep)) * time.Microsecond)
}

// serves reports whether all nodes that are up serve programs.
func (l *live) serves() bool {
	return !slices.ContainsFunc(l.targets, func(to target) bool {
		return to.Serves != nil && l.play.World.Net.Up(to.Node) && !to.Serves()
	})
}

// touch has a connection flushed when the network has come to rest.
func (l *live) touch(c *conn) {
	if !c.dirty {
		c.dirty = true
		l.touched = append(l.touched, c)
	}
}

// advance plays up to an instant, and looks after each action of the script
// whom it has cut off. It reports whether there is more to play than fits into
// a turn.
func (l *live) advance(to sim.Time) (behind bool) {
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
func (l *live) sever() {
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
func (l *live) reaches(member int) bool {
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
func (l *live) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.alarm.Stop()
	for _, conns := range l.conns {
		for c := range conns {
			c.end(reset)
		}
	}
	for _, c := range l.touched {
		c.flush()
	}
}
