package codec

import (
	"math/bits"
	"strings"

	"grapevine/protocols/field"
)

// Sizes returns how many bytes of a message belong to each field of a schema,
// with tags, keys and lengths; and how many to none: brackets, commas, fields
// that are not known. f is the Field of a Reading by that schema.
func Sizes(s *Schema, f field.Field) (fields []int, others int) {
	fields, others = make([]int, len(s.Fields)), f.Length
	for _, child := range f.Children {
		name, _, _ := strings.Cut(strings.TrimPrefix(child.Name, "key of "), "[")
		if i := s.byName(name); i >= 0 {
			fields[i] += child.Length
			others -= child.Length
		}
	}
	return fields, others
}

// AsDoubles is what becomes of a value when a program takes every number for a
// double (IEEE 754, binary64), as JavaScript's JSON.parse does: whole numbers
// beyond 2^53 are rounded to 53 bits, halves to even.
func (v Value) AsDoubles() Value {
	switch v.Type {
	case Uint:
		v.Bits = toDouble(v.Bits)
	case Int, Sint:
		if n := int64(v.Bits); n < 0 {
			v.Bits = -toDouble(-v.Bits)
		} else {
			v.Bits = toDouble(v.Bits)
		}
	case List, Struct:
		items := make([]Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = item.AsDoubles()
		}
		v.Items = items
	}
	return v
}

func toDouble(n uint64) uint64 {
	drop := bits.Len64(n) - 53
	if drop <= 0 {
		return n
	}
	half := uint64(1) << (drop - 1)
	kept, rest := n>>drop, n&(half<<1-1)
	if rest > half || rest == half && kept&1 == 1 {
		kept++
	}
	if bits.Len64(kept)+drop > 64 {
		return 1<<64 - 1 // 2^64 itself has no room
	}
	return kept << drop
}
