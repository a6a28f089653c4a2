package protobuf

import "fmt"

// A Registry finds files, types and methods by name.
type Registry struct {
	Files    []*File // in the order in which they were given
	byName   map[string]*File
	bySymbol map[string]*File // messages, enums, services and, with the service's name before it, methods
	messages map[string]*MessageType
	enums    map[string]*EnumType
	methods  map[string]*MethodType // by path: /package.Service/Method
}

// NewRegistry reads FileDescriptorProtos. Of a name that comes twice the first
// counts.
func NewRegistry(raw ...string) (*Registry, error) {
	g := &Registry{
		byName: map[string]*File{}, bySymbol: map[string]*File{},
		messages: map[string]*MessageType{}, enums: map[string]*EnumType{}, methods: map[string]*MethodType{},
	}
	for _, r := range raw {
		f, err := ParseFile([]byte(r))
		if err != nil {
			return nil, err
		}
		if g.byName[f.Name] == nil {
			g.add(f)
		}
	}
	return g, nil
}

func (g *Registry) add(f *File) {
	g.Files = append(g.Files, f)
	g.byName[f.Name] = f
	for _, m := range f.Messages {
		note(g.bySymbol, m.Name, f)
		note(g.messages, m.Name, m)
	}
	for _, e := range f.Enums {
		note(g.bySymbol, e.Name, f)
		note(g.enums, e.Name, e)
	}
	for _, s := range f.Services {
		note(g.bySymbol, s.Name, f)
		for i := range s.Methods {
			m := &s.Methods[i]
			note(g.bySymbol, s.Name+"."+m.Name, f)
			note(g.methods, "/"+s.Name+"/"+m.Name, m)
		}
	}
}

func note[T any](in map[string]T, name string, v T) {
	if _, taken := in[name]; !taken {
		in[name] = v
	}
}

// File returns the file with that name, and those it depends on, itself first;
// nil if there is none.
func (g *Registry) File(name string) []*File {
	if g.byName[name] == nil {
		return nil
	}
	closure := []*File{g.byName[name]}
	seen := map[string]bool{name: true}
	for i := 0; i < len(closure); i++ {
		for _, dependency := range closure[i].Dependencies {
			if f := g.byName[dependency]; f != nil && !seen[dependency] {
				seen[dependency] = true
				closure = append(closure, f)
			}
		}
	}
	return closure
}

// Symbol returns the file in which a full name is defined, and those it
// depends on; nil if nobody defines it.
func (g *Registry) Symbol(name string) []*File {
	if f := g.bySymbol[name]; f != nil {
		return g.File(f.Name)
	}
	return nil
}

// Message returns the type of that full name; nil if there is none. Like the
// other look-ups it bears a nil Registry, which knows nothing.
func (g *Registry) Message(name string) *MessageType {
	if g == nil {
		return nil
	}
	return g.messages[name]
}

// Method returns what a path calls: "/grapevine.shop.v1.Shop/Price".
func (g *Registry) Method(path string) *MethodType {
	if g == nil {
		return nil
	}
	return g.methods[path]
}

// enumName is a number's name in an enum, with the number.
func (g *Registry) enumName(enum string, v int32) string {
	if g != nil && g.enums[enum] != nil {
		e := g.enums[enum]
		for i, value := range e.Values {
			if value == v {
				return fmt.Sprintf("%s (%d)", e.Names[i], v)
			}
		}
	}
	return fmt.Sprint(v)
}
