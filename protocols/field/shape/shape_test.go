package shape

import (
	"encoding/hex"
	"strings"
	"testing"

	"grapevine/protocols/field"
)

var greeting = Shape{Name: "greeting", Parts: []Shape{
	{Name: "type", Say: func(v uint64) string { return [...]string{"hello", "bye"}[v&1] }},
	{Name: "names", Each: &Shape{Name: "name"}},
	{Name: "ages", Each: &Shape{Name: "age"}},
	{Name: "key"},
}}

// [0, ["Zoë"], {"Zoë": -7, "Bo": true}, h'0102', 1000, null]
const example = "86" + "00" + "81645a6fc3ab" + "a2645a6fc3ab26" + "62426ff5" + "420102" + "1903e8" + "f6"

func flat(f field.Field) string {
	var b strings.Builder
	f.Leaves(func(l field.Field) { b.WriteString(l.Name + "=" + l.Value + " ") })
	return strings.TrimSpace(b.String())
}

func TestFields(t *testing.T) {
	b, _ := hex.DecodeString(example)
	const want = "array=of 6 type=hello array=of 1 name=Zoë map=of 2 key=Zoë age=-7 key=Bo age=true key=0102 item=1000 item=null"
	if got := flat(greeting.Field(b)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for cut := range b {
		if gap := field.Gaps(greeting.Field(b[:cut]), cut); gap != "" {
			t.Errorf("% x: %s", b[:cut], gap)
		}
	}
	if got := flat(greeting.Field(append(b, 1, 2))); !strings.HasSuffix(got, "not understood=2 bytes") {
		t.Errorf("trailing bytes: %s", got)
	}
}

func FuzzField(f *testing.F) {
	b, _ := hex.DecodeString(example)
	f.Add(b)
	f.Add([]byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80})
	f.Add([]byte{0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte(strings.Repeat("\x81", 40)))
	f.Add([]byte{0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x1f})
	f.Fuzz(func(t *testing.T, b []byte) {
		if gap := field.Gaps(greeting.Field(b), len(b)); gap != "" {
			t.Error(gap)
		}
	})
}
