package rpc_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"grapevine/protocols/rpc"
)

// A stock HTTP client is understood by our server's transport, and answered so
// that it understands.
func TestStockHTTPClient(t *testing.T) {
	theirs, ours := net.Pipe()
	go func() {
		server := rpc.NewServerTransport(rpc.OverHTTP1, rpc.TransportLimits{})
		for server.Err() == nil {
			b := make([]byte, 100)
			n, err := ours.Read(b)
			if err != nil {
				break
			}
			server.Receive(0, b[:n])
			for slot, frame, ok := server.Poll(); ok; slot, frame, ok = server.Poll() {
				answer := append([]byte("re: "), frame...)
				if len(frame) == 0 {
					answer = nil
				}
				_ = server.Send(slot, answer)
			}
			for b := server.Output(); len(b) > 0; b = server.Output() {
				n, _ := ours.Write(b)
				server.Sent(n)
			}
		}
		ours.Close()
	}()
	client := &http.Client{Transport: &http.Transport{Dial: func(string, string) (net.Conn, error) { return theirs, nil }}}
	for i, body := range []string{"hello", strings.Repeat("x", 5000), "", "again"} {
		response, err := client.Post("http://rpc/rpc", "application/cbor", strings.NewReader(body))
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		got, err := io.ReadAll(response.Body)
		want, status := "re: "+body, 200
		if body == "" {
			want, status = "", 204
		}
		if err != nil || string(got) != want || response.StatusCode != status {
			t.Errorf("request %d: status %d, %q, %v", i, response.StatusCode, got, err)
		}
		response.Body.Close()
	}
	response, err := client.Get("http://rpc/rpc")
	if err != nil || response.StatusCode != 405 {
		t.Errorf("GET: %v, %v", response, err)
	}
}

// Our client's transport is understood by a stock HTTP server, and the other
// way round.
func TestStockHTTPServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if len(body) == 0 {
			w.WriteHeader(204)
			return
		}
		fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL, r.Host, body)
	})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := rpc.NewClientTransport(rpc.OverHTTP1, rpc.TransportLimits{})
	for _, body := range []string{"one", "", "two"} {
		if err := client.Send(0, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for buffer := make([]byte, 64); len(got) < 2; {
		for b := client.Output(); len(b) > 0; b = client.Output() {
			n, err := conn.Write(b)
			if err != nil {
				t.Fatal(err)
			}
			client.Sent(n)
		}
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		client.Receive(0, bytes.Clone(buffer[:n]))
		for _, frame, ok := client.Poll(); ok; _, frame, ok = client.Poll() {
			got = append(got, string(frame))
		}
		if client.Err() != nil {
			t.Fatal(client.Err())
		}
	}
	if got[0] != "POST /rpc rpc one" || got[1] != "POST /rpc rpc two" {
		t.Errorf("%q", got)
	}
}
