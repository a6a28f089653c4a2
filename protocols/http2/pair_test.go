package http2

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/prototest"
)

var get = []HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/pkg.Service/Method"},
	{Name: ":authority", Value: "grapevine"}, {Name: "te", Value: "trailers"}, {Name: "content-type", Value: "application/grpc"}}

// body is a text that tells where a piece of it belongs.
func body(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + (i*7+i/251)%26)
	}
	return b
}

// exchange is a message on one stream: as sent, or as it came.
type exchange struct {
	head, trail string
	body        []byte
	ended       bool
	failed      Code
}

func text(fields []HeaderField) (s string) {
	for _, f := range fields {
		s += f.Name + "=" + f.Value + ";"
	}
	return s
}

// peer uses a Conn as a caller should: it keeps what comes, sends what it has
// as room comes, and takes its time to consume.
type peer struct {
	*Conn
	rand     *prototest.Rand
	came     map[uint32]*exchange
	rest     map[uint32][]byte // of bodies being sent
	trail    []HeaderField
	slow     bool // consumes at the next event only
	owed     map[uint32]int
	over     bool
	closed   error
	on       func(p *peer, e Event)
	received int
}

func newPeer(c *Conn, seed uint64) *peer {
	return &peer{Conn: c, rand: prototest.NewRand(seed), came: map[uint32]*exchange{}, rest: map[uint32][]byte{}, owed: map[uint32]int{},
		trail: []HeaderField{{Name: "grpc-status", Value: "0"}}}
}

func (p *peer) push(stream uint32) {
	rest, ok := p.rest[stream]
	if !ok {
		return
	}
	n, err := p.SendData(stream, rest, false)
	p.rest[stream] = rest[n:]
	if err == nil && n < len(rest) {
		return
	}
	delete(p.rest, stream)
	if err == nil {
		p.SendHeaders(stream, p.trail, true)
	}
}

func (p *peer) drain() {
	for e, ok := p.Poll(); ok; e, ok = p.Poll() {
		x := p.came[e.Stream]
		if x == nil {
			x = &exchange{}
			p.came[e.Stream] = x
		}
		for stream, n := range p.owed {
			p.Consume(stream, n)
			delete(p.owed, stream)
		}
		switch e.Kind {
		case Headers:
			x.head = text(e.Fields)
		case Trailers:
			x.trail = text(e.Fields)
		case Data:
			x.body = append(x.body, e.Bytes...)
			p.received += len(e.Bytes)
			if p.slow {
				p.owed[e.Stream] += len(e.Bytes)
			} else {
				p.Consume(e.Stream, len(e.Bytes))
			}
		case Reset:
			x.failed = e.Code + 1000
			delete(p.rest, e.Stream)
		case Writable:
			p.push(e.Stream)
		case Closed:
			p.over, p.closed = true, e.Err
		}
		x.ended = x.ended || e.End
		if p.on != nil {
			p.on(p, e)
		}
	}
}

func (p *peer) end() prototest.End {
	return prototest.End{
		Receive: func(now int64, b []byte) { p.Receive(now, b); p.drain() },
		Output: func(int64) []byte {
			b := p.Output()
			b = slices.Clone(b[:min(len(b), 1+p.rand.Below(40_000))])
			p.Sent(len(b))
			p.drain() // room in Output is room for a stream
			return b
		},
		Deadline:     p.Deadline,
		Tick:         func(now int64) { p.Tick(now); p.drain() },
		Disconnected: func(int64) { p.Disconnected(); p.drain() },
	}
}

// echo answers a request with its own body and trailers.
func echo(p *peer, e Event) {
	if e.End && e.Kind != Reset {
		p.SendHeaders(e.Stream, []HeaderField{{Name: ":status", Value: "200"}, {Name: "x-stream", Value: fmt.Sprint(e.Stream)}}, false)
		p.rest[e.Stream] = slices.Clone(p.came[e.Stream].body)
		p.push(e.Stream)
	}
}

