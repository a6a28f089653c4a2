package codec

import (
	"slices"
	"strconv"
	"strings"

	"grapevine/protocols/field"
)

// JSON (RFC 8259), an object for a structure.
//
// Behaviour: written as RFC 8785 has it, keys sorted, no spaces, the shortest
// escapes, but for numbers: these are written in all their digits, although a
// reader that takes every number for a double, as a browser does, is right only
// up to 2^53. What is absent is left out. Read is any JSON; null counts as
// absent; a key that comes twice, and a value that is not of the field's type, is an error.
// Versions: there is one.
// Not done: fractions and exponents, even those that come to whole numbers.

func writeJSON(s *Schema, v Value) []byte {
	s.check(v)
	return appendJSON(nil, &Def{Type: Struct, Struct: s}, v)
}

func appendJSON(b []byte, d *Def, v Value) []byte {
	switch v.Type {
	case Text:
		return appendQuoted(b, v.Text)
	case List:
		b = append(b, '[')
		for i, item := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, d.element(), item)
		}
		return append(b, ']')
	case Struct:
		order := make([]int, len(v.Items))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(x, y int) int { return strings.Compare(d.Struct.Fields[x].Name, d.Struct.Fields[y].Name) })
		b = append(b, '{')
		first := len(b)
		for _, i := range order {
			if v.Items[i].Type == Absent {
				continue
			}
			if len(b) > first {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, d.Struct.Fields[i].Name), ':')
			b = appendJSON(b, &d.Struct.Fields[i], v.Items[i])
		}
		return append(b, '}')
	}
	return append(b, v.String()...) // numbers, true and false
}

