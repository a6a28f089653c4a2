package grpc

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"grapevine/protocols/http2"
	"grapevine/protocols/prototest"
)

// story writes an event so that tests can compare.
func story(e Event) string {
	var b strings.Builder
	fmt.Fprint(&b, e.Kind)
	switch e.Kind {
	case Start:
		fmt.Fprint(&b, " ", e.Call.Method)
	case Received:
		fmt.Fprintf(&b, " %d", len(e.Message))
		if len(e.Message) < 20 {
			fmt.Fprintf(&b, " %s", e.Message)
		}
	case Finished, Cancelled:
		fmt.Fprint(&b, " ", e.Status.Code)
	}
	for _, p := range e.Metadata {
		fmt.Fprintf(&b, " %s=%s", p.Key, p.Value)
	}
	return b.String()
}

// told collects what both ends are told. The server answers as answer says.
type told struct{ client, server []string }

func (p *pair) tell(answer func(Event)) *told {
	var all told
	p.log = func(e Event) {
		if e.Kind != Ready && e.Kind != Writable {
			all.client = append(all.client, story(e))
		}
	}
	p.handle = func(e Event) {
		if e.Kind != Ready && e.Kind != Writable {
			all.server = append(all.server, story(e))
		}
		answer(e)
	}
	return &all
}

func (all *told) expect(t *testing.T, client, server string) {
	t.Helper()
	if got := strings.Join(all.client, ", "); got != client {
		t.Errorf("the client is told\n%s\nexpected\n%s", got, client)
	}
	if got := strings.Join(all.server, ", "); got != server {
		t.Errorf("the server is told\n%s\nexpected\n%s", got, server)
	}
}

// echo gives back what comes.
func echo(e Event) {
	switch e.Kind {
	case Received:
		e.Call.Send(Raw(e.Message))
	case HalfClosed:
		e.Call.Finish(Status{}, Metadata{{"t", "1"}})
	}
}

func (p *pair) call(o Options) *Call {
	p.t.Helper()
	call, err := p.client.Call(p.now, "/s/m", o)
	if err != nil {
		p.t.Fatal(err)
	}
	return call
}

// The four kinds of call are one: messages this way, messages that way, and
// any split of the bytes gives the same.
func TestKinds(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for _, c := range []struct {
		name, client, server string
		messages             []string
		o                    Options
	}{
		{"unary", "header, received 1 a, finished OK t=1", "start /s/m, received 1 a, half-closed", []string{"a"}, Options{}},
		{"none", "finished OK t=1", "start /s/m, half-closed", nil, Options{}},
		{"many", "header, received 1 a, received 0 , received 3 ccc, finished OK t=1", "start /s/m, received 1 a, received 0 , received 3 ccc, half-closed",
			[]string{"a", "", "ccc"}, Options{}},
		{"long", "header, received 200000, received 1 b, finished OK t=1", "start /s/m, received 200000, received 1 b, half-closed",
			[]string{long, "b"}, Options{}},
		{"gzip", "header, received 200000, received 1 b, finished OK t=1", "start /s/m, received 200000, received 1 b, half-closed",
			[]string{long, "b"}, Options{Encoding: Gzip}},
		{"metadata", "header, received 1 a, finished OK t=1", "start /s/m, received 1 a, half-closed", []string{"a"},
			Options{TimeoutMicros: 5, Metadata: Metadata{{"k-bin", "\x00"}}}},
	} {
		for _, piece := range []int{0, 1, 7, 1000} {
			if piece == 1 && len(c.messages) > 0 && len(c.messages[0]) > 1000 {
				continue
			}
			t.Run(fmt.Sprintf("%s by %d", c.name, piece), func(t *testing.T) {
				p := newPair(t, Config{MaxQueuedBytes: 1 << 20}, Config{MaxQueuedBytes: 1 << 20})
				p.piece = piece
				all := p.tell(echo)
				call := p.call(c.o)
				for _, m := range c.messages {
					if err := call.Send(Raw(m)); err != nil {
						t.Fatal(err)
					}
				}
				if err := call.CloseSend(); err != nil {
					t.Fatal(err)
				}
				p.run()
				all.expect(t, c.client, c.server)
				if p.client.Calls()+p.server.Calls() != 0 || call.State() != Over {
					t.Error("the call is not forgotten")
				}
			})
		}
	}
}

