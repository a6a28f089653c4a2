// Package quorum replicates Kafka's metadata log among its voters by Raft, as
// Kafka does (KIP-595): followers pull by Fetch, candidates ask by Vote, first
// without obligation (KIP-996), a new leader announces itself by
// BeginQuorumEpoch, one that gives up says so by EndQuorumEpoch. Nodes that
// are no voters observe: they fetch, and count for nothing.
//
// Duties of the caller:
//
//  1. Make a Node at the beginning of a node's life, with New, on the disk of
//     its former lives.
//  2. Give Handle the requests of the quorum, and Received the answer to each
//     Request, nil when there is none to come.
//  3. After each call that changes the Node, take events out of Poll until
//     there is none, and what has been committed out of Committed.
//  4. Call Tick when the Deadline is due. Time never goes back. It is in
//     microseconds.
//
// The loop, at the leader:
//
//	last, err := n.Propose(now, values)
//	for b, ok := n.Committed(now); ok; b, ok = n.Committed(now) {
//		// apply b; when it holds the offset last, what was proposed is decided
//	}
//
// One record's journey: Propose appends a batch to the leader's log, and wakes
// the fetches of followers that wait. A follower appends what it gets, waits
// until its disk has it, and fetches from behind it, which tells the leader
// so. When a majority of the voters has it, the leader among them, the high
// watermark moves over it; followers learn of that by their next answer, at
// once. It is then committed: no election can lose it.
//
// Nothing leaves a Node before its vote, epoch and log are as durable as it
// claims they are: events wait for the disk in Poll.
//
// Left out: snapshots (a log has at most MaxLogBytes, then Propose refuses:
// 64 MiB are half a million changes of partitions; the controller makes no
// topics and settings any more when half is used), changing the voters
// (KIP-853), the IDs of log directories.
package quorum
