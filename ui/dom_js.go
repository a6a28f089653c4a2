package ui

import (
	"slices"
	"syscall/js"

	"honnef.co/go/js/dom/v2"
)

// place is a Node where it stands in the document.
type place struct {
	node     *Node
	el       *dom.BasicNode
	children []*place
	id       int // among the document's handlers; 0 when it has none
}

// document makes a part of the page equal to a tree of Nodes, again and again.
//
// A call across syscall/js costs microseconds, so nothing is read back from
// the browser: the last tree says how the document stands. Listeners are few
// and live at the root; an element with handlers only carries a number.
type document struct {
	root     *dom.BasicNode
	children []*place
	handlers map[int]*place
	last     int // the number given last
	send     func(Msg)
	release  []func()
}

// eventTypes are those that views may handle.
var eventTypes = []string{"click", "input", "change", "keydown", "pointerover", "focusin"}

// newDocument takes over an element and empties it at the first Show.
func newDocument(root js.Value, send func(Msg)) *document {
	d := &document{root: &dom.BasicNode{Value: root}, handlers: make(map[int]*place), send: send}
	for _, event := range eventTypes {
		listener := js.FuncOf(func(_ js.Value, args []js.Value) any {
			d.dispatch(event, args[0])
			return nil
		})
		root.Call("addEventListener", event, listener)
		d.release = append(d.release, func() {
			root.Call("removeEventListener", event, listener)
			listener.Release()
		})
	}
	root.Set("textContent", "")
	return d
}

// Close releases what the browser holds of us.
func (d *document) Close() {
	for _, release := range d.release {
		release()
	}
}

// Show makes the document equal to nodes.
func (d *document) Show(nodes []*Node) { d.children = d.patchAll(d.root, d.children, nodes) }

// dispatch finds the innermost element that handles an event.
func (d *document) dispatch(event string, e js.Value) {
	for at := e.Get("target"); !at.IsNull() && !at.Equal(d.root.Value); at = at.Get("parentNode") {
		number := at.Get("grapevinePlace")
		if number.Type() != js.TypeNumber {
			continue
		}
		p := d.handlers[number.Int()]
		if p == nil {
			continue
		}
		for _, h := range p.node.On {
			if h.Type != event {
				continue
			}
			if m := h.Message(readEvent(event, at, e)); m != nil {
				if event == "keydown" {
					e.Call("preventDefault") // the key has had its meaning
				}
				d.send(m)
			}
			return
		}
	}
}

func readEvent(event string, target, e js.Value) Event {
	var out Event
	switch event {
	case "input", "change":
		out.Value = target.Get("value").String()
		out.Checked = target.Get("checked").Truthy()
	case "keydown":
		out.Key = e.Get("key").String()
	}
	return out
}

// patchAll makes the children of parent equal to nodes. Old places are used
// again for nodes with the same key, or, without a key, for the next of the
// same tag.
func (d *document) patchAll(parent *dom.BasicNode, old []*place, nodes []*Node) []*place {
	if len(old) == 0 && len(nodes) == 0 {
		return nil
	}
	used := make([]bool, len(old))
	matched := make([]int, len(nodes)) // index in old, or -1
	from := 0                          // all of old before it is used
	for i, n := range nodes {
		matched[i] = -1
		for from < len(old) && used[from] {
			from++
		}
		for j := from; j < len(old); j++ {
			if !used[j] && alike(old[j].node, n) {
				matched[i], used[j] = j, true
				break
			}
		}
	}
	var kept []*place // in the document's order
	for j, p := range old {
		if used[j] {
			kept = append(kept, p)
		} else {
			d.forget(p)
			parent.Call("removeChild", p.el.Value)
		}
	}
	out := make([]*place, len(nodes))
	for i, n := range nodes {
		if matched[i] < 0 {
			out[i] = d.create(n)
			insert(parent, out[i], kept)
			continue
		}
		p := old[matched[i]]
		d.patch(p, n)
		out[i] = p
		if len(kept) > 0 && kept[0] == p {
			kept = kept[1:]
			continue
		}
		kept = slices.DeleteFunc(kept, func(k *place) bool { return k == p })
		insert(parent, p, kept)
	}
	return out
}

// insert puts a place before the first of those that are still to come.
func insert(parent *dom.BasicNode, p *place, rest []*place) {
	if len(rest) == 0 {
		parent.Call("appendChild", p.el.Value)
	} else {
		parent.Call("insertBefore", p.el.Value, rest[0].el.Value)
	}
}

func alike(a, b *Node) bool {
	return a.Key == b.Key && (a.Make == nil) == (b.Make == nil) && (a.Make != nil || a.Tag == b.Tag)
}

func (d *document) create(n *Node) *place {
	if n.Make != nil {
		p := d.create(n.Make())
		p.node = &Node{Key: n.Key, Same: n.Same, Make: n.Make, Tag: p.node.Tag, On: p.node.On, Children: []*Node{p.node}}
		return p
	}
	doc := js.Global().Get("document")
	if n.Tag == "" {
		return &place{node: n, el: &dom.BasicNode{Value: doc.Call("createTextNode", n.Text)}}
	}
	p := &place{node: n, el: &dom.BasicNode{Value: doc.Call("createElement", n.Tag)}}
	p.children = d.patchAll(p.el, nil, n.Children)
	// After the children: a select takes its value from its options.
	for _, a := range n.Attrs {
		p.set(a)
	}
	d.listen(p, n)
	return p
}

// listen numbers a place when it begins to have handlers.
func (d *document) listen(p *place, n *Node) {
	if len(n.On) > 0 && p.id == 0 {
		d.last++
		p.id = d.last
		d.handlers[p.id] = p
		p.el.Set("grapevinePlace", p.id)
	}
}

func (d *document) patch(p *place, n *Node) {
	if n.Make != nil {
		if p.node.Same == n.Same {
			return
		}
		inner := n.Make()
		was := p.node.Children[0]
		p.node = was
		d.patch(p, inner)
		p.node = &Node{Key: n.Key, Same: n.Same, Make: n.Make, Tag: inner.Tag, On: inner.On, Children: []*Node{inner}}
		return
	}
	old := p.node
	p.node = n
	if n.Tag == "" {
		if old.Text != n.Text {
			p.el.Set("data", n.Text)
		}
		return
	}
	d.listen(p, n)
	p.children = d.patchAll(p.el, p.children, n.Children)
	for _, a := range old.Attrs {
		if _, still := n.attr(a.Name); !still {
			p.el.Call("removeAttribute", a.Name)
		}
	}
	for _, a := range n.Attrs {
		if was, had := old.attr(a.Name); !had || was != a.Value {
			p.set(a)
		}
	}
}

// set gives an element an attribute, or the property that matters instead.
func (p *place) set(a Attr) {
	switch a.Name {
	case "value":
		// The same value again would move the visitor's cursor.
		if p.node.Tag == "option" {
			p.el.Call("setAttribute", a.Name, a.Value)
		} else if p.el.Get("value").String() != a.Value {
			p.el.Set("value", a.Value)
		}
	case "checked":
		p.el.Set("checked", a.Value == "true")
	default:
		p.el.Call("setAttribute", a.Name, a.Value)
	}
}

func (d *document) forget(p *place) {
	if p.id != 0 {
		delete(d.handlers, p.id)
	}
	for _, c := range p.children {
		d.forget(c)
	}
}