// What a server's conversation looks like in bytes gives the same events in
// every split.
func TestSplit(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	var bytes []byte
	for range 3 {
		call := p.call(Options{Metadata: Metadata{{"k", "v"}}, Encoding: Gzip})
		call.Send(Raw("one"))
		call.SendLast(Raw(strings.Repeat("two", 30)))
	}
	drain(p.client, p.log)
	bytes = append(bytes, p.client.Output()...)
	read := func(pieces ...[]byte) string {
		c := NewServer(Config{})
		var all []string
		for _, b := range pieces {
			c.Receive(0, b)
			drain(c, func(e Event) { all = append(all, story(e)); echo(e) })
			c.Sent(len(c.Output()))
		}
		return strings.Join(all, "\n")
	}
	if got := prototest.Split(t, bytes, read); strings.Count(got, "half-closed") != 3 {
		t.Error(got)
	}
	prototest.Trailing(t, bytes, []byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00garbage"), read)
}

func TestDeadline(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	all := p.tell(func(Event) {})
	p.call(Options{TimeoutMicros: 500}).SendLast(Raw("a"))
	p.call(Options{TimeoutMicros: 900}).SendLast(Raw("b"))
	p.run()
	if at, ok := p.client.Deadline(); !ok || at != 500 {
		t.Errorf("the client's deadline is %d, %v", at, ok)
	}
	p.wait(499)
	p.wait(1)
	p.wait(1000)
	all.expect(t, "finished DEADLINE_EXCEEDED, finished DEADLINE_EXCEEDED",
		"start /s/m, received 1 a, half-closed, start /s/m, received 1 b, half-closed, cancelled DEADLINE_EXCEEDED, cancelled DEADLINE_EXCEEDED")
	if at, ok := p.client.Deadline(); ok && at < 1_000_000 {
		t.Errorf("a deadline is left: %d", at)
	}
}

func TestCancel(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	all := p.tell(func(e Event) {
		if e.Kind == Received {
			e.Call.Send(Raw("b"))
		}
	})
	call := p.call(Options{})
	call.Send(Raw("a"))
	p.run()
	call.Cancel()
	call.Cancel()
	p.run()
	all.expect(t, "header, received 1 b, finished CANCELLED", "start /s/m, received 1 a, cancelled CANCELLED")
	for _, err := range []error{call.Send(Raw("x")), call.CloseSend(), call.SendLast(Raw("x"))} {
		if err != ErrOver {
			t.Errorf("got %v, expected %v", err, ErrOver)
		}
	}
}

// A server that finishes early does not wait for the request's end.
func TestEarlyFinish(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	all := p.tell(func(e Event) {
		if e.Kind == Start {
			e.Call.Finish(Errorf(PermissionDenied, "no \n way"), nil)
		}
	})
	call := p.call(Options{})
	for call.Send(Raw(strings.Repeat("x", 30_000))) == nil {
	}
	p.run()
	all.expect(t, "finished PERMISSION_DENIED", "start /s/m")
	if p.client.http.Streams()+p.server.http.Streams() != 0 {
		t.Error("a stream is left")
	}
}

// Who may do what, and when.
func TestMisuse(t *testing.T) {
	p := newPair(t, Config{}, Config{MaxSendBytes: 10})
	var errs []error
	p.tell(func(e Event) {
		switch e.Kind {
		case Received:
			errs = append(errs, e.Call.SendLast(Raw("x")), e.Call.CloseSend(), e.Call.Finish(Status{}, Metadata{{"Bad", ""}}),
				e.Call.SendHeader(Metadata{{"te", "x"}}))
			if err := e.Call.Send(Raw("longer than ten")); err != ErrTooLong {
				t.Error(err)
			}
			errs = append(errs, e.Call.SendHeader(nil))
			if err := e.Call.Finish(Status{}, nil); err != nil {
				t.Error(err)
			}
			if err := e.Call.Finish(Status{}, nil); err != ErrOver {
				t.Error(err)
			}
		}
	})
	call := p.call(Options{})
	call.SendLast(Raw("a"))
	errs = append(errs, call.Send(Raw("b")), call.CloseSend(), call.SendHeader(nil), call.Finish(Status{}, nil))
	for _, o := range []Options{{Encoding: "lzw"}, {Metadata: Metadata{{"A", ""}}}} {
		_, err := p.client.Call(0, "/s/m", o)
		errs = append(errs, err)
	}
	_, err := p.client.Call(0, "s/m", Options{})
	_, err2 := p.server.Call(0, "/s/m", Options{})
	p.run()
	for i, err := range append(errs, err, err2) {
		if _, ok := err.(*Misuse); !ok {
			t.Errorf("%d: got %v, expected a *Misuse", i, err)
		}
	}
}

// Hold keeps credit back until the peer's queue is full; Resume lets all come.
func TestHold(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	got, full := 0, 0
	var server *Call
	p.handle = func(e Event) {
		switch e.Kind {
		case Start:
			server = e.Call
			server.Hold()
		case Received:
			got++
		case HalfClosed:
			e.Call.Finish(Status{}, nil)
		}
	}
	call := p.call(Options{})
	sent := 0
	p.log = func(e Event) {
		for e.Kind == Writable && sent < 1000 && call.Send(Raw(strings.Repeat("x", 1000))) == nil {
			sent++
		}
		if e.Kind == Writable && sent == 1000 {
			call.CloseSend()
		}
		if e.Kind == Finished && e.Status.Code == OK {
			full++
		}
	}
	for call.Send(Raw(strings.Repeat("x", 1000))) == nil {
		sent++
	}
	p.run()
	if got != 0 || sent < 100 || sent > 135 { // a window of 65,535 and a queue of 65,536
		t.Fatalf("%d messages were sent and %d came while the call was held", sent, got)
	}
	server.Resume()
	p.run()
	if got != 1000 || full != 1 {
		t.Fatalf("%d of 1000 messages came, %d ends", got, full)
	}
}

// A reader that holds the call after each message never has more waiting than
// the window, and gets all of them.
func TestMessageByMessage(t *testing.T) {
	const window = 500
	config := Config{HTTP2: http2.Config{StreamWindowBytes: window}}
	p := newPair(t, config, config)
	var server *Call
	got, ended := 0, false
	p.handle = func(e Event) {
		switch e.Kind {
		case Start:
			server = e.Call
		case Received:
			got++
			e.Call.Hold()
		case HalfClosed:
			ended = true
		}
	}
	call := p.call(Options{})
	p.run()
	for range 99 {
		call.Send(Raw(strings.Repeat("x", 95)))
	}
	call.SendLast(Raw(strings.Repeat("y", 3*window)))
	for range 200 {
		p.run()
		if server.Unread() > window {
			t.Fatalf("%d bytes wait after %d messages, with a window of %d", server.Unread(), got, window)
		}
		server.Resume()
	}
	p.run()
	if got != 100 || !ended {
		t.Fatalf("%d of 100 messages came, ended: %v", got, ended)
	}
}

// A held call is told the end only behind its messages.
func TestHeldEnd(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	all := p.tell(echo)
	call := p.call(Options{})
	call.Hold()
	call.SendLast(Raw("a"))
	p.run()
	all.client = append(all.client, "resumed")
	call.Resume()
	p.run()
	all.expect(t, "header, resumed, received 1 a, finished OK t=1", "start /s/m, received 1 a, half-closed")
}

// A stream whose messages never end where a frame does costs one message.
func TestLongStream(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	p.piece = 1009
	var server *Call
	got := 0
	p.handle = func(e Event) {
		if e.Kind == Received {
			got++
			server = e.Call
		}
	}
	call := p.call(Options{})
	for range 50 {
		for call.Send(Raw(make([]byte, 1500))) == nil {
		}
		for range 20 {
			p.pass(p.client, p.server)
			drain(p.server, p.handle)
			if server != nil && len(server.in) > 10_000 {
				t.Fatalf("%d bytes are kept after %d messages of 1500", len(server.in), got)
			}
		}
		p.run()
	}
	if got < 1000 {
		t.Fatalf("%d messages came", got)
	}
}

func TestTooLong(t *testing.T) {
	for _, encoding := range []string{"", Gzip} {
		p := newPair(t, Config{}, Config{MaxReceiveBytes: 1000})
		all := p.tell(echo)
		p.call(Options{Encoding: encoding}).SendLast(Raw(bytes.Repeat([]byte("x"), 1001)))
		p.call(Options{Encoding: encoding}).SendLast(Raw(bytes.Repeat([]byte("x"), 1000)))
		p.run()
		all.expect(t, "finished RESOURCE_EXHAUSTED, header, received 1000, finished OK t=1",
			"start /s/m, cancelled RESOURCE_EXHAUSTED, start /s/m, received 1000, half-closed")
		p = newPair(t, Config{MaxReceiveBytes: 1000}, Config{})
		all = p.tell(echo)
		p.call(Options{Encoding: encoding}).SendLast(Raw(bytes.Repeat([]byte("x"), 1001)))
		p.run()
		if got := strings.Join(all.client, ", "); got != "header, finished RESOURCE_EXHAUSTED" {
			t.Error(got)
		}
	}
}

// However the connection ends, every call is told, once.
func TestLost(t *testing.T) {
	for cut := 1; cut < 700; cut += 3 {
		client, server := NewClient(Config{}), NewServer(Config{})
		ends, starts, over := 0, 0, 0
		for range 3 {
			call, _ := client.Call(0, "/s/m", Options{})
			call.SendLast(Raw("hello"))
		}
		prototest.Run(end(client, func(e Event) {
			if e.Kind == Finished {
				ends++
			}
		}), end(server, func(e Event) {
			switch e.Kind {
			case Start:
				starts++
			case HalfClosed:
				over++
			case Cancelled:
				if e.Call.State() != Over {
					t.Error("a cancelled call is not over")
				}
			}
			echo(e)
		}), prototest.Pipe{Seed: uint64(cut), MaxPieceBytes: 50, DelayMicros: 10, CutAfterBytes: cut}, 1_000_000)
		if ends != 3 || client.Calls()+server.Calls() != 0 || over > starts {
			t.Fatalf("cut after %d bytes: %d of 3 calls ended, %d and %d are left", cut, ends, client.Calls(), server.Calls())
		}
	}
}

// end says to prototest how a Conn is used.
func end(c *Conn, tell func(Event)) prototest.End {
	return prototest.End{
		Receive:  func(now int64, b []byte) { c.Receive(now, b); drain(c, tell) },
		Deadline: c.Deadline,
		Tick:     func(now int64) { c.Tick(now); drain(c, tell) },
		Output: func(int64) []byte {
			b := bytes.Clone(c.Output())
			c.Sent(len(b))
			drain(c, tell)
			return b
		},
		Disconnected: func(int64) { c.Disconnected(); drain(c, tell) },
	}
}

// A client that is told to go away ends well what it has begun.
func TestShutdown(t *testing.T) {
	p := newPair(t, Config{}, Config{})
	all := p.tell(echo)
	call := p.call(Options{})
	p.run()
	p.server.Shutdown()
	p.run()
	if _, err := p.client.Call(0, "/s/m", Options{}); err != http2.ErrGoingAway {
		t.Errorf("got %v", err)
	}
	call.SendLast(Raw("a"))
	p.run()
	all.expect(t, "going away, header, received 1 a, finished OK t=1, closed", "start /s/m, received 1 a, half-closed, closed")
}

// A client whose server fell silent finds out by a PING, and each call is told.
func TestKeepalive(t *testing.T) {
	p := newPair(t, Config{HTTP2: http2.Config{KeepaliveMicros: 1000, KeepaliveTimeoutMicros: 100}}, Config{})
	all := p.tell(func(Event) {})
	p.call(Options{}).SendLast(Raw("a"))
	p.run()
	for range 5 { // the server answers, the connection lives
		p.now += 1000
		p.client.Tick(p.now)
		p.now++ // the answer takes its time
		p.run()
	}
	if len(all.client) != 0 || p.client.Closed() {
		t.Fatalf("%v, while the server was there", all.client)
	}
	for range 5 { // and now it does not
		if at, ok := p.client.Deadline(); ok {
			p.client.Tick(at)
			drain(p.client, p.log)
			p.client.Sent(len(p.client.Output()))
		}
	}
	if got := strings.Join(all.client, ", "); got != "finished UNAVAILABLE, closed" {
		t.Error(got)
	}
}
