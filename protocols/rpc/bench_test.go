package rpc_test

import (
	"testing"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
)

// BenchmarkCall is one call from stub to stub and back, over each transport,
// without a network between them. 20,000 a second in a browser's tab, with the
// network simulated, leave about 20 microseconds natively for all of it.
func BenchmarkCall(b *testing.B) {
	for _, kind := range kinds {
		for _, semantics := range []rpc.Semantics{rpc.AtLeastOnce, rpc.ExactlyOnce} {
			b.Run(kind.String()+"/"+semantics.String(), func(b *testing.B) { benchmarkCall(b, kind, semantics) })
		}
	}
}

func benchmarkCall(b *testing.B, kind rpc.Kind, semantics rpc.Semantics) {
	limits := rpc.TransportLimits{}
	there, here := rpc.NewServerTransport(kind, limits), rpc.NewClientTransport(kind, limits)
	client := rpc.NewClient(rpc.ClientConfig{ID: 7, Semantics: semantics, Table: table(b, rpc.ByFunction, 0, services.CounterEntries()...)})
	server := rpc.NewServer(rpc.ServerConfig{Semantics: semantics, Duplicates: rpc.DuplicateLimits{ExpiryMicros: 1_000_000}, Table: table(b, rpc.ByID, 0, services.CounterEntries()...)})
	stub := services.CounterServer{Counter: &counter{}}
	caller := services.CounterClient{Client: client}
	b.ReportAllocs()
	returned := 0
	for now := int64(0); b.Loop(); now += 100 {
		if _, err := caller.Add(now, 1); err != nil {
			b.Fatal(err)
		}
		for frame, ok := client.Output(); ok; frame, ok = client.Output() {
			_ = here.Send(0, frame)
		}
		for out := here.Output(); len(out) > 0; out = here.Output() {
			there.Receive(now, out)
			here.Sent(len(out))
		}
		for slot, frame, ok := there.Poll(); ok; slot, frame, ok = there.Poll() {
			server.Receive(now, rpc.Peer{Slot: slot}, frame)
			for e, ok := server.Poll(); ok; e, ok = server.Poll() {
				if e.Step == rpc.Execute {
					server.Execute(now, e, stub)
				}
			}
		}
		for to, frame, ok := server.Output(); ok; to, frame, ok = server.Output() {
			_ = there.Send(to.Slot, frame)
		}
		for out := there.Output(); len(out) > 0; out = there.Output() {
			here.Receive(now, out)
			there.Sent(len(out))
		}
		for _, frame, ok := here.Poll(); ok; _, frame, ok = here.Poll() {
			client.Receive(now, frame)
			for e, ok := client.Poll(); ok; e, ok = client.Poll() {
				if e.Step != rpc.Returned {
					continue
				}
				if _, err := services.CounterAddResult(e); err != nil {
					b.Fatal(err)
				}
				returned++
			}
		}
		if server.Deadline() != 0 && server.Deadline() <= now {
			server.Tick(now)
		}
	}
	if returned < b.N {
		b.Fatalf("%d calls of %d returned", returned, b.N)
	}
}
