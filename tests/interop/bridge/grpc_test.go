package bridge

import (
	"testing"

	"grapevine/tests/interop/grpcgo"
	"grapevine/tests/interop/h2spec"
)

// The lab rpc/grpc without delays: what remains is the protocol.
var quick = []string{"rpc/grpc", "servers=3", "delay=0s", "work=0s", "read=0s"}

// TestGRPC: each of the virtual servers is a gRPC server to those who know
// nothing of us. The suites are spread over them.
func TestGRPC(t *testing.T) {
	servers := Play(t, quick...)
	if len(servers) != 3 {
		t.Fatalf("%d addresses for 3 servers", len(servers))
	}
	t.Run("interop client", func(t *testing.T) { grpcgo.RunInteropClient(t, servers[0]) })
	t.Run("h2spec", func(t *testing.T) { h2spec.RunSuite(t, servers[1], "/grapevine.shop.v1.Shop/Price") })
	t.Run("stock client", func(t *testing.T) { grpcgo.RunStock(t, servers[2]) })
	for _, server := range servers {
		t.Run("grpcurl", func(t *testing.T) { grpcgo.RunGrpcurl(t, server) })
	}
}

// TestGRPCAsItIs: the lab with its own delays; and the default addresses.
func TestGRPCAsItIs(t *testing.T) {
	grpcgo.RunGrpcurl(t, Play(t, "rpc/grpc")[0])
}
