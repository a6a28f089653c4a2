package rpc_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/protocols/prototest"
	"grapevine/protocols/rpc"
)

var streams = []rpc.Kind{rpc.OverStream, rpc.OverHTTP1, rpc.OverHTTP2}

// said is all that a client, or a server that answers, says for some frames.
func said(t testing.TB, kind rpc.Kind, frames ...string) (byClient, byServer []byte) {
	t.Helper()
	client, server := rpc.NewClientTransport(kind, rpc.TransportLimits{}), rpc.NewServerTransport(kind, rpc.TransportLimits{})
	for _, frame := range frames {
		if err := client.Send(0, []byte(frame)); err != nil {
			t.Fatal(err)
		}
	}
	for moved := true; moved; {
		moved = false
		for b := client.Output(); len(b) > 0; b = client.Output() {
			byClient, moved = append(byClient, b...), true
			server.Receive(0, bytes.Clone(b))
			client.Sent(len(b))
		}
		for slot, frame, ok := server.Poll(); ok; slot, frame, ok = server.Poll() {
			if err := server.Send(slot, append([]byte("re: "), frame...)); err != nil {
				t.Fatal(err)
			}
		}
		for b := server.Output(); len(b) > 0; b = server.Output() {
			byServer, moved = append(byServer, b...), true
			client.Receive(0, bytes.Clone(b))
			server.Sent(len(b))
		}
		for _, _, ok := client.Poll(); ok; _, _, ok = client.Poll() {
		}
	}
	return byClient, byServer
}

// reads gives bytes to one end and tells the frames and the fault that come of it.
func reads(t rpc.Transport, answers bool) func(pieces ...[]byte) string {
	return func(pieces ...[]byte) string {
		var out strings.Builder
		for _, piece := range pieces {
			t.Receive(0, bytes.Clone(piece))
			for slot, frame, ok := t.Poll(); ok; slot, frame, ok = t.Poll() {
				fmt.Fprintf(&out, "%d: %q\n", slot, frame)
				if answers {
					_ = t.Send(slot, nil)
				}
			}
		}
		if err := t.Err(); err != nil {
			fmt.Fprintln(&out, err)
		}
		return out.String()
	}
}

func serverReads(kind rpc.Kind, limits rpc.TransportLimits) func(pieces ...[]byte) string {
	return func(pieces ...[]byte) string { return reads(rpc.NewServerTransport(kind, limits), true)(pieces...) }
}

// clientReads reads answers to three frames.
func clientReads(kind rpc.Kind) func(pieces ...[]byte) string {
	return func(pieces ...[]byte) string {
		client := rpc.NewClientTransport(kind, rpc.TransportLimits{})
		for range 3 {
			_ = client.Send(0, []byte("question"))
		}
		return reads(client, false)(pieces...)
	}
}

// However the bytes are cut, and whatever follows, the same frames come out.
func TestTransportsSplitAnywhere(t *testing.T) {
	for _, kind := range streams {
		byClient, byServer := said(t, kind, "first", "second", "the third")
		got := prototest.Split(t, byClient, serverReads(kind, rpc.TransportLimits{}))
		if strings.Count(got, "\n") != 3 || !strings.Contains(got, `"the third"`) {
			t.Errorf("%v: the server reads\n%s", kind, got)
		}
		if kind != rpc.OverHTTP2 { // there, what follows belongs to the connection as a whole
			prototest.Trailing(t, byClient, []byte("POST /rpc\x00\x00\x00\x00"), serverReads(kind, rpc.TransportLimits{}))
			prototest.Trailing(t, byServer, []byte("HTTP/1.1 200 OK\r\n\x00\x00"), func(pieces ...[]byte) string {
				frames, _, _ := strings.Cut(clientReads(kind)(pieces...), "rpc: ")
				return frames
			})
		}
		got = prototest.Split(t, byServer, clientReads(kind))
		if strings.Count(got, "\n") != 3 || !strings.Contains(got, `"re: the third"`) {
			t.Errorf("%v: the client reads\n%s", kind, got)
		}
	}
}

const goodHead = "POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-type: application/cbor\r\ncontent-length: 3\r\n\r\n"

