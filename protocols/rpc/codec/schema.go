package codec

// Type says what a field holds.
type Type uint8

// The types.
const (
	Absent Type = iota // of a Value only: nothing was written
	Uint               // 0 to 2^64-1
	Int                // -2^63 to 2^63-1
	Sint               // the same numbers; Protocol Buffers write them zigzag
	Bool
	Text // UTF-8
	Struct
	List
)

// String names the type as the schemas in the labs do.
func (t Type) String() string {
	return [...]string{"nothing", "uint", "int", "sint", "bool", "text", "struct", "list"}[t]
}

// Schema describes a structure.
type Schema struct {
	Name   string
	Fields []Def // in the order in which they are declared
}

// Def is one field of a structure.
type Def struct {
	Number   int // what Protocol Buffers call it, 1 to 2^29-1
	Name     string
	Type     Type
	Of       Type    // of a List: what its elements are
	Struct   *Schema // of a Struct, or of a List's Structs
	Optional bool    // it may be absent, which is not the same as zero or ""
	// Means is the same for fields that mean the same, in whatever schema, under
	// whatever name: no format knows of it, but people do.
	Means string
}

// element is the field that each of a list's elements would be.
func (d *Def) element() *Def {
	return &Def{Number: d.Number, Name: d.Name, Type: d.Of, Struct: d.Struct}
}

// Kind says the field's type in full: "list of struct Item".
func (d *Def) Kind() string {
	kind := d.Type.String()
	if d.Type == List {
		kind += " of " + d.Of.String()
	}
	if d.Struct != nil {
		kind += " " + d.Struct.Name
	}
	if d.Optional {
		kind = "optional " + kind
	}
	return kind
}

// byNumber and byName return the index of a field, -1 if there is none.
func (s *Schema) byNumber(number uint64) int {
	for i := range s.Fields {
		if uint64(s.Fields[i].Number) == number {
			return i
		}
	}
	return -1
}

func (s *Schema) byName(name string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return i
		}
	}
	return -1
}
