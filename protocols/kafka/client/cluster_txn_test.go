package client_test

import (
	"fmt"
	"testing"

	"grapevine/protocols/kafka/broker"
	"grapevine/protocols/kafka/client"
	"grapevine/protocols/kafka/kafkatest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestTransactionsOnOurBrokers(t *testing.T) {
	w := newWorld(t, 3, broker.Settings{})
	p := w.producer(client.ProducerConfig{Acks: client.AcksAll, TransactionalID: "x"})
	w.until("initialized", p.had(client.Initialized))
	k := w.consumer(client.ConsumerConfig{Group: "g", Topics: []string{"t"}, Reset: client.ResetEarliest, ReadCommitted: true})
	for round := range 6 {
		p.do(p.p.Begin)
		p.send(round*50, round*50+50)
		w.until("acknowledged", func() bool { return p.p.Pending() == 0 })
		p.do(func(now int64) error {
			return p.p.SendOffsets(now, client.GroupMetadata{Group: "out", Generation: -1}, []client.Offset{{Topic: "t", Offset: int64(round), LeaderEpoch: -1}})
		})
		if round%2 == 0 {
			p.do(p.p.Commit)
			w.until("committed", p.had(client.TxnCommitted))
		} else {
			p.do(p.p.Abort)
			w.until("aborted", p.had(client.TxnAborted))
		}
		if round == 2 {
			w.Crash(int(w.Rand() % 3))
		}
	}
	w.until("the committed ones", func() bool { return len(k.values) >= 150 })
	w.Run(2 * kafkatest.Second)
	for i := range 300 {
		if want := 1 - i/50%2; k.values[fmt.Sprintf("v%d", i)] != want {
			t.Errorf("v%d: read %d times, expected %d", i, k.values[fmt.Sprintf("v%d", i)], want)
		}
	}
}

// Brokers crash while transactions go on: each is there whole, and once, or not
// at all.
func TestTransactionsThroughCrashes(t *testing.T) {
	for seed := range uint64(5) {
		w := newWorld(t, seed, broker.Settings{})
		p := w.producer(client.ProducerConfig{Acks: client.AcksAll, TransactionalID: "x"})
		w.until("initialized", p.had(client.Initialized))
		k := w.consumer(client.ConsumerConfig{Group: "g", Topics: []string{"t"}, Reset: client.ResetEarliest, ReadCommitted: true})
		const each = 10
		var fates []client.ProducerEventKind
		down := -1
		for round := range 24 {
			switch {
			case round%6 == 2:
				down = int(w.Rand() % 3)
				w.Crash(down)
			case round%6 == 5:
				if err := w.Restart(down); err != nil {
					t.Fatal(err)
				}
			}
			p.do(p.p.Begin)
			fates = append(fates, p.transact(round*each, each, w.Rand()%4 > 0))
		}
		w.Run(40 * kafkatest.Second)
		for round, fate := range fates {
			got := 0
			for i := round * each; i < round*each+each; i++ {
				if n := k.values[fmt.Sprintf("v%d", i)]; n > 1 {
					t.Errorf("seed %d: v%d was read %d times", seed, i, n)
				} else {
					got += n
				}
			}
			if want := map[bool]int{true: each}[fate == client.TxnCommitted]; got != want {
				t.Errorf("seed %d: of transaction %d, which ended as %d, %d records were read", seed, round, fate, got)
			}
		}
	}
}

