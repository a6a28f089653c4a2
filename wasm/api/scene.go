package api

// Scene tells the renderer what there is to draw; once for each opened run.
type Scene struct {
	Frame string `cbor:"frame"` // "scene"
	Nodes int    `cbor:"nodes"`
	Roles []Role `cbor:"roles"`
	// Layout is how the nodes are best arranged: "ring", "tree" or "columns"
	// (a column for each role). The renderer fits it to the window and turns
	// to dots and then pixels as the nodes grow many.
	Layout string `cbor:"layout"`
	// States is the palette that Picture.States indexes.
	States []State `cbor:"states"`
	// Kinds is the table that Picture.Kinds indexes.
	Kinds []Kind `cbor:"kinds"`
	// EdgeFrom and EdgeTo are the lasting connections (a tree's branches,
	// each node's neighbours), node indices pairwise; empty when everybody
	// may talk to everybody. At most 20,000.
	EdgeFrom Uint32s `cbor:"edge_from"`
	EdgeTo   Uint32s `cbor:"edge_to"`
}

// State is how a node in one state of the lab looks.
type State struct {
	ID    string `cbor:"id"`
	Label Text   `cbor:"label"`
	Shape string `cbor:"shape"` // "ring" (hollow), "disc" (filled), "bar" (filled with a bar)
	Color string `cbor:"color"` // a name of the page's palette: "idle", "active", "done", "warn"
}

// Kind is how one kind of message looks.
type Kind struct {
	ID    string `cbor:"id"`
	Label Text   `cbor:"label"`
	Mark  string `cbor:"mark"`  // one letter
	Color string `cbor:"color"` // a name of the page's palette
	// Unused says that no such message can fly in this run; it keeps its
	// place in the table.
	Unused bool `cbor:"unused,omitempty"`
}

// Bits of Picture.States above the state's index.
const (
	StateMask   = 0x1f
	StatePaused = 0x40
	StateDown   = 0x80
)

// Picture is one instant of the run, for the renderer. All columns of the
// flights have equal length.
type Picture struct {
	Frame string  `cbor:"frame"` // "picture"
	Now   float64 `cbor:"now"`   // microseconds
	// States holds a byte for each node: an index into Scene.States and the
	// bits above.
	States Uint8s `cbor:"states"`
	// The packets in flight. One is at (Now-Sent)/(Due-Sent) of its way. A
	// packet whose Lost is 1 vanishes at Due, halfway between its ends: its
	// Due is when it dies, and it is then at half its way.
	ID   Float64s `cbor:"id"` // the packet's number, for Follow
	From Uint32s  `cbor:"from"`
	To   Uint32s  `cbor:"to"`
	Sent Float64s `cbor:"sent"`
	Due  Float64s `cbor:"due"`
	Kind Uint8s   `cbor:"kind"`
	Lost Uint8s   `cbor:"lost"`
	// Copy is 1 for the network's second packet of one that was sent once. In
	// worlds of few nodes only; elsewhere it is 0.
	Copy Uint8s `cbor:"copy"`
	// Hidden is how many more are in flight than the columns hold.
	Hidden int `cbor:"hidden"`
	// CutFrom and CutTo are directed pairs of nodes between which a rule
	// drops everything, at most 2,000 pairs; CutsHidden counts the rest.
	CutFrom    Uint32s `cbor:"cut_from"`
	CutTo      Uint32s `cbor:"cut_to"`
	CutsHidden int     `cbor:"cuts_hidden"`
}

// Series is the data behind the chart: the measured curves so far and what
// theory expects. Sent when it has grown.
type Series struct {
	Frame string `cbor:"frame"` // "series"
	// XUnit is "us" or "cycles".
	XUnit string `cbor:"x_unit"`
	// XMicros is how many microseconds one unit of X is.
	XMicros float64  `cbor:"x_micros"`
	X       Float64s `cbor:"x"`
	Curves  []Curve  `cbor:"curves"`
	// YMax is the top of the scale, for example the number of nodes.
	YMax float64 `cbor:"y_max"`
}

// Curve is one line over Series.X; NaN where it has no value.
type Curve struct {
	ID     string   `cbor:"id"`
	Label  Text     `cbor:"label"`
	Color  string   `cbor:"color"`
	Theory bool     `cbor:"theory"` // drawn dashed: expected, not measured
	Y      Float64s `cbor:"y"`
}
