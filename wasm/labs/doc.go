// Package labs is the list of all labs, in the order in which they are taught.
//
// A lab lives in the package of its family (labs/gossip) and is one table of
// data; to add one, write it there and give it its row in the family's Labs.
// Whatever shows, runs or tests labs walks through All, so nothing else has to
// be told. A family is a file of its own on the site (wasm/page): nothing may
// be in it that its own labs do not need.
package labs
