package session

import (
	"testing"
	"unicode/utf8"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// cards returns the newest frame of cards since the last drain, by node.
func (p *page) cards() map[int][]any {
	out := map[int][]any{}
	for _, f := range p.frames {
		if m, ok := f.(map[string]any); ok && m["frame"] == "cards" {
			for _, c := range m["cards"].([]any) {
				card := c.(map[any]any)
				out[int(card["node"].(uint64))] = card["rows"].([]any)
			}
		}
	}
	return out
}

// A run's first picture comes with every card, within the limits, and the
// later ones with those that changed: after a seek too.
func TestCards(t *testing.T) {
	p := newPage(t)
	p.open(0)
	all := p.cards()
	if len(all) != 10 {
		t.Fatalf("%d cards at first, expected 10", len(all))
	}
	rows := all[3]
	row := rows[0].(map[any]any)
	cells := row["cells"].([]any)
	if len(rows) != lab.MaxCardRows || len(cells) != lab.MaxCardCells || row["more"].(uint64) != 5+60-lab.MaxCardCells {
		t.Errorf("%d rows of %d cells and %v more", len(rows), len(cells), row["more"])
	}
	for lang, label := range row["label"].(map[any]any) {
		if n := utf8.RuneCountInString(label.(string)); n != lab.MaxCardChars {
			t.Errorf("%s: the label %q has %d letters", lang, label, n)
		}
	}
	if cell := cells[0].([]any); len(cell) != 6 || cell[0] != "0" || cell[1] != "" || cell[3] != uint64(lab.Hatched) || cell[4] != int64(-1) {
		t.Errorf("a cell is %v", cell)
	}

	p.drain()
	p.order(api.Command{Verb: api.Seek, At: int64(60 * sim.Millisecond)})
	p.settle()
	moved := p.cards()
	if len(moved) == 0 || len(moved) > 4 {
		t.Errorf("%d cards have changed after 60 ms", len(moved))
	}
	p.drain()
	p.order(api.Command{Verb: api.Pause})
	if again := p.cards(); len(again) != 0 {
		t.Errorf("%d cards came although nothing happened", len(again))
	}
	p.order(api.Command{Verb: api.Seek})
	p.settle()
	if back := p.cards(); len(back) != len(moved) {
		t.Errorf("%d cards have changed on the way back, %d on the way there", len(back), len(moved))
	}
	p.drain()
	p.order(api.Command{Verb: api.Act, Do: "crash node/9"})
	if down := p.cards(); len(down) != 1 || len(down[9]) != 1 || len(down[9][0].(map[any]any)["cells"].([]any)) != 9 {
		t.Errorf("after a crash: %v", down)
	}
}

// Large worlds have no cards.
func TestNoCardsForMany(t *testing.T) {
	p := newPage(t)
	p.open(0, api.Setting{Name: "n", Value: "65"})
	if c := p.cards(); len(c) != 0 {
		t.Errorf("%d cards of 65 nodes", len(c))
	}
}
