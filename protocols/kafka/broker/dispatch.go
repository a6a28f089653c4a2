package broker

import (
	"grapevine/protocols/kafka/controller"
	"grapevine/protocols/kafka/wire"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	keyProduce = 0
	keyFetch   = 1
)

// dispatch hands a request to whom it concerns. The table of wire has already
// refused all others.
func (b *Broker) dispatch(now int64, k *call, request kmsg.Request) {
	switch r := request.(type) {
	case *kmsg.ProduceRequest:
		b.handleProduce(now, k, r)
	case *kmsg.FetchRequest:
		b.handleFetch(now, k, r)
	case *kmsg.ListOffsetsRequest:
		b.handleListOffsets(now, k, r)
	case *kmsg.MetadataRequest:
		b.handleMetadata(now, k, r)
	case *kmsg.FindCoordinatorRequest:
		b.handleFindCoordinator(now, k, r)
	case *kmsg.ApiVersionsRequest:
		b.handleAPIVersions(k, r)
	case *kmsg.DeleteRecordsRequest:
		b.handleDeleteRecords(now, k, r)
	case *kmsg.OffsetForLeaderEpochRequest:
		b.handleOffsetForLeaderEpoch(k, r)
	case *kmsg.WriteTxnMarkersRequest:
		b.handleWriteTxnMarkers(now, k, r)
	case *kmsg.DescribeConfigsRequest:
		b.handleDescribeConfigs(k, r)
	case *kmsg.DescribeLogDirsRequest:
		b.handleDescribeLogDirs(k, r)
	case *kmsg.DescribeClusterRequest:
		b.handleDescribeCluster(k, r)
	case *kmsg.DescribeProducersRequest:
		b.handleDescribeProducers(k, r)
	case *kmsg.DescribeTopicPartitionsRequest:
		b.handleDescribeTopicPartitions(k, r)

	case *kmsg.OffsetCommitRequest, *kmsg.OffsetFetchRequest, *kmsg.JoinGroupRequest, *kmsg.HeartbeatRequest,
		*kmsg.LeaveGroupRequest, *kmsg.SyncGroupRequest, *kmsg.DescribeGroupsRequest, *kmsg.ListGroupsRequest,
		*kmsg.TxnOffsetCommitRequest, *kmsg.DeleteGroupsRequest, *kmsg.OffsetDeleteRequest:
		b.groups.Handle(now, b.tokenOf(k), k.client, "", r)

	case *kmsg.InitProducerIDRequest, *kmsg.AddPartitionsToTxnRequest, *kmsg.AddOffsetsToTxnRequest,
		*kmsg.EndTxnRequest, *kmsg.DescribeTransactionsRequest, *kmsg.ListTransactionsRequest:
		b.txns.Handle(now, b.tokenOf(k), k.client, "", r)

	// The quorum's own, and what brokers ask of the active controller, which
	// they name themselves.
	case *kmsg.VoteRequest, *kmsg.BeginQuorumEpochRequest, *kmsg.EndQuorumEpochRequest, *kmsg.AlterPartitionRequest,
		*kmsg.BrokerRegistrationRequest, *kmsg.BrokerHeartbeatRequest, *kmsg.AllocateProducerIDsRequest:
		b.node.Handle(now, b.tokenOf(k), r)

	default:
		b.toController(now, k, r)
	}
}

// pending is what a token of the controller's or a coordinator's stands for.
type pending struct {
	call    *call
	forward *forward
	verify  *verification
	own     kmsg.Request
	id      uint64
}

// token gives a number to what waits for an answer.
func (b *Broker) token(p pending) uint64 {
	b.lastToken++
	b.pending[b.lastToken] = p
	return b.lastToken
}

func (b *Broker) tokenOf(k *call) uint64 {
	k.token = b.token(pending{call: k})
	return k.token
}

// reply takes an answer of the controller's or a coordinator's.
func (b *Broker) reply(now int64, token uint64, answer kmsg.Response) {
	p, ok := b.pending[token]
	if !ok {
		return // its connection is gone
	}
	delete(b.pending, token)
	switch {
	case p.call != nil:
		p.call.token = 0
		b.respond(p.call, answer)
	case p.forward != nil:
		b.forwarded(now, p.forward, p.id, answer)
	case p.verify != nil:
		b.verified(now, p.verify, answer)
	default:
		b.ownAnswered(now, p.id, p.own, answer)
	}
}

// drainNode does what the controller wants done. It reports whether there was anything.
func (b *Broker) drainNode(now int64) bool {
	any := false
	for e, ok := b.node.Poll(); ok; e, ok = b.node.Poll() {
		any = true
		switch e.Kind {
		case controller.Reply:
			b.reply(now, e.Token, e.Response)
		case controller.Request:
			p, timeout := forVotes, b.config.Settings.QuorumFetchMicros
			if e.Request.Key() == keyFetch {
				p = forMetadata
			}
			b.ask(now, e.To, p, errand{what: errandNode, id: e.ID}, e.Request, timeout)
		case controller.Leader:
			b.tell(Event{Kind: Controller, Node: e.Node, Epoch: e.Epoch})
			b.controllerChanged(now)
		case controller.Changed:
			b.changed(now, &e.Delta)
		}
	}
	return any
}

// handleAPIVersions answers key 18: what clients may ask.
//
// Versions: 0 to 4; a newer one is answered in version 0 (wire).
//
// Not done: features.
func (b *Broker) handleAPIVersions(k *call, r *kmsg.ApiVersionsRequest) {
	answer := r.ResponseKind().(*kmsg.ApiVersionsResponse)
	answer.ApiKeys = wire.Offered()
	b.respond(k, answer)
}
