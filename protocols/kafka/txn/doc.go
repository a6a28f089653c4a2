// Package txn is Kafka's transaction coordinator: it gives producers their ids
// and epochs, knows which partitions a transaction has touched, and sees that
// all of them get its marker, commit or abort, even if it crashes in between.
// Requests and time go in; replies, batches for __transaction_state and
// requests for markers come out.
//
// It follows KIP-98, KIP-360 (a producer recovers by an epoch of its own),
// KIP-588 (PRODUCER_FENCED), KIP-664 (describe and list) and the first part of
// KIP-890 (leaders verify what they are about to append). Transaction
// version 2 (its second part: an epoch for each transaction, partitions added
// by Produce) is not offered: AddPartitionsToTxn goes to v3 for clients,
// EndTxn to v4, TxnOffsetCommit to v4, and the feature transaction.version is
// not advertised. Two-phase commit from outside (KIP-939) is not offered either.
//
// Duties of the caller:
//
//  1. After each call that takes the time, take everything out of Poll.
//  2. Call Tick when the Deadline is due. Ask for the Deadline after each drain.
//  3. Time never goes back. It is in microseconds.
//  4. Give each request a token of its own, not 0; its Reply comes once. A reply
//     to a connection that is gone is to be thrown away.
//  5. Append the batches of a partition of __transaction_state in the order of
//     their Append events, and report each by Appended, in that order too, when
//     it is replicated to the in-sync set or has failed.
//  6. At NeedIDs, ask the controller for a block of producer ids
//     (AllocateProducerIDs), and give it by IDs, or ask again when that fails.
//  7. At Markers, have the leader of each partition append the marker
//     (WriteTxnMarkers), and report each by Marked. What failed is asked for
//     again, after a while, by another Markers with the same ID.
//  8. When this broker becomes leader of a partition of __transaction_state: Load
//     all of its log, in order, to its end at that moment, then Loaded. When it
//     leads no longer: Unload.
//
// The loop, for a request that arrived:
//
//	c.Handle(now, token, clientID, host, request)
//	for e, ok := c.Poll(); ok; e, ok = c.Poll() {
//		switch e := e.(type) {
//		case desk.Reply:  send(e.Token, e.Resp)
//		case desk.Append: append(e.Partition, e.Batch) // later: c.Appended(now, e.ID, err)
//		case txn.Markers: write(e)                     // later: c.Marked(now, e.ID, topic, partition, err)
//		case txn.NeedIDs: ask()                        // later: c.IDs(now, first, count)
//		}
//	}
//	wake(c.Deadline())
//
// One commit's journey: InitProducerID writes (id, epoch, Empty) and answers.
// AddPartitionsToTxn writes Ongoing with the partitions and answers; the
// producer then writes to them by itself. EndTxn writes PrepareCommit: from
// here on the transaction is committed, whoever crashes; the producer is
// answered, and Markers goes out. When all partitions have their marker,
// CompleteCommit is written, and the next transaction may begin.
package txn
