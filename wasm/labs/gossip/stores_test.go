package gossip

import (
	"fmt"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// open builds a run that must be right.
func open(t *testing.T, run lab.Run) *lab.Play {
	t.Helper()
	p, faults, err := lab.Open(run)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%s: %v %v", run.Lab.ID, faults, err)
	}
	return p
}

// end plays to the end of a run.
func end(p *lab.Play) {
	for p.Advance(sim.Forever, 1<<20) != sim.Finished {
	}
}

// playOut runs a lab to its end. Settings are "name=value".
func playOut(t *testing.T, l *lab.Lab, seed uint64, script []lab.Step, settings ...string) *lab.Play {
	t.Helper()
	run := lab.Run{Lab: l, Seed: seed, Script: script, Scripted: script != nil}
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		run.Settings = append(run.Settings, lab.Setting{Name: name, Value: value})
	}
	p := open(t, run)
	end(p)
	return p
}

func standing(t *testing.T, p *lab.Play, check string) lab.CheckState {
	t.Helper()
	for _, s := range p.Checks() {
		if s.Check.Name == check {
			return s.State
		}
	}
	t.Fatalf("%s has no check %q", p.Lab.ID, check)
	return 0
}

func figure(t *testing.T, p *lab.Play, name string) float64 {
	t.Helper()
	for _, m := range p.World.Metrics() {
		if m.Name == name {
			return m.Value
		}
	}
	t.Fatalf("%s has no metric %q", p.Lab.ID, name)
	return 0
}

// mustHold fails unless every check held.
func mustHold(t *testing.T, p *lab.Play, what string) {
	t.Helper()
	for _, s := range p.Checks() {
		if s.State != lab.Held {
			t.Errorf("%s, %s: check %s: %v: %s", p.Lab.ID, what, s.Check.Name, s.State, s.Detail)
		}
	}
}

func describe(p *lab.Play) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %d events %s", p.Now(), p.World.Net.Journal.Total(), p.World.Net.Journal.Digest())
	for _, m := range p.World.Metrics() {
		fmt.Fprintf(&b, " %s=%.4g", m.Name, m.Value)
	}
	return b.String()
}

// seeking holds a lab to its duty: going back and playing on is the same run.
func seeking(t *testing.T, l *lab.Lab, settings ...string) {
	t.Helper()
	p := playOut(t, l, 3, nil, settings...)
	last, want := p.Now(), describe(p)
	for _, share := range []sim.Time{0, 3, 7} {
		if err := p.SeekFrom(last * share / 10); err != nil {
			t.Fatal(err)
		}
		p.Advance(last*share/10, 1<<30)
		snap := p.World.Net.Save()
		if snap == nil {
			t.Fatalf("%s cannot be saved", l.ID)
		}
		for range 2 { // the second time from the snapshot
			for p.World.Net.Advance(last, 1000) == sim.Budget {
			}
			if got := describe(p); got != want {
				t.Errorf("%s after seeking to %d0 %%:\n%s, expected\n%s", l.ID, share, got, want)
			}
			p.World.Net.Load(snap)
		}
		end(p)
	}
}

// probes asks a lab everything that the page asks, at its end.
func probes(t *testing.T, p *lab.Play) {
	t.Helper()
	w, said := p.World, 0
	for n := range w.Net.Nodes() {
		if s := w.State(sim.NodeID(n)); int(s) >= len(p.Lab.States) {
			t.Errorf("node %d is in state %d", n, s)
		}
		if !w.Net.Up(sim.NodeID(n)) {
			continue
		}
		facts := w.Inspect(sim.NodeID(n))
		if len(facts) == 0 {
			t.Errorf("node %d has nothing to inspect", n)
		}
		for _, f := range facts {
			if f.Label.En == "" || f.Label.Zh == "" || f.Label.Zh == f.Label.En || (f.Value.En == "") != (f.Value.Zh == "") {
				t.Errorf("node %d: %+v is not said in both languages", n, f)
			}
		}
	}
	w.Net.Journal.Walk(func(e *sim.Event) bool {
		if e.Kind == sim.KindNote {
			if x := w.Say(e); x.En == "" || x.Zh == "" || x.Zh == x.En {
				t.Errorf("note %d is without words", e.Code)
				return false
			}
			said++
		}
		return true
	})
	if said == 0 {
		t.Error("the journal has no notes")
	}
	for _, b := range [][]byte{nil, {0}, {0x83, 1, 1, 1}, make([]byte, 70000)} {
		if gap := field.Gaps(w.Dissect(0, b), len(b)); gap != "" {
			t.Error(gap)
		}
	}
	for i, name := range []string{"residue", "traffic", "t_avg", "t_last", "messages", "bytes", "rounds"} {
		if got := w.Metrics()[i].Name; got != name {
			t.Errorf("metric %d is %q, expected %q", i, got, name)
		}
	}
}

