package shape

import (
	"fmt"
	"strconv"

	"grapevine/protocols/field"
)

// Shape names a CBOR item and what is in it. It is used on messages that were
// decoded without an error, of definite length and without tags, and therefore
// checks little: bytes of another shape get poor names, but each gets one.
type Shape struct {
	Name  string
	Parts []Shape             // of an array with a fixed number of items
	Each  *Shape              // of an array's items, when they are all alike, and of a map's values
	Say   func(uint64) string // words for a number; nil for its digits
}

// MaxDepth is how deep items may nest; what is deeper becomes one field.
const MaxDepth = 16

// The major types (section 3.1).
const (
	Unsigned = 0
	Negative = 1
	Bytes    = 2
	Text     = 3
	Array    = 4
	Map      = 5
	Simple   = 7
)

// The simple values (section 3.3).
const (
	False = 20
	True  = 21
	Null  = 22
)

var anything = Shape{Name: "item"}

// Field names every byte of a message. Bytes after the item, and those that
// cannot be read, become a last field called "not understood".
func (s *Shape) Field(b []byte) field.Field {
	f, end := s.item(b, 0, MaxDepth)
	if end == len(b) {
		return f
	}
	rest := field.Field{Name: "not understood", Value: fmt.Sprintf("%d bytes", len(b)-end), Offset: end, Length: len(b) - end}
	return field.Field{Name: s.Name, Length: len(b), Children: []field.Field{f, rest}}
}

// Unread is the one field of bytes that are no message of the protocol's.
func Unread(b []byte, err error) field.Field {
	return field.Field{Name: "not understood", Value: err.Error(), Length: len(b)}
}

// FieldAt names the item at an offset of a message, and says where the next
// begins.
func (s *Shape) FieldAt(b []byte, offset int) (field.Field, int) { return s.item(b, offset, MaxDepth) }

// item returns the field of the item at an offset, and where the next begins.
func (s *Shape) item(b []byte, offset, depth int) (field.Field, int) {
	f := field.Field{Name: s.Name, Offset: offset}
	head, ok := ReadHead(b, offset)
	if !ok || depth == 0 {
		f.Value, f.Length = "cut short", len(b)-offset
		return f, len(b)
	}
	next := head.End
	left := uint64(len(b) - next)
	switch head.Major {
	case Array, Map:
		what := "array"
		count := min(head.Value, left)
		if head.Major == Map {
			what = "map"
			count = min(2*min(head.Value, left), left)
		}
		f.Children = append(f.Children, field.Field{Name: what, Value: "of " + strconv.FormatUint(head.Value, 10), Offset: offset, Length: next - offset})
		for i := range int(count) {
			if next == len(b) {
				break
			}
			var child field.Field
			child, next = s.part(i, head.Major == Map).item(b, next, depth-1)
			f.Children = append(f.Children, child)
		}
		if len(f.Children) == 1 {
			f.Children, f.Value = nil, "none"
		}
	case Text, Bytes:
		size := int(min(head.Value, left))
		content := b[next : next+size]
		next += size
		if f.Value = string(content); head.Major == Bytes {
			f.Value = fmt.Sprintf("%x", content)
		}
	default:
		f.Value = s.number(head)
	}
	f.Length = next - offset
	return f, next
}

// part is the shape of an array's or a map's i-th item.
func (s *Shape) part(i int, isMap bool) *Shape {
	switch {
	case isMap && i%2 == 0:
		return &Shape{Name: "key"}
	case s.Each != nil:
		return s.Each
	case i < len(s.Parts):
		return &s.Parts[i]
	}
	return &anything
}

// number puts an item without content into words.
func (s *Shape) number(h Head) string {
	switch {
	case h.Major == Simple:
		return simple(h.Value)
	case h.Major == Negative:
		if h.Value == 1<<64-1 {
			return "-18446744073709551616"
		}
		return "-" + strconv.FormatUint(h.Value+1, 10)
	case s.Say != nil:
		return s.Say(h.Value)
	}
	return strconv.FormatUint(h.Value, 10)
}

func simple(v uint64) string {
	switch v {
	case False:
		return "false"
	case True:
		return "true"
	case Null:
		return "null"
	}
	return "simple " + strconv.FormatUint(v, 10)
}

// Head is the beginning of an item: its major type, its number, and where its
// content begins.
type Head struct {
	Major byte
	Value uint64
	End   int
}

// ReadHead reads the head at an offset, if it is all there.
func ReadHead(b []byte, offset int) (Head, bool) {
	if offset >= len(b) {
		return Head{}, false
	}
	h := Head{Major: b[offset] >> 5, Value: uint64(b[offset] & 0x1f), End: offset + 1}
	if h.Value < 24 {
		return h, true
	}
	length := 1 << (h.Value - 24)
	if h.Value > 27 || len(b)-h.End < length {
		return Head{}, false
	}
	h.Value = 0
	for _, c := range b[h.End : h.End+length] {
		h.Value = h.Value<<8 | uint64(c)
	}
	h.End += length
	return h, true
}
