// Package services holds small services for labs and tests: their interface
// descriptions (*.rpc), and the stubs generated from them.
package services

//go:generate go run ../../../tests/gen-rpc counter.rpc calculator.rpc notebook.rpc
