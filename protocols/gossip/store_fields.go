package gossip

import (
	"fmt"

	"grapevine/protocols/field"
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
	typeShape  = shape{name: "type", say: sayType}
	flowShape  = shape{name: "flow", say: sayFlow}
	spanShape  = shape{name: "span", parts: []shape{{name: "lo", say: sayPlace}, {name: "hi", say: sayPlace}}}
	headShape  = shape{name: "head", parts: []shape{{name: "key"}, {name: "counter"}, {name: "writer"}}}
	entryShape = shape{name: "entry", parts: []shape{{name: "key"}, {name: "value"}, {name: "counter"}, {name: "writer"}}}
	nodeShape  = shape{name: "node", parts: []shape{{name: "lo", say: sayPlace}, {name: "level"},
		{name: "hashes", each: &shape{name: "hash", say: sayHash}}}}
)

// letterShapes are the messages of store_wire.go, by type.
var letterShapes = [letters]shape{
	Sums:     {name: "sums", parts: []shape{typeShape, flowShape, {name: "nodes", each: &nodeShape}}},
	Checksum: {name: "checksum", parts: []shape{typeShape, flowShape, {name: "hash", say: sayHash}}},
	Digest:   {name: "digest", parts: []shape{typeShape, flowShape, {name: "spans", each: &spanShape}, {name: "heads", each: &headShape}}},
	Want:     {name: "want", parts: []shape{typeShape, {name: "keys", each: &shape{name: "key"}}}},
	Entries:  {name: "entries", parts: []shape{typeShape, flowShape, spanShape, {name: "entries", each: &entryShape}}},
}

// DissectExchange names every byte of a message between stores.
func DissectExchange(b []byte) field.Field {
	if _, err := decode(b); err != nil {
		return unread(b, err)
	}
	f, _ := letterShapes[b[1]].fields(b, 0)
	return f
}
