package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"grapevine/tests/digests"
	"grapevine/tests/e2e/browser"
	"grapevine/tests/e2e/live"
	"grapevine/wasm/api"
)

func labs(t *testing.T) []string {
	t.Helper()
	labs, err := digests.Labs(browser.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	return labs
}

// labLink is the selector of a lab's entry in the list on the left.
func labLink(lab string) string { return fmt.Sprintf(`#left a[href^="#%s"]`, lab) }

func opened(tab *browser.Tab, lab string) {
	tab.Wait(fmt.Sprintf("document.querySelector('%s')?.getAttribute('aria-current') === 'page'", labLink(lab)))
}

// fragment is what stands after the # in the address bar.
func fragment(tab *browser.Tab) string {
	return browser.Eval[string](tab, "location.hash.slice(1)")
}

// TestVisitByMouse opens each lab from the list, stops it, goes one event on,
// crashes a node by hand, scrubs back, and checks that the address bar then
// holds the run: reloaded, and played natively, it comes out the same.
func TestVisitByMouse(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, lab := range labs(t) {
		t.Run(lab, func(t *testing.T) {
			tab := chromium.For(t).Open(site)
			tab.Wait(fmt.Sprintf("document.querySelector('%s')", labLink(lab)))
			tab.Click(labLink(lab))
			opened(tab, lab)
			run := live.Attach(t, tab)
			run.Until("moved", func(s api.Status) bool { return s.Now > 0 })
			if run.Status().Playing {
				tab.Click("#play")
			}
			paused := run.Until("paused", func(s api.Status) bool { return !s.Playing })
			tab.Click("#step")
			run.Until("went one event on", func(s api.Status) bool { return s.Events > paused.Events })

			crash(t, tab, run)
			link := fragment(tab)
			if text, _ := url.QueryUnescape(link); !strings.Contains(text, "crash") {
				t.Errorf("the address bar holds %q, expected the crash in it", link)
			}
			browser.Eval[any](tab, `(() => { const line = document.getElementById("timeline"); line.value = 0;
				for (const event of ["input", "change"]) line.dispatchEvent(new Event(event, { bubbles: true })); })()`)
			run.Until("went back to the beginning", func(s api.Status) bool { return s.Now == 0 && !s.Seeking })

			tab.Reload()
			end := live.Attach(t, tab).Finish()
			native, err := digests.Native.Digest(browser.Root(t), end.Link)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(fmt.Sprint(end.Script), "crash") {
				t.Errorf("after the reload the script is %v, expected the crash in it", end.Script)
			}
			if end.Digest != native {
				t.Errorf("after the reload the run's digest is %s, natively %s: %s", end.Digest, native, end.Link)
			}
		})
	}
}

// crash clicks a node on the stage, and the button that crashes it. It takes a
// node that no packet is leaving or reaching: a packet on top would be picked.
func crash(t *testing.T, tab *browser.Tab, run *live.Run) {
	t.Helper()
	at := browser.Eval[[]float64](tab, `(() => {
		const { plan: { x, y }, picture: { from, to }, canvas } = grapevine.stage;
		const busy = new Set([...from, ...to]);
		let node = x.length - 1;
		while (node > 0 && busy.has(node)) node--;
		const box = canvas.getBoundingClientRect();
		return [box.left + x[node], box.top + y[node]];
	})()`)
	tab.ClickAt(at[0], at[1])
	tab.Wait(`[...document.querySelectorAll("#panel button")].some((b) => b.textContent === "Crash")`)
	browser.Eval[any](tab, `void [...document.querySelectorAll("#panel button")].find((b) => b.textContent === "Crash").click()`)
	run.Until("had a node crash", func(s api.Status) bool {
		return len(s.Script) > 0 && strings.HasPrefix(s.Script[len(s.Script)-1].Do, "crash ")
	})
}

// TestVisitByKeyboard does without a mouse: Tab to a lab's link, Enter, and the
// page's keys.
func TestVisitByKeyboard(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, lab := range labs(t) {
		t.Run(lab, func(t *testing.T) {
			tab := chromium.For(t).Open(site)
			tab.Wait(fmt.Sprintf("document.querySelector('%s')", labLink(lab)))
			tabTo(t, tab, labLink(lab))
			tab.Press(kb.Enter)
			opened(tab, lab)
			run := live.Attach(t, tab)
			tabTo(t, tab, "canvas")
			if run.Status().Playing {
				tab.Press(" ")
			}
			paused := run.Until("paused at the space bar", func(s api.Status) bool { return !s.Playing })
			tab.Press(".")
			run.Until("went one event on", func(s api.Status) bool { return s.Events > paused.Events })
			tab.Press(kb.ArrowRight, kb.Enter)
			tab.Wait(`grapevine.stage.selection.node >= 0`)
			tab.Press(kb.Escape)
			tab.Wait(`grapevine.stage.selection.node < 0`)
			tab.Press("r")
			run.Until("began again", func(s api.Status) bool { return s.Now < paused.Now || s.Now == 0 })
		})
	}
}

// maxTabs is more than a page has places for the focus.
const maxTabs = 200

func tabTo(t *testing.T, tab *browser.Tab, selector string) {
	t.Helper()
	for range maxTabs {
		if browser.Eval[bool](tab, fmt.Sprintf("document.activeElement.matches(`%s`)", selector)) {
			return
		}
		tab.Press(kb.Tab)
	}
	t.Fatalf("the Tab key never came to %s", selector)
}

// TestBack goes through the browser's history.
func TestBack(t *testing.T) {
	all := labs(t)
	first, second := all[0], all[1]
	tab := browser.Start(t).Open(browser.Serve(t) + "#" + first)
	opened(tab, first)
	tab.Click(labLink(second))
	opened(tab, second)
	tab.Back()
	opened(tab, first)
	if got := fragment(tab); !strings.HasPrefix(got, first) {
		t.Errorf("after Back the address bar holds %q, expected %s", got, first)
	}
}

// TestHostileAddresses opens what nobody should send; each must get a sentence
// and a lab that works.
func TestHostileAddresses(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, link := range []string{
		"no/such-lab?n=3",
		"gossip/rumor?n=99999999999999999999&k=-1&colour=red",
		"gossip/rumor?v=999&n=30",
		"gossip/rumor?do=soon+crash+everything;1s+explode",
		"gossip/rumor?seed=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
		"%%%&&&===" + strings.Repeat("A", 40_000),
		`"><img src=x onerror=alert(1)>`,
	} {
		name, _, _ := strings.Cut(link, "AAAA")
		t.Run(name, func(t *testing.T) {
			tab := chromium.For(t).Open(site + "#" + link)
			run := live.Attach(t, tab)
			tab.Wait(`document.getElementById("notices").textContent.trim().length > 10`)
			run.Until("moved", func(s api.Status) bool { return s.Now > 0 })
			if n := browser.Eval[int](tab, `document.querySelectorAll("#notices img, #notices script").length`); n != 0 {
				t.Errorf("the notice took over %d elements from the address", n)
			}
		})
	}
}

// TestThreeEmbeds opens the sample course page: each of its labs plays, in a
// frame of its own.
func TestThreeEmbeds(t *testing.T) {
	tab := browser.Start(t).Open(browser.Serve(t) + "course-sample.html")
	tab.Expect("favicon.ico") // a teacher's page may well have none
	tab.Wait(`document.querySelectorAll("grapevine-lab").length === 3`)
	for i := range 3 {
		frame := fmt.Sprintf(`document.querySelectorAll("grapevine-lab")[%d].shadowRoot.querySelector("iframe")`, i)
		browser.Eval[any](tab, fmt.Sprintf(`document.querySelectorAll("grapevine-lab")[%d].scrollIntoView({ block: "center" })`, i))
		tab.Wait(frame + `?.contentDocument?.getElementById("claim")?.textContent.length > 10`) // its engine has opened the run
		browser.Eval[any](tab, `void `+frame+`.contentDocument.getElementById("play").click()`)
		tab.Wait(`Number(` + frame + `.contentDocument.getElementById("time").value) > 0`)
	}
}
