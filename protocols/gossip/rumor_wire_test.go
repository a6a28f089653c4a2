package gossip

import (
	"bytes"
	"math/rand"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"grapevine/protocols/field"
	"grapevine/protocols/prototest"
)

// library writes a message as the CBOR library does, in preferred form.
func library(m rumorMessage) []byte {
	var elements []any
	switch m.typ {
	case RumorPush, RumorReply:
		elements = []any{uint(m.typ), m.hops, string(m.news)}
	case RumorPull, RumorKnock:
		elements = []any{uint(m.typ)}
	case RumorFeedback, RumorAnswer:
		elements = []any{uint(m.typ), m.yes}
	}
	return wire.Must(elements)
}

// rumorMessages are messages at every edge of the encoding.
func rumorMessages() []rumorMessage {
	out := []rumorMessage{{typ: RumorPull}, {typ: RumorFeedback}, {typ: RumorFeedback, yes: true},
		{typ: RumorKnock}, {typ: RumorAnswer}, {typ: RumorAnswer, yes: true}}
	for _, hops := range []uint16{0, 1, 23, 24, 255, 256, 65535} {
		for _, length := range []int{0, 1, 11, 23, 24, MaxNewsBytes} {
			news := []byte(strings.Repeat("x", length))
			out = append(out, rumorMessage{typ: RumorPush, hops: hops, news: news}, rumorMessage{typ: RumorReply, hops: hops, news: news})
		}
	}
	return out
}

// The writing by hand gives the library's bytes, and the reading takes them:
// whole, but not cut anywhere, nor with something behind.
func TestRumorWire(t *testing.T) {
	for _, m := range rumorMessages() {
		b := appendRumor(nil, m)
		if want := library(m); !bytes.Equal(b, want) {
			t.Fatalf("%+v is written as % x, by the library as % x", m, b, want)
		}
		got, err := readRumor(b)
		if err != nil || got.typ != m.typ || got.hops != m.hops || got.yes != m.yes || !bytes.Equal(got.news, m.news) {
			t.Fatalf("% x is read as %+v, %v; expected %+v", b, got, err, m)
		}
		prototest.Message(t, b, func(b []byte) error {
			if _, err := readRumor(b); err != nil {
				return err
			}
			return nil
		})
		if gap := field.Gaps(DissectRumor(b), len(b)); gap != "" {
			t.Fatalf("% x: %s", b, gap)
		}
	}
}

// Each fault is told apart, in words that say what was expected.
func TestRumorFaults(t *testing.T) {
	for _, c := range []struct {
		bytes []byte
		want  *RumorError
	}{
		{nil, errShort},
		{[]byte{0x81}, errShort},
		{[]byte{0x81, 1, 0}, errLong},
		{[]byte{0x84, 0, 0, 0, 0}, errArray},
		{[]byte{0xa1, 0, 0}, errArray},
		{[]byte{0x9f, 1, 0xff}, errArray},      // indefinite
		{[]byte{0x81, 6}, errType},             // unknown
		{[]byte{0x81, 0}, errType},             // a push without its parts
		{[]byte{0x82, 1, 0}, errType},          // a pull with one too many
		{[]byte{0x83, 0, 0x18, 7}, errNumber},  // 7 in two bytes
		{[]byte{0x83, 0, 0x20, 0}, errNumber},  // negative
		{[]byte{0x83, 0, 0x1a, 0}, errNumber},  // too large
		{[]byte{0x83, 0, 0, 0x41, 1}, errText}, // bytes, not text
		{[]byte{0x83, 0, 0, 0x78, 65}, errText},
		{[]byte{0x83, 0, 0, 0x7f, 0xff}, errText},
		{[]byte{0x83, 0, 0, 0x61, 0xff}, errText},
		{[]byte{0x82, 3, 0xf6}, errNotABool},
	} {
		if _, err := readRumor(c.bytes); err != c.want {
			t.Errorf("% x: %v, expected %v", c.bytes, err, c.want)
		}
	}
}

// Whatever arrives, reading does not panic; what it takes, it writes again
// byte for byte, the library reads too, and the dissector covers.
func FuzzRumorWire(f *testing.F) {
	for _, m := range rumorMessages() {
		f.Add(appendRumor(nil, m))
	}
	f.Add([]byte{0x83, 0, 0x19, 0, 1, 0x60})
	f.Fuzz(func(t *testing.T, b []byte) {
		if gap := field.Gaps(DissectRumor(b), len(b)); gap != "" {
			t.Fatal(gap)
		}
		m, err := readRumor(b)
		if err != nil {
			return
		}
		if again := appendRumor(nil, m); !bytes.Equal(again, b) {
			t.Fatalf("% x is written again as % x", b, again)
		}
		var any []any
		if err := cbor.Unmarshal(b, &any); err != nil {
			t.Fatalf("% x: the library says %v", b, err)
		}
	})
}

// A site takes no harm from any bytes, in any state.
func TestRumorBearsNoise(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	r := NewRumor(RumorConfig{Sites: 9, Mode: PushPull, Memory: Feedback, Stop: Counter, K: 2, Fanout: 1, PeriodMicros: 100, News: "x"})
	var s Site
	for range 20_000 {
		messages := rumorMessages()
		b := appendRumor(nil, messages[random.Intn(len(messages))])
		for range random.Intn(3) {
			b[random.Intn(len(b))] ^= byte(1 << random.Intn(8))
		}
		_ = r.Receive(&s, 0, 1+random.Intn(8), 5, b, random)
		r.Poll()
		for _, more := r.Output(); more; _, more = r.Output() {
		}
		r.Deadline()
	}
}
