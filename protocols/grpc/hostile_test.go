package grpc

import (
	"bytes"
	"strings"
	"testing"

	"grapevine/protocols/http2"
)

type fields = []http2.HeaderField

// with is a good head, in which some fields are others; an empty value takes
// the field out.
func with(head fields, changes ...string) fields {
	out := append(fields(nil), head...)
	for i := 0; i < len(changes); i += 2 {
		found := false
		for j := range out {
			if out[j].Name == changes[i] {
				out[j].Value, found = changes[i+1], true
			}
		}
		if !found {
			out = append(out, http2.HeaderField{Name: changes[i], Value: changes[i+1]})
		}
	}
	kept := out[:0]
	for _, f := range out {
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

var (
	request = fields{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/s/m"},
		{Name: ":authority", Value: "a"}, {Name: "te", Value: "trailers"}, {Name: "content-type", Value: "application/grpc"}}
	response = fields{{Name: ":status", Value: "200"}, {Name: "content-type", Value: "application/grpc"}}
)

// play lets a bare HTTP/2 end act on one of ours, and returns what it hears
// and what ours is told.
func play(t *testing.T, bare *http2.Conn, ours *Conn, act func(http2.Event)) (heard []string, told []string) {
	t.Helper()
	for range 1000 {
		moved := false
		for e, ok := bare.Poll(); ok; e, ok = bare.Poll() {
			moved = true
			switch e.Kind {
			case http2.Headers, http2.Trailers:
				heard = append(heard, http2.Value(e.Fields, ":status")+"/"+http2.Value(e.Fields, "grpc-status"))
			case http2.Data:
				bare.Consume(e.Stream, len(e.Bytes))
				heard = append(heard, strings.TrimSpace(string(e.Bytes[:min(len(e.Bytes), 21)])))
			case http2.Reset:
				heard = append(heard, e.Code.String())
			}
			act(e)
		}
		moved = drain(ours, func(e Event) {
			if e.Kind != Ready {
				told = append(told, story(e))
			}
			if e.Kind == HalfClosed {
				e.Call.Finish(Status{}, nil)
			}
		}) || moved
		if b := bytes.Clone(bare.Output()); len(b) > 0 {
			bare.Sent(len(b))
			ours.Receive(0, b)
			moved = true
		}
		if b := bytes.Clone(ours.Output()); len(b) > 0 {
			ours.Sent(len(b))
			bare.Receive(0, b)
			moved = true
		}
		if !moved {
			return heard, told
		}
	}
	t.Fatal("no end")
	return nil, nil
}

// What a server says to requests that are not as they should be.
func TestBadRequests(t *testing.T) {
	for _, c := range []struct {
		name        string
		head        fields
		body        string
		heard, told string
	}{
		{"good", request, "\x00\x00\x00\x00\x02hi", "200/0", "start /s/m, received 2 hi, half-closed"},
		{"GET", with(request, ":method", "GET"), "", "405/, This is a gRPC server", ""},
		{"json", with(request, "content-type", "application/json"), "{}", "415/, This is a gRPC server", ""},
		{"no type", with(request, "content-type", ""), "", "415/, This is a gRPC server", ""},
		{"timeout", with(request, "grpc-timeout", "soon"), "", "200/13", ""},
		{"base64", with(request, "k-bin", "?"), "", "200/13", ""},
		{"encoding", with(request, "grpc-encoding", "snappy"), "\x01\x00\x00\x00\x01x", "200/12", ""},
		{"flag without encoding", request, "\x01\x00\x00\x00\x01x", "200/13", "start /s/m, cancelled INTERNAL"},
		{"flag", request, "\x07\x00\x00\x00\x01x", "200/13", "start /s/m, cancelled INTERNAL"},
		{"no gzip", with(request, "grpc-encoding", "gzip"), "\x01\x00\x00\x00\x01x", "200/13", "start /s/m, cancelled INTERNAL"},
		{"torn head", request, "\x00\x00", "200/13", "start /s/m, cancelled INTERNAL"},
		{"torn message", request, "\x00\x00\x00\x00\x09torn", "200/13", "start /s/m, cancelled INTERNAL"},
		{"long", request, "\x00\xff\xff\xff\xffx", "200/8", "start /s/m, cancelled RESOURCE_EXHAUSTED"},
		{"good, then torn", request, "\x00\x00\x00\x00\x00\x00", "200/13", "start /s/m, received 0 , cancelled INTERNAL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bare, ours := http2.NewClient(http2.Config{}), NewServer(Config{})
			stream, err := bare.Open(c.head, false)
			if err != nil {
				t.Fatal(err)
			}
			bare.SendData(stream, []byte(c.body), true)
			heard, told := play(t, bare, ours, func(http2.Event) {})
			if got := strings.Join(heard, ", "); got != c.heard {
				t.Errorf("the client hears %q, expected %q", got, c.heard)
			}
			if got := strings.Join(told, ", "); got != c.told {
				t.Errorf("the server's caller is told %q, expected %q", got, c.told)
			}
			if ours.Calls() != 0 {
				t.Error("a call is left")
			}
		})
	}
}

// What a client makes of answers that are not as they should be.
func TestBadAnswers(t *testing.T) {
	ok := fields{{Name: "grpc-status", Value: "0"}}
	for _, c := range []struct {
		name     string
		head     fields // of the answer; alone if there is neither body nor trailers
		body     string
		trailers fields
		reset    http2.Code
		told     string
	}{
		{"good", response, "\x00\x00\x00\x00\x02hi", ok, 0, "header, received 2 hi, finished OK"},
		{"trailers only", with(response, "grpc-status", "5"), "", nil, 0, "finished NOT_FOUND"},
		{"no status", response, "", nil, 0, "finished UNKNOWN"},
		{"no trailers", response, "\x00\x00\x00\x00\x00", nil, 0, "header, received 0 , finished INTERNAL"},
		{"trailers without", response, "\x00\x00\x00\x00\x00", fields{{Name: "x", Value: "y"}}, 0, "header, received 0 , finished UNKNOWN x=y"},
		{"torn", response, "\x00\x00\x00\x00\x05x", ok, 0, "header, finished INTERNAL"},
		{"torn, with a reason", response, "\x00\x00\x00", fields{{Name: "grpc-status", Value: "10"}}, 0, "header, finished ABORTED"},
		{"503", fields{{Name: ":status", Value: "503"}}, "busy", nil, 0, "finished UNAVAILABLE"},
		{"404 alone", fields{{Name: ":status", Value: "404"}}, "", nil, 0, "finished UNIMPLEMENTED"},
		{"404 with a status", with(response, ":status", "404", "grpc-status", "7"), "", nil, 0, "finished PERMISSION_DENIED"},
		{"a page", with(response, "content-type", "text/html"), "<html>", nil, 0, "finished UNKNOWN"},
		{"base64", with(response, "k-bin", "?"), "\x00\x00\x00\x00\x00", ok, 0, "finished INTERNAL"},
		{"trailing base64", response, "\x00\x00\x00\x00\x00", with(ok, "k-bin", "?"), 0, "header, received 0 , finished INTERNAL"},
		{"packed unasked", response, "\x01\x00\x00\x00\x01x", ok, 0, "header, finished INTERNAL"},
		{"refused", nil, "", nil, http2.RefusedStream, "finished UNAVAILABLE"},
		{"calm", nil, "", nil, http2.EnhanceYourCalm, "finished RESOURCE_EXHAUSTED"},
		{"cancelled", nil, "", nil, http2.Cancel, "finished CANCELLED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bare, ours := http2.NewServer(http2.Config{}), NewClient(Config{})
			call, err := ours.Call(0, "/s/m", Options{})
			if err != nil {
				t.Fatal(err)
			}
			call.SendLast(Raw("x"))
			_, told := play(t, bare, ours, func(e http2.Event) {
				switch {
				case !e.End || e.Kind == http2.Reset:
				case c.head == nil:
					bare.Reset(e.Stream, c.reset)
				default:
					bare.SendHeaders(e.Stream, c.head, c.body == "" && c.trailers == nil)
					if c.body != "" {
						bare.SendData(e.Stream, []byte(c.body), c.trailers == nil)
					}
					if c.trailers != nil {
						bare.SendHeaders(e.Stream, c.trailers, true)
					}
				}
			})
			if got := strings.Join(told, ", "); got != c.told {
				t.Errorf("the caller is told %q, expected %q", got, c.told)
			}
			if ours.Calls() != 0 {
				t.Error("a call is left")
			}
		})
	}
}
