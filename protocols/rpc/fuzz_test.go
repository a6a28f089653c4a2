package rpc_test

import (
	"bytes"
	"testing"

	"grapevine/protocols/field"
	"grapevine/protocols/prototest"
	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
)

// Both ends of every transport bear any bytes, in any split, with frames being
// sent in between; they keep no more than their limits say, and the dissector
// leaves no gap.
func FuzzTransports(f *testing.F) {
	for _, kind := range streams {
		byClient, byServer := said(f, kind, "first", "second")
		f.Add(uint8(kind), uint64(1), byClient)
		f.Add(uint8(kind), uint64(2), byServer)
	}
	f.Add(uint8(rpc.OverHTTP1), uint64(3), []byte(goodHead+"abc"+goodHead))
	f.Fuzz(func(t *testing.T, which uint8, seed uint64, b []byte) {
		kind := rpc.Kind(which % 4)
		limits := rpc.TransportLimits{MaxFrameBytes: 300, MaxQueueBytes: 66_000, MaxHeadBytes: 400, MaxStreams: 3}
		for _, end := range []rpc.Transport{rpc.NewClientTransport(kind, limits), rpc.NewServerTransport(kind, limits)} {
			luck := prototest.NewRand(seed)
			slots := []uint32{0, 1}
			for rest := b; len(rest) > 0; {
				n := 1 + luck.Below(len(rest))
				end.Receive(int64(luck.Below(100)), bytes.Clone(rest[:n]))
				rest = rest[n:]
				for slot, frame, ok := end.Poll(); ok; slot, frame, ok = end.Poll() {
					if len(frame) > limits.MaxFrameBytes {
						t.Fatalf("%v: a frame of %d bytes came through", kind, len(frame))
					}
					slots = append(slots, slot)
				}
				_ = end.Send(slots[luck.Below(len(slots))], make([]byte, luck.Below(400)))
				if out := end.Output(); luck.Below(2) == 0 {
					end.Sent(luck.Below(len(out) + 1))
				}
				if at := end.Deadline(); at > 0 && luck.Below(4) == 0 {
					end.Tick(at)
				}
			}
			if n := len(end.Output()); n > limits.MaxQueueBytes+limits.MaxFrameBytes+1000 {
				t.Fatalf("%v: %d bytes wait to be sent", kind, n)
			}
		}
		if fields := rpc.DissectStream(kind, b); len(b) > 0 {
			if gap := field.Gaps(field.Field{Children: fields}, len(b)); gap != "" {
				t.Fatalf("%v: %s", kind, gap)
			}
		}
	})
}

// A client and a server bear any frames, in any order with any of their
// methods, and stay within their limits.
func FuzzMachines(f *testing.F) {
	add := services.CounterEntries()[0]
	frame := rpc.Frame{Kind: rpc.Request, Call: rpc.CallKey{Client: 7, Number: 1}, Boot: 1, ID: add.ID, Signature: add.Signature, Body: []byte{0x81, 1}}
	request := rpc.AppendFrame(nil, frame)
	f.Add(uint8(0), []byte{0, 9, byte(len(request)), 8}, request)
	f.Add(uint8(3), []byte{0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, rpc.AppendFrame(nil, rpc.Frame{Kind: rpc.Reply, Call: rpc.CallKey{Client: 7, Number: 1}, Boot: 3, Body: []byte{1}}))
	f.Add(uint8(2), []byte{0, 9, 5, 4, 3}, rpc.AppendFrame(nil, rpc.Frame{Kind: rpc.Failure, Call: rpc.CallKey{Client: 7, Number: 1}, Boot: 3, Code: rpc.Restarted}))
	f.Add(uint8(7), []byte{9, 8, 7, 6}, rpc.AppendFrame(nil, rpc.Frame{Kind: rpc.Cancel, Call: rpc.CallKey{Client: 7, Number: 1}}))
	f.Fuzz(func(t *testing.T, which uint8, moves, bytesOf []byte) {
		semantics := rpc.Semantics(which % 4)
		client := rpc.NewClient(rpc.ClientConfig{ID: 7, Semantics: semantics, MaxOutstanding: 4, DeadlineMicros: int64(which) * 1000,
			Table: table(t, rpc.ByFunction, 0, services.CounterEntries()...)})
		server := rpc.NewServer(rpc.ServerConfig{Semantics: semantics, MaxRunning: 3, TrustTables: which&4 != 0, Steps: true,
			Table:      table(t, rpc.ByID, 0, services.CounterEntries()...),
			Duplicates: rpc.DuplicateLimits{MaxEntries: 5, MaxBytes: 20, ExpiryMicros: 5000, WhenFull: rpc.WhenFull(which >> 3 & 1)}})
		stub := services.CounterServer{Counter: &counter{}}
		var executions []uint64
		now := int64(0)
		owed := 0 // outputs that the server still has to give
		for i, move := range moves {
			now += int64(move) * 10
			switch move % 10 {
			case 0:
				_, _ = services.CounterClient{Client: client}.Add(now, int64(i))
			case 1:
				client.Cancel(now, uint64(move)/10)
			case 2:
				client.Resend(now)
			case 3:
				client.Tick(now)
			case 4:
				server.Tick(now)
			case 5:
				if len(executions) > 0 {
					server.Reply(now, executions[int(move)%len(executions)], int64(i), nil)
				}
			case 6:
				if err := server.Load(now, server.Save(nil)); (err != nil) != (server.Running() > 0 && semantics >= rpc.AtMostOnce) {
					t.Fatal(err)
				}
			case 7:
				client.Receive(now, bytesOf)
			default:
				server.Receive(now, rpc.Peer{}, bytesOf)
				owed++
			}
			for _, ok := client.Poll(); ok; _, ok = client.Poll() {
			}
			for e, ok := server.Poll(); ok; e, ok = server.Poll() {
				if e.Step == rpc.Execute && move%2 == 0 {
					server.Execute(now, e, stub)
				} else if e.Step == rpc.Execute {
					executions = append(executions, e.Execution)
				}
			}
			for b, ok := client.Output(); ok; b, ok = client.Output() {
				if _, err := rpc.ReadFrame(b); err != nil {
					t.Fatalf("the client says % x: %v", b, err)
				}
				server.Receive(now, rpc.Peer{}, bytes.Clone(b))
				owed++
			}
			for _, b, ok := server.Output(); ok; _, b, ok = server.Output() {
				owed--
				if _, err := rpc.ReadFrame(b); len(b) > 0 && err != nil {
					t.Fatalf("the server says % x: %v", b, err)
				}
			}
			if client.Outstanding() > 4 || server.Running() > 3 || server.RememberedEntries() > 5 || server.RememberedBytes() > 20 {
				t.Fatalf("%d wait, %d run, %d entries, %d bytes: more than the limits", client.Outstanding(), server.Running(), server.RememberedEntries(), server.RememberedBytes())
			}
		}
		for e, ok := server.Poll(); ok; e, ok = server.Poll() {
			if e.Step == rpc.Execute {
				server.Execute(now, e, stub)
			}
		}
		for _, _, ok := server.Output(); ok; _, _, ok = server.Output() {
			owed--
		}
		if owed != server.Running() {
			t.Fatalf("%d outputs are owed, for %d calls that run", owed, server.Running())
		}
	})
}
