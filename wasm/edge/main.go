//go:build !js

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	dir := flag.String("dir", "build/site", "folder that holds the site")
	port := flag.Int("port", 8080, "port on the loopback interface; 0 picks a free one")
	flag.Parse()
	if flag.NArg() > 0 {
		fail(fmt.Errorf("edge takes only -dir and -port, got %q", flag.Args()))
	}
	if err := serve(*dir, *port); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "edge:", err)
	os.Exit(1)
}

// serve runs until it is interrupted, which is not an error.
func serve(dir string, port int) error {
	site, err := openSite(dir)
	if err != nil {
		return err
	}
	listener, err := listen(port)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	fmt.Printf("http://127.0.0.1:%d/\n", portOf(listener))
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is taken by another program; choose another with -port N (0 picks a free one)", port)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on port %d: %w; choose another with -port N", port, err)
	}
	return listener, nil
}

func portOf(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }
