// Package log is one partition's log: record batches in order, each record
// with an offset, in files on a Disk. It survives a crash of its node.
//
// Duties of the caller:
//
//  1. Open a Log for each partition's directory at the beginning of a node's
//     life. Two Logs never share a directory.
//  2. Pass the time to whatever takes it: microseconds, never going back.
//  3. With FlushEach only what lies below Durable survives a crash: ask it at
//     Deadline. All else that a Log does in the background (sealing segments,
//     replacing compacted ones) happens within the calls that take the time,
//     so an idle log costs nothing.
//  4. After an error of the disk (kerr.KafkaStorageError) nothing was changed.
//
// The loop, for a leader:
//
//	l, err := log.Open(now, disk, "orders-0", config)
//	first, last, err := l.Append(now, batches, epoch)
//	...
//	batches, at, err := l.Read(now, fetchOffset, maxBytes, highWatermark)
//	// send them when it is at
//
// and for a follower, with what the leader's Read gave:
//
//	err := l.Replicate(now, batches)
//
// A segment is a file of batches named by its first offset. Beside it lie the
// indexes that find an offset or a time in it, and a snapshot of what has to
// be known before its first batch: leader epochs and producers. Those files
// are written when a segment is sealed, that is when the next one has begun
// and all bytes are safe; files.go says how, recover.go how a Log is opened
// after a crash.
//
// Left out: message formats before version 2 (refused), log append time,
// tiered storage, several log directories a broker, and the mark of a clean
// shutdown: every Open reads the last segment through.
package log
