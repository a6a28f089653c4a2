package broker_test

import (
	"testing"

	"grapevine/protocols/kafka/kafkatest"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// One broker: a topic, a record, and the record again.
func TestProduceAndFetch(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	create(t, c, 1, "t", 1, 1)
	for _, acks := range []int16{1, -1} {
		answer, err := c.Ask(0, produceTo("t", 0, acks, records("a", "b")))
		if p := produced(t, answer, err); p.ErrorCode != 0 {
			t.Fatalf("acks=%d: %v", acks, kerr.ErrorForCode(p.ErrorCode))
		}
	}
	r := c.Dial(0)
	answer, err := r.AskAs(fetchFrom("t", 0, 1, 500), 12)
	if err != nil {
		t.Fatal(err)
	}
	p := answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]
	if got := values(t, p.RecordBatches); p.ErrorCode != 0 || p.HighWatermark != 4 || len(got) != 4 || got[3] != (read{3, "b"}) {
		t.Fatalf("fetched %v with high watermark %d, error %d", got, p.HighWatermark, p.ErrorCode)
	}
}

// A Fetch at the end waits for a record, and a pipeline of Produces is answered in order.
func TestLongPoll(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 1, Settings: quick})
	create(t, c, 1, "t", 1, 1)
	reader, writer := c.Dial(0), c.Dial(0)
	reader.Send(fetchFrom("t", 0, 0, 2000), 12)
	begun := c.Now
	c.Run(second)
	for _, v := range []string{"a", "b", "c"} {
		writer.Send(produceTo("t", 0, 1, records(v)), -1)
	}
	c.Run(second / 100)
	a, ok := reader.Next()
	if !ok {
		t.Fatalf("no answer 10 ms after the record, %d µs after the request", c.Now-begun)
	}
	if got := values(t, a.Answer.(*kmsg.FetchResponse).Topics[0].Partitions[0].RecordBatches); len(got) == 0 || got[0] != (read{0, "a"}) {
		t.Fatalf("fetched %v", got)
	}
	for offset := range int64(3) {
		a, ok := writer.Next()
		if p := produced(t, a.Answer, nil); !ok || p.BaseOffset != offset {
			t.Fatalf("answer %d has offset %d", offset, p.BaseOffset)
		}
	}
	// Nothing comes: the answer does, when its time is over.
	begun = c.Now
	answer, err := reader.AskAs(fetchFrom("t", 0, 3, 2000), 12)
	if err != nil {
		t.Fatal(err)
	}
	if batches := answer.(*kmsg.FetchResponse).Topics[0].Partitions[0].RecordBatches; batches == nil || len(batches) > 0 {
		t.Fatalf("%d bytes came, null: %v; librdkafka takes null for an error", len(batches), batches == nil)
	}
	if waited := c.Now - begun; waited < 2*second || waited > 2*second+5000 {
		t.Fatalf("the empty answer came after %d µs", waited)
	}
}

// Three brokers: a record acknowledged by all is there when the leader is gone.
func TestLeaderChange(t *testing.T) {
	c := start(t, kafkatest.Config{Brokers: 3, Settings: quick})
	create(t, c, 3, "t", 1, 3, "min.insync.replicas", "2")
	first := leader(c, 3, "t", 0)
	answer, err := c.Ask(first, produceTo("t", 0, -1, records("a")))
	if p := produced(t, answer, err); p.ErrorCode != 0 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode))
	}
	c.Crash(first)
	if !c.Until(c.Now+20*second, func() bool { l := leader(c, 3, "t", 0); return l >= 0 && l != first }) {
		t.Fatal("no other leader within 20 s")
	}
	c.Run(second)
	second := leader(c, 3, "t", 0)
	answer, err = c.Ask(second, produceTo("t", 0, -1, records("b")))
	if p := produced(t, answer, err); p.ErrorCode != 0 || p.BaseOffset != 1 {
		t.Fatal(kerr.ErrorForCode(p.ErrorCode), p.BaseOffset)
	}
	if err := c.Restart(first); err != nil {
		t.Fatal(err)
	}
	if !c.Until(c.Now+20*kafkatest.Second, func() bool {
		p, ok := c.Broker(first).Partition("t", 0)
		return ok && p.HighWatermark == 2 && len(p.InSync) == 3
	}) {
		p, ok := c.Broker(first).Partition("t", 0)
		t.Fatalf("the crashed broker did not catch up: %+v %v", p, ok)
	}
}
