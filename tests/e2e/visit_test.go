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

// changes are the parameter that the visitors change in each lab, a whole
// number, and its new value: no lab's default, and some nodes to crash.
var changes = map[string]struct{ param, value string }{
	"gossip":           {"n", "24"},
	"queue":            {"producers", "3"},
	"queue/kafka-disk": {"partitions", "3"},
	"rpc":              {"clients", "4"},
	"rpc/codec":        {"calls", "7"},
	"rpc/io":           {"n", "24"},
	"rpc/registry":     {"servers", "5"},
}

func change(lab string) (param, value string) {
	c, ok := changes[lab]
	if !ok {
		family, _, _ := strings.Cut(lab, "/")
		c = changes[family]
	}
	return c.param, c.value
}

// changed waits until the run with a parameter's new value is on the stage.
func changed(tab *browser.Tab, param, value string) {
	tab.Wait(fmt.Sprintf("/[?&]%s=%s(&|$)/.test(location.hash) && grapevine.stage.picture", param, value))
}

// same plays the run natively, and says how it differs from one that ended in a page.
func same(t *testing.T, where string, end api.Status) {
	t.Helper()
	native, err := digests.Native.Digest(browser.Root(t), end.Link)
	if err != nil {
		t.Fatal(err)
	}
	if end.Digest != native {
		t.Errorf("%s the run's digest is %s, natively %s: %s", where, end.Digest, native, end.Link)
	}
}

// crashes counts the crashes that have happened. A lab's own script may hold
// more, which a visitor's first deed makes forgotten.
func crashes(s api.Status) (n int) {
	for _, a := range s.Script {
		if a.At <= s.Now && strings.HasPrefix(a.Do, "crash ") {
			n++
		}
	}
	return n
}

// TestVisitByMouse opens each lab from the list, changes a parameter, goes one
// event on, crashes nodes on the stage, and scrubs back. The link then carries
// the run: reloaded on the way, opened by a friend and played natively, it
// comes out the same.
func TestVisitByMouse(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, lab := range labs(t) {
		t.Run(lab, func(t *testing.T) {
			chromium := chromium.For(t)
			tab := chromium.Open(site)
			tab.Wait(fmt.Sprintf("document.querySelector('%s')", labLink(lab)))
			tab.Click(labLink(lab))
			opened(tab, lab)
			param, value := change(lab)
			tab.Fill("#param-"+param, value)
			changed(tab, param, value)

			run := live.Attach(t, tab)
			run.Until("moved", func(s api.Status) bool { return s.Now > 0 })
			if run.Status().Playing {
				tab.Click("#play")
			}
			paused := run.Until("paused", func(s api.Status) bool { return !s.Playing })
			tab.Click("#step")
			run.Until("went one event on", func(s api.Status) bool { return s.Events > paused.Events })

			const crashed = 3
			own := crashes(run.Status())
			for i := range crashed {
				crash(t, tab, run, own+i+1)
			}
			// First on: at the very beginning the thumb lies under the place to click.
			left, middle, width := line(tab, "#timeline")
			before := run.Status()
			tab.ClickAt(left+width*0.7, middle)
			run.Until("went on", func(s api.Status) bool { return s.Now > before.Now && !s.Seeking })
			tab.ClickAt(left+2, middle)
			run.Until("went back to the beginning", func(s api.Status) bool { return s.Now == 0 && !s.Seeking })

			link := fragment(tab)
			tab.Click("#tab-share")
			tab.Wait(`document.querySelector("#panel pre")`)
			shared := browser.Eval[string](tab, `document.querySelector("#panel pre").textContent`)
			if !strings.HasSuffix(shared, "#"+link) {
				t.Errorf("the page shares %s, and its address ends with %s", shared, link)
			}
			tab.Click("#play")
			run.Until("went on", func(s api.Status) bool { return s.Now > 0 })
			tab.Reload()
			end := live.Attach(t, tab).Finish()
			if crashes(end) != own+crashed {
				t.Errorf("after the reload the script is %v, expected %d crashes in it", end.Script, own+crashed)
			}
			same(t, "after the reload", end)
			friend := live.Attach(t, chromium.Open(shared)).Finish()
			if friend.Digest != end.Digest || friend.Link != end.Link {
				t.Errorf("a friend sees %s of %s, expected %s of %s", friend.Digest, friend.Link, end.Digest, end.Link)
			}
		})
	}
}

