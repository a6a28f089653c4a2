package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"grapevine/tests/e2e/browser"
)

// broken serves a copy of the site in which spoil has been at work.
func broken(t *testing.T, spoil func(dir string) error) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(browser.Built(t, "site"))); err != nil {
		t.Fatal(err)
	}
	if err := spoil(dir); err != nil {
		t.Fatal(err)
	}
	return browser.ServeFolder(t, dir)
}

func TestMissingPage(t *testing.T) {
	site := browser.Serve(t)
	tab := browser.Start(t).Open(site + "no/such/page.html")
	tab.Expect("404")
	tab.Wait(`document.querySelector("h1").textContent === "There is no such page"`)
}

// says waits for the sentence in the page's box for failures, and the button
// that goes with it.
func says(tab *browser.Tab, sentence, button string) {
	tab.Wait(`document.querySelector("#boot:not([hidden])[role=alert] p")?.textContent.startsWith("` + sentence + `")`)
	tab.Wait(`document.querySelector("#boot button").textContent === "` + button + `"`)
}

// TestNoEngine: where the engine's file does not come, or only a part of it,
// page and embed say so in the visitor's language.
func TestNoEngine(t *testing.T) {
	chromium := browser.Start(t)
	without := broken(t, func(dir string) error { return os.Remove(filepath.Join(dir, "page-gossip.wasm")) })
	half := broken(t, func(dir string) error {
		for _, packed := range []string{".br", ".gz"} {
			os.Remove(filepath.Join(dir, "page-gossip.wasm"+packed))
		}
		return os.Truncate(filepath.Join(dir, "page-gossip.wasm"), 1_000_000)
	})
	for _, c := range []struct{ address, problem, sentence, button string }{
		{without, "404", "The engine could not be loaded.", "Reload"},
		{without + "?lang=zh", "404", "引擎载入失败。", "重新载入"},
		{without + "embed.html", "404", "The engine could not be loaded.", "Reload"},
		{half, "compile", "The engine was loaded but could not be compiled.", "Reload"},
		{half + "embed.html?lang=zh", "compile", "引擎已下载，但无法编译。", "重新载入"},
	} {
		tab := chromium.For(t).Open(c.address)
		tab.Expect(c.problem)
		tab.Expect("could not be")
		says(tab, c.sentence, c.button)
	}
}

// keepWorker lets a test reach the page's worker.
const keepWorker = `globalThis.Worker = class extends Worker {
	constructor(...what) { super(...what); globalThis.theWorker = this; }
}`

// TestEngineStops: when the worker dies in the middle of a run, page and embed
// say so.
func TestEngineStops(t *testing.T) {
	site, chromium := browser.Serve(t), browser.Start(t)
	for _, c := range []struct{ address, sentence, button string }{
		{site, "The engine stopped unexpectedly.", "Reload"},
		{site + "?lang=zh", "引擎意外停止。", "重新载入"},
		{site + "embed.html?autoplay", "The engine stopped unexpectedly.", "Reload"},
	} {
		tab := chromium.For(t).OpenView(c.address, browser.View{Before: keepWorker})
		tab.Expect("The engine stopped unexpectedly")
		tab.Wait("performance.getEntriesByName('first-picture').length")
		// A start without a program: the worker's own way to die.
		browser.Eval[any](tab, "theWorker.postMessage({})")
		says(tab, c.sentence, c.button)
	}
}

// TestNoLesson: a lesson that does not come leaves the run alone.
func TestNoLesson(t *testing.T) {
	site := broken(t, func(dir string) error { return os.RemoveAll(filepath.Join(dir, "lessons")) })
	tab := browser.Start(t).Open(site)
	tab.Expect("404")
	opened(tab, "gossip/rumor")
	tab.Click("#tab-lesson")
	tab.Wait(`document.getElementById("panel").textContent.includes("The lesson could not be fetched.")`)
	tab.Wait(`grapevine.stage.stats().framesDrawn > 10`)
}
