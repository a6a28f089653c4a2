package registry

// Theory of operation.
//
// A name outlives the processes behind it. Those who call a service know its
// name; which instances there are today, and where, they ask of a registry,
// and the instances themselves have told it so.
//
// The registry believes an instance for as long as its lease lasts. The
// instance renews the lease by heartbeats, several to a lease, so that one that
// gets lost does no harm. When it crashes there are no more, and at the end of
// the lease the registry takes it off the list: until then, everybody who asks
// is told of an instance that is dead. A short lease finds the dead sooner and
// costs more messages; no lease finds them at once.
//
// The registry's memory is soft state. One that crashed comes back empty, under
// a greater epoch. It answers the next heartbeat with "unknown", and the
// instance registers anew: after one heartbeat's time the list is whole again,
// and nobody restored anything. Until then the registry says of itself that it
// is young, and clients go on believing in the instances they knew.
//
// A client keeps the list it was told. Polling asks for it now and then;
// watching has the registry tell every change at once. Each change carries the
// version to which it leads. A client that has version 7 and gets a change to 9
// knows that it missed one, and asks for the whole list. If the last change of
// all gets lost there is no next one that shows it; but a watch is a lease,
// too, and renewing it tells the registry which version the client has. When
// the registry does not answer, the client serves what it has, says how old
// that is, and the service goes on without its registry.
//
// What changes state, at the three of them, is in these tables.

// entryState is how the registry stands to an instance.
type entryState uint8

const (
	absent entryState = iota
	listed
	entryStates
)

// entryInput is what an instance does.
type entryInput uint8

const (
	registers entryInput = iota
	beats
	leaves
	lapses // its lease ends
	entryInputs
)

// entryTransition: the next state, what the instance is answered, and whether
// the watchers are told.
type entryTransition struct {
	next   entryState
	answer Letter
	tell   bool
}

// To an instance of another life than the listed one, a heartbeat and a
// deregistration find the entry absent.
var entryTransitions = [entryStates][entryInputs]entryTransition{
	absent: {
		registers: {listed, Granted, true},
		beats:     {absent, Unknown, false},
		leaves:    {absent, Removed, false},
	},
	listed: {
		registers: {listed, Granted, false}, // told only if it is not what was listed
		beats:     {listed, Granted, false},
		leaves:    {absent, Removed, true},
		lapses:    {next: absent, tell: true},
	},
}

// Standing is how an instance stands to the registry, as far as it knows.
type Standing uint8

// The standings.
const (
	Away     Standing = iota // has not asked to be listed
	Asking                   // asks until it is told that it is
	Listed                   // was told so, and the lease has not ended since
	Doubtful                 // no answer for a whole lease: perhaps taken off the list
	Leaving                  // asks to be taken off
	Gone                     // is off the list, or its lease is over
	standings
)

// String names the standing in lower case.
func (s Standing) String() string {
	return [...]string{"away", "asking", "listed", "doubtful", "leaving", "gone"}[s]
}

type standingInput uint8

const (
	opened    standingInput = iota // the instance's own wish
	granted                        // the registry's answers
	forgotten                      // unknown
	outlast                        // the last lease granted has ended
	closed                         // the instance's own wish
	removed
	standingInputs
)

var standingTransitions = [standings][standingInputs]Standing{
	Away:     {opened: Asking, granted: Away, forgotten: Away, outlast: Away, closed: Gone, removed: Away},
	Asking:   {opened: Asking, granted: Listed, forgotten: Asking, outlast: Asking, closed: Leaving, removed: Asking},
	Listed:   {opened: Listed, granted: Listed, forgotten: Asking, outlast: Doubtful, closed: Leaving, removed: Asking},
	Doubtful: {opened: Doubtful, granted: Listed, forgotten: Asking, outlast: Doubtful, closed: Leaving, removed: Asking},
	Leaving:  {opened: Asking, granted: Leaving, forgotten: Gone, outlast: Gone, closed: Leaving, removed: Gone},
	Gone:     {opened: Asking, granted: Gone, forgotten: Gone, outlast: Gone, closed: Gone, removed: Gone},
}

// Knowledge is how well a client knows a service's list.
type Knowledge uint8

// The knowledges.
const (
	Ignorant Knowledge = iota // was never told
	Fresh                     // confirmed not long ago
	Behind                    // knows that it missed a change, and has asked
	Stale                     // the registry has been silent for long: what was true once
	knowledges
)

// String names the knowledge in lower case.
func (k Knowledge) String() string { return [...]string{"ignorant", "fresh", "behind", "stale"}[k] }

type knowledgeInput uint8

const (
	told   knowledgeInput = iota // a list, or "the same"
	missed                       // a change that does not follow on what is known
	silent                       // no confirmation for StaleMicros
	knowledgeInputs
)

var knowledgeTransitions = [knowledges][knowledgeInputs]Knowledge{
	Ignorant: {told: Fresh, missed: Ignorant, silent: Ignorant},
	Fresh:    {told: Fresh, missed: Behind, silent: Stale},
	Behind:   {told: Fresh, missed: Behind, silent: Stale},
	Stale:    {told: Fresh, missed: Behind, silent: Stale},
}
