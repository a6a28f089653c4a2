package field

import "fmt"

// Field is one named part of a message.
type Field struct {
	// Name is the specification's own word for the part ("version", "key").
	Name string `cbor:"name"`
	// Value is the part as a person would write it. A field with children
	// may leave it empty.
	Value string `cbor:"value,omitempty"`
	// Offset is the index of the first byte in the message, Length the
	// number of bytes.
	Offset int `cbor:"offset,omitempty"`
	Length int `cbor:"length,omitempty"`
	// Children are the parts of a part, in the order of their bytes.
	Children []Field `cbor:"children,omitempty"`
}

// Leaves calls visit for every field without children, in order.
func (f Field) Leaves(visit func(Field)) {
	if len(f.Children) == 0 {
		visit(f)
		return
	}
	for _, c := range f.Children {
		c.Leaves(visit)
	}
}

// Gaps checks that the leaves of f cover the bytes [0, size) exactly once and
// in order. It returns one sentence for the first place where they do not, or
// "" when they do.
func Gaps(f Field, size int) string {
	next, fault := 0, ""
	f.Leaves(func(leaf Field) {
		if fault == "" && leaf.Offset != next {
			fault = fmt.Sprintf("field %q starts at byte %d, expected %d", leaf.Name, leaf.Offset, next)
		}
		next = leaf.Offset + leaf.Length
	})
	if fault == "" && next != size {
		fault = fmt.Sprintf("the fields end at byte %d of %d", next, size)
	}
	return fault
}
