package broker

import (
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/desk"
	"grapevine/protocols/kafka/txn"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The coordinators' logs, and WriteTxnMarkers (key 27)
//
// Behaviour: who leads a partition of __consumer_offsets or __transaction_state
// coordinates the groups or transactions that are hashed to it. It loads what
// is in the log when the high watermark has reached the place where it took
// office: then all of it is safe, and nothing of it can turn out to have been
// somebody else's. What the coordinators write is appended like a producer's
// records with acks=all. The marker of a transaction goes to the leaders of all
// partitions that it has touched, and is answered when it is replicated.
//
// Versions: WriteTxnMarkers 0 and 1.
//
// Not done: loading takes no time.

const loadBytes = 1 << 20 // read at once

// load gives a coordinator what is in its partition.
func (b *Broker) load(now int64, p *partition) {
	p.loaded = true
	for from, end := p.log.Start(), p.log.End(); from < end; {
		batches, _, err := p.log.Read(now, from, loadBytes, end)
		if err != nil {
			p.fail(b, err)
			break
		}
		if len(batches) == 0 {
			break // compaction took the last batches out
		}
		if p.internal == offsetsTopic {
			b.groups.Load(now, p.id.Partition, batches)
		} else {
			b.txns.Load(now, p.id.Partition, batches)
		}
		for rest := batches; len(rest) > 0; {
			h, size, err := batch.Peek(rest)
			if err != nil || size > len(rest) {
				break
			}
			from, rest = h.Next(), rest[size:]
		}
	}
	if p.internal == offsetsTopic {
		b.groups.Loaded(now, p.id.Partition, p.leaderEpoch)
	} else {
		b.txns.Loaded(now, p.id.Partition, p.leaderEpoch)
	}
}

// announce lets a coordinator say that it is about to load a partition.
func (b *Broker) announce(now int64, p *partition) {
	if p.internal == offsetsTopic {
		b.groups.Load(now, p.id.Partition, nil)
	} else {
		b.txns.Load(now, p.id.Partition, nil)
	}
}

// unload has a coordinator forget a partition.
func (b *Broker) unload(now int64, p *partition) {
	p.loaded = false
	if p.internal == offsetsTopic {
		b.groups.Unload(p.id.Partition)
	} else {
		b.txns.Unload(p.id.Partition)
	}
}

// drainCoordinators does what the coordinators want done. It reports whether
// there was anything.
func (b *Broker) drainCoordinators(now int64) bool {
	any := false
	for e, ok := b.groups.Poll(); ok; e, ok = b.groups.Poll() {
		any = true
		if a, ok := e.(desk.Append); ok {
			b.tellGroup(a.Batch)
		}
		b.heed(now, e, offsetsTopicName, ackGroup)
	}
	for e, ok := b.txns.Poll(); ok; e, ok = b.txns.Poll() {
		any = true
		b.heed(now, e, txnTopicName, ackTxn)
	}
	return any
}

// heed does one thing that a coordinator wants, whose internal topic it is.
func (b *Broker) heed(now int64, e desk.Event, topic string, what ackKind) {
	switch e := e.(type) {
	case desk.Reply:
		b.reply(now, e.Token, e.Resp)
	case desk.Append:
		b.coordinatorAppend(now, topic, e.Partition, ackWait{what: what, id: e.ID}, e.Batch)
	case txn.Markers:
		b.sendMarkers(now, e)
	case txn.NeedIDs:
		b.needIDs = true
		b.attend(now, ownIDs)
	}
}

// tellGroup tells of a new generation of a group that the coordinator writes down.
func (b *Broker) tellGroup(records []byte) {
	list, err := batch.Records(nil, records, batch.Limits{})
	if err != nil {
		return
	}
	for i := range list {
		var key kmsg.GroupMetadataKey
		var value kmsg.GroupMetadataValue
		if r := &list[i]; r.Value != nil && len(r.Key) > 1 && r.Key[1] == groupMetadataKey && key.ReadFrom(r.Key) == nil && value.ReadFrom(r.Value) == nil {
			b.tell(Event{Kind: Rebalanced, Group: key.Group, Epoch: value.Generation, Count: int32(len(value.Members))})
		}
	}
}

// groupMetadataKey is the version of a key of __consumer_offsets that is a
// group's, not an offset's.
const groupMetadataKey = 2

// allocation is the request for producer ids.
func (b *Broker) allocation() kmsg.Request {
	if !b.needIDs || !b.active {
		return nil
	}
	r := kmsg.NewPtrAllocateProducerIDsRequest()
	r.BrokerID, r.BrokerEpoch = b.config.ID, b.epoch
	return r
}

// coordinatorAppend appends what a coordinator writes. What fails at once is
// told when its turn comes: outcomes are told in order.
func (b *Broker) coordinatorAppend(now int64, topic string, number int32, a ackWait, records []byte) {
	p := b.lookup(topic, [16]byte{}, number)
	if p == nil || p.role != leading {
		b.acknowledge(now, p, a, kerr.NotLeaderForPartition)
		return
	}
	a.upTo, a.err = b.appendSafely(now, p, records)
	b.await(p, a)
}

// appendSafely appends if enough replicas are in sync.
func (b *Broker) appendSafely(now int64, p *partition, records []byte) (end int64, err *kerr.Error) {
	if len(p.isr) < p.minInsync {
		return p.log.End(), kerr.NotEnoughReplicas
	}
	_, last, failure := p.append(b, now, records)
	if failure == nil {
		return last + 1, nil
	}
	err, ok := failure.(*kerr.Error)
	if !ok {
		err = kerr.UnknownServerError
	}
	return p.log.End(), err
}

// markerWrite is one transaction's marker in one partition.
type markerWrite struct {
	topic    string
	number   int32
	producer int64
	commit   bool
	// who wants to know: a broker that asked, or our own coordinator
	request *markerRequest
	slot    *kmsg.WriteTxnMarkersResponseMarkerTopicPartition
	id      uint64
}

// markerRequest is a WriteTxnMarkers that is not answered yet.
type markerRequest struct {
	call   *call
	answer *kmsg.WriteTxnMarkersResponse
	left   int
}

// writeMarker appends a marker.
func (b *Broker) writeMarker(now int64, w *markerWrite, epoch int16, coordinatorEpoch int32) {
	a := ackWait{what: ackMarker, marker: w}
	p := b.lookup(w.topic, [16]byte{}, w.number)
	if p == nil {
		b.markerDone(now, nil, w, b.unknown(false, w.topic, [16]byte{}, w.number))
		return
	}
	if p.role != leading {
		b.markerDone(now, p, w, kerr.NotLeaderForPartition)
		return
	}
	delete(p.guards, w.producer) // what was verified before is over
	marker := batch.AppendMarker(nil, batch.Marker{Commit: w.commit, CoordinatorEpoch: coordinatorEpoch}, w.producer, epoch, b.config.Wall(now))
	if a.upTo, a.err = b.appendSafely(now, p, marker); a.err == nil {
		e := Event{Kind: Aborts, Topic: p.topic, Part: p.id.Partition, Leading: true, From: a.upTo - 1}
		if w.commit {
			e.Kind = Commits
		}
		b.tell(e)
	}
	b.await(p, a)
}

// markerDone tells what became of a marker.
func (b *Broker) markerDone(now int64, p *partition, w *markerWrite, err *kerr.Error) {
	if err == nil && p.internal == offsetsTopic {
		b.groups.Marker(now, w.number, w.producer, w.commit)
	}
	if w.request == nil {
		b.txns.Marked(now, w.id, w.topic, w.number, err)
		return
	}
	if err != nil {
		w.slot.ErrorCode = err.Code
	}
	if w.request.left--; w.request.left == 0 {
		b.respond(w.request.call, w.request.answer)
	}
}

// sendMarkers has a transaction's markers written, here and elsewhere.
func (b *Broker) sendMarkers(now int64, e txn.Markers) {
	elsewhere := map[int32]*kmsg.WriteTxnMarkersRequest{}
	var nodes []int32
	for _, to := range e.Partitions {
		t := b.image.Topic(to.Topic)
		if t == nil || to.Partition < 0 || int(to.Partition) >= len(t.Partitions) {
			b.txns.Marked(now, e.ID, to.Topic, to.Partition, kerr.UnknownTopicOrPartition)
			continue
		}
		leader := t.Partitions[to.Partition].Leader
		switch leader {
		case -1:
			b.txns.Marked(now, e.ID, to.Topic, to.Partition, kerr.LeaderNotAvailable)
			continue
		case b.config.ID:
			w := &markerWrite{topic: to.Topic, number: to.Partition, producer: e.ProducerID, commit: e.Commit, id: e.ID}
			b.writeMarker(now, w, e.ProducerEpoch, e.CoordinatorEpoch)
			continue
		}
		r := elsewhere[leader]
		if r == nil {
			r = kmsg.NewPtrWriteTxnMarkersRequest()
			m := kmsg.NewWriteTxnMarkersRequestMarker()
			m.ProducerID, m.ProducerEpoch, m.Committed, m.CoordinatorEpoch = e.ProducerID, e.ProducerEpoch, e.Commit, e.CoordinatorEpoch
			r.Markers = append(r.Markers, m)
			elsewhere[leader] = r
			nodes = append(nodes, leader)
		}
		m := &r.Markers[0]
		if n := len(m.Topics); n == 0 || m.Topics[n-1].Topic != to.Topic {
			m.Topics = append(m.Topics, kmsg.WriteTxnMarkersRequestMarkerTopic{Topic: to.Topic})
		}
		last := &m.Topics[len(m.Topics)-1]
		last.Partitions = append(last.Partitions, to.Partition)
	}
	for _, node := range nodes {
		b.ask(now, node, forMarkers, errand{what: errandMarkers, id: e.ID}, elsewhere[node], b.config.Settings.RequestMicros)
	}
}

// marked takes another broker's answer, nil: there is none.
func (b *Broker) marked(now int64, id uint64, request *kmsg.WriteTxnMarkersRequest, response *kmsg.WriteTxnMarkersResponse) {
	for _, t := range request.Markers[0].Topics {
		for _, number := range t.Partitions {
			b.txns.Marked(now, id, t.Topic, number, markerError(response, t.Topic, number))
		}
	}
}

func markerError(response *kmsg.WriteTxnMarkersResponse, topic string, number int32) *kerr.Error {
	if response != nil {
		for i := range response.Markers {
			for _, t := range response.Markers[i].Topics {
				for _, p := range t.Partitions {
					if t.Topic == topic && p.Partition == number {
						return kerr.TypedErrorForCode(p.ErrorCode)
					}
				}
			}
		}
	}
	return kerr.NotLeaderForPartition // as good as any that has it tried again
}

func (b *Broker) handleWriteTxnMarkers(now int64, k *call, r *kmsg.WriteTxnMarkersRequest) {
	answer := r.ResponseKind().(*kmsg.WriteTxnMarkersResponse)
	request := &markerRequest{call: k, answer: answer, left: 1}
	for i := range r.Markers {
		m := &r.Markers[i]
		o := kmsg.WriteTxnMarkersResponseMarker{ProducerID: m.ProducerID}
		for _, t := range m.Topics {
			topic := kmsg.WriteTxnMarkersResponseMarkerTopic{Topic: t.Topic, Partitions: make([]kmsg.WriteTxnMarkersResponseMarkerTopicPartition, len(t.Partitions))}
			for j, number := range t.Partitions {
				slot := &topic.Partitions[j]
				slot.Partition = number
				request.left++
				w := &markerWrite{topic: t.Topic, number: number, producer: m.ProducerID, commit: m.Committed, request: request, slot: slot}
				b.writeMarker(now, w, m.ProducerEpoch, m.CoordinatorEpoch)
			}
			o.Topics = append(o.Topics, topic)
		}
		answer.Markers = append(answer.Markers, o)
	}
	if request.left--; request.left == 0 {
		b.respond(k, answer)
	}
}
