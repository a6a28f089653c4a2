package client

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
)

// taker is a consumer against a fake, and what it read.
type taker struct {
	*fake
	k      *Consumer
	values []string
	events []string
	hold   bool
	limit  int
	onTake func(Records)
}

func newTaker(t *testing.T, f *fake, config ConsumerConfig) *taker {
	t.Helper()
	k, err := f.c.NewConsumer(f.now, config)
	if err != nil {
		t.Fatal(err)
	}
	r := &taker{fake: f, k: k, limit: 100}
	f.drain = func() {
		for e, ok := k.Poll(); ok; e, ok = k.Poll() {
			r.note(e)
		}
		for !r.hold {
			records, ok := k.Take(f.now, r.limit)
			if !ok {
				break
			}
			for _, record := range records.Records {
				r.values = append(r.values, string(record.Value))
			}
			if r.onTake != nil {
				r.onTake(records)
			}
		}
	}
	f.take()
	return r
}

func (r *taker) note(e ConsumerEvent) {
	names := []string{"", "assigned", "revoked", "lost", "", "committed", "commit failed", "truncated", "out of range", "corrupt", "joined", "left", "fatal"}
	if e.Kind == Ready {
		return
	}
	text := names[e.Kind]
	for _, tp := range e.Partitions {
		text += fmt.Sprintf(" %s-%d", tp.Topic, tp.Partition)
	}
	for _, o := range e.Offsets {
		text += fmt.Sprintf(" %s-%d@%d", o.Topic, o.Partition, o.Offset)
	}
	switch {
	case e.Kind == Truncated:
		text += fmt.Sprintf(" from %d to %d", e.Was, e.Offset)
	case e.Kind == Joined:
		text += fmt.Sprintf(" %d", e.Generation)
	case e.Err != nil:
		text += " " + strings.Split(e.Err.Error(), ":")[0]
	}
	r.events = append(r.events, text)
}

func (r *taker) said() string {
	text := strings.Join(r.events, "; ")
	r.events = nil
	return text
}

// fill writes the values from..to-1 to a partition, ten in a batch.
func (f *fake) fill(partition int32, from, to int) {
	var b batch.Builder
	for i := from; i < to; i++ {
		b.Add(int64(i), nil, fmt.Append(nil, i), nil)
		if b.Count() == 10 || i == to-1 {
			_, epoch := f.leader("t", partition)
			f.log("t", partition).append(b.Append(nil, batch.NoProducer), epoch)
		}
	}
}

func solo(config ConsumerConfig) ConsumerConfig {
	config.Assign = []TopicPartition{{"t", 0}}
	return config
}

func TestReadsInOrderInAnyPieces(t *testing.T) {
	for _, pieces := range []int{0, 1, 7, 300} {
		f := newFake(t, Config{})
		f.pieces = pieces
		f.fill(0, 0, 500)
		r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest}))
		r.limit = 7
		r.until("all read", func() bool { return len(r.values) == 500 })
		if got := strings.Join(r.values, " "); got != numbers(500) {
			t.Error(got)
		}
	}
}

func TestResetLatest(t *testing.T) {
	f := newFake(t, Config{})
	f.fill(0, 0, 50)
	r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetLatest}))
	r.run(1_000_000)
	f.fill(0, 50, 60)
	r.until("what came since", func() bool { return len(r.values) == 10 })
	if r.values[0] != "50" {
		t.Error(r.values)
	}
}

func TestIdleConsumerWaitsAtTheBroker(t *testing.T) {
	f := newFake(t, Config{})
	r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest}))
	r.run(60_000_000)
	if n := f.requests[1]; n > 121 {
		t.Errorf("%d Fetches in a minute, expected one each half second", n)
	}
}

