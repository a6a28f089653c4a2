package gossip

import (
	"fmt"
	"strconv"

	"grapevine/protocols/field"
)

// shape names the parts of a CBOR message, so that one walk over the bytes
// finds the place of each. It is used on messages that were decoded without
// an error, and therefore checks nothing.
type shape struct {
	name  string
	parts []shape             // of an array with a fixed number of items
	each  *shape              // of an array's items, when they are all alike
	say   func(uint64) string // words for a number; nil for its digits
}

// fields returns the parts of the item at an offset, and where the next begins.
func (s *shape) fields(b []byte, offset int) (field.Field, int) {
	major, value, start := itemHead(b, offset)
	f := field.Field{Name: s.name, Offset: offset}
	switch major {
	case majorArray:
		f.Children = []field.Field{{Name: "array", Value: fmt.Sprintf("of %d", value), Offset: offset, Length: start - offset}}
		for i := range int(value) {
			part := s.each
			if part == nil {
				part = &s.parts[i]
			}
			var child field.Field
			child, start = part.fields(b, start)
			f.Children = append(f.Children, child)
		}
		if len(f.Children) == 1 {
			f.Children, f.Value = nil, "none"
		}
	case majorText:
		f.Value = string(b[start : start+int(value)])
		start += int(value)
	default:
		if s.say != nil {
			f.Value = s.say(value)
		} else {
			f.Value = strconv.FormatUint(value, 10)
		}
	}
	f.Length = start - offset
	return f, start
}

// The major types of CBOR that our messages use beside numbers (0).
const (
	majorText  = 3
	majorArray = 4
)

// itemHead reads the head of the item at an offset: its major type, its
// number, and where its content begins.
func itemHead(b []byte, offset int) (major byte, value uint64, start int) {
	first := b[offset]
	major, value, start = first>>5, uint64(first&0x1f), offset+1
	if value < 24 {
		return major, value, start
	}
	length := 1 << (value - 24)
	value = 0
	for _, c := range b[start : start+length] {
		value = value<<8 | uint64(c)
	}
	return major, value, start + length
}

// unread is the one field of bytes that are no message of ours.
func unread(b []byte, err error) field.Field {
	return field.Field{Name: "not understood", Value: err.Error(), Length: len(b)}
}
