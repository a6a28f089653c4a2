package grpcgo

import (
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/protobuf"
)

// Client is our machine on a socket, to be used from many goroutines.
type Client struct {
	mu     sync.Mutex
	socket net.Conn
	conn   *grpc.Conn
	began  time.Time
	calls  map[*grpc.Call]*Call
}

// Dial connects to a server.
func Dial(addr string, config grpc.Config) (*Client, error) {
	socket, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &Client{socket: socket, conn: grpc.NewClient(config), began: time.Now(), calls: map[*grpc.Call]*Call{}}
	c.do(func(int64) {})
	go c.read()
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() { c.socket.Close() }

// do changes the machine, and then drains it.
func (c *Client) do(change func(now int64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(time.Since(c.began).Microseconds())
	for {
		for e, ok := c.conn.Poll(); ok; e, ok = c.conn.Poll() {
			if call := c.calls[e.Call]; call != nil && e.Kind != grpc.Writable {
				e.Message = slices.Clone(e.Message)
				call.events <- e
				if e.Kind == grpc.Finished {
					delete(c.calls, e.Call)
				}
			}
		}
		b := c.conn.Output()
		if len(b) == 0 {
			break
		}
		n, err := c.socket.Write(b)
		if err != nil {
			break
		}
		c.conn.Sent(n)
	}
	due := time.Time{}
	if at, ok := c.conn.Deadline(); ok {
		due = c.began.Add(time.Duration(at) * time.Microsecond)
	}
	c.socket.SetReadDeadline(due)
}

func (c *Client) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := c.socket.Read(buf)
		var late net.Error
		over := false
		c.do(func(now int64) {
			switch {
			case n > 0:
				c.conn.Receive(now, buf[:n])
			case errors.As(err, &late) && late.Timeout():
				c.conn.Tick(now)
			default:
				c.conn.Disconnected()
				over = true
			}
		})
		if over {
			c.socket.Close()
			return
		}
	}
}

// Call is one call, whose events wait until they are asked for.
type Call struct {
	client *Client
	call   *grpc.Call
	events chan grpc.Event
}

// maxWaiting is how many events of a call may wait: more than any test makes.
const maxWaiting = 10_000

// Call begins a call.
func (c *Client) Call(method string, o grpc.Options) (*Call, error) {
	call := &Call{client: c, events: make(chan grpc.Event, maxWaiting)}
	var err error
	c.do(func(now int64) {
		if call.call, err = c.conn.Call(now, method, o); err == nil {
			c.calls[call.call] = call
		}
	})
	return call, err
}

// Send sends a message, and waits until the last one is on its way.
func (call *Call) Send(m grpc.Message) error {
	for {
		var err error
		call.client.do(func(int64) { err = call.call.Send(m) })
		if !errors.Is(err, grpc.ErrFull) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// SendLast sends a message and half-closes.
func (call *Call) SendLast(m grpc.Message) (err error) {
	call.client.do(func(int64) { err = call.call.SendLast(m) })
	return err
}

// CloseSend half-closes.
func (call *Call) CloseSend() (err error) {
	call.client.do(func(int64) { err = call.call.CloseSend() })
	return err
}

// Cancel cancels.
func (call *Call) Cancel() { call.client.do(func(int64) { call.call.Cancel() }) }

// Next waits for the next event.
func (call *Call) Next() grpc.Event { return <-call.events }

// Reply is all that came of a call.
type Reply struct {
	Header, Trailers grpc.Metadata
	Messages         [][]byte
	Status           grpc.Status
}

// Rest waits until the call is over.
func (call *Call) Rest() Reply {
	var r Reply
	for {
		switch e := call.Next(); e.Kind {
		case grpc.Header:
			r.Header = e.Metadata
		case grpc.Received:
			r.Messages = append(r.Messages, e.Message)
		case grpc.Finished:
			r.Trailers, r.Status = e.Metadata, e.Status
			return r
		}
	}
}

// Unary makes a whole call: its one answer is read into out.
func (c *Client) Unary(method string, o grpc.Options, in grpc.Message, out protobuf.Message) (Reply, error) {
	call, err := c.Call(method, o)
	if err != nil {
		return Reply{}, err
	}
	if err := call.SendLast(in); err != nil && !errors.Is(err, grpc.ErrOver) {
		return Reply{}, err
	}
	r := call.Rest()
	switch {
	case r.Status.Code != grpc.OK:
		return r, r.Status
	case len(r.Messages) != 1:
		return r, errors.New("not exactly one answer came")
	}
	return r, protobuf.Unmarshal(r.Messages[0], out)
}
