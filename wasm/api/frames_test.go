package api

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/frames.txt")

// TestFramesForJS keeps testdata/frames.txt, the messages that the tests of
// public/draw/frames.js read, equal to what this package writes.
func TestFramesForJS(t *testing.T) {
	scene := &Scene{
		Frame: "scene", Nodes: 3, Roles: []Role{{Name: "gossiper", Count: 3}}, Layout: "ring",
		States:   []State{{ID: "susceptible", Label: Text{"has not heard", "尚未听说"}, Shape: "ring", Color: "idle"}},
		Kinds:    []Kind{{ID: "push", Label: Text{"push", "推送"}, Mark: "P", Color: "push"}},
		EdgeFrom: Uint32s{0, 1}, EdgeTo: Uint32s{1, 2},
	}
	picture := &Picture{
		Frame: "picture", Now: 1.5e6, States: Uint8s{0, 1, 2 | StateDown},
		ID: Float64s{7, 1 << 40}, From: Uint32s{0, 2}, To: Uint32s{1, 70000},
		Sent: Float64s{1e6, 1.25e6}, Due: Float64s{2e6, 1.75e6}, Kind: Uint8s{0, 1}, Lost: Uint8s{0, 1}, Copy: Uint8s{1, 0},
		Hidden: 300, CutFrom: Uint32s{1}, CutTo: Uint32s{2},
	}
	series := &Series{
		Frame: "series", XUnit: "cycles", X: Float64s{0, 1, 2}, YMax: 3,
		Curves: []Curve{{ID: "infective", Label: Text{"infective", "感染"}, Color: "active", Theory: true, Y: Float64s{1, math.NaN(), 2}}},
	}
	sequence := &Sequence{
		Frame: "sequence", From: 1e6, Now: 3e6, Span: 2e6,
		ID: Float64s{5, 6, 7}, Sender: Uint32s{0, 1, 0}, Receiver: Uint32s{1, 0, 1}, Sent: Float64s{1e6, 2e6, 2.5e6}, End: Float64s{1.5e6, 2.5e6, 3.5e6},
		Kind: Uint8s{0, 1, 0}, Fate: Uint8s{FateArrived, FateLost, FateFlying}, Copy: Uint8s{0, 0, 1},
		SpanNode: Uint32s{0}, SpanFrom: Float64s{1e6}, SpanTo: Float64s{2e6}, SpanDoing: Uint8s{DoingWait},
		MarkNode: Uint32s{1}, MarkAt: Float64s{2e6}, MarkKind: Uint8s{MarkCrash},
	}
	cards := &Cards{Frame: "cards", Cards: []Card{{Node: 1, Rows: []Row{
		{Label: Text{"threads", "线程"}, Form: "strip", More: 83, Cells: []Cell{{En: "busy", Zh: "忙", Color: "active", Look: 2, Value: -1, Max: 1 << 40}, {}}},
	}}, {Node: 2}}}
	var out strings.Builder
	for _, frame := range []any{scene, picture, series, sequence} {
		fmt.Fprintf(&out, "%s\n", hex.EncodeToString(AppendBulk(nil, frame)))
	}
	status := &Status{Frame: "status", Now: 5e9, Speed: 0.001, Events: 1 << 52, Digest: "d1", Metrics: []Metric{{Name: "residue", Value: -0.5}}}
	for _, frame := range []any{cards, status} {
		fmt.Fprintf(&out, "%s\n", hex.EncodeToString(MarshalFrame(frame)))
	}

	const path = "testdata/frames.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("testdata/frames.txt is stale; run: go test ./wasm/api -run TestFramesForJS -update")
	}
}
