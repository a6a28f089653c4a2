package rpc

import (
	"fmt"
	"strconv"
)

// httpReader collects messages from one direction of a connection.
type httpReader struct {
	limits  TransportLimits
	request bool
	in      pipe
	head    httpHead
	size    int // of the head that was read; 0: none yet
	given   int // bytes of the message that next returned last
}

// next returns the next message's head and body, when it is all there.
func (r *httpReader) next() (h httpHead, body []byte, ok bool, fault *httpFault) {
	r.settle()
	b := r.in.rest()
	if r.size == 0 {
		if len(b) == 0 {
			return h, nil, false, nil
		}
		if r.head, r.size, fault = readHTTPHead(b, r.request, r.limits); fault != nil || r.size == 0 {
			return h, nil, false, fault
		}
	}
	end := r.size + r.head.length
	if len(b) < end {
		return h, nil, false, nil
	}
	body = b[r.size:end:end]
	r.size, r.given = 0, end
	return r.head, body, true, nil
}

// settle drops the message that next returned last.
func (r *httpReader) settle() {
	r.in.drop(r.given)
	r.given = 0
}

// http1Client is the client's end. Its queue holds frames until their turn.
type http1Client struct {
	reader httpReader
	queue  pipe
	queued []int // lengths of the frames in queue
	waits  bool  // a request is out
	out    pipe
	err    error
}

func newHTTP1Client(l TransportLimits) *http1Client {
	return &http1Client{reader: httpReader{limits: l}}
}

func (c *http1Client) Receive(_ int64, b []byte) {
	if c.err == nil {
		c.reader.settle()
		c.reader.in.add(b...)
	}
}

func (c *http1Client) Poll() (uint32, []byte, bool) {
	for c.err == nil {
		h, body, ok, fault := c.reader.next()
		switch {
		case fault != nil:
			c.err = &PeerError{"the server's response: " + fault.text}
		case !c.waits && c.reader.in.len() > 0:
			c.err = &PeerError{"the server sent a response that nobody asked for"}
		case !ok:
			return 0, nil, false
		case h.status != 200 && h.status != 204:
			c.err = &PeerError{fmt.Sprintf("the server answered with status %d; expected 200 or 204", h.status)}
		default:
			c.waits = false
			if h.close {
				c.err = &PeerError{"the server closes the connection"}
			} else {
				c.sendNext()
			}
			if h.status == 200 {
				return 0, body, true
			}
		}
	}
	return 0, nil, false
}

func (c *http1Client) Send(_ uint32, frame []byte) error {
	switch {
	case c.err != nil:
		return c.err
	case len(frame) > c.reader.limits.MaxFrameBytes:
		return ErrTooLarge
	case len(c.queued) >= c.reader.limits.MaxStreams || c.queue.len()+len(frame) > c.reader.limits.MaxQueueBytes:
		return ErrFull
	}
	c.queue.add(frame...)
	c.queued = append(c.queued, len(frame))
	c.sendNext()
	return nil
}

// Queued is how many requests wait until the one before them is answered.
func (c *http1Client) Queued() int { return len(c.queued) }

// sendNext sends the first frame of the queue, if its turn has come.
func (c *http1Client) sendNext() {
	if c.waits || len(c.queued) == 0 {
		return
	}
	n := c.queued[0]
	c.queued = c.queued[:copy(c.queued, c.queued[1:])]
	c.waits = true
	c.out.bytes = append(c.out.bytes, requestLine+"\r\nhost: rpc\r\ncontent-type: "+contentTypeRPC+"\r\ncontent-length: "...)
	c.out.bytes = append(strconv.AppendInt(c.out.bytes, int64(n), 10), "\r\n\r\n"...)
	c.out.bytes = append(c.out.bytes, c.queue.rest()[:n]...)
	c.queue.drop(n)
}

func (c *http1Client) Output() []byte  { return c.out.rest() }
func (c *http1Client) Sent(n int)      { c.out.drop(n) }
func (c *http1Client) Deadline() int64 { return 0 }
func (c *http1Client) Tick(int64)      {}
func (c *http1Client) Err() error      { return c.err }

// http1Server is the server's end. Responses go out in the order of their
// requests, so one that is ready early waits.
type http1Server struct {
	reader  httpReader
	waiting []exchange // requests without a response sent, in order
	bytes   int        // of responses that wait
	last    uint32     // slot of the latest request
	out     pipe
	closing bool // the client wants it closed after the responses that wait
	err     error
}

