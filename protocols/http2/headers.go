package http2

// A header block is one or more frames: HEADERS, then CONTINUATIONs until
// END_HEADERS, with nothing between (RFC 9113 section 4.3). It is decoded as a
// whole, and always, even for a stream that is refused: else the two ends'
// compression tables would go apart.

// onHeaders: RFC 9113 section 6.2.
func (c *Conn) onHeaders(f *frame) *Error {
	if f.stream == 0 {
		return connError(ProtocolError, "HEADERS on stream 0")
	}
	if f.stream%2 == 0 {
		return connError(ProtocolError, "HEADERS on stream %d; only clients open streams, with odd numbers", f.stream)
	}
	if !c.server && f.stream > c.lastLocal {
		return connError(ProtocolError, "HEADERS on stream %d, which we have not opened", f.stream)
	}
	if !f.unpad() {
		return connError(ProtocolError, "HEADERS with more padding than payload")
	}
	c.blockSelf = false
	if f.has(flagPriority) {
		if len(f.payload) < 5 {
			return lengthError(f, "5 of priority, as its flag says")
		}
		c.blockSelf = readDependency(f.payload) == f.stream
		f.payload = f.payload[5:]
	}
	if f.has(flagEndHeaders) {
		return c.onBlock(f, f.payload)
	}
	c.blockOn = frame{kind: f.kind, flags: f.flags, stream: f.stream}
	c.block, c.conts = c.block[:0], 0
	return c.addToBlock(f.payload)
}

// onContinuation: RFC 9113 section 6.10.
func (c *Conn) onContinuation(f *frame) *Error {
	if c.blockOn.stream == 0 {
		return connError(ProtocolError, "CONTINUATION on stream %d without HEADERS before it", f.stream)
	}
	if c.conts++; c.conts > c.config.MaxContinuations {
		return connError(EnhanceYourCalm, "a header block of more than %d CONTINUATION frames", c.config.MaxContinuations)
	}
	if fault := c.addToBlock(f.payload); fault != nil || !f.has(flagEndHeaders) {
		return fault
	}
	whole := c.blockOn
	c.blockOn = frame{}
	return c.onBlock(&whole, c.block)
}

func (c *Conn) addToBlock(b []byte) *Error {
	if len(c.block)+len(b) > c.config.MaxHeaderBlockBytes {
		return connError(EnhanceYourCalm, "a header block of more than %d bytes", c.config.MaxHeaderBlockBytes)
	}
	c.block = append(c.block, b...)
	return nil
}

// onBlock decodes a header block and finds out what it is for.
func (c *Conn) onBlock(f *frame, block []byte) *Error {
	if len(block) > c.config.MaxHeaderBlockBytes {
		return connError(EnhanceYourCalm, "a header block of more than %d bytes", c.config.MaxHeaderBlockBytes)
	}
	c.fields, c.listBytes = c.fields[:0], 0
	c.decoder.SetEmitEnabled(true)
	_, err := c.decoder.Write(block)
	if err == nil {
		err = c.decoder.Close()
	}
	if err != nil {
		return connError(CompressionError, "the header block on stream %d cannot be decoded: %v", f.stream, err)
	}
	s := c.streams[f.stream]
	switch {
	case s == nil && c.leftOut(f.stream):
		return c.idleFrame(f)
	case s == nil && c.isIdle(f.stream):
		return c.onRequest(f)
	case s == nil:
		return c.lateBlock(f)
	case Moves[s.state][ReceiveHeaders].Fault != Allowed:
		return streamError(f.stream, StreamClosed, "HEADERS after END_STREAM")
	}
	if wrong := c.blockWrong(f); wrong != nil {
		return wrong
	}
	if s.got == atHead {
		return c.onResponse(f, s)
	}
	return c.onTrailers(f, s)
}

// collect takes a decoded field. What goes beyond the limit is not even kept.
func (c *Conn) collect(f HeaderField) {
	if c.listBytes += int(f.Size()); c.listBytes > c.config.MaxHeaderListBytes {
		c.decoder.SetEmitEnabled(false)
		return
	}
	c.fields = append(c.fields, f)
}

