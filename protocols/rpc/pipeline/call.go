package pipeline

import "grapevine/protocols/rpc"

// CallDecoder reads the bytes of a frame as a message of protocols/rpc and
// passes on a *rpc.Frame. One that cannot be read breaks the pipeline.
type CallDecoder struct{ frame rpc.Frame }

// Name is "call decoder".
func (d *CallDecoder) Name() string { return "call decoder" }

// Read takes the bytes of one frame.
func (d *CallDecoder) Read(c Context, m Message) {
	f, fault := rpc.ReadFrame(m.Bytes)
	if fault != nil {
		c.Fail(theirs("a frame that is no message: %s", fault.Error()))
		return
	}
	d.frame = f
	c.Fire(Message{Value: &d.frame})
}

// CallEncoder writes a *rpc.Frame as bytes.
type CallEncoder struct{ bytes []byte }

// Name is "call encoder".
func (e *CallEncoder) Name() string { return "call encoder" }

// Write takes one message; anything but a *rpc.Frame is the caller's fault.
func (e *CallEncoder) Write(c Context, m Message) {
	f, ok := m.Value.(*rpc.Frame)
	if !ok {
		c.Fail(ours("the call encoder was given a %T; it takes a *rpc.Frame", m.Value))
		return
	}
	e.bytes = rpc.AppendFrame(e.bytes[:0], *f)
	c.Write(Message{Bytes: e.bytes})
}
