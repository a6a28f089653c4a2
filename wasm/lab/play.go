package lab

import (
	"errors"
	"fmt"
	"strings"

	"grapevine/wasm/sim"
)

// Run names one run of a lab: everything that decides what will happen.
type Run struct {
	Lab      *Lab
	Settings []Setting // what is absent has its default
	Seed     uint64
	Script   []Step
	// Scripted says that Script is meant even if it is empty; otherwise an
	// empty Script stands for the lab's own.
	Scripted bool
	// Once says that the play will not go back: it keeps nothing for seeking.
	Once bool
}

// Play is one run under way.
type Play struct {
	Lab    *Lab
	Values Values
	World  *World
	// Configure, if set, is applied to the network whenever it is built
	// anew: how much of the journal to keep.
	Configure func(*sim.Network)

	seed     uint64
	own      []Step // the lab's own script for these values
	finished bool
	checks   []Standing
	curves   samples
	keys     keyframes
}

// Fault is one part of a Run that was not understood and left out.
type Fault struct {
	Part string // as it was given: "loss=x", or an action
	Why  Text
}

func (f Fault) Error() string { return f.Part + ": " + f.Why.En }

// Open builds a run. What it cannot understand of the settings and the
// script it leaves out and reports. The error says why a run with these
// parameters cannot be built at all.
func Open(r Run) (*Play, []Fault, error) {
	p := &Play{Lab: r.Lab, Values: r.Lab.Defaults(), seed: r.Seed}
	var faults []Fault
	for _, s := range r.Settings {
		if err := p.Values.Set(s.Name, s.Value); err != nil {
			faults = append(faults, Fault{s.Name + "=" + s.Value, Explain(err)})
		}
	}
	if r.Lab.Script != nil {
		p.own = r.Lab.Script(p.Values, r.Seed)
	}
	script := r.Script
	if !r.Scripted && len(script) == 0 {
		script = p.own
	}
	if err := p.build(); err != nil {
		return nil, faults, fmt.Errorf("%s: %w", r.Lab.ID, err)
	}
	net := p.World.Net
	for _, s := range script {
		a, err := net.ParseAction(s.At, s.Do)
		if err == nil {
			err = net.Schedule(a)
		}
		if err != nil {
			faults = append(faults, Fault{fmt.Sprintf("%v %s", s.At, s.Do), p.refusal(err)})
		}
	}
	p.curves.start(p.World)
	p.keys.start(net, p.checks, r.Once)
	return p, faults, nil
}

// build makes the world at time 0, without a script.
func (p *Play) build() error {
	w, err := p.Lab.Build(p.Values, p.seed)
	if err != nil {
		return err
	}
	p.World = w
	p.watchChecks()
	if p.Configure != nil {
		p.Configure(w.Net)
	}
	return nil
}

// Reconfigure sets Configure and applies it to the present network.
func (p *Play) Reconfigure(configure func(*sim.Network)) {
	p.Configure = configure
	configure(p.World.Net)
}

// Now is the present.
func (p *Play) Now() sim.Time { return p.World.Net.Now() }

// Seed is the run's seed.
func (p *Play) Seed() uint64 { return p.seed }

// Finished reports whether the run has come to its end. An action can still
// make it go on.
func (p *Play) Finished() bool { return p.finished }

// Advance plays up to and including the instant until, or the run's end, but
// no more than budget steps. However the calls are cut, the run is the same.
func (p *Play) Advance(until sim.Time, budget int) sim.Halt {
	if p.finished {
		return sim.Finished
	}
	net := p.World.Net
	until = min(until, p.World.End)
	for budget > 0 {
		target := min(until, p.curves.next())
		before := net.Steps()
		halt := net.Advance(target, min(budget, p.keys.room(before)))
		budget -= int(net.Steps() - before)
		switch halt {
		case sim.Finished:
			p.finish()
			return sim.Finished
		case sim.Reached:
			p.curves.take(p.World, target)
			if target == until && p.curves.next() > until {
				if until == p.World.End {
					p.finish()
					return sim.Finished
				}
				return sim.Reached
			}
		}
		p.keys.offer(net, p.checks)
	}
	return sim.Budget
}

// Step processes exactly one event or action.
func (p *Play) Step() sim.Halt { return p.Advance(sim.Forever, 1) }

// Act carries out a deed now and forgets what the script still had to come:
// the run forks here.
func (p *Play) Act(do string) error {
	now := p.Now()
	if now >= p.World.End {
		return Say("%q: the run ends at %v, go back in time to act", "“%s”：运行在 %v 已结束，把时间拖回去才能再操作", do, p.World.End)
	}
	if _, err := p.World.Net.Act(do); err != nil {
		return p.refusal(err)
	}
	p.finished = false
	p.forgetAfter(now)
	p.curves.forgetAfter(now)
	p.keys.forgetAfter(now)
	return nil
}

// refusal is why the network did not take an action. A lab's own words about
// an order are in both languages. The network speaks English only; the Chinese
// says how actions are written and which nodes there are, which answers all
// but the rarest slips.
func (p *Play) refusal(err error) Text {
	if own := (Text{}); errors.As(err, &own) {
		return own
	}
	net := p.World.Net
	var nodes []string
	for i := range net.Roles() {
		name, span := net.Role(sim.RoleID(i))
		if span.Count == 1 {
			nodes = append(nodes, name+"/0")
		} else {
			nodes = append(nodes, fmt.Sprintf("%s/0 到 %s/%d", name, name, span.Count-1))
		}
	}
	return Text{err.Error(), fmt.Sprintf("看不懂这个操作，或者现在做不了。操作要写成“crash %s”这样，动词有 %s；这里的节点有 %s",
		net.Name(0), "crash、restart、pause、resume、cut、slow、lose、duplicate、reorder、heal、send", strings.Join(nodes, "，"))}
}

// finish settles what can only be said at the end.
func (p *Play) finish() {
	p.finished = true
	p.curves.takeLast(p.World)
	p.settle()
}

// Script returns the run's actions, done and to come, and whether they
// differ from the lab's own.
func (p *Play) Script() (steps []Step, scripted bool) {
	for _, a := range p.World.Net.Script() {
		steps = append(steps, Step{a.At, a.Text})
	}
	scripted = len(steps) != len(p.own)
	for i := 0; !scripted && i < len(steps); i++ {
		scripted = steps[i] != p.own[i]
	}
	return steps, scripted
}
