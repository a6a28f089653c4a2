package codec

import (
	"fmt"
	"strconv"
	"strings"
)

// Value is what a field holds, or a whole structure.
type Value struct {
	Type Type
	// Bits is a number, an Int or Sint in two's complement; a Bool is 0 or 1.
	Bits uint64
	Text string
	// Items are a List's elements, or a Struct's fields in the order of its
	// schema, Absent where there is nothing.
	Items []Value
}

// String writes the value for people, and alike for equal values of different
// types: -250 is -250 whether it was an Int or a Sint.
func (v Value) String() string {
	switch v.Type {
	case Uint:
		return strconv.FormatUint(v.Bits, 10)
	case Int, Sint:
		return strconv.FormatInt(int64(v.Bits), 10)
	case Bool:
		return strconv.FormatBool(v.Bits != 0)
	case Text:
		return strconv.Quote(v.Text)
	case List, Struct:
		var items []string
		for _, item := range v.Items {
			items = append(items, item.String())
		}
		if v.Type == List {
			return "[" + strings.Join(items, ", ") + "]"
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return "none"
}

// zero is what a field that is not optional has when nothing was written.
func (d *Def) zero() Value {
	if d.Optional {
		return Value{}
	}
	v := Value{Type: d.Type}
	if d.Type == Struct {
		v.Items = make([]Value, len(d.Struct.Fields))
		for i := range v.Items {
			v.Items[i] = d.Struct.Fields[i].zero()
		}
	}
	return v
}

// isZero reports whether a value is what its absence would be taken for.
func (v Value) isZero() bool {
	return v.Type == Absent || v.Bits == 0 && v.Text == "" && len(v.Items) == 0
}

// check panics if a value does not fit its schema: a bug of the caller.
func (s *Schema) check(v Value) {
	if v.Type != Struct || len(v.Items) != len(s.Fields) {
		panic(fmt.Sprintf("codec: a %v of %d items for %s, expected a struct of %d", v.Type, len(v.Items), s.Name, len(s.Fields)))
	}
	for i := range s.Fields {
		s.Fields[i].check(v.Items[i])
	}
}

func (d *Def) check(v Value) {
	switch {
	case v.Type == Absent:
	case v.Type != d.Type:
		panic(fmt.Sprintf("codec: a %v in the field %s, expected a %v", v.Type, d.Name, d.Type))
	case d.Type == Struct:
		d.Struct.check(v)
	case d.Type == List:
		for _, item := range v.Items {
			if item.Type == Absent {
				panic("codec: the list " + d.Name + " has an element that is absent")
			}
			d.element().check(item)
		}
	}
}
