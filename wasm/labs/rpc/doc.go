// Package rpc holds the labs about remote procedure calls: which function, how
// its arguments travel, by what transport.
package rpc
