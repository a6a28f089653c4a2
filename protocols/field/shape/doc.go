// Package shape names the parts of CBOR messages (RFC 8949), so that one walk
// over the bytes finds the place of each.
//
// A protocol that speaks CBOR decodes and checks its messages with a library;
// what a person sees of them comes from here. The caller describes each
// message as a Shape, and asks for the Field of bytes that it could decode:
//
//	var greeting = shape.Shape{Name: "greeting", Parts: []shape.Shape{{Name: "type"}, {Name: "name"}}}
//	f := greeting.Field(message)
//
// Left out are items of indefinite length, tags and floats: no protocol of
// ours sends them.
package shape
