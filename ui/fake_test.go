package ui

import (
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/field"
	"grapevine/wasm/api"
)

// fakeLab has one parameter of each kind.
var fakeLab = api.Lab{
	ID: "gossip/rumor", Version: 1,
	Title: api.Text{En: "Rumours", Zh: "谣言"},
	Claim: api.Text{En: "Some never hear.", Zh: "有人始终听不到。"},
	Params: []api.Param{
		{Name: "n", Kind: "int", Label: api.Text{En: "Nodes", Zh: "节点数"}, Default: "50", Min: "2", Max: "1000"},
		{Name: "loss", Kind: "ratio", Label: api.Text{En: "Loss", Zh: "丢包"}, Default: "0%", Min: "0%", Max: "90%"},
		{Name: "period", Kind: "duration", Label: api.Text{En: "Period", Zh: "周期"}, Default: "1s", Min: "1ms", Max: "1m0s"},
		{Name: "mode", Kind: "choice", Label: api.Text{En: "Mode", Zh: "方式"}, Default: "push",
			Choices: []api.Choice{{Value: "push", Label: api.Text{En: "push", Zh: "推"}}, {Value: "pull", Label: api.Text{En: "pull", Zh: "拉"}}}},
		{Name: "churn", Kind: "bool", Label: api.Text{En: "Churn", Zh: "进出"}, Default: "false"},
	},
	Presets: []api.Preset{{ID: "big", Label: api.Text{En: "Big", Zh: "大"}, Run: api.Run{Lab: "gossip/rumor", Version: 1, Seed: 1, Params: []api.Setting{{Name: "n", Value: "900"}}}}},
	Deeds: []api.Deed{
		{On: "node", Form: "crash {a}", Label: api.Text{En: "Crash", Zh: "崩溃"}},
		{On: "node", Form: "restart {a}", Label: api.Text{En: "Restart", Zh: "重启"}},
		{On: "link", Form: "cut {a} to {b}", Label: api.Text{En: "Cut one way", Zh: "单向切断"}},
		{On: "network", Form: "heal", Label: api.Text{En: "Heal", Zh: "修复"}},
	},
}

// fakeOpened answers Open as the engine would.
func fakeOpened(run api.Run) api.Opened {
	run.Version = 1
	values := []api.Setting{{Name: "n", Value: "50"}, {Name: "loss", Value: "0%"}, {Name: "period", Value: "1s"}, {Name: "mode", Value: "push"}, {Name: "churn", Value: "false"}}
	for _, p := range run.Params {
		for i := range values {
			if values[i].Name == p.Name {
				values[i].Value = p.Value
			}
		}
	}
	return api.Opened{
		Frame: "opened", Run: run, Link: run.Link(), Lab: run.Lab, Values: values, Nodes: 50,
		Roles:     []api.Role{{Name: "gossiper", First: 0, Count: 50}},
		States:    []api.State{{ID: "s", Label: api.Text{En: "has not heard", Zh: "尚未听说"}, Shape: "ring", Color: "idle"}},
		Kinds:     []api.Kind{{ID: "push", Label: api.Text{En: "push", Zh: "推"}, Mark: "P", Color: "push"}},
		EndMicros: 60_000_000, StartSpeed: 1,
	}
}

var defaultLink = api.Run{Lab: "gossip/rumor", Version: 1, Seed: 1}.Link()

// browser plays the page's outside: it keeps the history, answers Open, and
// remembers what was sent.
type browser struct {
	t       testing.TB
	m       Model
	history []string
	sent    []api.Command
	other   []Effect
	// mute stops it from answering Open.
	mute bool
}

func newBrowser(t testing.TB) *browser {
	b := &browser{t: t, m: New(English, Auto), history: []string{""}}
	b.m.Base = "https://example.org/"
	b.send(api.Hello{Frame: "hello", Labs: []api.Lab{fakeLab, {ID: "gossip/spread", Title: api.Text{En: "Spread", Zh: "扩散"}}}})
	b.send(fakeOpened(api.Run{Lab: "gossip/rumor", Seed: 1}))
	b.status(api.Status{Now: 1_500_000, Playing: true, Speed: 1})
	return b
}

