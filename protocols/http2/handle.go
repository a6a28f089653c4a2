package http2

import (
	"encoding/binary"
	"fmt"
	"slices"
)

func connError(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

func streamError(stream uint32, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Stream: stream, Text: fmt.Sprintf(format, args...)}
}

func idleError(f *frame) *Error {
	return connError(ProtocolError, "%s on stream %d, which is idle; a stream begins with HEADERS", f.kind, f.stream)
}

func lengthError(f *frame, want string) *Error {
	return connError(FrameSizeError, "%s of %d bytes; it has %s", f.kind, len(f.payload), want)
}

// handle does what a frame from the peer says, and leaves in c.event what the
// caller is to know of it.
func (c *Conn) handle(f *frame) *Error {
	if c.outputBytes() > c.config.MaxOutputBytes {
		return connError(EnhanceYourCalm, "%d bytes wait for a peer that asks and does not read", c.outputBytes())
	}
	if c.blockOn.stream != 0 && (f.kind != frameContinuation || f.stream != c.blockOn.stream) {
		return connError(ProtocolError, "%s on stream %d within the header block of stream %d; only its CONTINUATION may come", f.kind, f.stream, c.blockOn.stream)
	}
	switch f.kind {
	case frameData:
		return c.onData(f)
	case frameHeaders:
		return c.onHeaders(f)
	case frameContinuation:
		return c.onContinuation(f)
	case frameReset:
		return c.onReset(f)
	case frameWindowUpdate:
		return c.onWindowUpdate(f)
	case framePushPromise:
		return connError(ProtocolError, "PUSH_PROMISE, though we never allowed push (RFC 9113 section 8.4)")
	case frameGoAway:
		return c.onGoAway(f)
	}
	// The others move no message on.
	if fault := c.idleFrame(f); fault != nil {
		return fault
	}
	switch f.kind {
	case frameSettings:
		return c.onSettings(f)
	case framePing:
		return c.onPing(f)
	case framePriority:
		return onPriority(f)
	}
	return nil // a type of an extension: RFC 9113 section 5.5
}

// idleFrame counts a frame that moves no message on.
func (c *Conn) idleFrame(f *frame) *Error {
	if !c.idle.take(c.now) {
		return connError(EnhanceYourCalm, "more than %d frames that move nothing on, the last a %s on stream %d", c.config.MaxIdleFrames, f.kind, f.stream)
	}
	return nil
}

// isIdle reports whether nobody has opened the stream yet.
func (c *Conn) isIdle(stream uint32) bool {
	return stream > c.last(stream) && !c.leftOut(stream)
}

// leftOut reports whether our GOAWAY told the peer that this stream of its
// will not be looked at (RFC 9113 section 6.8).
func (c *Conn) leftOut(stream uint32) bool {
	return c.goingAway && !c.isLocal(stream) && stream > c.lastPeer
}

// onData: RFC 9113 section 6.1.
func (c *Conn) onData(f *frame) *Error {
	size := len(f.payload)
	if f.stream == 0 {
		return connError(ProtocolError, "DATA on stream 0")
	}
	if c.receiveWindow -= size; c.receiveWindow < 0 {
		return connError(FlowControlError, "DATA of %d bytes, %d more than the connection's window", size, -c.receiveWindow)
	}
	if !f.unpad() {
		return connError(ProtocolError, "DATA with more padding than payload")
	}
	if c.isIdle(f.stream) {
		return idleError(f)
	}
	s := c.streams[f.stream]
	if s == nil {
		return c.lateData(f, size)
	}
	if Moves[s.state][ReceiveData].Fault != Allowed {
		c.giveCredit(size)
		return streamError(f.stream, StreamClosed, "DATA after END_STREAM")
	}
	if s.receiveWindow -= size; s.receiveWindow < 0 {
		return connError(FlowControlError, "DATA of %d bytes on stream %d, %d more than its window", size, s.id, -s.receiveWindow)
	}
	n := len(f.payload)
	s.unconsumed += size
	c.Consume(s.id, size-n)
	s.bodyBytes += int64(n)
	ends := f.has(flagEndStream)
	if !s.got.next(data) {
		return streamError(f.stream, ProtocolError, "DATA before the head of the message")
	}
	if s.declared >= 0 && (s.bodyBytes > s.declared || ends && s.bodyBytes != s.declared) && !(s.noBody && s.bodyBytes == 0) {
		return streamError(f.stream, ProtocolError, "a body of %d bytes, or more; the content-length is %d", s.bodyBytes, s.declared)
	}
	if n == 0 && !ends {
		return c.idleFrame(f)
	}
	c.idle.fill()
	c.event = Event{Kind: Data, Stream: f.stream, Bytes: f.payload, End: ends}
	if ends {
		s.got.next(endPart)
		c.move(s, ReceiveEnd)
	}
	return nil
}

// lateData takes DATA for a stream that is over. It counts against the
// connection's window all the same.
func (c *Conn) lateData(f *frame, size int) *Error {
	c.giveCredit(size)
	if fault := c.idleFrame(f); fault != nil {
		return fault
	}
	if c.leftOut(f.stream) || c.reset.has(f.stream) || c.isLocal(f.stream) && !c.ended.has(f.stream) {
		return nil
	}
	return streamError(f.stream, StreamClosed, "DATA on a stream that is over")
}

