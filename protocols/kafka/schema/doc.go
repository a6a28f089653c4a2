// Package schema says what Kafka's messages are made of: for each API that
// wire speaks, the fields of its request and its response, in which versions
// they are there. It is data, and one walk over bytes by that data.
//
// wire fills kmsg's structures by it and writes them, and walks each body
// before, to be sure that no claim of a peer's (a billion elements, four
// billion tags) costs more than the bytes it sent; dissect walks it to name
// every byte. kmsg says the same by generated code: tests hold the two against
// each other, field by field.
//
// A message is written as in the Kafka protocol guide, on one line of words:
//
//	group_id:string                    a field and its type
//	rack:string?                       may be null
//	topics:[]string                    an array
//	topics:[ name:string ]             an array of structures
//	cursor:{ topic:string }            a structure
//	throttle_ms:int32/1+               from version 1 on
//	replica_id:int32/0-14              in versions 0 to 14
//	rack:string?3+/1+                  from version 1 on, null from version 3 on
//	cluster_id:string?#0               tagged field 0 (KIP-482)
//	leader_epoch:int32/7+=-1           -1 where it is not there
//
// Fields stand in the order of kmsg's structures, which is that of the bytes;
// tagged fields come last in the bytes, wherever they stand.
//
// The names are kmsg's, in the guide's spelling; where the two differ, the
// guide's.
//
// Left out: APIs that are not in wire's table, and the headers of messages.
package schema
