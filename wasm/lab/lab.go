package lab

import (
	"grapevine/protocols/field"
	"grapevine/wasm/sim"
)

// Lab is a scenario about distributed communication.
type Lab struct {
	// ID is "family/name"; it is in every link, so it never changes.
	ID string
	// Version is raised when equal parameters and seed stop giving equal runs.
	Version int
	Title   Text
	// Claim is one sentence: what is to be seen.
	Claim   Text
	Params  []Param
	Presets []Preset
	States  []State
	Kinds   []Kind
	// Layout is "ring", "tree" or "columns": see api.Scene.
	Layout string
	// SpeedPermille is the speed at which the lab is best watched first, in
	// virtual milliseconds per real second.
	SpeedPermille int
	// Orders are what a visitor can order beside the common deeds.
	Orders []Order
	// Script is the script of a run that says nothing about its script; nil
	// for none.
	Script func(v Values, seed uint64) []Step
	// Build makes the world of a run that has not begun. Its errors are about
	// combinations of parameters; single ones have been checked.
	Build func(v Values, seed uint64) (*World, error)

	_ struct{}
}

// State is how a node in one state looks; World.State returns its index.
type State struct {
	ID    string
	Label Text
	Shape string // "ring", "disc", "bar"
	Color string // "idle", "active", "done", "warn"
}

// Kind is how one kind of message looks; its index is the kind given to
// Ctx.Send.
type Kind struct {
	ID    string
	Name  Text   // a word, for lists of events
	Label Text   // what such a message says, for the legend
	Mark  string // one letter
	Color string // "push", "pull", "reply", "data"
}

// Order is a deed of the lab's own. Form is what the action says, with {a}
// for the chosen node: "send {a} write". Role is the role whose nodes take it,
// "" for any.
type Order struct {
	Role  string
	Form  string
	Label Text
}

// Preset is a named set of parameters worth trying.
type Preset struct {
	ID       string
	Label    Text
	Settings []Setting
	Seed     uint64 // 0 means 1
	Script   []Step // nil for the lab's default
	// Fails names the check that this preset shows failing, if any, or those,
	// separated by spaces, that one fault breaks together; a test holds the
	// preset to it.
	Fails string
}

// Setting is one parameter's name and its value as text.
type Setting struct{ Name, Value string }

// Step is one action of a script before a network has understood it.
type Step struct {
	At sim.Time
	Do string
}

// World is a lab built for one run: the network and the probes into it. Nil
// probes are left out of the page.
type World struct {
	Net *sim.Network
	// End is when the run stops at the latest: some way beyond the point at
	// which its story is told.
	End sim.Time
	// Cycle, if not 0, is the length of a cycle: time is shown in cycles.
	Cycle sim.Time
	// State returns the index in Lab.States of a node's present state.
	State func(node sim.NodeID) uint8
	// States, for large populations, does the same for all nodes at once.
	States func(states []uint8)
	// Inspect says what a node that is up holds in its memory.
	Inspect func(node sim.NodeID) []Fact
	// Card shows a node large, with what goes on inside it, in worlds of up to
	// MaxCardNodes. It is asked of every node that is up for every picture.
	Card func(node sim.NodeID) Card
	// Remains is the card of a node that is down: what its disk still holds.
	// Nil if nodes leave nothing behind.
	Remains func(node sim.NodeID) Card
	// Dissect names every byte of a payload. It must take any bytes.
	Dissect func(kind uint8, payload []byte) field.Field
	// Talk returns how the bytes behind a segment's or a datagram's header are
	// dissected, nil if the lab speaks nothing there. With it, the packets of
	// streams need no Dissect: the session knows their headers.
	Talk func(t Talk) Dissect
	// Doing says what a node does from one of its notes on.
	Doing func(e *sim.Event) Doing
	// Say puts a note of the journal into a few words.
	Say func(e *sim.Event) Text
	// Kinds are the message kinds that this run's parameters allow; nil for all
	// of Lab.Kinds.
	Kinds []uint8
	// Metrics measures the run so far.
	Metrics func() []Metric
	Curves  []Curve
	// CurveMax is the top of the curves' scale.
	CurveMax int64
	Checks   []Check
	// Edges are the lasting connections, if there are any.
	Edges func() [][2]sim.NodeID
	// Listeners are the ports that `./build.sh bridge` opens to programs
	// outside, in this order.
	Listeners []Listener
	// Outside, if set, is told before the run begins at which addresses,
	// "127.0.0.1:9092", programs outside reach the Listeners: for servers that
	// tell their clients where to find the others.
	Outside func(addresses []string)
	// Layout, if set, stands in for Lab.Layout: for a lab whose parameters
	// decide what its nodes form.
	Layout string
}

// Listener is a port of a node, on which it listens for streams, as the
// bridge shows it to the outside.
type Listener struct {
	Node sim.NodeID
	Port uint16
	Name string // what speaks there: "gRPC"
	// Serves, if set, reports whether the node has come up so far that it takes
	// programs; none is set where it does from the first instant.
	Serves func() bool
}

// CheckKind says when a check must hold.
type CheckKind uint8

// The kinds of checks.
const (
	Always    CheckKind = iota // after every event
	Finally                    // when the run has ended
	Sometimes                  // after some event, once at least
)

// String names the kind as the page and the docs do.
func (k CheckKind) String() string { return [...]string{"always", "finally", "sometimes"}[k] }

// Check is a claim about a run that can be false.
type Check struct {
	Name  string
	Kind  CheckKind
	Claim Text
	// Holds reports whether the claim is true now.
	Holds func() bool
	// Detail says in a few words what was found.
	Detail func() Text
}