const shortEscapes = "b\bt\tn\nf\fr\r\"\"\\\\" // after the backslash, and what it stands for

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			b = append(b, c)
			continue
		}
		b = append(b, '\\')
		if at := escapeOf(c); at >= 0 {
			b = append(b, shortEscapes[at])
		} else {
			b = append(b, "u00"...)
			b = append(b, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	return append(b, '"')
}

func escapeOf(c byte) int {
	for i := 0; i < len(shortEscapes); i += 2 {
		if shortEscapes[i+1] == c {
			return i
		}
	}
	return -1
}

func readJSON(s *Schema, b []byte) Reading {
	return read(s, b, func(r *reader) (Value, field.Field) {
		r.token("space", "", 0)
		v, f := r.json(&Def{Name: s.Name, Type: Struct, Struct: s}, maxDepth)
		if f.Offset = 0; len(f.Children) > 0 { // spaces in front belong to the first bracket
			f.Children[0].Length += f.Children[0].Offset
			f.Children[0].Offset = 0
		}
		if v.Type != Struct {
			v = empty(s)
		}
		return v, r.close(f)
	})
}

// token names so many bytes, and the space behind them.
func (r *reader) token(name, value string, size int) field.Field {
	end := r.at + size
	for end < len(r.b) && strings.IndexByte(" \t\r\n", r.b[end]) >= 0 {
		end++
	}
	return r.leaf(name, value, end)
}

// next is the byte to be read, 0 at the end.
func (r *reader) next() byte {
	if r.at < len(r.b) {
		return r.b[r.at]
	}
	return 0
}

// json reads a value for a field.
func (r *reader) json(d *Def, depth int) (Value, field.Field) {
	f := field.Field{Name: d.Name, Offset: r.at}
	if depth == 0 {
		r.stop("values within values, more than %d deep", maxDepth)
		return Value{}, f
	}
	c := r.next()
	switch {
	case c == '{' && d.Type == Struct:
		return r.object(d, depth)
	case c == '[' && d.Type == List:
		return r.array(d, depth)
	}
	v, size := r.scalar(d.Type)
	switch {
	case r.broken:
		return v, f
	case v.Type != Absent:
		return v, r.token(d.Name, v.String(), size)
	case size == len("null") && c == 'n':
		return v, r.token(d.Name, "none", size)
	}
	r.fail("%s is %s, expected %s", d.Name, jsonName(c, r.b[r.at:r.at+min(size, 24)]), d.Kind())
	return v, r.skipJSON(d.Name+", of another type", depth)
}

func (r *reader) object(d *Def, depth int) (Value, field.Field) {
	f := field.Field{Name: d.Name, Offset: r.at}
	f.Children = append(f.Children, r.token("{", "", 1))
	v := empty(d.Struct)
	seen := map[string]bool{} // only looked up
	for !r.broken {
		if r.next() == '}' && len(seen) == 0 {
			f.Children = append(f.Children, r.token("}", "", 1))
			break
		}
		member := field.Field{Offset: r.at}
		name, size := r.quoted()
		if size == 0 {
			break
		}
		if seen[name] {
			r.fail("the key %q comes twice", name)
		}
		seen[name] = true
		key := r.token("name", strconv.Quote(name), size)
		if r.next() != ':' {
			r.at = key.Offset
			r.stop("expected a colon behind the name %q", name)
			break
		}
		colon := r.token("", "", 1)
		key.Length += colon.Length
		member.Children = append(member.Children, key)
		var value field.Field
		if i := d.Struct.byName(name); i >= 0 {
			member.Name = name
			v.Items[i], value = r.json(&d.Struct.Fields[i], depth-1)
		} else {
			r.unknown++
			member.Name = "unknown field " + name
			value = r.skipJSON("skipped", depth-1)
		}
		member.Children = append(member.Children, value)
		f.Children = append(f.Children, r.close(member))
		if !r.separator(&f, '}') {
			break
		}
	}
	return v, r.close(f)
}

func (r *reader) array(d *Def, depth int) (Value, field.Field) {
	f := field.Field{Name: d.Name, Offset: r.at}
	f.Children = append(f.Children, r.token("[", "", 1))
	v := Value{Type: List}
	for !r.broken {
		if r.next() == ']' && len(v.Items) == 0 {
			f.Children = append(f.Children, r.token("]", "", 1))
			break
		}
		of := d.element()
		of.Name += "[" + strconv.Itoa(len(v.Items)) + "]"
		item, part := r.json(of, depth-1)
		if item.Type == Absent && r.err == nil {
			r.fail("%s is null, expected %s", of.Name, of.Kind())
		}
		v.Items = append(v.Items, item)
		f.Children = append(f.Children, part)
		if !r.separator(&f, ']') {
			break
		}
	}
	return v, r.close(f)
}

// separator reads what follows a member: true if it is a comma.
func (r *reader) separator(f *field.Field, end byte) bool {
	switch c := r.next(); {
	case r.broken:
	case c == ',':
		f.Children = append(f.Children, r.token(",", "", 1))
		return true
	case c == end:
		f.Children = append(f.Children, r.token(string(end), "", 1))
	default:
		r.stop("expected a comma or %q", end)
	}
	return false
}

// scalar reads a number, a text, true, false or null of a type, without
// passing over it. Absent with a size is a value of another type.
func (r *reader) scalar(t Type) (Value, int) {
	rest := r.b[r.at:]
	for i, word := range [...]string{"false", "true", "null"} {
		if strings.HasPrefix(string(rest[:min(len(rest), 5)]), word) {
			if t == Bool && i < 2 {
				return Value{Type: Bool, Bits: uint64(i)}, len(word)
			}
			return Value{}, len(word)
		}
	}
	switch c := r.next(); {
	case c == '"':
		text, size := r.quoted()
		if t == Text && size > 0 {
			return Value{Type: Text, Text: text}, size
		}
		return Value{}, size
	case c == '-' || c >= '0' && c <= '9':
		digits, size := number(rest)
		if size == 0 {
			r.stop("%q is no number", rest[:min(len(rest), 8)])
		}
		if n, err := strconv.ParseUint(digits, 10, 64); err == nil && t == Uint {
			return Value{Type: Uint, Bits: n}, size
		}
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && (t == Int || t == Sint) {
			return Value{Type: t, Bits: uint64(n)}, size
		}
		return Value{}, size
	case c != '{' && c != '[':
		r.stop("expected a value")
	}
	return Value{}, 0
}

// number measures a number; digits is all of it if it is whole.
func number(b []byte) (digits string, size int) {
	run := func() bool {
		from := size
		for size < len(b) && b[size] >= '0' && b[size] <= '9' {
			size++
		}
		return size > from
	}
	at := func(chars string) bool { return size < len(b) && strings.IndexByte(chars, b[size]) >= 0 }
	if at("-") {
		size++
	}
	if at("0") {
		size++
	} else if !run() {
		return "", 0
	}
	if !at(".eE") {
		return string(b[:size]), size
	}
	if at(".") {
		if size++; !run() {
			return "", 0
		}
	}
	if at("eE") {
		if size++; at("+-") {
			size++
		}
		if !run() {
			return "", 0
		}
	}
	return "", size
}

// skipJSON passes over any value.
func (r *reader) skipJSON(name string, depth int) field.Field {
	f := field.Field{Name: name, Offset: r.at}
	unknown := r.unknown
	defer func() { r.unknown = unknown }() // it counts as one, whatever is in it
	switch c := r.next(); {
	case depth == 0:
		r.stop("values within values, more than %d deep", maxDepth)
	case c == '{':
		_, inner := r.object(&Def{Struct: new(Schema)}, depth)
		f.Children = inner.Children
	case c == '[':
		f.Children = append(f.Children, r.token("[", "", 1))
		for first := true; !r.broken; first = false {
			if first && r.next() == ']' {
				f.Children = append(f.Children, r.token("]", "", 1))
				break
			}
			f.Children = append(f.Children, r.skipJSON("skipped", depth-1))
			if !r.separator(&f, ']') {
				break
			}
		}
	default:
		if _, size := r.scalar(Absent); !r.broken {
			return r.token(name, string(r.b[r.at:r.at+min(size, 32)]), size)
		}
	}
	return r.close(f)
}

// jsonName says what begins with c; digits are a number's.
func jsonName(c byte, digits []byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a text"
	case 't', 'f':
		return "a bool"
	}
	return "the number " + string(digits)
}
