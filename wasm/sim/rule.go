package sim

// Span is a run of nodes with consecutive IDs.
type Span struct {
	First NodeID
	Count uint32
}

// Has reports whether node is in the span.
func (s Span) Has(node NodeID) bool { return uint32(node-s.First) < s.Count }

// Rule decides the fate of the packets from one span of nodes to another,
// before the link does. Rules are asked in the order they were made; the first
// that concerns a packet decides.
type Rule struct {
	From, To Span
	Verdict  Verdict
}

// Verdict is what a rule says of a packet.
type Verdict struct {
	Drop  Why  // not Alive: the packet dies halfway, for this reason
	After Time // otherwise: this much is added to its delay
}

// ask returns the verdict for a packet, and whether any rule concerns it.
func ask(rules []Rule, from, to NodeID) (Verdict, bool) {
	for i := range rules {
		if rules[i].From.Has(from) && rules[i].To.Has(to) {
			return rules[i].Verdict, true
		}
	}
	return Verdict{}, false
}

// heal returns the rules without those from a span to another that lie wholly
// within the given ones.
func heal(rules []Rule, from, to Span) []Rule {
	var left []Rule
	for _, r := range rules {
		if !within(r.From, from) || !within(r.To, to) {
			left = append(left, r)
		}
	}
	return left
}

func within(inner, outer Span) bool {
	return inner.First >= outer.First && uint64(inner.First)+uint64(inner.Count) <= uint64(outer.First)+uint64(outer.Count)
}
