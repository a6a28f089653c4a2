package rpc_test

import (
	"errors"
	"slices"
	"testing"

	"grapevine/protocols/prototest"
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

// world is a client and a server of a counter, joined by a pipe of datagrams.
type world struct {
	t        testing.TB
	now      int64
	client   *rpc.Client
	server   *rpc.Server
	config   rpc.ServerConfig
	counter  *counter
	pipe     prototest.Pipe
	think    int64 // how long an execution takes
	thinking []thought
	returned map[uint64]rpc.Event // copies
	happened map[rpc.Step]int     // at both
}

type thought struct {
	due   int64
	event rpc.Event
}

func newWorld(t testing.TB, client rpc.ClientConfig, server rpc.ServerConfig) *world {
	w := &world{t: t, config: server, counter: &counter{}, returned: map[uint64]rpc.Event{}, happened: map[rpc.Step]int{}}
	w.pipe = prototest.Pipe{Datagrams: true, DelayMicros: 100, JitterMicros: 1000}
	if client.Table == nil {
		client.Table = table(t, rpc.ByFunction, 0, services.CounterEntries()...)
	}
	if server.Table == nil {
		w.config.Table = table(t, rpc.ByID, 8, services.CounterEntries()...)
	}
	client.ID = 7
	w.client, w.server = rpc.NewClient(client), rpc.NewServer(w.config)
	return w
}

// restart crashes the server: it has a new life, with what was saved, if anything.
func (w *world) restart(saved []byte) {
	w.config.Boot = max(w.config.Boot, 1) + 1
	w.server = rpc.NewServer(w.config)
	w.thinking = nil
	if saved != nil {
		if err := w.server.Load(w.now, saved); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) add(by int64) uint64 {
	number, err := services.CounterClient{Client: w.client}.Add(w.now, by)
	if err != nil {
		w.t.Fatal(err)
	}
	return number
}

// run lets everything happen that happens until then.
func (w *world) run(until int64) {
	base := w.now
	at := func(now int64) int64 {
		w.now = base + now
		return w.now
	}
	deadline := func(due int64) (int64, bool) { return max(due-base, 0), due > 0 }
	client := prototest.End{
		Receive:  func(now int64, b []byte) { w.client.Receive(at(now), b); w.drainClient() },
		Output:   func(int64) []byte { w.drainClient(); b, _ := w.client.Output(); return b },
		Deadline: func() (int64, bool) { return deadline(w.client.Deadline()) },
		Tick:     func(now int64) { w.client.Tick(at(now)); w.drainClient() },
	}
	server := prototest.End{
		Receive: func(now int64, b []byte) { w.server.Receive(at(now), rpc.Peer{}, b); w.drainServer() },
		Output: func(int64) []byte {
			for {
				if _, b, ok := w.server.Output(); len(b) > 0 || !ok {
					return b
				}
			}
		},
		Deadline: func() (int64, bool) {
			due := w.server.Deadline()
			if len(w.thinking) > 0 && (due == 0 || w.thinking[0].due < due) {
				due = w.thinking[0].due
			}
			return deadline(due)
		},
		Tick: func(now int64) {
			for at(now); len(w.thinking) > 0 && w.thinking[0].due <= w.now; w.thinking = w.thinking[1:] {
				w.server.Execute(w.now, w.thinking[0].event, services.CounterServer{Counter: w.counter})
			}
			w.server.Tick(w.now)
			w.drainServer()
		},
	}
	w.pipe.Seed++
	prototest.Run(client, server, w.pipe, until-base)
	w.now = max(w.now, until)
}

func (w *world) drainClient() {
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
}

func (w *world) drainServer() {
	for e, ok := w.server.Poll(); ok; e, ok = w.server.Poll() {
		w.happened[e.Step]++
		if e.Step != rpc.Execute {
			continue
		}
		if w.think == 0 {
			w.server.Execute(w.now, e, services.CounterServer{Counter: w.counter})
			continue
		}
		e.Body = slices.Clone(e.Body)
		w.thinking = append(w.thinking, thought{w.now + w.think, e})
	}
}
