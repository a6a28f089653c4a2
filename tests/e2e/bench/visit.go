package main

import (
	"slices"
	"time"

	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/live"
	"grapevine/wasm/api"
)

// firstVisit opens the page in browsers that have never seen it.
func firstVisit(b *bench) []figure {
	const visits = 5
	var millis []float64
	bytes := 0.0
	for range visits {
		part := &browser.Program{Name: "first visit"}
		tab := browser.Start(part).Open(b.site)
		tab.Wait(firstPicture)
		millis = append(millis, browser.Eval[float64](tab, `performance.getEntriesByName("first-picture")[0].startTime`))
		tab.Wait(`document.documentElement.dataset.state === "open"`)
		bytes = browser.Eval[float64](tab, `performance.getEntries().filter((e) => "transferSize" in e)
			.reduce((sum, e) => sum + e.transferSize, 0)`)
		part.Close()
	}
	slices.Sort(millis)
	return []figure{
		{"first moving picture, median", millis[visits/2], "ms", "<= 1000", "cold cache, local server, Chromium"},
		{"first moving picture, worst", millis[visits-1], "ms", "", "of 5 visits"},
		{"downloaded by then", bytes / 1e6, "MB", "<= 1.5", "brotli, page and first lab"},
	}
}

const firstPicture = `performance.getEntriesByName("first-picture").length`

// frames plays a lab of some size and counts what the stage draws, and how
// long a click waits for its answer meanwhile.
func frames(params string, target float64) func(*bench) []figure {
	return func(b *bench) []figure {
		part := &browser.Program{Name: "frames " + params}
		defer part.Close()
		tab := browser.Start(part).Open(b.site + "#gossip/faults?" + params)
		busiest(b.finish(part, tab))
		stats := browser.Eval[struct {
			Frames float64 `json:"frames"`
			Nodes  float64 `json:"nodes"`
			Most   float64 `json:"most"`
		}](tab, `(async () => {
			const seconds = 5, before = grapevine.stage.stats(), began = performance.now();
			let most = 0;
			while (performance.now() < began + seconds * 1000) {
				await new Promise(requestAnimationFrame);
				most = Math.max(most, grapevine.stage.stats().packets);
			}
			const after = grapevine.stage.stats();
			return { frames: (after.framesDrawn - before.framesDrawn) * 1000 / (performance.now() - began), nodes: after.nodes, most };
		})()`)
		at := fmtNodes(stats.Nodes, stats.Most)
		return []figure{
			{"frames a second", stats.Frames, "1/s", ">= " + number(target), at},
			{"click to painted answer, worst", clicks(tab), "ms", "<= 100", at},
		}
	}
}

// busiest goes to the instant of the run at which most packets are in flight,
// and plays on from there, slowly.
func busiest(run *live.Run, _ float64, _ time.Duration) {
	end := run.Status().Now
	at, most := int64(0), -1
	goTo := func(t int64) int {
		run.Send(api.Command{Verb: api.Seek, At: t})
		return run.Until("arrived", func(s api.Status) bool { return !s.Seeking && s.Now == t }).InFlight
	}
	for percent := int64(10); percent < 100; percent += 10 {
		if n := goTo(end * percent / 100); n > most {
			at, most = end*percent/100, n
		}
	}
	goTo(at)
	run.Send(api.Command{Verb: api.Speed, Speed: 0.1})
	run.Send(api.Command{Verb: api.Play})
}

// clicks presses buttons of the page and returns the longest wait, from the
// event's own time stamp to the end of the frame that shows the answer.
func clicks(tab *browser.Tab) float64 {
	browser.Eval[any](tab, `void (globalThis.answers = [], addEventListener("click", (e) =>
		requestAnimationFrame(() => setTimeout(() => answers.push(performance.now() - e.timeStamp))), true))`)
	for i := range 6 {
		tab.Click([]string{"#tab-inspect", "#tab-measures"}[i%2])
		time.Sleep(300 * time.Millisecond)
	}
	return browser.Eval[float64](tab, `Math.max(...answers)`)
}
