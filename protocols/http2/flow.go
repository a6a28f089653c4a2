package http2

// Flow control (RFC 9113 section 5.2): DATA alone, padding included, counts
// against the stream's window and the connection's.
//
//	what the peer may send  = receiveWindow
//	what it has sent        = unconsumed (with our caller) + credit (consumed, not announced)
//	sum of the three        = the window we offer

// SendData sends as much of b as both windows and Output have room for, and
// returns how much that was. When it is all, and end is set, the stream's
// sending side ends with it. When it is less, Writable will come; offer the
// rest then. Errors: ErrClosed, ErrStreamClosed, ErrOutputFull (for an empty b
// with end only), *Misuse.
func (c *Conn) SendData(stream uint32, b []byte, end bool) (taken int, err error) {
	s, err := c.sending(stream, SendData)
	if err != nil {
		return 0, err
	}
	if s.sent != atBody {
		return 0, misuse("DATA on stream %d before its head: call SendHeaders with the final :status first", stream)
	}
	room := min(s.sendWindow, c.sendWindow, c.config.MaxOutputBytes/2-c.outputBytes())
	n := max(0, min(len(b), room))
	if n < len(b) {
		end = false
		if !s.blocked {
			s.blocked = true
			c.blocked = append(c.blocked, stream)
		}
	}
	if len(b) == 0 && end && c.outputBytes() >= c.config.MaxOutputBytes {
		return 0, ErrOutputFull
	}
	if n == 0 && !end {
		return 0, nil
	}
	c.idle.fill()
	s.sendWindow -= n
	c.sendWindow -= n
	for rest := b[:n]; ; {
		piece := rest[:min(len(rest), maxSentFrameBytes)]
		rest = rest[len(piece):]
		var flags byte
		if end && len(rest) == 0 {
			flags = flagEndStream
		}
		c.out = appendFrameHeader(c.out, len(piece), frameData, flags, stream)
		c.out = append(c.out, piece...)
		if len(rest) == 0 {
			break
		}
	}
	if end {
		s.sent.next(endPart)
		c.move(s, SendEnd)
	}
	return n, nil
}

// nextWritable looks for a stream that was held back and is not any more.
func (c *Conn) nextWritable() (Event, bool) {
	if !c.unblocked || c.sendWindow <= 0 || c.outputBytes() >= c.config.MaxOutputBytes/2 {
		return Event{}, false
	}
	kept := c.blocked[:0]
	var found uint32
	for _, id := range c.blocked {
		if s := c.streams[id]; found == 0 && s.sendWindow > 0 {
			found = id
			s.blocked = false
		} else {
			kept = append(kept, id)
		}
	}
	c.blocked = kept
	if found == 0 {
		c.unblocked = false
		return Event{}, false
	}
	return Event{Kind: Writable, Stream: found}, true
}

// Consume says that n bytes of the stream's Data are done with: the peer may
// send as many more. What a stream that is over still owes was given back
// when it ended: for it, Consume does nothing.
func (c *Conn) Consume(stream uint32, n int) {
	s := c.streams[stream]
	if s == nil || c.closed {
		return
	}
	n = max(0, min(n, s.unconsumed))
	s.unconsumed -= n
	c.giveStreamCredit(s, n)
	c.giveCredit(n)
}

// Credit is announced when it is worth a frame: half the window.

func (c *Conn) giveStreamCredit(s *stream, n int) {
	s.credit += n
	if s.got != atEnd && s.credit > 0 && s.credit >= c.config.StreamWindowBytes/2 {
		c.writeWindowUpdate(s.id, s.credit)
		s.receiveWindow += s.credit
		s.credit = 0
	}
}

func (c *Conn) giveCredit(n int) {
	c.credit += n
	if c.credit >= c.config.ConnWindowBytes/2 {
		c.writeWindowUpdate(0, c.credit)
		c.receiveWindow += c.credit
		c.credit = 0
	}
}

// onWindowUpdate: RFC 9113 section 6.9.
func (c *Conn) onWindowUpdate(f *frame) *Error {
	if len(f.payload) != 4 {
		return connError(FrameSizeError, "WINDOW_UPDATE of %d bytes; it has 4", len(f.payload))
	}
	grow := int(readDependency(f.payload))
	if f.stream == 0 {
		if grow == 0 {
			return connError(ProtocolError, "WINDOW_UPDATE by 0")
		}
		if c.sendWindow += grow; c.sendWindow > maxWindowBytes {
			return connError(FlowControlError, "WINDOW_UPDATE lifts the connection's window to %d; 2^31-1 is the most", c.sendWindow)
		}
		c.unblocked = true
		return nil
	}
	if c.isIdle(f.stream) {
		return idleError(f)
	}
	s := c.streams[f.stream]
	switch {
	case grow == 0:
		return streamError(f.stream, ProtocolError, "WINDOW_UPDATE by 0")
	case s == nil: // it crossed our END_STREAM or RST_STREAM
	case s.sendWindow+grow > maxWindowBytes:
		return streamError(f.stream, FlowControlError, "WINDOW_UPDATE lifts the window to %d; 2^31-1 is the most", s.sendWindow+grow)
	default:
		s.sendWindow += grow
		c.unblocked = true
	}
	return nil
}

// setPeerWindow applies a new SETTINGS_INITIAL_WINDOW_SIZE to all streams; it
// can make their windows negative (RFC 9113 section 6.9.2).
func (c *Conn) setPeerWindow(window int) *Error {
	for _, s := range c.live {
		s.sendWindow += window - c.peerWindow
		if s.sendWindow > maxWindowBytes {
			return connError(FlowControlError, "INITIAL_WINDOW_SIZE lifts the window of stream %d to %d; 2^31-1 is the most", s.id, s.sendWindow)
		}
	}
	c.peerWindow = window
	c.unblocked = true
	return nil
}

// settle takes back, now that the peer knows our SETTINGS, what streams were
// allowed while it might not.
func (c *Conn) settle() {
	c.settled = true
	for _, s := range c.live {
		s.receiveWindow -= max(0, defaultWindowBytes-c.config.StreamWindowBytes)
	}
}

// SendWindow returns how many bytes the peer lets us send on a stream; for
// stream 0, on the connection. It can be negative (RFC 9113 section 6.9.2),
// and is 0 for a stream that is over.
func (c *Conn) SendWindow(stream uint32) int {
	if stream == 0 {
		return c.sendWindow
	}
	if s := c.streams[stream]; s != nil {
		return s.sendWindow
	}
	return 0
}

// ReceiveWindow returns how many bytes we let the peer send, as SendWindow does.
func (c *Conn) ReceiveWindow(stream uint32) int {
	if stream == 0 {
		return c.receiveWindow
	}
	if s := c.streams[stream]; s != nil {
		return s.receiveWindow
	}
	return 0
}
