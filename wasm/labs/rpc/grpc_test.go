package rpc

import (
	"testing"

	"grapevine/protocols/field"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The fields of an answer have names, although only the request says which
// method it belongs to.
func TestAnswersHaveNames(t *testing.T) {
	p, _, err := lab.Open(lab.Run{Lab: &GRPC, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.World.Net.Journal.Keep(sim.All)
	found := map[string]bool{}
	for p.Step() != sim.Finished {
		p.World.Net.Flights(func(f sim.Flight) bool {
			sent, _ := p.World.Net.Journal.Find(f.ID)
			b, _ := p.World.Net.Payload(f.ID)
			if sent.Node != 0 { // the server's
				names(p.World.DissectPacket(sent, f.Kind, b), found)
			}
			return true
		})
	}
	for _, want := range []string{":status", "served-by", "cents", "items", "accepted", "grpc-status"} {
		if !found[want] {
			t.Errorf("no answer has a field %q; there are %v", want, found)
		}
	}
}

func names(f field.Field, into map[string]bool) {
	into[f.Name] = true
	for _, part := range f.Children {
		names(part, into)
	}
}