// line is where a long flat element begins, its middle's height, and its width.
func line(tab *browser.Tab, selector string) (left, middle, width float64) {
	at := browser.Eval[[]float64](tab, fmt.Sprintf(`(() => {
		const box = document.querySelector(%q).getBoundingClientRect();
		return [box.left, (box.top + box.bottom) / 2, box.width];
	})()`, selector))
	return at[0], at[1], at[2]
}

// crash clicks a node on the stage, and the button that crashes it: the script
// then has want crashes. It takes a node that is up and, unless it is a card,
// that no packet is leaving or reaching: a packet on top would be picked.
func crash(t *testing.T, tab *browser.Tab, run *live.Run, want int) {
	t.Helper()
	// The panel that opens for the first node moves the others.
	at := browser.Eval[[]float64](tab, `new Promise((found) => {
		const down = 0x80;
		const look = () => {
			const { plan: { x, y, cards }, picture: { from, to, states }, canvas } = grapevine.stage;
			const busy = new Set(cards ? [] : [...from, ...to]);
			let node = x.length - 1;
			while (node > 0 && (busy.has(node) || states[node] & down)) node--;
			const box = canvas.getBoundingClientRect();
			found([box.left + x[node], box.top + y[node], node]);
		};
		requestAnimationFrame(() => requestAnimationFrame(look));
	})`)
	tab.ClickAt(at[0], at[1])
	tab.Wait(fmt.Sprintf(`grapevine.stage.selection.node === %v &&
		document.querySelector("#panel .deeds button:not([aria-disabled])")?.textContent === "Crash"`, at[2]))
	tab.Click("#panel .deeds button")
	run.Until("had a node crash", func(s api.Status) bool { return crashes(s) == want })
	tab.Wait(fmt.Sprintf(`grapevine.stage.picture.states[%v] & 0x80`, at[2]))
	if text, _ := url.QueryUnescape(fragment(tab)); strings.Count(text, "crash ") != want {
		t.Errorf("the address bar holds %q, expected %d crashes in it", text, want)
	}
}

// TestVisitByKeyboard does all that without a mouse: Tab, Enter, the arrows,
// and the page's keys.
func TestVisitByKeyboard(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, lab := range labs(t) {
		t.Run(lab, func(t *testing.T) {
			tab := chromium.For(t).Open(site)
			tab.Wait(fmt.Sprintf("document.querySelector('%s')", labLink(lab)))
			tabTo(t, tab, labLink(lab))
			tab.Press(kb.Enter)
			opened(tab, lab)
			param, value := change(lab)
			tabTo(t, tab, "#param-"+param) // and so chooses all that is in it
			tab.Press(strings.Split(value, "")...)
			changed(tab, param, value)

			run := live.Attach(t, tab)
			tabTo(t, tab, "canvas")
			run.Until("moved", func(s api.Status) bool { return s.Now > 0 })
			if run.Status().Playing {
				tab.Press(" ")
			}
			paused := run.Until("paused at the space bar", func(s api.Status) bool { return !s.Playing })
			tab.Press(".")
			run.Until("went one event on", func(s api.Status) bool { return s.Events > paused.Events })
			tab.Press(kb.ArrowRight, kb.Enter)
			tab.Wait(`grapevine.stage.selection.node >= 0`)
			own := crashes(run.Status())
			tabTo(t, tab, "#panel .deeds button")
			tab.Press(kb.Enter)
			run.Until("had a node crash", func(s api.Status) bool { return crashes(s) == own+1 })
			tab.Press(kb.Escape)
			tab.Wait(`grapevine.stage.selection.node < 0`)

			tabTo(t, tab, "#timeline")
			tab.Press(kb.Home)
			run.Until("went back to the beginning", func(s api.Status) bool { return s.Now == 0 && !s.Seeking })
			tab.Press(kb.ArrowRight)
			run.Until("went on by an arrow", func(s api.Status) bool { return s.Now > 0 && !s.Seeking })
			tab.Press("r")
			run.Until("plays from the beginning", func(s api.Status) bool { return s.Playing })
			end := run.Finish()
			if crashes(end) != own+1 {
				t.Errorf("the script is %v in the end, expected %d crashes in it", end.Script, own+1)
			}
			same(t, "by keyboard", end)
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
