package http2

import (
	"bytes"
	"testing"

	"grapevine/protocols/prototest"
)

func FuzzDissect(f *testing.F) {
	f.Add(clientTalk())
	f.Add([]byte("PRI * HT"))
	f.Add(newRaw(false).headers(1, true, HeaderField{Name: ":status", Value: "200"}).take())
	f.Fuzz(func(t *testing.T, b []byte) { covered(t, b) })
}

// FuzzReceive: bytes of any kind, split anywhere, to either end, which answers
// what it can. Split or whole, it says the same, and holds no more than its
// limits allow.
func FuzzReceive(f *testing.F) {
	f.Add(clientTalk(), uint16(3), true)
	for _, rule := range rules {
		r := newRaw(true)
		rule.do(r)
		f.Add(r.b, uint16(7), true)
	}
	f.Add(newRaw(false).headers(1, false, HeaderField{Name: ":status", Value: "200"}).data(1, true, "x").take(), uint16(1), false)
	f.Fuzz(func(t *testing.T, b []byte, piece uint16, server bool) {
		config := Config{MaxResets: 5, MaxIdleFrames: 20, MaxOutputBytes: 1 << 16, MaxHeaderListBytes: 2000, MaxHeaderBlockBytes: 3000, MaxStreams: 4}
		read := func(pieces ...[]byte) string {
			c := NewClient(config)
			if server {
				c = NewServer(config)
			} else {
				c.Open(get, true)
				c.Open(get, false)
			}
			var told string
			for _, b := range pieces {
				told += tell(c, b)
				if held := c.heldBytes(); held > c.limitBytes() {
					t.Fatalf("holds %d bytes", held)
				}
				consistent(t, c)
			}
			return told + said(c)
		}
		n := max(1, int(piece))
		var pieces [][]byte
		for rest := b; len(rest) > 0; {
			k := min(n, len(rest))
			pieces = append(pieces, rest[:k])
			rest = rest[k:]
		}
		if whole, split := read(b), read(pieces...); whole != split {
			t.Fatalf("whole:\n%s\nin pieces of %d:\n%s", whole, n, split)
		}
	})
}

// consistent checks what must always hold of a connection.
func consistent(t testing.TB, c *Conn) {
	t.Helper()
	unconsumed, local, blocked := 0, 0, 0
	for i, s := range c.live {
		if s.index != i || c.streams[s.id] != s || s.state == Done || s.state == Idle {
			t.Fatalf("stream %d, %s, is out of place", s.id, s.state)
		}
		if s.unconsumed < 0 || s.credit < 0 || s.receiveWindow+s.unconsumed+s.credit > max(defaultWindowBytes, c.config.StreamWindowBytes) {
			t.Fatalf("stream %d: window %d, unconsumed %d, credit %d", s.id, s.receiveWindow, s.unconsumed, s.credit)
		}
		unconsumed += s.unconsumed
		if c.isLocal(s.id) {
			local++
		}
		if s.blocked {
			blocked++
		}
	}
	if c.closed {
		return
	}
	if len(c.live) != len(c.streams) || local != c.openLocal || len(c.live)-local != c.openPeer || blocked != len(c.blocked) {
		t.Fatalf("%d streams live, %d known, %d and %d counted; %d blocked, %d queued", len(c.live), len(c.streams), c.openLocal, c.openPeer, blocked, len(c.blocked))
	}
	if c.openLocal > c.config.MaxStreams || c.openPeer > c.config.MaxStreams {
		t.Fatalf("%d and %d streams", c.openLocal, c.openPeer)
	}
	if got := c.receiveWindow + unconsumed + c.credit; got != c.config.ConnWindowBytes {
		t.Fatalf("window %d + unconsumed %d + credit %d is not the connection's window", c.receiveWindow, unconsumed, c.credit)
	}
	if len(c.pings) > maxPings || len(c.reset.ids) > maxResetRemembered || len(c.ended.ids) > maxEndedRemembered {
		t.Fatal("remembers too much")
	}
}

// FuzzPair: two ends, and a program of what their callers do, in any order and
// with any arguments. Whatever it is, neither takes the other's bytes for a
// fault, and both hold no more than their limits allow.
func FuzzPair(f *testing.F) {
	f.Add([]byte("\x00\x05\x01\x10\x30\x02\x03\x21\x40\x51\x62\x73\x84\x95\xa6\xb7\xc8"), uint64(1))
	f.Add(bytes.Repeat([]byte("\x00\x11\x22\x80\x91\x43\x34\x92"), 30), uint64(2))
	f.Add(body(300), uint64(3))
	text := body(1 << 17)
	f.Fuzz(func(t *testing.T, program []byte, seed uint64) {
		if len(program) > 400 {
			return
		}
		rand := prototest.NewRand(seed)
		config := func() Config {
			return Config{StreamWindowBytes: 1 + rand.Below(100_000), MaxStreams: 1 + rand.Below(6), MaxOutputBytes: 1 << 16, HeaderTableBytes: 1 + rand.Below(9000)}
		}
		ends := [2]*peer{newPeer(NewClient(config()), seed), newPeer(NewServer(config()), seed+1)}
		now, left := int64(0), false // whether one end broke off
		for _, op := range program {
			p, q := ends[op&1], ends[1-op&1]
			stream := uint32(1 + 2*rand.Below(8))
			if len(p.live) > 0 && op&2 != 0 {
				stream = p.live[rand.Below(len(p.live))].id
			}
			switch size := rand.Below(1 << rand.Below(18)); op >> 2 % 16 {
			case 0, 1:
				p.Open(with(HeaderField{Name: "x", Value: string(text[:size%30_000])}), size%2 == 0)
			case 2:
				p.SendHeaders(stream, []HeaderField{{Name: ":status", Value: "200"}}, size%2 == 0)
			case 3:
				p.SendHeaders(stream, []HeaderField{{Name: ":status", Value: "103"}}, false)
			case 4:
				p.SendHeaders(stream, p.trail, true)
			case 5, 6:
				p.SendData(stream, text[:size], size%3 == 0)
			case 7:
				p.Consume(stream, size)
			case 8:
				p.Reset(stream, Code(size%20))
			case 9:
				p.Ping()
			case 10:
				if size%64 == 0 {
					p.GoAway(NoError)
				}
			case 11:
				if size%2048 == 1 {
					p.GoAway(InternalError)
					p.Disconnected()
					left = true
				}
			case 12:
				p.Tick(now)
			default: // some of what p sent arrives
				b := p.Output()
				b = bytes.Clone(b[:min(len(b), 1+size)])
				p.Sent(len(b))
				now += int64(size)
				q.Receive(now, b)
			}
			for _, e := range ends {
				e.drain()
				consistent(t, e.Conn)
				if fault, is := e.closed.(*Error); is && !left {
					t.Fatalf("one end takes the other's bytes for a fault: %v", fault)
				}
				if held := e.heldBytes(); held > e.limitBytes()+listBytes(get)+100_000 {
					t.Fatalf("holds %d bytes, the limits allow %d", held, e.limitBytes())
				}
			}
		}
	})
}
