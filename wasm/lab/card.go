package lab

// A card is a node drawn large: its name, its state, and rows that show what
// goes on inside it at this instant. World.Card makes them, for labs with few
// nodes; the page draws them in the nodes' place and reads them out.
//
// A card says what a student should see from the back of the room, Inspect
// says everything. Its rows keep their number and order through a run, so that
// nothing jumps: what is empty is a row without cells, not a row left out.

// The limits of a card. What is more is cut off, and the page says how much.
const (
	MaxCardNodes = 64 // larger worlds are drawn without cards
	MaxCardRows  = 12
	MaxCardCells = 48 // of a row
	MaxCardChars = 24 // of a label or a cell, in letters of the longer language
)

// Card is what one node shows.
type Card struct{ Rows []Row }

// Row is one line of a card, in one of five forms.
type Row struct {
	// Label names the row in a word or two; empty for none.
	Label Text
	Form  RowForm
	Cells []Cell
	// More is how many cells the row has beyond these: a queue of 5,000 gives
	// its first ones and counts the rest, a log gives its last ones.
	More int
	// Room is how many cells the row is going to have, and Sample a text as long
	// as theirs will be (in a table: its values), as far as that is known: their
	// place is kept from the start, so that nothing moves when they come.
	Room   int
	Sample Text
}

// RowForm is how the cells of a row are laid out.
type RowForm uint8

// The forms.
const (
	// Strip is cells side by side, wrapped: threads, a queue, a partition's
	// log. Cells without a text are small squares.
	Strip RowForm = iota
	// Stations is a chain of places joined by arrows, top to bottom: client,
	// client stub, network service. The one where things stand is Lit.
	Stations
	// Table is pairs of cells, key and value, a pair a line. The look of a key
	// is that of its pair: Lit is the entry that was just looked up.
	Table
	// Gauge is one cell drawn as a bar, filled to Value of Max. Its text stands
	// in for the numbers: "3.2 MB". Without a Max there is no bar, only a line:
	// the label, and the text.
	Gauge
	// Tail is a Strip of which the last cells count most: a log, what was read.
	// They are what stays where there is little room, and More is how many came
	// before. A cell without a colour is a mark among them, and the first to go.
	Tail
)

// Cell is one thing in a row.
type Cell struct {
	Text Text // Plain for what needs no translation
	// Color is a name of the palette, as in State.Color and Kind.Color: "idle",
	// "active", "done", "warn", "push", "pull", "reply", "data"; "" for none.
	Color string
	Look  Look
	// Value of Max, if Max is not 0, is how far the cell is filled: a gauge, a
	// lease that runs out, a call that is being worked on.
	Value, Max int64
}

// Look tells cells apart that have one colour, and to those who see none.
type Look uint8

// The looks.
const (
	Usual   Look = iota
	Lit          // where it happens now: a heavy border
	Hatched      // waiting for someone else: a suspended caller, a blocked thread
	Crossed      // dead or refused
	Faded        // there, but idle or out of date
)
