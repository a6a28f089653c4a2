package rpc

// Semantics says how often a call is executed when messages get lost, sent
// twice, or a server crashes. Client and server each do their half.
//
//	               the client        the server
//	Maybe          asks once         executes whatever comes
//	AtLeastOnce    asks again        executes whatever comes
//	AtMostOnce     asks again        remembers replies, and refuses calls meant for an earlier life
//	ExactlyOnce    asks again        remembers replies; its memory must survive crashes (Server.Save)
//
// ExactlyOnce keeps its word only as long as the memory is neither lost nor
// full (FullForgets) nor expired before the client gives up.
type Semantics uint8

// The semantics, by the names of Birrell and Nelson 1984 and Spector 1982.
const (
	Maybe Semantics = iota
	AtLeastOnce
	AtMostOnce
	ExactlyOnce
)

// String names the semantics in lower case.
func (s Semantics) String() string {
	return [...]string{"maybe", "at least once", "at most once", "exactly once"}[s]
}

// retries says whether the client asks again.
func (s Semantics) retries() bool { return s != Maybe }

// remembers says whether the server keeps a duplicate table.
func (s Semantics) remembers() bool { return s == AtMostOnce || s == ExactlyOnce }

// checksBoot says whether a call is for one life of the server alone.
func (s Semantics) checksBoot() bool { return s == AtMostOnce }
