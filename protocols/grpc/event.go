package grpc

import (
	"errors"
	"fmt"
)

// Kind is the kind of an Event.
type Kind uint8

const (
	// Start: a call came in (server). Call.Method, Call.Metadata and
	// Call.Deadline say which.
	Start Kind = iota + 1
	// Header: the server's initial metadata came (client). Metadata.
	Header
	// Received: a message came. Message.
	Received
	// HalfClosed: the client sends no more (server).
	HalfClosed
	// Finished: the call is over (client). Status, and Metadata: the trailers.
	// It comes once for every call, whatever ended it.
	Finished
	// Cancelled: the call is over before the server finished it: the client
	// cancelled, the deadline passed, the request was not good, or the
	// connection broke. Status says which. Nothing more can be sent.
	Cancelled
	// Writable: all that waited in the call's queue was sent.
	Writable
	// Ready: the peer's settings came or changed: Call may find room now.
	Ready
	// GoingAway: the peer takes no new calls. Those it left out end with
	// UNAVAILABLE, the others go on. Status.Message has its words.
	GoingAway
	// Closed is the last event: the connection is over. Err is nil when it
	// ended in good order.
	Closed
)

var kindNames = [...]string{"", "start", "header", "received", "half-closed", "finished", "cancelled", "writable", "ready", "going away", "closed"}

// String names the kind in lower case.
func (k Kind) String() string { return kindNames[min(int(k), len(kindNames)-1)] }

// Event is something that happened.
type Event struct {
	Kind     Kind
	Call     *Call
	Message  []byte // valid until the next Poll or Receive
	Metadata Metadata
	Status   Status
	Err      error
}

// What a caller that keeps the rules must reckon with. Nothing was sent.
var (
	// ErrOver: the call is over; its event tells why, or will.
	ErrOver = errors.New("grpc: the call is over")
	// ErrFull: so much waits in the call's queue that the message was not
	// taken; Writable will come.
	ErrFull = errors.New("grpc: the call's queue is full")
	// ErrTooLong: the message is longer than MaxSendBytes.
	ErrTooLong = errors.New("grpc: the message is longer than may be sent")
)

// Misuse is the caller's fault: what the protocol does not have. Nothing was sent.
type Misuse struct{ Text string }

func (e *Misuse) Error() string { return "grpc: " + e.Text }

func misuse(format string, args ...any) error { return &Misuse{fmt.Sprintf(format, args...)} }
