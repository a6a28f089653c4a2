package ui

import (
	"fmt"
	"strings"
	"syscall/js"
	"testing"

	"grapevine/wasm/api"
)

// screen is a fake browser's page, shown in the real one.
type screen struct {
	*browser
	hosts     map[string]js.Value
	documents []region
}

func newScreen(t testing.TB) *screen {
	s := &screen{browser: newBrowser(t), hosts: map[string]js.Value{}}
	doc := js.Global().Get("document")
	for _, r := range Regions() {
		host := doc.Call("createElement", "div")
		doc.Get("body").Call("appendChild", host)
		s.hosts[r.ID] = host
		d := newDocument(host, func(m Msg) { s.send(m); s.show() })
		s.documents = append(s.documents, region{r.View, d})
		t.Cleanup(func() { d.Close(); host.Call("remove") })
	}
	s.show()
	return s
}

func (s *screen) show() {
	for _, r := range s.documents {
		r.document.Show(r.view(&s.m))
	}
}

func (s *screen) query(selector string) js.Value {
	s.t.Helper()
	for _, r := range Regions() {
		if el := s.hosts[r.ID].Call("querySelector", selector); el.Truthy() {
			return el
		}
	}
	s.t.Fatalf("no element %s", selector)
	return js.Undefined()
}

// typeInto does what a hand does: focus, text, event.
func (s *screen) typeInto(selector, text string) js.Value {
	s.t.Helper()
	el := s.query(selector)
	el.Call("focus")
	el.Set("value", text)
	fire(el, "input")
	return el
}

func fire(el js.Value, event string) {
	el.Call("dispatchEvent", js.Global().Get("Event").New(event, map[string]any{"bubbles": true}))
}

// TestDocumentEqualsTheViews: after any path, the document is what the views'
// trees say, as if it had been built from nothing.
func TestDocumentEqualsTheViews(t *testing.T) {
	s := newScreen(t)
	check := func(after string) {
		t.Helper()
		for _, r := range Regions() {
			fresh := js.Global().Get("document").Call("createElement", "div")
			d := newDocument(fresh, nil)
			d.Show(r.View(&s.m))
			if host := s.hosts[r.ID]; !host.Call("isEqualNode", fresh).Bool() {
				t.Errorf("after %s, region %s is\n%s, expected\n%s", after, r.ID, host.Get("innerHTML"), fresh.Get("innerHTML"))
			}
			d.Close()
		}
	}
	check("the beginning")
	for _, m := range []Msg{
		Picked{"node", 3}, PairUp{}, Picked{"node", 5}, Follow{9}, api.Inspection{Node: &api.NodeReport{Node: 3, Health: "up",
			Recent: []api.EventReport{{ID: 3, Kind: "send", Packet: 3}, {ID: 2, Kind: "note"}}}, Packet: fakePacket},
		MarkSpan{2, 4}, MarkSpan{}, api.Inspection{Node: &api.NodeReport{Node: 3, Health: "crashed",
			Recent: []api.EventReport{{ID: 5, Kind: "crash"}, {ID: 3, Kind: "send", Packet: 3}}}},
		ShowPanel{Measures}, ShowPanel{Lesson}, LessonCame{"en/gossip-rumor", "# A\n??? b\n    c", true}, SetLang{Chinese},
		TypeParam{"n", "x"}, ShowPanel{Sharing}, AskHelp{}, AskHelp{}, Escape{}, SetLang{English}, AddressChanged{"gossip/spread?seed=1"},
	} {
		s.send(m)
		s.show()
		check(fmt.Sprintf("%T", m))
	}
}

func TestTypingKeepsTheField(t *testing.T) {
	s := newScreen(t)
	el := s.typeInto("#param-n", "200")
	s.status(api.Status{Now: 5, Playing: true})
	s.show()
	if now := s.query("#param-n"); !now.Equal(el) || !js.Global().Get("document").Get("activeElement").Equal(el) {
		t.Error("the field was built anew or lost the focus while the run reopened")
	}
	if got := s.last(); s.m.value("n") != "200" || got.Verb == "" {
		t.Errorf("n is %q, expected 200", s.m.value("n"))
	}
	s.typeInto("#param-n", "many")
	if fault := s.query("#param-n-fault").Get("textContent").String(); !strings.Contains(fault, "not a whole number") {
		t.Errorf("the fault beside the field is %q", fault)
	}
	if got := el.Get("value").String(); got != "many" {
		t.Errorf("the field holds %q, expected what was typed", got)
	}
}

