package broker_test

import (
	"testing"

	"grapevine/protocols/kafka/kafkatest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// BenchmarkReplicate is records of 100 bytes, in batches of 150, produced with
// acks=all to 6 partitions of three brokers, replicated and fetched by a
// consumer, by way of pipes in memory. 50,000 a second in a browser's tab leave
// natively about 125,000, with a client and a simulated network to pay for.
func BenchmarkReplicate(b *testing.B) {
	const partitions, perBatch = 6, 150
	c := start(b, kafkatest.Config{Brokers: 3, Settings: quick})
	create(b, c, 3, "t", partitions, 3, "min.insync.replicas", "2")
	var list []string
	for range perBatch {
		list = append(list, string(make([]byte, 100)))
	}
	batch := records(list...)
	type lane struct {
		writer, reader *kafkatest.Raw
		next           int64
	}
	var lanes []*lane
	for p := range int32(partitions) {
		at := leader(c, 3, "t", p)
		lanes = append(lanes, &lane{writer: c.Dial(at), reader: c.Dial(at)})
	}
	acked, fetched := 0, int64(0)
	b.ReportAllocs()
	b.ResetTimer()
	for acked < b.N*perBatch || fetched < int64(b.N)*perBatch {
		for p, l := range lanes {
			for a, ok := l.writer.Next(); ok; a, ok = l.writer.Next() {
				if code := a.Answer.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode; code != 0 {
					b.Fatal(code)
				}
				acked += perBatch
			}
			for l.writer.Waiting() < 5 {
				l.writer.Send(produceTo("t", int32(p), -1, batch), -1)
			}
			for a, ok := l.reader.Next(); ok; a, ok = l.reader.Next() {
				o := a.Answer.(*kmsg.FetchResponse).Topics[0].Partitions[0]
				fetched += o.HighWatermark - l.next
				l.next = o.HighWatermark
			}
			if l.reader.Waiting() == 0 {
				l.reader.Send(fetchFrom("t", int32(p), l.next, 500), 12)
			}
		}
		c.Run(500)
	}
	b.ReportMetric(float64(acked)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkIdle is 60 virtual seconds of three brokers with nothing to do but
// to keep in touch.
func BenchmarkIdle(b *testing.B) {
	c := start(b, kafkatest.Config{Brokers: 3, Settings: quick})
	create(b, c, 3, "t", 6, 3)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		c.Run(60 * second)
	}
}
