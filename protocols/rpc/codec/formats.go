package codec

import (
	"fmt"

	"grapevine/protocols/field"
)

// The limits of what is read.
const (
	MaxMessageBytes = 64 << 10
	maxDepth        = 16 // of what is in what
)

// Format is one way to write structures as bytes.
type Format struct {
	ID   string
	Name string
	// By says what in a message tells the reader which field a value belongs to.
	By Key
	// Write writes a value; it panics if the value does not fit the schema.
	Write func(s *Schema, v Value) []byte
	// Read takes any bytes.
	Read func(s *Schema, b []byte) Reading
}

// Key is what tells which field is which.
type Key uint8

// The keys.
const (
	ByNumber Key = iota
	ByName
	ByPosition
)

// Formats are all there are. Thrift and Hessian will join them.
var Formats = []Format{
	{"protobuf", "Protocol Buffers", ByNumber, writeProtobuf, readProtobuf},
	{"cbor-positions", "CBOR, array", ByPosition, positional.write, positional.read},
	{"cbor-numbers", "CBOR, numbers", ByNumber, numbered.write, numbered.read},
	{"cbor", "CBOR, names", ByName, named.write, named.read},
	{"json", "JSON", ByName, writeJSON, readJSON},
}

// FormatNamed returns the format with this ID, or nil.
func FormatNamed(id string) *Format {
	for i := range Formats {
		if Formats[i].ID == id {
			return &Formats[i]
		}
	}
	return nil
}

// Reading is what a reader makes of a message.
type Reading struct {
	// Value has the reader's fields; Absent is what the message did not have.
	Value Value
	// Field names every byte of the message, whether or not it could be read.
	Field field.Field
	// Unknown counts the values that the reader's schema has no field for.
	Unknown int
	// Err is the first reason to refuse the message: bytes that are not of the
	// format, or a value that is not of the field's type.
	Err error
}

// reader walks through the bytes of a message.
type reader struct {
	b       []byte
	at      int
	unknown int
	err     error
	broken  bool // the bytes make no sense from here on
}

// leaf names the bytes up to an offset, and goes on from there.
func (r *reader) leaf(name, value string, end int) field.Field {
	f := field.Field{Name: name, Value: value, Offset: r.at, Length: end - r.at}
	r.at = end
	return f
}

// close sets the length of a field that began at its offset and ends here.
func (r *reader) close(f field.Field) field.Field {
	f.Length = r.at - f.Offset
	return f
}

// fail notes that the message must be refused, and goes on.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: "+format, append([]any{r.at}, args...)...)
	}
}

// stop notes that from here on nothing can be understood.
func (r *reader) stop(format string, args ...any) {
	r.fail(format, args...)
	r.broken = true
}

// read runs a walk over a whole message and names what it has left over.
func read(s *Schema, b []byte, walk func(*reader) (Value, field.Field)) Reading {
	r := &reader{b: b}
	if len(b) > MaxMessageBytes {
		r.stop("the message has %d bytes, expected at most %d", len(b), MaxMessageBytes)
		return Reading{Value: empty(s), Field: r.leaf("not understood", r.err.Error(), len(b)), Err: r.err}
	}
	v, f := walk(r)
	if r.at < len(b) {
		if !r.broken {
			r.stop("%d bytes follow the message", len(b)-r.at)
		}
		whole := field.Field{Name: s.Name, Children: []field.Field{f}}
		if len(f.Children) > 0 {
			whole.Children = f.Children
		} else if f.Length == 0 {
			whole.Children = nil
		}
		whole.Children = append(whole.Children, r.leaf("not understood", r.err.Error(), len(b)))
		f = r.close(whole)
	}
	return Reading{Value: v, Field: f, Unknown: r.unknown, Err: r.err}
}

// empty is a structure in which nothing is written.
func empty(s *Schema) Value { return Value{Type: Struct, Items: make([]Value, len(s.Fields))} }
