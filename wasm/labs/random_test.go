package labs

import (
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

const (
	randomRuns  = 40 // of each lab
	randomSteps = 10_000
)

// modest are the parameters that would make a run long, and how large they get here.
var modest = map[string]int64{"n": 24, "keys": 60, "items": 20, "records": 200, "size": 2000}

// Whatever a visitor types within the limits, a run is built or refused with a
// sentence in both languages, and is the same however it is played: at one
// go, in small pieces, or there and back again.
func TestRandomParameters(t *testing.T) {
	for _, l := range All {
		luck := rand.New(rand.NewSource(1))
		built := 0
		for range randomRuns {
			run := randomRun(luck, l)
			whole, _, err := lab.Open(run)
			if err != nil {
				if why := (lab.Text{}); !errors.As(err, &why) || why.En == "" || why.Zh == "" {
					t.Errorf("%s: refused, but not in both languages: %v", say(run), err)
				}
				continue
			}
			built++
			addDeeds(luck, whole)
			script, _ := whole.Script()
			run.Script, run.Scripted = script, true
			whole.Advance(sim.Forever, randomSteps)
			want := whole.World.Net.Journal.Digest()

			pieces, faults, err := lab.Open(run)
			if err != nil || len(faults) > 0 {
				t.Fatalf("%s: %v %v", say(run), err, faults)
			}
			for steps := whole.World.Net.Steps(); pieces.World.Net.Steps() < steps; {
				left := int(steps - pieces.World.Net.Steps())
				pieces.Advance(pieces.Now()+sim.Time(luck.Intn(1_000_000)), min(1+luck.Intn(500), left))
				if pieces.Finished() {
					break
				}
			}
			if got := pieces.World.Net.Journal.Digest(); got != want {
				t.Errorf("%s: digest %s at one go, %s in pieces", say(run), want, got)
			}

			at := whole.Now()
			for _, to := range []sim.Time{at / 3, at} {
				if err := pieces.SeekFrom(to); err != nil {
					t.Fatalf("%s: %v", say(run), err)
				}
				pieces.Advance(to, randomSteps)
			}
			for pieces.World.Net.Steps() < whole.World.Net.Steps() && !pieces.Finished() {
				pieces.Advance(sim.Forever, 1)
			}
			if got := pieces.World.Net.Journal.Digest(); got != want && pieces.World.Net.Steps() == whole.World.Net.Steps() {
				t.Errorf("%s: digest %s at one go, %s there and back again", say(run), want, got)
			}
		}
		if built < randomRuns/4 {
			t.Errorf("%s: only %d of %d random runs could be built", l.ID, built, randomRuns)
		}
	}
}

// randomRun gives half of the parameters a value: one of its limits, or anything
// between.
func randomRun(luck *rand.Rand, l *lab.Lab) lab.Run {
	run := lab.Run{Lab: l, Seed: luck.Uint64()}
	for i := range l.Params {
		p := &l.Params[i]
		lo, hi := p.Min, p.Max
		if most := modest[p.Name]; most > 0 {
			hi = most
		} else if luck.Intn(2) == 0 {
			continue
		}
		switch p.Kind {
		case lab.Choice:
			lo, hi = 0, int64(len(p.Choices)-1)
		case lab.Bool:
			lo, hi = 0, 1
		}
		v := lo + luck.Int63n(hi-lo+1)
		switch luck.Intn(4) {
		case 0:
			v = lo
		case 1:
			v = hi
		case 2:
			v = min(lo+v%100, hi)
		}
		run.Settings = append(run.Settings, lab.Setting{Name: p.Name, Value: p.Format(v)})
	}
	return run
}

// addDeeds adds a few deeds at any time of the run to its script.
func addDeeds(luck *rand.Rand, p *lab.Play) {
	net := p.World.Net
	verbs := []string{"crash %s", "restart %s", "pause %s", "resume %s", "cut %s", "heal %s", "cut %s to %s", "slow %s %s 700ms", "lose %s %s 30%%", "duplicate %s to %s 30%%", "reorder %s 30%%", "heal %s %s", "heal"}
	for range luck.Intn(12) {
		var nodes []any
		for range 2 {
			nodes = append(nodes, net.Name(sim.NodeID(luck.Intn(net.Nodes()))))
		}
		form := verbs[luck.Intn(len(verbs))]
		places := strings.Count(form, "%s")
		a, err := net.ParseAction(sim.Time(luck.Int63n(int64(p.World.End))), fmt.Sprintf(form, nodes[:places]...))
		if err == nil {
			err = net.Schedule(a)
		}
		if err != nil {
			panic(err)
		}
	}
}

func say(r lab.Run) string {
	return fmt.Sprintf("%s %v -seed %d, %v", r.Lab.ID, r.Settings, r.Seed, r.Script)
}
