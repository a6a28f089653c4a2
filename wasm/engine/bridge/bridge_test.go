package bridge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"grapevine/wasm/api"
	"grapevine/wasm/engine/line"
	"grapevine/wasm/lab"
	"grapevine/wasm/labs"
	"grapevine/wasm/sim"
)

// echo sends back what it is sent, and closes when the other side has.
type echo struct{ sim.Idle }

func (*echo) Start(h *sim.Host)                     { h.Listen(7) }
func (e *echo) Writable(h *sim.Host, s *sim.Stream) { e.Data(h, s) }

func (*echo) Data(_ *sim.Host, s *sim.Stream) {
	for room := s.Room(); room > 0 && s.Unread() > 0; room = s.Room() {
		s.Write(0, s.Read(room))
	}
	if s.Unread() > 0 {
		s.Write(0, []byte{0}) // in vain, to hear of room again
	}
	if s.EOF() {
		s.CloseWrite()
	}
}

// echoLab has two servers; the second only takes and never reads.
var echoLab = lab.Lab{ID: "test/echo", Version: 1, Build: func(_ lab.Values, seed uint64) (*lab.World, error) {
	n := sim.New(seed)
	n.AddRole("server", 1, sim.NewHosts(1, func(int) *echo { return &echo{} }))
	n.AddRole("wall", 1, sim.NewHosts(1, func(int) *wall { return &wall{} }))
	return &lab.World{Net: n, End: sim.Second, Listeners: []lab.Listener{{Node: 0, Port: 7, Name: "echo"}, {Node: 1, Port: 7, Name: "nothing"}}}, nil
}}

type wall struct{ echo }

func (*wall) Data(*sim.Host, *sim.Stream) {}

// start bridges the echo lab until the test ends.
func start(t *testing.T, script ...string) *Bridge {
	t.Helper()
	return bridge(t, &echoLab, script...)
}

func bridge(t *testing.T, which *lab.Lab, script ...string) *Bridge {
	t.Helper()
	request := line.Line{}
	for _, step := range script {
		at, do, _ := strings.Cut(step, " ")
		when, err := sim.ParseTime(at)
		if err != nil {
			t.Fatal(err)
		}
		request.Run.Script = append(request.Run.Script, api.Action{At: int64(when), Do: do})
	}
	request.Run.Scripted = true
	b, err := New(which, &request)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Listen("", false); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() { b.Run(ctx, func() {}); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return b
}

func dial(t *testing.T, b *Bridge, node int) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", b.Nodes()[node].Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// pattern is n bytes that do not repeat soon.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*i>>7 ^ i)
	}
	return b
}

// What goes in comes out, of any length, in any pieces, to the end.
func TestEcho(t *testing.T) {
	b := start(t)
	for _, size := range []int{0, 1, 1000, 100_000, 3_000_000} {
		c := dial(t, b, 0)
		want := pattern(size)
		go func() {
			for rest := want; len(rest) > 0; {
				n := min(len(rest), 1+len(rest)/3)
				c.Write(rest[:n])
				rest = rest[n:]
			}
			c.CloseWrite()
		}()
		if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, want) {
			t.Errorf("of %d bytes %d came back, equal: %v; %v", size, len(got), bytes.Equal(got, want), err)
		}
	}
}