func TestControlsFollowTheRun(t *testing.T) {
	s := newScreen(t)
	s.send(AddressChanged{"gossip/rumor?n=70&mode=pull&churn=true&seed=9"})
	s.show()
	if got := s.query("#param-n").Get("value").String(); got != "70" {
		t.Errorf("n shows %q, expected 70", got)
	}
	if !s.query("#param-churn").Get("checked").Bool() || !s.query("input[value=pull]").Get("checked").Bool() {
		t.Error("the switch or the choice does not follow the run")
	}
	s.query("#param-churn").Call("click")
	if s.m.value("churn") != "false" {
		t.Error("a click on the switch did nothing")
	}
	s.query("#play").Get("firstChild").Call("click")
	if s.last().Verb != api.Pause || s.query("#play").Call("getAttribute", "aria-label").String() != "Play" {
		t.Errorf("a click on the pause sign sent %+v", s.last())
	}
}

func TestTimelineFollowsTheHand(t *testing.T) {
	s := newScreen(t)
	el := s.typeInto("#timeline", "30000000")
	if c := s.last(); c.Verb != api.Seek || c.At != 30_000_000 {
		t.Errorf("dragging sent %+v", c)
	}
	s.status(api.Status{Now: 2, Seeking: true})
	s.show()
	if got := el.Get("value").String(); s.m.Scrubbing && got != "30000000" {
		t.Errorf("the thumb jumped to %s while under way", got)
	}
}

func TestInspectorLightsBytesAndFields(t *testing.T) {
	s := newScreen(t)
	s.send(Follow{9}, api.Inspection{Packet: fakePacket})
	s.show()
	fire(s.query(".fields ul .part"), "pointerover")
	if got := s.query(".hex .lit").Get("textContent").String(); got != " 82 00" {
		t.Errorf("lit bytes %q, expected the field's", got)
	}
	fire(s.query(".hex"), "pointerover")
	if lit := s.hosts["panel"].Call("querySelector", ".lit"); lit.Truthy() {
		t.Error("still lit after leaving")
	}
}

// TestTransportSends: each control of the bar sends what it says.
func TestTransportSends(t *testing.T) {
	s := newScreen(t)
	s.query("#step").Call("click")
	if got := s.last(); got.Verb != api.Step {
		t.Errorf("a click on step sent %+v", got)
	}
	s.typeInto("#speed", s.query("#speed").Get("max").String())
	if got := s.last(); got.Verb != api.Speed || got.Speed != 0 {
		t.Errorf("the speed's top end sent %+v, expected as fast as it goes", got)
	}
	s.query("#restart").Call("click")
	if sent := s.sent[len(s.sent)-2:]; sent[0].Verb != api.Seek || sent[0].At != 0 || sent[1].Verb != api.Play {
		t.Errorf("a click on restart sent %+v", sent)
	}
}

// TestInspectorLeadsOn: from a node to a packet of its past, and back.
func TestInspectorLeadsOn(t *testing.T) {
	s := newScreen(t)
	s.send(Picked{"node", 3}, api.Inspection{Node: &api.NodeReport{Node: 3, Health: "up",
		Facts:  []api.Fact{{Label: api.Text{En: "heard", Zh: "听说"}, Value: api.Text{En: "yes", Zh: "是"}}},
		Recent: []api.EventReport{{ID: 9, Kind: "send", Packet: 9}}}})
	s.show()
	if got := s.query("dl.memory").Get("textContent").String(); got != "heardyes" {
		t.Errorf("the node's memory reads %q", got)
	}
	s.query(".events button").Call("click")
	if got := s.last(); got.Verb != api.Follow || got.Packet != 9 {
		t.Errorf("a click on the event sent %+v, expected to follow packet 9", got)
	}
	s.send(api.Inspection{Packet: fakePacket})
	s.show()
	s.query(".packet-view .heading button").Call("click")
	if got := s.last(); got.Verb != api.Follow || got.Packet != 0 || s.hosts["panel"].Call("querySelector", ".packet-view").Truthy() {
		t.Errorf("letting go of the packet sent %+v", got)
	}
	s.query(".deeds button").Call("click")
	if got := s.last(); got.Verb != api.Act || got.Do != "crash gossiper/3" {
		t.Errorf("a click on Crash sent %+v", got)
	}
}

// BenchmarkStatus is one status shown: ten a second must leave the page free.
func BenchmarkStatus(b *testing.B) {
	s := newScreen(b)
	s.m.Panel = Measures
	for i := range b.N {
		s.status(api.Status{Now: int64(i) * 1000, Playing: true, Events: uint64(i), InFlight: i % 7, Speed: 1,
			Counts:  []api.Count{{State: "s", Nodes: i % 50}},
			Metrics: []api.Metric{{Name: "residue", Value: float64(i%100) / 100, Unit: "ratio"}}})
		s.show()
	}
}
