package gossip

import (
	"fmt"
	"testing"
	"unsafe"
)

func TestSiteIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Site{}); size > 16 {
		t.Errorf("a site takes %d bytes, at most 16 make a million cheap", size)
	}
}

// counted is luck of one site's own, the same for the machine and its twin.
type counted struct{ site, draws uint64 }

func (c *counted) Intn(n int) int {
	c.draws++
	return int(mix(c.site<<32+c.draws) % uint64(n))
}

func lucks(n int, seed uint64) []counted {
	out := make([]counted, n)
	for i := range out {
		out[i].site = seed*1000 + uint64(i)
	}
	return out
}

// parcel is a message under way in the test's network, which carries all
// messages of one leg of a cycle in the order of their sending.
type parcel struct {
	from, to int
	bytes    []byte
}

// testCycles is long enough for nearly every experiment here to end.
const testCycles = 80

// epidemic is what an experiment has come to.
type epidemic struct {
	cycles, updates int
	heard, count    []int // by site; heard is 0 for the origin, -1 for who has not
	states          []State
}

// byMachine runs the paper's experiment with real messages.
func byMachine(cfg RumorConfig, seed uint64) epidemic {
	r := NewRumor(cfg)
	luck := lucks(cfg.Sites, seed)
	sites := make([]Site, cfg.Sites)
	due := make([]bool, cfg.Sites)
	var e epidemic
	var wire []parcel
	drain := func(self int) {
		r.Poll()
		for m, ok := r.Output(); ok; m, ok = r.Output() {
			if m.Type == RumorPush || m.Type == RumorReply {
				e.updates++
			}
			wire = append(wire, parcel{self, m.To, append([]byte(nil), m.Bytes...)})
		}
		if _, ok := r.Deadline(); ok {
			due[self] = true
		}
	}
	for i := range sites {
		r.Start(&sites[i], i, 0, i == 0, &luck[i])
		drain(i)
	}
	for ; e.cycles < testCycles; e.cycles++ {
		now := int64(e.cycles) * cfg.PeriodMicros
		ticking := due
		due = make([]bool, cfg.Sites)
		for i := range sites {
			if ticking[i] {
				r.Tick(&sites[i], i, now, &luck[i])
				drain(i)
			}
		}
		for leg := int64(1); len(wire) > 0; leg++ {
			arriving := wire
			wire = nil
			for _, p := range arriving {
				if err := r.Receive(&sites[p.to], p.to, p.from, now+leg, p.bytes, &luck[p.to]); err != nil {
					panic(err)
				}
				drain(p.to)
			}
		}
	}
	for i := range sites {
		heard := int(sites[i].Heard)
		if sites[i].State() == Susceptible {
			heard = -1
		}
		e.heard, e.count, e.states = append(e.heard, heard), append(e.count, int(sites[i].Count)), append(e.states, sites[i].State())
	}
	return e
}

// byTable is the dumb twin: the same experiment on arrays, without messages.
func byTable(cfg RumorConfig, seed uint64) epidemic {
	luck := lucks(cfg.Sites, seed)
	e := epidemic{heard: make([]int, cfg.Sites), count: make([]int, cfg.Sites), states: make([]State, cfg.Sites)}
	for i := range e.heard {
		e.heard[i] = -1
	}
	e.heard[0], e.states[0] = 0, Infective
	asked, wanted := make([]bool, cfg.Sites), make([]bool, cfg.Sites)

	judge := func(i int, needed bool) {
		if e.states[i] != Infective {
			return
		}
		if needed {
			e.count[i] = 0
		} else if cfg.Stop == Coin && luck[i].Intn(cfg.K) == 0 {
			e.states[i] = Removed
		} else if cfg.Stop == Counter {
			if e.count[i]++; e.count[i] == cfg.K {
				e.states[i] = Removed
			}
		}
	}
	weigh := func(i int, needed bool) {
		if cfg.Mode == Push {
			judge(i, needed)
			return
		}
		asked[i] = true
		wanted[i] = wanted[i] || needed
	}
	for ; e.cycles < testCycles; e.cycles++ {
		cycle := e.cycles + 1
		type contact struct{ source, target int }
		var told, questions []contact
		knew := make([]bool, cfg.Sites)
		for i := range knew {
			knew[i] = e.heard[i] >= 0
		}
		for i := range knew {
			if asked[i] {
				judge(i, wanted[i])
			}
			asked[i], wanted[i] = false, false
			pushes := e.states[i] == Infective && cfg.Mode != Pull
			if !pushes && cfg.Mode == Push {
				continue
			}
			var partners []int
			for len(partners) < cfg.Fanout {
				p := draw(i, cfg.Sites-1, partners, &luck[i])
				partners = append(partners, p)
				if !pushes {
					questions = append(questions, contact{i, p})
					continue
				}
				told = append(told, contact{i, p})
				if cfg.Memory == Blind {
					if weigh(i, false); e.states[i] != Infective {
						break
					}
				}
			}
		}
		for _, q := range questions {
			if knew[q.target] && e.states[q.target] == Infective {
				told = append(told, contact{q.target, q.source})
				if cfg.Memory == Blind {
					weigh(q.target, false)
				}
			}
		}
		for _, c := range told {
			e.updates++
			if e.states[c.target] == Susceptible {
				e.states[c.target], e.heard[c.target] = Infective, cycle
			}
		}
		for _, c := range told {
			if cfg.Memory == Feedback && cfg.Stop != Never {
				weigh(c.source, !knew[c.target])
			}
		}
	}
	return e
}