func TestSeekPauseResume(t *testing.T) {
	f := newFake(t, Config{})
	f.fill(0, 0, 100)
	r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest}))
	r.until("all", func() bool { return len(r.values) == 100 })
	tp := TopicPartition{"t", 0}
	f.do(func(now int64) {
		r.k.Pause(now, tp)
		if err := r.k.SeekTo(now, "t", 0, 95); err != nil {
			t.Fatal(err)
		}
	})
	r.run(f.now + 5_000_000)
	if len(r.values) != 100 {
		t.Error("read while paused")
	}
	f.do(func(now int64) { r.k.Resume(now, tp) })
	r.until("the last five again", func() bool { return len(r.values) == 105 })
	if r.values[100] != "95" {
		t.Error(r.values[100:])
	}
	if err := r.k.SeekTo(f.now, "t", 1, 0); err == nil {
		t.Error("went to a partition that is not assigned")
	}
}

func TestSlowConsumerIsNotFlooded(t *testing.T) {
	f := newFake(t, Config{})
	f.fill(0, 0, 20_000)
	r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest, PartitionMaxBytes: 10_000}))
	r.hold = true
	r.run(10_000_000)
	if n := r.k.Positions()[0].Bytes; n < 5_000 || n > 16_000 {
		t.Errorf("%d bytes buffered", n)
	}
	r.hold = false
	f.take()
	r.until("all", func() bool { return len(r.values) == 20_000 })
}

func TestOutOfRange(t *testing.T) {
	for _, reset := range []Reset{ResetEarliest, ResetNone} {
		f := newFake(t, Config{})
		f.fill(0, 0, 10)
		r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest}))
		r.until("all", func() bool { return len(r.values) == 10 })
		r.k.config.Reset = reset
		f.do(func(now int64) {
			if err := r.k.SeekTo(now, "t", 0, 500); err != nil {
				t.Fatal(err)
			}
		})
		r.run(f.now + 3_000_000)
		if reset == ResetEarliest && len(r.values) != 20 {
			t.Error(len(r.values))
		}
		if got := r.said(); reset == ResetNone && (got != "out of range t-0" || len(r.values) != 10) {
			t.Error(got)
		}
	}
}

// A topic is deleted while it is read: one broker says so, the metadata agree,
// and then another broker says so too. It may come back.
func TestTopicIsDeleted(t *testing.T) {
	f := newFake(t, Config{})
	f.fill(0, 0, 10)
	f.fill(1, 10, 20)
	fetch := f.answers[1]
	partitions := f.topics["t"]
	f.answers[1] = func(a *asked) kmsg.Response {
		if _, there := f.topics["t"]; there {
			return fetch(a)
		}
		late := false
		resp := eachFetched(a, func(_ string, p *kmsg.FetchRequestTopicPartition, to *kmsg.FetchResponseTopicPartition) {
			to.ErrorCode = kerr.UnknownTopicOrPartition.Code
			late = late || p.Partition == 1
		})
		if late {
			f.later(a, resp)
			return nil
		}
		return resp
	}
	r := newTaker(t, f, ConsumerConfig{Reset: ResetEarliest, Assign: []TopicPartition{{"t", 0}, {"t", 1}}})
	r.until("both are read", func() bool { return len(r.values) == 20 })
	delete(f.topics, "t")
	r.run(f.now + 5_000_000)
	f.topics["t"] = partitions
	f.fill(0, 20, 30)
	f.fill(1, 30, 40)
	r.until("both are read on", func() bool { return len(r.values) == 40 })
}

