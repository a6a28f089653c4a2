package e2e

import (
	"testing"
	"time"

	"grapevine/tests/e2e/browser"
)

// TestOffline visits the page once, takes the server away and visits again.
func TestOffline(t *testing.T) {
	server := &browser.Program{Name: "server"}
	tab := browser.Start(t).Open(browser.Serve(server))
	tab.WaitFor(`(caches.match("page.wasm").then((kept) => { globalThis.kept = !!kept; }),
		globalThis.kept && navigator.serviceWorker.controller !== null)`, 30*time.Second)
	server.Close()
	tab.Expect("net::ERR") // what the browser says of each file before the kept one takes its place
	tab.Reload()
	tab.Wait(`document.documentElement.dataset.state === "open" && grapevine.stage.stats().framesDrawn > 3`)
}
