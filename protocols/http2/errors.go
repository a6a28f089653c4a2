package http2

import (
	"errors"
	"fmt"
)

// Code is an error code on the wire (RFC 9113 section 7).
type Code uint32

const (
	NoError Code = iota
	ProtocolError
	InternalError
	FlowControlError
	SettingsTimeout
	StreamClosed
	FrameSizeError
	RefusedStream
	Cancel
	CompressionError
	ConnectError
	EnhanceYourCalm
	InadequateSecurity
	HTTP11Required
)

var codeNames = [...]string{"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
	"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return fmt.Sprintf("error code %d", uint32(c))
}

// Error is the peer's fault.
type Error struct {
	Code   Code
	Stream uint32 // 0: the whole connection's
	Text   string // what came, and what was expected
}

func (e *Error) Error() string {
	if e.Stream == 0 {
		return fmt.Sprintf("http2: %s: %s", e.Code, e.Text)
	}
	return fmt.Sprintf("http2: stream %d: %s: %s", e.Stream, e.Code, e.Text)
}

// What a caller that keeps the rules must reckon with: the peer, or the
// connection's end, was faster. Nothing was sent.
var (
	// ErrClosed: the connection is over.
	ErrClosed = errors.New("http2: the connection is closed")
	// ErrStreamClosed: the stream is over, or was never there.
	ErrStreamClosed = errors.New("http2: the stream is closed")
	// ErrTooManyStreams: wait for one to end, or for Settings; see CanOpen.
	ErrTooManyStreams = errors.New("http2: as many streams are open as the peer, or MaxStreams, allows")
	// ErrGoingAway: one of the two ends sent GOAWAY, or the stream numbers
	// are used up. Open the stream on a new connection.
	ErrGoingAway = errors.New("http2: the connection takes no new streams")
	// ErrOutputFull: MaxOutputBytes wait in Output; send some first.
	ErrOutputFull = errors.New("http2: too much waits to be sent")
)

// How a connection can end by nobody's fault.
var (
	ErrDisconnected = errors.New("http2: the transport ended before the connection did")
	ErrTimeout      = errors.New("http2: the peer did not answer our PING")
)

// Misuse is the caller's fault: fields that no HTTP message may have, or a
// call that the stream's state does not allow. Nothing was sent.
type Misuse struct{ Text string }

func (e *Misuse) Error() string { return "http2: " + e.Text }

func misuse(format string, args ...any) error { return &Misuse{fmt.Sprintf(format, args...)} }
