package bridge

import (
	"io"
	"net"
	"sync"
	"syscall"

	"grapevine/wasm/sim"
)

// Bounds of one connection, in bytes.
const (
	chunkBytes = 128 << 10 // that are read at once
	maxOut     = 256 << 10
)

// conn is a TCP connection from outside and the stream that it has become.
type conn struct {
	live   *live
	tcp    *net.TCPConn
	raw    syscall.RawConn // of tcp
	member int             // of the outside
	taken  chan struct{}   // the stream has taken what was read; closed at the end

	// Under live.mu.
	stream *sim.Stream
	chunk  []byte // was read and not yet taken by the stream
	ended  bool   // nothing more will be read
	gone   bool   // the stream is over
	dirty  bool   // to be flushed

	// Shared with the writer.
	mu     sync.Mutex
	wake   sync.Cond
	out    []byte // to be written
	idle   bool   // the writer waits
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

func newConn(l *live, tcp *net.TCPConn, member int) *conn {
	c := &conn{live: l, tcp: tcp, member: member, taken: make(chan struct{}, 1)}
	c.raw, _ = tcp.SyscallConn() // an error would be that there is no connection
	c.wake.L = &c.mu
	return c
}

// read brings what comes from the socket to the stream.
func (c *conn) read() {
	chunk := make([]byte, chunkBytes)
	for {
		n, err := c.tcp.Read(chunk)
		c.live.act(c.member, func(*sim.Host) { c.take(chunk[:n], err) })
		if err != nil {
			return
		}
		if _, more := <-c.taken; !more {
			return
		}
	}
}

// write brings what the stream put into out to the socket.
func (c *conn) write() {
	defer c.live.alive.Add(-1)
	var batch []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.hungry && c.finish == goOn {
			c.idle = true
			c.wake.Wait()
		}
		c.idle = false
		batch, c.out = c.out, batch[:0]
		finish, hungry := c.finish, c.hungry
		c.hungry = false
		if finish == halfClose {
			c.finish = goOn
		}
		c.mu.Unlock()
		if hungry {
			c.live.act(c.member, func(*sim.Host) { c.drain() })
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

// ---- under live.mu, while the outside's node acts ----

// open dials the node that the connection is to, unless there are too many, or
// nobody is there to take it: a program that is refused turns to another node
// at once.
func (c *conn) open(h *sim.Host) {
	if c.live.alive.Load() == maxConnections || !c.live.reaches(c.member) {
		c.refuse()
		return
	}
	to := c.live.targets[c.member]
	c.stream = h.Dial(to.Node, to.Port)
	c.stream.User = c
	c.live.alive.Add(1)
	c.live.total++
	c.live.conns[c.member][c] = true
	go c.read()
	go c.write()
}

// take takes in what was read, and how reading has ended.
func (c *conn) take(chunk []byte, err error) {
	if c.gone {
		return
	}
	c.live.received += int64(len(chunk))
	if err != nil && err != io.EOF {
		c.stream.Abort()
		c.end(reset)
		return
	}
	c.chunk, c.ended = chunk, err == io.EOF
	c.fill()
}

// fill gives the stream what was read, as far as it takes it.
func (c *conn) fill() {
	if len(c.chunk) > 0 {
		c.chunk = c.chunk[c.stream.Write(0, c.chunk):]
		if len(c.chunk) > 0 {
			return
		}
		if !c.ended {
			c.taken <- struct{}{}
		}
	}
	if c.ended {
		c.stream.CloseWrite()
	}
}

// drain takes what came on the stream, as far as there is room for it.
func (c *conn) drain() {
	if !c.gone {
		c.draw(maxOut)
	}
}

// draw lets out grow to most bytes.
func (c *conn) draw(most int) {
	c.mu.Lock()
	for len(c.out) < most {
		b := c.stream.Read(most - len(c.out))
		if b == nil {
			break
		}
		c.out = append(c.out, b...)
		c.live.sent += int64(len(b))
	}
	c.hungry = c.stream.Unread() > 0
	if c.stream.EOF() {
		c.finish = max(c.finish, halfClose)
	}
	c.mu.Unlock()
	c.live.touch(c)
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
	close(c.taken)
	if how == reset {
		c.refuse()
	}
	c.mu.Lock()
	c.finish = how
	c.mu.Unlock()
	c.live.touch(c)
	delete(c.live.conns[c.member], c)
}

// flush writes what the socket takes without waiting, unless the writer is at
// it, and leaves it the rest.
func (c *conn) flush() {
	c.mu.Lock()
	if c.idle && c.finish == goOn {
		c.out = c.out[:copy(c.out, c.out[writeNow(c.raw, c.out):])]
	}
	left := len(c.out) > 0 || c.hungry || c.finish != goOn
	c.mu.Unlock()
	if left {
		c.wake.Signal()
	}
}
