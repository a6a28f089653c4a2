package ui

import (
	"slices"
	"strings"
	"testing"

	"grapevine/wasm/api"
)

func TestFirstRunReplacesTheEmptyAddress(t *testing.T) {
	b := newBrowser(t)
	if !slices.Equal(b.history, []string{defaultLink}) {
		t.Errorf("history %q, expected the default run alone", b.history)
	}
}

func TestAnAddressThatWaitsIsKept(t *testing.T) {
	m := New(English, Auto)
	m.Address = defaultLink + "&t=2.5s"
	_, effects := Update(m, fakeOpened(api.Run{Lab: "gossip/rumor", Seed: 1}))
	for _, e := range effects {
		if r, ok := e.(ReplaceURL); ok {
			t.Errorf("the address became %q: reloading would forget the instant", r.Link)
		}
	}
}

func TestParametersReopenTheRun(t *testing.T) {
	b := newBrowser(t)
	b.press("input", Event{Value: "200"}, byID("param-n"))
	run := b.last().Run
	if b.last().Verb != api.Open || !slices.Equal(run.Params, []api.Setting{{Name: "n", Value: "200"}}) {
		t.Fatalf("sent %+v, expected Open with n=200", b.last())
	}
	if len(b.history) != 2 || !strings.Contains(b.history[1], "n=200") {
		t.Errorf("history %q, expected one new entry", b.history)
	}
	b.press("change", Event{Checked: true}, byID("param-churn"))
	b.press("input", Event{Value: "12.5"}, byID("param-loss"))
	if got := b.history[len(b.history)-1]; !strings.Contains(got, "n=200&loss=12.5%25&churn=true") {
		t.Errorf("address %q, expected all three changes", got)
	}
	b.press("click", Event{}, byText("Back to defaults"))
	if got := b.history[len(b.history)-1]; got != defaultLink {
		t.Errorf("address %q after going back to the defaults", got)
	}
}

func TestOnlyTheLastKeyOfABurstOpens(t *testing.T) {
	m := newBrowser(t).m
	m, first := Update(m, TypeParam{"n", "2"})
	m, _ = Update(m, TypeParam{"n", "20"})
	if _, effects := Update(m, first[0].(After).Msg); len(effects) != 0 {
		t.Errorf("the first key's pause gave %v, expected nothing", effects)
	}
}

