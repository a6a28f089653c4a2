// Package batch reads and writes record batches of format version 2 (KIP-98,
// and the Kafka protocol guide's "Record Batch"): what producers send, what
// brokers keep on their disks as it came, and what consumers get.
//
// A batch is a header of 61 bytes and records, which may be compressed all
// together. Offsets and timestamps of records are differences to the header's,
// so that the broker, which gives the offsets, writes 8 bytes for a batch
// however many records there are (SetOffset). A CRC-32C covers what follows
// it; the base offset and the leader epoch lie outside, for that reason.
//
// A broker calls Parse and SetOffset. A producer has a Builder; a consumer
// calls Records. Nothing here keeps state beyond a Builder's buffers.
//
// Errors are the peer's or the disk's. ErrShort says that the rest is still to
// come; ErrOldFormat that the batch is of format 0 or 1, which a broker answers
// with UNSUPPORTED_FOR_MESSAGE_FORMAT; ErrCorrupt, that bytes are not what the
// CRC says (CORRUPT_MESSAGE); all others that the batch is not a batch
// (INVALID_RECORD).
//
// Left out: formats 0 and 1, and delete horizons.
package batch
