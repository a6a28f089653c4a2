package protobuf

import "fmt"

// A File is a .proto text as its FileDescriptorProto tells it: the part of
// descriptor.proto that reflection and dissectors ask for.
type File struct {
	Name         string
	Package      string
	Dependencies []string
	Messages     []*MessageType // the nested ones too
	Enums        []*EnumType    // likewise
	Services     []*ServiceType
	Raw          []byte // the descriptor itself
}

// MessageType tells what a message's fields are called. Names are full ones:
// "grapevine.shop.v1.Item".
type MessageType struct {
	Name   string
	Fields []FieldType
}

// FieldType is one field of a message.
type FieldType struct {
	Name     string
	Number   uint32
	Kind     Kind
	TypeName string // of a message or an enum: its full name
	Repeated bool
}

// Kind is a field's type, numbered as in FieldDescriptorProto.
type Kind uint8

// The kinds that decide how a value is shown.
const (
	KindDouble   Kind = 1
	KindFloat    Kind = 2
	KindInt64    Kind = 3
	KindUint64   Kind = 4
	KindInt32    Kind = 5
	KindFixed64  Kind = 6
	KindFixed32  Kind = 7
	KindBool     Kind = 8
	KindString   Kind = 9
	KindMessage  Kind = 11
	KindBytes    Kind = 12
	KindUint32   Kind = 13
	KindEnum     Kind = 14
	KindSfixed32 Kind = 15
	KindSfixed64 Kind = 16
	KindSint32   Kind = 17
	KindSint64   Kind = 18
)

// EnumType tells the names of an enum's numbers.
type EnumType struct {
	Name   string
	Names  []string
	Values []int32
}

// ServiceType is a service and its methods.
type ServiceType struct {
	Name    string
	Methods []MethodType
}

// MethodType is one call: its name, what goes in and out, and whether as a stream.
type MethodType struct {
	Name            string
	Input, Output   string
	ClientStreaming bool
	ServerStreaming bool
}

// maxNesting is how deep a descriptor may nest message types.
const maxNesting = 32

// ParseFile reads a FileDescriptorProto, which it keeps.
func ParseFile(raw []byte) (*File, error) {
	f := &File{Raw: raw}
	var messages, enums, services [][]byte
	r := Read(raw)
	for r.Next() {
		switch r.Tag {
		case 1<<3 | Bytes:
			f.Name = r.Text()
		case 2<<3 | Bytes:
			f.Package = r.Text()
		case 3<<3 | Bytes:
			f.Dependencies = append(f.Dependencies, r.Text())
		case 4<<3 | Bytes:
			messages = append(messages, r.shared())
		case 5<<3 | Bytes:
			enums = append(enums, r.shared())
		case 6<<3 | Bytes:
			services = append(services, r.shared())
		default:
			r.skip()
		}
	}
	// Only now: the package's name, which is part of the others, may come late.
	err := r.Err()
	for _, b := range messages {
		err = first(err, f.message(b, f.Package, maxNesting))
	}
	for _, b := range enums {
		err = first(err, f.enum(b, f.Package))
	}
	for _, b := range services {
		err = first(err, f.service(b))
	}
	if err != nil {
		return nil, fmt.Errorf("descriptor of %q: %w", f.Name, err)
	}
	return f, nil
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func join(scope, name string) string {
	if scope == "" {
		return name
	}
	return scope + "." + name
}

// skip takes a field and drops it.
func (r *Reader) skip() { r.Keep(nil) }

func (f *File) message(b []byte, scope string, depth int) error {
	if depth == 0 {
		return fmt.Errorf("message types nested more than %d deep", maxNesting)
	}
	m := &MessageType{}
	f.Messages = append(f.Messages, m)
	var nested, enums [][]byte
	r := Read(b)
	for r.Next() {
		switch r.Tag {
		case 1<<3 | Bytes:
			m.Name = join(scope, r.Text())
		case 2<<3 | Bytes:
			field, err := parseField(r.shared())
			if err != nil {
				return err
			}
			m.Fields = append(m.Fields, field)
		case 3<<3 | Bytes:
			nested = append(nested, r.shared())
		case 4<<3 | Bytes:
			enums = append(enums, r.shared())
		default:
			r.skip()
		}
	}
	err := r.Err()
	for _, b := range nested {
		err = first(err, f.message(b, m.Name, depth-1))
	}
	for _, b := range enums {
		err = first(err, f.enum(b, m.Name))
	}
	return err
}

func parseField(b []byte) (FieldType, error) {
	const repeated = 3
	var f FieldType
	r := Read(b)
	for r.Next() {
		switch r.Tag {
		case 1<<3 | Bytes:
			f.Name = r.Text()
		case 3<<3 | Varint:
			f.Number = r.Uint32()
		case 4<<3 | Varint:
			f.Repeated = r.Uint32() == repeated
		case 5<<3 | Varint:
			f.Kind = Kind(min(r.Uint32(), 255))
		case 6<<3 | Bytes:
			f.TypeName = full(r.Text())
		default:
			r.skip()
		}
	}
	return f, r.Err()
}

// full drops the dot with which a descriptor begins a full name.
func full(name string) string {
	if name != "" && name[0] == '.' {
		return name[1:]
	}
	return name
}

func (f *File) enum(b []byte, scope string) error {
	e := &EnumType{}
	f.Enums = append(f.Enums, e)
	r := Read(b)
	for r.Next() {
		switch r.Tag {
		case 1<<3 | Bytes:
			e.Name = join(scope, r.Text())
		case 2<<3 | Bytes:
			value := Read(r.shared())
			e.Names, e.Values = append(e.Names, ""), append(e.Values, 0)
			for last := len(e.Names) - 1; value.Next(); {
				switch value.Tag {
				case 1<<3 | Bytes:
					e.Names[last] = value.Text()
				case 2<<3 | Varint:
					e.Values[last] = value.Int32()
				default:
					value.skip()
				}
			}
			if value.err != nil {
				return value.err
			}
		default:
			r.skip()
		}
	}
	return r.Err()
}

func (f *File) service(b []byte) error {
	s := &ServiceType{}
	f.Services = append(f.Services, s)
	r := Read(b)
	for r.Next() {
		switch r.Tag {
		case 1<<3 | Bytes:
			s.Name = join(f.Package, r.Text())
		case 2<<3 | Bytes:
			method := Read(r.shared())
			var m MethodType
			for method.Next() {
				switch method.Tag {
				case 1<<3 | Bytes:
					m.Name = method.Text()
				case 2<<3 | Bytes:
					m.Input = full(method.Text())
				case 3<<3 | Bytes:
					m.Output = full(method.Text())
				case 5<<3 | Varint:
					m.ClientStreaming = method.Bool()
				case 6<<3 | Varint:
					m.ServerStreaming = method.Bool()
				default:
					method.skip()
				}
			}
			if method.err != nil {
				return method.err
			}
			s.Methods = append(s.Methods, m)
		default:
			r.skip()
		}
	}
	return r.Err()
}