// The new leader lacks what was read from the old one (KIP-320): the position
// goes back to where they still agree.
func TestTruncationIsSeen(t *testing.T) {
	f := newFake(t, Config{})
	f.fill(0, 0, 100)
	f.answers[23] = func(a *asked) kmsg.Response {
		req := a.body.(*kmsg.OffsetForLeaderEpochRequest)
		resp := kmsg.NewPtrOffsetForLeaderEpochResponse()
		topic := kmsg.NewOffsetForLeaderEpochResponseTopic()
		topic.Topic = req.Topics[0].Topic
		p := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
		if req.Topics[0].Partitions[0].LeaderEpoch != 1 {
			t.Errorf("asked about epoch %d", req.Topics[0].Partitions[0].LeaderEpoch)
		}
		p.LeaderEpoch, p.EndOffset = 1, 70
		topic.Partitions = append(topic.Partitions, p)
		resp.Topics = append(resp.Topics, topic)
		return resp
	}
	r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest}))
	r.until("all", func() bool { return len(r.values) == 100 })
	f.leader = func(string, int32) (int32, int32) { return 2, 2 }
	l := f.log("t", 0)
	l.batches, l.end = l.batches[:7], 70
	f.fill(0, 1000, 1010)
	r.until("what the new leader has", func() bool { return len(r.values) == 110 })
	if got := r.said(); got != "truncated t-0 from 100 to 70" || r.values[100] != "1000" {
		t.Error(got, r.values[100:])
	}
}

