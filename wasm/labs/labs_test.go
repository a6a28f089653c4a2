package labs

import (
	"os"
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// mostNodes is the largest run that these tests play out.
const mostNodes = 20_000

func play(t *testing.T, run lab.Run) *lab.Play {
	t.Helper()
	p, faults, err := lab.Open(run)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%s: %v %v", run.Lab.ID, err, faults)
	}
	if p.World.Net.Nodes() <= mostNodes {
		for p.Advance(sim.Forever, 1<<20) != sim.Finished {
		}
	}
	return p
}

// Each lab's own run keeps every claim, and each preset keeps them too, but for
// the one it is there to break.
func TestClaims(t *testing.T) {
	for _, l := range All {
		broken := 0
		for _, preset := range append([]lab.Preset{{ID: "default"}}, l.Presets...) {
			p := play(t, lab.Run{Lab: l, Settings: preset.Settings, Seed: max(preset.Seed, 1), Script: preset.Script, Scripted: preset.Script != nil})
			if !p.Finished() {
				continue
			}
			for _, s := range p.Checks() {
				want := lab.Held
				if slices.Contains(strings.Fields(preset.Fails), s.Check.Name) {
					want = lab.Failed
					broken++
				}
				if d := s.Detail; d.En == "" || d.Zh == "" || d.Zh == d.En {
					t.Errorf("%s, %s: what the check %q found is not said in both languages: %+v", l.ID, preset.ID, s.Check.Name, d)
				}
				if s.State != want {
					t.Errorf("%s, %s: the check %q has %v, expected %v: %s", l.ID, preset.ID, s.Check.Name, s.State, want, s.Detail)
				}
			}
		}
		if broken == 0 {
			t.Errorf("%s has no preset in which a check fails: nobody can see that it can", l.ID)
		}
	}
}

// Two lines of one chart never have the same colour: the palette says push like
// active, and pull like done.
func TestCurvesTellApart(t *testing.T) {
	same := map[string]string{"push": "active", "pull": "done"}
	for _, l := range All {
		p, _, err := lab.Open(lab.Run{Lab: l, Seed: 1, Once: true})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for _, c := range p.World.Curves {
			color := c.Color
			if other, ok := same[color]; ok {
				color = other
			}
			if c.Theory == nil && seen[color] != "" {
				t.Errorf("%s: the curves %s and %s have the same colour", l.ID, seen[color], c.ID)
			}
			if c.Theory == nil {
				seen[color] = c.ID
			}
		}
	}
}

// A run stops because its story is over, long before its time is.
func TestRunsEndByThemselves(t *testing.T) {
	for _, l := range All {
		if p := play(t, lab.Run{Lab: l, Seed: 1}); p.Now() >= p.World.End {
			t.Errorf("%s is still going on at its end, %v", l.ID, p.World.End)
		}
	}
}

// Every byte that is sent has a name, and any bytes can be dissected.
func TestEveryByteIsNamed(t *testing.T) {
	for _, l := range All {
		p, _, err := lab.Open(lab.Run{Lab: l, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		p.World.Net.Journal.Keep(sim.All)
		seen, named := make([]bool, len(l.Kinds)), map[sim.EventID]bool{}
		for p.Step() != sim.Finished {
			p.World.Net.Flights(func(f sim.Flight) bool {
				if named[f.ID] {
					return true
				}
				named[f.ID] = true
				b, _ := p.World.Net.Payload(f.ID)
				sent, _ := p.World.Net.Journal.Find(f.ID)
				if gap := field.Gaps(p.World.DissectPacket(sent, f.Kind, b), len(b)); gap != "" {
					t.Fatalf("%s: %s: % x", l.ID, gap, b)
				}
				for cut := range b {
					if gap := field.Gaps(p.World.DissectPacket(sent, f.Kind, b[:cut]), cut); gap != "" {
						t.Fatalf("%s: cut short: %s: % x", l.ID, gap, b[:cut])
					}
				}
				seen[f.Kind] = true
				return p.Now() < 4*sim.Second
			})
			if p.Now() > 6*sim.Second {
				break
			}
		}
	}
}

// Going back and forth in time leads to the same present.
func TestSeeking(t *testing.T) {
	for _, l := range All {
		straight := play(t, lab.Run{Lab: l, Seed: 5})
		p, _, err := lab.Open(lab.Run{Lab: l, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []sim.Time{3 * sim.Second, sim.Second, 5 * sim.Second, 2 * sim.Second} {
			if err := p.SeekFrom(at); err != nil {
				t.Fatal(err)
			}
			p.Advance(at, 1<<30)
		}
		for p.Advance(sim.Forever, 1<<20) != sim.Finished {
		}
		if got, want := p.World.Net.Journal.Digest(), straight.World.Net.Journal.Digest(); got != want {
			t.Errorf("%s: digest %s after seeking, %s straight through", l.ID, got, want)
		}
	}
}

// What the page shows is there, in both languages, and can be told apart.
func TestLabsAreComplete(t *testing.T) {
	ids := map[string]bool{}
	for _, l := range All {
		if ids[l.ID] {
			t.Errorf("two labs are called %s", l.ID)
		}
		ids[l.ID] = true
		text := func(what string, x lab.Text) {
			if x.En == "" || x.Zh == "" {
				t.Errorf("%s: %s lacks a language: %+v", l.ID, what, x)
			}
		}
		text("title", l.Title)
		text("claim", l.Claim)
		for _, p := range l.Params {
			text("label of "+p.Name, p.Label)
			text("help of "+p.Name, p.Help)
			for _, o := range p.Choices {
				text("label of "+p.Name+"="+o.Value, o.Label)
			}
		}
		for _, p := range l.Presets {
			text("preset "+p.ID, p.Label)
		}
		for _, o := range l.Orders {
			text("order "+o.Form, o.Label)
		}
		for _, s := range l.States {
			text("state "+s.ID, s.Label)
		}
		marks := map[string]bool{}
		for _, k := range l.Kinds {
			text("kind "+k.ID, k.Label)
			text("name of kind "+k.ID, k.Name)
			if len(k.Mark) != 1 || marks[k.Mark] {
				t.Errorf("%s: kind %s has the mark %q: one letter, and each its own", l.ID, k.ID, k.Mark)
			}
			marks[k.Mark] = true
		}
		for _, lang := range []string{"en", "zh"} {
			file := "../../public/lessons/" + lang + "/" + strings.ReplaceAll(l.ID, "/", "-") + ".md"
			lesson, err := os.ReadFile(file)
			if err != nil {
				t.Errorf("%s has no lesson: %v", l.ID, err)
			} else if !strings.Contains(string(lesson), "??? ") {
				t.Errorf("%s: the lesson asks nothing; a question is a line \"??? ...\" with its answer indented below", file)
			}
		}
	}
}
