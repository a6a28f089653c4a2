package h2spec

import (
	"bytes"
	"net"
	"testing"

	"grapevine/protocols/http2"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestSuite: every case of h2spec passes.
func TestSuite(t *testing.T) {
	l := listen(t)
	go Serve(l, http2.Config{}, Page(bytes.Repeat([]byte("grapevine "), 100)))
	RunSuite(t, l.Addr().String(), "/pkg.Service/Method")
}