// TestPairEchoes: bodies of many sizes, through windows of many sizes, over
// pipes that split anywhere, come back as they went.
func TestPairEchoes(t *testing.T) {
	for seed := range uint64(12) {
		luck := prototest.NewRand(seed)
		config := Config{StreamWindowBytes: []int{1, 100, 16_384, 65_535, 1 << 20}[luck.Below(5)], HeaderTableBytes: []int{1, 100, 4096, 1 << 16}[luck.Below(4)]}
		other := Config{StreamWindowBytes: 1 + luck.Below(200_000), MaxOutputBytes: 1 << 16}
		client, server := newPeer(NewClient(config), seed), newPeer(NewServer(other), seed+1)
		server.on, server.slow = echo, seed%2 == 0
		var sizes []int
		for range 20 {
			size := luck.Below([]int{1, 50, 20_000, 200_000}[luck.Below(4)])
			if config.StreamWindowBytes < 1000 {
				size %= 5000
			}
			sizes = append(sizes, size)
		}
		client.on = func(p *peer, e Event) {
			for len(sizes) > 0 && p.CanOpen() && p.Streams() < 7 {
				id, err := p.Open(append(slices.Clone(get), HeaderField{Name: "x-long", Value: strings.Repeat("x", luck.Below(20_000))}), false)
				if err == ErrOutputFull {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				p.rest[id] = body(sizes[0])
				sizes = sizes[1:]
				p.push(id)
			}
		}
		pipe := prototest.Pipe{Seed: seed, DelayMicros: 100, JitterMicros: 50, MaxPieceBytes: 1 + luck.Below(30_000)}
		prototest.Run(client.end(), server.end(), pipe, 60_000_000)
		if len(sizes) > 0 || client.over || client.Streams() != 0 || server.Streams() != 0 {
			t.Fatalf("seed %d: %d requests left, %d streams open, closed: %v, %v", seed, len(sizes), client.Streams(), client.closed, server.closed)
		}
		for id := uint32(1); id < 41; id += 2 {
			sent, came := server.came[id], client.came[id]
			if !came.ended || !bytes.Equal(sent.body, came.body) || !bytes.Equal(sent.body, body(len(sent.body))) ||
				!strings.HasPrefix(sent.head, text(get)) || sent.trail != came.trail || came.head != fmt.Sprintf(":status=200;x-stream=%d;", id) {
				t.Fatalf("seed %d, stream %d: %d bytes went, %d came back; %s %s", seed, id, len(sent.body), len(came.body), came.head, came.trail)
			}
		}
		for _, c := range []*Conn{client.Conn, server.Conn} {
			if got := c.receiveWindow + c.credit; got != c.config.ConnWindowBytes {
				t.Fatalf("seed %d: of a connection window of %d bytes %d are left when all is consumed", seed, c.config.ConnWindowBytes, got)
			}
		}
	}
}

// TestCutAnywhere: wherever the transport ends, both ends learn it and neither
// has got anything but a prefix.
func TestCutAnywhere(t *testing.T) {
	for cut := 1; cut < 6000; cut += 37 {
		client, server := newPeer(NewClient(Config{}), 1), newPeer(NewServer(Config{}), 2)
		server.on = echo
		id, _ := client.Open(get, false)
		client.rest[id] = body(2000)
		client.push(id)
		prototest.Run(client.end(), server.end(), prototest.Pipe{CutAfterBytes: cut, MaxPieceBytes: 500, DelayMicros: 10}, 1_000_000)
		if whole := client.came[id] != nil && client.came[id].ended; whole == client.over || client.over && client.closed != ErrDisconnected {
			t.Fatalf("cut after %d bytes: the answer is whole: %v; over: %v, %v", cut, whole, client.over, client.closed)
		}
		if x := server.came[id]; x != nil && !bytes.HasPrefix(body(2000), x.body) {
			t.Fatalf("cut after %d bytes: the server got something else", cut)
		}
	}
}

// TestGoAwayInGoodOrder: what is under way ends well, what is new is refused
// so that it can be tried elsewhere, and then both ends close.
func TestGoAwayInGoodOrder(t *testing.T) {
	client, server := newPeer(NewClient(Config{}), 1), newPeer(NewServer(Config{}), 2)
	server.on = func(p *peer, e Event) {
		if e.Kind == Headers && e.Stream == 1 {
			p.GoAway(NoError)
		}
		echo(p, e)
	}
	var late uint32
	client.on = func(p *peer, e Event) {
		if e.Kind == GoAway {
			if e.Stream != 1 || p.CanOpen() {
				t.Errorf("GOAWAY up to stream %d; the client may open more: %v", e.Stream, p.CanOpen())
			}
		}
		if e.Kind == Closed && e.Err != nil {
			t.Errorf("closed: %v", e.Err)
		}
	}
	first, _ := client.Open(get, false)
	client.rest[first] = body(100_000)
	client.push(first)
	late, _ = client.Open(get, false)
	prototest.Run(client.end(), server.end(), prototest.Pipe{DelayMicros: 1000}, 10_000_000)
	if !client.over || !server.over || len(client.came[first].body) != 100_000 {
		t.Fatalf("over: %v, %v; %d bytes of the stream that was under way", client.over, server.over, len(client.came[first].body))
	}
	if x := client.came[late]; x == nil || x.failed != RefusedStream+1000 {
		t.Errorf("the late stream: %+v", x)
	}
	if _, err := client.Open(get, true); err != ErrClosed {
		t.Errorf("Open on a closed connection: %v", err)
	}
}

// TestKeepalive: a silent peer is asked, and given up when it does not answer.
func TestKeepalive(t *testing.T) {
	client, server := newPeer(NewClient(Config{KeepaliveMicros: 1_000_000, KeepaliveTimeoutMicros: 300_000}), 1), newPeer(NewServer(Config{}), 2)
	end := client.end()
	deaf := server.end()
	// Without a delay the answer comes in the microsecond of the question.
	for i, delay := range []int64{10, 0} {
		prototest.Run(end, deaf, prototest.Pipe{DelayMicros: delay}, int64(i+1)*10_000_000)
		if client.over {
			t.Fatalf("the peer answers, with a delay of %d, and yet: %v", delay, client.closed)
		}
	}
	now := client.now
	deaf.Receive = func(int64, []byte) {}
	prototest.Run(prototest.End{Receive: end.Receive, Output: end.Output, Deadline: end.Deadline, Tick: end.Tick}, deaf, prototest.Pipe{}, now+2_000_000)
	if client.closed != ErrTimeout {
		t.Fatalf("the peer is deaf: %v", client.closed)
	}
}

func TestPing(t *testing.T) {
	client, server := newPeer(NewClient(Config{}), 1), newPeer(NewServer(Config{}), 2)
	var pongs []uint64
	client.on = func(_ *peer, e Event) {
		if e.Kind == Pong {
			pongs = append(pongs, e.Number)
		}
	}
	var sent []uint64
	for n, ok := client.Ping(); ok; n, ok = client.Ping() {
		sent = append(sent, n)
	}
	prototest.Run(client.end(), server.end(), prototest.Pipe{}, 1000)
	if len(sent) != maxPings || !slices.Equal(pongs, sent) {
		t.Errorf("pings %v, pongs %v", sent, pongs)
	}
}
