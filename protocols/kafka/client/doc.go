// Package client is a Kafka client as a machine: a producer and a consumer
// that share connections and metadata. Bytes and time go in, bytes and events
// come out; no clock, no network, no thread.
//
// A Client stands for one program's Kafka library: it dials, negotiates
// versions, knows which broker leads which partition, and asks again when that
// has changed. Producers and Consumers are made from it. Each of the three has
// its own events.
//
// Duties of the caller:
//
//  1. Drain after each method that takes the time: Client.Poll until there is
//     nothing, Output of each connection it names, then Poll of each Producer and
//     Consumer. Several Sends may come before one drain, and then share a batch.
//  2. Dial when told, and say Opened or Closed. Close when told to Hangup.
//  3. Call Tick when the Deadline is due. Ask for the Deadline after each drain.
//  4. Time never goes back. It is in microseconds; a record's timestamp is in
//     milliseconds, and Config.Wall makes one from the other.
//  5. What Output returns is valid until the next call of a method of the same
//     Client that takes the time. The list of records that Take returns is valid
//     until the next Take; their keys and values stay. What goes into Send is copied.
//
// The loop:
//
//	c := client.New(client.Config{Bootstrap: []client.Address{{"127.0.0.1", 9092}}, Rand: rand})
//	p, err := c.NewProducer(now, client.ProducerConfig{Acks: client.AcksAll, Idempotent: true})
//	err = p.Send(now, client.Message{Topic: "t", Partition: client.AnyPartition, Key: key, Value: value, ID: 7})
//	for e, ok := c.Poll(); ok; e, ok = c.Poll() {
//		switch e.Kind {
//		case client.Dial: // connect to e.Host, e.Port; later c.Opened(now, e.Conn), c.Receive(now, e.Conn, bytes)
//		case client.Send: // write c.Output(e.Conn)
//		case client.Hangup: // close
//		}
//	}
//	for e, ok := p.Poll(); ok; e, ok = p.Poll() {
//		// e.Kind is Acked or Failed, e.ID is 7
//	}
//	wake(c.Deadline()) // then c.Tick(now)
//
// A consumer is pulled, as every Kafka consumer is: the event Ready says that
// there are records, and Take returns some. To take more says that those taken
// before have been worked on; a consumer that takes no more for longer than
// MaxPollMicros leaves its group.
//
//	k, err := c.NewConsumer(now, client.ConsumerConfig{Group: "g", Topics: []string{"t"}})
//	...
//	for e, ok := k.Poll(); ok; e, ok = k.Poll() {
//		// Assigned, Revoked, Ready, ...
//	}
//	for r, ok := k.Take(now, 500); ok; r, ok = k.Take(now, 500) {
//		// work on r.Records
//	}
//
// One record's journey: Send has the partitioner choose a partition and
// encodes the record into that partition's open batch. When the batch is full,
// or LingerMicros old, and the leader's connection has fewer than MaxInFlight
// requests under way, the batch gets its sequence number and goes into a
// Produce request with the other ready batches of that broker. An error that
// may go away (no leader, disconnected) puts it back and has the metadata
// refreshed; the answer without one makes an Acked of each of its records.
// Elsewhere a Fetch that has waited at the leader is answered with the batch;
// Take opens it and returns the record with its offset, and the next commit
// tells the group's coordinator.
//
// A static member that dies between the two rounds of a cooperative rebalance
// and comes back is given the partitions of the first: what it gave back has no
// owner until the group rebalances again. KIP-345 and KIP-429 say so together.
//
// Not done: the newer group protocol (KIP-848); topics by their IDs in Produce
// and Fetch (versions from 13 on); fetch sessions (KIP-227); reading from
// followers (KIP-392); transactions that bump their epoch each time (KIP-890,
// second part); subscriptions by a pattern; the offset of a time; racks; a
// partitioner that heeds the brokers' load (KIP-794); security; telemetry
// (KIP-714). Requests of administrators are for others to make.
package client
