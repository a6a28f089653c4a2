package rpc_test

import (
	"errors"
	"math/rand"
	"slices"
	"testing"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
)

// counter counts, and how often it was told to.
type counter struct{ value, adds int64 }

func (c *counter) Add(by int64) (int64, error) {
	c.adds++
	if by < 0 {
		return 0, errors.New("it only counts up")
	}
	c.value += by
	return c.value, nil
}
func (c *counter) Get() (int64, error) { return c.value, nil }
func (c *counter) Reset() error        { c.value = 0; return nil }

func table(t testing.TB, key rpc.Key, buckets int, entries ...rpc.Entry) *rpc.Table {
	t.Helper()
	made, err := rpc.NewTable(key, buckets, entries...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// world is a client and a server with a network between them that loses,
// doubles, delays and reorders packets.
type world struct {
	t              testing.TB
	now            int64
	client         *rpc.Client
	server         *rpc.Server
	counter        *counter
	flying         []packet
	luck           *rand.Rand
	lose, double   int   // percent
	delay          int64 // up to so many microseconds, of each packet
	think          int64 // how long an execution takes
	thinking       []thought
	returned       map[uint64]rpc.Event // copies
	happened       map[rpc.Step]int     // at both
	afterExecution func()
}

type packet struct {
	due      int64
	toServer bool
	frame    []byte
}

type thought struct {
	due   int64
	event rpc.Event
}

func newWorld(t testing.TB, client rpc.ClientConfig, server rpc.ServerConfig) *world {
	w := &world{t: t, luck: rand.New(rand.NewSource(1)), counter: &counter{}, delay: 1000,
		returned: map[uint64]rpc.Event{}, happened: map[rpc.Step]int{}}
	if client.Table == nil {
		client.Table = table(t, rpc.ByFunction, 0, services.CounterEntries()...)
	}
	if server.Table == nil {
		server.Table = table(t, rpc.ByID, 8, services.CounterEntries()...)
	}
	client.ID = 7
	w.client, w.server = rpc.NewClient(client), rpc.NewServer(server)
	return w
}

func (w *world) add(by int64) uint64 {
	number, err := services.CounterClient{Client: w.client}.Add(w.now, by)
	if err != nil {
		w.t.Fatal(err)
	}
	w.drain()
	return number
}

// send puts a frame on its way, or not, or twice.
func (w *world) send(toServer bool, frame []byte) {
	if len(frame) == 0 {
		return
	}
	copies := 1
	if w.luck.Intn(100) < w.double {
		copies = 2
	}
	for range copies {
		if w.luck.Intn(100) >= w.lose {
			w.flying = append(w.flying, packet{w.now + 1 + w.luck.Int63n(w.delay), toServer, slices.Clone(frame)})
		}
	}
}

func (w *world) drain() {
	for e, ok := w.client.Poll(); ok; e, ok = w.client.Poll() {
		w.happened[e.Step]++
		if e.Step == rpc.Returned {
			if _, twice := w.returned[e.Call.Number]; twice {
				w.t.Fatalf("call %d returned twice", e.Call.Number)
			}
			e.Body = slices.Clone(e.Body)
			w.returned[e.Call.Number] = e
		}
	}
	for e, ok := w.server.Poll(); ok; e, ok = w.server.Poll() {
		w.happened[e.Step]++
		if e.Step == rpc.Execute {
			if w.think == 0 {
				w.server.Execute(w.now, e, services.CounterServer{Counter: w.counter})
				continue
			}
			e.Body = slices.Clone(e.Body)
			w.thinking = append(w.thinking, thought{w.now + w.think, e})
		}
	}
	for frame, ok := w.client.Output(); ok; frame, ok = w.client.Output() {
		w.send(true, frame)
	}
	for _, frame, ok := w.server.Output(); ok; _, frame, ok = w.server.Output() {
		w.send(false, frame)
	}
}

// step goes to the next instant at which something happens, false if nothing
// ever does or it lies after until.
func (w *world) step(until int64) bool {
	next := int64(0)
	at := func(due int64) {
		if due > 0 && (next == 0 || due < next) {
			next = due
		}
	}
	at(w.client.Deadline())
	at(w.server.Deadline())
	for _, p := range w.flying {
		at(p.due)
	}
	for _, th := range w.thinking {
		at(th.due)
	}
	if next == 0 || next > until {
		return false
	}
	w.now = max(w.now, next)
	if due := w.client.Deadline(); due > 0 && due <= w.now {
		w.client.Tick(w.now)
		w.drain()
	}
	if due := w.server.Deadline(); due > 0 && due <= w.now {
		w.server.Tick(w.now)
		w.drain()
	}
	for i := 0; i < len(w.thinking); i++ {
		if th := w.thinking[i]; th.due <= w.now {
			w.thinking = slices.Delete(w.thinking, i, i+1)
			i--
			w.server.Execute(w.now, th.event, services.CounterServer{Counter: w.counter})
			w.drain()
		}
	}
	for i := 0; i < len(w.flying); i++ {
		if p := w.flying[i]; p.due <= w.now {
			w.flying = slices.Delete(w.flying, i, i+1)
			i--
			if p.toServer {
				w.server.Receive(w.now, rpc.Peer{Connection: 7}, p.frame)
			} else {
				w.client.Receive(w.now, p.frame)
			}
			w.drain()
		}
	}
	return true
}

func (w *world) run(until int64) {
	for range 1_000_000 {
		if !w.step(until) {
			w.now = max(w.now, until)
			return
		}
	}
	w.t.Fatal("a million steps, and it goes on: does a machine ask for one deadline again and again?")
}
