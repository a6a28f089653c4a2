package session

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"grapevine/protocols/field"
	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// page is the other end of a session: it decodes what it gets, and its clock
// goes on by a little each time that it is looked at.
type page struct {
	t       *testing.T
	session *Session
	now     int64
	tick    int64 // microseconds that go by between two looks at the clock
	frames  []any // Opened, Status, Inspection, Problem or a bulk frame as a map, oldest first
}

func newPage(t *testing.T) *page {
	p := &page{t: t, tick: 100}
	p.session = New(Config{
		Labs:  []*lab.Lab{&ring, &pair},
		Send:  p.receive,
		Clock: func() int64 { p.now += p.tick; return p.now },
	})
	return p
}

func (p *page) receive(message []byte) {
	p.t.Helper()
	if f, err := api.UnmarshalFrame(message); err == nil {
		p.frames = append(p.frames, f)
		return
	}
	var bulk map[string]any
	if err := cbor.Unmarshal(message, &bulk); err != nil {
		p.t.Fatalf("a frame that cannot be read: %v", err)
	}
	p.frames = append(p.frames, bulk)
}

// order sends a command as the page does, as bytes.
func (p *page) order(c api.Command) {
	p.t.Helper()
	p.session.Message(api.MarshalCommand(c))
}

// open opens a run of the first lab, paused at an instant.
func (p *page) open(at sim.Time, settings ...api.Setting) {
	p.t.Helper()
	p.order(api.Command{Verb: api.Open, Run: &api.Run{Lab: ring.ID, Seed: 1, Params: settings}, At: int64(at)})
	p.settle()
}

// settle calls slices until the session is idle or waits for the clock.
func (p *page) settle() {
	p.t.Helper()
	for range 100_000 {
		if p.session.Slice() != 0 {
			return
		}
	}
	p.t.Fatal("the session never comes to rest")
}

// wait lets real time go by, calling slices when they want to be called.
func (p *page) wait(micros int64) {
	p.t.Helper()
	for end := p.now + micros; p.now < end; {
		wait := p.session.Slice()
		if wait == Idle {
			p.now = end
			return
		}
		p.now += wait
	}
}

// drain returns the frames since the last time.
func (p *page) drain() []any {
	out := p.frames
	p.frames = nil
	return out
}

// latest returns the newest frame of a type.
func latest[F any](p *page) F {
	p.t.Helper()
	for i := len(p.frames) - 1; i >= 0; i-- {
		if f, ok := p.frames[i].(F); ok {
			return f
		}
	}
	var none F
	p.t.Fatalf("there is no frame %T", none)
	return none
}

// bulk returns the newest bulk frame with this name.
func (p *page) bulk(name string) map[string]any {
	p.t.Helper()
	for i := len(p.frames) - 1; i >= 0; i-- {
		if f, ok := p.frames[i].(map[string]any); ok && f["frame"] == name {
			return f
		}
	}
	p.t.Fatalf("there is no frame %q", name)
	return nil
}

// column returns the number of elements of a bulk frame's column.
func column(t *testing.T, f map[string]any, name string) int {
	t.Helper()
	size := map[uint64]int{64: 1, 70: 4, 86: 8}
	x := f[name]
	for {
		tag, ok := x.(cbor.Tag)
		if !ok {
			t.Fatalf("%s is a %T, expected a typed array", name, x)
		}
		if n := size[tag.Number]; n > 0 {
			return len(tag.Content.([]byte)) / n
		}
		x = tag.Content
	}
}

