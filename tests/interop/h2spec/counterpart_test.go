package h2spec

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"

	"grapevine/protocols/http2"
)

// echo answers with the request's body while it comes, and its checksum as a
// trailer.
func echo(c *http2.Conn) func(http2.Event) {
	type call struct {
		rest []byte
		sum  int
		done bool
	}
	calls := map[uint32]*call{}
	push := func(stream uint32, k *call) {
		n, err := c.SendData(stream, k.rest, false)
		c.Consume(stream, n) // only what went on is done with: the two ends' windows push on each other
		k.rest = k.rest[n:]
		if err != nil {
			delete(calls, stream)
		} else if k.done && len(k.rest) == 0 {
			c.SendHeaders(stream, []http2.HeaderField{{Name: "x-sum", Value: fmt.Sprint(k.sum)}}, true)
			delete(calls, stream)
		}
	}
	return func(e http2.Event) {
		k := calls[e.Stream]
		switch e.Kind {
		case http2.Headers:
			k = &call{}
			calls[e.Stream] = k
			c.SendHeaders(e.Stream, []http2.HeaderField{{Name: ":status", Value: "200"}, {Name: "trailer", Value: "x-sum"}, {Name: "x-path", Value: http2.Value(e.Fields, ":path")}}, false)
		case http2.Data:
			k.rest = append(k.rest, e.Bytes...)
			k.sum += sum(e.Bytes)
		case http2.Reset:
			delete(calls, e.Stream)
			return
		}
		if k != nil {
			k.done = k.done || e.End
			push(e.Stream, k)
		}
	}
}

func sum(b []byte) (n int) {
	for _, c := range b {
		n += int(c)
	}
	return n
}

var sizes = []int{0, 1, 100, 16_384, 16_385, 65_535, 65_536, 300_000, 4_000_000}

// TestGoClient: Go's own client gets back what it sent, many calls at once.
func TestGoClient(t *testing.T) {
	for _, config := range []http2.Config{
		{},
		{StreamWindowBytes: 1000},
		{StreamWindowBytes: 1 << 20, MaxFrameBytes: 1 << 18, HeaderTableBytes: 1, MaxStreams: 3},
	} {
		atOnce := 36
		if config.MaxStreams > 0 {
			// Kept to by us: told to be strict itself, Go's client counts the
			// calls that wait against the limit they wait for, for ever.
			atOnce = config.MaxStreams
		}
		slots := make(chan bool, atOnce)
		l := listen(t)
		go Serve(l, config, echo)
		client := &http.Client{Transport: &xhttp2.Transport{AllowHTTP: true,
			DialTLS: func(network, addr string, _ *tls.Config) (net.Conn, error) { return net.Dial(network, addr) }}}
		faults := make(chan error)
		calls := 0
		for range 4 {
			for _, size := range sizes {
				if config.StreamWindowBytes == 1000 && size > 300_000 {
					continue
				}
				calls++
				go func() {
					slots <- true
					err := callWithGo(client, fmt.Sprintf("http://%s/size/%d", l.Addr(), size), size)
					<-slots
					faults <- err
				}()
			}
		}
		for range calls {
			if err := <-faults; err != nil {
				t.Errorf("%+v: %v", config, err)
			}
		}
		client.CloseIdleConnections()
	}
}

func callWithGo(client *http.Client, url string, size int) error {
	body := bytes.Repeat([]byte("g"), size)
	resp, err := client.Post(url, "text/plain", struct{ io.Reader }{bytes.NewReader(body)})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, body) || resp.Trailer.Get("x-sum") != fmt.Sprint(sum(body)) || !strings.HasSuffix(url, resp.Header.Get("x-path")) {
		return fmt.Errorf("%d bytes went, %d came back, headers %v, trailers %v", size, len(got), resp.Header, resp.Trailer)
	}
	return nil
}

// TestGoServer: our client gets back from Go's own server what it sent.
func TestGoServer(t *testing.T) {
	l := listen(t)
	server := &http.Server{Handler: h2c.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "x-sum")
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
		w.Header().Set("x-sum", fmt.Sprint(sum(body)))
	}), &xhttp2.Server{MaxConcurrentStreams: 5})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	for _, config := range []http2.Config{{}, {StreamWindowBytes: 5000, HeaderTableBytes: 200}, {StreamWindowBytes: 1 << 20, MaxFrameBytes: 1 << 20}} {
		socket, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		u := &user{Conn: http2.NewClient(config), todo: append([]int{}, sizes...), rest: map[uint32][]byte{}, want: map[uint32]int{}, got: map[uint32]int{}, sums: map[uint32]string{}}
		err = Talk(socket, u.Conn, each(u.Conn, u.handle))
		if err != nil || u.closed != nil || len(u.want) != len(sizes) {
			t.Errorf("%+v: %v, %v after %d of %d calls", config, err, u.closed, len(u.want), len(sizes))
		}
		for id, size := range u.want {
			if u.got[id] != size || u.sums[id] != fmt.Sprint(size*'g') {
				t.Errorf("%d bytes went, %d came back, sum %s", size, u.got[id], u.sums[id])
			}
		}
	}
}

// user calls once for each size, as the server lets it, and then goes.
type user struct {
	*http2.Conn
	todo   []int
	rest   map[uint32][]byte
	want   map[uint32]int
	got    map[uint32]int
	sums   map[uint32]string
	closed error
}

func (u *user) handle(e http2.Event) {
	switch e.Kind {
	case http2.Data:
		u.got[e.Stream] += len(e.Bytes)
		u.Consume(e.Stream, len(e.Bytes))
	case http2.Trailers:
		u.sums[e.Stream] = http2.Value(e.Fields, "x-sum")
	case http2.Writable:
		u.push(e.Stream)
	case http2.Closed:
		u.closed = e.Err
	}
	for len(u.todo) > 0 && u.CanOpen() {
		size := u.todo[0]
		id, err := u.Open([]http2.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/"}, {Name: ":authority", Value: "go"},
			{Name: "content-length", Value: fmt.Sprint(size)}}, false)
		if err != nil {
			break
		}
		u.todo = u.todo[1:]
		u.want[id], u.rest[id] = size, bytes.Repeat([]byte("g"), size)
		u.push(id)
	}
	if len(u.todo) == 0 && u.Streams() == 0 {
		u.GoAway(http2.NoError)
	}
}

func (u *user) push(id uint32) {
	n, err := u.SendData(id, u.rest[id], true)
	if err == nil {
		u.rest[id] = u.rest[id][n:]
	}
}
