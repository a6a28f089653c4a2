// Package smallcbor writes and reads CBOR (RFC 8949) as far as the messages
// between page and engine need it, in a tenth of a full library's size: every
// visitor downloads it.
//
//	b := smallcbor.Append(nil, message)
//	err := smallcbor.Unmarshal(b, &message)
//
// Behaviour: a struct is a map from its fields' names, as in the tag
// `cbor:"name,omitempty"`; with a first field `_ struct{}` tagged ",toarray" it
// is an array of its fields in their order. Booleans, integers, float64, text,
// bytes, slices and pointers may be in it; nil slices and pointers are null.
// Integers and lengths are written in their shortest form, floats in eight
// bytes but for NaN and the infinities. Read are items of definite length; null
// reads as zero, unknown names are skipped, of a name that comes twice the
// last counts.
// Not done: Go's maps, interfaces and arrays, embedded structs, shorter floats
// than need be, indefinite lengths. Tags are skipped.
//
// Those who speak CBOR with a peer want one form of each message only: see
// package strictcbor.
package smallcbor
