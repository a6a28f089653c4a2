package rpc

import (
	"grapevine/protocols/field"
	"grapevine/protocols/http2"
)

// dissectHTTP2 shows our frames inside HTTP/2's DATA frames. One that is cut
// over several of them stays bytes.
func dissectHTTP2(said []byte) []field.Field {
	out := http2.Dissect(said)
	for i := range out {
		for j, part := range out[i].Children {
			if part.Name != "data" {
				continue
			}
			body := said[part.Offset : part.Offset+part.Length]
			if _, err := ReadFrame(body); err == nil {
				out[i].Children[j] = shifted(Dissect(body), part.Offset)
			}
		}
	}
	return out
}
