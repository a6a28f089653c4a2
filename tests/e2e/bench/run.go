package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"

	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/live"
	"grapevine/wasm/api"
)

// benchLimit is how long one run may take here.
const benchLimit = 10 * time.Minute

// begin stops the tab's run, so that what is measured begins afterwards.
func begin(t browser.T, tab *browser.Tab) (*live.Run, api.Status) {
	run := live.Attach(t, tab)
	run.Limit = benchLimit
	run.Send(api.Command{Verb: api.Pause})
	return run, run.Until("paused", func(s api.Status) bool { return !s.Playing })
}

// finish plays the tab's run from its beginning to its end, as fast as it
// goes, and returns how it ended.
func (b *bench) finish(t browser.T, tab *browser.Tab) (*live.Run, float64, time.Duration) {
	run, before := begin(t, tab)
	began := time.Now()
	end := run.Finish()
	return run, float64(end.Events - before.Events), time.Since(began)
}

// seek goes to instants of a long run, back and forth.
func seek(b *bench) []figure {
	const link = "gossip/faults?n=20000&fanout=3&loss=0%25&cut=0s"
	part := &browser.Program{Name: "seek"}
	defer part.Close()
	tab := browser.Start(part).Open(b.site + "#" + link)
	run, _, _ := b.finish(part, tab)
	end := run.Status()
	percents := []int64{50, 10, 99, 1, 90, 30, 70, 98}
	var worst time.Duration
	for _, percent := range percents {
		at := end.Now * percent / 100
		began := time.Now()
		run.Send(api.Command{Verb: api.Seek, At: at})
		run.Until("arrived", func(s api.Status) bool { return !s.Seeking && s.Now == at })
		worst = max(worst, time.Since(began))
	}
	return []figure{{"seek, back and forth, worst", float64(worst.Milliseconds()), "ms", "<= 1000",
		fmt.Sprintf("of %d; %s, %d events", len(percents), link, end.Events)}}
}

// callRate plays a lab of remote calls to its end in the tab, as fast as it
// goes, with the journal at its default level and the stage live. metric counts
// the calls.
func callRate(what, kind, metric, link string, target float64) func(*bench) []figure {
	return func(b *bench) []figure {
		part := &browser.Program{Name: "calls " + kind}
		defer part.Close()
		tab := browser.Start(part).Open(b.site + "#" + link)
		run, _, took := b.finish(part, tab)
		returned := 0.0
		for _, m := range run.Status().Metrics {
			if m.Name == metric {
				returned = m.Value
			}
		}
		return []figure{{what + " a second in the tab", returned / took.Seconds(), "1/s", ">= " + number(target), kind + ": " + link}}
	}
}

// million plays an epidemic of a million nodes until all know, while somebody
// looks on and clicks.
func million(b *bench) []figure {
	const link = "gossip/faults?n=1000000&fanout=3&crash=0%25&loss=0%25&cut=0s"
	part := &browser.Program{Name: "a million nodes"}
	defer part.Close()
	chromium := browser.Start(part)
	tab := chromium.Open(b.site + "#" + link)
	run, before := begin(part, tab)
	drawn := browser.Eval[float64](tab, "grapevine.stage.stats().framesDrawn")
	began := time.Now()
	run.Send(api.Command{Verb: api.Play})
	run.Send(api.Command{Verb: api.Speed, Speed: 0})
	answer := clicks(tab)
	tab.WaitFor("heard.status.finished", benchLimit)
	took, end := time.Since(began).Seconds(), run.Status()
	drawn = browser.Eval[float64](tab, "grapevine.stage.stats().framesDrawn") - drawn
	return []figure{
		{"until all know", took, "s", "", link},
		{"events a second", float64(end.Events-before.Events) / took / 1e6, "M events/s", "", "the same, stage live"},
		{"frames a second meanwhile", drawn / took, "1/s", "", "the same, as fast as it goes"},
		{"click to painted answer, worst", answer, "ms", "<= 100", "of 6; the same"},
		{"peak memory of the tab", peakMemory(chromium) / 1e6, "MB", "< 1000", "the same, VmHWM of its process"},
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory is the most that a page's process ever held, in bytes.
func peakMemory(chromium *browser.Chromium) float64 {
	most := 0.0
	for _, pid := range chromium.Renderers() {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if match := highWater.FindSubmatch(status); err == nil && match != nil {
			kilobytes, _ := strconv.ParseFloat(string(match[1]), 64)
			most = max(most, kilobytes*1024)
		}
	}
	return most
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func fmtNodes(nodes, packets float64) string {
	return fmt.Sprintf("%s nodes, up to %s packets", number(nodes), number(packets))
}
