package e2e

import (
	"fmt"
	"testing"

	"grapevine/tests/e2e/browser"
)

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

// slowEngine holds the engine's file back until the page says release().
const slowEngine = `{
	const fetchNow = globalThis.fetch;
	globalThis.fetch = async (...what) => {
		if (String(what[0]).endsWith(".wasm")) await new Promise((go) => (globalThis.release = go));
		return fetchNow(...what);
	};
}`

// TestHastyVisitor: what is clicked in an embed before its engine is there is
// done as soon as it is.
func TestHastyVisitor(t *testing.T) {
	address := browser.Serve(t) + "embed.html#gossip/rumor?n=20"
	tab := browser.Start(t).OpenView(address, browser.View{Before: slowEngine})
	tab.Wait("globalThis.release")
	tab.Click("#play")
	browser.Eval[any](tab, `(() => { const speed = document.getElementById("speed"); speed.value = "16";
		speed.dispatchEvent(new Event("change")); release(); })()`)
	tab.Wait(`Number(document.getElementById("time").value) > 0`)
	// Unasked it would wait at its beginning; at the usual speed it takes long.
	tab.Wait(`document.getElementById("time").value === document.getElementById("time").max`)
}

// busyPage tells of coming into view as a busy page does: late, together with
// what was before.
const busyPage = `globalThis.IntersectionObserver = class {
	constructor(tell) { this.tell = tell; }
	observe() { setTimeout(() => this.tell([{ isIntersecting: false }, { isIntersecting: true }])); }
}`

// TestScrolledToInAHurry: an embed that was out of view and no longer is plays.
func TestScrolledToInAHurry(t *testing.T) {
	address := browser.Serve(t) + "embed.html?autoplay#gossip/rumor?n=20"
	tab := browser.Start(t).OpenView(address, browser.View{Before: busyPage})
	tab.Wait(`Number(document.getElementById("time").value) > 200`)
}
