// Package codec turns structures into bytes and back, in several formats side
// by side, and says of every byte which field of the structure it belongs to.
//
// A structure is described by a Schema, which is data: a message is written by
// one and may be read by another, as when only one of two programs has been
// updated. Formats is the table of what there is:
//
//	for _, f := range codec.Formats {
//		b := f.Write(&codec.Order, value)
//		reading := f.Read(&newer, b) // reading.Value, reading.Field, reading.Err
//	}
//
// evolve.go has the ways in which a schema changes, and finds out what becomes
// of each field when the one reads what the other wrote.
//
// Duties of the caller: a Schema has no number and no name twice, a Value fits
// its Schema (Write panics if not), and a message has at most MaxMessageBytes.
//
// One number's journey: discount is -250, a signed number that Protocol Buffers
// write zigzag. Write makes it 499, 7 bits to a byte: f3 03, behind the tag 20,
// field 4. Read finds field 4 in its own schema: if that says "signed, zigzag"
// the value is -250 again; if it says "signed", it is 499, and nobody notices.
//
// Left out are floats, bytes, enumerations and maps: they would show nothing
// that text and whole numbers do not.
package codec