// blockWrong says what is wrong with any block, whatever is in it.
func (c *Conn) blockWrong(f *frame) *Error {
	if c.blockSelf {
		return streamError(f.stream, ProtocolError, "the stream is to depend on itself")
	}
	if c.listBytes > c.config.MaxHeaderListBytes {
		return streamError(f.stream, EnhanceYourCalm, "a header list of more than %d bytes", c.config.MaxHeaderListBytes)
	}
	return nil
}

// lateBlock takes a block for a stream that is over.
func (c *Conn) lateBlock(f *frame) *Error {
	if fault := c.idleFrame(f); fault != nil {
		return fault
	}
	switch {
	case c.reset.has(f.stream):
		return nil
	case c.ended.has(f.stream):
		return connError(StreamClosed, "HEADERS on stream %d, which is over", f.stream)
	case c.isLocal(f.stream): // over for so long that we have forgotten how
		return nil
	}
	return connError(ProtocolError, "HEADERS on stream %d after stream %d; numbers must rise", f.stream, c.lastPeer)
}

func (c *Conn) onRequest(f *frame) *Error {
	c.lastPeer = f.stream // even if it is refused: it is not idle any more
	if wrong := c.blockWrong(f); wrong != nil {
		return wrong
	}
	if c.openPeer >= c.config.MaxStreams {
		return streamError(f.stream, RefusedStream, "%d streams are open; MAX_CONCURRENT_STREAMS is %d", c.openPeer, c.config.MaxStreams)
	}
	m, wrong := check(c.fields, formRequest)
	ends := f.has(flagEndStream)
	if wrong == "" && ends && m.declared > 0 {
		wrong = "the request has no body, though its content-length says so"
	}
	if wrong != "" {
		return streamError(f.stream, ProtocolError, "a malformed request: %s", wrong)
	}
	s := c.addStream(f.stream, ReceiveHeaders)
	s.declared = m.declared
	s.got.next(head)
	c.announce(f, s, Headers)
	return nil
}

func (c *Conn) onResponse(f *frame, s *stream) *Error {
	m, wrong := check(c.fields, formResponse)
	ends := f.has(flagEndStream)
	switch {
	case wrong != "":
	case m.status < 200 && ends:
		wrong = "an interim response ends the stream"
	case m.status >= 200:
		s.noBody = s.noBody || m.status == 204 || m.status == 304
		s.declared = m.declared
		if ends && m.declared > 0 && !s.noBody {
			wrong = "it has no body, though its content-length says so"
		}
	}
	if wrong != "" {
		return streamError(f.stream, ProtocolError, "a malformed response: %s", wrong)
	}
	if m.status < 200 {
		s.got.next(interim)
		c.announce(f, s, Interim)
		return nil
	}
	s.got.next(head)
	c.announce(f, s, Headers)
	return nil
}

func (c *Conn) onTrailers(f *frame, s *stream) *Error {
	_, wrong := check(c.fields, formTrailers)
	switch {
	case !f.has(flagEndStream):
		wrong = "a second header block must end the stream"
	case wrong == "" && s.declared >= 0 && s.bodyBytes != s.declared && !(s.noBody && s.bodyBytes == 0):
		wrong = "the body is not as long as its content-length says"
	}
	if wrong != "" {
		return streamError(f.stream, ProtocolError, "malformed trailers: %s", wrong)
	}
	s.got.next(trailers)
	c.announce(f, s, Trailers)
	return nil
}

// announce hands the decoded block out.
func (c *Conn) announce(f *frame, s *stream, kind Kind) {
	ends := f.has(flagEndStream)
	c.event = Event{Kind: kind, Stream: s.id, Fields: c.fields, End: ends}
	c.idle.fill()
	if ends {
		s.got.next(endPart)
		c.move(s, ReceiveEnd)
	}
}
