package rpc_test

import (
	"strings"
	"testing"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
)

// call makes one call of a client with these entries at a server with those,
// and returns what came back.
func call(t *testing.T, client rpc.ClientConfig, server rpc.ServerConfig, function string, arguments any) (*world, rpc.Event) {
	t.Helper()
	w := newWorld(t, client, server)
	number, err := w.client.Call(w.now, function, arguments)
	if err != nil {
		t.Fatal(err)
	}
	w.run(100_000_000)
	e, ok := w.returned[number]
	if !ok {
		t.Fatalf("the call did not return; happened: %v", w.happened)
	}
	return w, e
}

// Where the tables disagree about a Call ID, the check finds it; without the
// check the wrong function is called, and nobody complains.
func TestTablesDisagree(t *testing.T) {
	mistaken := services.CounterEntries()
	mistaken[0].ID, mistaken[1].ID, mistaken[2].ID = mistaken[1].ID, mistaken[2].ID, mistaken[0].ID // add gets get's, and so on
	for _, trusts := range []bool{false, true} {
		client := rpc.ClientConfig{Table: table(t, rpc.ByFunction, 0, mistaken...)}
		w, e := call(t, client, rpc.ServerConfig{TrustTables: trusts}, "Counter.get", rpc.Raw{0x80})
		switch {
		case !trusts && (e.Err == nil || e.Err.Code != rpc.Disagree || !e.Err.Code.NotExecuted() || w.server.Executions() != 0):
			t.Errorf("checked: %+v, %d executed; expected that the tables disagree", e, w.server.Executions())
		case trusts && (e.Err != nil || w.server.Executions() != 1 || services.CounterResetResult(e) != nil):
			t.Errorf("trusting: %+v; expected that get has reset the counter", e)
		}
	}
}

// Sizes of the tables, and entries that only one has, do not matter.
func TestTablesOfDifferentSizes(t *testing.T) {
	client := rpc.ClientConfig{Table: table(t, rpc.ByFunction, 32, services.CounterEntries()[:1]...)}
	server := rpc.ServerConfig{Table: table(t, rpc.ByID, 0, append(services.NotebookEntries(), services.CounterEntries()...)...)}
	w := newWorld(t, client, server)
	w.config = server
	w.add(2)
	w.run(1_000_000)
	if w.counter.value != 2 {
		t.Errorf("the counter is at %d, expected 2", w.counter.value)
	}
}

// A function that the server does not have gives a clear error; one that the
// client does not have never leaves it.
func TestUnknownFunction(t *testing.T) {
	server := rpc.ServerConfig{Table: table(t, rpc.ByID, 4, services.CounterEntries()[:1]...)}
	w := newWorld(t, rpc.ClientConfig{}, server)
	w.server = rpc.NewServer(server)
	number, _ := services.CounterClient{Client: w.client}.Get(0)
	w.run(10_000_000)
	if e := w.returned[number]; e.Err == nil || e.Err.Code != rpc.Unknown {
		t.Errorf("%+v, expected an unknown function", e)
	}
	if _, err := w.client.Call(w.now, "Counter.none", nil); err == nil || !strings.Contains(err.Error(), "Counter.none") {
		t.Errorf("calling what the client's table lacks: %v", err)
	}
}

// A table changed under a running client: the old client's calls go wrong when
// nobody checks, and are refused when somebody does.
func TestTableChangedUnderAClient(t *testing.T) {
	w := newWorld(t, rpc.ClientConfig{}, rpc.ServerConfig{})
	w.add(2)
	w.run(1_000_000)
	changed := services.CounterEntries()
	changed[0].Signature = rpc.Signature("Counter.add(by int, twice bool) int")
	w.server.SetTable(table(t, rpc.ByID, 8, changed...))
	number := w.add(3)
	w.run(2_000_000)
	if e := w.returned[number]; e.Err == nil || e.Err.Code != rpc.Disagree || w.counter.value != 2 {
		t.Errorf("%+v, the counter is at %d", e, w.counter.value)
	}
	w.client.SetTable(table(t, rpc.ByFunction, 8, changed...))
	w.add(4)
	w.run(3_000_000)
	if w.counter.value != 6 {
		t.Errorf("after the client learned of the change the counter is at %d, expected 6", w.counter.value)
	}
}

// Arguments that are not the function's, an error of the function's, a result
// too large: each is told.
func TestErrorsTravel(t *testing.T) {
	if w, e := call(t, rpc.ClientConfig{}, rpc.ServerConfig{}, "Counter.add", rpc.Raw{0x80}); e.Err == nil || e.Err.Code != rpc.BadArguments || w.counter.adds != 0 {
		t.Errorf("%+v, expected bad arguments", e)
	}
	if _, e := call(t, rpc.ClientConfig{}, rpc.ServerConfig{}, "Counter.add", rpc.Raw{0x81, 0x20}); e.Err == nil || e.Err.Code != rpc.Application || e.Err.Text != "it only counts up" {
		t.Errorf("%+v, expected the function's own words", e)
	}
	w := newWorld(t, rpc.ClientConfig{}, rpc.ServerConfig{MaxFrameBytes: 200})
	w.add(1)
	frame, _ := w.client.Output()
	w.server.Receive(0, rpc.Peer{}, frame)
	for e, ok := w.server.Poll(); ok; e, ok = w.server.Poll() {
		if e.Step == rpc.Execute && !w.server.Reply(0, e.Execution, strings.Repeat("x", 200), nil) {
			t.Error("the reply was not taken")
		}
	}
	_, answer, _ := w.server.Output()
	if f, err := rpc.ReadFrame(answer); err != nil || f.Code != rpc.TooLarge {
		t.Errorf("%+v, %v; expected that the result is too large", f, err)
	}
}

