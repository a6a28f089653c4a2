package lab

import (
	"math/rand/v2"
	"strings"
	"testing"

	"grapevine/wasm/sim"
)

var variants = []struct {
	name     string
	settings []Setting
}{
	{"with keyframes", nil},
	{"without keyframes", []Setting{{"keepers", "false"}}},
	{"in cycles", []Setting{{"clock", "cycles"}, {"n", "40"}}},
	{"failing", []Setting{{"most", "300"}}},
}

// However the calls of Advance are cut, the play shows the same.
func TestSlicesDoNotShow(t *testing.T) {
	for _, v := range variants {
		for _, until := range []sim.Time{600 * sim.Millisecond, sim.Forever} {
			want := standing(advance(open(t, 1, v.settings...), until))
			luck := rand.New(rand.NewPCG(1, uint64(until)))
			p := open(t, 1, v.settings...)
			for p.Now() < until && !p.Finished() {
				p.Advance(min(p.Now()+sim.Time(luck.Int64N(20_000)), until), luck.IntN(200))
			}
			same(t, standing(advance(p, until)), want, "%s, until %v", v.name, until)
		}
	}
}

// Wherever a play is sought to, forward or back, it shows what a straight run shows.
func TestSeek(t *testing.T) {
	for _, v := range variants {
		luck := rand.New(rand.NewPCG(3, 3))
		p := open(t, 1, v.settings...)
		shorten(p)
		for i := range 40 {
			to := sim.Time(luck.Int64N(int64(1500 * sim.Millisecond)))
			if i%10 == 9 {
				to = 2 * sim.Second // the end, and from there
			}
			if i%5 == 4 {
				to = 0
			}
			from := p.Now()
			if err := p.SeekFrom(to); err != nil {
				t.Fatal(err)
			}
			if p.Now() > to {
				t.Fatalf("%s: sought from %v to %v, and at %v", v.name, from, to, p.Now())
			}
			p.Advance(to, 10) // in slices, as a page does
			straight := advance(open(t, 1, v.settings...), to)
			same(t, standing(advance(p, to)), standing(straight), "%s: sought from %v to %v", v.name, from, to)
		}
	}
}

// shorten makes a play take keyframes as often as a small run needs.
func shorten(p *Play) { p.keys.every = 100 }

// A keyframe is what makes a seek short.
func TestSeekUsesKeyframes(t *testing.T) {
	p := open(t, 1)
	shorten(p)
	advance(p, 900*sim.Millisecond)
	if len(p.keys.frames) < 10 {
		t.Fatalf("only %d keyframes", len(p.keys.frames))
	}
	for _, to := range []sim.Time{700 * sim.Millisecond, 100 * sim.Millisecond, 899 * sim.Millisecond} {
		if err := p.SeekFrom(to); err != nil {
			t.Fatal(err)
		}
		before := p.World.Net.Steps()
		if advance(p, to); p.World.Net.Steps()-before > 100 {
			t.Errorf("a seek to %v replays %d steps, expected at most 100", to, p.World.Net.Steps()-before)
		}
	}
}

// Keyframes keep within their budget by growing further apart, and a fork
// gives back the room of those it forgets.
func TestKeyframesAreThinned(t *testing.T) {
	p := open(t, 1, Setting{"n", "2000"})
	p.keys.every = 500
	for i := range 6 {
		advance(p, p.Now()+100*sim.Millisecond)
		if i == 3 {
			frames, bytes := len(p.keys.frames), p.keys.bytes()
			if err := p.SeekFrom(100 * sim.Millisecond); err != nil {
				t.Fatal(err)
			}
			advance(p, 100*sim.Millisecond)
			if err := p.Act("heal"); err != nil {
				t.Fatal(err)
			}
			if len(p.keys.frames) >= frames || p.keys.bytes() >= bytes {
				t.Errorf("after a fork there are %d keyframes of %d bytes, before it %d of %d", len(p.keys.frames), p.keys.bytes(), frames, bytes)
			}
		}
	}
	if p.keys.bytes() > maxKeyframeBytes || p.keys.every == 500 {
		t.Errorf("%d keyframes, each %d steps, of %d bytes together: expected at most %d, thinned",
			len(p.keys.frames), p.keys.every, p.keys.bytes(), maxKeyframeBytes)
	}
	last := int64(-1)
	for i, f := range p.keys.frames {
		if int64(f.Steps) <= last || f.Steps%p.keys.every != 0 {
			t.Errorf("keyframe %d is at step %d, after one at %d", i, f.Steps, last)
		}
		last = int64(f.Steps)
	}
	if p.keys.frames[0].Steps != 0 {
		t.Error("the first keyframe was dropped")
	}
}

