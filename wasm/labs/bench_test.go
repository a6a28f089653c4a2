package labs

import (
	"math"
	"strconv"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// BenchmarkLabs plays every lab's default run, and an epidemic of 10,000. Its
// profile tells the compiler what to inline in the programs:
//
//	go test ./wasm/labs -run - -bench Labs -benchtime 5s -cpuprofile wasm/engine/default.pgo
func BenchmarkLabs(b *testing.B) {
	runs := []lab.Run{{Lab: Find("gossip/faults"), Settings: []lab.Setting{{Name: "n", Value: "10000"}}}}
	for _, l := range All {
		runs = append(runs, lab.Run{Lab: l})
	}
	for i := range b.N {
		for _, r := range runs {
			r.Seed = uint64(i)
			p, _, err := lab.Open(r)
			if err != nil {
				b.Fatal(err)
			}
			p.Reconfigure(func(n *sim.Network) { n.Journal.Keep(sim.Count) })
			for p.Advance(sim.Forever, math.MaxInt) == sim.Budget {
			}
		}
	}
}

// BenchmarkGRPC is a unary gRPC call: ten clients, three servers, each client
// with as many calls at once as its connection bears well.
func BenchmarkGRPC(b *testing.B) {
	const clients, most = 10, 100_000
	for left := b.N; left > 0; left -= clients * most {
		each := min((left+clients-1)/clients, most)
		r := lab.Run{Lab: Find("rpc/grpc"), Seed: 1}
		for name, value := range map[string]string{"kind": "unary", "clients": "10", "servers": "3", "tasks": "16",
			"calls": strconv.Itoa(each), "work": "0s", "read": "0s", "gap": "0s", "think": "0s"} {
			r.Settings = append(r.Settings, lab.Setting{Name: name, Value: value})
		}
		p, faults, err := lab.Open(r)
		if err != nil || len(faults) > 0 {
			b.Fatal(err, faults)
		}
		for p.Advance(sim.Forever, math.MaxInt) == sim.Budget {
		}
		b.ReportMetric(float64(clients*each)/b.Elapsed().Seconds(), "calls/s")
	}
}
