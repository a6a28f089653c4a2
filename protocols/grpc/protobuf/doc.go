// Package protobuf is what generated messages need to read and write
// themselves in the Protocol Buffers wire format, and what a reader of their
// descriptors needs to know: names, numbers, types.
//
// The stock runtime does the same by reflection, for 1.5 MB of WebAssembly. Here
// a message is a plain struct with two methods, written by tests/gen:
//
//	b = m.Append(b)      // its bytes behind b
//	err := m.Merge(b)    // b's fields over those it has
//
// Unmarshal is Merge into an empty message. A field that is not in the .proto
// text is kept in Unknown and written again at the end, so that an old program
// may pass on what a newer one has said. An error means that the bytes are no
// message (the peer's fault); the message is then half filled and of no use.
//
// A field is one tag, that is its number times 8 plus its wire type, and a value:
//
//	08 96 01          field 1, varint: 150
//	12 03 61 62 63    field 2, bytes: "abc"
//
// A Registry holds file descriptors, which are Protocol Buffers messages
// themselves: for server reflection, and for Dissect, which gives each byte of
// a message its name.
//
// Left out: proto2, maps, groups (skipped and kept), explicit presence of
// scalars, floating-point fields, and messages that contain themselves. The
// generator refuses them.
package protobuf
