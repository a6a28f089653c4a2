// Package prototest helps to test protocol machines: it reads the same bytes
// in every split, joins two machines by a pipe in virtual time that cuts,
// delays, loses and ends, keeps the agenda of a world of several, and plays
// games of luck with them, by seed or by a fuzzer's bytes.
//
// Machines share verbs and no interface, so a test says in a few lines how its
// machine is used: a func(pieces) text for Split and Trailing, an End for Run.
// Runs are repeated by their seed.
//
// The caller drains a machine's events within Receive and Tick, as each
// machine's own contract asks. Left out: judging what a machine says; that is
// the test's part.
package prototest
