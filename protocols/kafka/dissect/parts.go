package dissect

import (
	"encoding/binary"
	"strconv"

	"grapevine/protocols/field"
	"grapevine/protocols/kafka/schema"
)

// parts builds the field of one frame, from its first byte to its last. It is
// the Visitor of the schema's walk.
type parts struct {
	b      []byte // the bytes of the connection up to the frame's end
	at     int    // where the next leaf begins
	base   int    // where those of the walk begin
	whole  bool   // the frame does not go on behind b
	detail int    // what ends before is shown as one field
	err    error  // why the walk ended early

	stack []open
	done  field.Field // what was closed last
}

// open is a field whose end is not known yet.
type open struct {
	field field.Field
	from  *schema.Field // nil if it is not from the schema
	array bool
}

const maxWords = 8 // of an array's values, in the array's own value

// left is what has no name yet.
func (p *parts) left() []byte { return p.b[p.at:] }

// leaf names the bytes up to end.
func (p *parts) leaf(name, value string, end int) {
	top := &p.stack[len(p.stack)-1].field
	top.Children = append(top.Children, field.Field{Name: name, Value: value, Offset: p.at, Length: end - p.at})
	p.at = end
}

func (p *parts) open(name string, from *schema.Field, array bool) {
	p.stack = append(p.stack, open{field.Field{Name: name, Offset: p.at}, from, array})
}

// close ends what was opened last.
func (p *parts) close() {
	last := len(p.stack) - 1
	o := &p.stack[last]
	o.field.Length = p.at - o.field.Offset
	if o.from != nil {
		o.summarize()
	}
	p.done = o.field
	if p.stack = p.stack[:last]; last > 0 {
		top := &p.stack[last-1].field
		top.Children = append(top.Children, p.done)
	}
}

// summarize gives an array or a structure a value: that of what tells it from
// its like.
func (o *open) summarize() {
	children := o.field.Children
	switch {
	case len(children) == 0:
	case len(children) == 1 && (o.array || !o.from.Array && o.from.Null >= 0): // nothing but its count, or that it is null
		o.field.Value, o.field.Children = children[0].Value, nil
	case o.array && o.from.Kind != schema.Struct:
		for i, c := range children[1:min(len(children), maxWords+1)] {
			if i > 0 {
				o.field.Value += ", "
			}
			o.field.Value += c.Value
		}
		if len(children) > maxWords+1 {
			o.field.Value += ", …"
		}
	case o.array:
		o.field.Value = children[0].Value
	case len(children[0].Children) == 0 && o.field.Value == "" && children[0].Name != tagsName:
		o.field.Value = children[0].Name + " " + children[0].Value
	}
}

// rest names what is left up to end, if anything is.
func (p *parts) rest(end int, why string) {
	if p.at >= end {
		return
	}
	name, value := cutShort, plural(end-p.at, "byte")
	if p.whole {
		name = notUnderstood
		if why != "" {
			value += ": " + why
		}
	}
	p.leaf(name, value, end)
}

func (p *parts) fault() string {
	if p.err == nil {
		return ""
	}
	return p.err.Error()
}

// number names a number of the header.
func (p *parts) number(name string, size int, say func(int64) string) (int64, bool) {
	if len(p.left()) < size {
		return 0, false
	}
	n := integer(p.b[p.at : p.at+size])
	value := strconv.FormatInt(n, 10)
	if say != nil {
		value = say(n)
	}
	p.leaf(name, value, p.at+size)
	return n, true
}

// text names a text of the header, that may be null.
func (p *parts) text(name string) bool {
	b := p.left()
	if len(b) < 2 {
		return false
	}
	length := max(int(int16(binary.BigEndian.Uint16(b))), -1)
	if len(b)-2 < length {
		return false
	}
	value := "null"
	if length >= 0 {
		value = show(b[2 : 2+length])
	}
	p.leaf(name, value, p.at+2+max(length, 0))
	return true
}

// walk names the parts of a message that begins here and ends by end at the
// latest. It reports whether it is all there.
func (p *parts) walk(m *schema.Message, version int16, end int) bool {
	depth, base := len(p.stack), p.base
	p.base = p.at
	_, p.err = m.Walk(p.b[p.at:end], version, p)
	if p.err != nil {
		p.rest(end, p.fault())
	}
	for len(p.stack) > depth {
		p.close()
	}
	p.base = base
	return p.err == nil
}

// Open is for schema.Visitor.
func (p *parts) Open(f *schema.Field, element, at int) {
	switch {
	case element < 0:
		p.open(f.Name, f, true)
	case f.Array:
		p.open(index(element), f, false)
	default:
		p.open(f.Name, f, false)
	}
}

// Close is for schema.Visitor.
func (p *parts) Close(at int) { p.close() }

const tagsName = "tagged fields"

// Leaf is for schema.Visitor.
func (p *parts) Leaf(l schema.Leaf) {
	content, end := p.base+l.Content, p.base+l.End
	switch l.Part {
	case schema.Value:
		p.value(l.Field, l.Length, content, end)
	case schema.Cut:
		p.cut(l.Field, l.Length, content, end)
	case schema.Count:
		p.leaf("count", sayCount(l.Length), end)
	case schema.Presence:
		p.leaf("presence", sayPresence(p.b[p.at]), end)
	case schema.TagCount:
		p.leaf(tagsName, sayCount(l.Length), end)
	case schema.TagHead:
		p.leaf("tag and size", strconv.Itoa(l.Length), end)
	case schema.UnknownTag:
		p.leaf("unknown tagged field", show(p.b[content:end]), end)
	case schema.TagRest:
		p.leaf(notUnderstood, show(p.b[content:end]), end)
	}
}

// name is a field's, or its place in the array that it is an element of.
func (p *parts) name(f *schema.Field) string {
	if top := &p.stack[len(p.stack)-1]; top.array && top.from == f {
		return index(len(top.field.Children) - 1) // without the count
	}
	return f.Name
}

func (p *parts) value(f *schema.Field, length, content, end int) {
	name, b := p.name(f), p.b[content:end]
	switch {
	case f.Kind.Size() > 0:
		p.leaf(name, sayValue(f, b), end)
	case length < 0:
		p.leaf(name, "null", end)
	case f.Kind == schema.Records:
		p.records(name, length, content, end)
	case f.Kind == schema.Subscription || f.Kind == schema.Assignment:
		p.nested(name, f.Kind, content, end)
	default:
		p.leaf(name, show(b), end)
	}
}

// cut is a value that goes on behind the end of the bytes.
func (p *parts) cut(f *schema.Field, length, content, end int) {
	if f.Kind == schema.Records && !p.whole {
		p.records(p.name(f), length, content, end)
		return
	}
	p.leaf(p.name(f), plural(end-content, "byte")+" of "+strconv.Itoa(length), end)
}

// nested is what a consumer says to the other consumers of its group. Who is
// not a consumer may say anything: then it is shown as it is.
func (p *parts) nested(name string, kind schema.Kind, content, end int) {
	if n, err := kind.WalkNested(p.b[content:end], nil); err != nil || n != end-content {
		p.leaf(name, show(p.b[content:end]), end)
		return
	}
	base := p.base
	p.open(name, nil, false)
	p.leaf("length", strconv.Itoa(end-content), content)
	p.base = content
	kind.WalkNested(p.b[content:end], p)
	p.base = base
	p.close()
}
