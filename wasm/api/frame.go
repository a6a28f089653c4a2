package api

import "grapevine/protocols/field"

// Hello says what labs there are. It is a file of the site, the catalogue; the
// page takes it for the engine's first frame.
type Hello struct {
	Frame string `cbor:"frame"` // "hello"
	Labs  []Lab  `cbor:"labs"`
}

// Lab describes one lab to the page: enough to build its controls.
type Lab struct {
	ID      string   `cbor:"id"`
	Version int      `cbor:"version"`
	Title   Text     `cbor:"title"`
	Claim   Text     `cbor:"claim"` // one sentence: what is being seen
	Params  []Param  `cbor:"params"`
	Presets []Preset `cbor:"presets"`
	Deeds   []Deed   `cbor:"deeds"` // what can be done to a node or a link
}

// Param describes one parameter.
type Param struct {
	Name    string   `cbor:"name"`
	Kind    string   `cbor:"kind"` // "int", "ratio", "duration", "choice", "bool"
	Label   Text     `cbor:"label"`
	Help    Text     `cbor:"help"`
	Default string   `cbor:"default"`
	Min     string   `cbor:"min,omitempty"`
	Max     string   `cbor:"max,omitempty"`
	Choices []Choice `cbor:"choices,omitempty"`
}

// Choice is one value of a "choice" parameter.
type Choice struct {
	Value string `cbor:"value"`
	Label Text   `cbor:"label"`
}

// Preset is a named set of parameters (and perhaps a script) worth trying.
type Preset struct {
	ID    string `cbor:"id"`
	Label Text   `cbor:"label"`
	Run   Run    `cbor:"run"`
}

// Deed is an action that a visitor can order by clicking.
type Deed struct {
	On    string `cbor:"on"`             // "node", "link" (two nodes), "network" (no operand)
	Form  string `cbor:"form"`           // what Command.Do must say: "crash {a}", "cut {a} to {b}", "slow {a} {b} 500ms", "lose {a} {b} 10%", "heal"
	Role  string `cbor:"role,omitempty"` // only the nodes of this role take it; "" for all
	Label Text   `cbor:"label"`          // "Crash"
}

// Opened answers Open: the run as understood.
type Opened struct {
	Frame string `cbor:"frame"` // "opened"
	Run   Run    `cbor:"run"`   // canonical: the parameters that differ from the defaults, values as the lab writes them
	Link  string `cbor:"link"`  // Run as a link
	Lab   string `cbor:"lab"`
	// Values are all parameters in the lab's order, defaults included.
	Values []Setting `cbor:"values"`
	// Notices say what of the request was not understood and what was done
	// instead; empty when all is well.
	Notices []Text `cbor:"notices,omitempty"`
	Nodes   int    `cbor:"nodes"`
	// Names of the nodes, when there are at most 10,000; otherwise Roles tell.
	Roles []Role `cbor:"roles"`
	// States and Kinds are those of the Scene, for legends in words.
	States []State `cbor:"states"`
	Kinds  []Kind  `cbor:"kinds"`
	// EndMicros is the latest instant the run can reach: the timeline's length.
	EndMicros int64 `cbor:"end"`
	// StartSpeed is the speed at which the lab is best watched first.
	StartSpeed float64 `cbor:"start_speed"`
}

// Role is a range of nodes with one behaviour: node First+i is called Name/i.
type Role struct {
	Name  string `cbor:"name"`
	First int    `cbor:"first"`
	Count int    `cbor:"count"`
}

