// Package assign says which member of a consumer group reads which partitions:
// what the group's leader works out and sends with SyncGroup. The assignors are
// those of Java's client: range, roundrobin, sticky (KIP-54) and
// cooperative-sticky (KIP-429). Equal groups get equal assignments, in
// whatever order their members are listed.
//
// Left out: racks (KIP-881).
package assign
