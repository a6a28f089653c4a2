package session

import (
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The columns of a picture agree with one another and with the network.
func TestPictureColumns(t *testing.T) {
	p := newPage(t)
	p.open(50*sim.Millisecond, api.Setting{Name: "tokens", Value: "1000"}, api.Setting{Name: "loss", Value: "20%"})
	for _, do := range []string{"cut node/1 to node/2-4", "crash node/5", "pause node/6", "slow node/0 1s"} {
		p.order(api.Command{Verb: api.Act, Do: do})
	}
	f := p.bulk("picture")
	n := p.session.play.World.Net
	if got := column(t, f, "states"); got != n.Nodes() {
		t.Errorf("%d states for %d nodes", got, n.Nodes())
	}
	flights := column(t, f, "id")
	for _, name := range []string{"from", "to", "sent", "due", "kind", "lost"} {
		if got := column(t, f, name); got != flights {
			t.Errorf("the column %s has %d elements, id has %d", name, got, flights)
		}
	}
	if flights == 0 || flights+int(f["hidden"].(uint64)) != n.InFlight() {
		t.Errorf("%d flights and %v hidden, %d are on their way", flights, f["hidden"], n.InFlight())
	}
	if from, to := column(t, f, "cut_from"), column(t, f, "cut_to"); from != 3 || to != 3 { // a slowing is no cut
		t.Errorf("%d and %d cuts, expected 3", from, to)
	}
	picture := p.session.picture()
	if picture.States[5]&api.StateDown == 0 || picture.States[6]&api.StatePaused == 0 || picture.States[0]&^api.StateMask != 0 {
		t.Errorf("the states are %x", picture.States)
	}
	lost := 0
	for i := range picture.ID {
		lost += int(picture.Lost[i])
		if picture.Sent[i] > picture.Now || picture.Due[i] < picture.Now && picture.To[i] != 6 || picture.Sent[i] > picture.Due[i] {
			t.Errorf("at %v a packet is on its way from %v to %v", picture.Now, picture.Sent[i], picture.Due[i])
		}
	}
	if lost == 0 || lost == len(picture.ID) {
		t.Errorf("%d of %d packets on their way will be lost: the test sees too little", lost, len(picture.ID))
	}
}

// The first picture of a run that a link opens to play shows it moving already,
// and does not wait for the scout, which then finds the run's end.
func TestFirstPicture(t *testing.T) {
	p := newPage(t)
	pictures, scouted := 0, false
	p.session.config.Send = func(message []byte) {
		p.receive(message)
		if f, ok := p.frames[len(p.frames)-1].(map[string]any); ok && f["frame"] == "picture" {
			pictures++
			scouted = p.session.scout.play != nil
		}
	}
	p.session.OpenLink("#test/ring?tokens=50")
	if pictures != 0 {
		t.Errorf("before the first slice there is a picture of %v µs", p.bulk("picture")["now"])
	}
	p.session.Slice()
	if now := p.bulk("picture")["now"].(float64); pictures != 1 || now <= 0 || scouted {
		t.Errorf("%d pictures, the first of %v µs, after the scout began: %v", pictures, now, scouted)
	}
	p.wait(1_000_000)
	if end := p.session.scout.known; end != 10*sim.Second || p.session.scout.busy() {
		t.Errorf("the scout says that the run ends at %v", end)
	}
}

// What is too much for a picture is counted.
func TestPictureLimits(t *testing.T) {
	p := newPage(t)
	p.open(0, api.Setting{Name: "tokens", Value: "100000"}, api.Setting{Name: "n", Value: "1000"})
	p.order(api.Command{Verb: api.Step})
	p.order(api.Command{Verb: api.Act, Do: "cut node/0-99"})
	f := p.bulk("picture")
	in := p.session.play.World.Net.InFlight()
	if flights := column(t, f, "id"); flights != maxFlights || flights+int(f["hidden"].(uint64)) != in {
		t.Errorf("%d flights and %v hidden of %d", flights, f["hidden"], in)
	}
	if cuts := column(t, f, "cut_from"); cuts != maxCuts || cuts+int(f["cuts_hidden"].(uint64)) != 2*100*900 {
		t.Errorf("%d cuts and %v hidden, there are %d", cuts, f["cuts_hidden"], 2*100*900)
	}
	if !latest[api.Status](p).Cut {
		t.Error("the status says of no cut")
	}
}

// The chart's columns are as long as one another.
func TestSeriesColumns(t *testing.T) {
	p := newPage(t)
	p.open(3 * sim.Second)
	f := p.bulk("series")
	x := column(t, f, "x")
	for _, c := range f["curves"].([]any) {
		curve := map[string]any{}
		for name, value := range c.(map[any]any) {
			curve[name.(string)] = value
		}
		if y := column(t, curve, "y"); y != x || x < 90 {
			t.Errorf("curve %v has %d values for %d instants", curve["id"], y, x)
		}
	}
}

// A node and a packet are inspected: state, latest events, bytes, fields, causes.
func TestInspection(t *testing.T) {
	p := newPage(t)
	p.open(sim.Second)
	p.order(api.Command{Verb: api.Inspect, Node: 3})
	node := latest[api.Inspection](p).Node
	if node == nil || node.Name != "node/3" || node.Health != "up" || node.Facts[0].Value.Zh != "1" || len(node.Recent) == 0 {
		t.Fatalf("node 3: %+v", node)
	}
	for i, e := range node.Recent {
		if e.Node != "node/3" || e.Text.Zh == "" && e.Kind != "start" || i > 0 && e.ID >= node.Recent[i-1].ID {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	var flying sim.Flight
	p.session.play.World.Net.Flights(func(f sim.Flight) bool { flying = f; return false })
	p.order(api.Command{Verb: api.Follow, Packet: uint64(flying.ID)})
	packet := latest[api.Inspection](p).Packet
	if packet.State != "flying" || packet.Kind.En != "token" || len(packet.Bytes) != 1 || packet.Field.Name != "token" || len(packet.Causes) < 2 {
		t.Errorf("a packet on its way: %+v", packet)
	}
	if cause := packet.Causes; cause[0].ID != uint64(flying.ID) || cause[1].ID != cause[0].Cause {
		t.Errorf("its causes: %+v", cause)
	}
	p.order(api.Command{Verb: api.Seek, At: int64(flying.Due)})
	p.settle()
	p.order(api.Command{Verb: api.Inspect, Node: -1})
	in := latest[api.Inspection](p)
	if in.Node != nil || in.Packet.State != "delivered" || in.Packet.Due != int64(flying.Due) || string(in.Packet.Bytes) != string(packet.Bytes) {
		t.Errorf("the packet, delivered: %+v", in.Packet)
	}
	// A packet that there never was.
	p.order(api.Command{Verb: api.Follow, Packet: 1 << 60})
	if in := latest[api.Inspection](p); in.Packet.State != "unknown" {
		t.Errorf("no packet: %+v", in.Packet)
	}
}

// A packet that died says why.
func TestInspectionOfALoss(t *testing.T) {
	p := newPage(t)
	p.open(sim.Second)
	p.order(api.Command{Verb: api.Act, Do: "cut node/1"})
	p.order(api.Command{Verb: api.Seek, At: 2_000_000})
	p.settle()
	var lost uint64
	p.session.play.World.Net.Journal.Walk(func(e *sim.Event) bool {
		if e.Kind == sim.KindDrop {
			lost = uint64(e.Cause)
		}
		return lost == 0
	})
	p.order(api.Command{Verb: api.Follow, Packet: lost})
	if in := latest[api.Inspection](p); in.Packet.State != "dropped" || in.Packet.Why.En != "the link is cut" {
		t.Errorf("a packet that was cut off: %+v", in.Packet)
	}
}

// Whatever bytes come as a message, there is no panic, and no end of work.
func FuzzMessage(f *testing.F) {
	for _, c := range []api.Command{
		{Verb: api.Open, Run: &api.Run{Lab: "test/pair", Seed: 9, Params: []api.Setting{{Name: "n", Value: "3"}}, Script: []api.Action{{At: 5, Do: "cut one two"}}}, At: 9, Play: true},
		{Verb: api.Play}, {Verb: api.Pause}, {Verb: api.Speed, Speed: 2}, {Verb: api.Step}, {Verb: api.Seek, At: 1 << 40},
		{Verb: api.Act, Do: "crash node/1-3"}, {Verb: api.Inspect, Node: 2}, {Verb: api.Follow, Packet: 7},
	} {
		b, err := cbor.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add([]byte{})
	f.Add([]byte(strings.Repeat("\x9f", 1000)))
	f.Fuzz(func(t *testing.T, message []byte) {
		now := int64(0)
		s := New(Config{Labs: []*lab.Lab{&ring, &pair}, Send: func([]byte) {}, Clock: func() int64 { now += 1000; return now }})
		s.Message(message) // before a run is open
		s.Command(api.Command{Verb: api.Open, Run: &api.Run{Lab: ring.ID}, Play: true})
		s.Slice()
		s.Message(message)
		for range 3 {
			s.Slice()
		}
	})
}
