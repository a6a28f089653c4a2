// Package balance chooses one of several instances for a call.
//
// Every way of choosing is a pure function over what the caller knows: the
// instances with their weights, the call's key, a word of luck, how many calls
// have been made (the turn), how many are open at each (active). It gives an
// index into the instances, or -1 if there is none. Who has the state, and
// where it comes from, is the caller's: two callers that do not know of each
// other's calls each see only their own.
//
//	Random       a share of the calls by weight, on the average
//	RoundRobin   a share of the calls by weight, exactly, whatever they cost
//	LeastActive  the one that is least busy for its weight: slow ones get less
//	Modulo       the same key to the same instance, until the number changes: then nearly all move
//	Ring         the same key to the same instance; one that leaves moves its own keys, and no others
//
// Only integers decide, so that equal arguments give equal choices everywhere.
package balance
