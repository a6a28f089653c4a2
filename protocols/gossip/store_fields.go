package gossip

import (
	"fmt"

	"grapevine/protocols/field"
	"grapevine/protocols/field/shape"
)

func sayType(v uint64) string { return Letter(v).String() }

func sayFlow(v uint64) string {
	return [...]string{"answer", "push: the sender gives", "pull: the sender takes", "push-pull: the sender gives and takes"}[v]
}

func sayHash(v uint64) string {
	if v == 0 {
		return "0 (empty)"
	}
	return fmt.Sprintf("%016x", v)
}

func sayPlace(v uint64) string { return fmt.Sprintf("%08x", v) }

var (
	typeShape  = shape.Shape{Name: "type", Say: sayType}
	flowShape  = shape.Shape{Name: "flow", Say: sayFlow}
	spanShape  = shape.Shape{Name: "span", Parts: []shape.Shape{{Name: "lo", Say: sayPlace}, {Name: "hi", Say: sayPlace}}}
	headShape  = shape.Shape{Name: "head", Parts: []shape.Shape{{Name: "key"}, {Name: "counter"}, {Name: "writer"}}}
	entryShape = shape.Shape{Name: "entry", Parts: []shape.Shape{{Name: "key"}, {Name: "value"}, {Name: "counter"}, {Name: "writer"}}}
	nodeShape  = shape.Shape{Name: "node", Parts: []shape.Shape{{Name: "lo", Say: sayPlace}, {Name: "level"},
		{Name: "hashes", Each: &shape.Shape{Name: "hash", Say: sayHash}}}}
)

// letterShapes are the messages of store_wire.go, by type.
var letterShapes = [letters]shape.Shape{
	Sums:     {Name: "sums", Parts: []shape.Shape{typeShape, flowShape, {Name: "nodes", Each: &nodeShape}}},
	Checksum: {Name: "checksum", Parts: []shape.Shape{typeShape, flowShape, {Name: "hash", Say: sayHash}}},
	Digest:   {Name: "digest", Parts: []shape.Shape{typeShape, flowShape, {Name: "spans", Each: &spanShape}, {Name: "heads", Each: &headShape}}},
	Want:     {Name: "want", Parts: []shape.Shape{typeShape, {Name: "keys", Each: &shape.Shape{Name: "key"}}}},
	Entries:  {Name: "entries", Parts: []shape.Shape{typeShape, flowShape, spanShape, {Name: "entries", Each: &entryShape}}},
}

// DissectExchange names every byte of a message between stores.
func DissectExchange(b []byte) field.Field {
	if _, err := decode(b); err != nil {
		return shape.Unread(b, err)
	}
	return letterShapes[b[1]].Field(b)
}