// Many connections at once do not mix.
func TestMany(t *testing.T) {
	b := start(t)
	const conns, rounds = 50, 20
	failed := make(chan error, conns)
	for i := range conns {
		c := dial(t, b, 0)
		go func() {
			for round := range rounds {
				want := []byte(strings.Repeat(string(rune('a'+i%26)), 1+i*round))
				got := make([]byte, len(want))
				c.Write(want)
				if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want) {
					failed <- errors.Join(err, errors.New("other bytes came back"))
					return
				}
			}
			failed <- nil
		}()
	}
	for range conns {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

// A node that takes nothing stops the program that writes to it, and a program
// that reads nothing stops the node: neither side keeps more than its bounds.
func TestBackPressure(t *testing.T) {
	b := start(t)
	for node := range 2 {
		c := dial(t, b, node)
		chunk := make([]byte, 64<<10)
		total := 0
		for {
			// The kernel's own buffers grow to some megabytes.
			c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
			n, err := c.Write(chunk)
			total += n
			if err != nil {
				break
			}
			if total > 64<<20 {
				t.Fatalf("node %d: %d bytes were taken, and nobody reads them", node, total)
			}
		}
	}
}

// wasReset waits for the end of a connection and says whether it was RST.
func wasReset(c *net.TCPConn) bool {
	_, err := io.ReadAll(c)
	return errors.Is(err, syscall.ECONNRESET)
}

// A crash resets who is connected, and nobody gets through until the restart.
// So does a cut.
func TestFaults(t *testing.T) {
	for _, script := range [][]string{
		{"300ms crash server/0", "600ms restart server/0"},
		{"300ms cut server/0", "600ms heal"},
		{"300ms cut outside/0 to server/0", "600ms heal"},
		{"300ms crash outside/0", "600ms restart outside/0"},
	} {
		b := start(t, script...)
		c, other := dial(t, b, 0), dial(t, b, 1)
		got := make([]byte, 1)
		c.Write([]byte("x"))
		if _, err := io.ReadFull(c, got); err != nil {
			t.Fatalf("%q: before it: %v", script, err)
		}
		if !wasReset(c) {
			t.Errorf("%q: the connection was closed otherwise than by RST", script)
		}
		for !answers(t, b) {
		}
		other.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if _, err := other.Read(got); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q: the other node's connection: %v", script, err)
		}
	}
}

// Who comes while the node is down, or cut off, is refused and need not wait.
func TestRefusedWhileDown(t *testing.T) {
	for _, script := range []string{"100ms crash server/0", "100ms cut server/0"} {
		b := start(t, script)
		if !wasReset(dial(t, b, 0)) {
			t.Fatalf("%q: the connection was closed otherwise than by RST", script)
		}
		c, err := net.Dial("tcp", b.Nodes()[0].Addr)
		if err == nil {
			defer c.Close()
			c.SetReadDeadline(time.Now().Add(time.Second / 2))
			_, err = c.Read(make([]byte, 1))
		}
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%q: who comes later gets %v", script, err)
		}
	}
}

// A broker gives up a connection with a frame too large; who writes on is reset
// and does not wait for ever.
func TestGivenUp(t *testing.T) {
	b := bridge(t, labs.Find("queue/kafka"))
	c := dial(t, b, 0)
	c.SetDeadline(time.Now().Add(10 * time.Second))
	c.Write([]byte{0x7f, 0xff, 0xff, 0xff})
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("after a size of 2 GiB: %v, expected the connection's end", err)
	}
	_, err := c.Write(make([]byte, 100<<20))
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Errorf("who writes on gets %v", err)
	}
}

// answers says whether a new connection gets an echo; if not, it must be reset.
func answers(t *testing.T, b *Bridge) bool {
	t.Helper()
	c, err := net.Dial("tcp", b.Nodes()[0].Addr)
	if err == nil {
		defer c.Close()
		if _, err = c.Write([]byte("x")); err == nil {
			_, err = io.ReadFull(c, make([]byte, 1))
		}
	}
	if err != nil && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Fatalf("expected an echo or RST, got %v", err)
	}
	return err == nil
}

