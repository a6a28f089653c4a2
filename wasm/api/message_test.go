package api

import (
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

func TestUnmarshalFrame(t *testing.T) {
	for _, frame := range []any{
		Hello{Frame: "hello", Labs: []Lab{{ID: "gossip/rumor", Title: Text{"Rumours", "谣言"}}}},
		Opened{Frame: "opened", Run: Run{Lab: "gossip/rumor", Seed: 7}, Nodes: 3},
		Status{Frame: "status", Now: 5, Metrics: []Metric{{Name: "residue", Value: 0.25, Unit: "ratio"}}},
		Inspection{Frame: "inspection", Packet: &PacketReport{Packet: 9, Bytes: []byte{1, 2}}},
		Problem{Frame: "problem", Text: Text{"No.", "不行。"}},
	} {
		message, err := cbor.Marshal(frame)
		if err != nil {
			t.Fatal(err)
		}
		got, err := UnmarshalFrame(message)
		if err != nil || !reflect.DeepEqual(got, frame) {
			t.Errorf("got %+v, %v; expected %+v", got, err, frame)
		}
	}
	for _, hostile := range [][]byte{nil, {0xff}, {0xa0}, {0x80}, {0xa1, 0x65, 'f', 'r', 'a', 'm', 'e', 0x65, 's', 'c', 'e', 'n', 'e'}} {
		if got, err := UnmarshalFrame(hostile); err == nil {
			t.Errorf("UnmarshalFrame(%x) = %v, expected an error", hostile, got)
		}
	}
}
