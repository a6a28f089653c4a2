// Package pb holds the Protocol Buffers messages that gRPC's own services and
// the labs speak, written by tests/gen/protobuf from the texts in proto/: the
// shop of the lab rpc/grpc, google.rpc.Status with what may be attached to it,
// health, server reflection, and the service of gRPC's interoperability tests.
//
// Every message has Append and Merge, as package protobuf describes them. Of
// each .proto there is the descriptor, and of each method the path.
package pb
