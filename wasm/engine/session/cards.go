package session

import (
	"slices"
	"unicode/utf8"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

var rowForms = [...]string{lab.Strip: "strip", lab.Stations: "stations", lab.Table: "table", lab.Gauge: "gauge", lab.Tail: "tail"}

// sendCards sends the cards that are not as the page has them.
func (s *Session) sendCards() {
	w := s.play.World
	if w.Card == nil || w.Net.Nodes() > lab.MaxCardNodes {
		return
	}
	first := s.cards == nil
	if first {
		s.cards = make([]lab.Card, w.Net.Nodes())
	}
	out := api.Cards{Frame: "cards"}
	for i := range s.cards {
		var card lab.Card
		switch node := sim.NodeID(i); {
		case w.Net.Up(node):
			card = w.Card(node)
		case w.Remains != nil:
			card = w.Remains(node)
		}
		if !first && slices.EqualFunc(card.Rows, s.cards[i].Rows, sameRow) {
			continue
		}
		s.cards[i] = keepCard(card)
		out.Cards = append(out.Cards, api.Card{Node: i, Rows: rows(card)})
	}
	if len(out.Cards) > 0 {
		s.send(out)
	}
}

func sameRow(a, b lab.Row) bool {
	return a.Label == b.Label && a.Form == b.Form && a.More == b.More && slices.Equal(a.Cells, b.Cells)
}

// keepCard copies a card: its lab may write the next one into the same slices.
func keepCard(c lab.Card) lab.Card {
	kept := slices.Clone(c.Rows)
	for i := range kept {
		kept[i].Cells = slices.Clone(kept[i].Cells)
	}
	return lab.Card{Rows: kept}
}

// rows puts a card into the page's words, within its limits.
func rows(c lab.Card) []api.Row {
	out := make([]api.Row, 0, len(c.Rows))
	for _, r := range c.Rows[:min(len(c.Rows), lab.MaxCardRows)] {
		shown := r.Cells[:min(len(r.Cells), lab.MaxCardCells)]
		if r.Form == lab.Tail {
			shown = r.Cells[len(r.Cells)-len(shown):]
		}
		row := api.Row{Label: text(short(r.Label)), Form: rowForms[r.Form], Cells: make([]api.Cell, len(shown)),
			More: r.More + len(r.Cells) - len(shown)}
		if row.Room = min(r.Room, lab.MaxCardCells); r.Sample != (lab.Text{}) {
			sample := text(short(r.Sample))
			row.Sample = &sample
		}
		for i, c := range shown {
			t := short(c.Text)
			cell := api.Cell{En: t.En, Color: c.Color, Look: uint8(c.Look), Value: c.Value, Max: c.Max}
			if t.Zh != t.En {
				cell.Zh = t.Zh
			}
			row.Cells[i] = cell
		}
		out = append(out, row)
	}
	return out
}

func short(t lab.Text) lab.Text { return lab.Text{En: clip(t.En), Zh: clip(t.Zh)} }

func clip(s string) string {
	if len(s) <= lab.MaxCardChars || utf8.RuneCountInString(s) <= lab.MaxCardChars {
		return s
	}
	return string([]rune(s)[:lab.MaxCardChars-1]) + "…"
}
