package labs

import (
	"slices"

	"grapevine/wasm/lab"
	"grapevine/wasm/labs/gossip"
	"grapevine/wasm/labs/queue"
	"grapevine/wasm/labs/rpc"
)

// All are the labs there are, family by family. The first is the one the page
// opens with when it is asked for none.
var All = slices.Concat(gossip.Labs, rpc.Labs, queue.Labs)

// Find returns the lab with this ID, or nil.
func Find(id string) *lab.Lab {
	for _, l := range All {
		if l.ID == id {
			return l
		}
	}
	return nil
}
