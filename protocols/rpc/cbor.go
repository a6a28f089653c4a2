package rpc

import (
	"bytes"

	"grapevine/protocols/strictcbor"
)

// Limits of arguments and results, whoever sends them.
const (
	maxNesting       = 8
	maxArrayElements = 65_536
	maxMapPairs      = 1_024
)

// values is how arguments and results are written: each in one form only.
var values = strictcbor.New(strictcbor.Limits{Nesting: maxNesting, ArrayElements: maxArrayElements, MapPairs: maxMapPairs})

// Raw is CBOR already written: as arguments or a result it goes out as it is,
// even if it is none, so that a lab can show what then happens.
type Raw []byte

// marshal writes v behind what is in the buffer.
func marshal(buf *bytes.Buffer, v any) error {
	if raw, ok := v.(Raw); ok {
		buf.Write(raw)
		return nil
	}
	return values.MarshalTo(buf, v)
}

// Marshal writes a value as CBOR, deterministically: how arguments (a struct
// written as an array) and results travel.
func Marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	err := marshal(&buf, v)
	return buf.Bytes(), err
}

// Unmarshal reads what Marshal wrote, and nothing else: no missing or further
// elements, no other type, no longer form of a number, no null for a value.
// to is a pointer.
func Unmarshal(b []byte, to any) error { return values.Unmarshal(b, to) }

// ReadArguments is what server stubs read arguments with; to is a pointer to a
// struct written as an array. The error is an *Error.
func ReadArguments(b []byte, to any) error {
	if err := Unmarshal(b, to); err != nil {
		return &Error{BadArguments, err.Error()}
	}
	return nil
}

// ReadResult is what client stubs read a Returned call with: its error, or its
// result into what to points to. The error is an *Error.
func ReadResult(e Event, to any) error {
	if e.Err != nil {
		return e.Err
	}
	if err := Unmarshal(e.Body, to); err != nil {
		return &Error{BadResult, err.Error()}
	}
	return nil
}

// NoResult reads the result of a function that has none.
func NoResult(e Event) error {
	if e.Err != nil {
		return e.Err
	}
	if len(e.Body) != 1 || e.Body[0] != cborNull {
		return &Error{BadResult, "the function returns nothing, but this is not CBOR's null"}
	}
	return nil
}

const cborNull = 0xf6

// NotInStub is what a server stub answers when it is asked for a function that
// it does not have: its table knows more than it does.
func NotInStub(function string) error {
	return &Error{Unknown, "the table leads to " + function + ", which the server's stub does not have"}
}
