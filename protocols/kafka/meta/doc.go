// Package meta is what a Kafka cluster knows of itself: brokers, topics,
// partitions and settings, as records of the metadata log (KIP-631) and as
// the Image that they add up to.
//
// Duties of the caller:
//
//  1. Apply the records of the log to an Image in their order, each batch
//     whole. Equal logs make equal images.
//  2. Take the Delta when it is of use: it says what has changed since it was
//     last taken.
//  3. Read only. What an Image hands out is valid until the next Apply; the
//     slices in it (Replicas, ISR, Listeners) are replaced and never changed,
//     so they may be kept.
//
// The loop:
//
//	for _, value := range values {
//		record, err := meta.Parse(value)
//		err = image.Apply(offset, record)
//	}
//	delta := image.Delta()
//
// Records are Kafka's own, with their names, numbers and fields, each in the
// oldest version that has the fields we need.
//
// Left out: snapshots of the log (a broker reads all of it when it starts; its
// size has a limit, see protocols/kafka/quorum), security, quotas, features,
// log directories, and the ID of the replica's directory in a partition.
package meta