// A deed forks the run: what follows is what a run with this script gives.
func TestActForks(t *testing.T) {
	for _, v := range variants {
		p := open(t, 1, v.settings...)
		shorten(p)
		for _, step := range []struct {
			at sim.Time
			do string
		}{
			{100 * sim.Millisecond, "cut node/1"},
			{350 * sim.Millisecond, "slow node/2 node/3 20ms"}, // after the lab's own crash
			{200 * sim.Millisecond, "pause node/4-6"},          // back: what came after is forgotten
			{sim.Forever, ""},                                  // to the end,
			{220 * sim.Millisecond, "resume node/5"},           // and back from there
			{600 * sim.Millisecond, "heal"},
		} {
			if err := p.SeekFrom(step.at); err != nil {
				t.Fatal(err)
			}
			advance(p, step.at)
			if step.do == "" {
				continue
			}
			if err := p.Act(step.do); err != nil {
				t.Fatal(err)
			}
			// The script so far, played from the beginning, to three instants.
			script, scripted := p.Script()
			if !scripted {
				t.Fatalf("%s: after %q the script counts as the lab's own", v.name, step.do)
			}
			for _, until := range []sim.Time{p.Now(), p.Now() + 77*sim.Millisecond, sim.Forever} {
				replay, faults, err := Open(Run{Lab: &crowded, Settings: v.settings, Seed: 1, Script: script, Scripted: true})
				if err != nil || len(faults) > 0 {
					t.Fatal(err, faults)
				}
				same(t, standing(advance(p, until)), standing(advance(replay, until)), "%s: %v %s, at %v", v.name, step.at, step.do, until)
			}
		}
	}
}

// A deed makes a finished run go on, but not beyond its end.
func TestActAtTheEnd(t *testing.T) {
	p := advance(open(t, 1), sim.Forever)
	if !p.Finished() || p.Now() >= p.World.End {
		t.Fatalf("finished %v at %v: expected a run that falls silent before %v", p.Finished(), p.Now(), p.World.End)
	}
	if err := p.Act("restart node/9-10"); err == nil || p.Finished() == false {
		t.Errorf("a deed that makes no sense: %v; finished %v", err, p.Finished())
	}
	for _, do := range []string{"crash node", "restart node"} {
		if err := p.Act(do); err != nil || p.Finished() {
			t.Fatalf("%s: %v; finished %v", do, err, p.Finished())
		}
		advance(p, p.Now()+10*sim.Millisecond)
	}
	if advance(p, sim.Forever); p.Now() != p.World.End || !p.Finished() {
		t.Errorf("at %v, finished %v: expected the nodes to greet again until the end", p.Now(), p.Finished())
	}
	script, _ := p.Script()
	replay, _, _ := Open(Run{Lab: &crowded, Seed: 1, Script: script, Scripted: true})
	same(t, standing(p), standing(advance(replay, sim.Forever)), "with deeds at the end")
	if err := p.Act("heal"); err == nil || !strings.Contains(err.Error(), "go back in time to act") {
		t.Errorf("a deed at the end: %v", err)
	}
}

