package grpc

// Theory of operation
//
// A call is one HTTP/2 stream. The client begins it with the request's header
// fields, and then sends messages until it half-closes. The server may answer
// at any time: first with header fields (its initial metadata), then with
// messages, and at last with trailers that hold the status. A call of which
// the server sends nothing but the status is "trailers-only": its one block of
// header fields is both. Unary calls and the three kinds of streaming differ
// only in how many messages go each way; HTTP/2 does not see which it is.
//
// Either end may end the call at once by resetting the stream: the client to
// cancel, or because its deadline is over; the server because it is in
// trouble. The status is then made up where it is needed, from the reset's code.
//
// Both ends hold the same state, and both move it by the same table: what one
// sends is what the other receives. It is only that the client's end sends the
// request's part and receives the response's, and the server's the other way
// round. A move that is not in the table is a fault of whoever made it: our
// caller's when we were asked to send, the peer's when it came.

// State is where a call is.
type State uint8

// The states.
const (
	Begun     State = iota // the request is being sent; no answer yet
	Asked                  // the whole request was sent; no answer yet
	Answering              // the answer has begun, the request still goes on
	Replying               // the answer has begun, the request is complete
	Over                   // the status is known
	states
)

// String names the state in lower case.
func (s State) String() string {
	return [...]string{"begun", "asked", "answering", "replying", "over"}[s]
}

// move is what one of the two ends does to a call.
type move uint8

const (
	sendRequest  move = iota // client: a message
	halfClose                // client: no more messages
	sendHeader               // server: initial metadata
	sendResponse             // server: a message
	finish                   // server: the status
	reset                    // either: the end, now
	moves
)

// wrong marks a move that the protocol does not have.
const wrong = states

// transitions is every change of state there is.
var transitions = [states][moves]State{
	Begun:     {sendRequest: Begun, halfClose: Asked, sendHeader: Answering, sendResponse: wrong, finish: Over, reset: Over},
	Asked:     {sendRequest: wrong, halfClose: wrong, sendHeader: Replying, sendResponse: wrong, finish: Over, reset: Over},
	Answering: {sendRequest: Answering, halfClose: Replying, sendHeader: wrong, sendResponse: Answering, finish: Over, reset: Over},
	Replying:  {sendRequest: wrong, halfClose: wrong, sendHeader: wrong, sendResponse: Replying, finish: Over, reset: Over},
	Over:      {sendRequest: wrong, halfClose: wrong, sendHeader: wrong, sendResponse: wrong, finish: wrong, reset: Over},
}

// take makes the move, if the table has it.
func (s *State) take(m move) bool {
	to := transitions[*s][m]
	if to == wrong {
		return false
	}
	*s = to
	return true
}

// requesting says whether the client may still send.
func (s State) requesting() bool { return s == Begun || s == Answering }

// answered says whether the server's header fields were sent.
func (s State) answered() bool { return s == Answering || s == Replying }