// An HTTP/1.1 server takes what other clients send, and answers what it does
// not take with the status that RFC 9110 has for it.
func TestHTTP1Heads(t *testing.T) {
	for head, want := range map[string]string{
		goodHead + "abc": `"abc"`,
		"POST /rpc HTTP/1.1\r\nHOST:\tx \r\nContent-Length:   3\r\nAccept: */*\r\n\r\nabc":          `"abc"`,
		"GET /rpc HTTP/1.1\r\nhost: x\r\n\r\n":                                                      "status 405",
		"POST / HTTP/1.1\r\nhost: x\r\n\r\n":                                                        "status 404",
		"POST /rpc HTTP/1.0\r\n\r\n":                                                                "status 505",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                                                          "status 505",
		"\x16\x03\x01\r\n":                                                                          "status 400",
		"POST /rpc HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc":                                        "status 400: there must be one host",
		"POST /rpc HTTP/1.1\r\nhost: x\r\nhost: y\r\ncontent-length: 3\r\n\r\nabc":                  "status 400: there must be one host",
		"POST /rpc HTTP/1.1\r\nhost: x\r\n\r\n":                                                     "status 411",
		strings.Replace(goodHead, "content-length: 3", "content-length: 3\r\ncontent-length: 3", 1): "two of them",
		strings.Replace(goodHead, ": 3", ": +3", 1):                                                 "no number",
		strings.Replace(goodHead, ": 3", ": 3, 3", 1):                                               "no number",
		strings.Replace(goodHead, ": 3", ":", 1):                                                    "no number",
		strings.Replace(goodHead, ": 3", ": 65537", 1):                                              "status 413",
		strings.Replace(goodHead, "host: x", "host: x\r\ntransfer-encoding: chunked", 1):            "status 501",
		strings.Replace(goodHead, "host: x", "host: x\r\nexpect: 100-continue", 1):                  "status 417",
		strings.Replace(goodHead, "application/cbor", "text/html", 1):                               "status 415",
		strings.Replace(goodHead, "host: x", "host : x", 1):                                         "no name of a header field",
		strings.Replace(goodHead, "host: x", "host: x\r\n folded", 1):                               "no header field",
		strings.Replace(goodHead, "host: x", "host: x\r\na: b\nc", 1):                               "control character",
		strings.Replace(goodHead, "host: x", "host: x\r\n: b", 1):                                   "no header field",
		strings.Replace(goodHead, "host: x", "host: x\r\na: "+strings.Repeat("b", 9000), 1):         "status 431",
		strings.Repeat("x", 9000):                                                                   "status 431",
	} {
		got := prototest.Split(t, []byte(head), serverReads(rpc.OverHTTP1, rpc.TransportLimits{}))
		if !strings.Contains(got, want) || strings.Count(got, "\n") != 1 {
			t.Errorf("%.200q: %s, expected %s", head, got, want)
		}
	}
}

// An HTTP/1.1 client takes nothing that it did not ask for.
func TestHTTP1Responses(t *testing.T) {
	for response, want := range map[string]string{
		"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi":                               `"hi"`,
		"HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nhi":                                 `"hi"`,
		"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx": `"x"`,
		"HTTP/1.1 503 Sorry\r\ncontent-length: 0\r\n\r\n":                              "status 503",
		"HTTP/1.1 200 OK\r\n\r\n":                                                      "no content-length",
		"HTTP/1.1 204 OK\r\ncontent-length: 2\r\n\r\nhi":                               "204 has no body",
		"HTTP/1.1 2x0 OK\r\n\r\n":                                                      "expected HTTP/1.1 and a status",
		"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi":                               "expected HTTP/1.1 and a status",
		"HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 2\r\n\r\nhi":          "closes the connection",
		strings.Repeat("HTTP/1.1 204 x\r\n\r\n", 4):                                    "nobody asked for",
	} {
		if got := prototest.Split(t, []byte(response), clientReads(rpc.OverHTTP1)); !strings.Contains(got, want) {
			t.Errorf("%q: %s, expected %s", response, got, want)
		}
	}
}

// A client that wants its connection closed gets its answers first.
func TestHTTP1Close(t *testing.T) {
	server := rpc.NewServerTransport(rpc.OverHTTP1, rpc.TransportLimits{})
	server.Receive(0, []byte(goodHead+"one"+strings.Replace(goodHead, "host: x", "host: x\r\nconnection: close", 1)+"two"+goodHead+"six"))
	var slots []uint32
	for slot, _, ok := server.Poll(); ok; slot, _, ok = server.Poll() {
		slots = append(slots, slot)
	}
	if len(slots) != 2 || server.Err() != nil {
		t.Fatalf("slots %v, %v; expected two, and no end yet", slots, server.Err())
	}
	for i := len(slots) - 1; i >= 0; i-- {
		if err := server.Send(slots[i], fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	out := string(server.Output())
	if server.Err() == nil || strings.Index(out, "\r\n\r\n0") > strings.Index(out, "\r\n\r\n1") {
		t.Errorf("%v, %q; expected the answers in the order of the questions, and the end", server.Err(), out)
	}
}

// A frame longer than may be is refused by its length, before it comes.
func TestFramedLimit(t *testing.T) {
	got := prototest.Split(t, []byte{0, 0, 0, 1, 'a', 0, 1, 0, 1, 'b'}, serverReads(rpc.OverStream, rpc.TransportLimits{}))
	if !strings.HasPrefix(got, "0: \"a\"\nrpc: a frame's length is 65537") {
		t.Errorf("%s", got)
	}
	if got := serverReads(rpc.OverStream, rpc.TransportLimits{})([]byte{0, 0, 0, 0}); !strings.Contains(got, "length is 0") {
		t.Errorf("%s", got)
	}
}

// What either side says, up to any byte, is dissected without a gap.
func TestDissectStream(t *testing.T) {
	frame := string(rpc.AppendFrame(nil, rpc.Frame{Kind: rpc.Request, ID: rpc.ID{Name: "Counter.add"}, Body: []byte{0x81, 1}}))
	for _, kind := range kinds {
		byClient, byServer := said(t, kind, frame, "no frame", frame)
		for _, all := range [][]byte{byClient, byServer} {
			for end := range len(all) + 1 {
				fields := rpc.DissectStream(kind, all[:end])
				if gap := field.Gaps(field.Field{Children: fields}, end); end > 0 && gap != "" {
					t.Fatalf("%v, %d bytes: %s", kind, end, gap)
				}
			}
		}
		found := false
		for _, f := range rpc.DissectStream(kind, byClient) {
			f.Leaves(func(leaf field.Field) { found = found || leaf.Name == "argument" && leaf.Value == "1" })
		}
		if !found && kind != rpc.OverDatagram {
			t.Errorf("%v: nobody shows the argument: %+v", kind, rpc.DissectStream(kind, byClient))
		}
	}
}
