package sim

// Span is a run of nodes with consecutive IDs.
type Span struct {
	First NodeID
	Count uint32
}

// Has reports whether node is in the span.
func (s Span) Has(node NodeID) bool { return uint32(node-s.First) < s.Count }

// Rule has its say on the packets from one span of nodes to another. All the
// rules that concern a packet count, in no order: one that drops it is enough,
// delays add up, and so do chances, up to certainty.
type Rule struct {
	From, To Span
	Verdict  Verdict
}

// Verdict is what a rule says of a packet. Its chances come on top of the
// link's own.
type Verdict struct {
	Drop      Why  // not Alive: the packet dies halfway, for this reason
	After     Time // otherwise: this much is added to its delay
	Lose      PPM  // it dies halfway, as by the link's Loss
	Duplicate PPM  // it arrives twice, the second up to the link's Jitter behind the first
	Reorder   PPM  // it takes the link's Delay+Jitter longer, so that later ones overtake it
}

// judge lets a verdict change the fate that the link gave to the n-th packet
// of a node. It draws luck of its own, by the same numbers as the link: a rule
// moves nobody else's luck, and not that of the packets it leaves alone.
func (v *Verdict) judge(l *Link, seed uint64, from NodeID, n uint64, t *transit) {
	if v.Drop != Alive {
		t.why, t.twice = v.Drop, false
	}
	t.delay += v.After
	t.copy += v.After
	if v.Lose|v.Duplicate|v.Reorder == 0 || t.why != Alive {
		return
	}
	word := draw(seed, keyRule, uint64(from), n)
	if below(word, int(Certain)) < int(v.Lose) {
		t.why, t.twice = WhyLoss, false
		return
	}
	word = mix(word + golden)
	behind := Time(below(mix(word+golden), int(l.Jitter)+1))
	if below(word, int(Certain)) < int(v.Duplicate) && !t.twice {
		t.twice, t.copy = true, t.delay+behind
	}
	word = mix(word + golden)
	if below(mix(word+golden), int(Certain)) < int(v.Reorder) {
		t.delay += l.Delay + l.Jitter
	}
}

// maxRules bounds what a script of many partial heals can make of its cuts.
const maxRules = 1 << 16

// ask returns what the rules together say of a packet.
func ask(rules []Rule, from, to NodeID) Verdict {
	var v Verdict
	for i := range rules {
		r := &rules[i]
		if !r.From.Has(from) || !r.To.Has(to) {
			continue
		}
		if r.Verdict.Drop != Alive {
			return r.Verdict
		}
		v.After += r.Verdict.After
		v.Lose = min(v.Lose+r.Verdict.Lose, Certain)
		v.Duplicate = min(v.Duplicate+r.Verdict.Duplicate, Certain)
		v.Reorder = min(v.Reorder+r.Verdict.Reorder, Certain)
	}
	return v
}

// heal lifts the rules from one span to another. What is left of a rule that
// reaches further stays in force: the sides of the rectangle From × To.
// (Beyond maxRules it is lifted as a whole.)
func heal(rules []Rule, from, to Span) []Rule {
	left := make([]Rule, 0, len(rules)+3)
	for i, r := range rules {
		before, inside, after := r.From.split(from)
		above, across, below := r.To.split(to)
		switch {
		case inside.Count == 0 || across.Count == 0:
			left = append(left, r)
		case len(left)+len(rules)-i <= maxRules-3: // one rule becomes four at most
			for _, side := range [...][2]Span{{before, r.To}, {inside, above}, {inside, below}, {after, r.To}} {
				if side[0].Count > 0 && side[1].Count > 0 {
					left = append(left, Rule{side[0], side[1], r.Verdict})
				}
			}
		}
	}
	return left
}

// split returns the parts of s before, inside and after t.
func (s Span) split(t Span) (before, inside, after Span) {
	end := uint64(s.First) + uint64(s.Count)
	lo := max(uint64(s.First), min(uint64(t.First), end))
	hi := max(lo, min(uint64(t.First)+uint64(t.Count), end))
	span := func(a, b uint64) Span { return Span{NodeID(a), uint32(b - a)} }
	return span(uint64(s.First), lo), span(lo, hi), span(hi, end)
}
