package gossip

import (
	"fmt"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

func TestMulticast(t *testing.T) {
	p := journalAll(t, &Multicast)
	t.Log(describe(p))
	mustHold(t, p, "by default")
	probes(t, p)
	presets(t, &Multicast)
	for _, method := range []string{"unicast", "tree", "flood", "gossip"} {
		for _, setting := range []string{"n=2", "n=3", "n=17", "group=5", "fanout=1", "fanout=8", "n=500", "count=60"} {
			p := playOut(t, &Multicast, 1, nil, "method="+method, setting)
			if method == "gossip" && setting == "fanout=1" {
				continue // four copies a node do not suffice for all
			}
			mustHold(t, p, method+" "+setting)
		}
		seeking(t, &Multicast, "method="+method, "loss=5%")
	}
}

// TestMulticastLoad holds each method to the arithmetic of its structure.
func TestMulticastLoad(t *testing.T) {
	for _, c := range []struct {
		method         string
		total, busiest float64 // copies of one message
		hops           float64
	}{
		{"unicast", 30, 30, 1},
		{"tree", 30, 2, 4}, // 31 nodes are a full binary tree
	} {
		p := playOut(t, &Multicast, 1, nil, "method="+c.method, "count=1")
		for name, want := range map[string]float64{"messages": c.total, "load": c.busiest, "rounds": c.hops, "useless": 0, "residue": 0} {
			if got := figure(t, p, name); got != want {
				t.Errorf("%s: %s is %v, expected %v", c.method, name, got, want)
			}
		}
	}
	// Flooding: over every edge once or twice, but over those of the spanning
	// tree that news takes once only.
	p := playOut(t, &Multicast, 1, nil, "method=flood", "count=1")
	edges := float64(len(p.World.Edges()))
	if got := figure(t, p, "messages"); got < edges || got > 2*edges-30 {
		t.Errorf("flooding %v edges took %v copies", edges, got)
	}
	p = playOut(t, &Multicast, 1, nil, "method=gossip", "count=1")
	if got := figure(t, p, "messages"); got != 31*2*4 {
		t.Errorf("gossip took %v copies, expected %d", got, 31*2*4)
	}
}

// TestTreeCrash: exactly the crashed node's subtree misses what comes after.
func TestTreeCrash(t *testing.T) {
	p := playOut(t, &Multicast, 1, crashFirst)
	if standing(t, p, "all-hear") != lab.Failed || figure(t, p, "missing") != 14 {
		t.Error(describe(p))
	}
	for member, want := range map[int]uint8{2: stateMissed, 1: stateHeard} { // in the lost subtree; beside it
		if got := p.World.State(sim.NodeID(1 + member)); got != want {
			t.Errorf("member/%d is in state %d, expected %d", member, got, want)
		}
	}
	for _, method := range []string{"flood", "gossip", "unicast"} {
		for seed := range uint64(20) {
			mustHold(t, playOut(t, &Multicast, seed, crashFirst, "method="+method), fmt.Sprint(method, " seed ", seed))
		}
	}
}

func TestMulticastOrders(t *testing.T) {
	script := []lab.Step{{At: 20 * sim.Second, Do: "send source/0 message"}}
	p := playOut(t, &Multicast, 1, script)
	if got := figure(t, p, "messages"); got != 7*30 {
		t.Errorf("%v copies, expected those of 7 messages", got)
	}
	for _, bad := range []string{"send source/0 letter", "send source/0", "send member/0 message"} {
		if _, err := p.World.Net.ParseAction(21*sim.Second, bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	var many []lab.Step
	for i := range 100 {
		many = append(many, lab.Step{At: sim.Time(i) * 300 * sim.Millisecond, Do: "send source/0 message"})
	}
	mustHold(t, playOut(t, &Multicast, 1, many, "count=1"), "more messages than there are numbers")
}

// TestCrashedMembersBeginAnew: a member that comes back passes on what comes
// from then on, and the books of who has the latest stay right.
func TestCrashedMembersBeginAnew(t *testing.T) {
	script := []lab.Step{{At: 3 * sim.Second, Do: "crash member/0-9"}, {At: 3500 * sim.Millisecond, Do: "restart member/0-9"},
		{At: 7 * sim.Second, Do: "crash source/0"}, {At: 9 * sim.Second, Do: "restart source/0"}}
	for _, method := range []string{"unicast", "tree", "flood", "gossip"} {
		p := playOut(t, &Multicast, 1, script, "method="+method)
		at, values := p.Samples()
		if got := values[len(at)-1][0]; got != 30 {
			t.Errorf("%s: %d members have the latest message, expected 30", method, got)
		}
	}
}
