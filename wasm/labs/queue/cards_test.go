package queue

import (
	"testing"
	"unicode/utf8"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// shows calls see with every card of every run that a lab offers, four times a
// second.
func shows(t *testing.T, l *lab.Lab, see func(preset string, p *lab.Play, node sim.NodeID, card lab.Card)) {
	t.Helper()
	for _, preset := range append([]lab.Preset{{ID: "default"}}, l.Presets...) {
		p, faults, err := lab.Open(lab.Run{Lab: l, Settings: preset.Settings, Seed: max(preset.Seed, 1), Script: preset.Script, Scripted: preset.Script != nil})
		if err != nil || len(faults) > 0 {
			t.Fatal(err, faults)
		}
		for at := sim.Time(0); !p.Finished() && at < 30*sim.Second; at += sim.Second / 4 {
			p.Advance(at, 1<<20)
			for node := range p.World.Net.Nodes() {
				if node := sim.NodeID(node); p.World.Net.Up(node) {
					see(preset.ID, p, node, p.World.Card(node))
				} else {
					see(preset.ID, p, node, p.World.Remains(node))
				}
			}
		}
	}
}

// Cards keep within their limits, say everything in both languages, and have
// the same rows from a node's start to its end, and while it is down: nothing jumps.
func TestCards(t *testing.T) {
	for _, l := range []*lab.Lab{&PTP, &PubSub, &Groups, &Replicas, &Idempotence} {
		rows, before := map[sim.NodeID]int{}, ""
		shows(t, l, func(preset string, p *lab.Play, node sim.NodeID, card lab.Card) {
			where := l.ID + ", " + preset + ", " + p.World.Net.Name(node)
			if preset != before {
				clear(rows)
				before = preset
			}
			if n := len(card.Rows); rows[node] == 0 {
				rows[node] = n
			} else if n != rows[node] {
				t.Fatalf("%s: %d rows, and %d before", where, n, rows[node])
			}
			if len(card.Rows) > lab.MaxCardRows {
				t.Errorf("%s: %d rows", where, len(card.Rows))
			}
			for _, f := range p.World.Inspect(node) {
				if f.Label.En == "" || f.Label.Zh == "" || f.Value.En == "" || f.Value.Zh == "" {
					t.Errorf("%s: %+v lacks a language", where, f)
				}
			}
			for _, row := range card.Rows {
				var texts []lab.Text
				if row.Label != (lab.Text{}) {
					texts = append(texts, row.Label)
				}
				if len(row.Cells) > lab.MaxCardCells {
					t.Errorf("%s: %d cells in %q", where, len(row.Cells), row.Label.En)
				}
				if row.Form == lab.Table && len(row.Cells)%2 != 0 {
					t.Errorf("%s: half a pair in %q", where, row.Label.En)
				}
				for _, c := range row.Cells {
					texts = append(texts, c.Text)
				}
				for _, x := range texts {
					if x.En == "" || x.Zh == "" || utf8.RuneCountInString(x.En) > lab.MaxCardChars || utf8.RuneCountInString(x.Zh) > lab.MaxCardChars {
						t.Errorf("%s: %q: too long, or not in both languages", where, x)
					}
				}
			}
		})
	}
}

// What the lessons speak of is on the cards: each look, at some moment of a run.
func TestLooksThatLessonsSpeakOf(t *testing.T) {
	type sight struct {
		lab    *lab.Lab
		preset string
		role   byte
		cell   lab.Cell // its colour and look
	}
	for _, s := range []sight{
		{&PTP, "default", 'b', lab.Cell{Color: "idle"}},
		{&PTP, "default", 'b', lab.Cell{Color: "active", Look: lab.Lit}},
		{&PTP, "default", 'b', lab.Cell{Color: "done", Look: lab.Hatched}},
		{&PTP, "default", 'b', lab.Cell{Color: "done", Look: lab.Faded}},
		{&PTP, "dies", 'b', lab.Cell{Color: "warn", Look: lab.Hatched}},
		{&PTP, "too-early", 'b', lab.Cell{Color: "warn", Look: lab.Crossed}},
		{&PubSub, "away", 'c', lab.Cell{Color: "warn", Look: lab.Crossed}},
		{&PubSub, "away", 'c', lab.Cell{Color: "idle", Look: lab.Hatched}},
		{&PubSub, "default", 'b', lab.Cell{Color: "idle", Look: lab.Faded}},
		{&Groups, "idle", 'c', lab.Cell{Color: "idle", Look: lab.Faded}},
		{&Groups, "default", 'c', lab.Cell{Color: "warn", Look: lab.Hatched}},
		{&Groups, "default", 'b', lab.Cell{Look: lab.Hatched}},
		{&Idempotence, "default", 'p', lab.Cell{Color: "warn", Look: lab.Hatched}},
		{&Idempotence, "duplicates", 'b', lab.Cell{Color: "warn", Look: lab.Lit}},
		{&Idempotence, "duplicates", 'c', lab.Cell{Color: "warn", Look: lab.Lit}},
		{&Idempotence, "committed", 'b', lab.Cell{Color: "warn", Look: lab.Crossed}},
		{&Idempotence, "committed", 'b', lab.Cell{Color: "push", Look: lab.Hatched}},
		{&Idempotence, "dirty", 'c', lab.Cell{Color: "warn", Look: lab.Crossed}},
		{&Replicas, "leader-alone", 'p', lab.Cell{Color: "warn", Look: lab.Crossed}},
		{&Replicas, "leader-alone", 'b', lab.Cell{Color: "push", Look: lab.Crossed}}, // on the disk of the dead leader
		{&Replicas, "too-few", 'b', lab.Cell{Color: "warn", Look: lab.Lit}},
		{&Replicas, "power", 'b', lab.Cell{Color: "warn", Look: lab.Lit}},
	} {
		seen := false
		shows(t, s.lab, func(preset string, p *lab.Play, node sim.NodeID, card lab.Card) {
			if preset != s.preset || p.World.Net.Name(node)[0] != s.role {
				return
			}
			for _, row := range card.Rows {
				for _, c := range row.Cells {
					seen = seen || c.Color == s.cell.Color && c.Look == s.cell.Look
				}
			}
		})
		if !seen {
			t.Errorf("%s, %s: no %s shows a cell %+v", s.lab.ID, s.preset, string(s.role), s.cell)
		}
	}
}

// A dead broker's card shows what its disk holds, and the cards of producers
// the records that are lost: as many as the check finds at the end.
func TestWhatACrashLeaves(t *testing.T) {
	lost := map[string]int{"default": 0, "leader-alone": 3, "unclean": 21, "clean": 0, "power": 6}
	left := map[string]bool{}
	shows(t, &Replicas, func(preset string, p *lab.Play, node sim.NodeID, card lab.Card) {
		if name := p.World.Net.Name(node); name[0] == 'b' && !p.World.Net.Up(node) {
			for _, row := range card.Rows {
				left[preset] = left[preset] || row.Form == lab.Tail && len(row.Cells) > 0
			}
		}
		if !p.Finished() || p.World.Net.Name(node) != "producer/0" {
			return
		}
		want, known := lost[preset]
		if !known {
			return
		}
		delete(lost, preset)
		crossed := 0
		for _, row := range card.Rows {
			for _, c := range row.Cells {
				if c.Color == "warn" && c.Look == lab.Crossed {
					crossed++
				}
			}
			if crossed > 0 {
				crossed += row.More
			}
		}
		if crossed != want || p.World.Checks[0].Holds() != (want == 0) {
			t.Errorf("%s: %d lost records are shown, expected %d; the check says %s", preset, crossed, want, p.World.Checks[0].Detail().En)
		}
	})
	for preset := range lost {
		t.Errorf("%s: not seen at its end", preset)
	}
	for _, preset := range []string{"default", "leader-alone", "unclean", "clean", "power"} {
		if !left[preset] {
			t.Errorf("%s: no dead broker shows what is on its disk", preset)
		}
	}
}
