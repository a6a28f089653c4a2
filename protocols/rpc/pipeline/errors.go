package pipeline

import "fmt"

// PeerError is what the peer did wrong. The answer to it is to close the
// connection: what follows in the stream has no meaning any more.
type PeerError struct{ Reason string }

func (e *PeerError) Error() string { return "pipeline: the peer sent " + e.Reason }

// CallerError is what this side did wrong: a handler is missing, or a message
// is too large to send.
type CallerError struct{ Reason string }

func (e *CallerError) Error() string { return "pipeline: " + e.Reason }

func theirs(format string, args ...any) error { return &PeerError{fmt.Sprintf(format, args...)} }
func ours(format string, args ...any) error   { return &CallerError{fmt.Sprintf(format, args...)} }
