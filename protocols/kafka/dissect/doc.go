// Package dissect names every byte of a Kafka connection: frames, headers, the
// fields of requests and responses by protocols/kafka/schema, and record
// batches down to each record's key and value.
//
// A connection's two directions are dissected apart, each from its first byte:
//
//	Requests(said)          // from the one that dialled
//	Responses(said, asked)  // from the broker
//
// A response does not say what it answers. Who knows which request had which
// correlation id passes that as asked: AskedBy finds it in the bytes of the
// other direction. Without it, a response shows its correlation id alone.
//
// Any bytes will do. Those that cannot be read, or end before their frame
// does, are named as far as they can be, and the rest is one field.
//
// Records that are compressed are one field, whose value says what is in it:
// they have no place of their own among the bytes.
//
// What lies more than 256 KiB before the end of the bytes is one field for
// each frame, or for each batch in a frame that goes on: who looks at a
// connection looks at its last segment, and it may have carried megabytes.
package dissect
