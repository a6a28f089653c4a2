package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// ways tells which of the nodes a/0, a/1, b/0, b/1 reach which others after a
// script: a row for each sender, a mark for each receiver: "+" arrives at
// once, "." not at all, a digit after so many milliseconds.
func ways(t *testing.T, script ...string) string {
	t.Helper()
	n := New(1)
	took := map[[2]NodeID]Time{}
	role := &actor{
		start: func(c *Ctx) { c.After(Second, 0) },
		wake: func(c *Ctx, _ Timer) {
			for to := range NodeID(4) {
				c.Send(to, 0, nil)
			}
		},
		deliver: func(c *Ctx, p Packet) { took[[2]NodeID{p.From, c.Self()}] = c.Now() - Second },
	}
	n.AddRole("a", 2, role)
	n.AddRole("b", 2, role)
	for i, do := range script {
		schedule(t, n, fmt.Sprintf("%dms %s", i, do))
	}
	play(n, 3*Second)
	var rows []string
	for from := range NodeID(4) {
		row := ""
		for to := range NodeID(4) {
			switch d, ok := took[[2]NodeID{from, to}]; {
			case !ok:
				row += "."
			case d == 0:
				row += "+"
			default:
				row += fmt.Sprint(int64(d / Millisecond))
			}
		}
		rows = append(rows, row)
	}
	return strings.Join(rows, " ")
}

// What each deed does to the ways between the nodes.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		script string
		want   string
	}{
		{"heal", "++++ ++++ ++++ ++++"},
		{"cut a/0 b/1", "+++. ++++ ++++ .+++"},
		{"cut a/0 to b/1", "+++. ++++ ++++ ++++"},
		{"cut a b", "++.. ++.. ..++ ..++"},
		{"cut a", "++.. ++.. ..++ ..++"},   // its inside is left alone
		{"cut b", "++.. ++.. ..++ ..++"},   // the last role as well as the first
		{"cut a/1", "+.++ .+.. +.++ +.++"}, // between the first and the last
		{"cut a to b/0", "++.+ ++.+ ++++ ++++"},
		{"cut a/0 a/0", ".+++ ++++ ++++ ++++"},
		{"slow a/0 b/1 5ms", "+++5 ++++ ++++ 5+++"},
		{"slow a/0 to b 5ms", "++55 ++++ ++++ ++++"},
		{"slow b/0 5ms", "++5+ ++5+ 55+5 ++5+"},
		{"slow a to b 5ms|slow a/0 to b/0 2ms", "++75 ++55 ++++ ++++"}, // slowings add up
		{"slow a b 5ms|cut a/0 to b", "++.. ++55 55++ 55++"},           // a cut cuts, whatever came before
		{"cut a/0 to b|slow a b 5ms", "++.. ++55 55++ 55++"},           // or after
		{"cut a b|heal", "++++ ++++ ++++ ++++"},
		{"cut a b|heal a b", "++++ ++++ ++++ ++++"},
		{"cut a b|heal b", "++++ ++++ ++++ ++++"},
		{"cut a b|heal a to b", "++++ ++++ ..++ ..++"},
		{"cut a b|heal a/0 b/1", "++.+ ++.. ..++ +.++"}, // a part
		{"cut a b|heal a/0", "++++ ++.. +.++ +.++"},
		{"cut a|heal a/0 to b/0|heal a/1 to b/1", "+++. ++.+ ..++ ..++"},
		{"cut a b|heal a/0 a/1", "++.. ++.. ..++ ..++"}, // that was not cut
		{"cut a/0 a/1|cut a/0 a/1|heal a/0 a/1", "++++ ++++ ++++ ++++"},
		{"lose a/0 to b 100%", "++.. ++++ ++++ ++++"},
		{"lose a/0 b/1 40%|lose b/1 a/0 60%", "+++. ++++ ++++ .+++"}, // chances add up
		{"lose a 100%|heal a/0", "++++ ++.. +.++ +.++"},
		{"lose a b 0%", "++++ ++++ ++++ ++++"},
		{"slow a b 5ms|heal a/0 to b", "++++ ++55 55++ 55++"},
	} {
		if got := ways(t, strings.Split(c.script, "|")...); got != c.want {
			t.Errorf("%s:\ngot      %s\nexpected %s", c.script, got, c.want)
		}
	}
}

// Healing parts of spans agrees with doing it pair by pair.
func TestHealPairByPair(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	span := func() Span {
		first := luck.IntN(8)
		return Span{NodeID(first), uint32(1 + luck.IntN(8-first))}
	}
	for range 300 {
		var rules []Rule
		var cuts [8][8]bool
		var delays [8][8]Time
		for range 12 {
			r := Rule{From: span(), To: span()}
			healing := luck.IntN(3) == 0
			if !healing && luck.IntN(2) == 0 {
				r.Verdict.Drop = WhyCut
			} else if !healing {
				r.Verdict.After = Time(1 + luck.IntN(5))
			}
			for from := range NodeID(8) {
				for to := range NodeID(8) {
					switch {
					case !r.From.Has(from) || !r.To.Has(to):
					case healing:
						cuts[from][to], delays[from][to] = false, 0
					default:
						cuts[from][to] = cuts[from][to] || r.Verdict.Drop != Alive
						delays[from][to] += r.Verdict.After
					}
				}
			}
			if healing {
				rules = heal(rules, r.From, r.To)
			} else {
				rules = append(rules, r)
			}
			for from := range NodeID(8) {
				for to := range NodeID(8) {
					v := ask(rules, from, to)
					if cut := cuts[from][to]; cut != (v.Drop != Alive) || !cut && v.After != delays[from][to] {
						t.Fatalf("from %d to %d: %+v, expected cut %v, delay %v", from, to, v, cut, delays[from][to])
					}
				}
			}
		}
	}
}

