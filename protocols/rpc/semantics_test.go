package rpc_test

import (
	"testing"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
)

// A call that goes well returns what the function did.
func TestCall(t *testing.T) {
	w := newWorld(t, rpc.ClientConfig{Steps: true}, rpc.ServerConfig{Steps: true})
	first, second := w.add(2), w.add(3)
	w.run(1_000_000)
	for number, want := range map[uint64]bool{first: true, second: true} {
		e := w.returned[number]
		if got, err := services.CounterAddResult(e); err != nil || got < 2 || got > 5 || !want {
			t.Errorf("call %d returned %d, %v", number, got, err)
		}
	}
	if w.counter.value != 5 {
		t.Errorf("the counter is at %d, expected 5", w.counter.value)
	}
	for _, step := range []rpc.Step{rpc.Begun, rpc.Execute, rpc.Executed, rpc.Returned} {
		if w.happened[step] != 2 {
			t.Errorf("%v happened %d times, expected 2", step, w.happened[step])
		}
	}
	for _, step := range []rpc.Step{rpc.LookedUp, rpc.Marshalled, rpc.Sent, rpc.Received} {
		if w.happened[step] != 4 {
			t.Errorf("%v happened %d times, expected 4: twice at either end", step, w.happened[step])
		}
	}
}

// On a network that loses, doubles and reorders, each semantics keeps the word
// that its name gives.
func TestSemanticsOnALossyNetwork(t *testing.T) {
	const calls = 500
	for _, semantics := range []rpc.Semantics{rpc.Maybe, rpc.AtLeastOnce, rpc.AtMostOnce, rpc.ExactlyOnce} {
		for _, think := range []int64{0, 700_000} { // at once, or longer than the client's first wait
			w := newWorld(t, rpc.ClientConfig{Semantics: semantics, MaxAttempts: 40, TimeoutMicros: 100_000}, rpc.ServerConfig{Semantics: semantics})
			w.pipe.LossPercent, w.pipe.DoublePercent, w.pipe.JitterMicros, w.think = 30, 20, 400_000, think
			w.add(1) // at most once learns the server's boot before there are many
			w.run(100_000_000)
			for range calls - 1 {
				w.add(1)
			}
			w.run(2_000_000_000)
			answered := int64(0)
			for _, e := range w.returned {
				if e.Err == nil {
					answered++
				}
			}
			if len(w.returned) != calls || w.client.Outstanding() != 0 {
				t.Fatalf("%v: %d calls of %d returned, %d wait", semantics, len(w.returned), calls, w.client.Outstanding())
			}
			adds := w.counter.adds
			switch semantics {
			case rpc.Maybe:
				if answered >= calls*9/10 || w.happened[rpc.Resent] > 0 {
					t.Errorf("maybe: %d of %d answered over a lossy network, %d sent again", answered, calls, w.happened[rpc.Resent])
				}
			case rpc.AtLeastOnce:
				if answered != calls || adds <= calls {
					t.Errorf("at least once: %d of %d answered, %d executed; expected all, and more", answered, calls, adds)
				}
			case rpc.AtMostOnce, rpc.ExactlyOnce:
				if answered != calls || adds != calls {
					t.Errorf("%v: %d of %d answered, %d executed; expected each once", semantics, answered, calls, adds)
				}
				if w.happened[rpc.Repeated] == 0 || think > 0 && w.happened[rpc.StillRunning] == 0 {
					t.Errorf("%v: nothing was repeated (%v): the network was too kind for a test", semantics, w.happened)
				}
			}
		}
	}
}
