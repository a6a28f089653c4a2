package http2

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/protocols/prototest"
)

var rewrite = flag.Bool("rewrite", false, "rewrite testdata/dissect.txt; read the diff before you commit it")

func tree(fields []field.Field, indent string) (s string) {
	for _, f := range fields {
		s += fmt.Sprintf("%4d +%-4d %s%s", f.Offset, f.Length, indent, f.Name)
		if f.Value != "" {
			s += ": " + f.Value
		}
		s += "\n" + tree(f.Children, indent+"  ")
	}
	return s
}

// clientTalk is what a client may say, with one frame of each type in it.
func clientTalk() []byte {
	r := newRaw(true)
	r.setting(settingInitialWindow, 100_000)
	r.headers(1, false, get...)
	r.data(1, false, "hello")
	r.headers(1, true, HeaderField{Name: "x-checksum", Value: "12ab"})
	block := r.block(append(append([]HeaderField(nil), get...), HeaderField{Name: "authorization", Value: "secret", Sensitive: true})...)
	r.frame(frameHeaders, flagEndStream|flagPadded|flagPriority, 3, append(append([]byte{3, 0x80, 0, 0, 1, 15}, block[:4]...), 0, 0, 0))
	r.frame(frameContinuation, 0, 3, block[4:9])
	r.frame(frameContinuation, flagEndHeaders, 3, block[9:])
	r.frame(framePing, 0, 0, []byte("12345678"))
	r.frame(framePriority, 0, 5, []byte{0, 0, 0, 3, 1})
	r.number(frameWindowUpdate, 1, 5000).number(frameReset, 1, uint32(Cancel))
	r.frame(77, 3, 0, []byte("odd"))
	return r.frame(frameGoAway, 0, 0, append(make([]byte, 8), "bye"...)).take()
}

func TestDissect(t *testing.T) {
	const golden = "testdata/dissect.txt"
	got := tree(Dissect(clientTalk()), "")
	if *rewrite {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nexpected what %s says", got, golden)
	}
}

// TestDissectCovers: cut off anywhere, and with any byte changed, every byte
// is in one leaf; and the dissector reads what a connection reads.
func TestDissectCovers(t *testing.T) {
	talk := clientTalk()
	for i := range talk {
		covered(t, talk[:i])
		for _, flip := range []byte{1, 0x80, 0xff} {
			changed := append([]byte(nil), talk...)
			changed[i] ^= flip
			covered(t, changed)
		}
	}
	rand := prototest.NewRand(1)
	for range 200 {
		b := make([]byte, rand.Below(200))
		for i := range b {
			b[i] = byte(rand.Below(1 << (1 + rand.Below(8))))
		}
		covered(t, b)
	}
}

func covered(t testing.TB, b []byte) {
	t.Helper()
	if gap := field.Gaps(field.Field{Children: Dissect(b)}, len(b)); gap != "" {
		t.Fatalf("%s, in %q", gap, b)
	}
}

// TestDissectReadsWhatIsSent: the names and values of a long exchange, with
// the table's entries coming and going, are those that were sent.
func TestDissectReadsWhatIsSent(t *testing.T) {
	c := NewClient(Config{MaxStreams: 1000})
	var want, got strings.Builder
	for i := range 300 {
		fields := append(append([]HeaderField(nil), get...), HeaderField{Name: fmt.Sprintf("x-%d", i%7), Value: strings.Repeat("v", i)}, HeaderField{Name: "n", Value: fmt.Sprint(i)})
		if _, err := c.Open(fields, true); err != nil {
			t.Fatal(err)
		}
		for _, f := range fields {
			fmt.Fprintf(&want, "%s: %s\n", f.Name, shorten(f.Value))
		}
	}
	covered(t, c.Output())
	for _, f := range Dissect(c.Output()) {
		for _, part := range f.Children {
			if f.Name == "HEADERS" && strings.HasSuffix(part.Value, ")") {
				fmt.Fprintf(&got, "%s: %s\n", part.Name, part.Value[:strings.LastIndex(part.Value, " (")])
			}
		}
	}
	if got.String() != want.String() {
		t.Error("the fields shown are not those that were sent")
	}
}