// exchange is a request that was handed out.
type exchange struct {
	slot  uint32
	ready bool
	frame []byte
}

func newHTTP1Server(l TransportLimits) *http1Server {
	return &http1Server{reader: httpReader{limits: l, request: true}}
}

func (s *http1Server) Receive(_ int64, b []byte) {
	if s.err != nil || s.closing {
		return
	}
	s.reader.settle()
	if s.reader.in.len()+len(b) > s.reader.limits.MaxQueueBytes+s.reader.limits.MaxFrameBytes {
		s.refuse(&httpFault{400, "more was sent ahead than maxQueueBytes"})
		return
	}
	s.reader.in.add(b...)
}

func (s *http1Server) Poll() (uint32, []byte, bool) {
	if s.err != nil || s.closing || len(s.waiting) >= s.reader.limits.MaxStreams {
		return 0, nil, false
	}
	h, body, ok, fault := s.reader.next()
	if fault != nil {
		s.refuse(fault)
	}
	if !ok {
		return 0, nil, false
	}
	s.closing = h.close
	s.last++
	s.waiting = append(s.waiting, exchange{slot: s.last})
	return s.last, body, true
}

// refuse answers a request that is none of ours; the connection is then over.
func (s *http1Server) refuse(f *httpFault) {
	s.out.bytes = append(s.out.bytes, fmt.Sprintf("HTTP/1.1 %d %s\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n%s\n",
		f.status, reason(f.status), len(f.text)+1, f.text)...)
	s.err = &PeerError{fmt.Sprintf("refused with status %d: %s", f.status, f.text)}
	s.reader.in, s.waiting = pipe{}, nil
}

// reason is the words behind a status, which nobody reads but people.
func reason(status int) string {
	switch status {
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 411:
		return "Length Required"
	case 413:
		return "Content Too Large"
	case 415:
		return "Unsupported Media Type"
	case 417:
		return "Expectation Failed"
	case 431:
		return "Request Header Fields Too Large"
	case 501:
		return "Not Implemented"
	case 505:
		return "HTTP Version Not Supported"
	}
	return "Bad Request"
}

func (s *http1Server) Send(slot uint32, frame []byte) error {
	if s.err != nil {
		return s.err
	}
	switch {
	case len(frame) > s.reader.limits.MaxFrameBytes:
		return ErrTooLarge
	case s.out.len()+s.bytes+len(frame) > s.reader.limits.MaxQueueBytes:
		return ErrFull
	}
	for i := range s.waiting {
		if w := &s.waiting[i]; w.slot == slot && !w.ready {
			w.ready, w.frame = true, append(w.frame, frame...)
			s.bytes += len(frame)
			s.flush()
			return nil
		}
	}
	return fmt.Errorf("rpc: no request waits in slot %d; each is answered once", slot)
}

// flush sends the responses whose turn has come.
func (s *http1Server) flush() {
	n := 0
	for ; n < len(s.waiting) && s.waiting[n].ready; n++ {
		frame := s.waiting[n].frame
		s.bytes -= len(frame)
		if len(frame) == 0 {
			s.out.bytes = append(s.out.bytes, "HTTP/1.1 204 No Content\r\n\r\n"...)
			continue
		}
		s.out.bytes = append(s.out.bytes, "HTTP/1.1 200 OK\r\ncontent-type: "+contentTypeRPC+"\r\ncontent-length: "...)
		s.out.bytes = append(strconv.AppendInt(s.out.bytes, int64(len(frame)), 10), "\r\n\r\n"...)
		s.out.bytes = append(s.out.bytes, frame...)
	}
	left := copy(s.waiting, s.waiting[n:])
	clear(s.waiting[left:])
	s.waiting = s.waiting[:left]
	if s.closing && left == 0 {
		s.err = &PeerError{"the client closes the connection"}
	}
}

func (s *http1Server) Output() []byte  { return s.out.rest() }
func (s *http1Server) Sent(n int)      { s.out.drop(n) }
func (s *http1Server) Deadline() int64 { return 0 }
func (s *http1Server) Tick(int64)      {}
func (s *http1Server) Err() error      { return s.err }