// presets holds every preset to what it says of itself.
func presets(t *testing.T, l *lab.Lab) {
	t.Helper()
	for _, preset := range l.Presets {
		p := open(t, lab.Run{Lab: l, Seed: max(preset.Seed, 1), Settings: preset.Settings, Script: preset.Script})
		end(p)
		t.Logf("%s %s: %s", l.ID, preset.ID, describe(p))
		if preset.Fails == "" {
			mustHold(t, p, "preset "+preset.ID)
		} else if standing(t, p, preset.Fails) != lab.Failed {
			t.Errorf("preset %s: check %s did not fail", preset.ID, preset.Fails)
		}
	}
}

// journalAll opens a lab with its whole journal and plays it out.
func journalAll(t *testing.T, l *lab.Lab) *lab.Play {
	t.Helper()
	p := open(t, lab.Run{Lab: l, Seed: 1})
	p.Reconfigure(func(n *sim.Network) { n.Journal.Keep(sim.All) })
	end(p)
	return p
}

func TestExchange(t *testing.T) {
	p := journalAll(t, &Exchange)
	t.Log(describe(p))
	mustHold(t, p, "by default")
	probes(t, p)
	presets(t, &Exchange)
	for _, mode := range []string{"push", "pull", "push-pull"} {
		for seed := range uint64(20) {
			p := playOut(t, &Exchange, seed, nil, "mode="+mode, "loss=20%", "fanout=2")
			mustHold(t, p, fmt.Sprint(mode, " seed ", seed))
		}
		seeking(t, &Exchange, "mode="+mode)
	}
}

func TestAntiEntropy(t *testing.T) {
	p := journalAll(t, &AntiEntropy)
	t.Log(describe(p))
	mustHold(t, p, "by default")
	probes(t, p)
	presets(t, &AntiEntropy)
	for _, compare := range []string{"full", "digest", "checksum", "merkle"} {
		for _, mode := range []string{"push", "pull", "push-pull"} {
			for seed := range uint64(5) {
				p := playOut(t, &AntiEntropy, seed, nil, "mode="+mode, "loss=25%", "compare="+compare)
				mustHold(t, p, fmt.Sprint(compare, mode, " seed ", seed))
			}
		}
		seeking(t, &AntiEntropy, "compare="+compare)
	}
}

// TestCrashAndRestart: a node that restarts is empty and is filled up again;
// the values that only a crashed node had are gone.
func TestCrashAndRestart(t *testing.T) {
	script := []lab.Step{{At: 2 * sim.Second, Do: "crash gossiper/3-5"}, {At: 20 * sim.Second, Do: "restart gossiper/3-5"},
		{At: 21 * sim.Second, Do: "send gossiper/3 write k7 again"}, {At: 21 * sim.Second, Do: "send gossiper/4 write k7"}}
	for _, l := range []*lab.Lab{&Exchange, &AntiEntropy} {
		p := playOut(t, l, 5, script, "keys=9")
		mustHold(t, p, "with crashes")
		if p.Now() < 21*sim.Second || figure(t, p, "residue") != 0 {
			t.Error(describe(p))
		}
	}
}

func TestWriteOrders(t *testing.T) {
	p := open(t, lab.Run{Lab: &Exchange})
	for _, bad := range []string{"send gossiper/1 read", "send gossiper/1 write k9", "send gossiper/1 write x", "send gossiper/1 write k01",
		"send gossiper/1 write k1 a b", "send gossiper/1 write k1 " + strings.Repeat("x", 300)} {
		if _, err := p.World.Net.ParseAction(1, bad); err == nil {
			t.Errorf("%.60q was accepted", bad)
		}
	}
}

// TestTheory holds one update's spread in cycles against the paper's
// recurrences: from the number of nodes measured in one cycle to the next, the
// whole course over many runs.
func TestTheory(t *testing.T) {
	for _, mode := range []string{"push", "pull", "push-pull"} {
		measured, expected := 0.0, 0.0
		for seed := range uint64(25) {
			p := playOut(t, &AntiEntropy, seed, nil, "mode="+mode, "clock=cycles", "n=200", "keys=10", "updates=1", "join=0s", "delay=100ms")
			_, values := p.Samples()
			// The last sample is that of the end, within a cycle.
			for i := range len(values) - 2 {
				p := 1 - float64(values[i][0])/200
				measured += float64(values[i+1][0])
				expected += 200 * (1 - nextSusceptible(p, mode != "pull", mode != "push"))
			}
		}
		if ratio := measured / expected; ratio < 0.98 || ratio > 1.02 {
			t.Errorf("%s: %.4f of what theory expects", mode, ratio)
		}
	}
}
