package sim

import (
	"fmt"
	"math/rand/v2"
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
