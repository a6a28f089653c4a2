package prototest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// talker sends its pieces at once and keeps what comes.
type talker struct {
	pieces [][]byte
	heard  []byte
	packets,
	ticks int
	over bool
}

func (k *talker) end() End {
	return End{
		Receive: func(_ int64, b []byte) { k.heard = append(k.heard, b...); k.packets++ },
		Output: func(int64) []byte {
			if len(k.pieces) == 0 {
				return nil
			}
			b := k.pieces[0]
			k.pieces = k.pieces[1:]
			return b
		},
		Deadline:     func() (int64, bool) { return int64(k.ticks+1) * 10, k.ticks < 3 },
		Tick:         func(int64) { k.ticks++ },
		Disconnected: func(int64) { k.over = true },
	}
}

func numbers(n int) (pieces [][]byte) {
	for i := range n {
		pieces = append(pieces, fmt.Appendf(nil, "<%d>", i))
	}
	return pieces
}

func TestStreamKeepsBytesAndOrder(t *testing.T) {
	all := bytes.Join(numbers(50), nil)
	for seed := range uint64(20) {
		a, b := &talker{pieces: numbers(50)}, &talker{pieces: numbers(50)}
		now := Run(a.end(), b.end(), Pipe{Seed: seed, DelayMicros: 5, JitterMicros: 100, MaxPieceBytes: 3}, 1000)
		if !bytes.Equal(a.heard, all) || !bytes.Equal(b.heard, all) || a.ticks != 3 || now < 30 || a.over {
			t.Fatalf("seed %d: a stream changed its bytes, or clocks stood still", seed)
		}
	}
}

func TestCutStreamIsAPrefix(t *testing.T) {
	all := bytes.Join(numbers(50), nil)
	a, b := &talker{pieces: numbers(50)}, &talker{pieces: numbers(50)}
	Run(a.end(), b.end(), Pipe{CutAfterBytes: 77, MaxPieceBytes: 5, JitterMicros: 9}, 1000)
	if !a.over || !b.over || len(a.heard)+len(b.heard) != 77 || !bytes.HasPrefix(all, a.heard) || !bytes.HasPrefix(all, b.heard) {
		t.Fatalf("a cut after 77 bytes let %d and %d through", len(a.heard), len(b.heard))
	}
}

func TestDatagramsAreLostDoubledAndOvertaken(t *testing.T) {
	a, b := &talker{pieces: numbers(1000)}, &talker{}
	Run(a.end(), b.end(), Pipe{Datagrams: true, LossPercent: 20, DoublePercent: 10, JitterMicros: 50}, 1000)
	if b.packets < 800 || b.packets > 960 {
		t.Errorf("of 1000 packets, 20 %% lost and a tenth of the others doubled, %d came", b.packets)
	}
	if parts := bytes.SplitAfter(b.heard, []byte(">")); slices.IsSortedFunc(parts, func(x, y []byte) int { return len(x) - len(y) }) {
		t.Error("no packet overtook another")
	}
}

func TestSplitAndTrailing(t *testing.T) {
	read := func(pieces ...[]byte) (text string) {
		for _, b := range bytes.Fields(bytes.Join(pieces, nil)) {
			text += string(b) + "."
		}
		return text
	}
	if got := Split(t, []byte("one two "), read); got != "one.two." {
		t.Errorf("got %q", got)
	}
	Trailing(t, []byte("one two "), []byte("three"), read)
}

func TestMessage(t *testing.T) {
	Message(t, []byte("(ab)"), func(b []byte) error {
		if bytes.IndexByte(b, ')') != len(b)-1 || len(b) == 0 {
			return fmt.Errorf("%q is no message", b)
		}
		return nil
	})
}