// With nobody there, the client asks as often as it may, waiting ever longer,
// and gives up.
func TestUnanswered(t *testing.T) {
	w := newWorld(t, rpc.ClientConfig{Semantics: rpc.AtLeastOnce, TimeoutMicros: 100_000, MaxTimeoutMicros: 300_000, JitterPercent: -1, MaxAttempts: 5}, rpc.ServerConfig{})
	w.pipe.LossPercent = 100
	number := w.add(1)
	w.run(1_199_000)
	if _, over := w.returned[number]; over || w.happened[rpc.Resent] != 4 {
		t.Fatalf("before 100+200+300+300+300 ms: over: %v, sent again %d times", over, w.happened[rpc.Resent])
	}
	w.run(1_201_000)
	if e := w.returned[number]; e.Err == nil || e.Err.Code != rpc.Unanswered {
		t.Fatalf("%+v, expected no answer", e)
	}
	if w.client.Deadline() != 0 || w.client.Outstanding() != 0 {
		t.Fatalf("nothing waits, but Tick is wanted at %d", w.client.Deadline())
	}
}

// Jitter spreads the waits, by the seed alone.
func TestJitter(t *testing.T) {
	agains := map[int64]bool{}
	for seed := range uint64(50) {
		var first int64
		for range 2 {
			c := rpc.NewClient(rpc.ClientConfig{Seed: seed, JitterPercent: 20, Table: table(t, rpc.ByFunction, 0, services.CounterEntries()...)})
			if _, err := (services.CounterClient{Client: c}).Get(1000); err != nil {
				t.Fatal(err)
			}
			again := c.Waiting(0).Again - 1000
			if again < 400_000 || again > 600_000 || first != 0 && again != first {
				t.Fatalf("seed %d waits %d, then %d; expected 500,000 give or take a fifth, twice the same", seed, first, again)
			}
			first = again
		}
		agains[first] = true
	}
	if len(agains) < 40 {
		t.Errorf("50 seeds give %d different waits", len(agains))
	}
}

// A deadline ends a call at both ends, and what the function says later is nobody's.
func TestDeadline(t *testing.T) {
	w := newWorld(t, rpc.ClientConfig{DeadlineMicros: 50_000, Semantics: rpc.ExactlyOnce}, rpc.ServerConfig{Semantics: rpc.ExactlyOnce})
	w.think = 80_000
	number := w.add(1)
	w.run(60_000)
	if e := w.returned[number]; e.Err == nil || e.Err.Code != rpc.Expired || w.happened[rpc.Stopped] != 1 || w.server.Running() != 0 {
		t.Fatalf("%+v, stopped at the server: %d", e, w.happened[rpc.Stopped])
	}
	w.run(200_000)
	if w.happened[rpc.Executed] != 0 || w.happened[rpc.Late] != 1 {
		t.Errorf("executed: %d, late: %d; expected that only the server's own error came late", w.happened[rpc.Executed], w.happened[rpc.Late])
	}
}

// Cancelling tells the server, which stops.
func TestCancel(t *testing.T) {
	for _, semantics := range []rpc.Semantics{rpc.AtLeastOnce, rpc.ExactlyOnce} {
		w := newWorld(t, rpc.ClientConfig{Semantics: semantics}, rpc.ServerConfig{Semantics: semantics})
		w.think = 80_000
		number := w.add(1)
		w.run(10_000)
		w.client.Cancel(w.now, number)
		w.client.Cancel(w.now, number)
		w.run(300_000)
		e := w.returned[number]
		if e.Err == nil || e.Err.Code != rpc.Cancelled || w.happened[rpc.Stopped] != 1 || w.happened[rpc.Executed] != 0 || w.server.Running() != 0 {
			t.Errorf("%v: %+v; happened %v", semantics, e, w.happened)
		}
	}
}

// A busy server is asked again later.
func TestBusy(t *testing.T) {
	w := newWorld(t, rpc.ClientConfig{Semantics: rpc.AtLeastOnce}, rpc.ServerConfig{MaxRunning: 1})
	w.think = 200_000
	for range 3 {
		w.add(1)
	}
	w.run(20_000_000)
	if w.counter.adds != 3 || w.happened[rpc.Refused] == 0 {
		t.Errorf("%d executed, %d refused; expected 3, and some", w.counter.adds, w.happened[rpc.Refused])
	}
	maybe := newWorld(t, rpc.ClientConfig{}, rpc.ServerConfig{MaxRunning: 1})
	maybe.think = 200_000
	maybe.add(1)
	number := maybe.add(1)
	maybe.run(1_000_000)
	failed := 0
	for _, e := range maybe.returned {
		if e.Err != nil && e.Err.Code == rpc.Busy {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("who asks once gives up at once: %+v", maybe.returned[number])
	}
}
