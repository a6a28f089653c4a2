package labs

import (
	"grapevine/wasm/lab"
	"grapevine/wasm/labs/gossip"
)

// All are the labs there are. The first is the one the page opens with when
// it is asked for none.
var All = []*lab.Lab{
	&gossip.Rumor,
	&gossip.Multicast,
	&gossip.Spread,
	&gossip.Exchange,
	&gossip.AntiEntropy,
	&gossip.Faults,
}

// Find returns the lab with this ID, or nil.
func Find(id string) *lab.Lab {
	for _, l := range All {
		if l.ID == id {
			return l
		}
	}
	return nil
}
