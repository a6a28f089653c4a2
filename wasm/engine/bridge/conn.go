package bridge

import (
	"io"
	"net"
	"sync"

	"grapevine/wasm/sim"
)

// Bounds of one connection, in bytes.
const (
	chunkBytes = 32 << 10 // that are read at once; the reader has two such
	maxOut     = 256 << 10
)

// event is what a goroutine of a connection tells the loop.
type event struct {
	conn  *conn
	chunk []byte // was read
	err   error  // the socket's reading side is over: io.EOF, or it is broken
	opens bool   // the connection is new
	room  bool   // there is room in conn.out again
}

// conn is a TCP connection from outside and the stream that it has become.
type conn struct {
	tcp    *net.TCPConn
	member int // of the outside
	tell   func(event)
	free   chan []byte // chunks for the reader

	// The loop's own.
	stream *sim.Stream
	inbox  [][]byte // was read and not yet taken by the stream
	given  int      // bytes of the first of them that it has taken
	ended  bool     // nothing more will be read
	gone   bool     // the stream is over
	dirty  bool     // to be flushed
	loop   *loop

	// Shared with the writer.
	mu     sync.Mutex
	wake   sync.Cond
	out    []byte // to be written
	hungry bool   // the stream has more than fitted into out
	finish finish // once out is written
}

// finish is what the writer does in the end.
type finish uint8

const (
	goOn      finish = iota
	halfClose        // FIN: the node writes no more
	closeAll         // both sides have closed
	reset            // the connection is closed already, by RST
)

func newConn(tcp *net.TCPConn, member int, tell func(event)) *conn {
	c := &conn{tcp: tcp, member: member, tell: tell, free: make(chan []byte, 2)}
	c.wake.L = &c.mu
	c.free <- make([]byte, chunkBytes)
	c.free <- make([]byte, chunkBytes)
	return c
}

// read hands what comes from the socket to the loop.
func (c *conn) read() {
	for chunk := range c.free {
		n, err := c.tcp.Read(chunk[:chunkBytes])
		c.tell(event{conn: c, chunk: chunk[:n], err: err})
		if err != nil {
			return
		}
	}
}

// write brings what the loop put into out to the socket.
func (c *conn) write() {
	defer c.loop.alive.Add(-1)
	var batch []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 && c.finish == goOn {
			c.wake.Wait()
		}
		batch, c.out = c.out, batch[:0]
		finish, hungry := c.finish, c.hungry
		c.hungry = false
		if finish == halfClose {
			c.finish = goOn
		}
		c.mu.Unlock()
		if hungry {
			c.tell(event{conn: c, room: true})
		}
		if len(batch) > 0 {
			// An error is the reader's to tell of.
			if _, err := c.tcp.Write(batch); err != nil {
				c.refuse()
				return
			}
		}
		switch finish {
		case halfClose:
			c.tcp.CloseWrite()
		case closeAll, reset:
			c.tcp.Close()
			return
		}
	}
}

// refuse ends the connection by RST, whatever is being written or read.
func (c *conn) refuse() {
	c.tcp.SetLinger(0)
	c.tcp.Close()
}

// ---- called by the loop, while the outside's node runs ----

// take takes in what a goroutine of the connection has told.
func (c *conn) take(h *sim.Host, e event, to target) {
	switch {
	case e.opens:
		c.stream = h.Dial(to.Node, to.Port)
		c.stream.User = c
		return
	case c.gone:
		return
	case e.room:
		c.drain()
		return
	}
	if len(e.chunk) > 0 {
		c.inbox = append(c.inbox, e.chunk)
		c.loop.received += int64(len(e.chunk))
	}
	if e.err != nil && e.err != io.EOF {
		c.stream.Abort()
		c.end(reset)
		return
	}
	c.ended = c.ended || e.err == io.EOF
	c.fill()
}

// fill gives the stream what was read, as far as it takes it.
func (c *conn) fill() {
	for len(c.inbox) > 0 {
		chunk := c.inbox[0]
		c.given += c.stream.Write(0, chunk[c.given:])
		if c.given < len(chunk) {
			return
		}
		c.given = 0
		c.free <- chunk
		c.inbox = c.inbox[:copy(c.inbox, c.inbox[1:])]
	}
	if c.ended {
		c.stream.CloseWrite()
	}
}

// drain takes what came on the stream, as far as there is room for it.
func (c *conn) drain() { c.draw(maxOut) }

// draw lets out grow to most bytes.
func (c *conn) draw(most int) {
	c.mu.Lock()
	for len(c.out) < most {
		b := c.stream.Read(most - len(c.out))
		if b == nil {
			break
		}
		c.out = append(c.out, b...)
		c.loop.sent += int64(len(b))
	}
	c.hungry = c.stream.Unread() > 0
	if c.stream.EOF() {
		c.finish = max(c.finish, halfClose)
	}
	c.mu.Unlock()
	c.loop.touch(c)
}

// over ends the connection as its stream has ended.
func (c *conn) over(err error) {
	if err != nil {
		c.end(reset)
		return
	}
	c.draw(maxOut + streamBytes) // there is no later
	c.end(closeAll)
}

// end lets the goroutines of the connection come to theirs.
func (c *conn) end(how finish) {
	if c.gone {
		return
	}
	c.gone = true
	close(c.free)
	if how == reset {
		c.refuse()
	}
	c.mu.Lock()
	c.finish = how
	c.mu.Unlock()
	c.loop.touch(c)
	delete(c.loop.conns[c.member], c)
}

// flush has the writer write.
func (c *conn) flush() { c.wake.Signal() }