// The machine with its messages does exactly what its twin does: the same
// sites hear in the same cycles, with the same number of updates.
func TestRumorAgainstTwin(t *testing.T) {
	for _, mode := range []Mode{Push, Pull, PushPull} {
		for _, memory := range []Memory{Blind, Feedback} {
			for _, stop := range []Stop{Never, Coin, Counter} {
				for _, fanout := range []int{1, 3} {
					for k := 1; k <= 3; k++ {
						for seed := range uint64(4) {
							cfg := RumorConfig{Sites: 60, Mode: mode, Memory: memory, Stop: stop, K: k, Fanout: fanout, PeriodMicros: 100, Cycles: true, News: "tea"}
							got, want := fmt.Sprint(byMachine(cfg, seed)), fmt.Sprint(byTable(cfg, seed))
							if got != want {
								t.Fatalf("%+v seed %d:\nmachine %s\ntwin    %s", cfg, seed, got, want)
							}
						}
					}
				}
			}
		}
	}
}

// Without a rule to stop, everybody hears, on either clock.
func TestSimpleEpidemicIsComplete(t *testing.T) {
	for seed := range uint64(50) {
		for _, mode := range []Mode{Push, Pull, PushPull} {
			cfg := RumorConfig{Sites: 40, Mode: mode, Stop: Never, Fanout: 1, PeriodMicros: 100, Cycles: true}
			for i, s := range byMachine(cfg, seed).states {
				if s != Infective {
					t.Fatalf("mode %d seed %d: site %d is %v", mode, seed, i, s)
				}
			}
		}
	}
}

// Who has forgotten to drain the machine is told at once.
func TestUndrainedMachinePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a mutation was made before the last one was drained")
		}
	}()
	r := NewRumor(RumorConfig{Sites: 2, Fanout: 1, PeriodMicros: 1})
	var s Site
	r.Start(&s, 0, 0, true, &counted{})
	r.Tick(&s, 0, 0, &counted{})
}

// State changes are those of the table: heard once is heard for good, and
// interest that is lost does not come back.
func TestTransitions(t *testing.T) {
	for from := range states {
		for in := range inputs {
			to := transitions[from][in]
			if to < from || from == Susceptible && in == enough && to != Susceptible {
				t.Errorf("%v becomes %v", from, to)
			}
		}
	}
}

// A tick of a site that pushes, and all that follows, in steady state makes no garbage.
func TestRumorMakesNoGarbage(t *testing.T) {
	r := NewRumor(RumorConfig{Sites: 1000, Stop: Never, Fanout: 3, PeriodMicros: 100, News: "tea at four"})
	var s, partner Site
	luck := &counted{}
	r.Start(&s, 0, 0, true, luck)
	r.Poll()
	r.Deadline()
	var kept []byte
	garbage := testing.AllocsPerRun(1000, func() {
		r.Tick(&s, 0, 100, luck)
		for m, ok := r.Output(); ok; m, ok = r.Output() {
			kept = append(kept[:0], m.Bytes...)
		}
		r.Deadline()
		if err := r.Receive(&partner, 5, 0, 100, kept, luck); err != nil {
			t.Fatal(err)
		}
		r.Poll()
		r.Deadline()
	})
	if garbage > 0 {
		t.Errorf("%v allocations", garbage)
	}
}
