package rpc

import "grapevine/wasm/lab"

// Labs are the family's labs, in the order of the list.
var Labs = []*lab.Lab{
	&Call,
	&CallID,
	&Registry,
	&Codec,
	&Semantics,
	&Transport,
	&IO,
	&GRPC,
}
