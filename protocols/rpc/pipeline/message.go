package pipeline

import "grapevine/protocols/rpc"

// MessageDecoder reads the bytes of a frame as a message of protocols/rpc and
// passes on a *rpc.Frame. One that cannot be read breaks the pipeline.
type MessageDecoder struct{ frame rpc.Frame }

// Name is "message decoder".
func (d *MessageDecoder) Name() string { return "message decoder" }

// Read takes the bytes of one frame.
func (d *MessageDecoder) Read(c Context, m Message) {
	f, fault := rpc.ReadFrame(m.Bytes)
	if fault != nil {
		c.Fail(theirs("a frame that is no message: %s", fault.Error()))
		return
	}
	d.frame = f
	c.Fire(Message{Value: &d.frame})
}

// MessageEncoder writes a *rpc.Frame as bytes.
type MessageEncoder struct{ bytes []byte }

// Name is "message encoder".
func (e *MessageEncoder) Name() string { return "message encoder" }

// Write takes one message; anything but a *rpc.Frame is the caller's fault.
func (e *MessageEncoder) Write(c Context, m Message) {
	f, ok := m.Value.(*rpc.Frame)
	if !ok {
		c.Fail(ours("the message encoder was given a %T; it takes a *rpc.Frame", m.Value))
		return
	}
	e.bytes = rpc.AppendFrame(e.bytes[:0], *f)
	c.Write(Message{Bytes: e.bytes})
}
