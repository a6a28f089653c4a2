package client

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
)

// reader is a broker that is fetched from: one Fetch at a time.
type reader struct {
	node        int32
	polling     bool
	pausedUntil int64 // after a failure
}

func (k *Consumer) reader(node int32) *reader {
	at, ok := slices.BinarySearchFunc(k.readers, node, func(r *reader, id int32) int { return cmp.Compare(r.node, id) })
	if !ok {
		k.readers = slices.Insert(k.readers, at, &reader{node: node})
	}
	return k.readers[at]
}

// question is a source and the position that something was asked about.
type question struct {
	source *source
	asked  int
	epoch  int32 // the leader's that was asked
}

// holds says whether the position is still the one that was asked about.
func (q question) holds() bool { return q.source.asked == q.asked }

// leads returns the leader of a source; nil: it is not known, and the metadata
// is asked for. A leader of an epoch before that of what was read, or committed,
// is none any more, and may not know it: its log would seem to have been cut.
func (k *Consumer) leads(s *source) *node {
	n := k.client.leader(s.topic, s.partition)
	if n != nil {
		if epoch := s.topic.leads(s.partition).epoch; epoch < 0 || epoch >= s.fetchEpoch {
			return n
		}
		k.client.metadata.elsewhere = true // who said so is as much behind
	}
	k.client.stale()
	return nil
}

// each calls do for every broker that leads sources in a state, with them, unless they
// are being asked about.
func (k *Consumer) each(state sourceState, do func(n *node, sources []*source)) {
	var nodes []*node
	var groups [][]*source
	for _, s := range k.sources {
		if s.state != state || s.asking || state == reading && !s.wantsMore(k) || k.waits(s.pausedUntil) {
			continue
		}
		n := k.leads(s)
		if n == nil {
			continue
		}
		at := slices.Index(nodes, n)
		if at < 0 {
			at = len(nodes)
			nodes, groups = append(nodes, n), append(groups, nil)
		}
		groups[at] = append(groups[at], s)
	}
	for i, n := range nodes {
		do(n, groups[i])
	}
}

// waits says whether something has to wait, and sees to it that it is looked at
// when the time has come: retryAt is the earliest of all.
func (k *Consumer) waits(until int64) bool {
	if until <= k.client.now {
		return false
	}
	k.retryAt = min(k.retryAt, until)
	return true
}

// fetch polls the brokers that are not being polled.
func (k *Consumer) fetch() {
	k.each(reading, func(n *node, sources []*source) {
		if r := k.reader(n.id); !r.polling && !k.waits(r.pausedUntil) {
			k.poll(r, n, sources)
		}
	})
}

// poll sends a Fetch, which the broker answers when it has something.
func (k *Consumer) poll(r *reader, n *node, sources []*source) {
	req := kmsg.NewPtrFetchRequest()
	req.ReplicaID = -1
	req.MaxWaitMillis = int32(k.config.FetchMaxWaitMicros / 1000)
	req.MinBytes, req.MaxBytes = k.config.FetchMinBytes, k.config.FetchMaxBytes
	req.SessionID, req.SessionEpoch = 0, -1 // no session: each Fetch says all (KIP-227)
	if k.config.ReadCommitted {
		req.IsolationLevel = 1
	}
	questions := make([]question, 0, len(sources))
	for _, s := range sources {
		if m := len(req.Topics); m == 0 || req.Topics[m-1].Topic != s.topic.name {
			t := kmsg.NewFetchRequestTopic()
			t.Topic = s.topic.name
			req.Topics = append(req.Topics, t)
		}
		t := &req.Topics[len(req.Topics)-1]
		p := kmsg.NewFetchRequestTopicPartition()
		p.Partition, p.FetchOffset, p.PartitionMaxBytes = s.partition, s.fetchAt, k.config.PartitionMaxBytes
		p.CurrentLeaderEpoch = s.topic.leads(s.partition).epoch
		t.Partitions = append(t.Partitions, p)
		questions = append(questions, question{s, s.asked, p.CurrentLeaderEpoch})
	}
	r.polling = true
	c := k.client
	c.call(n, k.user, fetchLane, req, c.config.RequestTimeoutMicros+k.config.FetchMaxWaitMicros, func(resp kmsg.Response, err error) {
		r.polling = false
		if k.closed {
			return
		}
		k.dirty = true
		fetched, _ := resp.(*kmsg.FetchResponse)
		if err == nil {
			err = errorOf(fetched.ErrorCode)
		}
		if err != nil {
			r.pausedUntil = c.now + c.retryPause(0)
			k.retryAt = min(k.retryAt, r.pausedUntil)
			c.stale()
			return
		}
		for _, b := range fetched.Brokers {
			c.knowBroker(b.NodeID, b.Host, b.Port)
		}
		k.fetched(r, questions, fetched)
	})
}

