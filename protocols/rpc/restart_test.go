package rpc_test

import (
	"testing"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
)

// crashBeforeReply executes a call, loses the reply, crashes the server and
// lets the client ask again. before runs just before the crash.
func crashBeforeReply(t *testing.T, semantics rpc.Semantics, saves bool) (*world, rpc.Event) {
	w := newWorld(t, rpc.ClientConfig{Semantics: semantics, TimeoutMicros: 100_000}, rpc.ServerConfig{Semantics: semantics})
	w.add(1) // the client gets to know the server
	w.run(50_000)
	number := w.add(1)
	for frame, ok := w.client.Output(); ok; frame, ok = w.client.Output() {
		w.server.Receive(w.now, rpc.Peer{}, frame)
	}
	w.drainServer()
	for _, _, ok := w.server.Output(); ok; _, _, ok = w.server.Output() { // lost
	}
	var saved []byte
	if saves {
		saved = w.server.Save(nil)
	}
	w.restart(saved)
	w.run(50_000_000)
	return w, w.returned[number]
}

// A crash between execution and reply: at least once executes again, at most
// once admits that it does not know, exactly once keeps its word when its
// table is on a disk, and breaks it when it is not.
func TestCrashBetweenExecutionAndReply(t *testing.T) {
	for _, c := range []struct {
		semantics rpc.Semantics
		saves     bool
		adds      int64
		code      rpc.Code
	}{
		{rpc.Maybe, false, 2, rpc.Unanswered},
		{rpc.AtLeastOnce, false, 3, 0},
		{rpc.AtMostOnce, false, 2, rpc.Restarted},
		{rpc.ExactlyOnce, false, 3, 0},
		{rpc.ExactlyOnce, true, 2, 0},
	} {
		w, e := crashBeforeReply(t, c.semantics, c.saves)
		code := rpc.Code(0)
		if e.Err != nil {
			code = e.Err.Code
		}
		if w.counter.adds != c.adds || code != c.code {
			t.Errorf("%v, saved: %v: executed %d times in all, %v; expected %d, %v", c.semantics, c.saves, w.counter.adds, e.Err, c.adds, c.code)
		}
	}
}

// After a restart, at most once goes on with new calls.
func TestAtMostOnceGoesOn(t *testing.T) {
	w, _ := crashBeforeReply(t, rpc.AtMostOnce, false)
	number := w.add(1)
	w.run(100_000_000)
	if e := w.returned[number]; e.Err != nil || w.counter.value != 3 {
		t.Errorf("%+v, the counter is at %d", e, w.counter.value)
	}
}

// full lets a server with a table for two replies take three calls, loses
// every reply to the first, and lets its client ask again.
func full(t *testing.T, when rpc.WhenFull) *world {
	w := newWorld(t, rpc.ClientConfig{Semantics: rpc.ExactlyOnce, TimeoutMicros: 100_000, MaxAttempts: 8},
		rpc.ServerConfig{Semantics: rpc.ExactlyOnce, Duplicates: rpc.DuplicateLimits{MaxEntries: 2, WhenFull: when, ExpiryMicros: 2_000_000}})
	for range 3 {
		w.add(1)
		for frame, ok := w.client.Output(); ok; frame, ok = w.client.Output() {
			w.server.Receive(w.now, rpc.Peer{}, frame)
			w.drainServer()
		}
	}
	for _, _, ok := w.server.Output(); ok; _, _, ok = w.server.Output() { // lost
	}
	w.run(50_000_000)
	return w
}

// A full duplicate table is safe and slow, or quick and wrong.
func TestFullDuplicateTable(t *testing.T) {
	if w := full(t, rpc.FullRefuses); w.counter.adds != 3 || w.happened[rpc.Refused] == 0 || w.happened[rpc.Forgotten] != 3 {
		t.Errorf("refuses: executed %d times, %v; expected 3, once there was room", w.counter.adds, w.happened)
	}
	if w := full(t, rpc.FullForgets); w.counter.adds <= 3 || w.happened[rpc.Refused] != 0 {
		t.Errorf("forgets: executed %d times, %v; expected more than 3", w.counter.adds, w.happened)
	}
}

// A reply that does not fit the table is not kept, but that there was one is.
func TestReplyNotKept(t *testing.T) {
	w := newWorld(t, rpc.ClientConfig{Semantics: rpc.ExactlyOnce}, rpc.ServerConfig{Semantics: rpc.ExactlyOnce,
		Duplicates: rpc.DuplicateLimits{MaxBytes: 1}})
	w.add(1000)
	frame, _ := w.client.Output()
	var codes []rpc.Code
	for range 2 {
		w.server.Receive(0, rpc.Peer{}, frame)
		w.drainServer()
		_, answer, _ := w.server.Output()
		f, err := rpc.ReadFrame(answer)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, f.Code)
	}
	if w.counter.adds != 1 || codes[0] != 0 || codes[1] != rpc.NotKept || w.server.RememberedBytes() > 1 {
		t.Errorf("executed %d times, answered %v, %d bytes kept", w.counter.adds, codes, w.server.RememberedBytes())
	}
}

// Each request's slot is answered once: also those of duplicates, of what is
// cancelled, and of what is no frame.
func TestEverySlotIsAnsweredOnce(t *testing.T) {
	w := newWorld(t, rpc.ClientConfig{Semantics: rpc.ExactlyOnce}, rpc.ServerConfig{Semantics: rpc.ExactlyOnce})
	w.think = 1
	number := w.add(1)
	w.add(1)
	request, _ := w.client.Output()
	request = append([]byte(nil), request...)
	other, _ := w.client.Output()
	other = append([]byte(nil), other...)
	w.client.Cancel(0, number+1)
	cancel, _ := w.client.Output()
	slot, answered := uint32(0), map[uint32]int{}
	receive := func(frame []byte) {
		slot++
		w.server.Receive(0, rpc.Peer{Slot: slot}, frame)
		w.drainServer()
		for to, _, ok := w.server.Output(); ok; to, _, ok = w.server.Output() {
			answered[to.Slot]++
		}
	}
	for _, frame := range [][]byte{request, request, other, cancel, other, {1, 2, 3}, nil, cancel, request} {
		receive(frame)
	}
	if answered[slot] != 0 {
		t.Errorf("the call that runs was answered: %v", answered)
	}
	w.server.Execute(0, w.thinking[0].event, services.CounterServer{Counter: w.counter})
	receive(request)
	for s := uint32(1); s <= slot; s++ {
		if answered[s] != 1 {
			t.Errorf("slot %d was answered %d times: %v", s, answered[s], answered)
		}
	}
}
