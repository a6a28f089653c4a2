package schema

import "strings"

// Kind is the type of a field on the wire.
type Kind uint8

const (
	Bool Kind = iota
	Int8
	Int16
	Uint16
	Int32
	Int64
	UUID
	String
	Bytes
	Records      // bytes that are record batches
	Subscription // bytes that, from a consumer, are what it wants: WalkNested
	Assignment   // bytes that, from a consumer, are what it gets: WalkNested
	Struct
)

var kinds = map[string]Kind{
	"bool": Bool, "int8": Int8, "int16": Int16, "uint16": Uint16, "int32": Int32, "int64": Int64, "uuid": UUID,
	"string": String, "bytes": Bytes, "records": Records, "subscription": Subscription, "assignment": Assignment,
}

// size is how many bytes a value of a fixed size takes, 0 if it has none.
var sizes = [...]int{Bool: 1, Int8: 1, Int16: 2, Uint16: 2, Int32: 4, Int64: 8, UUID: 16, Struct: 0}

// Field is one field of a message, in all versions.
type Field struct {
	Name     string
	Kind     Kind
	Array    bool
	From, To int16   // versions that have it
	Null     int16   // the first version in which it may be null, -1: never
	Tag      int16   // its tag, -1: it is not tagged
	Default  int64   // of a number or a Bool that is not there
	Fields   []Field // of a Struct
}

// never is a version that no message has.
const never = 1 << 14

// In reports whether version has the field.
func (f *Field) In(version int16) bool { return f.From <= version && version <= f.To }

// Nullable reports whether the field may be null in a version that has it.
func (f *Field) Nullable(version int16) bool { return f.Null >= 0 && version >= f.Null }

// Message is a request or a response, in all versions.
type Message struct {
	Flexible int16 // the first version with compact lengths and tagged fields (KIP-482)
	Fields   []Field
}

// API is a pair of messages.
type API struct {
	Key               int16
	Request, Response Message
}

// text is an API as it is written.
type text struct {
	key, flexible     int16
	request, response string
}

const maxKey = 75

var apis = func() (list [maxKey + 1]*API) {
	for _, family := range [][]text{records, groups, transactions, topics, cluster} {
		for _, t := range family {
			list[t.key] = &API{
				Key:      t.key,
				Request:  Message{Flexible: t.flexible, Fields: parse(t.request)},
				Response: Message{Flexible: t.flexible, Fields: parse(t.response)},
			}
		}
	}
	return list
}()

// Of returns the messages of an API, nil if it is not known.
func Of(key int16) *API {
	if key < 0 || key > maxKey {
		return nil
	}
	return apis[key]
}

// parse reads a message's text, which is ours: a mistake in it is a bug.
func parse(text string) []Field {
	fields, rest := parseFields(text, "")
	if rest != "" {
		panic("schema: what is " + rest)
	}
	return fields
}

// parseFields reads fields up to one that closes them, "]" or "}".
func parseFields(text, closing string) (fields []Field, rest string) {
	for {
		word, rest := nextWord(text)
		if word == "" || closing != "" && strings.HasPrefix(word, closing) {
			return fields, text
		}
		name, kind, ok := strings.Cut(word, ":")
		if !ok {
			panic("schema: no type in " + word)
		}
		f := Field{Name: name, To: never, Null: -1, Tag: -1}
		var suffix string
		switch kind {
		case "[", "{":
			closing := "}"
			f.Kind, f.Array = Struct, kind == "["
			if f.Array {
				closing = "]"
			}
			f.Fields, rest = parseFields(rest, closing)
			word, rest = nextWord(rest)
			suffix = strings.TrimPrefix(word, closing)
		default:
			kind, f.Array = strings.CutPrefix(kind, "[]")
			end := until(kind, "?/#=")
			f.Kind, ok = kinds[kind[:end]]
			if !ok {
				panic("schema: no type in " + word)
			}
			suffix = kind[end:]
		}
		f.suffix(suffix)
		fields = append(fields, f)
		text = rest
	}
}

func nextWord(text string) (word, rest string) {
	for text != "" && until(text, " \n\t") == 0 {
		text = text[1:]
	}
	end := until(text, " \n\t")
	return text[:end], text[end:]
}

// until is where the first of some characters stands in text, or else its end.
// strings.IndexAny learns its characters anew each time, and all texts are read
// before a page shows anything.
func until(text, any string) int {
	for i := range len(text) {
		if strings.IndexByte(any, text[i]) >= 0 {
			return i
		}
	}
	return len(text)
}

// suffix reads what stands behind a field's type: ?3+ /1-4 #0 =-1.
func (f *Field) suffix(s string) {
	for s != "" {
		mark := s[0]
		from, rest, digits := number(s[1:])
		to := from
		if strings.HasPrefix(rest, "+") {
			to, rest = never, rest[1:]
		} else if strings.HasPrefix(rest, "-") {
			to, rest, digits = number(rest[1:])
		}
		if !digits && mark != '?' {
			panic("schema: no number in " + s)
		}
		switch mark {
		case '?':
			f.Null = int16(from)
		case '/':
			f.From, f.To = int16(from), int16(to)
		case '#':
			f.Tag = int16(from)
		case '=':
			f.Default = from
			if s[1] == '-' {
				f.Default = -to
			}
		default:
			panic("schema: what is " + s)
		}
		s = rest
	}
}

func number(s string) (n int64, rest string, ok bool) {
	for s != "" && s[0] >= '0' && s[0] <= '9' {
		n, s, ok = n*10+int64(s[0]-'0'), s[1:], true
	}
	return n, s, ok
}
