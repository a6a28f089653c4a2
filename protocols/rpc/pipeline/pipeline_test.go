package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/rpc"
)

// echo is a business handler that answers each request with its arguments, at
// once or, late, when it is told to.
type echo struct {
	late bool
	kept []func()
	seen []uint64
}

func (e *echo) Name() string { return "echo" }

func (e *echo) Read(c Context, m Message) {
	f := m.Value.(*rpc.Frame)
	e.seen = append(e.seen, f.Call.Number)
	reply := rpc.Frame{Kind: rpc.Reply, Call: f.Call, Body: bytes.Clone(f.Body)}
	if e.late {
		e.kept = append(e.kept, func() { c.Write(Message{Value: &reply}) })
		return
	}
	c.Write(Message{Value: &reply})
}

// server is a whole chain, and its business.
func server(limits Limits, maxFrameBytes int) (*Pipeline, *echo) {
	e := &echo{}
	return New(limits, &FrameDecoder{MaxFrameBytes: maxFrameBytes}, &FrameEncoder{}, &CallDecoder{}, &CallEncoder{}, e), e
}

func request(number uint64, body string) []byte {
	f := rpc.Frame{Kind: rpc.Request, Call: rpc.CallKey{Client: 9, Number: number}, ID: rpc.ID{Number: 1}, Body: []byte(body)}
	return AppendFrame(nil, rpc.AppendFrame(nil, f))
}

func reply(number uint64, body string) []byte {
	f := rpc.Frame{Kind: rpc.Reply, Call: rpc.CallKey{Client: 9, Number: number}, Body: []byte(body)}
	return AppendFrame(nil, rpc.AppendFrame(nil, f))
}

// drain polls until there is nothing, and returns what it saw and what is to
// be sent.
func drain(p *Pipeline) (steps []Step, out []byte) {
	for {
		at, going, ok := p.Next()
		s, polled := p.Poll()
		if ok != polled || ok && (at != s.Handler || going != s.Out) {
			panic(fmt.Sprintf("Next says %d %v %v, Poll did %+v %v", at, going, ok, s, polled))
		}
		if !ok {
			return steps, append(out, p.Output()...)
		}
		steps = append(steps, s)
	}
}

// feed offers bytes as the loop in doc.go does.
func feed(p *Pipeline, b []byte) (out []byte) {
	for len(b) > 0 && p.Err() == nil {
		b = b[p.Receive(b):]
		_, o := drain(p)
		out = append(out, o...)
	}
	return out
}

// One request goes through the chain handler by handler, and its answer back.
func TestOneRequest(t *testing.T) {
	p, _ := server(Limits{}, 0)
	p.Receive(request(1, "hi"))
	steps, out := drain(p)
	var way []string
	for _, s := range steps {
		name := "head"
		if s.Handler >= 0 {
			name = p.handlers[s.Handler].Name()
		}
		way = append(way, fmt.Sprintf("%s %d", name, s.Made))
	}
	if want := []string{"frame decoder 1", "call decoder 1", "echo 1", "call encoder 1", "frame encoder 1", "head 0"}; !slices.Equal(way, want) {
		t.Errorf("the way was %v, expected %v", way, want)
	}
	if !bytes.Equal(out, reply(1, "hi")) {
		t.Errorf("answered % x", out)
	}
}

// The same comes out whole, split at every byte, byte by byte, and with what
// follows in the same piece.
func TestAnySplit(t *testing.T) {
	in := slices.Concat(request(1, "one"), request(2, ""), request(3, strings.Repeat("x", 300)))
	want := slices.Concat(reply(1, "one"), reply(2, ""), reply(3, strings.Repeat("x", 300)))
	for cut := range in {
		p, _ := server(Limits{}, 0)
		out := append(feed(p, in[:cut]), feed(p, in[cut:])...)
		if !bytes.Equal(out, want) {
			t.Fatalf("cut at %d: answered % x", cut, out)
		}
		if have, _ := p.Held(); have != 0 {
			t.Fatalf("cut at %d: %d bytes are left", cut, have)
		}
	}
	p, _ := server(Limits{}, 0)
	var out []byte
	for i := range in {
		out = append(out, feed(p, in[i:i+1])...)
	}
	if !bytes.Equal(out, want) {
		t.Errorf("byte by byte: answered % x", out)
	}
	p, _ = server(Limits{ReadBytes: 5}, 0)
	if out := feed(p, in); !bytes.Equal(out, want) {
		t.Errorf("taken in pieces of 5: answered % x", out)
	}
}

// Half a frame waits, and says how much it waits for.
func TestHalfAFrame(t *testing.T) {
	in := append(request(1, "first"), request(2, "second")...)
	first := len(request(1, "first"))
	p, e := server(Limits{}, 0)
	feed(p, in[:first+3])
	if have, want := p.Held(); have != 3 || want != LengthBytes || len(e.seen) != 1 {
		t.Errorf("holds %d of %d after %d requests, expected 3 of a length of 4 after 1", have, want, len(e.seen))
	}
	feed(p, in[first+3:first+6])
	if have, want := p.Held(); have != 6 || want != len(in)-first {
		t.Errorf("holds %d of %d, expected 6 of %d", have, want, len(in)-first)
	}
	p.End()
	var fault *PeerError
	if !errors.As(p.Err(), &fault) {
		t.Errorf("half a frame and no more: %v, expected the peer's fault", p.Err())
	}
	if p.Receive(in) != 0 {
		t.Error("a pipeline that has ended takes bytes")
	}
}

