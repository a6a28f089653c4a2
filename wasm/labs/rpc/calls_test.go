package rpc

import (
	"strings"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// Only where the servers have a next table is the order to use it taken.
func TestUpgradeWhereThereIsOne(t *testing.T) {
	for _, c := range []struct {
		lab    *lab.Lab
		do     string
		refuse string // "" if it is taken
		// The network refuses, in words that fit every order.
		networks bool
	}{
		{&CallID, "send server/0 upgrade", "", false},
		{&CallID, "send server/0 dance", `takes the order "upgrade"`, false},
		{&Call, "send server/0 upgrade", "take no orders", false},
		{&Semantics, "send server upgrade", "take no orders", false},
		{&Call, "send client/0 upgrade", "take no orders", true},
	} {
		_, faults, err := lab.Open(lab.Run{Lab: c.lab, Seed: 1, Script: []lab.Step{{At: sim.Second, Do: c.do}}})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case c.refuse == "" && len(faults) > 0:
			t.Errorf("%s: %q is refused: %v", c.lab.ID, c.do, faults)
		case c.refuse != "" && (len(faults) != 1 || !strings.Contains(faults[0].Why.En, c.refuse) || strings.Contains(faults[0].Why.Zh, "看不懂") != c.networks):
			t.Errorf("%s: %q gives %v, expected %q", c.lab.ID, c.do, faults, c.refuse)
		}
	}
}