// Who waits for the addresses finds the nodes serving, though not before that.
func TestReady(t *testing.T) {
	serves := false
	slow := echoLab
	slow.Build = func(v lab.Values, seed uint64) (*lab.World, error) {
		w, err := echoLab.Build(v, seed)
		w.Listeners[0].Serves = func() bool { return serves }
		return w, err
	}
	b, err := New(&slow, &line.Line{})
	if err == nil {
		err = b.Listen("", false)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, done := make(chan bool), make(chan bool)
	go func() { b.Run(ctx, func() { close(ready) }); close(done) }()
	defer func() { stop(); <-done }()
	c := dial(t, b, 0)
	echo := func() {
		c.Write([]byte("x"))
		io.ReadFull(c, make([]byte, 1))
	}
	echo()
	select {
	case <-ready:
		t.Fatal("ready before a node serves")
	default:
	}
	b.live.mu.Lock()
	serves = true
	b.live.mu.Unlock()
	echo()
	<-ready
}

// A node that does not listen refuses, and the program sees RST.
func TestRefused(t *testing.T) {
	closed := echoLab
	closed.Build = func(v lab.Values, seed uint64) (*lab.World, error) {
		w, err := echoLab.Build(v, seed)
		w.Listeners = []lab.Listener{{Node: 0, Port: 9, Name: "nobody"}}
		return w, err
	}
	if answers(t, bridge(t, &closed)) {
		t.Error("a node that does not listen answers")
	}
}

// A program that resets ends its stream; the node goes on.
func TestProgramResets(t *testing.T) {
	b := start(t)
	for range 20 {
		c := dial(t, b, 0)
		c.Write(pattern(50_000))
		c.SetLinger(0)
		c.Close()
	}
	c := dial(t, b, 0)
	c.Write([]byte("x"))
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Error(err)
	}
}

// Ending leaves no goroutine behind.
func TestEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	request := line.Line{}
	b, err := New(&echoLab, &request)
	if err == nil {
		err = b.Listen("", false)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() { b.Run(ctx, func() {}); close(done) }()
	c, stuck := dial(t, b, 0), dial(t, b, 1)
	c.Write([]byte("x"))
	stuck.Write(pattern(1 << 20))
	io.ReadFull(c, make([]byte, 1))
	stop()
	<-done
	if !wasReset(c) {
		t.Error("the end did not reset the connection")
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 1000 {
			t.Fatalf("%d goroutines are left of %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Wrong usage is told as such; addresses of other machines need the flag.
func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"-help", 0, "-allow-remote"},
		{"", 2, "no lab named"},
		{"no/lab", 2, "there is no lab"},
		{"gossip/rumor", 2, "has no node that listens for programs"},
		{"gossip/rumor -listen 0.0.0.0:80", 2, "other machines could reach that"},
		{"gossip/rumor -listen :80", 2, "other machines could reach that"},
		{"gossip/rumor -listen example.org:80", 2, "other machines could reach that"},
		{"gossip/rumor -listen 127.0.0.1", 2, "expected HOST:PORT"},
		{"gossip/rumor -listen 127.0.0.1:x", 2, "expected a port from 0 to 65535"},
		{"gossip/rumor -until 5s", 2, "there is no flag -until"},
	} {
		var out, problems bytes.Buffer
		status := Main(strings.Fields(c.args), &out, &problems)
		if text := out.String() + problems.String(); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("bridge %s: status %d and %q, expected %d and %q", c.args, status, text, c.status, c.want)
		}
	}
	for _, address := range []string{"127.0.0.1:80", "[::1]:80", "localhost:80", "127.9.9.9:0"} {
		if _, _, err := place(address, false); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, port, err := place("0.0.0.0:80", true); err != nil || port != 80 {
		t.Errorf("with -allow-remote: %v", err)
	}
}

// The nodes listen on the address given and on the ports after it.
func TestPortsInARow(t *testing.T) {
	var first int
	var address string
	var open []net.Listener
	for range 100 { // the port after a free one may be somebody else's
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		first, address = free.Addr().(*net.TCPAddr).Port, free.Addr().String()
		free.Close()
		if open, err = listen(address, 2, false); err == nil {
			break
		}
		t.Log(err)
	}
	var ports []int
	for _, l := range open {
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		defer l.Close()
	}
	if !slices.Equal(ports, []int{first, first + 1}) {
		t.Errorf("listening on %v, expected %d and the next", ports, first)
	}
	if _, err := listen(address, 1, false); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("the port is taken, and the error is %v", err)
	}
}
