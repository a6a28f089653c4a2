package main

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/live"
	"grapevine/wasm/api"
)

// firstVisit opens a lab, by its link, in browsers that have never seen the page.
func firstVisit(megabytes float64, link, family string) func(*bench) []figure {
	return func(b *bench) []figure {
		const visits = 5
		var millis []float64
		var bytes float64
		for range visits {
			part := &browser.Program{Name: "first visit"}
			site, received := count(part, b.site)
			tab := browser.Start(part).Open(site + link)
			tab.Wait(firstPicture)
			millis = append(millis, browser.Eval[float64](tab, `performance.getEntriesByName("first-picture")[0].startTime`))
			tab.Wait(`document.documentElement.dataset.state === "open"`)
			bytes = float64(received.Load())
			part.Close()
		}
		slices.Sort(millis)
		return []figure{
			{"first moving picture, median", millis[visits/2], "ms", "<= 1000", "of 5 visits to a lab of " + family + ", cold cache, local server, Chromium"},
			{"first moving picture, worst", millis[visits-1], "ms", "", "of the same"},
			{"downloaded by then", bytes / 1e6, "MB", "<= " + number(megabytes), "page and first lab, brotli, with headers, as counted on the wire"},
		}
	}
}

const firstPicture = `performance.getEntriesByName("first-picture").length`

// count stands between a browser and the site and counts what the browser
// receives. Its own books would lack what its workers ask for.
func count(t browser.T, site string) (address string, received *atomic.Int64) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() { listener.Close() })
	host := strings.Trim(strings.TrimPrefix(site, "http:"), "/")
	received = new(atomic.Int64)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				defer near.Close()
				far, err := net.Dial("tcp4", host)
				if err != nil {
					return
				}
				defer far.Close()
				go io.Copy(far, near)
				io.Copy(io.MultiWriter(near, (*counter)(received)), far)
			}()
		}
	}()
	return "http://" + listener.Addr().String() + "/", received
}

type counter atomic.Int64

func (c *counter) Write(bytes []byte) (int, error) {
	(*atomic.Int64)(c).Add(int64(len(bytes)))
	return len(bytes), nil
}

// frames plays a lab of some size and counts what the stage draws, and how
// long a click waits for its answer meanwhile.
func frames(link string, target float64) func(*bench) []figure {
	return func(b *bench) []figure {
		part := &browser.Program{Name: "frames " + link}
		defer part.Close()
		tab := browser.Start(part).Open(b.site + "#" + link)
		busiest(b.finish(part, tab))
		stats := browser.Eval[struct {
			Frames float64 `json:"frames"`
			Nodes  float64 `json:"nodes"`
			Most   float64 `json:"most"`
		}](tab, `(async () => {
			const seconds = 5, refresh = () => new Promise((done) => requestAnimationFrame((at) => setTimeout(done, 0, at)));
			let most = 0, now = await refresh();
			const began = now, before = grapevine.stage.stats();
			while (now < began + seconds * 1000) {
				now = await refresh();
				most = Math.max(most, grapevine.stage.stats().packets);
			}
			const after = grapevine.stage.stats();
			return { frames: (after.framesDrawn - before.framesDrawn) * 1000 / (now - began), nodes: after.nodes, most };
		})()`)
		at := fmtNodes(stats.Nodes, stats.Most)
		return []figure{
			{"frames a second", stats.Frames, "1/s", ">= " + number(target), at},
			{"click to painted answer, worst", clicks(tab), "ms", "<= 100", "of 6; " + at},
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

// clicks presses buttons of the page, and the stage, and returns the longest
// wait, from the event's own time stamp to the end of the frame that shows the
// answer.
func clicks(tab *browser.Tab) float64 {
	browser.Eval[any](tab, `void (globalThis.answers = [], addEventListener("click", (e) =>
		requestAnimationFrame(() => setTimeout(() => answers.push(performance.now() - e.timeStamp))), true))`)
	for i, what := range []string{"#tab-inspect", "canvas", "#tab-measures", "#tab-inspect", "canvas", "#tab-measures"} {
		tab.Click(what)
		tab.Wait(fmt.Sprintf("answers.length > %d", i))
	}
	return browser.Eval[float64](tab, `Math.max(...answers)`)
}
