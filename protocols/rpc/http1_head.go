package rpc

import (
	"bytes"
	"fmt"
)

// Frames over HTTP/1.1 (RFC 9110, RFC 9112)
//
// Behaviour: each frame is the body of a POST to /rpc, the frame that answers
// it the body of a 200; where nothing is to be answered, a 204 without one.
// The connection stays open between them (keep-alive). A client sends the next
// request when it has the answer to the last: that is the head-of-line
// blocking of HTTP/1.1. A server also takes requests that do not wait, and
// answers in their order.
//
//	POST /rpc HTTP/1.1            HTTP/1.1 200 OK
//	host: rpc                     content-type: application/cbor
//	content-type: application/cbor content-length: 17
//	content-length: 42
//	                              [1, client, ...
//	[0, client, ...
//
// What is not understood is answered (400 and others, see faults) with
// "connection: close", and the connection is over.
//
// Versions: HTTP/1.1 alone.
//
// Not done: chunked bodies, trailers, Expect, requests sent before the last
// answer came, lines that end without a carriage return, folded lines: each is
// refused. A proxy that reads them otherwise than we do could be made to see other
// messages than we see (request smuggling, RFC 9112 section 11.2).

// httpHead is the head of a message as far as it matters here.
type httpHead struct {
	status int // of a response
	length int // of the body
	close  bool
}

var crlf, emptyLine = []byte("\r\n"), []byte("\r\n\r\n")

// httpFault is what a server answers to a head it does not take.
type httpFault struct {
	status int
	text   string
}

const (
	requestLine    = "POST /rpc HTTP/1.1"
	contentTypeRPC = "application/cbor"
)

// readHTTPHead reads a head from the beginning of b. size is its length with the
// empty line; 0 if there is more to come.
func readHTTPHead(b []byte, isRequest bool, l TransportLimits) (h httpHead, size int, fault *httpFault) {
	within := b[:min(len(b), l.MaxHeadBytes)]
	line, _, whole := bytes.Cut(within, crlf)
	if whole && isRequest && string(line) != requestLine {
		return h, 0, firstLineFault(line)
	}
	if size = bytes.Index(within, emptyLine) + len(emptyLine); size < len(emptyLine) {
		if len(b) >= l.MaxHeadBytes {
			fault = &httpFault{431, "the head is longer than maxHeadBytes"}
		}
		return h, 0, fault
	}
	if !isRequest {
		if h.status = readStatus(line); h.status == 0 {
			return h, 0, &httpFault{400, fmt.Sprintf("the first line is %s; expected HTTP/1.1 and a status", quoteShort(line))}
		}
	}
	rest := b[len(line)+len(crlf) : size-len(crlf)]
	h.length = -1
	hosts := 0
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, crlf)
		name, value, fault := headerField(line)
		if fault != nil {
			return h, 0, fault
		}
		switch {
		case is(name, "host"):
			hosts++
		case is(name, "content-length"):
			n := readLength(value)
			if n < 0 || h.length >= 0 {
				return h, 0, &httpFault{400, "content-length is no number, or there are two of them"}
			}
			if h.length = n; n > l.MaxFrameBytes {
				return h, 0, &httpFault{413, "the body is longer than maxFrameBytes"}
			}
		case is(name, "transfer-encoding"):
			return h, 0, &httpFault{501, "a transfer-encoding is not understood here; send a content-length"}
		case is(name, "expect"):
			return h, 0, &httpFault{417, "expectations are not understood here"}
		case is(name, "content-type"):
			if isRequest && !is(value, contentTypeRPC) {
				return h, 0, &httpFault{415, "the content-type must be " + contentTypeRPC}
			}
		case is(name, "connection"):
			h.close = h.close || is(value, "close")
		}
	}
	switch {
	case isRequest && hosts != 1:
		return h, 0, &httpFault{400, "there must be one host field (RFC 9112 section 3.2)"}
	case isRequest && h.length < 0:
		return h, 0, &httpFault{411, "there is no content-length"}
	case !isRequest && h.length < 0 && h.status != 204:
		return h, 0, &httpFault{400, "the response has no content-length"}
	case h.status == 204 && h.length > 0:
		return h, 0, &httpFault{400, "a 204 has no body (RFC 9110 section 15.3.5)"}
	}
	h.length = max(h.length, 0)
	return h, size, nil
}

// firstLineFault says why a request's first line is not ours.
func firstLineFault(line []byte) *httpFault {
	words := bytes.Split(line, []byte(" "))
	got := "got " + quoteShort(line) + ", expected " + requestLine
	switch {
	case len(words) == 3 && bytes.HasPrefix(words[2], []byte("HTTP/")) && string(words[2]) != "HTTP/1.1":
		return &httpFault{505, got}
	case len(words) == 3 && string(words[0]) != "POST":
		return &httpFault{405, got}
	case len(words) == 3 && string(words[2]) == "HTTP/1.1":
		return &httpFault{404, got}
	}
	return &httpFault{400, got}
}

func quoteShort(b []byte) string { return fmt.Sprintf("%.40q", b) }

// readStatus reads "HTTP/1.1 200 OK"; 0 if it is none.
func readStatus(line []byte) int {
	const before = "HTTP/1.1 "
	if len(line) < len(before)+4 || string(line[:len(before)]) != before || line[len(before)+3] != ' ' {
		return 0
	}
	n := readLength(line[len(before) : len(before)+3])
	if n < 100 || n > 599 {
		return 0
	}
	return n
}

// readLength reads up to 9 decimal digits; -1 if there is anything else.
func readLength(b []byte) int {
	if len(b) == 0 || len(b) > 9 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// headerField reads "name: value" (RFC 9112 section 5).
func headerField(line []byte) (name, value []byte, fault *httpFault) {
	name, value, ok := bytes.Cut(line, []byte(":"))
	value = bytes.Trim(value, " \t")
	if !ok || len(name) == 0 {
		return nil, nil, &httpFault{400, fmt.Sprintf("%s is no header field", quoteShort(line))}
	}
	for _, c := range name {
		if !isTokenChar(c) {
			return nil, nil, &httpFault{400, fmt.Sprintf("%s is no name of a header field", quoteShort(name))}
		}
	}
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return nil, nil, &httpFault{400, fmt.Sprintf("a header field's value has a control character: %s", quoteShort(value))}
		}
	}
	return name, value, nil
}

// isTokenChar is RFC 9110 section 5.6.2.
func isTokenChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0
}

// is compares without regard to case; to is in lower case.
func is(b []byte, to string) bool {
	if len(b) != len(to) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != to[i] {
			return false
		}
	}
	return true
}
