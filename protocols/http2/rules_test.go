package http2

import (
	"strings"
	"testing"

	"grapevine/protocols/prototest"
)

// with returns the request get with more fields.
func with(more ...HeaderField) []HeaderField {
	return append(append([]HeaderField(nil), get...), more...)
}

// without leaves one field out.
func without(name string) (kept []HeaderField) {
	for _, f := range get {
		if f.Name != name {
			kept = append(kept, f)
		}
	}
	return kept
}

// rules is what a peer does wrong against a server, and what it costs: the
// last frame the server says.
var rules = []struct {
	name string
	do   func(r *raw)
	cost string
}{
	{"no preface", func(r *raw) { r.b = []byte("GET / HTTP/1.1\r\n\r\n") }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"no SETTINGS first", func(r *raw) { r.b = append([]byte(preface), make([]byte, 9)...) }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"frame too long", func(r *raw) { r.data(1, false, strings.Repeat("x", 16_385)) }, "GOAWAY 0 FRAME_SIZE_ERROR"},
	{"DATA on an idle stream", func(r *raw) { r.data(1, false, "x") }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"DATA after END_STREAM", func(r *raw) { r.headers(1, true, get...).data(1, false, "x") }, "RST_STREAM 1 STREAM_CLOSED"},
	{"HEADERS after END_STREAM", func(r *raw) { r.headers(1, true, get...).headers(1, true, get...) }, "RST_STREAM 1 STREAM_CLOSED"},
	{"HEADERS after RST_STREAM", func(r *raw) { r.headers(1, true, get...).number(frameReset, 1, 8).headers(1, true, get...) }, "GOAWAY 1 STREAM_CLOSED"},
	{"falling numbers", func(r *raw) { r.headers(5, true, get...).headers(3, true, get...) }, "GOAWAY 5 PROTOCOL_ERROR"},
	{"an even number", func(r *raw) { r.headers(2, true, get...) }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"PUSH_PROMISE", func(r *raw) { r.headers(1, false, get...).frame(framePushPromise, 4, 1, make([]byte, 4)) }, "GOAWAY 1 PROTOCOL_ERROR"},
	{"padding too long", func(r *raw) { r.headers(1, false, get...).frame(frameData, flagPadded, 1, []byte{3, 0, 0}) }, "GOAWAY 1 PROTOCOL_ERROR"},
	{"window overflow of a stream", func(r *raw) { r.headers(1, false, get...).number(frameWindowUpdate, 1, 1<<31-1) }, "RST_STREAM 1 FLOW_CONTROL_ERROR"},
	{"WINDOW_UPDATE by 0", func(r *raw) { r.headers(1, false, get...).number(frameWindowUpdate, 1, 0) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"ENABLE_PUSH of 2", func(r *raw) { r.setting(settingEnablePush, 2) }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"window setting too large", func(r *raw) { r.setting(settingInitialWindow, 1<<31) }, "GOAWAY 0 FLOW_CONTROL_ERROR"},
	{"frame setting too small", func(r *raw) { r.setting(settingMaxFrame, 16_383) }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"half a setting", func(r *raw) { r.frame(frameSettings, 0, 0, make([]byte, 5)) }, "GOAWAY 0 FRAME_SIZE_ERROR"},
	{"CONTINUATION of nothing", func(r *raw) { r.frame(frameContinuation, 4, 1, nil) }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"PING within a block", func(r *raw) { r.frame(frameHeaders, 0, 1, nil).frame(framePing, 0, 0, make([]byte, 8)) }, "GOAWAY 0 PROTOCOL_ERROR"},
	{"a block that is none", func(r *raw) { r.frame(frameHeaders, 5, 1, []byte{0xff, 0xff}) }, "GOAWAY 0 COMPRESSION_ERROR"},
	{"a stream that depends on itself", func(r *raw) { r.frame(frameHeaders, 0x25, 1, append([]byte{0, 0, 0, 1, 0}, r.block(get...)...)) }, "RST_STREAM 1 PROTOCOL_ERROR"},

	{"no :path", func(r *raw) { r.headers(1, true, without(":path")...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"no :method", func(r *raw) { r.headers(1, true, without(":method")...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"no :scheme", func(r *raw) { r.headers(1, true, without(":scheme")...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"empty :path", func(r *raw) { r.headers(1, true, append([]HeaderField{{Name: ":path"}}, without(":path")...)...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{":path twice", func(r *raw) { r.headers(1, true, append([]HeaderField{{Name: ":path", Value: "/"}}, get...)...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"pseudo-header last", func(r *raw) { r.headers(1, true, with(HeaderField{Name: ":authority", Value: "x"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"a response's pseudo-header", func(r *raw) { r.headers(1, true, append([]HeaderField{{Name: ":status", Value: "200"}}, get...)...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"upper case", func(r *raw) { r.headers(1, true, with(HeaderField{Name: "X", Value: "x"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"empty name", func(r *raw) { r.headers(1, true, with(HeaderField{Value: "x"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"CR in a value", func(r *raw) { r.headers(1, true, with(HeaderField{Name: "x", Value: "a\rb"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"blank before a value", func(r *raw) { r.headers(1, true, with(HeaderField{Name: "x", Value: " a"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"upgrade", func(r *raw) { r.headers(1, true, with(HeaderField{Name: "upgrade", Value: "h2c"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"te of gzip", func(r *raw) { r.headers(1, true, append(without("te"), HeaderField{Name: "te", Value: "gzip"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"two content-lengths", func(r *raw) {
		r.headers(1, false, with(HeaderField{Name: "content-length", Value: "1"}, HeaderField{Name: "content-length", Value: "2"})...)
	}, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"body too short", func(r *raw) {
		r.headers(1, false, with(HeaderField{Name: "content-length", Value: "5"})...).data(1, true, "four")
	}, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"body too long", func(r *raw) {
		r.headers(1, false, with(HeaderField{Name: "content-length", Value: "3"})...).data(1, false, "four")
	}, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"no body where one is declared", func(r *raw) { r.headers(1, true, with(HeaderField{Name: "content-length", Value: "3"})...) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"trailers without END_STREAM", func(r *raw) { r.headers(1, false, get...).headers(1, false, HeaderField{Name: "x", Value: "y"}) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"pseudo-header in trailers", func(r *raw) { r.headers(1, false, get...).headers(1, true, HeaderField{Name: ":path", Value: "/"}) }, "RST_STREAM 1 PROTOCOL_ERROR"},
	{"trailers before the declared end", func(r *raw) {
		r.headers(1, false, with(HeaderField{Name: "content-length", Value: "3"})...).headers(1, true, HeaderField{Name: "x", Value: "y"})
	}, "RST_STREAM 1 PROTOCOL_ERROR"},
}

func TestRules(t *testing.T) {
	for _, rule := range rules {
		t.Run(strings.ReplaceAll(rule.name, " ", "-"), func(t *testing.T) {
			r := newRaw(true)
			rule.do(r)
			prototest.Split(t, r.b[:min(len(r.b), 400)], func(pieces ...[]byte) string {
				c := NewServer(Config{})
				came := tell(c, pieces...)
				said := said(c)
				if lines := strings.Split(strings.TrimSpace(said), "\n"); len(r.b) <= 400 && lines[len(lines)-1] != rule.cost {
					t.Fatalf("it costs %s, expected %s; %s", lines[len(lines)-1], rule.cost, came)
				}
				return came + said
			})
			c := NewServer(Config{})
			if tell(c, r.b); !strings.HasSuffix(said(c), rule.cost+"\n") {
				t.Errorf("read whole, it does not cost %s", rule.cost)
			}
		})
	}
}

// TestResponses: what a server may answer, and what costs it the stream.
func TestResponses(t *testing.T) {
	status := func(s string, more ...HeaderField) []HeaderField {
		return append([]HeaderField{{Name: ":status", Value: s}}, more...)
	}
	length := func(n string) HeaderField { return HeaderField{Name: "content-length", Value: n} }
	const bad = "reset 1 PROTOCOL_ERROR"
	for _, x := range []struct {
		name, method string
		do           func(r *raw)
		want         string // the last event begins so
	}{
		{"interim, then final", "GET", func(r *raw) { r.headers(1, false, status("103")...).headers(1, true, status("200")...) }, "headers 1 :status=200; end"},
		{"body and trailers", "GET", func(r *raw) {
			r.headers(1, false, status("200", length("2"))...).data(1, false, "ok").headers(1, true, HeaderField{Name: "x", Value: "y"})
		}, "trailers 1 x=y; end"},
		{"a HEAD's length", "HEAD", func(r *raw) { r.headers(1, true, status("200", length("99"))...) }, "headers 1 :status=200;content-length=99; end"},
		{"304 with a length", "GET", func(r *raw) { r.headers(1, false, status("304", length("99"))...).data(1, true, "") }, `data 1 "" end`},
		{"a length and no body", "GET", func(r *raw) { r.headers(1, true, status("200", length("99"))...) }, bad},
		{"interim with an end", "GET", func(r *raw) { r.headers(1, true, status("100")...) }, bad},
		{"DATA after interim", "GET", func(r *raw) { r.headers(1, false, status("100")...).data(1, false, "x") }, bad},
		{"DATA before a head", "GET", func(r *raw) { r.data(1, false, "x") }, bad},
		{"101", "GET", func(r *raw) { r.headers(1, false, status("101")...) }, bad},
		{"no :status", "GET", func(r *raw) { r.headers(1, true, HeaderField{Name: "x", Value: "y"}) }, bad},
		{"a :status of letters", "GET", func(r *raw) { r.headers(1, true, status("2xx")...) }, bad},
		{"reset by the server", "GET", func(r *raw) { r.number(frameReset, 1, uint32(RefusedStream)) }, "reset 1 REFUSED_STREAM"},
		{"a stream that nobody opened", "GET", func(r *raw) { r.headers(3, true, status("200")...) }, "closed 0 [http2: PROTOCOL_ERROR"},
		{"push", "GET", func(r *raw) { r.frame(framePushPromise, 4, 1, make([]byte, 4)) }, "closed 0 [http2: PROTOCOL_ERROR"},
		{"ENABLE_PUSH by a server", "GET", func(r *raw) { r.setting(settingEnablePush, 1) }, "closed 0 [http2: PROTOCOL_ERROR"},
		{"GOAWAY with an error", "GET", func(r *raw) { r.frame(frameGoAway, 0, 0, append(make([]byte, 7), "\x0bslow down"...)) }, `closed 0 [http2: ENHANCE_YOUR_CALM: the peer's GOAWAY says "slow down"]`},
	} {
		t.Run(strings.ReplaceAll(x.name, " ", "-"), func(t *testing.T) {
			r := newRaw(false)
			x.do(r)
			read := func(pieces ...[]byte) string {
				c := NewClient(Config{})
				if _, err := c.Open(append([]HeaderField{{Name: ":method", Value: x.method}}, without(":method")...), true); err != nil {
					t.Fatal(err)
				}
				return tell(c, pieces...)
			}
			lines := strings.Split(strings.TrimSpace(prototest.Split(t, r.b, read)), "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, x.want) {
				t.Errorf("the last event is %s, expected %s", last, x.want)
			}
			prototest.Trailing(t, r.b, newRaw(false).frame(framePing, 0, 0, make([]byte, 8)).take(), read)
		})
	}
}

// TestMisuse: what our own caller does wrong is returned, and nothing is sent.
func TestMisuse(t *testing.T) {
	server, r := NewServer(Config{}), newRaw(true)
	tell(server, r.headers(1, false, get...).headers(3, true, get...).take())
	said(server)
	ok := []HeaderField{{Name: ":status", Value: "200"}}
	client := NewClient(Config{})
	for name, err := range map[string]error{
		"server opens":       second(server.Open(get, true)),
		"DATA before head":   second(server.SendData(1, []byte("x"), false)),
		"no :status":         server.SendHeaders(1, nil, false),
		"upper case":         server.SendHeaders(1, append(ok, HeaderField{Name: "X"}), false),
		"interim with end":   server.SendHeaders(1, []HeaderField{{Name: ":status", Value: "100"}}, true),
		"half a request":     second(client.Open(without(":path"), true)),
		"connection's field": second(client.Open(with(HeaderField{Name: "connection", Value: "close"}), true)),
	} {
		if _, is := err.(*Misuse); !is {
			t.Errorf("%s: %v", name, err)
		}
	}
	if server.SendHeaders(5, ok, true) != ErrStreamClosed || second(server.SendData(7, nil, true)) != ErrStreamClosed {
		t.Error("a stream that never was takes something")
	}
	if len(server.Output()) != 0 {
		t.Errorf("misuse made the server say %s", said(server))
	}
	if err := server.SendHeaders(3, ok, true); err != nil || server.StreamState(3) != Done || server.StreamState(1) != Open || server.StreamState(9) != Idle {
		t.Errorf("%v; states %s, %s, %s", err, server.StreamState(3), server.StreamState(1), server.StreamState(9))
	}
	server.SendHeaders(1, ok, false)
	if _, is := server.SendHeaders(1, nil, false).(*Misuse); !is {
		t.Error("trailers without end are taken")
	}
	if second(server.SendData(1, nil, true)) != nil || server.StreamState(1) != HalfClosedLocal {
		t.Error("the empty end is not taken")
	}
	if _, is := second(server.SendData(1, []byte("x"), true)).(*Misuse); !is {
		t.Error("DATA after the end is taken")
	}
}

func second[T any](_ T, err error) error { return err }

// TestPeersLimits: streams and header lists as large as the peer allows, and
// windows that a setting makes negative.
func TestPeersLimits(t *testing.T) {
	c, r := NewClient(Config{}), newRaw(false)
	tell(c, r.setting(settingMaxStreams, 1).setting(settingMaxHeaderList, 400).setting(settingInitialWindow, 10).take())
	if _, is := second(c.Open(with(HeaderField{Name: "x", Value: strings.Repeat("x", 200)}), false)).(*Misuse); !is {
		t.Error("a header list larger than the peer takes is sent")
	}
	id, err := c.Open(get, false)
	if err != nil || second(c.Open(get, false)) != ErrTooManyStreams {
		t.Fatalf("%v, and a second stream where one is allowed", err)
	}
	if n, _ := c.SendData(id, body(30), true); n != 10 {
		t.Errorf("%d bytes taken by a window of 10", n)
	}
	tell(c, r.setting(settingInitialWindow, 5).take())
	if got := c.SendWindow(id); got != -5 {
		t.Errorf("the window is %d, expected -5", got)
	}
	if got := tell(c, r.number(frameWindowUpdate, 1, 5).take()); got != "" {
		t.Errorf("a window of 0 gives %s", got)
	}
	if got := tell(c, r.number(frameWindowUpdate, 1, 7).take()); got != "writable 1\n" {
		t.Errorf("a window of 7 gives %q", got)
	}
	if n, _ := c.SendData(id, body(20), true); n != 7 {
		t.Errorf("%d bytes taken by a window of 7", n)
	}
	if got := tell(c, r.setting(settingInitialWindow, 100).take()); got != "settings 0\nwritable 1\n" {
		t.Errorf("a larger setting gives %q", got)
	}
	if n, _ := c.SendData(id, body(13), true); n != 13 || c.StreamState(id) != HalfClosedLocal {
		t.Errorf("%d bytes taken, state %s", n, c.StreamState(id))
	}
}

// TestMovesTable: no step leads out of Done, and every fault is somebody's.
func TestMovesTable(t *testing.T) {
	for state := range Moves {
		for step, m := range Moves[state] {
			sends := Step(step) <= SendEnd
			if m.Fault != Allowed && sends != (m.Fault == Ours) || m.Fault == Allowed && State(state) == Done && m.To != Done {
				t.Errorf("%s, %s: to %s with fault %d", State(state), Step(step), m.To, m.Fault)
			}
		}
	}
}