// A Fetch of what is committed tells of the aborted transactions among what it
// brings, and not of all that are still to come.
func TestAbortedOfWhatIsFetched(t *testing.T) {
	w := newWorld(t, 1, broker.Settings{Partitions: 1})
	p := w.producer(client.ProducerConfig{Acks: client.AcksAll, TransactionalID: "x"})
	w.until("initialized", p.had(client.Initialized))
	for i := range 20 {
		p.do(p.p.Begin)
		p.send(i, i+1)
		w.until("acknowledged", func() bool { return p.p.Pending() == 0 })
		p.do(p.p.Abort)
		w.until("aborted", p.had(client.TxnAborted))
	}
	w.Run(kafkatest.Second)
	r := kmsg.NewPtrFetchRequest()
	r.SessionEpoch, r.IsolationLevel, r.MaxBytes = -1, 1, 1<<20
	topic, partition := kmsg.NewFetchRequestTopic(), kmsg.NewFetchRequestTopicPartition()
	partition.PartitionMaxBytes = 300 // four batches, or so
	topic.Topic, topic.Partitions = "t", []kmsg.FetchRequestTopicPartition{partition}
	r.Topics = append(r.Topics, topic)
	answer, err := w.Dial(int(w.Broker(0).Image().Topic("t").Partitions[0].Leader)).AskAs(r, 12)
	if err != nil {
		t.Fatal(err)
	}
	got := answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]
	if n := len(got.AbortedTransactions); n == 0 || n > 3 || len(got.RecordBatches) == 0 {
		t.Errorf("%d bytes of batches come with %d aborted transactions", len(got.RecordBatches), n)
	}
}

// A batch gets stuck on its way; its producer gives up and aborts. When it
// arrives after all, it is not taken: it would be part of no transaction, or of
// the next one here, and be committed with that.
func TestABatchThatComesAfterTheAbort(t *testing.T) {
	for seed := range uint64(6) {
		w := newWorld(t, seed, broker.Settings{Partitions: 1})
		p := w.producer(client.ProducerConfig{Acks: client.AcksAll, TransactionalID: "x", DeliveryTimeoutMicros: 5 * kafkatest.Second})
		w.until("initialized", p.had(client.Initialized))
		k := w.consumer(client.ConsumerConfig{Group: "g", Topics: []string{"t"}, Reset: client.ResetEarliest, ReadCommitted: true})
		p.do(p.p.Begin)
		p.send(0, 1)
		w.until("acknowledged", func() bool { return p.p.Pending() == 0 })
		leader := int(w.Broker(0).Image().Topic("t").Partitions[0].Leader)
		w.Cut(p.number, leader)
		p.send(1, 2)
		w.until("given up", p.had(client.TxnBroken))
		p.do(p.p.Abort)
		early := w.Until(w.Now+30*kafkatest.Second, p.had(client.TxnAborted)) // unless the leader is the coordinator, too
		w.Heal()
		w.until("aborted", func() bool { return early || p.had(client.TxnAborted)() })
		w.Run(3 * kafkatest.Second)
		if state, _ := w.Broker(leader).Partition("t", 0); state.LastStable != state.End {
			t.Errorf("seed %d: the last stable offset is stuck at %d of %d", seed, state.LastStable, state.End)
		}
		p.do(p.p.Begin)
		p.transact(2, 1, true)
		w.until("the committed one is read", func() bool { return k.values["v2"] == 1 })
		if len(k.values) != 1 {
			t.Errorf("seed %d: %v are read", seed, k.values)
		}
	}
}

// transact sends records and commits, or aborts; it returns how that ended.
func (r *writer) transact(from, n int, commit bool) client.ProducerEventKind {
	r.w.t.Helper()
	for i := from; i < from+n; i++ {
		err := r.p.Send(r.w.Now, client.Message{Topic: "t", Partition: client.AnyPartition, Key: fmt.Appendf(nil, "k%d", i), Value: fmt.Appendf(nil, "v%d", i), ID: uint64(i)})
		if err != nil {
			break // it is broken
		}
		r.w.Drain(r.number)
		r.w.Run(1000)
	}
	if !commit || r.p.Commit(r.w.Now) != nil {
		r.do(r.p.Abort)
	}
	r.w.Drain(r.number)
	for {
		var end client.ProducerEventKind
		r.w.until("the transaction's end", func() bool {
			for _, kind := range []client.ProducerEventKind{client.TxnBroken, client.TxnCommitted, client.TxnAborted, client.Fatal} {
				if r.had(kind)() {
					end = kind
					return true
				}
			}
			return false
		})
		switch end {
		case client.TxnBroken:
			if r.p.Transaction() == "broken" {
				r.do(r.p.Abort)
			}
		case client.Fatal:
			r.w.t.Fatalf("seed %d: fatal: %v", r.w.seed, r.p.Begin(r.w.Now))
		default:
			return end
		}
	}
}
