// Package idl reads interface descriptions and writes the stubs for them.
//
// A description is text, readable at a glance:
//
//	// Comments go to the end of the line.
//	record Item { name string; price int }
//	service Shop {
//	  1 order(item Item, count int) bool
//	  2 stock() []Item
//	}
//
// A line, or what is between semicolons, describes a field or a function. A
// function begins with its Call ID; without one, its ID is its name,
// "Shop.order". Types are bool, int (64 bits), string, bytes, []T and
// the records described above. Order and names are part of a function's
// signature: who changes them has another function.
//
// From it, Generate writes Go: the interface that the server implements, the
// server stub that calls it, and the client stub.
//
// Left out: floating point, maps, optional fields, several results.
package idl
