package grpc

import (
	"bytes"
	"strings"
	"testing"

	"grapevine/protocols/http2"
)

// talkOf is what a well-behaved client sends, or what a server answers to it.
func talkOf(t testing.TB, fromClient bool) []byte {
	p := newPair(t, Config{}, Config{})
	p.handle = echo
	var all []byte
	for _, o := range []Options{{}, {Encoding: Gzip, TimeoutMicros: 1000}, {Metadata: Metadata{{"k-bin", "\xff"}}}} {
		call, err := p.client.Call(0, "/s/m", o)
		if err != nil {
			t.Fatal(err)
		}
		call.Send(Raw("a"))
		call.SendLast(Raw(strings.Repeat("b", 100)))
		for moved := true; moved; {
			drain(p.client, p.log)
			drain(p.server, p.handle)
			if fromClient {
				all = append(all, p.client.Output()...)
			} else {
				all = append(all, p.server.Output()...)
			}
			moved = p.pass(p.client, p.server)
			drain(p.server, p.handle)
			if b := p.server.Output(); !fromClient {
				all = append(all, b...)
			}
			moved = p.pass(p.server, p.client) || moved
		}
	}
	return all
}

// checkSize holds a connection to its limits on what a peer sent: messages and
// windows, by Config.
func checkSize(t *testing.T, c *Conn) {
	held := len(c.Output())
	for _, call := range c.calls {
		held += len(call.in) + len(call.queue)
	}
	if limit := 4<<20 + 2<<20 + 200*(64<<10); held > limit {
		t.Fatalf("%d bytes are held, expected at most %d", held, limit)
	}
	if len(c.calls) != len(c.byStream) {
		t.Fatalf("%d calls, of which %d can be found", len(c.calls), len(c.byStream))
	}
}

// FuzzServer gives a server whatever comes, cut into pieces. Its caller does
// with calls what the other input says, whether the rules allow it or not.
func FuzzServer(f *testing.F) {
	f.Add(talkOf(f, true), []byte{5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add(talkOf(f, true), []byte{1})
	f.Add([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"), []byte{9})
	f.Fuzz(func(t *testing.T, said, script []byte) {
		fuzz(t, NewServer(Config{MaxReceiveBytes: 1000}), said, script)
	})
}

// FuzzClient does the same to a client that has calls under way.
func FuzzClient(f *testing.F) {
	f.Add(talkOf(f, false), []byte{5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add(talkOf(f, false), []byte{1})
	f.Fuzz(func(t *testing.T, said, script []byte) {
		c := NewClient(Config{MaxReceiveBytes: 1000})
		for range 3 {
			if call, err := c.Call(0, "/s/m", Options{TimeoutMicros: 50}); err == nil {
				call.SendLast(Raw("hello"))
			}
		}
		fuzz(t, c, said, script)
	})
}

func fuzz(t *testing.T, c *Conn, said, script []byte) {
	now := int64(0)
	next := func() byte {
		if len(script) == 0 {
			return 0
		}
		b := script[0]
		script = script[1:]
		return b
	}
	var calls []*Call
	over := map[*Call]bool{}
	act := func(e Event) {
		if e.Call == nil {
			return
		}
		if e.Kind == Finished || e.Kind == Cancelled {
			if over[e.Call] {
				t.Fatal("a call ended twice")
			}
			over[e.Call] = true
		} else if over[e.Call] {
			t.Fatalf("%v came after the end", e.Kind)
		}
		calls = append(calls, e.Call)
		call := calls[int(next())%len(calls)]
		switch next() % 10 {
		case 0:
			call.Send(Raw(e.Message))
		case 1:
			call.Finish(Status{Code: Code(next()), Message: string(said[:min(len(said), 9)])}, nil)
		case 2:
			call.Hold()
		case 3:
			call.Resume()
		case 4:
			call.Cancel()
		case 5:
			call.SendHeader(Metadata{{"a", "b"}})
		case 6:
			call.CloseSend()
		case 7:
			call.SendLast(Raw("x"))
		case 8:
			c.Shutdown()
		}
	}
	for len(said) > 0 {
		n := min(1+int(next()), len(said))
		c.Receive(now, said[:n])
		said = said[n:]
		now += int64(n % 7)
		if next()%4 != 3 { // now and then the caller forgets to drain
			drain(c, act)
		}
		c.Tick(now)
		c.Sent(min(len(c.Output()), 1000))
		checkSize(t, c)
	}
	drain(c, act)
	c.Disconnected()
	drain(c, act)
	if !c.Closed() || c.Calls() != 0 {
		t.Fatalf("the connection is over, and %d calls are not", c.Calls())
	}
}

// FuzzFields reads what stands in header fields: nothing panics, and what is
// read can be written and read again.
func FuzzFields(f *testing.F) {
	f.Add("grpc-status-details-bin", "AAEC")
	f.Add("grpc-timeout", "100m")
	f.Add("grpc-message", "a%20b%")
	f.Add("k-bin", "AA==,AQ")
	f.Fuzz(func(t *testing.T, name, value string) {
		list := []http2.HeaderField{{Name: "grpc-status", Value: "3"}, {Name: name, Value: value}}
		if s, ok := readStatus(list); ok && name != "grpc-status" {
			again, _ := readStatus(appendStatus(nil, s))
			if again.Code != s.Code || again.Message != strings.ToValidUTF8(s.Message, "\uFFFD") || !bytes.Equal(again.Details, s.Details) {
				t.Errorf("%v becomes %v", s, again)
			}
		}
		if m, ok := readMetadata(list); ok {
			if written, err := appendMetadata(nil, m); err == nil {
				again, ok := readMetadata(written)
				if !ok || len(again) != len(m) {
					t.Errorf("%q becomes %q", m, again)
				}
			}
		}
		if micros, ok := parseTimeout(value); ok {
			if again, ok := parseTimeout(formatTimeout(micros)); !ok || again < micros && micros < 1e17 {
				t.Errorf("%d microseconds become %d", micros, again)
			}
		}
	})
}
