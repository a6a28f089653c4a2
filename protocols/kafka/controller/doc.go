// Package controller is a node's part in the rule of its cluster: it takes
// part in the quorum that replicates the metadata log (KIP-595, KIP-631),
// follows what is committed there as a meta.Image, and, when it is elected, is
// the active controller, which decides who leads each partition.
//
// Every broker has a Node. Those that Config.Voters names vote; the others
// observe: they fetch the log and never lead.
//
// Duties of the caller:
//
//  1. Give Handle the requests of the APIs that Handles names, whoever sent
//     them. Requests of clients and brokers for the active controller (all but
//     the quorum's own) go to the node that Leader names; any other answers
//     NOT_CONTROLLER. Each token is answered with one Reply.
//  2. Send each Request to the node it names, and give its answer to Received,
//     or nil if it could not be sent or the connection ended.
//  3. After each call that changes the Node take events out of Poll until
//     there is none. Call Tick when the Deadline is due. Time never goes back.
//  4. Register and heartbeat as a broker: BrokerRegistration with a fresh
//     incarnation ID when the process starts, again and again until it is taken
//     (DUPLICATE_BROKER_REGISTRATION: the controller still believes in the former
//     life), then BrokerHeartbeat every HeartbeatMicros, with Image().End()-1 as
//     the offset reached. The broker stays fenced until it has caught up and
//     does not ask to be (WantFence).
//  5. Keep the rules of safety below.
//
// The loop:
//
//	n.Handle(now, token, request)
//	for e, ok := n.Poll(); ok; e, ok = n.Poll() {
//		switch e.Kind {
//		case controller.Reply: // e.Token, e.Response
//		case controller.Request: // e.ID, e.To, e.Request
//		case controller.Leader: // e.Node, e.Epoch
//		case controller.Changed: // e.Delta, n.Image()
//		}
//	}
//
// # Safety, for the broker
//
// A record acknowledged with acks=all and min.insync.replicas=2 is not lost,
// as long as not all of its holders lose it, if every broker keeps to this:
//
//  1. It acts on nothing in the image, neither as leader nor as follower,
//     until the image holds its own registration: Broker(self).Epoch is the
//     epoch its BrokerRegistration was answered with. What older images say of
//     it was said of its former life, which had more in its log.
//  2. PreviousBrokerEpoch in its registration is the epoch of its former life
//     if nothing can be lost that it had counted as its own (a clean
//     shutdown; or a log where only synced records count), else -1. With -1 it
//     leaves every in-sync set and ELR that has another member (KIP-966).
//  3. As leader it moves the high watermark only if the in-sync set has at
//     least MinInsync members (KIP-966); it counts a member that it has asked
//     to add at once, and one that it has asked to drop until the image drops it
//     (KIP-497). The in-sync set is what the image says, not the answer to
//     AlterPartition: a change of min.insync.replicas that was decided before
//     may still be on its way.
//  4. As leader it forgets where a follower was when it fetches with a new
//     broker epoch (ReplicaState, KIP-903), and names the epochs in NewEpochISR.
//  5. It counts its own log, and as follower fetches (which says "I have all
//     before this"), only up to where it counts as durable.
//
// Left out: snapshots of the metadata log, the balancing of leaders that Kafka
// does every five minutes (ElectLeaders does it on demand), racks, delegation
// tokens, ACLs, quotas, features, changing the voters.
package controller
