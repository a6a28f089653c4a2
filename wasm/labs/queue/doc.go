// Package queue holds the labs about message queues.
//
// They share one world, the cluster: senders (a producer each), houses (a
// broker and its disk each) and readers (a consumer each). A lab is a plan of
// it with its own texts, presets and checks; the ledger knows, of every record,
// who has sent, acknowledged, stored and read it.
package queue
