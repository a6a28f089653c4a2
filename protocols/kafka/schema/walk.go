package schema

import (
	"encoding/binary"
	"errors"
)

// Part is what a Visitor is shown.
type Part uint8

const (
	Value      Part = iota // of a field, or an element of an array of values
	Cut                    // of a Value that goes on behind the end of the bytes
	Count                  // of an array; Length says how many, -1 for null
	Presence               // of a structure that may be null: one byte
	TagCount               // how many tagged fields there are
	TagHead                // the tag and the size of a tagged field
	UnknownTag             // the content of a tagged field that is not in the schema
	TagRest                // what a newer peer put behind a known tagged field's content
)

// Leaf is some bytes that belong together.
type Leaf struct {
	Part  Part
	Field *Field // nil for TagCount, UnknownTag and its TagHead
	// At is where it begins, Content where its content does (behind a length),
	// End where it ends.
	At, Content, End int
	Length           int // of an array or of bytes, -1 for null; of a TagCount, how many; of a TagHead, the tag
}

// Visitor is told what a walk comes by, from the first byte to the last.
type Visitor interface {
	// Open begins an array (element -1), an element of an array, or a
	// structure (element 0).
	Open(f *Field, element, at int)
	Leaf(Leaf)
	// Close ends what was opened last.
	Close(at int)
}

var (
	errShort    = errors.New("it ends too early")
	errCount    = errors.New("it claims more elements than it has bytes")
	errMinus    = errors.New("a length is below -1")
	errNull     = errors.New("a field is null that must not be")
	errTag      = errors.New("a tagged field comes twice, or behind one of a higher tag")
	errPresence = errors.New("the sign that says whether a structure is there is below -1")
)

// Walk goes through a message's body. It returns where the body ends, which
// may be before the end of b, or where it found an error. Without a visitor it
// only checks, and allocates nothing.
func (m *Message) Walk(b []byte, version int16, v Visitor) (end int, err error) {
	w := walker{b: b, version: version, flexible: version >= m.Flexible, visitor: v}
	w.fields(m.Fields)
	return w.at, w.err
}

// Check is Walk without a visitor. It counts the elements of all arrays: they
// are what takes memory, and time, once the message is read.
func (m *Message) Check(b []byte, version int16) (end, elements int, err error) {
	w := walker{b: b, version: version, flexible: version >= m.Flexible}
	w.fields(m.Fields)
	return w.at, w.elements, w.err
}

// WalkNested is Walk for bytes that are a message of their own, with its version
// in front: a Subscription or an Assignment.
func (k Kind) WalkNested(b []byte, v Visitor) (end int, err error) {
	if len(b) < 2 {
		return 0, errShort
	}
	return nested[k].Walk(b, int16(binary.BigEndian.Uint16(b)), v)
}

// Size is how many bytes fields of one size take, 0 for all others.
func (k Kind) Size() int {
	if int(k) < len(sizes) {
		return sizes[k]
	}
	return 0
}

type walker struct {
	b        []byte
	at       int
	version  int16
	flexible bool
	elements int // of arrays
	err      error
	visitor  Visitor
}

func (w *walker) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// open, leaf and close tell the visitor. leaf also passes the bytes, and only
// if they are there.
func (w *walker) open(f *Field, element int) {
	if w.visitor != nil {
		w.visitor.Open(f, element, w.at)
	}
}

func (w *walker) close() {
	if w.visitor != nil {
		w.visitor.Close(w.at)
	}
}

func (w *walker) leaf(part Part, f *Field, content, length, end int) {
	if w.visitor != nil {
		w.visitor.Leaf(Leaf{Part: part, Field: f, At: w.at, Content: content, Length: length, End: end})
	}
	w.at = end
}

func (w *walker) fields(list []Field) {
	for i := range list {
		if f := &list[i]; f.Tag < 0 && f.In(w.version) {
			if w.field(f); w.err != nil {
				return
			}
		}
	}
	if w.flexible {
		w.tags(list)
	}
}

func (w *walker) field(f *Field) {
	switch {
	case f.Array:
		w.array(f)
	case f.Kind == Struct:
		w.open(f, 0)
		if w.present(f) {
			w.fields(f.Fields)
		}
		w.close()
	default:
		w.value(f)
	}
}

// present reads the byte that says whether a structure is null: -1. Below that,
// Kafka's Java takes it for null, and kmsg takes the structure for there.
func (w *walker) present(f *Field) bool {
	if !f.Nullable(w.version) {
		return true
	}
	if w.at == len(w.b) {
		w.fail(errShort)
		return false
	}
	there := int8(w.b[w.at])
	if there < -1 {
		w.fail(errPresence)
		return false
	}
	w.leaf(Presence, f, w.at, 0, w.at+1)
	return there >= 0
}

