package e2e

import (
	"fmt"
	"testing"
	"time"

	"grapevine/tests/e2e/browser"
)

// kept waits until the page would work without a network.
func kept(tab *browser.Tab, file string) {
	tab.WaitFor(`(caches.match("`+file+`").then((kept) => { globalThis.kept = !!kept; }),
		globalThis.kept && navigator.serviceWorker.controller !== null)`, 30*time.Second)
}

const plays = `document.documentElement.dataset.state === "open" && grapevine.stage.stats().framesDrawn > 3`

// TestOffline visits the page once, takes the server away and visits again.
func TestOffline(t *testing.T) {
	server := &browser.Program{Name: "server"}
	tab := browser.Start(t).Open(browser.Serve(server))
	kept(tab, "page-gossip.wasm")
	server.Close()
	tab.Expect("net::ERR") // what the browser says of each file before the kept one takes its place
	tab.Reload()
	tab.Wait(plays)
}

// TestFamilyNeverOpenedOffline: without a network a lab of a family that was
// never opened gets a sentence, and the run that is there goes on.
func TestFamilyNeverOpenedOffline(t *testing.T) {
	first, second := twoFamilies(t)
	server := &browser.Program{Name: "server"}
	tab := browser.Start(t).Open(browser.Serve(server) + "#" + first)
	kept(tab, program(first))
	server.Close()
	tab.Expect("net::ERR")
	tab.Reload()
	tab.Wait(plays)
	tab.Click(labLink(second))
	tab.Wait(`document.getElementById("notices").textContent.includes("could not be fetched")`)
	opened(tab, first)
	tab.Wait(`location.hash.startsWith("#` + first + `") && document.getElementById("boot").hidden`)
	drawn := browser.Eval[int](tab, `grapevine.stage.stats().framesDrawn`)
	tab.Click("#restart")
	tab.Wait(fmt.Sprintf(`grapevine.stage.stats().framesDrawn > %d`, drawn))
}

// TestFamiliesOffline: those that were opened once open again.
func TestFamiliesOffline(t *testing.T) {
	first, second := twoFamilies(t)
	server := &browser.Program{Name: "server"}
	tab := browser.Start(t).Open(browser.Serve(server) + "#" + first)
	opened(tab, first)
	tab.Click(labLink(second))
	opened(tab, second)
	kept(tab, program(first))
	kept(tab, program(second))
	server.Close()
	tab.Expect("net::ERR")
	tab.Reload()
	tab.Wait(plays)
	tab.Click(labLink(first))
	opened(tab, first)
	tab.Wait(plays)
}
