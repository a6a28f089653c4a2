// Package h2spec holds protocols/http2 against others: the public suite h2spec,
// Go's own HTTP/2 client and server, and golang.org/x/net's Framer.
//
// A machine needs no socket, but its counterparts do: Serve gives it one.
package h2spec