// A step is one event, and the steps make up the run.
func TestStep(t *testing.T) {
	want := advance(open(t, 1), sim.Forever)
	p := open(t, 1)
	steps := uint64(0)
	for p.Step() != sim.Finished {
		if steps++; p.World.Net.Steps() != steps {
			t.Fatalf("step %d made %d", steps, p.World.Net.Steps())
		}
	}
	same(t, standing(p), standing(want), "step by step")
}

// Samples are taken at their instants, in order, and at the end.
func TestSamples(t *testing.T) {
	for _, v := range variants {
		p := advance(open(t, 1, v.settings...), sim.Forever)
		at, values := p.Samples()
		for i := range at[:len(at)-1] {
			if at[i] != sim.Time(i)*p.curves.step {
				t.Fatalf("%s: sample %d is at %v, expected %v", v.name, i, at[i], sim.Time(i)*p.curves.step)
			}
			if i > 0 && values[i][0] < values[i-1][0] {
				t.Errorf("%s: what was heard shrinks from %d to %d", v.name, values[i-1][0], values[i][0])
			}
		}
		if last := len(at) - 1; at[last] != p.Now() || float64(values[last][0]) != p.World.Metrics()[0].Value {
			t.Errorf("%s: the last sample is %v at %v; the run ended at %v with %v", v.name, values[last], at[last], p.Now(), p.World.Metrics())
		}
		if v.name == "in cycles" && p.curves.step != p.World.Cycle {
			t.Errorf("a sample each %v, expected each cycle", p.curves.step)
		}
	}
}

// What was not understood of a run is left out and named; what cannot be
// built is an error.
func TestOpenTeaches(t *testing.T) {
	p, faults, err := Open(Run{Lab: &crowded, Seed: 5,
		Settings: []Setting{{"n", "20"}, {"speed", "9"}, {"loss", "200%"}},
		Script:   []Step{{sim.Second, "crash node/3"}, {sim.Second, "crash node/99"}, {-1, "heal"}}})
	if err != nil || len(faults) != 4 {
		t.Fatalf("%v, %v; expected 4 faults", err, faults)
	}
	for i, want := range []string{"speed=9", "loss=200%", "1s crash node/99", "-1µs heal"} {
		if faults[i].Part != want || faults[i].Error() == "" {
			t.Errorf("fault %d is about %q: %v; expected %q", i, faults[i].Part, faults[i].Why, want)
		}
	}
	if p.Values.Int("n") != 20 || p.Values.Ratio("loss") != 10_000 || p.Seed() != 5 {
		t.Error("what was understood was not taken")
	}
	if script, scripted := p.Script(); len(script) != 1 || !scripted {
		t.Errorf("the script is %v", script)
	}
	if _, _, err := Open(Run{Lab: &crowded, Settings: []Setting{{"n", "13"}}}); err == nil || err.Error() != "test/crowd: 13 brings bad luck" {
		t.Errorf("a run that cannot be built: %v", err)
	}
	// No script is the lab's own; an empty one is none.
	if script, scripted := open(t, 1).Script(); len(script) != 2 || scripted {
		t.Errorf("the lab's own script is %v, scripted %v", script, scripted)
	}
	p, _, _ = Open(Run{Lab: &crowded, Scripted: true})
	if script, scripted := p.Script(); len(script) != 0 || !scripted {
		t.Errorf("an empty script is %v, scripted %v", script, scripted)
	}
}

// The journal is kept as Configure says, in every world that is built.
func TestConfigure(t *testing.T) {
	p := open(t, 1, Setting{"keepers", "false"})
	p.Reconfigure(func(n *sim.Network) { n.Journal.Keep(sim.All) })
	advance(p, 100*sim.Millisecond)
	if err := p.SeekFrom(50 * sim.Millisecond); err != nil {
		t.Fatal(err)
	}
	if p.World.Net.Journal.Level() != sim.All {
		t.Error("a world that was built anew keeps another journal")
	}
}
