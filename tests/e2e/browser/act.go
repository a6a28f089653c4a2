package browser

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// Eval evaluates JavaScript in the page, waits for it if it is a promise, and
// returns its value.
func Eval[V any](tab *Tab, script string) V {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, waitLimit)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[V](script, chromedp.EvalAwaitPromise))
	tab.must("evaluate "+script, err)
	return value
}

// Wait waits until the JavaScript expression is true.
func (tab *Tab) Wait(expression string) {
	tab.t.Helper()
	tab.WaitFor(expression, waitLimit)
}

// WaitFor is Wait with a limit of its own, for what may take long.
func (tab *Tab) WaitFor(expression string, limit time.Duration) {
	tab.t.Helper()
	_, err := chromedp.Run(tab.ctx, chromedp.Poll[bool]("Boolean("+expression+")",
		chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(limit)))
	tab.must("see that "+expression, err)
}

// Click clicks the middle of the first element that the CSS selector names,
// once it can be seen.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Fill puts a word in the place of a field's only one, by a double-click and the
// keys. A click goes to a point, so the field is brought into sight first, and
// comes to rest there. If it moves away nevertheless, as it may when a panel above
// it changes while a lab opens, all is done again.
func (tab *Tab) Fill(selector, word string) {
	tab.t.Helper()
	field := fmt.Sprintf("document.querySelector(%q)", selector)
	for range 5 {
		tab.Script(field + `.scrollIntoView({block: "center", behavior: "instant"})`)
		tab.rest(selector)
		tab.do("double-click "+selector, chromedp.DoubleClick(chromedp.CSS(selector)))
		if !Eval[bool](tab, "document.activeElement === "+field) {
			continue
		}
		tab.Press(strings.Split(word, "")...)
		if Eval[string](tab, field+".value") == word {
			return
		}
	}
	tab.t.Fatalf("%s does not take %q", selector, word)
}

// rest waits until the element stays where it is for some frames.
func (tab *Tab) rest(selector string) {
	tab.t.Helper()
	tab.Script(fmt.Sprintf(`new Promise((done) => {
		let before = "", still = 0;
		const look = () => {
			const at = document.querySelector(%q)?.getBoundingClientRect();
			const now = at ? [at.x, at.y, at.width, at.height].join() : "";
			still = now && now === before ? still + 1 : 0;
			before = now;
			still === 5 ? done() : requestAnimationFrame(look);
		};
		look();
	})`, selector))
}

// ClickAt clicks a point of the window, in CSS pixels.
func (tab *Tab) ClickAt(x, y float64) {
	tab.t.Helper()
	tab.do(fmt.Sprintf("click at %v, %v", x, y), chromedp.MouseClickXY(x, y))
}

// Press presses keys one after another; package kb names those without a letter.
func (tab *Tab) Press(keys ...string) {
	tab.t.Helper()
	for _, key := range keys {
		tab.do(fmt.Sprintf("press %q", key), chromedp.KeyEvent(key))
	}
}

// Focus moves the keyboard's focus to the element.
func (tab *Tab) Focus(selector string) {
	tab.t.Helper()
	tab.do("focus "+selector, chromedp.Focus(chromedp.CSS(selector)))
}

// Screenshot is the window as a PNG file.
func (tab *Tab) Screenshot() []byte {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, waitLimit)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	tab.must("take a screenshot", err)
	return png
}

// Script evaluates a JavaScript expression and returns its value as text.
func (tab *Tab) Script(expression string) string {
	tab.t.Helper()
	return Eval[string](tab, "(async () => String(await ("+expression+")))()")
}
