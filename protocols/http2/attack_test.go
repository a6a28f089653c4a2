package http2

import (
	"strings"
	"testing"
)

// An attack is bytes repeated against a server that nobody warned; it must
// end with a GOAWAY of that code, after at most so many repetitions, and may
// not make the server hold more than a few times its limits.
var attacks = []struct {
	name   string
	config Config
	begin  func(r *raw)
	again  func(r *raw, i uint32)
	code   Code
	within int // repetitions
}{
	{
		name:  "rapid reset",
		again: func(r *raw, i uint32) { r.headers(2*i+1, true, get...).number(frameReset, 2*i+1, uint32(Cancel)) },
		code:  EnhanceYourCalm, within: 501,
	}, {
		name: "resets that we are made to send",
		again: func(r *raw, i uint32) {
			r.headers(2*i+1, false, get...).number(frameWindowUpdate, 2*i+1, 0)
		},
		code: EnhanceYourCalm, within: 501,
	}, {
		name: "malformed requests",
		again: func(r *raw, i uint32) {
			r.headers(2*i+1, true, HeaderField{Name: "connection", Value: "close"})
		},
		code: EnhanceYourCalm, within: 501,
	}, {
		name:  "more streams than allowed",
		again: func(r *raw, i uint32) { r.headers(2*i+1, false, get...) },
		code:  EnhanceYourCalm, within: 100 + 501,
	}, {
		name:  "CONTINUATION flood",
		begin: func(r *raw) { r.frame(frameHeaders, flagEndStream, 1, r.block(get...)) },
		again: func(r *raw, i uint32) {
			r.frame(frameContinuation, 0, 1, r.block(HeaderField{Name: "x", Value: strings.Repeat("x", 100)}))
		},
		code: EnhanceYourCalm, within: 17,
	}, {
		name:  "CONTINUATION flood, empty",
		begin: func(r *raw) { r.frame(frameHeaders, flagEndStream, 1, r.block(get...)) },
		again: func(r *raw, i uint32) { r.frame(frameContinuation, 0, 1, nil) },
		code:  EnhanceYourCalm, within: 17,
	}, {
		name:   "a header block without end, in few frames",
		config: Config{MaxFrameBytes: 1 << 20},
		begin:  func(r *raw) { r.frame(frameHeaders, flagEndStream, 1, r.block(get...)) },
		again: func(r *raw, i uint32) {
			r.frame(frameContinuation, 0, 1, r.block(HeaderField{Name: "x", Value: strings.Repeat("x", 50_000), Sensitive: true}))
		},
		code: EnhanceYourCalm, within: 2,
	}, {
		name:  "PING flood",
		again: func(r *raw, i uint32) { r.frame(framePing, 0, 0, make([]byte, 8)) },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "SETTINGS flood",
		again: func(r *raw, i uint32) { r.setting(settingInitialWindow, i) },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "SETTINGS acknowledgements",
		again: func(r *raw, i uint32) { r.frame(frameSettings, flagAck, 0, nil) },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "empty DATA",
		begin: func(r *raw) { r.headers(1, false, get...) },
		again: func(r *raw, i uint32) { r.data(1, false, "") },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "DATA of padding alone",
		begin: func(r *raw) { r.headers(1, false, get...) },
		again: func(r *raw, i uint32) { r.frame(frameData, flagPadded, 1, []byte{2, 0, 0}) },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "PRIORITY flood",
		again: func(r *raw, i uint32) { r.frame(framePriority, 0, 1, make([]byte, 5)) },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "unknown frames",
		again: func(r *raw, i uint32) { r.frame(99, 0, 1, []byte("?")) },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "RST_STREAM on a stream that is over",
		begin: func(r *raw) { r.headers(1, false, get...) },
		again: func(r *raw, i uint32) { r.number(frameReset, 1, 0) },
		code:  EnhanceYourCalm, within: 1002,
	}, {
		name:  "DATA on a stream that is over",
		begin: func(r *raw) { r.headers(1, false, get...).number(frameReset, 1, 0) },
		again: func(r *raw, i uint32) { r.data(1, false, "late") },
		code:  EnhanceYourCalm, within: 1001,
	}, {
		name:  "window overflow of the connection",
		again: func(r *raw, i uint32) { r.number(frameWindowUpdate, 0, 1<<30) },
		code:  FlowControlError, within: 2,
	}, {
		name:  "window overflow by SETTINGS",
		begin: func(r *raw) { r.headers(1, false, get...).number(frameWindowUpdate, 1, 1<<30) },
		again: func(r *raw, i uint32) { r.setting(settingInitialWindow, 1<<30) },
		code:  FlowControlError, within: 1,
	}, {
		name:   "DATA beyond the stream's window",
		config: Config{StreamWindowBytes: 80_000},
		begin:  func(r *raw) { r.headers(1, false, get...) },
		again:  func(r *raw, i uint32) { r.data(1, false, strings.Repeat("x", 10_000)) },
		code:   FlowControlError, within: 9,
	}, {
		name:   "DATA beyond the connection's window",
		config: Config{ConnWindowBytes: 100_000},
		again: func(r *raw, i uint32) {
			r.headers(2*i+1, false, get...).data(2*i+1, false, strings.Repeat("x", 10_000))
		},
		code: FlowControlError, within: 11,
	}, {
		name:   "asks and never reads",
		config: Config{MaxOutputBytes: 1 << 16, MaxIdleFrames: 1 << 20},
		again:  func(r *raw, i uint32) { r.frame(framePing, 0, 0, make([]byte, 8)) },
		code:   EnhanceYourCalm, within: 4000,
	},
}

