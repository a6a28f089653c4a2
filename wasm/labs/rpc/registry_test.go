package rpc

import (
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Who looks at a call's bytes reads which node made it, beside a number that
// nobody can read.
func TestRegistryNamesClients(t *testing.T) {
	p, _, err := lab.Open(lab.Run{Lab: &Registry, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.World.Net.Journal.Keep(sim.All)
	seen := map[uint8]int{}
	for p.Now() < 4*sim.Second && p.Step() != sim.Finished {
		p.World.Net.Flights(func(f sim.Flight) bool {
			if f.Kind != kindRequest && f.Kind != kindReply {
				return true
			}
			b, _ := p.World.Net.Payload(f.ID)
			sent, _ := p.World.Net.Journal.Find(f.ID)
			client := sent.Node
			if f.Kind == kindReply {
				client = sent.Peer
			}
			var said []string
			var walk func(field.Field)
			walk = func(f field.Field) {
				said = append(said, f.Value)
				for _, c := range f.Children {
					walk(c)
				}
			}
			walk(p.World.DissectPacket(sent, f.Kind, b))
			want := "(" + p.World.Net.Name(client) + ")"
			if n := strings.Count(strings.Join(said, "\n"), want); n != 2 {
				t.Fatalf("%s stands %d times, expected twice: %q", want, n, said)
			}
			seen[f.Kind]++
			return true
		})
	}
	if seen[kindRequest] == 0 || seen[kindReply] == 0 {
		t.Errorf("saw %d requests and %d replies", seen[kindRequest], seen[kindReply])
	}
}
