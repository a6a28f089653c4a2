package gossip

import "grapevine/wasm/lab"

// Labs are the family's labs. The first is the one the page opens with when it
// is asked for none.
var Labs = []*lab.Lab{
	&Rumor,
	&Multicast,
	&Spread,
	&Exchange,
	&AntiEntropy,
	&Faults,
}