func TestAWrongValueKeepsTheRun(t *testing.T) {
	b := newBrowser(t)
	sent := len(b.sent)
	b.press("input", Event{Value: "many"}, byID("param-n"))
	if len(b.sent) != sent {
		t.Errorf("sent %+v, expected nothing", b.last())
	}
	html := b.html()
	for _, want := range []string{"“many” is not a whole number", `aria-invalid="true"`, `value="many"`, "goes on with the old value"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	// Another field that is right must not open half of what is meant, nor
	// wipe out what is being typed.
	b.press("change", Event{Value: "pull"}, func(n *Node) bool {
		name, _ := n.attr("name")
		value, _ := n.attr("value")
		return name == "param-mode" && value == "pull"
	})
	if len(b.sent) != sent || b.m.Drafts["n"] != "many" {
		t.Errorf("drafts %v, sent %d more; expected the draft kept and nothing sent", b.m.Drafts, len(b.sent)-sent)
	}
}

func TestSeed(t *testing.T) {
	b := newBrowser(t)
	b.press("click", Event{}, byText("New luck"))
	if b.last().Run.Seed != 4711 || len(b.history) != 2 {
		t.Errorf("sent %+v, history %q; expected the drawn seed as a new entry", b.last(), b.history)
	}
	b.press("input", Event{Value: "-3"}, byID("seed"))
	if b.last().Run.Seed != 4711 || !strings.Contains(b.html(), "“-3” is not a seed") {
		t.Error("a wrong seed was sent, or nothing says that it is wrong")
	}
}

func TestDeedsEnterTheHistoryAndBackTakesThemBack(t *testing.T) {
	b := newBrowser(t)
	b.send(Picked{"node", 3})
	b.press("click", Event{}, byText("Crash"))
	if c := b.last(); c.Verb != api.Act || c.Do != "crash gossiper/3" {
		t.Fatalf("sent %+v, expected crash gossiper/3", c)
	}
	b.act(1_500_000, "crash gossiper/3")
	b.status(api.Status{Now: 2_000_000, Link: b.m.Status.Link, Script: b.m.Status.Script})
	if len(b.history) != 2 || !strings.Contains(b.history[1], "do=1.5s+crash+gossiper/3") {
		t.Fatalf("history %q, expected the deed once", b.history)
	}
	b.back()
	open := b.sent[len(b.sent)-2] // the last one tells the new run of the picked node
	if open.Verb != api.Open || open.At != 1_500_000 || len(open.Run.Script) != 0 {
		t.Errorf("Back sent %+v, expected the run without the deed, at its instant", open)
	}
	if c := b.last(); c.Verb != api.Inspect || c.Node != 3 {
		t.Errorf("then sent %+v, expected the picked node again", c)
	}
}

func TestStatusOfTheRunBeforeIsIgnored(t *testing.T) {
	b := newBrowser(t)
	b.mute = true
	b.send(AddressChanged{"gossip/spread?seed=1"})
	b.status(api.Status{Now: 9, Link: defaultLink})
	if b.m.Address != "gossip/spread?seed=1" || len(b.history) != 1 {
		t.Errorf("address %q, history %q; a late status must not bring the old run back", b.m.Address, b.history)
	}
}

func TestHostileAddress(t *testing.T) {
	b := newBrowser(t)
	b.send(AddressChanged{"gossip/rumor?n=200&seed=<b>"})
	if c := b.last(); c.Verb != api.Open || c.Run.Lab != "gossip/rumor" {
		t.Errorf("sent %+v, expected the nearest run", c)
	}
	html := b.html()
	if !strings.Contains(html, "This link cannot be read") || strings.Contains(html, "<b>&quot;") {
		t.Error("no sentence says what is wrong, or the link got into the page as HTML")
	}
	b.press("click", Event{}, func(n *Node) bool { label, _ := n.attr("aria-label"); return label == wDismiss.En })
	if strings.Contains(b.html(), "cannot be read") {
		t.Error("the sentence cannot be dismissed")
	}
}

func TestDoubleClickIsOneDeed(t *testing.T) {
	b := newBrowser(t)
	b.send(Picked{"node", 3})
	b.send(api.Inspection{Node: &api.NodeReport{Node: 3, Name: "gossiper/3", Health: "up"}})
	sent := len(b.sent)
	b.press("click", Event{}, byText("Crash"))
	b.press("click", Event{}, byText("Crash"))
	if len(b.sent) != sent+1 {
		t.Errorf("two clicks on Crash sent %d commands, expected 1", len(b.sent)-sent)
	}
}

// TestLateInspection: what is still told of the node picked before does not
// keep the next one from being crashed.
func TestLateInspection(t *testing.T) {
	b := newBrowser(t)
	b.send(Picked{"node", 3}, Picked{"node", 4})
	b.send(api.Inspection{Node: &api.NodeReport{Node: 3, Name: "gossiper/3", Health: "crashed"}})
	b.press("click", Event{}, byText("Crash"))
	if got := b.last(); got.Do != "crash gossiper/4" {
		t.Errorf("a click on Crash sent %+v, expected the crash of gossiper/4", got)
	}
}

func TestLegendTellsOfCuts(t *testing.T) {
	b := newBrowser(t)
	for _, cut := range []bool{false, true} {
		b.status(api.Status{Now: 1_000_000, Link: b.m.Status.Link, Cut: cut})
		if strings.Contains(b.html(), wCutLine.En) != cut {
			t.Errorf("cut %v: the legend says otherwise", cut)
		}
	}
}

func TestLongSeekIsToldOf(t *testing.T) {
	b := newBrowser(t)
	b.send(ScrubTo{9_000_000})
	b.status(api.Status{Now: 1_000_000, Seeking: true, Link: b.m.Status.Link, End: 60_000_000})
	if !strings.Contains(b.html(), "On the way to 9.000 s.") {
		t.Error("no word about an instant that takes long to reach")
	}
}

func TestLinkBetweenTwoNodes(t *testing.T) {
	b := newBrowser(t)
	b.send(Picked{"node", 3})
	b.press("click", Event{}, byText("Choose a second node"))
	b.send(Picked{"node", 5})
	b.press("click", Event{}, byText("Cut one way"))
	if c := b.last(); c.Do != "cut gossiper/3 to gossiper/5" {
		t.Errorf("did %q", c.Do)
	}
	if !slices.Contains(b.other, Effect(SelectOnStage{3, 5, 0})) {
		t.Errorf("the stage was told %v, expected both nodes", b.other)
	}
}

func TestPickByName(t *testing.T) {
	b := newBrowser(t)
	b.send(ShowPanel{Inspect})
	b.press("input", Event{Value: "gossiper/77"}, byID("pick-node"))
	b.press("keydown", Event{Key: "Enter"}, byID("pick-node"))
	if !strings.Contains(b.html(), "No node is called “gossiper/77”. The first one is gossiper/0, the last one gossiper/49.") {
		t.Error("no word about a node that does not exist")
	}
	b.press("input", Event{Value: "gossiper/7"}, byID("pick-node"))
	b.press("keydown", Event{Key: "Enter"}, byID("pick-node"))
	if c := b.last(); c.Verb != api.Inspect || c.Node != 7 {
		t.Errorf("sent %+v, expected to inspect node 7", c)
	}
}

func TestTransport(t *testing.T) {
	b := newBrowser(t)
	steps := []struct {
		msg  Msg
		want api.Command
	}{
		{TogglePlay{}, api.Command{Verb: api.Pause}},
		{TogglePlay{}, api.Command{Verb: api.Play}},
		{StepOnce{}, api.Command{Verb: api.Step}},
		{SpeedBy{-1}, api.Command{Verb: api.Speed, Speed: 1. / 3}},
		{SpeedTo{99}, api.Command{Verb: api.Speed, Speed: 0}},
		{SpeedTo{-1}, api.Command{Verb: api.Speed, Speed: 0.001}},
		{ScrubTo{-5}, api.Command{Verb: api.Seek, At: 0}},
		{ScrubTo{99_000_000_000}, api.Command{Verb: api.Seek, At: 60_000_000}},
		{ScrubBy{-2}, api.Command{Verb: api.Seek, At: 58_800_000}},
		{Restart{}, api.Command{Verb: api.Play}},
	}
	for _, s := range steps {
		b.send(s.msg)
		if b.last() != s.want {
			t.Errorf("%T%v sent %+v, expected %+v", s.msg, s.msg, b.last(), s.want)
		}
	}
}

func TestScrubbingAsksNoFasterThanItIsAnswered(t *testing.T) {
	m := newBrowser(t).m
	m, first := Update(m, ScrubTo{1000})
	m, second := Update(m, ScrubTo{2000})
	if len(first) != 2 || len(second) != 0 {
		t.Fatalf("effects %v, then %v; expected one seek and a pause", first, second)
	}
	m, third := Update(m, ScrubTick{})
	if len(third) == 0 || third[0].(Send).Command.At != 2000 {
		t.Errorf("after the pause %v, expected the newest instant", third)
	}
	// The thumb stays with the hand until the engine has arrived.
	m, _ = Update(m, api.Status{Now: 7, Seeking: true, Link: m.Opened.Link})
	if m.now() != 2000 {
		t.Errorf("the thumb is at %d, expected 2000", m.now())
	}
	m, _ = Update(m, ScrubTick{})
	m, _ = Update(m, api.Status{Now: 2000, Link: m.Opened.Link})
	if m.Scrubbing {
		t.Error("still scrubbing after arriving")
	}
}

func TestFinishedSaysWhatToDoNext(t *testing.T) {
	b := newBrowser(t)
	b.status(api.Status{Now: 12_300_000, Finished: true, Counts: []api.Count{{State: "s", Nodes: 4}}})
	if html := b.html(); !strings.Contains(html, "Finished after 12.300 s.") || !strings.Contains(html, "Change a parameter") {
		t.Error("the finished run shows no sentence and next step")
	}
	for _, c := range []struct {
		status api.Status
		want   string
	}{
		{api.Status{Now: 5_000_000, End: 5_000_000, Finished: true, CutOff: true}, "Stopped at 5.000 s"},
		{api.Status{Now: 3, End: 3, Finished: true}, "Finished after 3 µs: with these delays"},
	} {
		b.status(c.status)
		if html := b.html(); !strings.Contains(html, c.want) || strings.Contains(html, "Change a parameter") {
			t.Errorf("a run that ended at %d µs does not say %q", c.status.Now, c.want)
		}
	}
	if !strings.Contains(b.m.Narration, "has not heard: 4") {
		t.Errorf("narration %q, expected the counts", b.m.Narration)
	}
	b.send(TogglePlay{})
	if b.sent[len(b.sent)-2].Verb != api.Seek || b.last().Verb != api.Play {
		t.Error("Play at the end must begin again")
	}
}

func TestLesson(t *testing.T) {
	b := newBrowser(t)
	b.send(ShowPanel{Lesson})
	if !slices.Contains(b.other, Effect(FetchLesson{"en/gossip-rumor"})) {
		t.Fatalf("effects %v, expected the lesson to be fetched", b.other)
	}
	b.send(LessonCame{"zh/gossip-rumor", "old", true}, LessonCame{"en/gossip-rumor", "# Hello <b>", true})
	if html := b.html(); !strings.Contains(html, "<h3>Hello &lt;b&gt;</h3>") {
		t.Error("the lesson is not shown")
	}
	b.send(SetLang{Chinese})
	if !slices.Contains(b.other, Effect(FetchLesson{"zh/gossip-rumor"})) {
		t.Error("the other language's lesson is not fetched")
	}
	b.send(LessonCame{"zh/gossip-rumor", "", false})
	if html := b.html(); !strings.Contains(html, wLessonNone.Zh) {
		t.Error("nothing says that the lesson is missing")
	}
}

func TestShare(t *testing.T) {
	b := newBrowser(t)
	b.press("input", Event{Value: "200"}, byID("param-n"))
	b.status(api.Status{Now: 2_500_000})
	for what, want := range map[Share]string{
		ShareLink:    "https://example.org/#gossip/rumor?n=200&seed=1&v=1",
		ShareEmbed:   `<grapevine-lab lab="gossip/rumor" seed="1" params="n=200" lang="en" autoplay></grapevine-lab>`,
		ShareCommand: "./build.sh run gossip/rumor n=200 -seed 1 -until 2.5s -digest",
	} {
		if got := b.m.shareText(what); !strings.HasSuffix(got, want) {
			t.Errorf("%s is %q, expected %q", what, got, want)
		}
	}
	b.act(2_500_000, "crash gossiper/3")
	if got, want := b.m.shareText(ShareEmbed), ` params="n=200" script="2.5s crash gossiper/3" lang="en" autoplay>`; !strings.Contains(got, want) {
		t.Errorf("embed is %q, expected it to have %q", got, want)
	}
	if got, want := b.m.embedCode(api.Run{Lab: "gossip/faults", Scripted: true}), ` script="" `; !strings.Contains(got, want) {
		t.Errorf("embed of a run without the lab's own script is %q, expected it to have %q", got, want)
	}
	b.status(api.Status{Now: 60_000_000, Finished: true, Link: b.m.Status.Link, Script: b.m.Status.Script})
	if got, want := b.m.shareText(ShareCommand), "./build.sh run -link 'gossip/rumor?n=200&seed=1&v=1&do=2.5s+crash+gossiper/3' -digest"; got != want {
		t.Errorf("command is %q, expected %q", got, want)
	}
}

func TestEscapeClosesOneThingAtATime(t *testing.T) {
	b := newBrowser(t)
	b.send(Picked{"node", 3}, PairUp{}, AskHelp{})
	b.send(Escape{})
	if b.m.Help || !b.m.Pairing {
		t.Error("the first Escape must close the help alone")
	}
	b.send(Escape{}, Escape{})
	if b.m.Pairing || b.m.Node >= 0 || b.m.Panel != Inspect {
		t.Error("then the pairing, then the choice")
	}
	b.send(Escape{})
	if b.m.Panel != Folded {
		t.Error("then the panel")
	}
}
