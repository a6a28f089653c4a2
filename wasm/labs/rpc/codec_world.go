package rpc

import (
	"fmt"

	"grapevine/protocols/field"
	"grapevine/protocols/rpc/codec"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// codecWorld is the world of rpc/codec: pairs of a client, who writes orders,
// and a server, who reads them and answers with a receipt, a pair for each format.
type codecWorld struct {
	plan    codecPlan
	net     *sim.Network
	writers *sim.Hosts[*codecWriter]
	readers *sim.Hosts[*codecReader]
	pairs   []codecPair
	done    int // writers that have made all their calls
}

// codecPlan does not change during a run.
type codecPlan struct {
	formats      []*codec.Format
	change       *codec.Change
	doubles      bool
	id           uint64
	items, calls int
	think        sim.Time
	link         sim.Link
}

// codecPair is what is known of one pair beyond the lives of its programs.
type codecPair struct {
	made                  int  // calls
	newWriter, newReader  bool // which of the two has been updated
	finished              bool
	sent, answered        int
	bytes                 int // of all orders
	last                  int // bytes of the latest order
	fields                []int
	others                int // bytes of it that belong to no field
	refused, wrong, taken int // readings with a refusal; with a wrong value; with a default where there was a value
	wrongField            string
	reason                string // of the latest refusal
}

// codecPort is the first of the ports on which orders travel. What format a
// message is in must be known from elsewhere, and so must the version of the
// schema if anybody is to name its bytes: here the port says both. The readers
// do not look at the version.
const codecPort = 7100

func (p *codecPlan) port(pair int, newer bool) uint16 {
	port := uint16(codecPort + 2*pair)
	if newer {
		port++
	}
	return port
}

// schema is the one that a program has.
func (p *codecPlan) schema(newer bool) *codec.Schema {
	if newer {
		return p.change.New
	}
	return p.change.Old
}

// order is what clients order, as a schema has it.
func (p *codecPlan) order(s *codec.Schema) codec.Value {
	v := codec.Example(s)
	for i := range s.Fields {
		switch item := &v.Items[i]; {
		case s.Fields[i].Means == "id" && item.Type == codec.Uint:
			item.Bits = p.id
		case s.Fields[i].Means == "id":
			item.Text = fmt.Sprint(p.id)
		case s.Fields[i].Means == "items":
			list := codec.Value{Type: codec.List}
			for n := range p.items {
				list.Items = append(list.Items, item.Items[n%len(item.Items)])
			}
			*item = list
		}
	}
	return v
}

func newCodecWorld(p codecPlan) *codecWorld {
	return &codecWorld{plan: p, pairs: make([]codecPair, len(p.formats))}
}

func (w *codecWorld) build(seed uint64) *lab.World {
	p := &w.plan
	n := len(p.formats)
	w.net = sim.New(seed)
	w.writers = sim.NewHosts(n, func(member int) *codecWriter { return &codecWriter{w: w, member: member} })
	w.readers = sim.NewHosts(n, func(member int) *codecReader { return &codecReader{w: w, member: member} })
	client, server := w.net.AddRole("client", n, w.writers), w.net.AddRole("server", n, w.readers)
	w.net.Connect(client, server, p.link)
	w.net.Connect(server, client, p.link)
	w.net.Finished = func() bool { return w.done == n }
	round := p.think + 2*(p.link.Delay+p.link.Jitter)
	world := &lab.World{
		Net: w.net, End: sim.Time(p.calls)*(round+p.patience()) + 30*sim.Second,
		State: w.state, Inspect: w.inspect, Card: w.card, Say: w.say, Talk: w.talk, Metrics: w.metrics,
		Checks: []lab.Check{w.checkRead(), w.checkNothingLost(), w.checkNothingWrong()},
	}
	for i, f := range p.formats {
		name := codecName(f)
		world.Curves = append(world.Curves, lab.Curve{ID: f.ID, Label: lab.Text{En: name.En + ": bytes so far", Zh: name.Zh + "：累计字节"}, Color: codecColors[i],
			Measure: func() int64 { return int64(w.pairs[i].bytes) }})
		world.CurveMax = max(world.CurveMax, int64(p.calls*len(f.Write(p.schema(true), p.order(p.schema(true))))))
	}
	return world
}

// codecColors tell the formats' curves apart.
var codecColors = [...]string{"active", "reply", "pull", "data", "idle"}

// patience is how long a client waits for a receipt before it goes on.
func (p *codecPlan) patience() sim.Time {
	return 4*(p.link.Delay+p.link.Jitter) + sim.Second
}

// codecName is what a format is called.
func codecName(f *codec.Format) lab.Text {
	name := lab.Plain(f.Name)
	if zh, ok := codecNamesZh[f.ID]; ok {
		name.Zh = zh
	}
	return name
}

func (w *codecWorld) talk(t lab.Talk) lab.Dissect {
	i := (int(t.Port) - codecPort) / 2
	if t.Port < codecPort || i >= len(w.plan.formats) {
		return nil
	}
	s := w.plan.schema(t.Port%2 == 1)
	if !t.FromClient {
		s = &codec.Receipt
	}
	return func(said []byte) []field.Field { return []field.Field{w.plan.formats[i].Read(s, said).Field} }
}
