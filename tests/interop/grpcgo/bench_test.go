package grpcgo

import (
	"context"
	"net"
	"testing"

	stock "google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	testing_pb "google.golang.org/grpc/interop/grpc_testing"
)

// BenchmarkStockClient is a unary call of the stock client, ten at a time: to
// the server under test, and to the stock server.
//
//	go test ./grpcgo -run xxx -bench . -target HOST:PORT
func BenchmarkStockClient(b *testing.B) {
	b.Run("ours", func(b *testing.B) { benchUnary(b, server(b)) })
	b.Run("stock", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		s := stock.NewServer()
		testing_pb.RegisterTestServiceServer(s, interop.NewTestServer())
		go s.Serve(l)
		b.Cleanup(s.Stop)
		benchUnary(b, l.Addr().String())
	})
}

func benchUnary(b *testing.B, addr string) {
	conn, err := stock.NewClient(addr, stock.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	client := testing_pb.NewTestServiceClient(conn)
	b.SetParallelism(5)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := client.UnaryCall(context.Background(), &testing_pb.SimpleRequest{ResponseSize: 10}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
