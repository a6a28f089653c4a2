package controller

import (
	"slices"

	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// active is the active controller. It decides by an image that is ahead of the
// committed one by what it has proposed, and answers when that is committed.
// Its life ends with its leadership: what was proposed and not decided by then
// is its successor's affair, and who waits is told to ask there.
type active struct {
	n        *Node
	epoch    int32
	image    *meta.Image
	values   [][]byte  // records of the request that is being handled, in the image already
	bytes    int       // and their size
	proposed int64     // the image is the log up to here
	waiting  []waiting // by offset
	sessions []session // by broker
}

// waiting is an answer that waits for the log up to an offset to be decided.
type waiting struct {
	until    int64
	token    uint64
	request  kmsg.Request
	response kmsg.Response
}

// activate begins the life of an active controller.
func (n *Node) activate() {
	_, epoch := n.quorum.Leader()
	a := &active{n: n, epoch: epoch, image: n.image.Clone(), proposed: n.image.End()}
	n.active = a
	for _, b := range a.image.Brokers() {
		a.session(b.ID).heard = n.now // its time begins anew
	}
}

// settle answers those whose decisions are committed, and ends the
// controller's life when it leads no more.
func (a *active) settle() {
	if leader, epoch := a.n.quorum.Leader(); leader != a.n.c.Self || epoch != a.epoch {
		a.n.active = nil
		for _, w := range a.waiting {
			a.n.reply(w.token, notHere(w.request))
		}
		return
	}
	i := 0
	for i < len(a.waiting) && a.waiting[i].until <= a.n.image.End() {
		a.n.reply(a.waiting[i].token, a.waiting[i].response)
		i++
	}
	a.waiting = slices.Delete(a.waiting, 0, i)
}

// handle decides about a request.
func (a *active) handle(token uint64, request kmsg.Request) {
	var response kmsg.Response
	switch r := request.(type) {
	case *kmsg.BrokerHeartbeatRequest:
		response = a.heartbeat(r)
	case *kmsg.AlterPartitionRequest:
		response = a.alterPartition(r)
	case *kmsg.BrokerRegistrationRequest:
		response = a.register(r)
	case *kmsg.UnregisterBrokerRequest:
		response = a.unregister(r)
	case *kmsg.AllocateProducerIDsRequest:
		response = a.allocateProducerIDs(r)
	case *kmsg.CreateTopicsRequest:
		response = a.createTopics(r)
	case *kmsg.DeleteTopicsRequest:
		response = a.deleteTopics(r)
	case *kmsg.CreatePartitionsRequest:
		response = a.createPartitions(r)
	case *kmsg.ElectLeadersRequest:
		response = a.electLeaders(r)
	case *kmsg.AlterConfigsRequest:
		response = a.alterConfigs(r)
	case *kmsg.IncrementalAlterConfigsRequest:
		response = a.incrementalAlterConfigs(r)
	case *kmsg.AlterPartitionAssignmentsRequest:
		response = a.reassign(r)
	case *kmsg.ListPartitionReassignmentsRequest:
		response = a.listReassignments(r)
	default:
		return // none that Handles names
	}
	if !a.propose() {
		return // the quorum has failed or resigned: settle sees to the rest
	}
	a.waiting = append(a.waiting, waiting{a.proposed, token, request, response})
}

// add makes a record part of what is proposed next. The image has it at once.
func (a *active) add(r meta.Record) {
	if err := a.image.Apply(a.next(), r); err != nil {
		panic("kafka: the controller made a record that makes no sense: " + err.Error())
	}
	value := meta.AppendRecord(nil, r)
	a.values, a.bytes = append(a.values, value), a.bytes+len(value)
}

// maxProposalBytes bounds what a request may make us decide at once; what is
// begun below it stays well below the quorum's own limit.
const maxProposalBytes = 4 << 20

// full says that the request has asked for enough, or all requests have: what
// the metadata log may still grow is kept for who lives and who leads.
func (a *active) full() bool { return a.bytes > maxProposalBytes || a.n.quorum.Crowded() }

func (a *active) fullRefusal() *refusal {
	if a.n.quorum.Crowded() {
		return refusef(kerr.PolicyViolation, "The metadata log is half full, and the rest is kept for elections: begin a new cluster")
	}
	return refusef(kerr.PolicyViolation, "The request makes more than %d bytes of metadata: ask for less at a time", maxProposalBytes)
}

// next is the offset of the record that is added next.
func (a *active) next() int64 { return a.n.quorum.End() + int64(len(a.values)) }

// propose gives the records that were added to the quorum, as one batch: they
// are all decided, or none is.
func (a *active) propose() bool {
	if len(a.values) == 0 {
		return true
	}
	_ = a.image.Delta()
	last, err := a.n.quorum.Propose(a.n.now, a.values)
	clear(a.values)
	a.values, a.bytes = a.values[:0], 0
	if err != nil {
		a.n.quorum.Resign(a.n.now) // the image is ahead of what can be decided
		return false
	}
	a.proposed = last + 1
	return true
}

// change makes a partition what is wanted of it, as far as the rules allow, and
// says whether that changed anything.
func (a *active) change(t *meta.Topic, partition int, c change) bool {
	id := meta.PartitionID{Topic: t.ID, Partition: int32(partition)}
	r := decide(id, &t.Partitions[partition], c, rules{
		active:    func(id int32) bool { return a.image.Broker(id).Active() },
		minInsync: a.n.minInsyncOf(a.image, t.Name),
		unclean:   a.image.Value(a.n.unclean, t.Name, nobody, a.n.c.Static) == "true",
	})
	if r == nil {
		return false
	}
	a.add(r)
	return true
}

// changeAll asks the same of all partitions of the cluster that concern a
// broker, or of all if it is nobody.
func (a *active) changeAll(broker int32, c change) {
	for _, t := range a.image.Topics() {
		for i := range t.Partitions {
			if broker == nobody || slices.Contains(t.Partitions[i].Replicas, broker) {
				a.change(t, i, c)
			}
		}
	}
}