func TestCommits(t *testing.T) {
	f := newFake(t, Config{})
	_, committed := f.coordinatorOf()
	f.fill(0, 0, 30)
	r := newTaker(t, f, solo(ConsumerConfig{Group: "g", Reset: ResetEarliest}))
	r.until("all", func() bool { return len(r.values) == 30 })
	good := f.answers[8]
	fails := 0
	f.answers[8] = func(a *asked) kmsg.Response {
		if fails++; fails > 2 {
			return good(a)
		}
		resp := good(a).(*kmsg.OffsetCommitResponse)
		resp.Topics[0].Partitions[0].ErrorCode = kerr.CoordinatorLoadInProgress.Code
		return resp
	}
	f.do(func(now int64) {
		for _, o := range []int64{5, 6, 7} {
			if err := r.k.Commit(now, []Offset{{Topic: "t", Offset: o, LeaderEpoch: -1}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.k.Commit(now, nil); err != nil {
			t.Fatal(err)
		}
	})
	r.run(f.now + 5_000_000)
	if got := r.said(); got != "committed t-0@5; committed t-0@6; committed t-0@7; committed t-0@30" || committed[TopicPartition{"t", 0}] != 30 {
		t.Error(got)
	}
	f.answers[8] = func(a *asked) kmsg.Response {
		resp := good(a).(*kmsg.OffsetCommitResponse)
		resp.Topics[0].Partitions[0].ErrorCode = kerr.OffsetMetadataTooLarge.Code
		return resp
	}
	f.do(func(now int64) {
		if err := r.k.Commit(now, []Offset{{Topic: "t", Offset: 8, LeaderEpoch: -1, Metadata: "long"}}); err != nil {
			t.Fatal(err)
		}
	})
	r.run(f.now + 5_000_000)
	if got := r.said(); got != "commit failed t-0@8 OFFSET_METADATA_TOO_LARGE" {
		t.Error(got)
	}
}

// With versions as old as can be, all works all the same.
func TestOldBrokers(t *testing.T) {
	f := newFake(t, Config{})
	for _, s := range spoken {
		f.max[s.key] = s.min
	}
	f.max[18] = 0
	_, committed := f.coordinatorOf()
	f.answers[11] = func(a *asked) kmsg.Response {
		if a.version != 1 {
			t.Errorf("JoinGroup in version %d", a.version)
		}
		req := a.body.(*kmsg.JoinGroupRequest)
		resp := kmsg.NewPtrJoinGroupResponse()
		resp.MemberID, resp.LeaderID, resp.Generation, resp.Protocol = "m", "m", 1, &req.Protocols[0].Name
		resp.Members = append(resp.Members, kmsg.JoinGroupResponseMember{MemberID: "m", ProtocolMetadata: req.Protocols[0].Metadata})
		return resp
	}
	f.answers[3] = func(a *asked) kmsg.Response {
		resp := described(a).(*kmsg.MetadataResponse)
		for i := range resp.Topics {
			for j := range resp.Topics[i].Partitions {
				resp.Topics[i].Partitions[j].LeaderEpoch = -1
			}
		}
		return resp
	}
	s := newSenderOf(t, f, ProducerConfig{Acks: AcksAll, Idempotent: true})
	s.send(0, 10)
	s.settle()
	r := newTaker(t, f, shared(ConsumerConfig{Reset: ResetEarliest, AutoCommitMicros: 1_000_000}))
	r.until("all", func() bool { return len(r.values) == 10 })
	r.run(f.now + 3_000_000)
	if committed[TopicPartition{"t", 0}] != 10 {
		t.Error(r.said())
	}
}

func TestTooOldABroker(t *testing.T) {
	f := newFake(t, Config{MaxVersion: func(key int16) int16 {
		if key == 0 {
			return 2 // before record batches
		}
		return 100
	}})
	s := newSenderOf(t, f, ProducerConfig{Acks: AcksAll})
	s.send(0, 1)
	s.settle()
	if s.failed[0] != kerr.UnsupportedVersion {
		t.Error(s.failed)
	}
}

// read committed: what was aborted is passed over, the markers too.
func TestAbortedBatchesAreSkipped(t *testing.T) {
	f := newFake(t, Config{})
	l := f.log("t", 0)
	write := func(id int64, transactional bool, values ...string) {
		var b batch.Builder
		for _, v := range values {
			b.Add(0, nil, []byte(v), nil)
		}
		o := batch.NoProducer
		o.ProducerID, o.Transactional = id, transactional
		l.append(b.Append(nil, o), 1)
	}
	mark := func(id int64, commit bool) {
		l.append(batch.AppendMarker(nil, batch.Marker{Commit: commit}, id, 0, 0), 1)
	}
	write(1, true, "a0", "a1") // 0, 1: aborted
	write(2, true, "c2")       // 2: committed
	write(-1, false, "p3")     // 3: no transaction
	mark(1, false)             // 4
	write(1, true, "c5")       // 5: the same producer's next one, committed
	mark(2, true)              // 6
	mark(1, true)              // 7
	write(2, true, "a8")       // 8: aborted
	mark(2, false)             // 9
	write(-1, false, "p10")
	usual := f.answers[1]
	f.answers[1] = func(a *asked) kmsg.Response {
		resp := usual(a)
		if r, ok := resp.(*kmsg.FetchResponse); ok && a.body.(*kmsg.FetchRequest).IsolationLevel == 1 {
			r.Topics[0].Partitions[0].AbortedTransactions = []kmsg.FetchResponseTopicPartitionAbortedTransaction{
				{ProducerID: 2, FirstOffset: 8}, {ProducerID: 1, FirstOffset: 0},
			}
		}
		return resp
	}
	r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest, ReadCommitted: true}))
	r.run(1_000_000)
	if got := strings.Join(r.values, " "); got != "c2 p3 c5 p10" || r.k.Positions()[0].Offset != 11 {
		t.Error(got, r.k.Positions())
	}
	f.answers[1] = usual
	r = newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest}))
	r.run(f.now + 1_000_000)
	if got := strings.Join(r.values, " "); got != "a0 a1 c2 p3 c5 a8 p10" {
		t.Error(got)
	}
}

// A batch that arrives spoilt is fetched again, at ease.
func TestCorruptBatchIsFetchedAgain(t *testing.T) {
	f := newFake(t, Config{})
	f.fill(0, 0, 30)
	usual := f.answers[1]
	f.answers[1] = func(a *asked) kmsg.Response {
		resp := usual(a)
		if r, ok := resp.(*kmsg.FetchResponse); ok && f.now < 1_000_000 && len(r.Topics[0].Partitions[0].RecordBatches) > 0 {
			b := r.Topics[0].Partitions[0].RecordBatches
			b[len(b)-1]++
		}
		return resp
	}
	r := newTaker(t, f, solo(ConsumerConfig{Reset: ResetEarliest}))
	r.run(2_000_000)
	if got := strings.Join(r.values, " "); got != numbers(30) {
		t.Error(got)
	}
	if n := len(r.events); n < 2 || n > 8 {
		t.Error(n, r.said())
	}
}