func (w *walker) array(f *Field) {
	count, content := w.length(4)
	if w.err != nil {
		return
	}
	if count > len(w.b)-content {
		w.fail(errCount)
		return
	}
	w.elements += max(count, 0)
	w.open(f, -1)
	w.leaf(Count, f, content, count, content)
	if size := f.Kind.Size(); w.visitor == nil && size > 0 && count > 0 {
		if count > (len(w.b)-w.at)/size {
			w.fail(errShort)
			return
		}
		w.at += count * size
		return
	}
	for i := range count {
		if w.err != nil {
			break
		}
		if f.Kind == Struct {
			w.open(f, i)
			w.fields(f.Fields)
			w.close()
		} else {
			w.element(f)
		}
	}
	w.close()
}

// value reads a field that is no structure and no array.
func (w *walker) value(f *Field) {
	if size := f.Kind.Size(); size > 0 {
		w.fixed(f, size)
		return
	}
	prefix := 4
	if f.Kind == String {
		prefix = 2
	}
	length, content := w.length(prefix)
	if length < 0 && f.Kind == String && !f.Nullable(w.version) {
		w.fail(errNull)
	}
	w.span(f, length, content)
}

// element reads an element of an array of values; none of them may be null.
func (w *walker) element(f *Field) {
	if size := f.Kind.Size(); size > 0 {
		w.fixed(f, size)
		return
	}
	length, content := w.length(2)
	if length == -1 {
		w.fail(errNull)
	}
	w.span(f, length, content)
}

func (w *walker) fixed(f *Field, size int) {
	if len(w.b)-w.at < size {
		w.fail(errShort)
		return
	}
	w.leaf(Value, f, w.at, size, w.at+size)
}

func (w *walker) span(f *Field, length, content int) {
	if w.err != nil {
		return
	}
	if length > len(w.b)-content {
		w.leaf(Cut, f, content, length, len(w.b))
		w.fail(errShort)
		return
	}
	w.leaf(Value, f, content, length, content+max(length, 0))
}

// length reads a length, which takes prefix bytes or is compact, without going
// on. -1 is null.
func (w *walker) length(prefix int) (length, content int) {
	rest := w.b[w.at:]
	if w.flexible {
		n, size := uvarint(rest)
		if size == 0 {
			w.fail(errShort)
		}
		return int(n) - 1, w.at + size
	}
	if len(rest) < prefix {
		w.fail(errShort)
		return 0, w.at
	}
	if prefix == 2 {
		length = int(int16(binary.BigEndian.Uint16(rest)))
	} else {
		length = int(int32(binary.BigEndian.Uint32(rest)))
	}
	if length < -1 {
		w.fail(errMinus)
	}
	return length, w.at + prefix
}

// tags reads the tagged fields at the end of a structure.
func (w *walker) tags(list []Field) {
	if w.err != nil {
		return
	}
	count, size := uvarint(w.b[w.at:])
	if size == 0 {
		w.fail(errShort)
		return
	}
	if int(count) > (len(w.b)-w.at-size)/2 {
		w.fail(errCount)
		return
	}
	w.leaf(TagCount, nil, w.at, int(count), w.at+size)
	last := int16(-1)
	for range count {
		if last = w.tag(list, last); w.err != nil {
			return
		}
	}
}

// tag reads one of them. Those in the schema come in the order of their tags,
// each once (KIP-482); it returns the last of them.
func (w *walker) tag(list []Field, last int16) int16 {
	tag, n := uvarint(w.b[w.at:])
	size, m := uvarint(w.b[w.at+n:])
	content := w.at + n + m
	if n == 0 || m == 0 || int(size) > len(w.b)-content {
		w.fail(errShort)
		return last
	}
	var f *Field
	for i := range list {
		if list[i].Tag == int16(tag) && tag < never {
			f = &list[i]
		}
	}
	w.leaf(TagHead, f, content, int(tag), content)
	end := content + int(size)
	if f == nil {
		w.leaf(UnknownTag, nil, content, int(size), end)
		return last
	}
	if f.Tag <= last {
		w.fail(errTag)
		return last
	}
	whole := w.b
	w.b = w.b[:end]
	w.field(f)
	w.b = whole
	if w.err == nil && w.at < end {
		w.leaf(TagRest, f, w.at, end-w.at, end)
	}
	return f.Tag
}

// uvarint reads an unsigned number of at most 32 bits. It takes 0 bytes if it
// is not all there or too large.
func uvarint(b []byte) (n uint32, size int) {
	for i := range min(len(b), 5) {
		c := b[i]
		if i == 4 && c > 0x0f {
			return 0, 0
		}
		n |= uint32(c&0x7f) << (7 * i)
		if c < 0x80 {
			return n, i + 1
		}
	}
	return 0, 0
}
