// Command gen-rpc writes the stubs for interface descriptions, each beside its
// text: counter.rpc gives counter_rpc.go, in the package that its folder is named after.
//
//	go run ./tests/gen-rpc protocols/rpc/services/*.rpc
package main
