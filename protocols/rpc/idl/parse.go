package idl

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"grapevine/protocols/rpc"
)

// File is what a description says.
type File struct {
	Text     string
	Records  []Record
	Services []Service
}

// Record is a structure.
type Record struct {
	Name   string
	Fields []Field
}

// Service is a set of functions.
type Service struct {
	Name      string
	Functions []Function
}

// Function is one that can be called from afar.
type Function struct {
	ID         rpc.ID
	Name       string
	Parameters []Field
	Result     string // a type; "" for none
	// Signature is the function's line in one form only, records written out.
	Signature string
}

// Field is a record's field or a function's parameter.
type Field struct{ Name, Type string }

// Parse reads a description. The error names the line.
func Parse(text string) (*File, error) {
	p := parser{words: scan(text), file: &File{Text: text}}
	for p.fault == nil && p.peek() != "" {
		switch text := p.next(); text {
		case "record":
			p.record()
		case "service":
			p.service()
		case ";":
		default:
			p.fail("got %q, expected record or service", text)
		}
	}
	if p.fault == nil && len(p.file.Services) == 0 {
		p.fail("it describes no service")
	}
	return p.file, p.fault
}

type word struct {
	text string
	line int
}

// scan cuts a text into words, numbers and signs; the end of a line counts as ";".
func scan(text string) (words []word) {
	line := 0
	for content := range strings.Lines(text) {
		line++
		content, _, _ = strings.Cut(content, "//")
		for content = strings.TrimSpace(content); content != ""; content = strings.TrimSpace(content) {
			n := strings.IndexFunc(content, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			switch {
			case n < 0:
				n = len(content)
			case n == 0:
				if n = 1; strings.HasPrefix(content, "[]") {
					n = 2
				}
			}
			words = append(words, word{content[:n], line})
			content = content[n:]
		}
		words = append(words, word{";", line})
	}
	return words
}

type parser struct {
	words []word
	at    int
	file  *File
	fault error
}

func (p *parser) fail(format string, args ...any) {
	if p.fault == nil {
		line := 1
		if p.at > 0 {
			line = p.words[p.at-1].line
		}
		p.fault = fmt.Errorf("idl: line %d: "+format, append([]any{line}, args...)...)
	}
}

func (p *parser) peek() string {
	if p.fault != nil || p.at == len(p.words) {
		return ""
	}
	return p.words[p.at].text
}

func (p *parser) next() string {
	text := p.peek()
	if text == "" {
		p.fail("the text ends early")
		return ""
	}
	p.at++
	return text
}

func (p *parser) expect(text string) {
	if got := p.next(); got != text {
		p.fail("got %q, expected %q", got, text)
	}
}

// name reads a name that begins with an upper- or lower-case letter.
func (p *parser) name(upper bool) string {
	name := p.next()
	low, high, which := byte('a'), byte('z'), "lower"
	if upper {
		low, high, which = 'A', 'Z', "upper"
	}
	isASCII := !strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII })
	if name == "" || !isASCII || name[0] < low || name[0] > high {
		p.fail("got %q, expected a name in ASCII that begins with a letter in %s case", name, which)
	}
	return name
}

func (p *parser) record() {
	r := Record{Name: p.name(true)}
	p.unique(r.Name)
	p.body(func() {
		r.Fields = p.field(r.Fields, r.Name)
	})
	p.file.Records = append(p.file.Records, r)
}

// field reads one more field, or parameter, of what is called of.
func (p *parser) field(fields []Field, of string) []Field {
	f := Field{p.name(false), p.typ()}
	if slices.ContainsFunc(fields, func(other Field) bool { return other.Name == f.Name }) {
		p.fail("%s has two called %s", of, f.Name)
	}
	return append(fields, f)
}

func (p *parser) service() {
	s := Service{Name: p.name(true)}
	p.unique(s.Name)
	p.body(func() { s.Functions = append(s.Functions, p.function(&s)) })
	if len(s.Functions) == 0 {
		p.fail("service %s has no functions", s.Name)
	}
	p.file.Services = append(p.file.Services, s)
}

// unique wants a name that no record or service has yet.
func (p *parser) unique(name string) {
	if p.find(name) != nil || slices.ContainsFunc(p.file.Services, func(s Service) bool { return s.Name == name }) {
		p.fail("%s is described twice", name)
	}
}

func (p *parser) find(record string) *Record {
	i := slices.IndexFunc(p.file.Records, func(r Record) bool { return r.Name == record })
	if i < 0 {
		return nil
	}
	return &p.file.Records[i]
}

// body reads "{", lines, "}".
func (p *parser) body(line func()) {
	p.expect("{")
	for p.fault == nil {
		switch p.peek() {
		case "}":
			p.next()
			return
		case ";":
			p.next()
		default:
			line()
			if end := p.peek(); end != "}" && end != ";" {
				p.fail("got %q, expected the end of the line, ; or }", end)
			}
		}
	}
}

func (p *parser) function(s *Service) (f Function) {
	if number, err := strconv.ParseUint(p.peek(), 10, 64); err == nil {
		if p.next(); number > math.MaxUint32 {
			p.fail("%d is too large for a Call ID, expected at most %d", number, uint32(math.MaxUint32))
		}
		f.ID.Number = uint32(number)
		f.Name = p.name(false)
	} else {
		f.Name = p.name(false)
		f.ID.Name = s.Name + "." + f.Name
	}
	if len(s.Name)+1+len(f.Name) > rpc.MaxNameBytes {
		p.fail("%s.%s is longer than %d bytes", s.Name, f.Name, rpc.MaxNameBytes)
	}
	for _, other := range s.Functions {
		if other.Name == f.Name || other.ID == f.ID {
			p.fail("%s and %s have the same name or Call ID", other.Name, f.Name)
		}
	}
	p.expect("(")
	for p.fault == nil && p.peek() != ")" {
		if len(f.Parameters) > 0 {
			p.expect(",")
		}
		f.Parameters = p.field(f.Parameters, f.Name)
	}
	p.expect(")")
	if end := p.peek(); end != ";" && end != "}" {
		f.Result = p.typ()
	}
	f.Signature = p.signature(s.Name, f)
	return f
}

// maxArrays is how many [] a type may begin with.
const maxArrays = 4

func (p *parser) typ() string {
	arrays := 0
	for p.peek() == "[]" {
		p.next()
		if arrays++; arrays > maxArrays {
			p.fail("more than %d times []", maxArrays)
		}
	}
	name := p.next()
	if goTypes[name] == "" && p.find(name) == nil {
		p.fail("got %q, expected a type: bool, int, string, bytes, []T, or a record described above", name)
	}
	return strings.Repeat("[]", arrays) + name
}

// signature writes a function as rpc.Signature wants it.
func (p *parser) signature(service string, f Function) string {
	var b strings.Builder
	b.WriteString(service + "." + f.Name + "(")
	for i, parameter := range f.Parameters {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(parameter.Name + " " + p.writtenOut(parameter.Type))
	}
	b.WriteString(")")
	if f.Result != "" {
		b.WriteString(" " + p.writtenOut(f.Result))
	}
	return b.String()
}

// writtenOut puts a record's fields behind its name.
func (p *parser) writtenOut(typ string) string {
	r := p.find(strings.TrimLeft(typ, "[]"))
	if r == nil {
		return typ
	}
	var fields []string
	for _, f := range r.Fields {
		fields = append(fields, f.Name+" "+p.writtenOut(f.Type))
	}
	return typ + "{" + strings.Join(fields, "; ") + "}"
}
