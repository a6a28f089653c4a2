// Package field describes bytes to people: what a dissector of a protocol
// found in a message.
//
// A Field is a named value and the place in the message it was read from, so
// that a view can show the bytes on one side, the names on the other, and
// which belongs to which. Every protocol's dissector returns Fields whose
// leaves cover each byte of the message exactly once; Gaps finds the bytes
// that break this promise.
package field
