// Package group is Kafka's group coordinator: who is in a consumer group, who
// reads which partition in which generation, and how far the group has read.
// Requests and time go in, replies and batches for __consumer_offsets come out.
//
// It speaks the classic protocol whole (Kafka protocol guide, "Membership API";
// KIP-62, KIP-134, KIP-211, KIP-345, KIP-394, KIP-429, KIP-447, KIP-496,
// KIP-518, KIP-709, KIP-800, KIP-814). The newer consumer-group protocol
// (KIP-848) is not offered: ConsumerGroupHeartbeat is no API of ours, and a
// client that finds it missing in ApiVersions falls back to this one.
//
// Duties of the caller:
//
//  1. After each call that takes the time, take everything out of Poll.
//  2. Call Tick when the Deadline is due. Ask for the Deadline after each drain.
//  3. Time never goes back. It is in microseconds.
//  4. Give each request a token of its own, not 0; its Reply comes once,
//     at once or much later (a JoinGroup waits for the rebalance). A reply to a
//     connection that is gone is to be thrown away; the coordinator need not be
//     told, the member stays until its session is over.
//  5. Append the batches of a partition of __consumer_offsets in the order of
//     their Append events, and report each by Appended, in that order too, when
//     it is replicated to the in-sync set or has failed. Whoever was given an
//     answer that depends on it gets the answer then.
//  6. When this broker becomes leader of such a partition: Load all of its log, in
//     order, to its end at that moment, then Loaded. When it leads no longer: Unload.
//  7. Tell Marker of each transaction marker in such a partition when it is
//     replicated, after the Appended of what lies before it in the log.
//
// The loop, for a request that arrived:
//
//	c.Handle(now, token, clientID, host, request)
//	for e, ok := c.Poll(); ok; e, ok = c.Poll() {
//		switch e := e.(type) {
//		case desk.Reply:  send(e.Token, e.Resp)
//		case desk.Append: append(e.Partition, e.Batch) // later: c.Appended(now, e.ID, err)
//		}
//	}
//	wake(c.Deadline())
//
// One join's journey: a consumer's JoinGroup without a member id is answered
// MEMBER_ID_REQUIRED with one, and comes again with it. The group goes from
// Empty to PreparingRebalance and waits the initial delay for others. Then the
// generation is counted up, the protocol that most members prefer is chosen,
// and all get their JoinGroup answered, the leader's with everyone's
// subscription. The leader's SyncGroup brings the assignment, which is appended
// to __consumer_offsets; when that is replicated, everyone's SyncGroup is
// answered, and the group is Stable until somebody comes, goes or falls silent.
package group
