// Package rpc holds the labs about remote procedure calls: which function, how
// its arguments travel, by what transport. Their nodes hold the machines of
// protocols/rpc and protocols/grpc and carry their bytes over sim's streams and
// datagrams.
//
// A lab is a file with its parameters and presets (call.go, callid.go,
// semantics.go, transport.go, registry.go, codec.go, io.go, grpc.go). What runs
// in it is one of five worlds:
//
//	calls*.go, caller.go, callee.go  programs that call by our own RPC: the first four labs
//	registry_*.go                    finders, the registry's keeper, and providers
//	codec_*.go                       a writer and a reader for each format
//	io_*.go                          servers on virtual threads, and their processor
//	grpc_*.go                        a shop that is called by gRPC
//
// Each has its nodes, ..._world.go or calls.go (the network, and what is counted
// for both ends), ..._view.go (states, kinds of packets, words), ..._card.go and
// ..._metrics.go. Shared are pipe.go (frames over a stream or datagrams),
// alarm.go and calls_params.go.
package rpc
