package h2spec

import (
	"errors"
	"net"
	"time"

	"grapevine/protocols/http2"
)

// Machine is a connection's: of HTTP/2, or of what stands on it.
type Machine interface {
	Receive(now int64, b []byte)
	Output() []byte
	Sent(n int)
	Closed() bool
	Deadline() (at int64, ok bool)
	Tick(now int64)
	Disconnected()
}

// Talk carries bytes between a machine and a socket until one of them is over,
// and has the machine's events drained. It returns why it stopped.
func Talk(socket net.Conn, c Machine, drain func(now int64)) error {
	defer socket.Close()
	began := time.Now()
	now := func() int64 { return time.Since(began).Microseconds() }
	buf := make([]byte, 1<<16)
	for {
		for len(c.Output()) > 0 {
			if _, err := socket.Write(c.Output()); err != nil {
				return err
			}
			c.Sent(len(c.Output()))
			drain(now()) // room in Output may be what a stream waits for
		}
		if c.Closed() {
			return nil
		}
		deadline := time.Time{}
		if at, ok := c.Deadline(); ok {
			deadline = began.Add(time.Duration(at) * time.Microsecond)
		}
		socket.SetReadDeadline(deadline)
		n, err := socket.Read(buf)
		at := now()
		var late net.Error
		switch {
		case n > 0:
			c.Receive(at, buf[:n])
		case errors.As(err, &late) && late.Timeout():
			c.Tick(at)
		default:
			c.Disconnected()
		}
		drain(at)
	}
}

// each drains a machine, event by event.
func each(c *http2.Conn, handle func(http2.Event)) (drain func(now int64)) {
	return func(int64) {
		for e, ok := c.Poll(); ok; e, ok = c.Poll() {
			handle(e)
		}
	}
}

// Serve gives each connection that comes in to a server machine of its own,
// with a handler made for it, until the listener is closed.
func Serve(l net.Listener, config http2.Config, handler func(*http2.Conn) func(http2.Event)) {
	for {
		socket, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			c := http2.NewServer(config)
			Talk(socket, c, each(c, handler(c)))
		}()
	}
}

// Page answers every request, once it is whole, with the same body.
func Page(body []byte) func(*http2.Conn) func(http2.Event) {
	return func(c *http2.Conn) func(http2.Event) {
		rest := map[uint32][]byte{}
		send := func(stream uint32) {
			n, err := c.SendData(stream, rest[stream], true)
			rest[stream] = rest[stream][n:]
			if err != nil || len(rest[stream]) == 0 {
				delete(rest, stream)
			}
		}
		return func(e http2.Event) {
			switch e.Kind {
			case http2.Data:
				c.Consume(e.Stream, len(e.Bytes))
			case http2.Writable:
				send(e.Stream)
			case http2.Reset:
				delete(rest, e.Stream)
			}
			if e.End && c.SendHeaders(e.Stream, []http2.HeaderField{{Name: ":status", Value: "200"}}, false) == nil {
				rest[e.Stream] = body
				send(e.Stream)
			}
		}
	}
}
