package http2

import "encoding/binary"

// sending finds the stream that the caller wants to send on, and checks that
// its state allows it.
func (c *Conn) sending(stream uint32, step Step) (*stream, error) {
	if c.closed {
		return nil, ErrClosed
	}
	s := c.streams[stream]
	if s == nil {
		return nil, ErrStreamClosed
	}
	if Moves[s.state][step].Fault != Allowed {
		return nil, misuse("%s on stream %d, which is %s", step, stream, s.state)
	}
	return s, nil
}

// CanOpen reports whether Open would find room for a stream.
func (c *Conn) CanOpen() bool { return c.mayOpen() == nil }

func (c *Conn) mayOpen() error {
	switch {
	case c.closed:
		return ErrClosed
	case c.server:
		return misuse("a server opens no streams: push is not offered")
	case c.goingAway || c.peerLeaving || c.lastLocal >= maxWindowBytes:
		return ErrGoingAway
	case c.openLocal >= min(c.config.MaxStreams, c.peerStreams):
		return ErrTooManyStreams
	}
	return nil
}

// Open sends a request's head on a new stream, and returns its number. Errors:
// ErrClosed, ErrGoingAway, ErrTooManyStreams, ErrOutputFull, *Misuse.
func (c *Conn) Open(fields []HeaderField, end bool) (stream uint32, err error) {
	if err := c.mayOpen(); err != nil {
		return 0, err
	}
	m, wrong := check(fields, formRequest)
	if wrong != "" {
		return 0, misuse("a malformed request: %s", wrong)
	}
	if err := c.fits(fields); err != nil {
		return 0, err
	}
	id := c.lastLocal + 2
	if c.lastLocal == 0 {
		id = 1
	}
	s := c.addStream(id, SendHeaders)
	s.noBody = m.isHead
	s.sent.next(head)
	c.sendBlock(s, fields, end)
	return id, nil
}

// SendHeaders sends a response's head (with :status; 1xx ones first, if any)
// or, with end, trailers. Errors: ErrClosed, ErrStreamClosed, ErrOutputFull,
// *Misuse.
func (c *Conn) SendHeaders(stream uint32, fields []HeaderField, end bool) error {
	s, err := c.sending(stream, SendHeaders)
	if err != nil {
		return err
	}
	next := head
	var m message
	var wrong string
	switch {
	case s.sent == atHead:
		if m, wrong = check(fields, formResponse); m.status < 200 {
			next = interim
		}
		if wrong == "" && next == interim && end {
			wrong = "an interim response ends the stream"
		}
	default:
		next = trailers
		if _, wrong = check(fields, formTrailers); wrong == "" && !end {
			wrong = "trailers must end the stream"
		}
	}
	if wrong != "" {
		return misuse("malformed headers on stream %d: %s", stream, wrong)
	}
	if err := c.fits(fields); err != nil {
		return err
	}
	s.sent.next(next)
	c.sendBlock(s, fields, end)
	return nil
}

// fits checks a header list against what the peer takes and Output has room for.
func (c *Conn) fits(fields []HeaderField) error {
	n := listBytes(fields)
	if n > c.peerListBytes {
		return misuse("a header list of %d bytes; the peer takes %d", n, c.peerListBytes)
	}
	if c.outputBytes()+n > c.config.MaxOutputBytes {
		return ErrOutputFull
	}
	return nil
}

func (c *Conn) sendBlock(s *stream, fields []HeaderField, end bool) {
	c.idle.fill()
	c.writeBlock(s.id, fields, end)
	if end {
		s.sent.next(endPart)
		c.move(s, SendEnd)
	}
}

// outWriter lets the encoder append to the output.
type outWriter Conn

func (w *outWriter) Write(b []byte) (int, error) {
	w.out = append(w.out, b...)
	return len(b), nil
}

// writeBlock encodes in place, behind room for the frame's header, and only
// cuts the block up when it is too long for one frame.
func (c *Conn) writeBlock(stream uint32, fields []HeaderField, end bool) {
	start := len(c.out)
	c.out = appendFrameHeader(c.out, 0, frameHeaders, 0, stream)
	for i := range fields {
		c.encoder.WriteField(fields[i]) // outWriter never fails
	}
	var flags byte
	if end {
		flags = flagEndStream
	}
	block := c.out[start+frameHeaderBytes:]
	if len(block) <= maxSentFrameBytes {
		appendFrameHeader(c.out[:start], len(block), frameHeaders, flags|flagEndHeaders, stream)
		return
	}
	block = append([]byte(nil), block...)
	c.out = c.out[:start]
	for kind := frameHeaders; len(block) > 0; kind, flags = frameContinuation, 0 {
		n := min(len(block), maxSentFrameBytes)
		if n == len(block) {
			flags |= flagEndHeaders
		}
		c.out = appendFrameHeader(c.out, n, kind, flags, stream)
		c.out = append(c.out, block[:n]...)
		block = block[n:]
	}
}

// Reset ends a stream at once. Nothing more comes of it, not even an event.
// For a stream that is over it does nothing.
func (c *Conn) Reset(stream uint32, code Code) {
	s := c.streams[stream]
	if s == nil {
		return
	}
	c.writeReset(stream, code)
	c.reset.add(stream, maxResetRemembered)
	c.remove(s)
}

func (c *Conn) writeReset(stream uint32, code Code) {
	c.out = appendFrameHeader(c.out, 4, frameReset, 0, stream)
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(code))
}

func (c *Conn) writeWindowUpdate(stream uint32, grow int) {
	c.out = appendFrameHeader(c.out, 4, frameWindowUpdate, 0, stream)
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(grow))
}

// maxGoodbyeBytes of words go into a GOAWAY.
const maxGoodbyeBytes = 200

func (c *Conn) writeGoAway(code Code, words string) {
	words = words[:min(len(words), maxGoodbyeBytes)]
	c.out = appendFrameHeader(c.out, 8+len(words), frameGoAway, 0, 0)
	c.out = binary.BigEndian.AppendUint32(c.out, c.lastPeer)
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(code))
	c.out = append(c.out, words...)
}

// writeSettings says what differs from the protocol's own defaults, and the
// limits that have none.
func (c *Conn) writeSettings() {
	start := len(c.out)
	c.out = appendFrameHeader(c.out, 0, frameSettings, 0, 0)
	say := func(id settingID, value, preset int) {
		if value != preset {
			c.out = binary.BigEndian.AppendUint16(c.out, uint16(id))
			c.out = binary.BigEndian.AppendUint32(c.out, uint32(value))
		}
	}
	say(settingHeaderTable, c.config.HeaderTableBytes, 4096)
	if c.server {
		say(settingMaxStreams, c.config.MaxStreams, -1)
	} else {
		say(settingEnablePush, 0, 1)
	}
	say(settingInitialWindow, c.config.StreamWindowBytes, defaultWindowBytes)
	say(settingMaxFrame, c.config.MaxFrameBytes, minMaxFrameBytes)
	say(settingMaxHeaderList, c.config.MaxHeaderListBytes, -1)
	appendFrameHeader(c.out[:start], len(c.out)-start-frameHeaderBytes, frameSettings, 0, 0)
}
