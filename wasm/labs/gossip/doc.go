// Package gossip holds the labs about multicast and gossip: the machines of
// protocols/gossip as nodes of a virtual network, and the probes through
// which their runs are watched.
//
// A file is a lab (rumor.go), or what several share:
//
//	replicas.go    the role of nodes that keep stores in step
//	overlay.go     the roles of a source and its members
//	population.go  the role of up to a million sites with one update abroad
//	tally.go       what every gossip lab counts as it happens
//	metrics.go     those counts as the metrics all gossip labs have in common
//	params.go      the parameters they have in common
//	theory.go      what the papers expect, drawn beside what is measured
//
// Every lab here reports, in this order: residue (the share of living nodes
// that have not heard), traffic (updates sent for each node), t_avg and t_last
// (when the nodes heard, on average and at the latest: in cycles on the
// synchronous clock, else in microseconds), messages, bytes and rounds
// (periods until the last one heard).
package gossip
