package rpc

import (
	"bytes"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/pipeline"
	"grapevine/wasm/sim"
)

// ioConn is one connection of a server: its stream, its pipeline, and how far
// its call has come.
type ioConn struct {
	stream *sim.Stream
	pipe   *pipeline.Pipeline
	number int // from 1, in the order of their acceptance; 0 before
	worker int // the thread that looks after it
	phase  ioPhase
	unsent []byte // taken from the pipeline, and not by the stream

	answer pipeline.Context // where the reply goes
	call   rpc.CallKey
	body   []byte

	listed bool // in a ready list
	over   bool // the stream is
	gone   bool // the server has forgotten it
}

// ioPhase is how far the call has come that the business handler has taken.
type ioPhase uint8

const (
	ioNoCall    ioPhase = iota
	ioCalled            // the first half of its CPU time is spent
	ioQuerying          // the database is asked
	ioRendering         // the second half is to come
)

// The handlers of a pipeline, by their places in it.
const (
	handlerFrameIn = iota
	handlerFrameOut
	handlerCallIn
	handlerCallOut
	handlerBusiness
)

func newIOConn(stream *sim.Stream) *ioConn {
	c := &ioConn{stream: stream, worker: nobody}
	c.pipe = pipeline.New(pipeline.Limits{}, &pipeline.FrameDecoder{}, &pipeline.FrameEncoder{},
		&pipeline.CallDecoder{}, &pipeline.CallEncoder{}, ioBusiness{c})
	stream.User = c
	return c
}

// ioBusiness is the handler at the end of the chain. It takes the call, and
// answers when its time has come.
type ioBusiness struct{ c *ioConn }

// Name is "business handler".
func (b ioBusiness) Name() string { return "business handler" }

// Read takes a call.
func (b ioBusiness) Read(c pipeline.Context, m pipeline.Message) {
	f := m.Value.(*rpc.Frame)
	if f.Kind != rpc.Request {
		return // nothing else is sent by these clients, and nothing else is answered
	}
	b.c.answer, b.c.call, b.c.body = c, f.Call, append(b.c.body[:0], f.Body...)
	b.c.phase = ioCalled
}

// reply sends the call's arguments back as its result.
func (c *ioConn) reply() {
	c.phase = ioNoCall
	c.answer.Write(pipeline.Message{Value: &rpc.Frame{Kind: rpc.Reply, Call: c.call, Body: bytes.Clone(c.body)}})
}

// ioTask is one piece of work at a connection.
type ioTask uint8

const (
	taskNone   ioTask = iota
	taskSelect        // the loop asks what is ready
	taskAccept        // a connection is taken in, or turned away
	taskRead          // bytes go from the stream into the pipeline
	taskStep          // one handler takes one message
	taskRender        // the business handler makes the reply
	taskWrite         // bytes go from the pipeline into the stream
	taskClose
)

// next is what there is to do at a connection now.
func (c *ioConn) next() ioTask {
	switch {
	case c.number == 0:
		return taskAccept
	case c.over:
		return taskClose
	case c.phase == ioQuerying:
		return taskNone
	case c.phase == ioRendering:
		return taskRender
	}
	if _, _, ok := c.pipe.Next(); ok {
		return taskStep
	}
	switch {
	case c.pipe.Unsent() > 0 || len(c.unsent) > 0:
		if len(c.unsent) > 0 && c.stream.Room() == 0 {
			return taskNone
		}
		return taskWrite
	case c.pipe.Err() != nil:
		return taskClose
	case c.stream.Unread() > 0:
		return taskRead
	case c.stream.EOF():
		return taskClose
	}
	return taskNone
}

// read lets the pipeline take what has arrived.
func (c *ioConn) read() {
	const most = 4096
	c.pipe.Receive(c.stream.Read(most))
}

// write lets the stream take what the pipeline has made.
func (c *ioConn) write() {
	c.unsent = append(c.unsent, c.pipe.Output()...)
	taken := c.stream.Write(kindIOReply, c.unsent)
	c.unsent = c.unsent[:copy(c.unsent, c.unsent[taken:])]
}
