package lab

// Doing is what a node does from one of its notes on, as far as the sequence
// view shows it: World.Doing reads it from the note. A crash and a start end it.
type Doing uint8

// The doings.
const (
	Unsaid  Doing = iota // the note is about something else
	Resting              // nothing: the node's line is thin
	Working              // it computes: a bar
	Waiting              // it is suspended until somebody answers: a hatched bar
)