// fetched takes an answer.
func (k *Consumer) fetched(r *reader, questions []question, resp *kmsg.FetchResponse) {
	came := false
	for i := range resp.Topics {
		t := &resp.Topics[i]
		for j := range t.Partitions {
			p := &t.Partitions[j]
			at := slices.IndexFunc(questions, func(q question) bool {
				return q.source.partition == p.Partition && q.source.topic.name == t.Topic
			})
			if at < 0 || !questions[at].holds() || questions[at].source.state != reading {
				continue
			}
			s := questions[at].source
			questions[at].asked = -1 // what comes twice counts once
			if err := errorOf(p.ErrorCode); err != nil {
				k.refused(r, s, p, err)
				continue
			}
			k.tries = 0
			s.high, s.stable, s.start = p.HighWatermark, p.LastStableOffset, p.LogStartOffset
			came = s.keep(p) || came
		}
	}
	if came {
		k.announce()
	}
}

// keep keeps what was fetched; false: nothing was.
func (s *source) keep(p *kmsg.FetchResponseTopicPartition) bool {
	whole := 0
	for {
		h, size, err := batch.Peek(p.RecordBatches[whole:])
		if err != nil || size > len(p.RecordBatches)-whole || h.Next() <= s.fetchAt && whole > 0 {
			break
		}
		whole += size
		if h.Next() > s.fetchAt {
			s.fetchAt, s.fetchEpoch = h.Next(), h.LeaderEpoch
		}
	}
	if whole == 0 {
		return false
	}
	c := chunk{bytes: bytes.Clone(p.RecordBatches[:whole])}
	for _, a := range p.AbortedTransactions {
		c.aborted = append(c.aborted, abortedTxn{a.ProducerID, a.FirstOffset})
	}
	sort.SliceStable(c.aborted, func(i, j int) bool { return c.aborted[i].first < c.aborted[j].first })
	s.chunks = append(s.chunks, c)
	s.bytes += whole
	return true
}

// refused takes an error of a partition in a Fetch.
func (k *Consumer) refused(r *reader, s *source, p *kmsg.FetchResponseTopicPartition, err error) {
	c := k.client
	if err == kerr.OffsetOutOfRange {
		k.astray(s)
		return
	}
	before := s.topic.leads(s.partition)
	c.heard(s.topic, s.partition, p.CurrentLeader.LeaderID, p.CurrentLeader.LeaderEpoch)
	if s.topic.leads(s.partition) != before {
		s.follow()
		return
	}
	if c.leaderErred(err) {
		c.stale()
	}
	r.pausedUntil = c.now + c.retryPause(0)
	k.retryAt = min(k.retryAt, r.pausedUntil)
}

// astray is a source whose position the log does not have.
func (k *Consumer) astray(s *source) {
	s.discard()
	k.dirty = true
	if k.config.Reset != ResetNone {
		s.become(resetting)
		return
	}
	s.become(lost)
	k.emit(ConsumerEvent{Kind: OutOfRange, Partitions: []TopicPartition{{s.topic.name, s.partition}}, Offset: s.next})
}
