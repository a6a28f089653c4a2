package grpc

import "testing"

// A pair is a client and a server joined by a wire that loses nothing.
type pair struct {
	t              testing.TB
	client, server *Conn
	now            int64
	// piece is how many bytes are passed on at once; 0: all there are.
	piece int
	// handle is told the server's events, log the client's.
	handle func(e Event)
	log    func(e Event)
}

func newPair(t testing.TB, client, server Config) *pair {
	p := &pair{t: t, client: NewClient(client), server: NewServer(server), log: func(Event) {}, handle: func(Event) {}}
	return p
}

// run passes bytes on until both ends are quiet.
func (p *pair) run() {
	for range 1_000_000 {
		moved := drain(p.client, p.log)
		moved = drain(p.server, p.handle) || moved
		moved = p.pass(p.client, p.server) || moved
		moved = p.pass(p.server, p.client) || moved
		if !moved {
			return
		}
	}
	p.t.Fatal("the two ends never come to rest")
}

func drain(c *Conn, tell func(Event)) bool {
	moved := false
	for {
		e, ok := c.Poll()
		if !ok {
			return moved
		}
		moved = true
		tell(e)
	}
}

func (p *pair) pass(from, to *Conn) bool {
	b := from.Output()
	if len(b) == 0 {
		return false
	}
	if p.piece > 0 {
		b = b[:min(len(b), p.piece)]
	}
	to.Receive(p.now, b)
	from.Sent(len(b))
	return true
}

// wait lets time go by for both.
func (p *pair) wait(micros int64) {
	p.now += micros
	p.client.Tick(p.now)
	p.server.Tick(p.now)
	p.run()
}
