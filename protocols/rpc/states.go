package rpc

// Theory of operation
//
// A call has a state at either end. At the client:
//
//	asking   a request is out; when the wait is over, the client asks again
//	pausing  the server was busy; when the wait is over, the client asks again
//	over     the call returned
//
// The wait is the same for both: TimeoutMicros, doubled with each attempt, up
// to MaxTimeoutMicros, and spread by JitterPercent. The call returns with the
// first reply or error that comes, to whichever attempt. Whatever comes later
// is thrown away.
//
// At most once has a rule of its own: the server executes only what is meant
// for its present life, its boot. A client that does not know the boot yet
// says 0 and is told Restarted with the boot, and asks again: nothing said
// with 0 is ever executed. A call once sent to a boot stays with it: when that
// life is over, nobody knows whether it was executed, and the call returns Restarted.
//
// At the server:
//
//	unseen   nothing is known of the call
//	running  it is being executed
//	kept     it was executed, and its reply is in the duplicate table
//
// Maybe and at least once know neither a duplicate nor a kept reply: there,
// every request is a call of its own. The empty answers (Server.Output) are
// for transports on which each request needs one.

// clientState is the state of a call at the client.
type clientState uint8

const (
	asking clientState = iota
	pausing
	over // nothing happens to it any more
)

// clientInput is what can happen to it.
type clientInput uint8

const (
	gotReply  clientInput = iota // a result, or an error that is final
	gotBusy                      // an error after which asking again makes sense, and attempts are left
	gotBoot                      // Restarted, but all was sent with boot 0 so far
	waitOver                     // and attempts are left
	spent                        // the wait is over, and no attempts are left
	tooLate                      // the deadline
	cancelled                    // by the caller
	lostTouch                    // Resend, and attempts are left
	clientInputs
)

// clientAction is what the client does about it.
type clientAction uint8

const (
	nothing clientAction = iota
	ask
	returns
	tellAndReturn // send a cancel frame
)

// clientMove is a change of state.
type clientMove struct {
	next clientState
	do   clientAction
}

// clientMoves is every change of state at the client.
var clientMoves = [over][clientInputs]clientMove{
	asking: {gotReply: {over, returns}, gotBusy: {pausing, nothing}, gotBoot: {asking, ask}, waitOver: {asking, ask},
		spent: {over, returns}, tooLate: {over, returns}, cancelled: {over, tellAndReturn}, lostTouch: {asking, ask}},
	pausing: {gotReply: {over, returns}, gotBusy: {pausing, nothing}, gotBoot: {asking, ask}, waitOver: {asking, ask},
		spent: {over, returns}, tooLate: {over, returns}, cancelled: {over, tellAndReturn}, lostTouch: {pausing, nothing}},
}

// serverState is the state of a call at a server that remembers.
type serverState uint8

const (
	unseen serverState = iota
	running
	kept
	serverStates
)

// serverInput is what can happen to it.
type serverInput uint8

const (
	requested serverInput = iota
	finished              // executed
	stopped               // cancelled by the client, or past its deadline
	expired               // kept for long enough, or made room for another
	serverInputs
)

// serverMoves is every change of state at the server; a request makes it
// execute (unseen), say that it is at it (running), or repeat the reply (kept).
var serverMoves = [serverStates][serverInputs]serverState{
	unseen:  {requested: running, finished: unseen, stopped: unseen, expired: unseen},
	running: {requested: running, finished: kept, stopped: kept, expired: running},
	kept:    {requested: kept, finished: kept, stopped: kept, expired: unseen},
}