// onReset: RFC 9113 section 6.4.
func (c *Conn) onReset(f *frame) *Error {
	if len(f.payload) != 4 {
		return lengthError(f, "4")
	}
	if f.stream == 0 || c.isIdle(f.stream) {
		return idleError(f)
	}
	s := c.streams[f.stream]
	if s == nil {
		return c.idleFrame(f)
	}
	c.ended.add(s.id, maxEndedRemembered)
	c.remove(s)
	if !c.resets.take(c.now) {
		return connError(EnhanceYourCalm, "more than %d streams reset in a row", c.config.MaxResets)
	}
	c.event = Event{Kind: Reset, Stream: f.stream, Code: Code(binary.BigEndian.Uint32(f.payload))}
	return nil
}

// onSettings: RFC 9113 section 6.5.
func (c *Conn) onSettings(f *frame) *Error {
	if f.stream != 0 {
		return connError(ProtocolError, "SETTINGS on stream %d; they are the connection's", f.stream)
	}
	if f.has(flagAck) {
		if len(f.payload) != 0 {
			return lengthError(f, "none when it acknowledges")
		}
		if !c.settled {
			c.settle()
		}
		return nil
	}
	if len(f.payload)%6 != 0 {
		return lengthError(f, "6 for each setting")
	}
	for b := f.payload; len(b) > 0; b = b[6:] {
		if fault := c.set(settingID(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint32(b[2:]))); fault != nil {
			return fault
		}
	}
	c.peerSettled = true
	c.out = appendFrameHeader(c.out, 0, frameSettings, flagAck, 0)
	c.event = Event{Kind: Settings}
	return nil
}

func (c *Conn) set(id settingID, value int) *Error {
	switch id {
	case settingHeaderTable:
		c.encoder.SetMaxDynamicTableSize(uint32(value))
	case settingEnablePush:
		if value > 1 || value == 1 && !c.server {
			return connError(ProtocolError, "ENABLE_PUSH is %d; a client may say 0 or 1, a server 0", value)
		}
	case settingMaxStreams:
		c.peerStreams = value
	case settingInitialWindow:
		if value > maxWindowBytes {
			return connError(FlowControlError, "INITIAL_WINDOW_SIZE is %d; 2^31-1 is the most", value)
		}
		return c.setPeerWindow(value)
	case settingMaxFrame:
		// We send no frame of more than the least that is allowed here.
		if value < minMaxFrameBytes || value > maxMaxFrameBytes {
			return connError(ProtocolError, "MAX_FRAME_SIZE is %d; 16,384 to 2^24-1 is allowed", value)
		}
	case settingMaxHeaderList:
		c.peerListBytes = value
	}
	return nil
}

// onPing: RFC 9113 section 6.7.
func (c *Conn) onPing(f *frame) *Error {
	if f.stream != 0 {
		return connError(ProtocolError, "PING on stream %d; it is the connection's", f.stream)
	}
	if len(f.payload) != 8 {
		return lengthError(f, "8")
	}
	if !f.has(flagAck) {
		c.out = appendFrameHeader(c.out, 8, framePing, flagAck, 0)
		c.out = append(c.out, f.payload...)
		return nil
	}
	number := binary.BigEndian.Uint64(f.payload)
	if i := slices.Index(c.pings, number); i >= 0 {
		c.pings = slices.Delete(c.pings, i, i+1)
		c.event = Event{Kind: Pong, Number: number}
	}
	return nil
}

// onPriority checks what RFC 9113 section 6.3 still asks for, and ignores the rest.
func onPriority(f *frame) *Error {
	switch {
	case f.stream == 0:
		return connError(ProtocolError, "PRIORITY on stream 0")
	case len(f.payload) != 5:
		// A stream error in the RFC; the stream may well be idle, and an
		// endpoint may always take one for a connection error.
		return lengthError(f, "5")
	case readDependency(f.payload) == f.stream:
		return connError(ProtocolError, "stream %d is to depend on itself", f.stream)
	}
	return nil
}

// onGoAway: RFC 9113 section 6.8.
func (c *Conn) onGoAway(f *frame) *Error {
	if f.stream != 0 {
		return connError(ProtocolError, "GOAWAY on stream %d; it is the connection's", f.stream)
	}
	if len(f.payload) < 8 {
		return lengthError(f, "8 or more")
	}
	if fault := c.idleFrame(f); fault != nil {
		return fault
	}
	last, code := readDependency(f.payload), Code(binary.BigEndian.Uint32(f.payload[4:]))
	c.peerLeaving = true
	if code != NoError {
		c.peerGoodbye = connError(code, "the peer's GOAWAY says %s", quote(string(f.payload[8:])))
	}
	c.event = Event{Kind: GoAway, Stream: last, Code: code, Bytes: f.payload[8:]}
	var out []uint32
	for _, s := range c.live {
		if c.isLocal(s.id) && s.id > last {
			out = append(out, s.id)
		}
	}
	slices.Sort(out)
	for _, id := range out {
		c.remove(c.streams[id])
		c.reset.add(id, maxResetRemembered)
		c.pending = append(c.pending, Event{Kind: Reset, Stream: id, Code: RefusedStream})
	}
	return nil
}

// punish answers the peer's fault: a stream's with RST_STREAM, the
// connection's with GOAWAY.
func (c *Conn) punish(fault *Error) {
	if fault.Stream != 0 && !c.resets.take(c.now) {
		fault = connError(EnhanceYourCalm, "more than %d streams reset in a row, the last because of: %s", c.config.MaxResets, fault.Text)
	}
	if fault.Stream == 0 {
		c.writeGoAway(fault.Code, fault.Text)
		c.close(fault)
		return
	}
	s := c.streams[fault.Stream]
	c.writeReset(fault.Stream, fault.Code)
	c.reset.add(fault.Stream, maxResetRemembered)
	if s != nil {
		c.remove(s)
		c.pending = append(c.pending, Event{Kind: Reset, Stream: fault.Stream, Code: fault.Code, Err: fault})
	}
}
