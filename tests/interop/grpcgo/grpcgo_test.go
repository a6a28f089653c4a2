package grpcgo

import (
	"flag"
	"net"
	"os/exec"
	"testing"
	"time"

	"grapevine/protocols/grpc"
)

var target = flag.String("target", "", "HOST:PORT of the server to test; without it, our machine on a socket")

// server returns the address of the server to test.
func server(t testing.TB) string {
	t.Helper()
	if *target != "" {
		return *target
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go Serve(l, grpc.Config{})
	return l.Addr().String()
}

func TestInteropClient(t *testing.T) { RunInteropClient(t, server(t)) }

// TestOurselves: our client's tests against our server.
func TestOurselves(t *testing.T) { RunInteropServer(t, server(t)) }

// TestInteropServer: our client's tests against the stock server.
func TestInteropServer(t *testing.T) { RunInteropServer(t, stockServer(t)) }

// stockServer starts gRPC's interoperability server.
func stockServer(t testing.TB) string {
	t.Helper()
	addr := freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(tool(t, "server"), "-port", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for range 500 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return addr
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the stock interop server does not listen")
	return ""
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestStock(t *testing.T)   { RunStock(t, server(t)) }
func TestGrpcurl(t *testing.T) { RunGrpcurl(t, server(t)) }
