// Package grpcgo holds protocols/grpc against others: gRPC's public
// interoperability tests in both directions, the stock Go client, and grpcurl.
//
// A machine needs no socket, but its counterparts do: Serve and Dial give it
// one. What is in Run... takes the address of the server to test, so that the
// same tests run against the bridge:
//
//	go test ./grpcgo -target 127.0.0.1:9140
package grpcgo
