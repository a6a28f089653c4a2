package broker

import (
	"slices"

	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/meta"
	"grapevine/protocols/kafka/timers"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Fetch (key 1)
//
// Behaviour: whole batches from an offset on, as they lie in the log: to a
// replica up to the log's end, to a consumer up to the high watermark, or, of
// what is committed only, up to the last stable offset, with the transactions
// among it that were aborted (KIP-98). An answer with fewer than MinBytes waits
// for more, up to MaxWait; an error is answered at once. The first batch comes
// even if it is larger than the limits (KIP-74). Leader epochs are checked
// (KIP-320), a log that diverges is told where (KIP-595). Whoever asks the
// wrong broker learns who leads (KIP-951). Sessions (KIP-227) are declined:
// every answer has session 0, and each request names all it wants.
//
// Versions: 4 to 17; from 13 on by topic id.
//
// Not done: sessions, reading from followers (KIP-392), tiered storage.

// fetchWait is a Fetch that is not answered yet.
type fetchWait struct {
	call      *call
	request   *kmsg.FetchRequest
	replica   bool
	committed bool
	woken     bool
	waiting   bool
	parked    []*partition        // that will wake it
	answer    *kmsg.FetchResponse // that waits for the disk
	timer     timers.Timer[alarm] // when it is answered at the latest, or when the disk is done
}

// parked is a fetchWait at a partition, and from where on it wants to read.
type parked struct {
	wait *fetchWait
	from int64
}

func (b *Broker) handleFetch(now int64, k *call, r *kmsg.FetchRequest) {
	if isMetadata(r) {
		b.node.Handle(now, b.tokenOf(k), r)
		return
	}
	if r.SessionID != 0 && r.SessionEpoch > 0 {
		answer := r.ResponseKind().(*kmsg.FetchResponse)
		answer.ErrorCode = kerr.FetchSessionIDNotFound.Code
		b.respond(k, answer)
		return
	}
	id, epoch := r.ReplicaID, int64(-1)
	if r.Version >= 15 {
		id, epoch = r.ReplicaState.ID, r.ReplicaState.Epoch
	}
	w := &fetchWait{call: k, request: r, replica: id >= 0, committed: r.IsolationLevel == 1}
	w.timer.Of = w
	k.fetch = w
	if w.replica {
		b.observe(now, r, id, epoch)
	}
	if b.answerFetch(now, w, r.MaxWaitMillis <= 0) {
		return
	}
	w.waiting = true
	b.stats.FetchesWaiting++
	b.timers.Set(&w.timer, now+int64(r.MaxWaitMillis)*1000)
	for i := range r.Topics {
		t := &r.Topics[i]
		for j := range t.Partitions {
			p := b.lookup(t.Topic, t.TopicID, t.Partitions[j].Partition)
			if p != nil && p.role == leading && !p.parks(w) { // of one that is named twice, the first counts
				p.fetches = append(p.fetches, parked{w, t.Partitions[j].FetchOffset})
				w.parked = append(w.parked, p)
			}
		}
	}
}

// parks reports whether a Fetch was the last to be parked here.
func (p *partition) parks(w *fetchWait) bool {
	return len(p.fetches) > 0 && p.fetches[len(p.fetches)-1].wait == w
}

// isMetadata reports whether a Fetch is of the quorum's log.
func isMetadata(r *kmsg.FetchRequest) bool {
	return len(r.Topics) == 1 && (r.Topics[0].Topic == metadataTopic || r.Version >= 13 && r.Topics[0].TopicID == metadataID)
}

const metadataTopic = "__cluster_metadata"

var metadataID = meta.ID{15: 1} // Kafka's own

// observe takes note of what a follower has by now.
func (b *Broker) observe(now int64, r *kmsg.FetchRequest, id int32, epoch int64) {
	for i := range r.Topics {
		t := &r.Topics[i]
		for j := range t.Partitions {
			a := &t.Partitions[j]
			p := b.lookup(t.Topic, t.TopicID, a.Partition)
			if p == nil || p.checkFetch(a) != nil || p.diverges(a) {
				continue
			}
			if f := p.follower(id); f != nil {
				p.fetched(b, now, f, epoch, a.FetchOffset)
			}
		}
	}
}

// checkFetch says why nothing can be read where a Fetch wants to.
func (p *partition) checkFetch(a *kmsg.FetchRequestTopicPartition) *kerr.Error {
	if err := p.checkLeader(a.CurrentLeaderEpoch); err != nil {
		return err
	}
	if a.FetchOffset < p.log.Start() || a.FetchOffset > p.log.End() {
		if !p.diverges(a) {
			return kerr.OffsetOutOfRange
		}
	}
	return nil
}

// checkLeader says why this broker does not speak for the partition. An epoch
// of -1 is that of a client that does not know it.
func (p *partition) checkLeader(epoch int32) *kerr.Error {
	switch {
	case p.role == failed:
		return kerr.KafkaStorageError
	case epoch >= 0 && epoch < p.leaderEpoch:
		return kerr.FencedLeaderEpoch
	case epoch > p.leaderEpoch:
		return kerr.UnknownLeaderEpoch
	case p.role != leading:
		return kerr.NotLeaderForPartition
	}
	return nil
}

// diverges reports whether the reader's last batch is of another history.
func (p *partition) diverges(a *kmsg.FetchRequestTopicPartition) bool {
	if a.LastFetchedEpoch < 0 {
		return false
	}
	epoch, end := p.log.EndOffsetFor(a.LastFetchedEpoch)
	return epoch >= 0 && (epoch < a.LastFetchedEpoch || end < a.FetchOffset)
}

// wake has a Fetch looked at again.
func (b *Broker) wake(w *fetchWait) {
	if !w.woken && w.answer == nil {
		w.woken = true
		b.woken = append(b.woken, w)
	}
}

// ring is called when a Fetch has waited long enough, or the disk is done.
func (w *fetchWait) ring(b *Broker, now int64) {
	switch {
	case w.call.done:
	case w.answer != nil:
		b.respond(w.call, w.answer)
	default:
		b.answerFetch(now, w, true)
	}
}

// dropFetch takes a Fetch out of everywhere.
func (b *Broker) dropFetch(w *fetchWait) {
	b.timers.Stop(&w.timer)
	if w.call.fetch == nil {
		return
	}
	w.call.fetch = nil
	if w.waiting {
		w.waiting = false
		b.stats.FetchesWaiting--
	}
	for _, p := range w.parked {
		p.fetches = slices.DeleteFunc(p.fetches, func(other parked) bool { return other.wait == w })
	}
	w.parked = nil
}

// answerFetch answers if there is enough to say, or if it is the last chance.
func (b *Broker) answerFetch(now int64, w *fetchWait, last bool) bool {
	w.woken = false
	if !last && !b.hasNews(w) {
		return false
	}
	answer, size, at, urgent := b.readFetch(now, w)
	if !last && !urgent && size < int(w.request.MinBytes) {
		return false
	}
	b.dropFetch(w)
	if at > now {
		w.answer, w.call.fetch = answer, w
		b.timers.Set(&w.timer, at)
		w.call.bytes += size
		w.call.conn.bytes += size
		b.weigh(now, w.call.conn)
	} else {
		b.respond(w.call, answer)
	}
	return true
}

// hasNews reports whether there is anything to say at all, without reading.
func (b *Broker) hasNews(w *fetchWait) bool {
	if w.request.MinBytes <= 0 {
		return true
	}
	none := true
	for i := range w.request.Topics {
		t := &w.request.Topics[i]
		for j := range t.Partitions {
			none = false
			a := &t.Partitions[j]
			p := b.lookup(t.Topic, t.TopicID, a.Partition)
			if p == nil || p.checkFetch(a) != nil || p.diverges(a) {
				return true
			}
			if limit, _ := p.limit(w.replica, w.committed); limit > a.FetchOffset {
				return true
			}
		}
	}
	return none
}

// readFetch makes the answer. It is urgent when it has an error, size is the
// bytes of its batches, and at is when the disk has read them.
func (b *Broker) readFetch(now int64, w *fetchWait) (answer *kmsg.FetchResponse, size int, at int64, urgent bool) {
	r := w.request
	answer = r.ResponseKind().(*kmsg.FetchResponse)
	answer.Topics = make([]kmsg.FetchResponseTopic, len(r.Topics))
	// The fuller the broker, the shorter its answers.
	left := min(int(r.MaxBytes), b.config.Limits.MaxFetchBytes, max(b.config.Limits.MaxHeldBytes-b.held, 0)/4)
	at, urgent = now, len(r.Topics) == 0
	for i := range r.Topics {
		t := &r.Topics[i]
		answer.Topics[i].Topic, answer.Topics[i].TopicID = t.Topic, t.TopicID
		partitions := make([]kmsg.FetchResponseTopicPartition, len(t.Partitions))
		answer.Topics[i].Partitions = partitions
		for j := range t.Partitions {
			a, o := &t.Partitions[j], &partitions[j]
			o.Default()
			o.Partition, o.HighWatermark, o.LastStableOffset, o.LogStartOffset = a.Partition, -1, -1, -1
			o.RecordBatches = noBatches
			p := b.lookup(t.Topic, t.TopicID, a.Partition)
			if p == nil {
				o.ErrorCode = b.unknown(r.Version >= 13, t.Topic, t.TopicID, a.Partition).Code
				urgent = true
				continue
			}
			if err := p.checkFetch(a); err != nil {
				o.ErrorCode, urgent = err.Code, true
				if err == kerr.OffsetOutOfRange {
					o.LogStartOffset, o.HighWatermark = p.log.Start(), p.highWatermark
				}
				if err == kerr.NotLeaderForPartition || err == kerr.FencedLeaderEpoch {
					o.CurrentLeader.LeaderID, o.CurrentLeader.LeaderEpoch = p.leader, p.leaderEpoch
					answer.Brokers = b.fetchEndpoint(answer.Brokers, p.leader, w.call.conn.listener)
				}
				continue
			}
			limit, lastStable := p.limit(w.replica, w.committed)
			o.HighWatermark, o.LastStableOffset, o.LogStartOffset = p.highWatermark, lastStable, p.log.Start()
			if p.diverges(a) {
				o.DivergingEpoch.Epoch, o.DivergingEpoch.EndOffset = p.log.EndOffsetFor(a.LastFetchedEpoch)
				urgent = true
				continue
			}
			if left <= 0 && size > 0 || limit <= a.FetchOffset {
				continue
			}
			batches, done, err := p.log.Read(now, a.FetchOffset, min(int(a.PartitionMaxBytes), left), limit)
			if err != nil {
				o.ErrorCode, urgent = asCode(err), true
				continue
			}
			if len(batches) > 0 {
				o.RecordBatches = batches
			}
			size += len(batches)
			left -= len(batches)
			at = max(at, done)
			if w.committed && len(batches) > 0 {
				for _, aborted := range p.log.Aborted(a.FetchOffset, endOf(batches)) {
					o.AbortedTransactions = append(o.AbortedTransactions, kmsg.FetchResponseTopicPartitionAbortedTransaction{
						ProducerID: aborted.Producer, FirstOffset: aborted.First,
					})
				}
			}
		}
	}
	return answer, size, at, urgent
}

// endOf is the offset behind whole batches.
func endOf(batches []byte) (next int64) {
	for len(batches) > 0 {
		h, size, err := batch.Peek(batches)
		if err != nil || size > len(batches) {
			break
		}
		next, batches = h.Next(), batches[size:]
	}
	return next
}

// noBatches is empty, and not null, which some clients take for an error.
var noBatches = []byte{}

// fetchEndpoint adds where a leader is to be found.
func (b *Broker) fetchEndpoint(all []kmsg.FetchResponseBroker, id int32, listener int) []kmsg.FetchResponseBroker {
	if slices.ContainsFunc(all, func(e kmsg.FetchResponseBroker) bool { return e.NodeID == id }) {
		return all
	}
	if a, ok := b.address(id, listener); ok {
		all = append(all, kmsg.FetchResponseBroker{NodeID: id, Host: a.Host, Port: int32(a.Port), Rack: a.rack})
	}
	return all
}