// A script cannot make rules without end, by cutting everything again and
// again and healing it in small parts.
func TestRulesAreBounded(t *testing.T) {
	var rules []Rule
	for range 2000 {
		rules = append(rules, Rule{Span{0, 1000}, Span{0, 1000}, Verdict{Drop: WhyCut}})
	}
	for i := range NodeID(40) {
		rules = heal(rules, Span{2*i + 1, 1}, Span{2*i + 1, 1})
		if len(rules) > maxRules {
			t.Fatalf("%d rules after %d heals, expected at most %d", len(rules), i+1, maxRules)
		}
	}
}

// shares sends a thousand packets a millisecond apart from a/0 and as many
// from a/1, all to b/0, and tells what became of them after a deed: those that
// were lost, that came twice, and that came after a later one; and from a/1
// the instants at which they came.
func shares(t *testing.T, link Link, script string) (lost, twice, late int, others []Time) {
	t.Helper()
	const packets = 1000
	n := New(1)
	sender := &actor{start: func(c *Ctx) { c.After(Second, 0) }}
	sender.wake = func(c *Ctx, i Timer) {
		c.Send(2, 0, []byte{byte(i >> 8), byte(i)})
		if i+1 < packets {
			c.After(Millisecond, i+1)
		}
	}
	var times [packets]int
	last := -1
	a := n.AddRole("a", 2, sender)
	b := n.AddRole("b", 1, &actor{deliver: func(c *Ctx, p Packet) {
		if p.From == 1 {
			others = append(others, c.Now())
			return
		}
		i := int(p.Payload[0])<<8 | int(p.Payload[1])
		if times[i]++; times[i] == 1 && i < last {
			late++
		}
		last = max(last, i)
	}})
	n.Connect(a, b, link)
	schedule(t, n, script)
	play(n, 3*Second)
	for _, k := range times {
		switch k {
		case 0:
			lost++
		case 2:
			twice++
		}
	}
	return lost, twice, late, others
}

// A share of the packets is about that share, on top of the link's own; and
// the luck of those that a deed leaves alone stays what it was.
func TestShares(t *testing.T) {
	fair := Link{Delay: 10 * Millisecond}
	rough := Link{Delay: 10 * Millisecond, Jitter: 300, Loss: 100_000, Duplicate: 100_000}
	_, _, _, before := shares(t, rough, "")
	near := func(got, want int) bool { return got > want-40 && got < want+40 }
	for _, c := range []struct {
		link              Link
		script            string
		lost, twice, late int
	}{
		{fair, "1ms heal", 0, 0, 0},
		{fair, "1ms lose a/0 b 10%", 100, 0, 0},
		{fair, "1ms lose b to a/0 10%", 0, 0, 0},
		{fair, "1ms duplicate a/0 to b 0.3", 0, 300, 0},
		{fair, "1ms duplicate a/0 100%", 0, 1000, 0},
		{fair, "1ms reorder a/0 20%", 0, 0, 200},
		{fair, "1ms lose a/0 20%\n2ms lose a/0 b 30%", 500, 0, 0},
		{fair, "1ms lose a/0 20%\n2ms heal a/0 b", 0, 0, 0},
		{fair, "1ms lose a/0 50%\n1ms duplicate a/0 50%", 500, 250, 0},
		{fair, "1ms lose a/0 50%\n1ms cut a/0", 1000, 0, 0},
		{rough, "1ms heal", 100, 90, 0},
		{rough, "1ms lose a/0 b 50%", 550, 45, 0},
		{rough, "1ms duplicate a/0 b 50%", 100, 495, 0},
	} {
		lost, twice, late, others := shares(t, c.link, c.script)
		if !near(lost, c.lost) || !near(twice, c.twice) || !near(late, c.late) {
			t.Errorf("%s: %d lost, %d twice, %d late; expected about %d, %d, %d", c.script, lost, twice, late, c.lost, c.twice, c.late)
		}
		if c.link == rough && !slices.Equal(others, before) {
			t.Errorf("%s: it moved the luck of another node", c.script)
		}
	}
}

// What a rule does to packets is journalled as what a link does is.
func TestSharesAreJournalled(t *testing.T) {
	n := New(1)
	role := n.AddRole("a", 2, &listener{})
	n.Connect(role, role, Link{Delay: 2 * Millisecond})
	n.Journal.Keep(All)
	schedule(t, n, "1ms lose a/0 to a/1 100%\n1ms duplicate a/1 to a/0 100%\n2ms send a/0 0 hi\n2ms send a/1 0 ho")
	play(n, Second)
	same(t, "the journal of shares", story(n, func(e *Event) bool { return e.Kind != KindOrder && e.Kind != KindStart }), []string{
		"1ms a/0 rule a/1 20B", "1ms a/1 rule a/0 25B",
		"2ms a/0 send a/1 2B", "2ms a/1 send a/0 2B", "2ms a/1 copy a/0 2B",
		"3ms a/1 drop a/0 2B loss",
		"4ms a/0 deliver a/1 2B", "4ms a/0 deliver a/1 2B",
	})
}
