package grpcgo

import (
	"testing"

	"grapevine/tests/interop/h2spec"
)

// TestH2spec: a gRPC server is an HTTP/2 server, also for those who GET.
func TestH2spec(t *testing.T) { h2spec.RunSuite(t, server(t), "/grapevine.shop.v1.Shop/Price") }