func TestAttacks(t *testing.T) {
	for _, a := range attacks {
		t.Run(strings.ReplaceAll(a.name, " ", "-"), func(t *testing.T) {
			c, r := NewServer(a.config), newRaw(true)
			if a.begin != nil {
				a.begin(r)
			}
			most := 0
			for i := uint32(0); !c.Closed(); i++ {
				if int(i) == a.within {
					t.Fatalf("still open after %d repetitions", i)
				}
				a.again(r, i)
				tell(c, r.take())
				most = max(most, c.heldBytes())
			}
			lines := strings.Split(strings.TrimSpace(said(c)), "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, "GOAWAY") || !strings.HasSuffix(last, a.code.String()) {
				t.Errorf("the last word is %s, expected GOAWAY with %s", last, a.code)
			}
			if limit := c.limitBytes(); most > limit {
				t.Errorf("held %d bytes, the limits allow %d", most, limit)
			}
		})
	}
}

// heldBytes is roughly what a connection holds of what its peer made it hold.
func (c *Conn) heldBytes() int {
	return len(c.in) - c.inStart + c.outputBytes() + len(c.block) + listBytes(c.fields) + 160*len(c.streams) + 4*len(c.ended.ids) + 4*len(c.reset.ids) +
		4*len(c.blocked) + 112*len(c.pending)
}

// limitBytes is what Config allows for it, when the caller drains after each
// call and takes no output.
func (c *Conn) limitBytes() int {
	f := c.config
	return f.MaxFrameBytes + f.MaxOutputBytes + 1<<16 + f.MaxHeaderBlockBytes + f.MaxHeaderListBytes + 400*2*f.MaxStreams + 4*(maxEndedRemembered+maxResetRemembered)
}

// TestHeaderListTooLarge: a list that unpacks to more than is borne costs its
// stream, is not kept, and leaves the compression in step.
func TestHeaderListTooLarge(t *testing.T) {
	c, r := NewServer(Config{MaxHeaderListBytes: 10_000}), newRaw(true)
	long := HeaderField{Name: "x-long", Value: strings.Repeat("x", 1000)}
	bomb := append(append([]HeaderField(nil), get...), long)
	for range 5000 { // one byte each
		bomb = append(bomb, long)
	}
	r.headers(1, true, bomb...).headers(3, true, append(append([]HeaderField(nil), get...), long)...)
	got := tell(c, r.take())
	if want := "settings 0\nheaders 3 " + text(get) + text([]HeaderField{long}) + " end\n"; got != want {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
	if out := said(c); !strings.Contains(out, "RST_STREAM 1 ENHANCE_YOUR_CALM\n") || cap(c.fields) > 1000 {
		t.Errorf("said\n%sand keeps %d fields", out, cap(c.fields))
	}
}

// TestPatience: what would be an attack in a moment is none over time, nor
// among real work.
func TestPatience(t *testing.T) {
	c, r := NewServer(Config{}), newRaw(true)
	for i := range uint32(5000) {
		r.frame(framePing, 0, 0, make([]byte, 8)).headers(2*i+1, false, get...).number(frameReset, 2*i+1, uint32(Cancel))
		c.Receive(int64(i)*20_000, r.take()) // 50 a second
		events(c)
		c.Sent(len(c.Output()))
	}
	for i := range uint32(5000) {
		id := 10_001 + 2*i
		c.Receive(c.now, r.headers(id, true, get...).frame(framePing, 0, 0, make([]byte, 8)).take())
		events(c)
		c.SendHeaders(id, []HeaderField{{Name: ":status", Value: "200"}}, true)
		c.Sent(len(c.Output()))
	}
	if c.Closed() {
		t.Error("closed")
	}
}
