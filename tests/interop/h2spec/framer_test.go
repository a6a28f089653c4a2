package h2spec

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"grapevine/protocols/http2"
)

// TestFramerReadsUs: golang.org/x/net's Framer, which is far too large for the
// tab, reads our frames as we meant them, and as our dissector shows them.
func TestFramerReadsUs(t *testing.T) {
	c := http2.NewClient(http2.Config{})
	id, err := c.Open([]http2.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/"},
		{Name: "x-long", Value: strings.Repeat("~", 40_000)}}, false)
	if err != nil {
		t.Fatal(err)
	}
	c.SendData(id, bytes.Repeat([]byte("x"), 40_000), false)
	c.SendHeaders(id, []http2.HeaderField{{Name: "x-sum", Value: "1"}}, true)
	c.Ping()
	c.Reset(id, http2.Cancel)
	c.GoAway(http2.EnhanceYourCalm)
	shown := http2.Dissect(c.Output())[1:]
	framer := xhttp2.NewFramer(nil, bytes.NewReader(c.Output()[len(xhttp2.ClientPreface):]))
	for i, f := range shown {
		read, err := framer.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if h := read.Header(); h.Type.String() != f.Name || h.Length != uint32(f.Length-9) || h.StreamID != 0 && f.Value != fmt.Sprint("stream ", h.StreamID) {
			t.Errorf("frame %d is %v to the Framer, %s %s of %d bytes to us", i, h, f.Name, f.Value, f.Length)
		}
	}
	if _, err := framer.ReadFrame(); err == nil {
		t.Error("the Framer finds more frames than we show")
	}
}

// TestWeReadFramer: what the Framer writes, padding and priority and all, our
// server takes as it was meant.
func TestWeReadFramer(t *testing.T) {
	var b, block bytes.Buffer
	b.WriteString(xhttp2.ClientPreface)
	framer, encoder := xhttp2.NewFramer(&b, nil), hpack.NewEncoder(&block)
	framer.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 77})
	for _, f := range []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: "/framer"}, {Name: "cookie", Value: "c", Sensitive: true}} {
		encoder.WriteField(f)
	}
	framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes()[:3], PadLength: 9, Priority: xhttp2.PriorityParam{StreamDep: 5, Weight: 3}})
	framer.WriteContinuation(1, true, block.Bytes()[3:])
	framer.WriteDataPadded(1, true, []byte("hello"), make([]byte, 200))
	framer.WriteWindowUpdate(1, 23)
	framer.WriteGoAway(0, xhttp2.ErrCodeNo, []byte("bye"))
	c := http2.NewServer(http2.Config{})
	c.Receive(0, b.Bytes())
	var told string
	for e, ok := c.Poll(); ok; e, ok = c.Poll() {
		told += fmt.Sprintln(e.Kind, e.Stream, http2.Value(e.Fields, ":path"), string(e.Bytes), e.End)
	}
	if want := "settings 0   false\nheaders 1 /framer  false\ndata 1  hello true\ngoaway 0  bye false\n"; told != want {
		t.Errorf("got\n%s\nexpected\n%s", told, want)
	}
	if got := c.SendWindow(1); got != 100 {
		t.Errorf("the window is %d, expected 100", got)
	}
}
