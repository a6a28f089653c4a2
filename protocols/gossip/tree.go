package gossip

// The hash tree (Merkle 1987) by which two nodes find where their stores
// differ without listing them: the root is all places, and each node has
// treeWidth children that share its span evenly, down to single places at
// treeDepth. A node's hash is the sum of its children's (Store.sum), and an
// entry's at the bottom. Equal hashes end the walk; where they differ it goes
// one level down; where few keys are left the keys themselves are listed.
//
// Nothing of the tree is stored: sums over a sorted slice are quick.
const (
	treeWidth = 16
	treeDepth = 8 // 16^8 = 2^32 places
	// leafKeys is how few keys are listed rather than walked down to: eight
	// heads take about as many bytes as one node's hashes.
	leafKeys = 8
)

// nodeSpan is the span of the tree's node that begins at lo on a level.
func nodeSpan(lo uint32, level uint8) Span {
	return Span{lo, lo | uint32(uint64(1)<<(32-4*uint64(level))-1)}
}

// children returns the hashes of a node's children.
func (s *Store) children(lo uint32, level uint8) treeNode {
	n := treeNode{Lo: lo, Level: level}
	for i := range n.Hashes {
		n.Hashes[i] = s.sum(child(lo, level, i))
	}
	return n
}

func child(lo uint32, level uint8, i int) Span {
	return nodeSpan(lo|uint32(i)<<(28-4*level), level+1)
}

// difference is what the comparison of tree nodes came to.
type difference struct {
	deeper []treeNode // compare these
	list   []Span     // few keys are left here: list them
	lacked []Span     // the other has nothing here
}

// compare holds one node of the other's tree against our own store.
func (d *difference) compare(s *Store, theirs *treeNode) {
	for i, hash := range theirs.Hashes {
		span := child(theirs.Lo, theirs.Level, i)
		mine := s.within(span)
		switch {
		case s.sum(span) == hash:
		case hash == 0:
			d.lacked = extend(d.lacked, span)
		case len(mine) <= leafKeys || theirs.Level == treeDepth-1:
			d.list = extend(d.list, span)
		default:
			d.deeper = append(d.deeper, s.children(span.Lo, theirs.Level+1))
		}
	}
}

// extend adds a span, to the last one if it follows on that.
func extend(spans []Span, s Span) []Span {
	if n := len(spans); n > 0 && spans[n-1].Hi+1 == s.Lo && s.Lo > 0 {
		spans[n-1].Hi = s.Hi
		return spans
	}
	return append(spans, s)
}
