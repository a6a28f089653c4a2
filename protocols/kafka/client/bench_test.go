package client

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/batch"
)

// BenchmarkProduce sends records of 100 bytes until they are acknowledged,
// against a broker that keeps nothing. Its work is counted, too.
func BenchmarkProduce(b *testing.B) {
	for _, idempotent := range []bool{false, true} {
		b.Run(fmt.Sprintf("idempotent=%v", idempotent), func(b *testing.B) {
			f := newFake(b, Config{})
			f.answers[0] = func(a *asked) kmsg.Response {
				return eachProduced(a, func(string, *kmsg.ProduceRequestTopicPartition, *kmsg.ProduceResponseTopicPartition) {})
			}
			p, err := f.c.NewProducer(0, ProducerConfig{Acks: AcksAll, Idempotent: idempotent, LingerMicros: 1000})
			if err != nil {
				b.Fatal(err)
			}
			acked := 0
			f.drain = func() {
				for e, ok := p.Poll(); ok; e, ok = p.Poll() {
					if e.Kind == Acked {
						acked++
					}
				}
			}
			value := make([]byte, 100)
			b.ReportAllocs()
			b.ResetTimer()
			for sent := 0; acked < b.N; {
				for ; sent < b.N && p.Pending() < 5000; sent++ {
					if err := p.Send(f.now, Message{Topic: "t", Partition: AnyPartition, Value: value, ID: uint64(sent)}); err != nil {
						b.Fatal(err)
					}
				}
				f.take()
				f.run(f.now + 100)
			}
		})
	}
}

// BenchmarkConsume reads records of 100 bytes from a broker that always has
// more.
func BenchmarkConsume(b *testing.B) {
	f := newFake(b, Config{})
	var builder batch.Builder
	for range 150 {
		builder.Add(0, nil, make([]byte, 100), nil)
	}
	one := builder.Append(nil, batch.NoProducer)
	f.answers[1] = func(a *asked) kmsg.Response {
		return eachFetched(a, func(_ string, p *kmsg.FetchRequestTopicPartition, to *kmsg.FetchResponseTopicPartition) {
			for i := range int64(20) {
				at := len(to.RecordBatches)
				to.RecordBatches = append(to.RecordBatches, one...)
				batch.SetOffset(to.RecordBatches[at:], p.FetchOffset+i*150, 1)
			}
		})
	}
	var assign []TopicPartition
	for p := range int32(6) {
		assign = append(assign, TopicPartition{"t", p})
	}
	k, err := f.c.NewConsumer(0, ConsumerConfig{Assign: assign, Reset: ResetEarliest})
	if err != nil {
		b.Fatal(err)
	}
	read := 0
	f.drain = func() {
		for _, ok := k.Poll(); ok; _, ok = k.Poll() {
		}
		for r, ok := k.Take(f.now, 500); ok; r, ok = k.Take(f.now, 500) {
			read += len(r.Records)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for read < b.N {
		f.run(f.now + 100)
	}
}

// BenchmarkIdle is what a Tick costs that has nothing to do.
func BenchmarkIdle(b *testing.B) {
	f := newFake(b, Config{})
	if _, err := f.c.NewProducer(0, ProducerConfig{Acks: AcksAll}); err != nil {
		b.Fatal(err)
	}
	k, err := f.c.NewConsumer(0, ConsumerConfig{Assign: []TopicPartition{{"t", 0}, {"t", 1}, {"t", 2}}})
	if err != nil {
		b.Fatal(err)
	}
	f.run(1_000_000)
	for _, ok := k.Poll(); ok; _, ok = k.Poll() {
	}
	b.ReportAllocs()
	for b.Loop() {
		f.c.Tick(f.now)
		f.c.Poll()
		f.c.Deadline()
	}
}
