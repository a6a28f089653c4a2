package api

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// MarshalCommand writes a command as the message that carries it.
func MarshalCommand(c Command) ([]byte, error) { return cbor.Marshal(c) }

// UnmarshalFrame reads one of the small frames and returns it: a Hello,
// Opened, Status, Inspection or Problem. A bulk frame is an error: those are
// for the renderer alone.
func UnmarshalFrame(message []byte) (any, error) {
	var head struct {
		Frame string `cbor:"frame"`
	}
	if err := cbor.Unmarshal(message, &head); err != nil {
		return nil, fmt.Errorf("api: a message of %d bytes is not a frame: %w", len(message), err)
	}
	switch head.Frame {
	case "hello":
		return unmarshalAs[Hello](message)
	case "opened":
		return unmarshalAs[Opened](message)
	case "status":
		return unmarshalAs[Status](message)
	case "inspection":
		return unmarshalAs[Inspection](message)
	case "problem":
		return unmarshalAs[Problem](message)
	}
	return nil, fmt.Errorf("api: got the frame %q, expected hello, opened, status, inspection or problem", head.Frame)
}

func unmarshalAs[F any](message []byte) (any, error) {
	var f F
	if err := cbor.Unmarshal(message, &f); err != nil {
		return nil, fmt.Errorf("api: %T: %w", f, err)
	}
	return f, nil
}
