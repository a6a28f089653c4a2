package lab

import "grapevine/wasm/sim"

// Standing is how one check stands.
type Standing struct {
	Check  *Check
	State  CheckState
	Detail Text
	At     sim.Time // when it was decided
}

// CheckState is what is known about a check.
type CheckState uint8

// The states.
const (
	Undecided CheckState = iota // nothing has spoken against it, and the run goes on
	Held
	Failed
)

// String names the state as the page does.
func (s CheckState) String() string { return [...]string{"open", "held", "failed"}[s] }

// Checks returns how the checks stand now, in the lab's order.
func (p *Play) Checks() []Standing { return p.checks }

// watchChecks begins to watch a world that was just built.
func (p *Play) watchChecks() {
	w := p.World
	p.checks = make([]Standing, len(w.Checks))
	live := false
	for i := range w.Checks {
		p.checks[i].Check = &w.Checks[i]
		live = live || w.Checks[i].Kind != Finally
	}
	if live {
		w.Net.AfterEvent = p.askChecks
	}
}

// askChecks decides the checks that one instant can decide.
func (p *Play) askChecks() {
	for i := range p.checks {
		s := &p.checks[i]
		if s.State != Undecided || s.Check.Kind == Finally {
			continue
		}
		if holds := s.Check.Holds(); holds == (s.Check.Kind == Sometimes) {
			p.decide(s, holds)
		}
	}
}

// settle decides the rest when the run has ended.
func (p *Play) settle() {
	for i := range p.checks {
		s := &p.checks[i]
		if s.State == Undecided {
			p.decide(s, s.Check.Kind != Sometimes && s.Check.Holds())
		}
	}
}

func (p *Play) decide(s *Standing, held bool) {
	s.State = Failed
	if held {
		s.State = Held
	}
	s.At = p.Now()
	if s.Check.Detail != nil {
		s.Detail = s.Check.Detail()
	}
}

// forgetAfter makes undecided again what was decided after an instant, or at
// the end of a run that now goes on.
func (p *Play) forgetAfter(t sim.Time) {
	for i := range p.checks {
		s := &p.checks[i]
		atEnd := s.Check.Kind == Finally || s.Check.Kind == Always && s.State == Held || s.Check.Kind == Sometimes && s.State == Failed
		if s.At > t || atEnd {
			*s = Standing{Check: s.Check}
		}
	}
}
