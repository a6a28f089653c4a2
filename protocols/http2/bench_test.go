package http2

import "testing"

// BenchmarkUnary is a gRPC-like call through both ends: two header blocks and
// trailers, a message of 100 bytes each way.
func BenchmarkUnary(b *testing.B) {
	client, server := NewClient(Config{}), NewServer(Config{})
	message := make([]byte, 105)
	answer := []HeaderField{{Name: ":status", Value: "200"}, {Name: "content-type", Value: "application/grpc"}}
	trail := []HeaderField{{Name: "grpc-status", Value: "0"}, {Name: "grpc-message", Value: ""}}
	carry := func(from, to *Conn) {
		to.Receive(0, from.Output())
		from.Sent(len(from.Output()))
		for e, ok := to.Poll(); ok; e, ok = to.Poll() {
			if e.Kind == Data {
				to.Consume(e.Stream, len(e.Bytes))
			}
			if e.End && to == server {
				server.SendHeaders(e.Stream, answer, false)
				server.SendData(e.Stream, message, false)
				server.SendHeaders(e.Stream, trail, true)
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		id, err := client.Open(get, false)
		if err != nil {
			b.Fatal(err)
		}
		client.SendData(id, message, true)
		carry(client, server)
		carry(server, client)
	}
	if client.Closed() || server.Closed() || client.Streams()+server.Streams() != 0 {
		b.Fatal("the calls did not end well")
	}
}

// BenchmarkBulk is a body of 1 MB through both ends.
func BenchmarkBulk(b *testing.B) {
	client, server := NewClient(Config{}), NewServer(Config{})
	text := body(1 << 20)
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		id, _ := client.Open(get, false)
		for rest := text; len(rest) > 0; {
			n, _ := client.SendData(id, rest, true)
			rest = rest[n:]
			for _, way := range [][2]*Conn{{client, server}, {server, client}} {
				way[1].Receive(0, way[0].Output())
				way[0].Sent(len(way[0].Output()))
				for e, ok := way[1].Poll(); ok; e, ok = way[1].Poll() {
					way[1].Consume(e.Stream, len(e.Bytes))
				}
			}
		}
		server.SendHeaders(id, []HeaderField{{Name: ":status", Value: "200"}}, true)
	}
}