func (b *browser) send(msgs ...Msg) {
	for _, msg := range msgs {
		var effects []Effect
		b.m, effects = Update(b.m, msg)
		for _, e := range effects {
			b.do(e)
		}
	}
}

func (b *browser) do(e Effect) {
	switch e := e.(type) {
	case Send:
		b.sent = append(b.sent, e.Command)
		if e.Command.Verb == api.Open && !b.mute {
			b.send(fakeOpened(*e.Command.Run))
		}
	case PushURL:
		b.history = append(b.history, e.Link)
	case ReplaceURL:
		b.history[len(b.history)-1] = e.Link
	case After:
		// Time passes at once, except for what would come back for ever.
		if _, ever := e.Msg.(Narrate); !ever {
			b.send(e.Msg)
		}
	case DrawLuck:
		b.send(LuckDrawn{4711})
	default:
		b.other = append(b.other, e)
	}
}

// status sends a status of the open run.
func (b *browser) status(s api.Status) {
	s.Frame = "status"
	if s.Link == "" {
		s.Link = b.m.Opened.Link
	}
	if s.End == 0 {
		s.End = b.m.Opened.EndMicros
	}
	b.send(s)
}

// act answers an Act command: the status with the longer script.
func (b *browser) act(at int64, do string) {
	run := b.m.run()
	run.Script = append(slices.Clone(run.Script), api.Action{At: at, Do: do})
	run.Scripted = true
	b.status(api.Status{Now: at, Link: run.Link(), Script: run.Script})
}

// back goes one entry back in the history.
func (b *browser) back() {
	b.history = b.history[:len(b.history)-1]
	b.send(AddressChanged{b.history[len(b.history)-1]})
}

func (b *browser) last() api.Command {
	if len(b.sent) == 0 {
		b.t.Fatal("nothing was sent to the engine")
	}
	return b.sent[len(b.sent)-1]
}

func (b *browser) html() string {
	var out strings.Builder
	for _, r := range Regions() {
		for _, n := range r.View(&b.m) {
			out.WriteString(n.HTML())
		}
		out.WriteString("\n")
	}
	return out.String()
}

// press triggers an element's handler, found by an attribute or by its text.
func (b *browser) press(event string, e Event, match func(*Node) bool) {
	b.t.Helper()
	for _, r := range Regions() {
		for _, root := range r.View(&b.m) {
			n := root.find(match)
			if n == nil {
				continue
			}
			for _, h := range n.On {
				if h.Type == event {
					if m := h.Message(e); m != nil {
						b.send(m)
					}
					return
				}
			}
		}
	}
	b.t.Fatalf("no element takes that %s", event)
}

func byID(id string) func(*Node) bool {
	return func(n *Node) bool { got, _ := n.attr("id"); return got == id }
}

func byText(text string) func(*Node) bool {
	return func(n *Node) bool {
		return n.Tag == "button" && strings.Contains(n.HTML(), ">"+text+"<")
	}
}

var fakePacket = &api.PacketReport{
	Packet: 9, Kind: api.Text{En: "push", Zh: "推"}, From: "gossiper/0", To: "gossiper/3", Sent: 1000, Due: 2000, State: "dropped", Why: api.Text{En: "lost on the way", Zh: "途中丢失"},
	Bytes: []byte{0x82, 0x00, 0x63, 't', 'e', 'a'},
	Field: field.Field{Name: "push", Length: 6, Children: []field.Field{
		{Name: "type", Value: "0", Offset: 0, Length: 2}, {Name: "news", Value: "<tea>", Offset: 2, Length: 4}}},
	Causes: []api.EventReport{{ID: 9, At: 1000, Node: "gossiper/0", Kind: "send", Text: api.Text{En: "push → gossiper/3", Zh: "推 → gossiper/3"}}},
}
