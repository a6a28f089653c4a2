package api

// Run is the whole truth about one execution: equal Runs give equal digests
// on every machine.
type Run struct {
	// Lab names the scenario, for example "gossip/rumor".
	Lab string `cbor:"lab"`
	// Version is the lab's version the run was made with; 0 means "whatever
	// is current". A lab raises it when equal parameters stop giving equal runs.
	Version int `cbor:"version,omitempty"`
	// Params holds what was set, by name; what is absent has the lab's default.
	Params []Setting `cbor:"params,omitempty"`
	// Seed chooses the run's luck.
	Seed uint64 `cbor:"seed"`
	// Script holds what the visitor did, in order of time.
	Script []Action `cbor:"script,omitempty"`
	// Scripted says that Script is meant even when it is empty. Without it,
	// an empty Script stands for the lab's own default script.
	Scripted bool `cbor:"scripted,omitempty"`
}

// Setting is one parameter's name and its value as text ("loss", "10%").
type Setting struct {
	Name  string `cbor:"name"`
	Value string `cbor:"value"`
}

// Action is one deed at one instant.
type Action struct {
	// At is the virtual time in microseconds; the deed comes before
	// everything else that happens in that microsecond.
	At int64 `cbor:"at"`
	// Do is the deed in words: a verb and its operands, for example
	// "crash gossiper/3" or "cut gossiper/0 gossiper/4-7". Package sim
	// reads it, and sim.Action lists the verbs.
	Do string `cbor:"do"`
}

// Limits on what a link may hold, so that a hostile one costs nothing.
const (
	maxLinkBytes     = 32 << 10
	maxLinkParams    = 100
	maxScriptActions = 1000
)
