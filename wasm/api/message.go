package api

import (
	"fmt"

	"grapevine/wasm/api/smallcbor"
)

// MarshalCommand writes a command as the message that carries it.
func MarshalCommand(c Command) []byte { return smallcbor.Append(nil, c) }

// UnmarshalCommand reads what MarshalCommand wrote.
func UnmarshalCommand(message []byte) (Command, error) {
	var c Command
	if err := smallcbor.Unmarshal(message, &c); err != nil {
		return Command{}, fmt.Errorf("a message of %d bytes is not a command: %w", len(message), err)
	}
	return c, nil
}

// MarshalFrame writes one of the frames that have no columns.
func MarshalFrame(frame any) []byte { return smallcbor.Append(nil, frame) }

// UnmarshalFrame reads one of the small frames and returns it: a Hello,
// Opened, Status, Inspection or Problem. A bulk frame is an error: those are
// for the renderer alone.
func UnmarshalFrame(message []byte) (any, error) {
	var head struct {
		Frame string `cbor:"frame"`
	}
	if err := smallcbor.Unmarshal(message, &head); err != nil {
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
	if err := smallcbor.Unmarshal(message, &f); err != nil {
		return nil, fmt.Errorf("api: %T: %w", f, err)
	}
	return f, nil
}
