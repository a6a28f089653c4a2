package rpc

import "strconv"

// Code says why a call failed.
type Code uint8

// The codes. Those up to maxWireCode travel in error frames; the others are
// the client's own findings.
const (
	Unknown      Code = 1 // the server's table has no such Call ID
	Disagree     Code = 2 // the server's table has another function there
	BadArguments Code = 3
	Application  Code = 4 // executed; the function itself said no
	Expired      Code = 5 // its deadline passed
	Busy         Code = 6 // the server has as much to do, or to remember, as it may
	Cancelled    Code = 7
	Restarted    Code = 8  // at most once: the call was meant for an earlier life of the server
	TooLarge     Code = 9  // the result does not fit a frame
	NotKept      Code = 10 // executed, but the reply did not fit the duplicate table

	Unanswered  Code = 16 // the client gave up asking
	BadResult   Code = 17
	maxWireCode      = NotKept
)

// codes is the table of errors: what each means, and what it says about
// whether the call was executed.
var codes = [...]struct {
	name string
	// definite: the call was certainly not executed by this request.
	definite bool
	// again: the same request may succeed later, so the client asks again.
	again bool
	text  string
}{
	Unknown:      {"unknown function", true, false, "no function has this Call ID; compare the two tables"},
	Disagree:     {"tables disagree", true, false, "the Call ID belongs to another function or another version of it; compare the two tables"},
	BadArguments: {"bad arguments", true, false, "the arguments are not those of the function"},
	Application:  {"application error", false, false, "the function was executed and refused"},
	Expired:      {"deadline exceeded", false, false, "the deadline passed; the call may or may not have been executed"},
	Busy:         {"busy", true, true, "the server is full; ask again later"},
	Cancelled:    {"cancelled", false, false, "the caller gave up; the call may or may not have been executed"},
	Restarted:    {"server restarted", false, false, "the server has a new life and does not know whether the old one executed the call"},
	TooLarge:     {"result too large", false, false, "the function was executed, but its result does not fit a frame"},
	NotKept:      {"reply not kept", false, false, "a duplicate: the function was executed, but its reply did not fit the duplicate table"},
	Unanswered:   {"no answer", false, false, "no reply came in all attempts; the call may or may not have been executed"},
	BadResult:    {"bad result", false, false, "the result is not what the function should return; compare the interface descriptions"},
}

// String names the code in lower case.
func (c Code) String() string {
	if int(c) < len(codes) && codes[c].name != "" {
		return codes[c].name
	}
	return "code " + strconv.Itoa(int(c))
}

// NotExecuted says whether a call that fails with this code was certainly not
// executed.
func (c Code) NotExecuted() bool { return int(c) < len(codes) && codes[c].definite }

// Text says in a sentence what the code means.
func (c Code) Text() string {
	if int(c) < len(codes) {
		return codes[c].text
	}
	return ""
}

// Error is a call's failure: found by the server (it came in an error frame)
// or by the client.
type Error struct {
	Code Code
	Text string // may be empty
}

func (e *Error) Error() string {
	if e.Text == "" {
		return "rpc: " + e.Code.String() + ": " + e.Code.Text()
	}
	return "rpc: " + e.Code.String() + ": " + e.Text
}

// Fail makes an application error: what a server's method returns to refuse.
// Of the text, the first MaxErrorBytes travel.
func Fail(text string) *Error { return &Error{Application, text} }
