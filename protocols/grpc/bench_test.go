package grpc

import (
	"testing"

	"grapevine/protocols/grpc/pb"
	"grapevine/protocols/grpc/protobuf"
)

// BenchmarkUnary is one unary call: both machines, all messages read and written.
func BenchmarkUnary(b *testing.B) {
	p := newPair(b, Config{}, Config{})
	p.handle = func(e Event) {
		switch e.Kind {
		case Received:
			var item pb.Item
			if protobuf.Unmarshal(e.Message, &item) != nil {
				b.Fatal("bad message")
			}
			e.Call.Send(&pb.Quote{Name: item.Name, Cents: int64(item.Count) * 120})
		case HalfClosed:
			e.Call.Finish(Status{}, nil)
		}
	}
	done := 0
	p.log = func(e Event) {
		if e.Kind == Finished && e.Status.Code == OK {
			done++
		}
	}
	p.run()
	b.ReportAllocs()
	for b.Loop() {
		call, err := p.client.Call(p.now, pb.ShopPrice, Options{TimeoutMicros: 1_000_000})
		if err != nil {
			b.Fatal(err)
		}
		call.SendLast(&pb.Item{Name: "tea", Count: 2})
		p.run()
		p.now += 10
	}
	if done != b.N {
		b.Fatalf("%d of %d calls finished well", done, b.N)
	}
}
