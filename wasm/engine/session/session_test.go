package session

import (
	"math"
	"strings"
	"testing"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// The catalogue says what there is.
func TestCatalogue(t *testing.T) {
	frame, err := api.UnmarshalFrame(Catalogue([]*lab.Lab{&ring, &pair}))
	if err != nil {
		t.Fatal(err)
	}
	h, ok := frame.(api.Hello)
	if !ok || len(h.Labs) != 2 || h.Labs[0].ID != "test/ring" || h.Labs[0].Params[0].Max != "10000" || len(h.Labs[0].Deeds) != len(deeds) {
		t.Fatalf("the catalogue is %+v", frame)
	}
}

// Before a run is open nothing happens.
func TestNothingBeforeOpen(t *testing.T) {
	p := newPage(t)
	for _, v := range []api.Verb{api.Play, api.Pause, api.Speed, api.Step, api.Seek, api.Act, api.Inspect, api.Follow} {
		p.order(api.Command{Verb: v})
	}
	if p.session.Slice() != Idle || len(p.frames) != 0 {
		t.Errorf("without a run there come %+v", p.frames)
	}
}

// Opening tells all there is to draw and say, then plays or waits.
func TestOpen(t *testing.T) {
	p := newPage(t)
	p.order(api.Command{Verb: api.Open, Run: &api.Run{Lab: ring.ID, Seed: 7, Params: []api.Setting{{Name: "tokens", Value: "5"}}}})
	opened := latest[api.Opened](p)
	if opened.Link != "test/ring?tokens=5&seed=7&v=2" || opened.Nodes != 10 || len(opened.Notices) != 0 || opened.EndMicros != 10_000_000 || opened.StartSpeed != 0.5 {
		t.Errorf("opened: %+v", opened)
	}
	if scene := p.bulk("scene"); scene["layout"] != "ring" || scene["nodes"] != uint64(10) {
		t.Errorf("the scene: %v", scene)
	}
	st := latest[api.Status](p)
	if st.Playing || st.Now != 0 || p.session.Slice() != Idle {
		t.Errorf("opened to wait: %+v", st)
	}
	p.order(api.Command{Verb: api.Open, Run: &api.Run{Lab: ring.ID, Seed: 7}, Play: true, At: 1_000_000})
	p.settle()
	p.drain()
	p.wait(1_000_000)
	if st := latest[api.Status](p); !st.Playing || st.Now < 1_300_000 || st.Now > 1_550_000 {
		t.Errorf("after a second at half speed from 1 s: at %d µs, playing %v", st.Now, st.Playing)
	}
}

// What a run says that is not understood is left out, and the page says so.
func TestOpenWithNotices(t *testing.T) {
	for _, c := range []struct {
		run     api.Run
		lab     string
		notices []string
	}{
		{api.Run{Lab: "test/rings", Seed: 1, Params: []api.Setting{{Name: "n", Value: "3"}}}, "test/ring", []string{"There is no lab “test/rings” here. This is test/ring"}},
		{api.Run{Lab: "test/paper"}, "test/pair", []string{"There is no lab"}},
		{api.Run{Lab: ""}, "test/ring", nil},
		{api.Run{Lab: "test/ring", Version: 1}, "test/ring", []string{"version 1 of the lab; this is version 2"}},
		{api.Run{Lab: "test/ring", Params: []api.Setting{{Name: "n", Value: "many"}, {Name: "x", Value: "1"}}}, "test/ring",
			[]string{"“n=many” was left out", "this lab has no parameter \"x\""}},
		{api.Run{Lab: "test/ring", Script: []api.Action{{At: 5, Do: "explode"}, {At: -1, Do: "heal"}}}, "test/ring",
			[]string{"“5µs explode” was left out", "times go from 0"}},
		{api.Run{Lab: "test/ring", Params: []api.Setting{{Name: "n", Value: "13"}}}, "test/ring", []string{"13 brings bad luck"}},
	} {
		p := newPage(t)
		p.order(api.Command{Verb: api.Open, Run: &c.run})
		opened := latest[api.Opened](p)
		if opened.Lab != c.lab || len(opened.Notices) != len(c.notices) {
			t.Errorf("%+v: opened %s with %d notices %v", c.run, opened.Lab, len(opened.Notices), opened.Notices)
			continue
		}
		for i, want := range c.notices {
			if n := opened.Notices[i]; !strings.Contains(n.En, want) || n.Zh == "" {
				t.Errorf("%+v: notice %q, expected %q", c.run, n, want)
			}
		}
	}
	// With a run open, one that cannot be built changes nothing.
	p := newPage(t)
	p.open(0)
	p.drain()
	p.order(api.Command{Verb: api.Open, Run: &api.Run{Lab: "test/ring", Params: []api.Setting{{Name: "n", Value: "13"}}}})
	if problem := latest[api.Problem](p); !strings.Contains(problem.Text.En, "13 brings bad luck") {
		t.Errorf("the problem is %q", problem.Text.En)
	}
}

// Links from anywhere open something and say what was wrong with them.
func TestOpenLink(t *testing.T) {
	for _, c := range []struct {
		link, lab, want string // what the run becomes, as a link
		notice          string
	}{
		{"", "test/ring", "test/ring?seed=1&v=2", ""},
		{"#", "test/ring", "test/ring?seed=1&v=2", ""},
		{"https://example.org/?lang=zh#test/ring?n=20&seed=3&do=1s+crash+node/3", "test/ring", "test/ring?n=20&seed=3&v=2&do=1s+crash+node/3", ""},
		{"#test/pair?seed=3", "test/pair", "test/pair?seed=3&v=1", ""},
		{"#test/ring?seed=x", "test/ring", "", "could not be read in full"},
		{"#%zz", "test/ring", "", "could not be read in full"},
		{"#" + strings.Repeat("a", 1<<20), "test/ring", "", "could not be read in full"},
		{"#gossip/rumor", "test/ring", "", "There is no lab"},
		{"#test/ring?n=13", "test/ring", "", "13 brings bad luck"},
		{"#test/ring?" + strings.Repeat("do=", 99), "test/ring", "", "could not be read"},
	} {
		p := newPage(t)
		p.session.OpenLink(c.link)
		p.settle()
		opened := latest[api.Opened](p)
		if opened.Lab != c.lab || c.want != "" && opened.Link != c.want {
			t.Errorf("%.80q opens %s as %s, expected %s", c.link, opened.Lab, opened.Link, c.want)
		}
		all := ""
		for _, n := range opened.Notices {
			all += n.En
		}
		if c.notice == "" && all != "" || !strings.Contains(all, c.notice) {
			t.Errorf("%.80q is opened with the notices %q, expected %q", c.link, all, c.notice)
		}
		if !p.session.playing && !p.session.play.Finished() {
			t.Errorf("%.80q does not play", c.link)
		}
	}
	p := newPage(t)
	p.session.OpenLink("#test/ring?seed=3&t=2s")
	p.settle()
	if st := latest[api.Status](p); st.Playing || st.Now != 2_000_000 {
		t.Errorf("a link with an instant: at %d µs, playing %v", st.Now, st.Playing)
	}
}

// The digest on the page is that of the same link played at one go.
func TestDigestIsTheLinks(t *testing.T) {
	p := newPage(t)
	p.open(0, api.Setting{Name: "loss", Value: "1%"})
	p.order(api.Command{Verb: api.Speed, Speed: 3})
	p.order(api.Command{Verb: api.Play})
	p.wait(700_000)
	p.order(api.Command{Verb: api.Act, Do: "crash node/3"})
	p.wait(300_000)
	p.order(api.Command{Verb: api.Seek, At: 1_000_000})
	p.settle()
	p.order(api.Command{Verb: api.Act, Do: "slow node/4 5ms"})
	p.order(api.Command{Verb: api.Speed, Speed: 0})
	p.order(api.Command{Verb: api.Play})
	p.wait(60_000_000)
	st := latest[api.Status](p)
	if !st.Finished || st.Playing || st.End != st.Now {
		t.Fatalf("at %d µs: finished %v, playing %v, the end at %d", st.Now, st.Finished, st.Playing, st.End)
	}
	link, err := api.ParseLink(st.Link)
	if err != nil || len(st.Script) != 1 || st.Script[0].Do != "slow node/4 5ms" {
		t.Fatalf("%s: %v, script %v", st.Link, err, st.Script)
	}
	straight, faults, err := lab.Open(runOf(&ring, link.Run))
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	for straight.Advance(sim.Forever, math.MaxInt) == sim.Budget {
	}
	if got := straight.World.Net.Journal.Digest(); got != st.Digest || st.Events != straight.World.Net.Journal.Total() {
		t.Errorf("%s played at one go has the digest %s, on the page %s", st.Link, got, st.Digest)
	}
}

func TestPauseStepAndAct(t *testing.T) {
	p := newPage(t)
	p.open(sim.Second)
	before := latest[api.Status](p)
	for range 3 {
		p.order(api.Command{Verb: api.Step})
	}
	after := latest[api.Status](p)
	if after.Events != before.Events+6 || after.Playing { // each step delivers one token and sends it on
		t.Errorf("three steps make %d events", after.Events-before.Events)
	}
	// A deed shows at once, though the clock stands still.
	p.order(api.Command{Verb: api.Act, Do: "crash node/3"})
	if st := latest[api.Status](p); st.Now != after.Now+1 || st.Counts[2].State != "crashed" || st.Counts[2].Nodes != 1 {
		t.Errorf("after a crash at %d: at %d, counts %v", after.Now, st.Now, st.Counts)
	}
	p.order(api.Command{Verb: api.Play})
	p.wait(100_000)
	p.order(api.Command{Verb: api.Pause})
	paused := latest[api.Status](p)
	p.wait(1_000_000)
	if st := latest[api.Status](p); paused.Playing || st.Now != paused.Now {
		t.Errorf("paused at %d, and then at %d", paused.Now, st.Now)
	}
}

// What cannot be done is said, and changes nothing.
func TestProblems(t *testing.T) {
	p := newPage(t)
	p.open(sim.Second)
	digest := latest[api.Status](p).Digest
	for _, c := range []struct {
		command api.Command
		want    string
	}{
		{api.Command{Verb: "dance"}, `There is no command "dance".`},
		{api.Command{Verb: api.Open}, "Open: expected a run."},
		{api.Command{Verb: api.Act, Do: "crash node/10"}, "node has the nodes 0 to 9."},
		{api.Command{Verb: api.Act}, "expected a deed"},
		{api.Command{Verb: api.Speed, Speed: math.NaN()}, "expected 0 (as fast as it goes) to 1000000"},
		{api.Command{Verb: api.Speed, Speed: -1}, "expected 0"},
		{api.Command{Verb: api.Speed, Speed: math.Inf(1)}, "expected 0"},
		{api.Command{Verb: api.Inspect, Node: 10}, "this run has the nodes 0 to 9"},
		{api.Command{Verb: api.Inspect, Node: -2}, "this run has the nodes 0 to 9"},
	} {
		p.drain()
		p.order(c.command)
		if problem := latest[api.Problem](p); !strings.Contains(problem.Text.En, c.want) || problem.Text.Zh == "" {
			t.Errorf("%+v: %q, expected %q", c.command, problem.Text, c.want)
		}
	}
	p.order(api.Command{Verb: api.Pause})
	if st := latest[api.Status](p); st.Digest != digest || st.Now != 1_000_000 {
		t.Error("what could not be done has changed the run")
	}
	// While a seek is under way its future cannot be changed.
	p.order(api.Command{Verb: api.Seek, At: 500_000})
	p.order(api.Command{Verb: api.Act, Do: "heal"})
	if problem := latest[api.Problem](p); !strings.Contains(problem.Text.En, "wait until the run has arrived at 500ms") {
		t.Errorf("a deed during a seek: %q", problem.Text.En)
	}
}

// A seek shows its target and no instant before it, when one slice is enough.
func TestSeekShowsItsTarget(t *testing.T) {
	p := newPage(t)
	p.open(2 * sim.Second)
	for _, at := range []int64{1_000_000, 3_000_000, 0, -5, 1_500_000} {
		p.drain()
		p.order(api.Command{Verb: api.Seek, At: at})
		p.settle()
		pictures := 0
		for _, f := range p.frames {
			if b, ok := f.(map[string]any); ok && b["frame"] == "picture" {
				pictures++
				if b["now"] != float64(max(at, 0)) {
					t.Errorf("a seek to %d shows %v", at, b["now"])
				}
			}
		}
		if st := latest[api.Status](p); pictures != 1 || st.Now != max(at, 0) || st.Seeking {
			t.Errorf("a seek to %d: %d pictures, then at %d, seeking %v", at, pictures, st.Now, st.Seeking)
		}
	}
	p.order(api.Command{Verb: api.Seek, At: math.MaxInt64})
	p.settle()
	if st := latest[api.Status](p); st.Now != 10_000_000 || !st.Finished {
		t.Errorf("a seek beyond the end: at %d, finished %v", st.Now, st.Finished)
	}
}

// Playing on from the end plays again from the beginning.
func TestPlayAgain(t *testing.T) {
	p := newPage(t)
	p.open(10 * sim.Second)
	first := latest[api.Status](p)
	p.order(api.Command{Verb: api.Speed, Speed: 0})
	p.order(api.Command{Verb: api.Play})
	p.session.Slice()
	if st := latest[api.Status](p); !first.Finished || st.Finished && st.Now == first.Now && st.Events == 0 {
		t.Errorf("again from the end: %+v", st)
	}
	if p.session.play.Now() >= 10*sim.Second {
		t.Error("playing on from the end does not begin again")
	}
	p.wait(60_000_000)
	if st := latest[api.Status](p); !st.Finished || st.Digest != first.Digest {
		t.Errorf("the second time the digest is %s, the first time %s", st.Digest, first.Digest)
	}
}

// A slice ends when its time is up, however much there is to do, and the
// clock of a run that is too slow falls behind without a debt.
func TestSlicesKeepTheirBudget(t *testing.T) {
	p := newPage(t)
	p.open(0, api.Setting{Name: "tokens", Value: "100000"})
	p.order(api.Command{Verb: api.Speed, Speed: 1000})
	p.order(api.Command{Verb: api.Play})
	p.tick = 500
	for range 50 {
		begin := p.now
		before := p.session.play.World.Net.Steps()
		wait := p.session.Slice()
		// The looks at the clock around the work: begin, rebase, report.
		if took := p.now - begin; took > sliceMicros+8*p.tick {
			t.Fatalf("a slice took %d µs, expected about %d", took, sliceMicros)
		}
		if steps := p.session.play.World.Net.Steps() - before; wait != 0 || steps == 0 || steps > chunkSteps*(sliceMicros/500+2) {
			t.Fatalf("a slice made %d steps and wants to wait %d µs", steps, wait)
		}
	}
	if debt := p.now - p.session.realZero; debt > sliceMicros {
		t.Errorf("after 50 slices that were too slow the clock is to catch up %d µs", debt)
	}
}

// Each picture waits until the page has painted the one before, but not for
// ever: a hidden tab paints nothing.
func TestPicturesKeepPaceWithTheScreen(t *testing.T) {
	pictures := func(paintedEvery int64) (n int) {
		p := newPage(t)
		p.open(0, api.Setting{Name: "tokens", Value: "1000"})
		p.order(api.Command{Verb: api.Speed, Speed: 0.001})
		p.order(api.Command{Verb: api.Play})
		p.drain()
		for end := p.now + 1_000_000; p.now < end; {
			if paintedEvery > 0 {
				p.order(api.Command{Verb: api.Painted})
				p.now += paintedEvery
				p.session.Slice()
			} else {
				p.wait(1)
			}
		}
		for _, f := range p.drain() {
			if m, ok := f.(map[string]any); ok && m["frame"] == "picture" {
				n++
			}
		}
		return n
	}
	if n := pictures(16_667); n < 55 || n > 60 {
		t.Errorf("%d pictures on a screen of 60 refreshes a second", n)
	}
	if n := pictures(1_000); n > 1_000_000/pictureMicros {
		t.Errorf("%d pictures on a screen of 1000 refreshes a second", n)
	}
	if n := pictures(0); n < 9 || n > 11 {
		t.Errorf("%d pictures a second in a tab that does not paint", n)
	}
}

// A step after the end is the first one of the run, so that one whose events
// all fall on one instant can be gone through.
func TestStepAfterTheEnd(t *testing.T) {
	p := newPage(t)
	for _, end := range []sim.Time{10 * sim.Second, 0} {
		p.open(0)
		p.session.play.World.End = end
		p.order(api.Command{Verb: api.Seek, At: int64(end)})
		p.order(api.Command{Verb: api.Play})
		p.order(api.Command{Verb: api.Speed})
		p.wait(60_000_000)
		last := latest[api.Status](p)
		p.order(api.Command{Verb: api.Step})
		first := latest[api.Status](p)
		if !last.Finished || first.Finished || first.Playing || first.Now >= 1_000_000 {
			t.Errorf("a step after the end at %v: at %d µs, finished %v", end, first.Now, first.Finished)
		}
	}
}

// A run that its time ends, and not its story, is said to be cut off.
func TestCutOff(t *testing.T) {
	p := newPage(t)
	for _, c := range []struct {
		ends  func() bool // the story
		at    sim.Time
		isOut bool
	}{
		{nil, 10 * sim.Second, false},
		{func() bool { return false }, 10 * sim.Second, true},
		{func() bool { return true }, 5 * sim.Second, false},
	} {
		p.open(0)
		p.session.play.World.Net.Finished = c.ends
		p.order(api.Command{Verb: api.Seek, At: int64(10 * sim.Second)})
		p.settle()
		if st := latest[api.Status](p); !st.Finished || st.CutOff != c.isOut {
			t.Errorf("at %d µs: finished %v, cut off %v, expected %v", st.Now, st.Finished, st.CutOff, c.isOut)
		}
	}
}

// The curves reach to the present, also between two of their instants.
func TestCurvesFollowThePresent(t *testing.T) {
	p := newPage(t)
	for _, at := range []sim.Time{40 * sim.Millisecond, sim.Second + sim.Millisecond, 2*sim.Second + 7*sim.Millisecond} {
		p.open(at)
		times, values := p.session.samples()
		if n := len(times); n == 0 || times[n-1] != at || len(values) != n || values[n-1][0] != int64(p.session.play.World.Net.Journal.Count(sim.KindDeliver)) {
			t.Errorf("at %v the curves end at %v", at, times[len(times)-1])
		}
		if n := column(t, p.bulk("series"), "x"); n < 250 || n > 320 {
			t.Errorf("at %v there are %d instants, expected about 300", at, n)
		}
	}
}