// A message goes all the way before the next one is decoded.
func TestOneAfterTheOther(t *testing.T) {
	p, e := server(Limits{}, 0)
	p.Receive(append(request(1, ""), request(2, "")...))
	for len(p.out) == 0 {
		p.Poll()
	}
	if !slices.Equal(e.seen, []uint64{1}) {
		t.Errorf("before the first answer was out, %v were read", e.seen)
	}
}

// A business that answers later does so through the context it kept, in any order.
func TestLateAnswers(t *testing.T) {
	p, e := server(Limits{}, 0)
	e.late = true
	if out := feed(p, append(request(1, "a"), request(2, "b")...)); out != nil {
		t.Fatalf("answered % x at once", out)
	}
	e.kept[1]()
	_, second := drain(p)
	e.kept[0]()
	_, first := drain(p)
	if !bytes.Equal(second, reply(2, "b")) || !bytes.Equal(first, reply(1, "a")) {
		t.Errorf("answered % x, then % x", second, first)
	}
}

// While there is work, or while answers wait to be sent, nothing is taken.
func TestHoldsBack(t *testing.T) {
	p, _ := server(Limits{OutputBytes: 20}, 0)
	if p.Receive(request(1, "")) == 0 || p.Receive(request(2, "")) != 0 {
		t.Error("bytes were taken before what came first was drained")
	}
	for {
		if _, ok := p.Poll(); !ok {
			break
		}
	}
	p.out = append(p.out, make([]byte, 20)...)
	if p.Receive(request(2, "")) != 0 {
		t.Error("bytes were taken although the answers pile up")
	}
	if p.Output(); p.Receive(request(2, "")) == 0 {
		t.Error("no bytes were taken although the answers are out")
	}
}

// Each fault names who made it, and ends the pipeline.
func TestFaults(t *testing.T) {
	var peer *PeerError
	p, e := server(Limits{}, 100)
	feed(p, request(1, strings.Repeat("x", 200))[:LengthBytes])
	if !errors.As(p.Err(), &peer) {
		t.Errorf("a frame that is too long: %v", p.Err())
	}
	p, _ = server(Limits{}, 0)
	feed(p, AppendFrame(nil, []byte{0xff}))
	if !errors.As(p.Err(), &peer) {
		t.Errorf("a frame that is no message: %v", p.Err())
	}
	if feed(p, request(1, "")) != nil || len(e.seen) != 0 {
		t.Error("a broken pipeline goes on")
	}

	var caller *CallerError
	p = New(Limits{}, &FrameDecoder{})
	feed(p, request(1, ""))
	if !errors.As(p.Err(), &caller) {
		t.Errorf("no business: %v", p.Err())
	}
	p = New(Limits{}, &FrameEncoder{MaxFrameBytes: 10})
	p.Write(Message{Value: "text"})
	drain(p)
	if p.Err() != nil { // no bytes, and no encoder of values: an empty frame
		t.Errorf("a frame of nothing: %v", p.Err())
	}
	p.Write(Message{Bytes: make([]byte, 11)})
	drain(p)
	if !errors.As(p.Err(), &caller) {
		t.Errorf("a message that is too long: %v", p.Err())
	}
	p = New(Limits{}, &CallDecoder{})
	p.Write(Message{Value: 7})
	if !errors.As(p.Err(), &caller) {
		t.Errorf("a value without an encoder: %v", p.Err())
	}
	p = New(Limits{}, &CallEncoder{})
	p.Write(Message{Value: 7})
	drain(p)
	if !errors.As(p.Err(), &caller) {
		t.Errorf("a value that no encoder knows: %v", p.Err())
	}
}

// Whatever comes, in whatever pieces, the pipeline keeps within its limits
// and does not depend on the pieces.
func FuzzPipeline(f *testing.F) {
	f.Add(request(1, "one"), uint8(3))
	f.Add(append(request(1, "one"), request(2, "two")[:9]...), uint8(1))
	f.Add([]byte{0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1}, uint8(2))
	f.Add(AppendFrame(nil, []byte{0x83, 3, 1, 1}), uint8(200))
	const maxFrameBytes, readBytes, outputBytes = 200, 64, 256
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		whole, _ := server(Limits{ReadBytes: readBytes, OutputBytes: outputBytes}, maxFrameBytes)
		want := feed(whole, b)
		p, _ := server(Limits{ReadBytes: readBytes, OutputBytes: outputBytes}, maxFrameBytes)
		var out []byte
		for rest := b; len(rest) > 0 && p.Err() == nil; {
			n := min(int(piece)+1, len(rest))
			out = append(out, feed(p, rest[:n])...)
			rest = rest[n:]
			if have, _ := p.Held(); have > maxFrameBytes+LengthBytes || cap(p.todo) > 64 {
				t.Fatalf("%d bytes and %d messages are kept", have, cap(p.todo))
			}
		}
		if !bytes.Equal(out, want) || (p.Err() == nil) != (whole.Err() == nil) {
			t.Fatalf("in pieces of %d: % x, %v; whole: % x, %v", int(piece)+1, out, p.Err(), want, whole.Err())
		}
		have, _ := p.Held()
		p.End()
		if p.Err() == nil && have > 0 {
			t.Fatal("half a frame is left, and no fault found")
		}
	})
}

func BenchmarkPipeline(b *testing.B) {
	p, _ := server(Limits{}, 0)
	in := request(1, "hi")
	b.ReportAllocs()
	for b.Loop() {
		p.Receive(in)
		for _, ok := p.Poll(); ok; _, ok = p.Poll() {
		}
		p.Output()
	}
}
