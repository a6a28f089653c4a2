package queue

import (
	"grapevine/protocols/field"
	"grapevine/protocols/kafka/dissect"
	"grapevine/wasm/lab"
)

// talk says how the bytes of a connection are dissected. An answer does not
// say what it answers: that is in what the client has said.
func (w *cluster) talk(t lab.Talk) lab.Dissect {
	switch {
	case t.Port != insidePort && t.Port != outsidePort:
		return nil
	case t.FromClient:
		return dissect.Requests
	}
	return func(said []byte) []field.Field { return dissect.Responses(said, dissect.AskedBy(t.Heard())) }
}
