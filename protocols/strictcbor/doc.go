// Package strictcbor writes and reads CBOR (RFC 8949) in the deterministic
// encoding of its section 4.2.1, and in no other: equal messages are equal
// bytes, so that runs can be compared and nothing can hide in a second form.
//
// The few messages that are sent by the million are written by hand, with
// package cborhead; all others are structs:
//
//	var wire = strictcbor.New(strictcbor.Limits{Nesting: 5, ArrayElements: 1024})
//	b := wire.Must(&message)
//	err := wire.Unmarshal(b, &message)
//
// Not done: tags and NaN, which no protocol of ours needs, and which
// Unmarshal refuses.
package strictcbor
