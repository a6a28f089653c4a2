package gossip

import (
	"slices"
	"strings"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The legend shows the kinds of messages that a run can send: those that runs
// do send, for every way in which the labs can be set. more are settings that
// the kinds do not depend on, but that decide which of them one run needs.
func TestKindsAreThoseThatFly(t *testing.T) {
	check := func(l *lab.Lab, settings string, more ...string) {
		sent := make([]bool, len(l.Kinds))
		var said []uint8
		for _, m := range append(more, "") {
			run := lab.Run{Lab: l, Seed: 4}
			for _, s := range strings.Fields(settings + " " + m) {
				name, value, _ := strings.Cut(s, "=")
				run.Settings = append(run.Settings, lab.Setting{Name: name, Value: value})
			}
			p, faults, err := lab.Open(run)
			if err != nil || len(faults) > 0 {
				t.Fatal(settings, err, faults)
			}
			p.World.Net.Journal.OnEvent = func(e *sim.Event) {
				if e.Kind == sim.KindSend {
					sent[e.Code] = true
				}
			}
			for p.Advance(sim.Forever, 1<<20) != sim.Finished {
			}
			said = p.World.Kinds
		}
		for kind := range sent {
			if says := said == nil || slices.Contains(said, uint8(kind)); says != sent[kind] {
				t.Errorf("%s %s: kind %s: said %v, sent %v", l.ID, settings, l.Kinds[kind].ID, says, sent[kind])
			}
		}
	}
	for _, mode := range []string{"mode=push", "mode=pull", "mode=push-pull"} {
		for _, memory := range []string{" memory=blind", " memory=feedback"} {
			check(&Rumor, mode+memory)
			check(&Rumor, mode+memory+" limit=1")
		}
		check(&Faults, mode)
		check(&Exchange, mode)
		for _, method := range []string{"full", "digest", "checksum", "merkle"} {
			check(&AntiEntropy, mode+" compare="+method, "keys=20", "keys=2000")
		}
	}
	check(&Spread, "")
	check(&Multicast, "")
}
