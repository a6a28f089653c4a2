package api

// Cards tells the renderer what the nodes show inside their cards: once all of
// them, then those that have changed. It comes before the Picture of its instant.
type Cards struct {
	Frame string `cbor:"frame"` // "cards"
	Cards []Card `cbor:"cards"`
}

// Card is what one node shows; it has no rows while the node is down.
type Card struct {
	Node int   `cbor:"node"`
	Rows []Row `cbor:"rows"`
}

// Row is one line of a card.
type Row struct {
	Label Text   `cbor:"label"`
	Form  string `cbor:"form"` // "strip", "stations", "table", "gauge", "tail"
	Cells []Cell `cbor:"cells"`
	More  int    `cbor:"more,omitempty"` // how many cells are left out after these, or before them in a tail
	// Room is for how many cells a place is kept, Sample a text that they may have.
	Room   int   `cbor:"room,omitempty"`
	Sample *Text `cbor:"sample,omitempty"`
}

// Cell is one thing in a row. It is written as an array, because there are
// many of them, sixty times a second.
type Cell struct {
	_     struct{} `cbor:",toarray"`
	En    string
	Zh    string // "" when it is as En
	Color string // a name of the page's palette; "" for none
	Look  uint8  // 0 usual, 1 lit, 2 hatched, 3 crossed, 4 faded
	Value int64  // of Max: how far it is filled, if Max is not 0
	Max   int64
}
