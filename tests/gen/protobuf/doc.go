// Command protobuf writes protocols/grpc/pb from its .proto texts.
//
//	cd tests/gen/protobuf && go run . ../../../protocols/grpc/pb
//
// It parses with protocompile, so that the texts mean what they mean to
// everybody, and writes lean Go: see protocols/grpc/protobuf for what such a
// message can do, and what is left out. What it cannot write it refuses, with
// the place in the text. Its test writes everything anew and compares.
//
// A new .proto is a row in the table in files.go.
package main
