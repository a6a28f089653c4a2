// Package kafka is the map of Grapevine's Kafka: a broker, a controller, a
// producer and a consumer, as machines that take bytes and time and give bytes
// and events. The messages are those of github.com/twmb/franz-go/pkg/kmsg; the
// states are ours. A stock client can talk to it.
//
// From the wire up:
//
//   - schema: what messages are made of, field by field and version by version
//   - wire: frames, headers, which APIs in which versions
//   - compress: gzip, Snappy, LZ4, zstd
//   - batch: record batches (KIP-98), compressed or not
//   - log: one partition's log on a disk: segments, indexes, recovery
//   - quorum, meta, controller: the metadata log, replicated by Raft (KIP-595,
//     KIP-631), and what follows from it: brokers, topics, leaders
//   - group, txn: the coordinators of consumer groups and transactions; desk is
//     what they have in common
//   - broker: a node of the cluster, which joins all of these
//   - client: the producer and the consumer
//   - dissect: every byte of a request, a response or a batch by its name
//   - kafkatest: a cluster in memory, for tests
//
// Left out, here and there, and each package's own doc says more:
//
//   - of clients: security (SASL, TLS, ACLs, delegation tokens), quotas,
//     telemetry (KIP-714)
//   - of groups: the newer protocol (KIP-848), share groups, streams groups
//   - of transactions: an epoch for each (KIP-890, second part), two-phase
//     commit (KIP-939)
//   - of reading: fetch sessions (KIP-227), followers (KIP-392), topic IDs in
//     Produce and in offsets
//   - of the log: message formats before version 2, log append time, tiered
//     storage, several directories, delete horizons (KIP-534)
//   - of the cluster: snapshots of the metadata log (KIP-630), voters that
//     change (KIP-853), features (KIP-584), racks, the throttle of
//     reassignments, leaders balanced by themselves, ZooKeeper
package kafka
