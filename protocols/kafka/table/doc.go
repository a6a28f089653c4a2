// Package table is a server that takes records as a broker does, and keeps
// them as a database without a log would: each in its own row of a file, where
// its key says. It is there to be compared with: it speaks as much of Kafka
// (ApiVersions, Metadata, Produce) as a producer asks of a broker, so that both
// carry the same load, and counts a row as written when Kafka's flush would.
//
// Duties of the caller:
//
//  1. Make a Table at the beginning of a node's life, on a disk of its own.
//  2. Pass the time to whatever takes it: microseconds, never going back; call
//     Tick at Deadline.
//  3. After each call, take events from Poll until there is none.
//
// Left out: reading, all other requests (they end the connection), and
// whatever would make a table safe or quick: a log of its own, first of all.
package table