// ring is a lab in which tokens go round, each node adding one; pair is a lab
// of two that say nothing.
var ring = lab.Lab{
	ID: "test/ring", Version: 2, Title: lab.Text{En: "Ring", Zh: "环"}, SpeedPermille: 500,
	Params: []lab.Param{
		{Name: "n", Kind: lab.Int, Default: 10, Min: 2, Max: 10_000},
		{Name: "tokens", Kind: lab.Int, Default: 3, Min: 1, Max: 100_000},
		{Name: "loss", Kind: lab.Ratio, Max: int64(sim.Certain)},
		{Name: "notes", Kind: lab.Bool},
	},
	Presets: []lab.Preset{{ID: "many", Settings: []lab.Setting{{Name: "tokens", Value: "50"}}}},
	States:  []lab.State{{ID: "idle"}, {ID: "seen"}},
	Kinds:   []lab.Kind{{ID: "token", Name: lab.Plain("token")}},
	Layout:  "ring",
	Build: func(v lab.Values, seed uint64) (*lab.World, error) {
		if v.Int("n") == 13 {
			return nil, fmt.Errorf("13 brings bad luck")
		}
		n := sim.New(seed)
		r := &tokens{seen: make([]uint8, v.Int("n")), each: v.Int("tokens"), notes: v.Bool("notes")}
		id := n.AddRole("node", v.Int("n"), r)
		n.Connect(id, id, sim.Link{Delay: 20 * sim.Millisecond, Jitter: 20 * sim.Millisecond, Loss: v.Ratio("loss")})
		return &lab.World{
			Net: n, End: 10 * sim.Second,
			State: func(node sim.NodeID) uint8 { return r.seen[node] },
			Inspect: func(node sim.NodeID) []lab.Fact {
				return []lab.Fact{{Label: lab.Plain("seen"), Value: lab.Plain(fmt.Sprint(r.seen[node]))}}
			},
			Dissect: func(_ uint8, payload []byte) field.Field {
				return field.Field{Name: "token", Value: fmt.Sprint(payload), Length: len(payload)}
			},
			Card: r.card,
			Remains: func(node sim.NodeID) lab.Card {
				return lab.Card{Rows: []lab.Row{{Form: lab.Tail, Cells: make([]lab.Cell, node)}}}
			},
			Doing: func(e *sim.Event) lab.Doing { return lab.Doing(e.Code) },
			Metrics: func() []lab.Metric {
				return []lab.Metric{{Name: "passed", Value: float64(n.Journal.Count(sim.KindDeliver))}}
			},
			Curves: []lab.Curve{{ID: "passed", Measure: func() int64 { return int64(n.Journal.Count(sim.KindDeliver)) }}},
			Checks: []lab.Check{{Name: "alive", Kind: lab.Finally, Holds: func() bool { return n.InFlight() > 0 }}},
		}, nil
	},
}

type tokens struct {
	seen  []uint8
	each  int
	notes bool    // each node notes what it does, one after the other
	row   lab.Row // reused for every card
}

// card has more and longer texts than a card may.
func (r *tokens) card(node sim.NodeID) lab.Card {
	r.row = lab.Row{Label: lab.Text{En: strings.Repeat("label ", 9), Zh: strings.Repeat("标", 30)}, More: 5, Cells: r.row.Cells[:0]}
	for range 60 {
		r.row.Cells = append(r.row.Cells, lab.Cell{Text: lab.Plain(fmt.Sprint(r.seen[node])), Look: lab.Hatched, Value: -1, Max: 3})
	}
	return lab.Card{Rows: slices.Repeat([]lab.Row{r.row}, 15)}
}

func (r *tokens) Start(c *sim.Ctx) {
	for range r.each {
		if c.Self() == 0 {
			c.Send(1, 0, []byte{0})
		}
	}
}

func (r *tokens) Deliver(c *sim.Ctx, p sim.Packet) {
	r.seen[c.Member()] = 1
	if r.notes {
		c.Note(uint16(p.Payload[0]%4), 0)
	}
	c.Send(sim.NodeID((c.Member()+1)%len(r.seen)), 0, []byte{p.Payload[0] + 1})
}

func (r *tokens) Wake(*sim.Ctx, sim.Timer) {}
func (r *tokens) Save() any                { return append([]uint8(nil), r.seen...) }
func (r *tokens) Load(saved any)           { copy(r.seen, saved.([]uint8)) }

var pair = lab.Lab{
	ID: "test/pair", Version: 1, SpeedPermille: 1000,
	Build: func(v lab.Values, seed uint64) (*lab.World, error) {
		n := sim.New(seed)
		n.AddRole("one", 1, &tokens{seen: make([]uint8, 2)})
		n.AddRole("two", 1, &tokens{seen: make([]uint8, 2)})
		return &lab.World{Net: n, End: sim.Second, State: func(sim.NodeID) uint8 { return 0 }}, nil
	},
}