// Status says how the run stands; a few a second.
type Status struct {
	Frame    string   `cbor:"frame"` // "status"
	Now      int64    `cbor:"now"`   // microseconds
	Playing  bool     `cbor:"playing"`
	Seeking  bool     `cbor:"seeking"` // on the way to an instant asked for
	Finished bool     `cbor:"finished"`
	CutOff   bool     `cbor:"cut_off,omitempty"` // finished, because its time was up before its story ended
	End      int64    `cbor:"end"`               // as in Opened; shrinks to the true end once it is known
	Speed    float64  `cbor:"speed"`
	Events   uint64   `cbor:"events"`
	InFlight int      `cbor:"in_flight"`
	Digest   string   `cbor:"digest"` // of the journal so far
	Link     string   `cbor:"link"`   // the run with everything done so far
	Script   []Action `cbor:"script"`
	Metrics  []Metric `cbor:"metrics"`
	Checks   []Check  `cbor:"checks"`
	Counts   []Count  `cbor:"counts"`        // how many nodes are in each state
	Cut      bool     `cbor:"cut,omitempty"` // some nodes cannot reach some others
}

// Metric is one measured number.
type Metric struct {
	Name  string  `cbor:"name"`
	Label Text    `cbor:"label"`
	Value float64 `cbor:"value"`
	Unit  string  `cbor:"unit"` // "", "us", "cycles", "bytes", "ratio"
}

// Check is one claim and how it stands.
type Check struct {
	Name   string `cbor:"name"`
	Kind   string `cbor:"kind"`  // "always", "finally", "sometimes"
	State  string `cbor:"state"` // "open", "held", "failed"
	Claim  Text   `cbor:"claim"`
	Detail Text   `cbor:"detail"` // what was found
	At     int64  `cbor:"at"`     // when it failed or was first seen, microseconds
}

// Count is the number of nodes in one state of the lab.
type Count struct {
	State string `cbor:"state"`
	Nodes int    `cbor:"nodes"`
}

// Inspection reports the node and the packet that the page asked about.
type Inspection struct {
	Frame  string        `cbor:"frame"` // "inspection"
	Now    int64         `cbor:"now"`
	Node   *NodeReport   `cbor:"node,omitempty"`
	Packet *PacketReport `cbor:"packet,omitempty"`
}

// NodeReport is one node as it is now.
type NodeReport struct {
	Node   int    `cbor:"node"`
	Name   string `cbor:"name"`
	Health string `cbor:"health"` // "up", "crashed", "paused"
	Facts  []Fact `cbor:"facts"`  // what it holds in its memory; none when it has crashed
	// Recent are the node's latest events, newest first.
	Recent []EventReport `cbor:"recent"`
}

// Fact is something that a node holds in its memory, and its parts.
type Fact struct {
	Label Text   `cbor:"label"`
	Value Text   `cbor:"value"`
	Parts []Fact `cbor:"parts,omitempty"`
}

// EventReport is one event of the journal in words.
type EventReport struct {
	ID    uint64 `cbor:"id"`
	Cause uint64 `cbor:"cause"` // 0: nothing caused it but the run's beginning or the script
	At    int64  `cbor:"at"`
	Node  string `cbor:"node"`
	Kind  string `cbor:"kind"` // "send", "deliver", "drop", "wake", "crash", "note", ...
	Text  Text   `cbor:"text"`
	// Packet is the packet it is about, 0 if none: the Follow verb takes it.
	Packet uint64 `cbor:"packet"`
}

// PacketReport is one packet: its bytes beside their fields.
type PacketReport struct {
	Packet uint64      `cbor:"packet"`
	Kind   Text        `cbor:"kind"`
	From   string      `cbor:"from"`
	To     string      `cbor:"to"`
	Sent   int64       `cbor:"sent"`
	Due    int64       `cbor:"due"`
	State  string      `cbor:"state"` // "flying", "delivered", "dropped", or "unknown" when the journal no longer has it
	Why    Text        `cbor:"why"`   // why it was dropped
	Bytes  []byte      `cbor:"bytes"`
	Field  field.Field `cbor:"field"`
	// Causes is the chain that led to it, newest first: the answer to "why?".
	Causes []EventReport `cbor:"causes"`
}

// Problem says that a command could not be carried out, and what to do next.
type Problem struct {
	Frame string `cbor:"frame"` // "problem"
	Text  Text   `cbor:"text"`
}
