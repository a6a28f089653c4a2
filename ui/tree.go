package ui

import "strings"

// Node is one element of a view, or a text when Tag is "". A view builds a
// tree of Nodes from the model; file dom_js.go makes the document equal to it,
// touching only what changed, so what the visitor is typing stays untouched.
type Node struct {
	Tag      string
	Key      string // tells siblings apart when they come, go and move; unique among them
	Text     string
	Attrs    []Attr
	On       []Handler
	Children []*Node
	// Same and Make postpone a costly part: as long as Same is equal (by ==)
	// to what it was, the old tree stands and Make is not called.
	Same any
	Make func() *Node
}

// Attr is an attribute. "value" and "checked" are set as properties,
// because their attributes are only what they were in the beginning.
type Attr struct{ Name, Value string }

// Handler turns an event of the browser into a message for Update. A nil
// message means that nothing is to be done.
type Handler struct {
	Type    string
	Message func(Event) Msg
}

// Event is what views need to know of an event.
type Event struct {
	Value   string // of the input
	Checked bool   // of the checkbox
	Key     string // of the keyboard, "Enter" for instance
}

// el builds an element. name is a tag, perhaps with classes: "li.lab.open".
// Each part is an Attr, a Handler, a *Node, a []*Node or a string; an Attr
// without a name and a nil *Node are left out, so that parts can be optional.
func el(name string, parts ...any) *Node {
	tag, classes, _ := strings.Cut(name, ".")
	n := &Node{Tag: tag}
	if classes != "" {
		n.Attrs = append(n.Attrs, Attr{"class", strings.ReplaceAll(classes, ".", " ")})
	}
	for _, part := range parts {
		switch part := part.(type) {
		case Attr:
			n.add(part)
		case Handler:
			n.On = append(n.On, part)
		case *Node:
			if part != nil {
				n.Children = append(n.Children, part)
			}
		case []*Node:
			for _, child := range part {
				if child != nil {
					n.Children = append(n.Children, child)
				}
			}
		case string:
			n.Children = append(n.Children, &Node{Text: part})
		default:
			panic("ui: el got a part that is no Attr, Handler, Node or string")
		}
	}
	return n
}

func (n *Node) add(a Attr) {
	switch a.Name {
	case "":
	case "key":
		n.Key = a.Value
	case "class":
		for i := range n.Attrs {
			if n.Attrs[i].Name == "class" {
				n.Attrs[i].Value += " " + a.Value
				return
			}
		}
		fallthrough
	default:
		n.Attrs = append(n.Attrs, a)
	}
}

func attr(name, value string) Attr { return Attr{name, value} }

// when gives a only if condition holds.
func when(condition bool, a Attr) Attr {
	if condition {
		return a
	}
	return Attr{}
}

// truth is an attribute that is "true" or "false", never absent.
func truth(name string, on bool) Attr {
	if on {
		return Attr{name, "true"}
	}
	return Attr{name, "false"}
}

func on(event string, m Msg) Handler {
	return Handler{event, func(Event) Msg { return m }}
}

func onValue(event string, message func(Event) Msg) Handler { return Handler{event, message} }

// lazy postpones a part that depends on nothing but same, which must be
// comparable.
func lazy(key string, same any, build func() *Node) *Node {
	return &Node{Key: key, Same: same, Make: build}
}

// HTML writes the tree as a document would hold it: what the static page
// shows before Go is up, and what tests read.
func (n *Node) HTML() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *Node) write(b *strings.Builder) {
	if n.Make != nil {
		n = n.Make()
	}
	if n.Tag == "" {
		b.WriteString(escapeHTML.Replace(n.Text))
		return
	}
	b.WriteString("<" + n.Tag)
	for _, a := range n.Attrs {
		if a.Name == "checked" && a.Value != "true" || a.Name == "value" && n.Tag == "select" {
			continue
		}
		b.WriteString(" " + a.Name)
		if a.Value != "" {
			b.WriteString(`="` + escapeHTML.Replace(a.Value) + `"`)
		}
	}
	b.WriteString(">")
	if n.Tag == "input" || n.Tag == "br" {
		return
	}
	for _, c := range n.Children {
		c.write(b)
	}
	b.WriteString("</" + n.Tag + ">")
}

var escapeHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// find returns the first node of the tree for which match holds, or nil.
func (n *Node) find(match func(*Node) bool) *Node {
	if n.Make != nil {
		n = n.Make()
	}
	if match(n) {
		return n
	}
	for _, c := range n.Children {
		if found := c.find(match); found != nil {
			return found
		}
	}
	return nil
}

// attr returns an attribute's value and whether there is one.
func (n *Node) attr(name string) (string, bool) {
	for _, a := range n.Attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}
