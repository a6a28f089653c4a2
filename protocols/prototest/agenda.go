package prototest

import (
	"slices"
	"sort"
)

// Agenda is what happens when, in a world of several machines that a test plays.
// The zero Agenda is empty, at time 0.
type Agenda struct {
	Now    int64 // microseconds
	events []event
}

type event struct {
	at int64
	do func()
}

// After has something done so many microseconds from now; of what is due at
// the same time, what was asked for first.
func (a *Agenda) After(micros int64, do func()) {
	at := a.Now + micros
	i := sort.Search(len(a.events), func(i int) bool { return a.events[i].at > at })
	a.events = slices.Insert(a.events, i, event{at, do})
}

// Run does what is due until then, and what that asks for.
func (a *Agenda) Run(until int64) {
	for len(a.events) > 0 && a.events[0].at <= until {
		e := a.events[0]
		a.events = a.events[1:]
		a.Now = e.at
		e.do()
	}
	a.Now = until
}
