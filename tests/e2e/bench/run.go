package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/live"
	"grapevine/wasm/api"
)

// The run that speeds are compared on: half of the nodes know, and go on
// pushing for ten minutes because the other half is cut off. Some 9 M events,
// so that starting, compiling and asking for the end hardly count.
const speedRun = "gossip/faults?n=10000&crash=0%25&loss=0%25&cut=100ms&heal=10m"

// benchLimit is how long one run may take here.
const benchLimit = 10 * time.Minute

// speed plays one run natively, in Node and in the tab.
func speed(b *bench) []figure {
	native := b.headless("build/engine")
	node := b.headless("node", "tests/digests/engine.mjs", "build/engine.wasm")
	part := &browser.Program{Name: "speed"}
	defer part.Close()
	tab := browser.Start(part).Open(b.site + "#" + speedRun)
	_, events, took := b.finish(part, tab)
	return []figure{
		{"native", native / 1e6, "M events/s", "", speedRun},
		{"WebAssembly in Node, of native", node / native, "ratio", ">= 0.5", speedRun},
		{"in the tab", events / took.Seconds() / 1e6, "M events/s", ">= 1", speedRun + ", stage live"},
	}
}

// headless plays the speed run twice, so that starting the program does not
// count, and returns events a second.
func (b *bench) headless(command ...string) float64 {
	play := func(seeds int) (events float64, took time.Duration) {
		run := exec.Command(command[0], append(command[1:], "run", "-link", "#"+speedRun, "-seeds", "1.."+strconv.Itoa(seeds), "-json")...)
		run.Dir, run.Stderr = b.root, os.Stderr
		out, err := run.StdoutPipe()
		if err != nil {
			b.t.Fatalf("%v", err)
		}
		began := time.Now()
		if err := run.Start(); err != nil {
			b.t.Fatalf("%v", err)
		}
		lines := json.NewDecoder(out)
		for range seeds {
			var result struct{ Events float64 }
			if err := lines.Decode(&result); err != nil {
				b.t.Fatalf("%v: %v", run.Args, err)
			}
			events += result.Events
		}
		run.Wait() // a check that failed is no matter here
		return events, time.Since(began)
	}
	one, start := play(1)
	const seeds = 2
	all, took := play(seeds)
	return (all - one) / (took - start).Seconds()
}

// finish plays the tab's run from its beginning to its end, as fast as it
// goes, and returns how it ended.
func (b *bench) finish(t browser.T, tab *browser.Tab) (*live.Run, float64, time.Duration) {
	run := live.Attach(t, tab)
	run.Limit = benchLimit
	run.Send(api.Command{Verb: api.Pause})
	before := run.Until("paused", func(s api.Status) bool { return !s.Playing })
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
	var worst time.Duration
	for _, percent := range []int64{50, 10, 90, 30, 70} {
		at := end.Now * percent / 100
		began := time.Now()
		run.Send(api.Command{Verb: api.Seek, At: at})
		run.Until("arrived", func(s api.Status) bool { return !s.Seeking && s.Now == at })
		worst = max(worst, time.Since(began))
	}
	return []figure{{"seek, worst of 5", float64(worst.Milliseconds()), "ms", "<= 1000", fmt.Sprintf("%s, %d events", link, end.Events)}}
}

// million plays an epidemic of a million nodes until all know.
func million(b *bench) []figure {
	const link = "gossip/faults?n=1000000&fanout=3&crash=0%25&loss=0%25&cut=0s"
	part := &browser.Program{Name: "a million nodes"}
	defer part.Close()
	chromium := browser.Start(part)
	tab := chromium.Open(b.site + "#" + link)
	_, events, took := b.finish(part, tab)
	return []figure{
		{"until all know", took.Seconds(), "s", "", link},
		{"events a second", events / took.Seconds() / 1e6, "M events/s", "", "stage live"},
		{"peak memory of the tab", peakMemory(chromium) / 1e6, "MB", "< 1000", "VmHWM of its process"},
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
